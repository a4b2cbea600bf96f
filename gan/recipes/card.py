"""What a recipe is: a named starting point with words beside it. Vocabulary layer."""

from collections.abc import Callable
from dataclasses import dataclass

from gan.config import RunConfig


@dataclass(frozen=True)
class Recipe:
    """A recipe as its card shows it."""

    name: str
    title: str
    summary: str  # one or two sentences for a student
    source: str  # where the setup was published
    notes: str  # what the source leaves open, and where we depart from its printed code
    build: Callable[[], RunConfig]
