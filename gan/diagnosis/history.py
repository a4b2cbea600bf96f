"""The course of a run's numbers, thinned to a few hundred points a key.

Maths layer. However long a run is, its history stays small, so that looking at it costs the same
after a million steps as after a thousand. A point stands for a run of rows, a power of two of
them, and is their mean; one row that is not finite makes its whole point so, for that is a finding.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

MAX_POINTS = 512
_N_FIRST = 3


@dataclass(frozen=True, eq=False)
class Curve:
    """One number over the steps; NaN and infinities stand for what was not finite.

    Attributes:
        steps: `[n]`, ascending: the last step that each point stands for.
        values: `[n]`.
        start: the median of the first rows, however long the run has become.
    """

    steps: Float64
    values: Float64
    start: float = np.nan

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def is_finite(self) -> bool:
        """Whether all of it is."""
        return bool(np.isfinite(self.values).all())

    def between(self, first_step: float, last_step: float) -> "Curve":
        """Return the points after `first_step`, up to `last_step` included."""
        low, high = np.searchsorted(self.steps, [first_step, last_step], side="right")
        return Curve(self.steps[low:high], self.values[low:high], self.start)


_EMPTY = Curve(np.empty(0), np.empty(0))


@dataclass(frozen=True, eq=False)
class History:
    """What diagnosis looks at: a curve for each metric key that the run has."""

    curves: Mapping[str, Curve]

    @property
    def last_step(self) -> int:
        """The newest step of all curves; 0 for an empty history."""
        return int(max((c.steps[-1] for c in self.curves.values() if len(c)), default=0))

    def curve(self, key: str) -> Curve:
        """Return a key's curve, an empty one if the run has no such number."""
        return self.curves.get(key, _EMPTY)

    def until(self, step: float) -> "History":
        """Return the same run as it looked after this step."""
        cut = {key: curve.between(-np.inf, step) for key, curve in self.curves.items()}
        return History({key: curve for key, curve in cut.items() if len(curve)})


@dataclass
class _Column:
    """A key's points so far, and the rows that do not make a point yet."""

    first: list[float] = field(default_factory=list)  # rows
    length: int = 1  # rows that a point stands for
    steps: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    waiting_steps: list[float] = field(default_factory=list)
    waiting: list[float] = field(default_factory=list)

    def extend(self, steps: Sequence[float], values: Sequence[float]) -> None:
        self.first += values[: _N_FIRST - len(self.first)]
        self.waiting_steps.extend(steps)
        self.waiting.extend(values)
        self._close_points()
        while len(self.values) > MAX_POINTS:
            self._double()

    def _close_points(self) -> None:
        n = len(self.waiting) // self.length
        if n == 0:
            return
        rows = n * self.length
        self.values += _means(np.asarray(self.waiting[:rows]), self.length).tolist()
        self.steps += self.waiting_steps[self.length - 1 : rows : self.length]
        del self.waiting[:rows], self.waiting_steps[:rows]

    def _double(self) -> None:
        """Let each point stand for twice as many rows; an odd one goes back to the waiting."""
        if len(self.values) % 2:
            # As many rows of its mean: the sum stays right.
            self.waiting[:0] = [self.values.pop()] * self.length
            self.waiting_steps[:0] = [self.steps.pop()] * self.length
        self.values = _means(np.asarray(self.values), 2).tolist()
        self.steps = self.steps[1::2]
        self.length *= 2
        self._close_points()

    def curve(self) -> Curve:
        steps, values = list(self.steps), list(self.values)
        if self.waiting:
            steps.append(self.waiting_steps[-1])
            values.append(float(_means(np.asarray(self.waiting), len(self.waiting))[0]))
        return Curve(np.asarray(steps), np.asarray(values), float(np.median(self.first)))


def _means(values: Float64, length: int) -> Float64:
    with np.errstate(invalid="ignore", over="ignore"):  # inf − inf is NaN, as it should be
        means: Float64 = values.reshape(-1, length).mean(axis=1)
    return means


class HistoryKeeper:
    """Gathers a run's numbers as they come, in bounded space."""

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}

    def add(self, keys: Sequence[str], steps: npt.ArrayLike, values: npt.ArrayLike) -> None:
        """Take rows: `keys` one a column, steps `[n]`, values `[n, len(keys)]`."""
        table = np.asarray(values, dtype=np.float64)
        row_steps = np.asarray(steps, dtype=np.float64).tolist()
        for i, key in enumerate(keys):
            column = self._columns.setdefault(key, _Column())
            column.extend(row_steps, table[:, i].tolist())

    def history(self) -> History:
        """Return what there is by now."""
        return History({key: column.curve() for key, column in self._columns.items()})


def history_of(
    chunks: Iterable[tuple[Sequence[str], npt.ArrayLike, npt.ArrayLike]],
) -> History:
    """Return the history of chunks of rows: keys, steps, values, oldest first."""
    keeper = HistoryKeeper()
    for keys, steps, values in chunks:
        keeper.add(keys, steps, values)
    return keeper.history()
