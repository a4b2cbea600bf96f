"""What paired differences over a few seeds tell, and what they cannot.

Maths layer, without torch. Seeds are pairs: for one seed all variants start from the same weights
and see the same batches, so differences are taken seed by seed.
"""

from functools import lru_cache

from scipy.special import stdtrit  # type: ignore[import-untyped]


@lru_cache(maxsize=64)
def t_factor(n_free: int, confidence: float = 0.95) -> float:
    """Return how many standard errors Student's two-sided interval reaches to each side."""
    return float(stdtrit(n_free, (1 + confidence) / 2))
