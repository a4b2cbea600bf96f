"""The upsampling pair: G enlarges the map and then convolves it, as Keras' tutorials do.

Maths layer, free of torch: plans, which `gan.models.network` turns into modules. Enlarging
before convolving avoids the checkerboard that transposed convolutions can leave.

Source: Odena et al., Deconvolution and Checkerboard Artifacts, 2016 (Distill), for the idea.
"""

from collections.abc import Sequence

from gan.config import ModelConfig
from gan.models.layers import Picture, Stack, norm_and_activation

_KERNEL = 5


def upsample_generator(model: ModelConfig, widths: Sequence[int], picture: Picture) -> Stack:
    """Plan z `(latent_dim,)` → picture `(C, H, W)` in [-1, 1]."""
    base = picture.size_px // 2 ** len(widths)
    stack = Stack((model.latent_dim,))
    stack.block("z")
    stack.join_class(picture.n_classes)
    stack.block("Block 1")
    stack.linear(widths[0] * base * base)
    stack.reshape((widths[0], base, base))
    norm_and_activation(stack, model, is_first=True)  # behind reshape: BatchNorm is per channel
    for i, width in enumerate(widths[1:], start=2):
        stack.block(f"Block {i}")
        stack.upsample()
        stack.same_conv(width, kernel=_KERNEL)
        norm_and_activation(stack, model, is_first=False)
    stack.block("Picture")
    stack.upsample()
    stack.same_conv(picture.channels, kernel=_KERNEL)
    stack.tanh()
    return stack


def upsample_discriminator(model: ModelConfig, widths: Sequence[int], picture: Picture) -> Stack:
    """Plan picture `(C, H, W)` → logit `(1,)`."""
    stack = Stack(picture.shape)
    stack.block("Class")
    stack.join_class(picture.n_classes)
    for i, width in enumerate(widths):
        stack.block(f"Block {i + 1}")
        stack.same_conv(width, kernel=_KERNEL, stride=2)
        if model.d_norm == "batch" and (i > 0 or model.d_norm_first):
            stack.batch_norm()
        stack.leaky_relu(model.leaky_slope)
        stack.dropout(model.d_dropout)
    stack.block("Logit")
    stack.flatten()
    stack.linear(1)
    return stack
