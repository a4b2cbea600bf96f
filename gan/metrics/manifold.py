"""Precision, recall, density and coverage: do samples lie where real images lie, and everywhere?

Around each sample stands a ball that reaches to its k-th nearest neighbour of the same set; the
balls of a set together stand for the region that the set fills. Maths layer.

Whether a sample on a ball's edge is inside matters when samples repeat. Here it is (≤), as in the
papers' formulas; `strict=True` leaves it out (<), as the `prdc` package does, where torch-fidelity
uses ≤. Comparisons too close for the features' precision are made again in float64 from the
differences, so the answer does not hang on the order of a sum.

Sources: Kynkäänniemi et al., Improved precision and recall metric for assessing generative models,
2019, equations 1 and 2; Naeem et al., Reliable fidelity and diversity metrics for generative
models, 2020, equations 2 to 4.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan.metrics.checks import Features, Float64s, MetricError, check_pair
from gan.metrics.intervals import Interval, mean_interval, wilson_interval
from gan.metrics.neighbours import (
    Space,
    exact_distances,
    nearest_neighbours,
    row_blocks,
    square_norms,
)

_ROUNDINGS = 16  # of a comparison by products: twice what was seen with 16 to 2,048 features
_MAX_SETTLED = 100_000  # comparisons made again, a block: sets of many repeats have more
_CHUNK = 8192


@dataclass(frozen=True)
class ManifoldMeasures:
    """Four figures; `fidelity` ones first (precision, density), then variety (recall, coverage).

    Attributes:
        precision: share of generated samples inside any real ball.
        recall: share of real samples inside any generated ball.
        density: mean number of real balls around a generated sample, divided by k; about 1 for a
            perfect generator, above it where samples crowd in dense regions.
        coverage: share of real balls with a generated sample in them.
        *_interval: over other draws of the counted samples, the balls held fixed; Wilson's for
            shares, Student's for density.
        k: which neighbour the balls reach to.
        strict: whether a sample on the edge is outside.
        n_real, n_fake: sample counts. All four are biased: recall and precision rise with the
            number of balls (recall is near 0 for few samples of many features), coverage rises
            with n_fake / n_real (1 − 2⁻ᵏ for a perfect generator at equal counts); density is
            unbiased for a given real set. Compare equal counts and equal k only.
    """

    precision: float
    recall: float
    density: float
    coverage: float
    precision_interval: Interval
    recall_interval: Interval
    density_interval: Interval | None
    coverage_interval: Interval
    k: int
    strict: bool
    n_real: int
    n_fake: int


@dataclass(frozen=True, eq=False)
class BallCounts:
    """Who is inside whose balls, sample by sample; `fake_hits` tells best from worst samples.

    Attributes:
        fake_hits: `[N_fake]`, int64: real balls around each generated sample.
        is_covered: `[N_real]`, bool: whether a generated sample is in this real sample's ball.
        is_recalled: `[N_real]`, bool: whether this real sample is in a generated sample's ball.
        k, strict: as asked for.
    """

    fake_hits: NDArray[np.int64]
    is_covered: NDArray[np.bool_]
    is_recalled: NDArray[np.bool_]
    k: int
    strict: bool

    def measures(self, confidence: float = 0.95) -> ManifoldMeasures:
        """Return the four figures."""
        n_fake, n_real = len(self.fake_hits), len(self.is_covered)
        n_precise = int(np.count_nonzero(self.fake_hits))
        n_recalled, n_covered = (int(x.sum()) for x in (self.is_recalled, self.is_covered))
        densities = self.fake_hits / self.k
        return ManifoldMeasures(
            precision=n_precise / n_fake,
            recall=n_recalled / n_real,
            density=float(densities.mean()),
            coverage=n_covered / n_real,
            precision_interval=wilson_interval(n_precise, n_fake, confidence),
            recall_interval=wilson_interval(n_recalled, n_real, confidence),
            density_interval=mean_interval(densities, confidence),
            coverage_interval=wilson_interval(n_covered, n_real, confidence),
            k=self.k,
            strict=self.strict,
            n_real=n_real,
            n_fake=n_fake,
        )


def manifold_measures(
    real: Features,
    fake: Features,
    *,
    k: int = 5,
    strict: bool = False,
    real_neighbours: Float64s | None = None,
    fake_neighbours: Float64s | None = None,
    confidence: float = 0.95,
) -> ManifoldMeasures:
    """Measure precision, recall, density and coverage of features `[N, F]`. See `count_balls`."""
    counts = count_balls(
        real,
        fake,
        k=k,
        strict=strict,
        real_neighbours=real_neighbours,
        fake_neighbours=fake_neighbours,
    )
    return counts.measures(confidence)


def count_balls(
    real: Features,
    fake: Features,
    *,
    k: int = 5,
    strict: bool = False,
    real_neighbours: Float64s | None = None,
    fake_neighbours: Float64s | None = None,
) -> BallCounts:
    """Count which generated samples are in which real balls, and the other way round.

    Args:
        k: which neighbour a ball reaches to; 3 in Kynkäänniemi et al., 5 in Naeem et al.
        strict: whether a sample on a ball's edge is outside.
        real_neighbours, fake_neighbours: `nearest_neighbours` of the sets with this k or a larger
            one, where they are known: the real set's stay the same for a whole run.

    Raises:
        MetricError: a set has no k neighbours, or is not made of finite floats `[N, F]`.
    """
    real, fake = check_pair(real, fake, ("real", "generated"))
    real_radii = _radii(real, real_neighbours, k, "real")
    fake_radii = _radii(fake, fake_neighbours, k, "generated")

    space = Space.around(real, fake)
    targets = space.bring(real)
    # |f − r|² ≤ ρ² is tested as f·r − (|r|² − ρ²) / 2 ≥ |f|² / 2.
    real_norms = square_norms(targets) / 2
    real_balls = real_norms - ((real_radii / space.scale) ** 2 / 2).astype(space.dtype)
    fake_squares = ((fake_radii / space.scale) ** 2 / 2).astype(space.dtype)
    rounding = _ROUNDINGS * np.finfo(space.dtype).eps

    fake_hits = np.zeros(len(fake), dtype=np.int64)
    is_covered = np.zeros(len(real), dtype=np.bool_)
    is_recalled = np.zeros(len(real), dtype=np.bool_)
    for rows in row_blocks(len(fake), len(real), targets.itemsize):
        samples = space.bring(fake[rows])
        norms = square_norms(samples)[:, None] / 2
        margin = (norms + real_norms.max()) * rounding
        products = samples @ targets.T  # [rows, N_real]
        inside, close = _compare(products - real_balls, norms, margin)
        inside[close] = _settle(fake[rows], real, close, real_radii[close[1]], strict)
        fake_hits[rows] = np.count_nonzero(inside, axis=1)
        is_covered |= inside.any(axis=0)
        products -= real_norms
        inside, close = _compare(products, norms - fake_squares[rows, None], margin)
        inside[close] = _settle(fake[rows], real, close, fake_radii[rows][close[0]], strict)
        is_recalled |= inside.any(axis=0)
    return BallCounts(fake_hits, is_covered, is_recalled, k, strict)


Pairs: TypeAlias = tuple[NDArray[np.intp], NDArray[np.intp]]


def _compare(
    values: Features, limits: Features, margin: Features
) -> tuple[NDArray[np.bool_], Pairs]:
    """Return where values reach the limits for sure, and which ones are too close to tell."""
    sure = values >= limits + margin
    maybe = values >= limits - margin
    close = np.flatnonzero(maybe ^ sure)  # a fiftieth of the time of nonzero in two dimensions
    rows, columns = np.divmod(close, sure.shape[1])
    return sure, (rows, columns)


def _settle(
    fake: Features, real: Features, pairs: Pairs, radii: Float64s, strict: bool
) -> NDArray[np.bool_]:
    """Return which pairs are within their radius; beyond 100,000 pairs all count as on the edge."""
    inside = np.full(len(radii), not strict)
    compare = np.less if strict else np.less_equal
    for start in range(0, min(len(radii), _MAX_SETTLED), _CHUNK):
        part = slice(start, start + _CHUNK)
        distances = exact_distances(fake[pairs[0][part]], real[pairs[1][part]])
        inside[part] = compare(distances, radii[part])
    return inside


def _radii(features: Features, neighbours: NDArray[Any] | None, k: int, name: str) -> Float64s:
    """Return how far each sample's ball reaches, `[N]`."""
    if k < 1 or k >= len(features):
        raise MetricError(
            f"The {len(features)} {name} samples have no {k}-th neighbour: choose k from 1 to "
            f"{max(1, len(features) - 1)}, or measure more samples."
        )
    if neighbours is None:
        return nearest_neighbours(features, k)[:, k - 1]
    if neighbours.ndim != 2 or len(neighbours) != len(features) or neighbours.shape[1] < k:
        raise MetricError(
            f"The {name} neighbours have the shape {neighbours.shape}, which does not fit "
            f"{len(features)} samples and k = {k}: compute them anew."
        )
    return np.asarray(neighbours[:, k - 1], dtype=np.float64)
