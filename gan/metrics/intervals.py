"""How sure a figure is: intervals for shares and for means.

Maths layer.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from scipy.special import stdtrit  # type: ignore[import-untyped]

from gan.metrics.checks import Features, MetricError


@dataclass(frozen=True)
class Interval:
    """A range that holds the true value in `confidence` of repeated measurements.

    Attributes:
        low, high: its ends, in the unit of the figure.
        confidence: from 0 to 1.
    """

    low: float
    high: float
    confidence: float


def wilson_interval(n_hits: int, n_trials: int, confidence: float = 0.95) -> Interval:
    """Return Wilson's score interval of a share of independent trials.

    Unlike share ± 1.96 standard errors it stays within 0 to 1 and is not empty at 0 or at 1.

    Raises:
        MetricError: no trials, or more hits than trials.

    Source: Wilson, Probable inference, the law of succession, and statistical inference, 1927;
    Brown, Cai and DasGupta, Interval estimation for a binomial proportion, 2001, equation 4.
    """
    if not 0 <= n_hits <= n_trials or n_trials == 0:
        raise MetricError(f"{n_hits} hits of {n_trials} trials are no share: give 0 ≤ hits ≤ n.")
    z = normal_quantile(confidence)
    share = n_hits / n_trials
    scale = 1 + z * z / n_trials
    centre = (share + z * z / (2 * n_trials)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / n_trials + (z / (2 * n_trials)) ** 2)
    low = 0.0 if n_hits == 0 else max(0.0, centre - half)
    high = 1.0 if n_hits == n_trials else min(1.0, centre + half)
    return Interval(low, high, confidence)


def mean_interval(values: Features, confidence: float = 0.95) -> Interval | None:
    """Return Student's interval of the mean of independent values `[N]`, None for fewer than 2."""
    n = len(values)
    if n < 2:
        return None
    wide = np.asarray(values, dtype=np.float64)
    error = float(np.std(wide, ddof=1)) / math.sqrt(n)
    return around(float(np.mean(wide)), error, n - 1, confidence)


def around(value: float, standard_error: float, n_free: int, confidence: float) -> Interval:
    """Return Student's interval around a value whose error comes from `n_free` + 1 parts."""
    half = float(stdtrit(n_free, (1 + confidence) / 2)) * standard_error
    return Interval(value - half, value + half, confidence)


def normal_quantile(confidence: float) -> float:
    """Return z so that a normal value is within ± z with this probability. Raises MetricError."""
    if not 0 < confidence < 1:
        raise MetricError(f"A confidence of {confidence} is none: give one between 0 and 1.")
    return NormalDist().inv_cdf((1 + confidence) / 2)
