"""The kernel distance between two sets of features (KID with Inception's).

    MMD² = mean k(x, x') + mean k(y, y') − 2 mean k(x, y),    k(a, b) = (a·b / F + 1)³

over pairs of different real samples x, x', of different generated ones y, y', and of both. Maths
layer.

Source: Bińkowski et al., Demystifying MMD GANs, 2018, section 4; Gretton et al., A kernel
two-sample test, 2012, equation 3 (the unbiased estimator).
"""

from dataclasses import dataclass

import numpy as np

from gan.metrics.checks import Features, Float64s, MetricError, check_pair
from gan.metrics.intervals import Interval, mean_interval

_MAX_SUBSET = 1000  # as published
_N_SUBSETS = 10  # enough to tell the spread, where samples are few


@dataclass(frozen=True)
class KernelDistance:
    """The squared maximum mean discrepancy; 0 is best, slightly below 0 happens by chance.

    Attributes:
        value: mean over the subsets. Unbiased: its expectation does not depend on how many samples
            there are, so values of different counts may be compared.
        spread: standard deviation over the subsets, that is of one subset's value.
        standard_error: of `value`; honest, as no sample is in two subsets. None for one subset.
        interval: of `value`, Student's.
        n_subsets, subset_size: disjoint subsets of each set, and samples in each.
        n_real, n_fake: sample counts.
    """

    value: float
    spread: float | None
    standard_error: float | None
    interval: Interval | None
    n_subsets: int
    subset_size: int
    n_real: int
    n_fake: int


def kernel_distance(
    real: Features,
    fake: Features,
    *,
    subset_size: int | None = None,
    seed: int = 0,
    confidence: float = 0.95,
) -> KernelDistance:
    """Measure the kernel distance of features `[N, F]` as the mean over disjoint random subsets.

    Departs from the paper in one thing: its 100 subsets are drawn with repetition from one set, so
    they overlap and their standard error is too small; ours are disjoint, so there are fewer.

    Args:
        subset_size: samples of each side in a subset; by default a tenth of the smaller set, at
            most 1,000.
        seed: of the division into subsets.

    Raises:
        MetricError: fewer than two samples, or a subset larger than a set.
    """
    real, fake = check_pair(real, fake, ("real", "generated"), min_samples=2)
    n = min(len(real), len(fake))
    size = subset_size or max(2, min(_MAX_SUBSET, n // _N_SUBSETS))
    if not 2 <= size <= n:
        raise MetricError(
            f"Subsets of {size:,} cannot be drawn from {len(real):,} real and {len(fake):,} "
            f"generated samples: choose a size between 2 and {n:,}."
        )
    rng = np.random.default_rng(seed)
    real_order, fake_order = rng.permutation(len(real)), rng.permutation(len(fake))
    n_subsets = n // size
    values = np.array(
        [
            squared_mmd(real[real_order[i : i + size]], fake[fake_order[i : i + size]])
            for i in range(0, n_subsets * size, size)
        ]
    )
    spread = float(values.std(ddof=1)) if n_subsets > 1 else None
    return KernelDistance(
        value=float(values.mean()),
        spread=spread,
        standard_error=None if spread is None else spread / float(np.sqrt(n_subsets)),
        interval=mean_interval(values, confidence),
        n_subsets=n_subsets,
        subset_size=size,
        n_real=len(real),
        n_fake=len(fake),
    )


def squared_mmd(real: Features, fake: Features) -> float:
    """Return the unbiased MMD² of features `[N, F]` and `[M, F]`, in float64, pairs all at once."""
    x, y = real.astype(np.float64), fake.astype(np.float64)
    return _mean_within(x) + _mean_within(y) - 2 * _kernel_sum(x, y) / (len(x) * len(y))


def _mean_within(x: Float64s) -> float:
    """Return the mean kernel of all pairs of different samples."""
    itself = (np.einsum("ij,ij->i", x, x) / x.shape[1] + 1) ** 3
    return (_kernel_sum(x, x) - float(itself.sum())) / (len(x) * (len(x) - 1))


def _kernel_sum(x: Float64s, y: Float64s) -> float:
    base = x @ y.T  # [N, M]
    base /= x.shape[1]
    base += 1
    return float(np.vdot(base * base, base))
