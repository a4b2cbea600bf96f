"""What a published comparison reported, as data that can be held against one's own figures.

Maths layer, without torch.
"""

from dataclasses import dataclass
from typing import Literal

Claim = Literal["falls", "rises", "noisiest", "largest", "smallest"]
"""What is said of a curve: over the run it falls or rises; or, among all variants, it is the
noisiest from step to step, or its late mean is the largest or the smallest."""


@dataclass(frozen=True)
class PublishedFinding:
    """One reported observation.

    Attributes:
        variant: the key of the variant of which it was said.
        text: as it was reported, one plain sentence.
        key: the metric key of the curve (see `gan.keys`); `quality/distance` for 'best images'.
        claim: what is said of that curve.
    """

    variant: str
    text: str
    key: str
    claim: Claim
