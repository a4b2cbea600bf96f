"""Cross-entropy objectives on logits, written with softplus so that they cannot overflow.

Maths layer. With D(x) = sigmoid(l): −log D(x) = softplus(−l) and −log(1 − D(x)) = softplus(l).

References:
    Goodfellow et al., Generative Adversarial Nets, 2014 (arXiv:1406.2661).
"""

from torch import Tensor
from torch.nn.functional import softplus


def cross_entropy_d_loss(real_logits: Tensor, fake_logits: Tensor) -> dict[str, Tensor]:
    """Return D's loss −log D(x) − log(1 − D(G(z))), its two parts and their sum, in nats.

    Logits have any shape and are averaged. At the optimum D = 1/2 the sum is 2 log 2.
    Source: Goodfellow et al. 2014, equation 1, with the sign of a loss.
    """
    on_real = softplus(-real_logits).mean()
    on_fake = softplus(fake_logits).mean()
    return {"d_real": on_real, "d_fake": on_fake, "d": on_real + on_fake}


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
