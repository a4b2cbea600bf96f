"""What features must be before anything is computed with them.

Maths layer. A single NaN can abort the whole process inside an eigenvalue routine, so every public
function of the package passes its arrays through here first.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gan.errors import GanError

Features: TypeAlias = NDArray[np.floating[Any]]
Float64s: TypeAlias = NDArray[np.float64]

_LARGEST = 1e20  # no sane feature is; the kernel distance takes sixth powers, and their squares


class MetricError(GanError, ValueError):
    """A measure cannot be computed from the arrays that it was given."""


def check_features(features: Features, name: str, *, min_samples: int = 1) -> Features:
    """Return the features unchanged if they are finite floats `[N, F]` with enough samples.

    Args:
        name: what a message calls them, such as `real` or `generated`.

    Raises:
        MetricError: they are not.
    """
    array = np.asarray(features)
    if array.dtype not in (np.float32, np.float64):
        raise MetricError(
            f"The {name} features are {array.dtype}: convert them to float32 or float64."
        )
    if array.ndim != 2 or array.shape[1] == 0:
        raise MetricError(
            f"The {name} features have the shape {array.shape}: give an array [N, F], one row a "
            "sample."
        )
    if len(array) < min_samples:
        raise MetricError(
            f"There are {len(array)} {name} samples, and this measure needs at least {min_samples}."
        )
    finite = np.isfinite(array).all(axis=1)
    if not finite.all():
        raise MetricError(
            f"{np.count_nonzero(~finite):,} of {len(array):,} {name} samples have features that "
            f"are not finite, first sample {int(np.argmin(finite))}: measure a checkpoint from "
            "before the trouble."
        )
    largest = float(max(array.max(), -array.min()))
    if largest > _LARGEST:
        raise MetricError(
            f"A {name} sample has a feature of size {largest:.0e}: the network that made it has "
            "diverged, so measure a checkpoint from before."
        )
    return array


def check_pair(
    first: Features, second: Features, names: tuple[str, str], *, min_samples: int = 1
) -> tuple[Features, Features]:
    """Check two sets, and that they have the same number of features. Raises MetricError."""
    one = check_features(first, names[0], min_samples=min_samples)
    two = check_features(second, names[1], min_samples=min_samples)
    if one.shape[1] != two.shape[1]:
        raise MetricError(
            f"The {names[0]} samples have {one.shape[1]} features and the {names[1]} ones "
            f"{two.shape[1]}: take both from the same network."
        )
    return one, two
