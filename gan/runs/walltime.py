"""When the numbers of a run were measured: a run keeps training times, clocks show wall time.

Memory layer. Numbers carry the seconds of training so far, which stand still in pauses; events and
pictures carry the wall time. Each chunk of numbers is laid against the last event or picture
before its end, so the same rows give the same times whenever they are read.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from gan.runs.rows import Event, MetricChunk, Sample

_ELAPSED = "time/elapsed_s"


class WallClock:
    """Tells wall times of chunks that are shown to it in the order of writing."""

    def __init__(self, elapsed_s: float = 0.0) -> None:
        """Begin after a number that was measured after so many seconds of training."""
        self.elapsed_s = elapsed_s
        self._moments: dict[int, list[tuple[int, float]]] = {}  # by attempt: (step, wall time)

    def note(self, rows: Iterable[Event | Sample]) -> None:
        """Learn when things happened; those before a chunk's last step must come before it."""
        for row in rows:
            insort(self._moments.setdefault(row.attempt, []), (row.step, row.at))

    def times(self, chunk: MetricChunk, started_at: Callable[[], float]) -> npt.NDArray[np.float64]:
        """Return `[n]` seconds since 1970 of a chunk's steps.

        Args:
            chunk: the numbers; without training times all get the time of what happened last.
            started_at: tells when the attempt began, where nothing else is known.
        """
        moments = self._moments.get(chunk.attempt, [])
        position = bisect_left(moments, (int(chunk.steps.max()), float("-inf")))
        step, at = moments[position - 1] if position else (-1, started_at())
        if _ELAPSED not in chunk.keys:
            return np.full(len(chunk.steps), at)
        elapsed = chunk.values[:, chunk.keys.index(_ELAPSED)].astype(np.float64)
        before = np.flatnonzero(chunk.steps <= step)
        elapsed_then = elapsed[before[-1]] if len(before) else self.elapsed_s
        self.elapsed_s = float(elapsed[-1])
        return np.asarray(at + (elapsed - elapsed_then))
