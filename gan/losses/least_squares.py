"""The least-squares objective: D's raw output is pulled to labels, not squeezed by a sigmoid.

Maths layer.

References:
    Mao et al., Least Squares Generative Adversarial Networks, 2017 (arXiv:1611.04076).
"""

from torch import Tensor

from gan.losses.terms import check_target, with_total


def least_squares_d_loss(
    real_logits: Tensor | None,
    fake_logits: Tensor | None,
    *,
    real_target: Tensor | float = 1.0,
    fake_target: Tensor | float = 0.0,
) -> dict[str, Tensor]:
    """Return D's loss ½ (D(x) − b)² + ½ (D(G(z)) − a)², its two parts and their sum.

    Logits have any shape and are averaged; a side that is None is left out. Targets are the
    paper's b (1, real) and a (0, fake); soft or flipped labels move them. At D = 1/2 the sum of
    the hard-labelled loss is 1/4.
    Source: Mao et al. 2017, equation 9 (equation 2 with a = 0, b = c = 1).
    """
    parts = {}
    if real_logits is not None:
        parts["d_real"] = half_square(real_logits, real_target)
    if fake_logits is not None:
        parts["d_fake"] = half_square(fake_logits, fake_target)
    return with_total(parts)


def half_square(logits: Tensor, target: Tensor | float) -> Tensor:
    """Return the mean of ½ (D − t)², least where D = t."""
    check_target(target, logits)
    return 0.5 * (logits - target).square().mean()


def least_squares_g_loss(_real_logits: Tensor | None, fake_logits: Tensor) -> dict[str, Tensor]:
    """Return G's loss ½ (D(G(z)) − c)² with c = 1: the pull grows with the distance from real.

    Source: Mao et al. 2017, equation 9.
    """
    return {"g": 0.5 * (fake_logits - 1).square().mean()}
