"""Bounds on how steep D may be: gradient penalties and weight clipping.

Maths layer. A penalty is the mean of a function of ∇D, D's gradient with respect to the picture,
and keeps its graph, so that its own gradient teaches D's weights (a derivative of a derivative).
Pictures are taken as data: no gradient reaches G, and no tensor of the caller changes. Everything
runs in float32 (float64 stays), autocast or not, since squared gradients overflow in 16 bits.
Where D returns a map of logits `[N, k]`, its mean is D(x).

A D with BatchNorm mixes pictures, so what these functions measure is then no longer each
picture's own gradient (Gulrajani et al. 2017, section 4, advise against it).

References:
    Mescheder et al., Which Training Methods for GANs do actually Converge?, 2018
        (arXiv:1801.04406).
    Gulrajani et al., Improved Training of Wasserstein GANs, 2017 (arXiv:1704.00028).
    Arjovsky et al., Wasserstein GAN, 2017 (arXiv:1701.07875).
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn


def r1_penalty(score: Callable[[Tensor], Tensor], real: Tensor) -> Tensor:
    """Return ½ E‖∇D(x)‖² at real pictures `[N, C, H, W]`, a scalar; the caller weighs it with γ.

    Args:
        score: D, from pictures to logits `[N, ...]`, without autocast of its own.
        real: the pictures at which D's slope is measured.

    Source: Mescheder et al. 2018, equation 9.
    """
    return 0.5 * _input_gradient(score, real).square().sum(1).mean()


def r2_penalty(score: Callable[[Tensor], Tensor], fake: Tensor) -> Tensor:
    """Return ½ E‖∇D(G(z))‖² at generated pictures, a scalar; otherwise as `r1_penalty`.

    Source: Mescheder et al. 2018, equation 10.
    """
    return 0.5 * _input_gradient(score, fake).square().sum(1).mean()


def gradient_penalty(
    score: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, mix: Tensor
) -> Tensor:
    """Return E(‖∇D(x̂)‖₂ − 1)² at x̂ = mix · real + (1 − mix) · fake; the caller weighs it with λ.

    Where the gradient is zero, its length has no derivative and 0 is taken, so nothing becomes
    NaN.

    Args:
        score: D, from pictures to logits `[N, ...]`, without autocast of its own.
        real, fake: pictures `[N, C, H, W]`, paired by place in the batch.
        mix: each pair's share of the real picture `[N]`, uniform in [0, 1].

    Raises:
        ValueError: the three differ in length.

    Source: Gulrajani et al. 2017, equation 3 and algorithm 1.
    """
    if not len(real) == len(fake) == len(mix):
        raise ValueError(
            f"{len(real)} real pictures, {len(fake)} generated ones and {len(mix)} mixing numbers "
            "cannot be paired: give as many of each."
        )
    share = mix.reshape(-1, *[1] * (real.dim() - 1))  # [N, 1, 1, 1]
    between = share * real.detach() + (1 - share) * fake.detach()
    lengths: Tensor = torch.linalg.vector_norm(_input_gradient(score, between), dim=1)  # [N]
    return (lengths - 1).square().mean()


@torch.no_grad()
def clip_weights_(module: nn.Module, limit: float) -> None:
    """Force every parameter of `module` into [−limit, limit], in place.

    Raises:
        ValueError: the limit is not positive.

    Source: Arjovsky et al. 2017, algorithm 1, line 7.
    """
    if limit <= 0.0:
        raise ValueError(f"The clipping limit is {limit}: it must be above 0.")
    for parameter in module.parameters():
        parameter.clamp_(-limit, limit)


def _input_gradient(score: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """Return ∇D at each picture, flattened to `[N, C·H·W]`, with a graph to D's weights.

    The gradient of the sum over the batch holds each picture's own gradient in its place, since
    no picture touches another's score.
    """
    at_least_32_bits = torch.promote_types(images.dtype, torch.float32)
    x = images.detach().to(at_least_32_bits).requires_grad_(True)
    with torch.autocast(x.device.type, enabled=False):
        scores = score(x)
        total = scores.reshape(len(x), -1).mean(1).sum()
        (gradient,) = torch.autograd.grad(total, x, create_graph=True)
    return gradient.flatten(1)
