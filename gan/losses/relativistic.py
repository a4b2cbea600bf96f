"""Relativistic pairing: D says by how much a real picture looks more real than a generated one.

Maths layer. Only differences D(x) − D(G(z)) count, so each fake is held against a real picture
and G cannot please D with one kind of picture far from all the others.

References:
    Jolicoeur-Martineau, The relativistic discriminator, 2019 (arXiv:1807.00734), the RSGAN.
    Huang et al., The GAN is dead; long live the GAN! (R3GAN), NeurIPS 2024 (arXiv:2501.05441).
"""

from torch import Tensor
from torch.nn.functional import softplus


def relativistic_d_loss(
    real_logits: Tensor | None, fake_logits: Tensor | None
) -> dict[str, Tensor]:
    """Return D's loss −log sigmoid(D(x) − D(G(z))) in nats; it has no parts.

    Source: Huang et al. 2024, equation 2 with f(t) = −log(1 + exp(−t)), with the sign of a loss.
    """
    return {"d": softplus(-paired_difference(real_logits, fake_logits)).mean()}


def relativistic_g_loss(real_logits: Tensor | None, fake_logits: Tensor) -> dict[str, Tensor]:
    """Return G's loss −log sigmoid(D(G(z)) − D(x)) in nats: D's, with the roles swapped.

    Source: Huang et al. 2024, equation 2, in its non-saturating form.
    """
    return {"g": softplus(paired_difference(real_logits, fake_logits)).mean()}


def paired_difference(real_logits: Tensor | None, fake_logits: Tensor | None) -> Tensor:
    """Return D(x) − D(G(z)) `[n, ...]`, pairing by place in the batch; a longer one's rest waits.

    Raises:
        ValueError: one side is missing, or the two kinds of logits differ in shape.
    """
    if real_logits is None or fake_logits is None:
        raise ValueError(
            "The relativistic loss compares real with generated pictures, and got None for one: "
            "give both real_logits and fake_logits."
        )
    if real_logits.shape[1:] != fake_logits.shape[1:]:
        raise ValueError(
            f"Real logits {list(real_logits.shape)} and fake logits {list(fake_logits.shape)} "
            "cannot be paired: they may differ in their number only."
        )
    n = min(len(real_logits), len(fake_logits))
    return real_logits[:n] - fake_logits[:n]
