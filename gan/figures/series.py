"""The numbers of one run, growing, and the few of them that a chart needs.

Door layer. What goes to the browser does not grow with the length of the run.
"""

import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from gan.figures.downsample import Indices, downsample

XAxis = Literal["step", "epoch", "time"]
_X_KEYS = {"epoch": "time/epoch", "time": "time/elapsed_s"}
_MAX_SPARSE = 400
_SPAN_SHARE = 0.02  # full smoothing averages over this share of the run, or 50 rows
Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spread:
    """The band around a curve that is a mean over several runs.

    Attributes:
        low, high: `[n_shown]` float32, its ends; NaN where there is none.
        n_runs: `[n_shown]` float32, how many runs have a number there.
    """

    low: Float32
    high: Float32
    n_runs: Float32


@dataclass(frozen=True)
class Trace:
    """One curve, thinned.

    Attributes:
        x: `[n_shown]` float64.
        y: `[n_shown]` float32, as measured; NaN where a step has no such number, as after a lone
            update of D, and where the measured number itself was not finite.
        smooth: `[n_shown]` float32, averaged over the whole curve before thinning, or None.
        n_total: points in the range before thinning.
        spread: a band around it, or None.
    """

    key: str
    x: Float64
    y: Float32
    smooth: Float32 | None
    n_total: int
    spread: Spread | None = None

    @property
    def n_shown(self) -> int:
        return len(self.x)


class SeriesBuffer:
    """Columns of numbers that grow at the end."""

    def __init__(self) -> None:
        self._columns: dict[str, Float32] = {}
        self._steps = np.empty(0, dtype=np.float64)
        self._n = 0
        self._smoothed: dict[str, tuple[int, float, Float32]] = {}

    @property
    def n_rows(self) -> int:
        """Return how many rows there are."""
        return self._n

    def clear(self) -> None:
        """Forget everything."""
        self._columns.clear()
        self._smoothed.clear()
        self._n = 0

    def append(self, keys: Sequence[str], steps: npt.ArrayLike, values: npt.ArrayLike) -> None:
        """Add rows; a column that they lack is NaN there.

        Args:
            keys: one a column of `values`.
            steps: `[n]`.
            values: `[n, len(keys)]`.
        """
        new_steps = np.asarray(steps, dtype=np.float64)
        table = np.asarray(values, dtype=np.float32)
        end = self._n + len(new_steps)
        self._reserve(end)
        self._steps[self._n : end] = new_steps
        for i, key in enumerate(keys):
            if key not in self._columns:
                self._columns[key] = np.full(len(self._steps), np.nan, dtype=np.float32)
            self._columns[key][self._n : end] = table[:, i]
        self._n = end

    def view(
        self,
        keys: Iterable[str],
        *,
        x: XAxis = "step",
        smoothing: float = 0.0,
        window: tuple[float, float] | None = None,
        max_points: int = 1200,
    ) -> list[Trace]:
        """Return the curves to draw; keys that the run does not have are left out.

        Args:
            smoothing: 0 for none, up to 1 for an exponential average over about 2 % of the run;
                its span changes only when the run's length doubles, so that the past stands still.
            window: a range of x to show finely; outside it the curves stay coarse.
            max_points: chosen for each curve; all share the points chosen for any, so that the
                numbers read at one place belong to one step.
        """
        if self._n == 0:
            return []
        present = [key for key in keys if key in self._columns]
        xs = self._x(x)
        rows, n_total = self._choose(present, xs, window, max_points)
        return [
            Trace(
                key,
                xs[rows],
                self._columns[key][rows],
                self._smooth(key, smoothing)[rows] if smoothing > 0.0 else None,
                n_total,
            )
            for key in present
        ]

    def points(self, keys: Iterable[str], *, x: XAxis = "step") -> list[Trace]:
        """Return curves of numbers that only few rows have, without the rows between them."""
        present = [key for key in keys if key in self._columns]
        xs = self._x(x) if self._n else np.empty(0)
        traces = []
        for key in present:
            column = self._columns[key][: self._n]
            rows = np.flatnonzero(np.isfinite(column))
            chosen = rows[downsample(column[rows], max_points=_MAX_SPARSE)] if len(rows) else rows
            traces.append(Trace(key, xs[chosen], column[chosen], None, len(rows)))
        return traces

    def recent_steps_per_s(self, seconds: float = 8.0) -> float | None:
        """Return the speed over the last seconds of training, None before there are two rows."""
        elapsed = self._columns.get(_X_KEYS["time"])
        if elapsed is None or self._n < 2:
            return None
        times, steps = elapsed[: self._n], self._steps[: self._n]
        first = int(np.searchsorted(times, times[-1] - seconds))
        span = float(times[-1] - times[first])
        return float(steps[-1] - steps[first]) / span if span > 0.0 else None

    def positions(self, steps: Sequence[int], *, x: XAxis) -> list[float]:
        """Return where on the horizontal axis these steps are."""
        if x == "step" or self._n == 0:
            return [float(step) for step in steps]
        rows = np.searchsorted(self._steps[: self._n], steps, side="right") - 1
        return [float(value) for value in self._x(x)[np.clip(rows, 0, self._n - 1)]]

    def _choose(
        self,
        keys: Sequence[str],
        xs: Float64,
        window: tuple[float, float] | None,
        max_points: int,
    ) -> tuple[Indices, int]:
        """Return the rows to draw and how many there were to choose from."""
        columns = [self._columns[key][: self._n] for key in keys]
        if window is None:
            return _union(downsample(ys, max_points=max_points) for ys in columns), self._n
        low, high = np.searchsorted(xs, [window[0], window[1]])
        low, high = max(0, int(low) - 1), min(self._n, int(high) + 1)
        coarse = _union(downsample(ys, max_points=max_points // 4) for ys in columns)
        fine = _union(
            low + downsample(ys[low:high], max_points=max_points, start=low) for ys in columns
        )
        outside = coarse[(coarse < low) | (coarse >= high)]
        return np.union1d(outside, fine), high - low

    def _smooth(self, key: str, smoothing: float) -> Float32:
        """Return the smoothed column, computed once for each length and strength."""
        cached = self._smoothed.get(key)
        if cached is not None and cached[:2] == (self._n, smoothing):
            return cached[2]
        length = 2.0 ** int(np.log2(self._n))
        span = max(1.0, smoothing * max(50.0, _SPAN_SHARE * length))
        column = pd.Series(self._columns[key][: self._n])
        finite = column.where(np.isfinite(column))
        smoothed: Float32 = finite.ewm(span=span, ignore_na=True).mean().to_numpy(np.float32)
        self._smoothed[key] = (self._n, smoothing, smoothed)
        return smoothed

    def _x(self, axis: XAxis) -> Float64:
        if axis == "step":
            return self._steps[: self._n]
        column = self._columns.get(_X_KEYS[axis])
        if column is None:
            return self._steps[: self._n]
        return column[: self._n].astype(np.float64)

    def _reserve(self, n_rows: int) -> None:
        size = len(self._steps)
        if n_rows <= size:
            return
        more = max(1024, n_rows, 2 * size) - size
        self._steps = np.concatenate([self._steps, np.zeros(more)])
        for key, column in self._columns.items():
            gap = np.full(more, np.nan, dtype=np.float32)
            self._columns[key] = np.concatenate([column, gap])


def _union(parts: Iterable[Indices]) -> Indices:
    chosen = list(parts)
    return np.unique(np.concatenate(chosen)) if chosen else np.empty(0, dtype=np.int64)


def pack(traces: Sequence[Trace], header: dict[str, Any]) -> bytes:
    """Return curves and their description as one piece of bytes for the browser.

    Layout, little-endian: uint32 length of the header; the header, JSON with `traces` in it;
    then for each trace x as float64, y as float32 and, if it has them, smooth and the spread's
    low, high and n_runs as float32.
    """
    described = [
        {
            "key": trace.key,
            "n": trace.n_shown,
            "total": trace.n_total,
            "smooth": trace.smooth is not None,
            "spread": trace.spread is not None,
        }
        for trace in traces
    ]
    text = json.dumps({**header, "traces": described}, allow_nan=False).encode()
    parts = [struct.pack("<I", len(text)), text]
    for trace in traces:
        parts.append(trace.x.astype("<f8").tobytes())
        parts.append(trace.y.astype("<f4").tobytes())
        if trace.smooth is not None:
            parts.append(trace.smooth.astype("<f4").tobytes())
        if trace.spread is not None:
            spread = trace.spread
            parts += [a.astype("<f4").tobytes() for a in (spread.low, spread.high, spread.n_runs)]
    return b"".join(parts)
