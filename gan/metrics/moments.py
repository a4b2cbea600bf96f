"""Mean and covariance of a set of features: all that the Fréchet distance needs of it.

Maths layer. The real set's are computed once, saved as plain arrays and read back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan.metrics.checks import Features, Float64s, MetricError, check_features
from gan.metrics.symmetric import square_root

_CHUNK = 4096  # samples brought to float64 at a time


@dataclass(frozen=True, eq=False)
class Moments:
    """The first two moments of `n` samples with `F` features.

    Attributes:
        mean: `[F]`, float64; unbiased.
        covariance: `[F, F]`, float64, divided by n − 1; unbiased.
        n: how many samples.
    """

    mean: Float64s
    covariance: Float64s
    n: int

    @cached_property
    def root(self) -> Float64s:
        """The covariance's symmetric square root, `[F, F]`; computed once."""
        return square_root(self.covariance)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as plain arrays, for `numpy.savez`."""
        return {
            "mean": self.mean,
            "covariance": self.covariance,
            "n": np.asarray(self.n, dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Moments":
        """Make the record again from `to_arrays`. Raises MetricError if the arrays do not fit."""
        try:
            mean, covariance = (
                np.asarray(arrays[name], dtype=np.float64) for name in ("mean", "covariance")
            )
            n = int(arrays["n"])
        except (KeyError, TypeError, ValueError) as error:
            raise MetricError(f"These arrays hold no moments ({error}): compute them anew.") from (
                error
            )
        if mean.ndim != 1 or covariance.shape != (len(mean), len(mean)) or n < 2:
            raise MetricError(
                f"Moments of shapes {mean.shape} and {covariance.shape} of {n} samples do not fit "
                "together: compute them anew."
            )
        if not (np.isfinite(mean).all() and np.isfinite(covariance).all()):
            raise MetricError("These moments are not finite: compute them anew.")
        return cls(mean, covariance, n)


def measure_moments(features: Features, name: str = "real") -> Moments:
    """Return the mean and covariance of features `[N, F]`, in float64.

    Raises:
        MetricError: fewer than two samples, or features that are not finite floats `[N, F]`.
    """
    array = check_features(features, name, min_samples=2)
    mean = array.mean(axis=0, dtype=np.float64)
    return combine(mean, [scatter(array, mean)])


@dataclass(frozen=True, eq=False)
class Scatter:
    """Sums over some samples, around a common `mean`: they add up, so parts can be left out.

    Attributes:
        shift: `[F]`, sum of (x − mean).
        products: `[F, F]`, sum of (x − mean)(x − mean)ᵀ.
        n: how many samples.
    """

    shift: Float64s
    products: Float64s
    n: int


def scatter(features: Features, mean: Float64s) -> Scatter:
    """Return the sums of features `[N, F]` around a mean `[F]`."""
    products = np.zeros((len(mean), len(mean)))
    shift = np.zeros(len(mean))
    for start in range(0, len(features), _CHUNK):
        part = features[start : start + _CHUNK] - mean  # float64: the mean is
        products += part.T @ part
        shift += part.sum(axis=0)
    return Scatter(shift, products, len(features))


def combine(mean: Float64s, parts: list[Scatter]) -> Moments:
    """Return the moments of all samples in the parts, whose sums are around `mean`."""
    n = sum(part.n for part in parts)
    shift = np.sum([part.shift for part in parts], axis=0)
    products = np.sum([part.products for part in parts], axis=0)
    covariance = (products - np.outer(shift, shift) / n) / (n - 1)
    return Moments(mean + shift / n, covariance, n)
