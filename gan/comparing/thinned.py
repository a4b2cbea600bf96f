"""A run's numbers as means over equal stretches of steps, ever longer ones, so that they stay few.

Maths layer; numpy only. A stretch begins at a multiple of its length, a power of two, so stretches
of several runs lie on each other and the past stands still until the length doubles.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

MAX_STRETCHES = 2048


class StepMeans:
    """Sums and counts of a few keys' finite numbers, by stretch of steps.

    Attributes:
        keys: the numbers that are kept; others that come along are dropped.
        length: steps that a stretch has by now.
        last_step: the newest step; 0 before the first.
    """

    def __init__(self, keys: Sequence[str], *, max_stretches: int = MAX_STRETCHES) -> None:
        """Begin with stretches of one step. `max_stretches` is even."""
        self.keys = tuple(keys)
        self._max = max_stretches
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.length = 1
        self.last_step = 0
        self._sums = np.zeros((len(self.keys), self._max))
        self._counts = np.zeros((len(self.keys), self._max), dtype=np.int64)
        self._moved = np.zeros((2, len(self.keys)))  # sum and number of changes from step to step
        self._newest = np.full(len(self.keys), np.nan)

    def add(self, keys: Sequence[str], steps: npt.ArrayLike, values: npt.ArrayLike) -> None:
        """Take rows: `keys` one a column, steps `[n]`, values `[n, len(keys)]`; NaN counts not."""
        row_steps = np.asarray(steps, dtype=np.int64)
        table = np.asarray(values, dtype=np.float64)
        if not len(row_steps):
            return
        self.last_step = max(self.last_step, int(row_steps.max()))
        while self.last_step // self.length >= self._max:
            self._double()
        places = row_steps // self.length
        for column, key in enumerate(keys):
            if key in self.keys:
                row = self.keys.index(key)
                finite = np.isfinite(table[:, column])
                there = places[finite]
                self._sums[row] += np.bincount(there, table[finite, column], self._max)
                self._counts[row] += np.bincount(there, minlength=self._max)
                self._note_changes(row, table[:, column])

    def means(self, key: str, *, length: int, n: int) -> Float64:
        """Return the means over stretches of `length` steps.

        Args:
            length: a power of two, at least that of the stretches that are kept.
            n: how many stretches to return; those that have no number are NaN.
        """
        row = self.keys.index(key)
        times = length // self.length
        sums, counts = (_fold(a[row], times, n) for a in (self._sums, self._counts))
        means: Float64 = np.divide(sums, counts, out=np.full(n, np.nan), where=counts > 0)
        return means

    def part_mean(self, key: str, first: float, last: float) -> float:
        """Return the mean over a part of the run, by its ends as shares of the steps; NaN if none.

        `part_mean(key, 0.8, 1.0)` is the mean over the last fifth, to within a stretch.
        """
        row = self.keys.index(key)
        n = self.last_step // self.length + 1
        low = int(first * n)
        part = slice(low, max(low + 1, round(last * n)))
        count = float(self._counts[row, part].sum())
        return float(self._sums[row, part].sum()) / count if count else float("nan")

    def roughness(self, key: str) -> float:
        """Return by how much a number changes from one step to the next, on average; NaN if none.

        This is noise: a drift over thousands of steps adds next to nothing.
        """
        total, count = self._moved[:, self.keys.index(key)]
        return float(total / count) if count else float("nan")

    def _note_changes(self, row: int, column: Float64) -> None:
        changes = np.abs(np.diff(column, prepend=self._newest[row]))
        changes = changes[np.isfinite(changes)]
        self._moved[:, row] += changes.sum(), len(changes)
        self._newest[row] = column[-1]

    def _double(self) -> None:
        self.length *= 2
        for name in ("_sums", "_counts"):
            old = getattr(self, name)
            new = np.zeros_like(old)
            new[:, : self._max // 2] = old.reshape(len(self.keys), -1, 2).sum(axis=2)
            setattr(self, name, new)


def _fold(row: npt.NDArray[np.generic], times: int, n: int) -> Float64:
    """Return the sums of `times` neighbours each, `[n]`, with zeros where the row ends."""
    padded = np.zeros(n * times)
    part = row[: n * times]
    padded[: len(part)] = part
    sums: Float64 = padded.reshape(n, times).sum(axis=1)
    return sums
