"""Many runs' numbers as one curve a variant: the mean over its seeds and a band around it.

Door layer; arrays in, curves out. All variants share their places on the horizontal axis, so that
one hover reads them all at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from gan.comparing.course import ELAPSED, Course, Measured
from gan.comparing.statistics import t_factor
from gan.comparing.thinned import MAX_STRETCHES, Float64
from gan.figures.downsample import bucket_length
from gan.figures.series import Spread, Trace

RaceAxis = Literal["step", "time"]
BandKind = Literal["range", "sd", "interval"]
Window = tuple[float, float] | None
_SPAN_SHARE, _MIN_SPAN = 0.02, 50.0  # steps that full smoothing averages over, as for one run


@dataclass(frozen=True)
class BandInfo:
    """A sort of band: its name, and what it shows, to be followed by the number of seeds."""

    title: str
    text: str


BANDS: dict[BandKind, BandInfo] = {
    "range": BandInfo("Lowest to highest", "from the lowest to the highest seed"),
    "sd": BandInfo("± 1 deviation", "one standard deviation to both sides of the mean"),
    "interval": BandInfo(
        "95 % interval", "where the mean of many more seeds would lie, in 95 of 100 comparisons"
    ),
}


@dataclass(frozen=True, eq=False)
class RaceCurve:
    """One number of one variant over the course of training.

    Attributes:
        variant: the variant's index.
        x: `[n]`, steps or seconds of training; the same places for all variants.
        mean: `[n]` float32, the mean over the seeds that have a number there.
        unsmoothed: `[n]` float32, the same without smoothing; None without smoothing.
        low, high: `[n]` float32, the band; None for a single seed.
        n: `[n]`, how many seeds have a number there.
        n_seeds: how many have one anywhere.
    """

    variant: int
    key: str
    x: Float64
    mean: npt.NDArray[np.float32]
    unsmoothed: npt.NDArray[np.float32] | None
    low: npt.NDArray[np.float32] | None
    high: npt.NDArray[np.float32] | None
    n: npt.NDArray[np.int64]
    n_seeds: int

    def trace(self, name: str = "") -> Trace:
        """Return it for a chart, by this name or by that of the metric.

        Of a single seed, the unsmoothed curve is the faint one; of several, a band is there.
        """
        key, total = name or self.key, len(self.x)
        if self.low is None or self.high is None:
            raw = self.mean if self.unsmoothed is None else self.unsmoothed
            smooth = None if self.unsmoothed is None else self.mean
            return Trace(key, self.x, raw, smooth, total)
        spread = Spread(self.low, self.high, self.n.astype(np.float32))
        return Trace(key, self.x, self.mean, None, total, spread)


@dataclass(frozen=True, eq=False)
class RaceRun:
    """One run of a variant, with its numbers."""

    variant: int
    course: Course


def dense_curves(
    runs: Sequence[RaceRun],
    key: str,
    *,
    x: RaceAxis = "step",
    smoothing: float = 0.0,
    band: BandKind = "range",
    window: Window = None,
    max_points: int = 300,
) -> list[RaceCurve]:
    """Return a curve for each variant that has this number, which every step reports.

    Args:
        smoothing: 0 for none, up to 1 for an exponential average over about 2 % of the longest
            run; each run is smoothed by itself, before seeds are put together.
        window: a range of x to show finely; outside it the curves stay coarse.
        max_points: inside the window, and outside it.
    """
    last_step = max((run.course.numbers.last_step for run in runs), default=0)
    if not last_step:
        return []
    length = max(run.course.numbers.length for run in runs)
    n = last_step // length + 1
    tables = [np.stack([run.course.numbers.means(key, length=length, n=n) for run in runs])]
    if smoothing > 0.0:
        tables.append(_smooth(tables[0], smoothing, last_step, length))
    unit = float(length)
    if x == "time":
        times = np.stack([run.course.numbers.means(ELAPSED, length=length, n=n) for run in runs])
        unit = _time_unit(times)
        tables = [_over_time(table, times, unit) for table in tables]
    starts = _starts(tables[0].shape[1], unit, window, max_points)
    ends = np.append(starts[1:], tables[0].shape[1])
    if x == "step":
        places = np.minimum((starts + ends) / 2 * unit - 0.5, float(last_step))
    else:
        places = (starts + ends) / 2 * unit
    reduced = [_means(table, starts) for table in tables]
    plain = reduced[0] if smoothing > 0.0 else None
    return _curves(runs, key, places, reduced[-1], plain=plain, band=band)


def measured_curves(
    runs: Sequence[RaceRun],
    key: str,
    *,
    x: RaceAxis = "step",
    band: BandKind = "range",
    max_points: int = 300,
) -> list[RaceCurve]:
    """Return a curve for each variant of a number that is measured now and then.

    Over time, where no two runs are measured at the same moment, a run's curve is the straight
    line between its measurements.
    """
    found = [run.course.measured.get(key, Measured()) for run in runs]
    steps = np.unique([step for one in found for step in one.steps]).astype(np.float64)
    if not len(steps):
        return []
    if x == "step":
        table = np.full((len(runs), len(steps)), np.nan)
        for row, one in zip(table, found, strict=True):
            row[np.searchsorted(steps, one.steps)] = one.values
        every = -(-len(steps) // max_points)
        kept = np.unique(np.append(np.arange(0, len(steps), every), len(steps) - 1))
        return _curves(runs, key, steps[kept], table[:, kept], band=band)
    last = max(second for one in found for second in one.seconds)
    places = np.linspace(0.0, last, max_points)
    table = np.full((len(runs), max_points), np.nan)
    for row, one in zip(table, found, strict=True):
        if one.steps:
            row[:] = np.interp(places, one.seconds, one.values, left=np.nan, right=np.nan)
    return _curves(runs, key, places, table, band=band)


def spread_over_seeds(
    table: Float64, band: BandKind
) -> tuple[Float64, Float64, Float64, npt.NDArray[np.int64]]:
    """Return the mean over seeds, the band's ends and the number of seeds of each point.

    Args:
        table: `[n_seeds, n_points]`, NaN where a seed has no number.

    Returns:
        Four arrays `[n_points]`; means are NaN without a seed, and the ends of `sd` and
        `interval` with fewer than two.
    """
    there = np.isfinite(table)
    n = there.sum(axis=0)
    filled = np.where(there, table, 0.0)
    nothing = np.full(table.shape[1], np.nan)
    mean = np.divide(filled.sum(axis=0), n, out=nothing.copy(), where=n > 0)
    if band == "range":
        low = np.where(n > 0, np.where(there, table, np.inf).min(axis=0), np.nan)
        high = np.where(n > 0, np.where(there, table, -np.inf).max(axis=0), np.nan)
        return mean, low, high, n
    squares = (np.where(there, table - np.where(n > 0, mean, 0.0), 0.0) ** 2).sum(axis=0)
    half = np.sqrt(np.divide(squares, n - 1, out=nothing.copy(), where=n > 1))
    if band == "interval":
        half *= np.asarray([t_factor(k - 1) / np.sqrt(k) if k > 1 else np.nan for k in n])
    return mean, mean - half, mean + half, n


def _curves(
    runs: Sequence[RaceRun],
    key: str,
    places: Float64,
    table: Float64,
    *,
    band: BandKind,
    plain: Float64 | None = None,
) -> list[RaceCurve]:
    curves = []
    for variant in sorted({run.variant for run in runs}):
        rows = [i for i, run in enumerate(runs) if run.variant == variant]
        rows = [i for i in rows if np.isfinite(table[i]).any()]
        if not rows:
            continue
        mean, low, high, n = spread_over_seeds(table[rows], band)
        known = np.flatnonzero(n)
        part = slice(int(known[0]), int(known[-1]) + 1)
        is_many = len(rows) > 1
        curves.append(
            RaceCurve(
                variant,
                key,
                places[part],
                mean[part].astype(np.float32),
                None if plain is None else _mean(plain[rows])[part],
                low[part].astype(np.float32) if is_many else None,
                high[part].astype(np.float32) if is_many else None,
                n[part],
                len(rows),
            )
        )
    return curves


def _mean(table: Float64) -> npt.NDArray[np.float32]:
    return spread_over_seeds(table, "range")[0].astype(np.float32)


def _smooth(table: Float64, smoothing: float, last_step: int, length: int) -> Float64:
    """Return the rows smoothed; the span changes only when the longest run's length doubles."""
    span_steps = smoothing * max(_MIN_SPAN, _SPAN_SHARE * 2.0 ** int(np.log2(last_step)))
    span = max(1.0, span_steps / length)
    frame = pd.DataFrame(table.T)
    smoothed: Float64 = frame.ewm(span=span, ignore_na=True).mean().to_numpy(np.float64).T
    return np.where(np.isfinite(table), smoothed, np.nan)


def _time_unit(times: Float64) -> float:
    """Return the seconds of a place on the time axis: a power of two, so that places stay."""
    last = float(np.nanmax(times)) if np.isfinite(times).any() else 1.0
    return float(2.0 ** np.ceil(np.log2(max(last, 1e-3) / (MAX_STRETCHES - 1))))


def _over_time(table: Float64, times: Float64, unit: float) -> Float64:
    """Return each row's numbers by the time at which they were reported; short gaps are bridged."""
    n = int(np.nanmax(times) / unit) + 1 if np.isfinite(times).any() else 1
    result = np.full((len(table), n), np.nan)
    for row, values, moments in zip(result, table, times, strict=True):
        good = np.isfinite(values) & np.isfinite(moments)
        if not good.any():
            continue
        places = (moments[good] / unit).astype(np.int64)
        counts = np.bincount(places, minlength=n)
        sums = np.bincount(places, values[good], n)
        known = np.flatnonzero(counts)
        between = np.arange(known[0], known[-1] + 1)
        row[between] = np.interp(between, known, sums[known] / counts[known])
    return result


def _starts(n: int, unit: float, window: Window, max_points: int) -> npt.NDArray[np.int64]:
    """Return where the places to draw begin: coarse ones, and fine ones inside the window."""
    coarse = bucket_length(n, max_points)
    starts = np.arange(0, n, coarse, dtype=np.int64)
    if window is None or coarse == 1:
        return starts
    low = max(0, int(window[0] / unit) // coarse * coarse)
    high = min(n, -(-int(window[1] / unit + 1) // coarse) * coarse)
    if low >= high:
        return starts
    fine = np.arange(low, high, bucket_length(high - low, max_points), dtype=np.int64)
    return np.concatenate([starts[starts < low], fine, starts[starts >= high]])


def _means(table: Float64, starts: npt.NDArray[np.int64]) -> Float64:
    there = np.isfinite(table)
    sums = np.add.reduceat(np.where(there, table, 0.0), starts, axis=1)
    counts = np.add.reduceat(there.astype(np.int64), starts, axis=1)
    means: Float64 = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return means
