"""Which checkpoint a command draws from or measures.

Door. Torch is imported when it reads.
"""

from typing import Any

from gan.cli.output import complain
from gan.runs.folder import RunFolder
from gan.runs.saved_states import read_saved


def read_state(folder: RunFolder, step: int | None) -> dict[str, Any]:
    """Read the checkpoint of a step, or the one that the run keeps, else the newest readable."""
    state, problems = read_saved(folder, step)
    for problem in problems:
        complain(problem)
    return state
