"""Objectives of a critic, whose raw score has no labels: Wasserstein and hinge.

Maths layer. A score means something only beside other scores, and only while the critic cannot
grow arbitrarily steep: weight clipping, a gradient penalty or spectral norm has to bound it.

References:
    Arjovsky et al., Wasserstein GAN, 2017 (arXiv:1701.07875).
    Lim & Ye, Geometric GAN, 2017 (arXiv:1705.02894).
    Miyato et al., Spectral Normalization for GANs, 2018 (arXiv:1802.05957).
"""

from torch import Tensor
from torch.nn.functional import relu

from gan.losses.terms import with_total


def wasserstein_d_loss(real_logits: Tensor | None, fake_logits: Tensor | None) -> dict[str, Tensor]:
    """Return the critic's loss D(G(z)) − D(x), its two parts and their sum.

    Logits have any shape and are averaged; a side that is None is left out. With both, −d
    estimates the Wasserstein distance, times the critic's Lipschitz constant. The parts alone
    mean nothing: adding a constant to D moves them against each other.
    Source: Arjovsky et al. 2017, equation 3, with the sign of a loss.
    """
    parts = {}
    if real_logits is not None:
        parts["d_real"] = -real_logits.mean()
    if fake_logits is not None:
        parts["d_fake"] = fake_logits.mean()
    return with_total(parts)


def hinge_d_loss(real_logits: Tensor | None, fake_logits: Tensor | None) -> dict[str, Tensor]:
    """Return D's loss max(0, 1 − D(x)) + max(0, 1 + D(G(z))), its two parts and their sum.

    Logits have any shape and are averaged; a side that is None is left out. A picture that D
    scores beyond the margin of 1 on the right side teaches it nothing more.
    Source: Lim & Ye 2017, section 3; Miyato et al. 2018, equation 16, with the sign of a loss.
    """
    parts = {}
    if real_logits is not None:
        parts["d_real"] = relu(1 - real_logits).mean()
    if fake_logits is not None:
        parts["d_fake"] = relu(1 + fake_logits).mean()
    return with_total(parts)


def critic_g_loss(_real_logits: Tensor | None, fake_logits: Tensor) -> dict[str, Tensor]:
    """Return G's loss −D(G(z)): climb the critic, equally hard wherever the fakes are.

    Source: Arjovsky et al. 2017, theorem 3; Miyato et al. 2018, equation 17.
    """
    return {"g": -fake_logits.mean()}
