"""Which classes a generator makes, against those that the data has.

Maths layer. The classes are a classifier's predictions, for both sides by the same classifier; for
stacked digits they are triples, of which there are 1,000.

Source: Srivastava et al., VEEGAN, 2017, section 4 (modes covered and KL on stacked MNIST);
Metz et al., Unrolled generative adversarial networks, 2017, section 3.3.1.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan.metrics.checks import MetricError


@dataclass(frozen=True)
class ModeCounts:
    """The two histograms and what follows from them.

    Attributes:
        real_counts, fake_counts: samples of each class, `n_classes` entries.
        n_modes: classes that the data has.
        n_covered: those with at least one generated sample. Biased downwards for few samples:
            `n_covered_expected` is what a perfect generator would get with as many.
        missing: the classes that the data has and no generated sample shows, ascending.
        kl: KL(p_generated ‖ p_data) in nats; infinite if a class is generated that the data lacks.
            Biased upwards: a perfect generator gets about `kl_expected` = (n_modes − 1) / 2 n_fake.
        n_real, n_fake: sample counts.
    """

    real_counts: tuple[int, ...]
    fake_counts: tuple[int, ...]
    n_modes: int
    n_covered: int
    n_covered_expected: float
    missing: tuple[int, ...]
    kl: float
    kl_expected: float
    n_real: int
    n_fake: int

    @property
    def n_missing(self) -> int:
        """How many of the data's classes no generated sample shows."""
        return len(self.missing)


def count_modes(
    real_classes: NDArray[np.integer[Any]], fake_classes: NDArray[np.integer[Any]], n_classes: int
) -> ModeCounts:
    """Compare the classes of generated samples with the data's.

    Args:
        real_classes, fake_classes: integers below `n_classes`, `[N]`; or `[N, D]` for images made
            of D labelled parts, such as three stacked digits, each combination being a mode of its
            own (numbered like digits, the first one the highest).
        n_classes: classes of one part.

    Raises:
        MetricError: no samples, classes out of range, or not the same number of parts.
    """
    real, n_parts = number_classes(real_classes, n_classes, "real")
    fake, n_fake_parts = number_classes(fake_classes, n_classes, "generated")
    if n_parts != n_fake_parts:
        raise MetricError(
            f"The real samples have {n_parts} labels each and the generated ones {n_fake_parts}: "
            "give both the same."
        )
    real_counts = np.bincount(real, minlength=n_classes**n_parts)
    fake_counts = np.bincount(fake, minlength=n_classes**n_parts)
    has_data, is_made = real_counts > 0, fake_counts > 0
    p_real, p_fake = real_counts / len(real), fake_counts / len(fake)
    n_modes = int(has_data.sum())
    return ModeCounts(
        real_counts=tuple(real_counts.tolist()),
        fake_counts=tuple(fake_counts.tolist()),
        n_modes=n_modes,
        n_covered=int((has_data & is_made).sum()),
        n_covered_expected=float((1 - (1 - p_real[has_data]) ** len(fake)).sum()),
        missing=tuple(np.flatnonzero(has_data & ~is_made).tolist()),
        kl=_divergence(p_fake[is_made], p_real[is_made]),
        kl_expected=(n_modes - 1) / (2 * len(fake)),
        n_real=len(real),
        n_fake=len(fake),
    )


def number_classes(
    classes: NDArray[np.integer[Any]], n_classes: int, name: str
) -> tuple[NDArray[np.int64], int]:
    """Return one number a sample, `[N]`, and of how many labels it is made.

    Raises:
        MetricError: no samples, or classes out of range; calls them by `name`.
    """
    array = np.asarray(classes)
    if array.ndim not in (1, 2) or array.size == 0 or array.dtype.kind not in "iu":
        raise MetricError(
            f"The {name} classes are {array.dtype} of shape {array.shape}: give integers, [N] or "
            "[N, parts], of at least one sample."
        )
    if array.min() < 0 or array.max() >= n_classes:
        raise MetricError(
            f"The {name} classes run from {array.min()} to {array.max()}, outside 0 to "
            f"{n_classes - 1}: give the number of classes that the classifier has."
        )
    columns = array.astype(np.int64).reshape(len(array), -1)  # [N, parts]
    numbers = np.zeros(len(array), dtype=np.int64)
    for column in columns.T:
        numbers = numbers * n_classes + column
    return numbers, columns.shape[1]


def _divergence(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    """Return KL(p ‖ q) in nats over classes where p is above 0."""
    if not q.all():
        return float("inf")
    return max(0.0, float((p * np.log(p / q)).sum()))
