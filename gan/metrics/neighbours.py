"""Nearest neighbours in feature space, by brute force in bounded memory.

Maths layer. In the many dimensions of a network's features a search tree is slower than one matrix
product. Distances are ordered by |p|² − 2 q·p in the features' own precision, around the points'
mean; those of the nearest are then computed again from the differences, in float64, so a repeated
sample has distance 0 and not the noise of a cancellation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan.metrics.checks import (
    Features,
    Float64s,
    MetricError,
    check_features,
    check_pair,
)

Indices: TypeAlias = NDArray[np.int64]

_BYTES = 32 * 2**20  # of one block of products
_SPARE = 2  # more candidates than asked for, as the first ordering is rounded


def nearest_neighbours(points: Features, k: int) -> Float64s:
    """Return each sample's distances to its k nearest others, ascending: `[N, k]`, float64.

    Raises:
        MetricError: not more samples than k, or features that are not finite floats `[N, F]`.
    """
    array = check_features(points, "given")
    if not 1 <= k < len(array):
        raise MetricError(
            f"{len(array)} samples have no {k} neighbours each: choose k from 1 to "
            f"{max(1, len(array) - 1)}, or measure more samples."
        )
    return _search(array, array, k, skip_self=True)[0]


def nearest_distances(queries: Features, points: Features) -> Float64s:
    """Return each query's distance to the nearest of the points: `[N]`, float64.

    Raises:
        MetricError: features that are not finite floats `[N, F]`, or do not fit together.
    """
    return nearest_points(queries, points)[0][:, 0]


def nearest_points(queries: Features, points: Features, k: int = 1) -> tuple[Float64s, Indices]:
    """Return each query's distances to the k nearest points, ascending, and their rows: `[N, k]`.

    Raises:
        MetricError: features that are not finite floats `[N, F]`, or do not fit together, or fewer
            points than k.
    """
    queries, points = check_pair(queries, points, ("asking", "given"))
    if not 1 <= k <= len(points):
        raise MetricError(f"{len(points)} points have no {k} nearest: choose k from 1 to that.")
    return _search(queries, points, k, skip_self=False)


def _search(
    queries: Features, points: Features, k: int, *, skip_self: bool
) -> tuple[Float64s, Indices]:
    """Return distances to the k nearest points, ascending, and their rows: `[N, k]` each."""
    space = Space.around(points, queries)
    targets = space.bring(points)
    half_norms = square_norms(targets) / 2
    n_candidates = min(k + _SPARE, len(points) - skip_self)
    found = np.empty((len(queries), n_candidates))
    which = np.empty((len(queries), n_candidates), dtype=np.int64)
    for rows in row_blocks(len(queries), len(points), targets.itemsize):
        asking = space.bring(queries[rows])
        closeness = asking @ targets.T  # [rows, N], the larger the nearer
        closeness -= half_norms
        own = np.arange(len(asking))
        if skip_self:
            closeness[own, own + rows.start] = -np.inf
        for candidate in range(n_candidates):
            index = closeness.argmax(axis=1)
            closeness[own, index] = -np.inf
            found[rows, candidate] = exact_distances(queries[rows], points[index])
            which[rows, candidate] = index
    order = found.argsort(axis=1, kind="stable")[:, :k]
    return np.take_along_axis(found, order, axis=1), np.take_along_axis(which, order, axis=1)


def exact_distances(first: Features, second: Features) -> Float64s:
    """Return the distances between rows of two arrays `[N, F]`, in float64.

    The same two samples always give the same bits, whichever comes first.
    """
    gap = first.astype(np.float64) - second
    distances: Float64s = np.sqrt(np.einsum("ij,ij->i", gap, gap))
    return distances


@dataclass(frozen=True, eq=False)
class Space:
    """Where products are taken: features less `mean`, divided by `scale`, so nothing overflows."""

    mean: Float64s
    scale: float
    dtype: np.dtype[np.floating]

    @classmethod
    def around(cls, points: Features, others: Features) -> "Space":
        """Return the space around the points' mean that holds the others too."""
        mean = points.mean(axis=0, dtype=np.float64)
        reach = max(_reach(points, mean), _reach(others, mean))
        return cls(mean, reach or 1.0, np.result_type(points, others))

    def bring(self, features: Features) -> Features:
        """Return features in this space, `[N, F]`, in the precision of the given ones."""
        return ((features - self.mean) / self.scale).astype(self.dtype)


def _reach(features: Features, mean: Float64s) -> float:
    """Return the largest distance of any value from its feature's mean."""
    return float(max(np.max(features.max(axis=0) - mean), np.max(mean - features.min(axis=0))))


def square_norms(features: Features) -> Features:
    """Return |x|² of each row, `[N]`."""
    norms: Features = np.einsum("ij,ij->i", features, features)
    return norms


def row_blocks(n_rows: int, n_columns: int, itemsize: int) -> Iterator[slice]:
    """Yield slices of rows so that a block of them with all columns stays below 32 MB."""
    step = max(16, _BYTES // (n_columns * itemsize))
    for start in range(0, n_rows, step):
        yield slice(start, min(n_rows, start + step))
