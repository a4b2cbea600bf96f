"""Cross-entropy objectives on logits, written with softplus so that they cannot overflow.

Maths layer. With D(x) = sigmoid(l): −log D(x) = softplus(−l) and −log(1 − D(x)) = softplus(l).

References:
    Goodfellow et al., Generative Adversarial Nets, 2014 (arXiv:1406.2661).
"""

from torch import Tensor
from torch.nn.functional import softplus

from gan.losses.terms import check_target, with_total


def cross_entropy_d_loss(
    real_logits: Tensor | None,
    fake_logits: Tensor | None,
    *,
    real_target: Tensor | float = 1.0,
    fake_target: Tensor | float = 0.0,
) -> dict[str, Tensor]:
    """Return D's loss −log D(x) − log(1 − D(G(z))), its two parts and their sum, in nats.

    Logits have any shape and are averaged; a side that is None is left out. Targets are the
    probability that D shall name: soft (0.9) or flipped labels move them. With hard ones, the sum
    is 2 log 2 at the optimum D = 1/2.
    Source: Goodfellow et al. 2014, equation 1, with the sign of a loss.
    """
    parts = {}
    if real_logits is not None:
        parts["d_real"] = cross_entropy(real_logits, real_target)
    if fake_logits is not None:
        parts["d_fake"] = cross_entropy(fake_logits, fake_target)
    return with_total(parts)


def cross_entropy(logits: Tensor, target: Tensor | float) -> Tensor:
    """Return the mean of −t log D − (1 − t) log(1 − D), least where D = t."""
    check_target(target, logits)
    return (target * softplus(-logits) + (1 - target) * softplus(logits)).mean()


def non_saturating_g_loss(_real_logits: Tensor | None, fake_logits: Tensor) -> dict[str, Tensor]:
    """Return G's loss −log D(G(z)) in nats: strong gradients where D rejects the fakes.

    Source: Goodfellow et al. 2014, section 3, last paragraph.
    """
    return {"g": softplus(-fake_logits).mean()}


def saturating_g_loss(_real_logits: Tensor | None, fake_logits: Tensor) -> dict[str, Tensor]:
    """Return G's loss log(1 − D(G(z))) in nats: nearly flat where D rejects the fakes.

    Source: Goodfellow et al. 2014, equation 1.
    """
    return {"g": -softplus(fake_logits).mean()}
