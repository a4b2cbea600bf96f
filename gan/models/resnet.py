"""The residual pair: each block adds a correction to an enlarged or shrunken copy of its input.

Maths layer, free of torch: plans, which `gan.models.network` turns into modules. The shortcut lets
gradients pass every block unhindered, so that deeper networks still learn.

Source: Gulrajani et al., Improved Training of Wasserstein GANs, 2017 (arXiv:1704.00028), appendix
F; Miyato et al., Spectral Normalization for GANs, 2018 (arXiv:1802.05957), table 3. Departures:
widths are free, where they have 128 throughout; every shortcut has a 1×1 convolution, on the
smaller of its two maps, with which enlarging and averaging commute; D ends in Miyato's sum.
"""

from collections.abc import Sequence

from gan.config import ModelConfig
from gan.models.layers import Picture, Stack


def resnet_generator(model: ModelConfig, widths: Sequence[int], picture: Picture) -> Stack:
    """Plan z `(latent_dim,)` → picture `(C, H, W)` in [-1, 1]."""
    base = picture.size_px // 2 ** len(widths)
    stack = Stack((model.latent_dim,))
    stack.block("z")
    stack.join_class(picture.n_classes)
    stack.block("Start")
    stack.linear(widths[0] * base * base)
    stack.reshape((widths[0], base, base))
    for i, width in enumerate(widths):
        stack.block(f"Block {i + 1}")
        _up_block(stack, model, width)
    stack.block("Picture")
    _norm(stack, model)
    stack.relu()
    stack.conv(picture.channels, kernel=3, padding=1)
    stack.tanh()
    return stack


def resnet_discriminator(_model: ModelConfig, widths: Sequence[int], picture: Picture) -> Stack:
    """Plan picture `(C, H, W)` → logit `(1,)`; without normalisation, as a critic needs it."""
    stack = Stack(picture.shape)
    stack.block("Class")
    stack.join_class(picture.n_classes)
    for i, width in enumerate(widths):
        stack.block(f"Block {i + 1}")
        _down_block(stack, width, is_first=i == 0)
    stack.block("Logit")
    stack.relu()
    stack.sum_pool()
    stack.linear(1)
    return stack


def _up_block(stack: Stack, model: ModelConfig, width: int) -> None:
    branch = stack.fork()
    _norm(branch, model)
    branch.relu()
    branch.upsample()
    branch.conv(width, kernel=3, padding=1)
    _norm(branch, model)
    branch.relu()
    branch.conv(width, kernel=3, padding=1)
    shortcut = stack.fork()
    shortcut.conv(width, kernel=1)  # before enlarging: the same numbers for a quarter of the work
    shortcut.upsample()
    stack.residual(branch, shortcut)


def _down_block(stack: Stack, width: int, *, is_first: bool) -> None:
    branch = stack.fork()
    if not is_first:  # a picture's own negative numbers must not be lost
        branch.relu()
    branch.conv(width, kernel=3, padding=1)
    branch.relu()
    branch.conv(width, kernel=3, padding=1)
    branch.average_pool()
    shortcut = stack.fork()
    shortcut.average_pool()  # before the convolution, for the same reason as above
    shortcut.conv(width, kernel=1)
    stack.residual(branch, shortcut)


def _norm(stack: Stack, model: ModelConfig) -> None:
    if model.g_norm == "batch":
        stack.batch_norm(eps=model.g_norm_eps, momentum=model.g_norm_momentum)
