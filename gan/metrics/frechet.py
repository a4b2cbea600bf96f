"""The Fréchet distance between two sets of features.

    d² = |μ_r − μ_g|² + tr(Σ_r + Σ_g − 2 (Σ_r Σ_g)^½)

Maths layer. Only with Inception-v3's features is it called FID. The trace of the root is taken in
its symmetric form, tr (Σ_r^½ Σ_g Σ_r^½)^½, by eigenvalues of symmetric matrices in float64: those
are real, never below zero but for rounding, and exist for singular covariances too (fewer samples
than features, constant features), where `sqrtm` fails and `eigvals` can abort the process.

Source: Heusel et al., GANs trained by a two time-scale update rule, 2017, equation 6;
Dowson and Landau, The Fréchet distance between multivariate normal distributions, 1982.
"""

from dataclasses import dataclass

import numpy as np

from gan.metrics.checks import Features, MetricError, check_features
from gan.metrics.intervals import Interval, around
from gan.metrics.moments import Moments, combine, measure_moments, scatter
from gan.metrics.symmetric import eigenvalues

_MIN_GROUP = 10  # samples: smaller groups say little about the curve of the bias


@dataclass(frozen=True)
class FrechetDistance:
    """The distance, in squared units of the features; 0 is best.

    Attributes:
        value: as published. Biased upwards: about proportional to 1 / n_fake and to 1 / n_real, so
            compare values of equal sample counts only.
        corrected: value without the bias that comes from few generated samples, to first order; may
            be slightly below 0. What comes from few real samples stays in it. None where only
            moments were given or there are fewer than 10 samples a group.
        interval: of `corrected`, over other draws of generated samples; the real set is taken as
            it is.
        n_real, n_fake: sample counts.
    """

    value: float
    corrected: float | None
    interval: Interval | None
    n_real: int
    n_fake: int


def frechet_distance(
    real: Features | Moments,
    fake: Features | Moments,
    *,
    n_groups: int = 10,
    seed: int = 0,
    confidence: float = 0.95,
) -> FrechetDistance:
    """Measure how far means and covariances of two sets of features are apart.

    The correction is a jackknife: the distance is computed once with all generated samples and
    once without each of `n_groups` random groups; how it grows from n to 0.9 n samples tells where
    it goes with infinitely many. It does what Chong and Forsyth's FID∞ does by a line through
    random subsets, with less noise (`benchmarks/measures.py --bias`), and yields an interval.

    Args:
        real, fake: features `[N, F]`, or moments computed before.
        n_groups: for the correction; 0 leaves it out.

    Raises:
        MetricError: features are not finite floats `[N, F]`, too few, or do not fit together.

    Source: Chong and Forsyth, Effectively unbiased FID and inception score, 2020, section 3;
    Quenouille, Notes on bias in estimation, 1956.
    """
    reference = real if isinstance(real, Moments) else measure_moments(real, "real")
    if isinstance(fake, Moments):
        value = moments_distance(reference, fake)
        return FrechetDistance(value, None, None, reference.n, fake.n)
    samples = check_features(fake, "generated", min_samples=2)
    mean = samples.mean(axis=0, dtype=np.float64)
    if n_groups < 2 or len(samples) < n_groups * _MIN_GROUP:
        value = moments_distance(reference, combine(mean, [scatter(samples, mean)]))
        return FrechetDistance(value, None, None, reference.n, len(samples))

    order = np.random.default_rng(seed).permutation(len(samples))
    groups = [scatter(samples[part], mean) for part in np.array_split(order, n_groups)]
    value = moments_distance(reference, combine(mean, groups))
    without = np.array(
        [
            moments_distance(reference, combine(mean, groups[:i] + groups[i + 1 :]))
            for i in range(n_groups)
        ]
    )
    corrected = n_groups * value - (n_groups - 1) * float(without.mean())
    error = float(np.sqrt((n_groups - 1) * np.mean((without - without.mean()) ** 2)))
    interval = around(corrected, error, n_groups - 1, confidence)
    return FrechetDistance(value, corrected, interval, reference.n, len(samples))


def moments_distance(real: Moments, fake: Moments) -> float:
    """Return the squared Fréchet distance of two Gaussians with these moments; never below 0.

    Raises:
        MetricError: they have different numbers of features.
    """
    if len(real.mean) != len(fake.mean):
        raise MetricError(
            f"The real samples have {len(real.mean)} features and the generated ones "
            f"{len(fake.mean)}: take both from the same network."
        )
    middle = real.root @ fake.covariance @ real.root
    shift = real.mean - fake.mean
    plain = shift @ shift + np.trace(real.covariance) + np.trace(fake.covariance)
    roots = np.sqrt(np.clip(eigenvalues((middle + middle.T) / 2), 0, None))
    return max(0.0, float(plain - 2 * roots.sum()))
