"""What differences over a few seeds tell, and what they cannot.

Maths layer, without torch. Seeds are pairs: for one seed all variants start from the same weights
and see the same batches, so differences are taken seed by seed. References: Student, The probable
error of a mean, 1908; Fisher, The design of experiments, 1935, section 21 (exact test by signs);
Holm, A simple sequentially rejective multiple test procedure, 1979.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import stdtrit  # type: ignore[import-untyped]

MAX_EXACT = 20
"""Pairs for which all sign patterns are tried: about a million."""


@dataclass(frozen=True)
class Spread:
    """A figure over several seeds.

    Attributes:
        n: how many seeds have it.
        sd: the standard deviation over seeds, None for a single seed.
        low, high: the least and the greatest.
    """

    n: int
    mean: float
    sd: float | None
    low: float
    high: float


@dataclass(frozen=True)
class PairedDifference:
    """How two variants differ, seed by seed; all figures are of `first − second`.

    Attributes:
        n: pairs of figures.
        mean: the mean difference.
        low, high: its 95 % interval by Student, None for fewer than two pairs.
        n_below: in how many pairs the first is below the second.
        p: the two-sided exact p-value of the signs, 1 for no pairs: the share of sign patterns
            whose mean is at least as far from 0. Never below `2 / 2 ** n`.
    """

    n: int
    mean: float
    low: float | None
    high: float | None
    n_below: int
    p: float


def spread(values: Sequence[float]) -> Spread | None:
    """Return the spread of figures, one a seed; None if there are none."""
    if not len(values):
        return None
    wide = np.asarray(values, dtype=np.float64)
    sd = float(np.std(wide, ddof=1)) if len(wide) > 1 else None
    return Spread(len(wide), float(wide.mean()), sd, float(wide.min()), float(wide.max()))


def paired_difference(first: Sequence[float], second: Sequence[float]) -> PairedDifference:
    """Compare two variants by figures of the same seeds in the same order."""
    differences = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    found = spread(differences.tolist())
    if found is None:
        return PairedDifference(0, math.nan, None, None, 0, 1.0)
    low = high = None
    if found.sd is not None:
        half = t_factor(found.n - 1) * found.sd / math.sqrt(found.n)
        low, high = found.mean - half, found.mean + half
    n_below = int((differences < 0).sum())
    return PairedDifference(found.n, found.mean, low, high, n_below, sign_flip_p(differences))


def sign_flip_p(differences: Sequence[float] | np.ndarray) -> float:
    """Return the exact two-sided p-value of a mean of paired differences.

    If the two variants were alike, each difference could as well have had the other sign: p is the
    share of all sign patterns whose sum is at least as far from 0 as the one found. Of more than
    20 differences, the first 20 are tried.
    """
    wide = np.abs(np.asarray(differences, dtype=np.float64))[:MAX_EXACT]
    if not len(wide):
        return 1.0
    found = abs(float(np.asarray(differences, dtype=np.float64)[:MAX_EXACT].sum()))
    sums = np.zeros(1)
    for size in wide:
        sums = np.concatenate([sums + size, sums - size])
    tolerance = 1e-9 * float(wide.sum())
    return float((np.abs(sums) >= found - tolerance).mean())


def holm(ps: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number, in the same order, none above 1."""
    order = np.argsort(ps, kind="stable")
    corrected = [0.0] * len(ps)
    largest = 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(ps) - rank) * float(ps[place])))
        corrected[place] = largest
    return corrected


def seeds_needed(n_pairs: int, level: float = 0.05) -> int:
    """Return the fewest seeds with which anything can be significant among so many comparisons.

    With n seeds no exact p-value is below 2 / 2 ** n; for one comparison at 5 % that makes 6.
    """
    return math.ceil(math.log2(2 * max(1, n_pairs) / level) - 1e-12)


@lru_cache(maxsize=64)
def t_factor(n_free: int, confidence: float = 0.95) -> float:
    """Return how many standard errors Student's two-sided interval reaches to each side."""
    return float(stdtrit(n_free, (1 + confidence) / 2))
