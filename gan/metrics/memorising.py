"""Does a generator repeat its training images? Its samples against images it never saw.

Maths layer. How near a sample lies to the training images says nothing alone: real images that
were held out lie near them too. A generator that learned the distribution is as near as those; one
that copies is nearer.

Source: Meehan, Chaudhuri and Dasgupta, A non-parametric test to detect data-copying in generative
models, 2020, section 3.1 (here with one cell for the whole space).
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from gan.metrics.checks import Features, Float64s, MetricError, check_features
from gan.metrics.intervals import Interval, normal_quantile
from gan.metrics.neighbours import nearest_distances

_N_DRAWS = 2000  # for the intervals


@dataclass(frozen=True)
class Memorising:
    """Nearest-neighbour distances to the training images, samples against held-out images.

    Attributes:
        near_share: share of samples nearer to a training image than all but a share `quantile` of
            the held-out images; about `quantile` for a generator that does not copy.
        near_interval: over other draws of samples and of held-out images.
        median_share: the same for the held-out images' median; about 0.5.
        median_interval: as the other one.
        nearer_probability: that a random sample is nearer than a random held-out image, ties
            half; 0.5 for neither copying nor off the data.
        statistic: C_T, the same as a standard normal value if there is no difference: far below 0
            (−3) is copying, far above 0 samples that lie farther away than real images do. Grows
            with the number of samples, as any test: read `nearer_probability` for how much.
        p_value: chance of a `statistic` as low or lower without copying.
        sample_median, held_out_median: median distances, in the features' unit.
        n_samples, n_train, n_held_out: sample counts. Off-distribution samples lie far away and
            hide copies: biased towards no copying for a poor generator.
    """

    near_share: float
    near_interval: Interval
    median_share: float
    median_interval: Interval
    nearer_probability: float
    statistic: float
    p_value: float
    quantile: float
    sample_median: float
    held_out_median: float
    n_samples: int
    n_train: int
    n_held_out: int


def measure_memorising(
    samples: Features,
    train: Features,
    held_out: Features,
    *,
    quantile: float = 0.05,
    held_out_distances: Float64s | None = None,
    confidence: float = 0.95,
) -> Memorising:
    """Compare how near samples and held-out images lie to the training images.

    Args:
        samples, train, held_out: `[N, F]`, features or plain pixels. Samples must be of a
            generator trained on `train`, or on images that these are a random part of.
        quantile: of the held-out distances that counts as conspicuously near.
        held_out_distances: `nearest_distances(held_out, train)`, where it is known.

    Raises:
        MetricError: arrays are empty, not finite, or do not fit together.
    """
    check_features(held_out, "held-out")
    reference = held_out_distances
    if reference is None:
        reference = nearest_distances(held_out, train)
    if reference.shape != (len(held_out),):
        raise MetricError(
            f"The held-out distances have the shape {reference.shape}, which does not fit "
            f"{len(held_out)} images: compute them anew."
        )
    return compare_distances(
        nearest_distances(samples, train),
        reference,
        n_train=len(train),
        quantile=quantile,
        confidence=confidence,
    )


def compare_distances(
    sample_distances: Float64s,
    held_out_distances: Float64s,
    *,
    n_train: int,
    quantile: float = 0.05,
    confidence: float = 0.95,
) -> Memorising:
    """Do the second half of `measure_memorising`, from the distances `[N]` and `[M]` themselves.

    Raises:
        MetricError: a quantile that is none, or no distances.
    """
    if not 0 < quantile < 1 or not len(sample_distances) or not len(held_out_distances):
        raise MetricError(
            f"A quantile of {quantile} of {len(held_out_distances)} held-out images cannot judge "
            f"{len(sample_distances)} samples: give samples, and a quantile between 0 and 1."
        )
    normal_quantile(confidence)  # refuses what is no confidence
    n = len(sample_distances)
    low, median = np.quantile(held_out_distances, [quantile, 0.5])
    nearer, statistic = _rank_test(sample_distances, held_out_distances)
    return Memorising(
        near_share=int((sample_distances < low).sum()) / n,
        near_interval=_share_interval(sample_distances, held_out_distances, quantile, confidence),
        median_share=int((sample_distances < median).sum()) / n,
        median_interval=_share_interval(sample_distances, held_out_distances, 0.5, confidence),
        nearer_probability=nearer,
        statistic=statistic,
        p_value=NormalDist().cdf(statistic),
        quantile=quantile,
        sample_median=float(np.median(sample_distances)),
        held_out_median=float(median),
        n_samples=n,
        n_train=n_train,
        n_held_out=len(held_out_distances),
    )


def _share_interval(
    samples: Float64s, held_out: Float64s, quantile: float, confidence: float
) -> Interval:
    """Return the range of the share of samples below the held-out images' quantile.

    By random draws of what is not known for few images: which of the held-out images stands at the
    quantile (the rank of a uniform order statistic), and the share below it (Jeffreys' posterior).
    """
    rng = np.random.default_rng(0)
    m, n = len(held_out), len(samples)
    ranks = rng.beta(quantile * (m + 1), (1 - quantile) * (m + 1), size=_N_DRAWS)
    n_below = np.searchsorted(np.sort(samples), np.quantile(held_out, ranks), side="left")
    shares = rng.beta(n_below + 0.5, n - n_below + 0.5)
    low, high = np.quantile(shares, [(1 - confidence) / 2, (1 + confidence) / 2])
    share = np.count_nonzero(samples < np.quantile(held_out, quantile)) / n
    return Interval(min(float(low), share), max(float(high), share), confidence)


def _rank_test(samples: Float64s, held_out: Float64s) -> tuple[float, float]:
    """Return P(sample < held-out) and Mann and Whitney's z of the samples, ties counted half."""
    ordered = np.sort(held_out)
    below = np.searchsorted(ordered, samples, side="left")
    up_to = np.searchsorted(ordered, samples, side="right")
    m, n = len(samples), len(held_out)
    u = float((below + up_to).sum()) / 2  # pairs where the sample is farther
    _, ties = np.unique(np.concatenate([samples, held_out]), return_counts=True)
    total = m + n
    tied = float((ties.astype(np.float64) ** 3 - ties).sum()) / (total * max(total - 1, 1))
    variance = m * n / 12 * (total + 1 - tied)
    nearer = 1 - u / (m * n)
    return nearer, (u - m * n / 2) / math.sqrt(variance) if variance > 1e-12 else 0.0
