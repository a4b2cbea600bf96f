"""Choosing which points of a long curve to draw.

Door layer; numpy only. Spikes must not vanish and points must not dance: buckets are runs of
rows counted from the first row, their length is a power of two, and each contributes its first,
last, lowest and highest point. While rows are appended, closed buckets therefore keep their
points, until the length doubles.
"""

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]


def bucket_length(n_rows: int, max_buckets: int) -> int:
    """Return the smallest power of two that cuts `n_rows` into at most `max_buckets`."""
    length = 1
    while n_rows > length * max_buckets:
        length *= 2
    return length


def downsample(y: npt.NDArray[np.floating], *, max_points: int, start: int = 0) -> Indices:
    """Return the indices of the points to draw, ascending, at most `max_points`.

    Args:
        y: `[n]`, NaN and infinities allowed: a bucket's first and last point are drawn as what
            they are, lowest and highest are sought among the finite ones.
        max_points: at least 4.
        start: the row of the whole curve at which `y` begins, so that a cut-out falls into the
            same buckets as the whole.
    """
    n = len(y)
    if n == 0:
        return np.empty(0, dtype=np.int64)
    # One bucket is lost to a cut-out that begins in the middle of one.
    length = bucket_length(n, max(1, max_points // 4 - 1))
    if length == 1:
        return np.arange(n, dtype=np.int64)
    lead = start % length
    n_buckets = -(-(lead + n) // length)
    padded = np.full(n_buckets * length, np.nan)
    padded[lead : lead + n] = y
    finite = np.isfinite(padded)
    table = padded.reshape(n_buckets, length)
    mask = finite.reshape(n_buckets, length)
    base = np.arange(n_buckets, dtype=np.int64) * length - lead
    lowest = base + np.where(mask, table, np.inf).argmin(axis=1)
    highest = base + np.where(mask, table, -np.inf).argmax(axis=1)
    first = np.clip(base, 0, n - 1)
    last = np.clip(base + length - 1, 0, n - 1)
    chosen = np.unique(np.concatenate([first, last, lowest, highest]))
    return chosen[(chosen >= 0) & (chosen < n)]
