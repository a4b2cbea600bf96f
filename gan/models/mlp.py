"""The fully connected pair: every unit sees all units of the layer before.

Maths layer, free of torch: plans, which `gan.models.network` turns into modules.

Source: Goodfellow et al., Generative Adversarial Nets, 2014 (arXiv:1406.2661), in its widely
taught form with LeakyReLU and BatchNorm.
"""

from collections.abc import Sequence
from math import prod

from gan.config import ModelConfig
from gan.models.layers import Picture, Stack, norm_and_activation


def mlp_generator(model: ModelConfig, widths: Sequence[int], picture: Picture) -> Stack:
    """Plan z `(latent_dim,)` → picture `(C, H, W)` in [-1, 1]."""
    stack = Stack((model.latent_dim,))
    stack.block("z")
    stack.join_class(picture.n_classes)
    for i, width in enumerate(widths):
        stack.block(f"Block {i + 1}")
        stack.linear(width)
        norm_and_activation(stack, model, is_first=i == 0)
    stack.block("Picture")
    stack.linear(prod(picture.shape))
    stack.tanh()
    stack.reshape(picture.shape)
    return stack


def mlp_discriminator(model: ModelConfig, widths: Sequence[int], picture: Picture) -> Stack:
    """Plan picture `(C, H, W)` → logit `(1,)`."""
    stack = Stack(picture.shape)
    stack.block("Row")
    stack.flatten()
    stack.join_class(picture.n_classes)
    for i, width in enumerate(widths):
        stack.block(f"Block {i + 1}")
        stack.linear(width)
        if model.d_norm == "batch" and (i > 0 or model.d_norm_first):
            stack.batch_norm()
        stack.leaky_relu(model.leaky_slope)
        stack.dropout(model.d_dropout)
    stack.block("Logit")
    stack.linear(1)
    return stack
