"""An exponential moving average of the generator.

Motion layer. References: Karras et al., Analyzing and Improving the Training Dynamics of
Diffusion Models, 2024, for half-lives counted in images; the ramp as in StyleGAN2-ADA's code.
"""

import copy

import torch
from torch import nn


class Ema:
    """Holds `module`, a copy of a network whose weights follow slowly.

    Parameters are averaged; buffers (BatchNorm's running statistics, already averages) are
    copied, since averaged weights beside stale statistics draw worse.
    """

    def __init__(self, module: nn.Module, *, halflife_images: int, ramp: float) -> None:
        self.module = copy.deepcopy(module).requires_grad_(False).eval()
        self.halflife_images = halflife_images
        self.ramp = ramp

    def decay(self, batch_images: int, images_seen: int) -> float:
        """Return the weight of the old average when `batch_images` more were seen.

        0.5 ** (batch / half-life), the half-life being at most `ramp * images_seen`.
        """
        halflife = float(self.halflife_images)
        if self.ramp > 0.0:
            halflife = min(halflife, self.ramp * images_seen)
        return float(0.5 ** (batch_images / max(halflife, 1e-8)))

    @torch.no_grad()
    def update(self, source: nn.Module, *, batch_images: int, images_seen: int) -> None:
        """Move the average towards `source`."""
        weight = 1.0 - self.decay(batch_images, images_seen)
        torch._foreach_lerp_(list(self.module.parameters()), list(source.parameters()), weight)
        buffers = list(self.module.buffers())
        if buffers:
            torch._foreach_copy_(buffers, list(source.buffers()))
