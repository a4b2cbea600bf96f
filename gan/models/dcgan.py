"""The DCGAN pair: transposed convolutions double the picture, strided ones halve it.

Maths layer, free of torch: plans, which `gan.models.network` turns into modules.

Source: Radford et al., Unsupervised Representation Learning with Deep Convolutional GANs, 2016
(arXiv:1511.06434), figure 1. Convolutions here have biases, torch's default; the authors' code
leaves out those that a BatchNorm follows, which would subtract them anyway.
"""

from collections.abc import Sequence

from gan.config import ModelConfig
from gan.models.layers import Picture, Stack, norm_and_activation


def dcgan_generator(model: ModelConfig, widths: Sequence[int], picture: Picture) -> Stack:
    """Plan z `(latent_dim,)` → picture `(C, H, W)` in [-1, 1].

    The first layer paints z as a map of base × base, and every further one doubles it. On an
    input of 1×1 neither stride nor padding matters but for the edge, so that a kernel of base,
    stride 1 and no padding equals the published "kernel 4, stride 2, no padding" at base 4.
    """
    base = picture.size_px // 2 ** len(widths)
    stack = Stack((model.latent_dim,))
    stack.block("z")
    stack.join_class(picture.n_classes)
    stack.reshape((*stack.shape, 1, 1))
    stack.block("Block 1")
    stack.conv_transpose(widths[0], kernel=base)
    norm_and_activation(stack, model, is_first=True)
    for i, width in enumerate(widths[1:], start=2):
        stack.block(f"Block {i}")
        stack.conv_transpose(width, kernel=4, stride=2, padding=1)
        norm_and_activation(stack, model, is_first=False)
    stack.block("Picture")
    stack.conv_transpose(picture.channels, kernel=4, stride=2, padding=1)
    stack.tanh()
    return stack


def dcgan_discriminator(model: ModelConfig, widths: Sequence[int], picture: Picture) -> Stack:
    """Plan picture `(C, H, W)` → logit `(1,)`, or a flattened map of logits with `d_head` map."""
    stack = Stack(picture.shape)
    stack.block("Class")
    stack.join_class(picture.n_classes)
    for i, width in enumerate(widths):
        stack.block(f"Block {i + 1}")
        stack.conv(width, kernel=4, stride=2, padding=1)
        if model.d_norm == "batch" and (i > 0 or model.d_norm_first):
            stack.batch_norm()
        stack.dropout(model.d_dropout)
        stack.leaky_relu(model.leaky_slope)
    if model.d_head == "single":
        stack.block("Logit")
        stack.conv(1, kernel=stack.shape[1])
    else:
        stack.block("Logits")
        stack.conv(1, kernel=4)
    stack.flatten()
    return stack
