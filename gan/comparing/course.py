"""What is kept of one run of a comparison: the numbers of the race, in space that does not grow.

Maths layer; numpy only. `gan.runs.courses` fills it from a run's database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gan.comparing.thinned import StepMeans

ELAPSED = "time/elapsed_s"
DENSE_KEYS = (
    "loss/d_real", "loss/d_fake", "loss/d", "loss/g", "score/real", "score/fake", "logit/real",
    "logit/fake", "speed/images_per_s", ELAPSED,
)  # fmt: skip
"""What every step reports."""

DISTANCE = "quality/distance"
MEASURED_KEYS = (DISTANCE, "quality/precision", "quality/recall")
"""What is measured now and then."""

_MAX_MEASURED = 4096


@dataclass(eq=False)
class Measured:
    """A number that is measured now and then: steps, seconds of training and values, in order."""

    steps: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.steps)

    def add(self, steps: Sequence[int], seconds: Sequence[float], values: Sequence[float]) -> None:
        """Add measurements; beyond some thousands, every second one is given up."""
        self.steps += steps
        self.seconds += seconds
        self.values += values
        if len(self) > _MAX_MEASURED:
            for numbers in (self.steps, self.seconds, self.values):
                del numbers[1:-1:2]


@dataclass(eq=False)
class Course:
    """The numbers of one run by step, thinned, and by key what was measured now and then."""

    numbers: StepMeans = field(default_factory=lambda: StepMeans(DENSE_KEYS))
    measured: dict[str, Measured] = field(default_factory=dict)

    def add(
        self, keys: Sequence[str], steps: npt.NDArray[np.int64], values: npt.NDArray[np.float32]
    ) -> None:
        """Take rows that were reported together: steps `[n]`, values `[n, len(keys)]`."""
        measured = [key for key in MEASURED_KEYS if key in keys]
        if not measured:
            self.numbers.add(keys, steps, values)
            return
        columns = dict(zip(keys, values.T.tolist(), strict=True))
        for key in measured:
            of_key = self.measured.setdefault(key, Measured())
            of_key.add(steps.tolist(), columns[ELAPSED], columns[key])

    def clear(self) -> None:
        """Forget everything."""
        self.numbers.clear()
        self.measured.clear()
