"""How much samples differ among each other, whatever the data.

Maths layer.
"""

from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from gan.metrics.checks import Features, Float64s, MetricError, check_features
from gan.metrics.intervals import Interval, mean_interval, wilson_interval
from gan.metrics.neighbours import exact_distances, nearest_neighbours
from gan.metrics.symmetric import eigenvalues

_CHUNK = 8192  # pairs or samples brought to float64 at a time
_NEAR = 0.01  # of real images have a neighbour nearer than this: call that a near-duplicate


@dataclass(frozen=True)
class Diversity:
    """Figures of one set; those of as many real samples are what to compare them with.

    Attributes:
        mean_distance: between two samples, over random pairs; unbiased.
        mean_distance_interval: over other pairs of this set.
        exact_share: share of samples that another one repeats feature by feature. Rises with the
            number of samples, as does `near_share`.
        near_share: share of samples whose nearest other sample is within `threshold`; None without
            a threshold.
        exact_interval, near_interval: Wilson's, taking samples as independent, though a pair of
            duplicates counts twice.
        effective_n: the Vendi score: 1 if all samples are alike, n if all are orthogonal. Biased
            downwards; at most the smaller of n and the number of features.
        n: sample count.
    """

    mean_distance: float
    mean_distance_interval: Interval | None
    exact_share: float
    exact_interval: Interval
    near_share: float | None
    near_interval: Interval | None
    threshold: float | None
    effective_n: float
    n: int


def measure_diversity(
    features: Features,
    *,
    threshold: float | None = None,
    neighbours: Float64s | None = None,
    n_pairs: int = 50_000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Diversity:
    """Measure how different the samples of one set are, from features `[N, F]`.

    Args:
        threshold: the distance up to which two samples count as near-duplicates;
            `duplicate_threshold` of the real set is a good one.
        neighbours: `nearest_neighbours` of the same set, where they are known.
        n_pairs: random pairs for the mean distance.

    Raises:
        MetricError: fewer than two samples, or features that are not finite floats `[N, F]`.
    """
    array = check_features(features, "given", min_samples=2)
    n = len(array)
    distances = _pair_distances(array, n_pairs, np.random.default_rng(seed))
    n_exact = n - _n_unrepeated(array)
    n_near = None
    if threshold is not None:
        nearest = nearest_neighbours(array, 1) if neighbours is None else neighbours
        if nearest.ndim != 2 or len(nearest) != n:
            raise MetricError(
                f"The neighbours have the shape {nearest.shape}, which does not fit {n} samples: "
                "compute them anew."
            )
        n_near = int((nearest[:, 0] <= threshold).sum())
    return Diversity(
        mean_distance=float(distances.mean()),
        mean_distance_interval=mean_interval(distances, confidence),
        exact_share=n_exact / n,
        exact_interval=wilson_interval(n_exact, n, confidence),
        near_share=None if n_near is None else n_near / n,
        near_interval=None if n_near is None else wilson_interval(n_near, n, confidence),
        threshold=threshold,
        effective_n=effective_samples(array),
        n=n,
    )


def repeated_share(pictures: NDArray[np.uint8]) -> tuple[float, Interval]:
    """Return the share of pictures that another one repeats, with Wilson's interval.

    Args:
        pictures: `[N, …]`, whole bytes: a generator's floats hardly ever repeat.

    Raises:
        MetricError: there are none.
    """
    if not len(pictures):
        raise MetricError("Without pictures none is repeated: measure at least one.")
    rows = np.ascontiguousarray(pictures).reshape(len(pictures), -1)
    counts = Counter(blake2b(row.data, digest_size=16).digest() for row in rows)
    n_repeated = len(rows) - sum(count == 1 for count in counts.values())
    return n_repeated / len(rows), wilson_interval(n_repeated, len(rows))


def duplicate_threshold(real_neighbours: Float64s) -> float:
    """Return the distance that 1 in 100 real samples has a neighbour within.

    Args:
        real_neighbours: `nearest_neighbours` of as many real samples as will be measured.
    """
    return float(np.quantile(real_neighbours[:, 0], _NEAR))


def effective_samples(features: Features) -> float:
    """Return the Vendi score with cosine similarity: the exponential of the kernel's entropy.

    The kernel `[N, N]` and the second-moment matrix `[F, F]` of the normalised features share their
    eigenvalues above 0, so the smaller of the two is taken. Samples that are 0 in all features are
    alike and orthogonal to all others.

    Raises:
        MetricError: features that are not finite floats `[N, F]`.

    Source: Friedman and Dieng, The Vendi score, 2023, equation 3.
    """
    array = check_features(features, "given")
    n, n_features = array.shape
    if n <= n_features:
        units = _directions(array)
        similarity = units @ units.T / n
    else:
        similarity = np.zeros((n_features + 1, n_features + 1))
        for start in range(0, n, _CHUNK):
            units = _directions(array[start : start + _CHUNK])
            similarity += units.T @ units / n
    weights = eigenvalues(similarity)
    weights = weights[weights > 0]
    return float(np.exp(-(weights * np.log(weights)).sum()))


def _directions(features: Features) -> Float64s:
    """Return the rows at length 1, and a column more that is 1 for rows of zeros: `[N, F + 1]`."""
    wide = features.astype(np.float64)
    wide /= np.abs(wide).max(axis=1, keepdims=True).clip(min=np.finfo(np.float64).tiny)
    lengths = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    is_zero = lengths == 0
    return np.column_stack([wide / np.where(is_zero, 1, lengths)[:, None], is_zero])


def _pair_distances(features: Features, n_pairs: int, rng: np.random.Generator) -> Float64s:
    """Return the distances of random pairs of different samples, `[n_pairs]`."""
    first = rng.integers(0, len(features), n_pairs)
    second = (first + rng.integers(1, len(features), n_pairs)) % len(features)
    distances = np.empty(n_pairs)
    for start in range(0, n_pairs, _CHUNK):
        part = slice(start, start + _CHUNK)
        distances[part] = exact_distances(features[first[part]], features[second[part]])
    return distances


def _n_unrepeated(features: Features) -> int:
    """Return how many samples no other one equals in every feature."""
    rows = np.ascontiguousarray(features + 0.0)  # -0.0 becomes 0.0: they are equal
    keys = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel()
    _, counts = np.unique(keys, return_counts=True)
    return int((counts == 1).sum())
