"""The networks of every published recipe, counted by hand."""

import pytest
from torch import nn

from gan.config import ModelConfig
from gan.models.plan import plan_pair
from gan.models.registry import build_pair, n_parameters
from gan.recipes import get_recipe


def linear(n_in, n_out):
    return n_in * n_out + n_out


def conv(n_in, n_out, kernel):
    """The same for a transposed convolution: one weight a pair of channels and pixel."""
    return n_in * n_out * kernel * kernel + n_out


def norm(*widths):
    return 2 * sum(widths)


VANILLA = get_recipe("vanilla-fashion").build().model
DCGAN_32 = ModelConfig(
    name="dcgan", g_widths=(256, 128, 64), d_widths=(64, 128, 256), g_activation="relu",
    g_norm_first=True, d_norm="batch", d_norm_first=True, d_dropout=0.3, init="dcgan",
)  # fmt: skip
OPTIMIZERS_FACES = ModelConfig(
    g_widths=(256, 512, 1024), d_widths=(512, 256), g_norm_first=True, g_norm_place="after"
)
LINEAR_MNIST = ModelConfig(g_widths=(32, 64, 128), d_widths=(128, 64, 32), g_norm_first=True)
DCGAN_FACES = ModelConfig(
    name="dcgan", g_widths=(1024, 512, 256, 128), d_widths=(128, 256, 512), g_activation="relu",
    d_norm="batch", d_norm_first=True, d_head="map",
)  # fmt: skip
UPSAMPLE_MNIST = ModelConfig(
    name="upsample", g_widths=(128, 64), d_widths=(64, 128), g_norm_first=True,
    g_norm_place="after", g_norm_eps=1e-3, g_norm_momentum=0.01, init="glorot-uniform",
)  # fmt: skip


def build(config, channels, size):
    return build_pair(config, img_channels=channels, size_px=size)


def kinds(sequence):
    return [type(layer).__name__ for layer in sequence]


def test_vanilla_fashion():
    generator, discriminator = build(VANILLA, 1, 28)
    assert n_parameters(generator) == 1_510_032 == (
        linear(100, 128) + linear(128, 256) + linear(256, 512) + linear(512, 1024)
        + linear(1024, 28 * 28) + norm(256, 512, 1024)
    )  # fmt: skip
    assert n_parameters(discriminator) == 533_505 == (
        linear(28 * 28, 512) + linear(512, 256) + linear(256, 1)
    )  # fmt: skip
    block = ["Linear", "BatchNorm1d", "LeakyReLU"]
    assert kinds(generator.layers) == [
        "Linear", "LeakyReLU", *block * 3, "Linear", "Tanh", "Reshape",
    ]  # fmt: skip
    assert kinds(discriminator.layers) == [
        "Flatten", "Linear", "LeakyReLU", "Linear", "LeakyReLU", "Linear",
    ]  # fmt: skip
    norms = [m for m in generator.modules() if isinstance(m, nn.BatchNorm1d)]
    assert [(m.eps, m.momentum) for m in norms] == [(0.8, 0.1)] * 3
    slopes = [m.negative_slope for m in generator.modules() if isinstance(m, nn.LeakyReLU)]
    assert slopes == [0.2] * 4


def test_dcgan_32():
    generator, discriminator = build(DCGAN_32, 3, 32)
    assert n_parameters(generator) == 1_069_379 == (
        conv(100, 256, 4) + conv(256, 128, 4) + conv(128, 64, 4) + conv(64, 3, 4)
        + norm(256, 128, 64)
    )  # fmt: skip
    assert n_parameters(discriminator) == 663_873 == (
        conv(3, 64, 4) + conv(64, 128, 4) + conv(128, 256, 4) + norm(64, 128, 256)
        + conv(256, 1, 4)
    )  # fmt: skip
    up = ["ConvTranspose2d", "BatchNorm2d", "ReLU"]
    assert kinds(generator.layers) == ["Reshape", *up * 3, "ConvTranspose2d", "Tanh"]
    down = ["Conv2d", "BatchNorm2d", "Dropout", "LeakyReLU"]
    assert kinds(discriminator.layers) == [*down * 3, "Conv2d", "Flatten"]


def test_optimizers_faces_32():
    generator, discriminator = build(OPTIMIZERS_FACES, 3, 32)
    assert n_parameters(generator) == 3_835_136 == (
        linear(100, 256) + linear(256, 512) + linear(512, 1024) + linear(1024, 3 * 32 * 32)
        + norm(256, 512, 1024)
    )  # fmt: skip
    assert n_parameters(discriminator) == 1_704_961 == (
        linear(3 * 32 * 32, 512) + linear(512, 256) + linear(256, 1)
    )  # fmt: skip
    block = ["Linear", "LeakyReLU", "BatchNorm1d"]
    assert kinds(generator.layers) == [*block * 3, "Linear", "Tanh", "Reshape"]


def test_linear_mnist():
    generator, discriminator = build(LINEAR_MNIST, 1, 28)
    assert n_parameters(generator) == 115_248 == (
        linear(100, 32) + linear(32, 64) + linear(64, 128) + linear(128, 784) + norm(32, 64, 128)
    )  # fmt: skip
    assert n_parameters(discriminator) == 110_849 == (
        linear(784, 128) + linear(128, 64) + linear(64, 32) + linear(32, 1)
    )  # fmt: skip
    block = ["Linear", "BatchNorm1d", "LeakyReLU"]
    assert kinds(generator.layers) == [*block * 3, "Linear", "Tanh", "Reshape"]


def test_dcgan_faces_64():
    generator, discriminator = build(DCGAN_FACES, 3, 64)
    assert n_parameters(generator) == 12_658_307 == (
        conv(100, 1024, 4) + conv(1024, 512, 4) + conv(512, 256, 4) + conv(256, 128, 4)
        + conv(128, 3, 4) + norm(512, 256, 128)
    )  # fmt: skip
    assert n_parameters(discriminator) == 2_638_465 == (
        conv(3, 128, 4) + conv(128, 256, 4) + conv(256, 512, 4) + conv(512, 1, 4)
        + norm(128, 256, 512)
    )  # fmt: skip
    up = ["ConvTranspose2d", "BatchNorm2d", "ReLU"]
    assert kinds(generator.layers) == [
        "Reshape", "ConvTranspose2d", "ReLU", *up * 3, "ConvTranspose2d", "Tanh",
    ]  # fmt: skip
    maps = [
        plan.out_shape
        for plan in plan_pair(DCGAN_FACES, img_channels=3, size_px=64).generator.layers
        if plan.kind == "conv-transpose"
    ]
    assert [height for _, height, _ in maps] == [4, 8, 16, 32, 64]


def test_dcgan_faces_64_has_25_logits():
    plan = plan_pair(DCGAN_FACES, img_channels=3, size_px=64).discriminator
    assert [layer.out_shape for layer in plan.layers[-2:]] == [(1, 5, 5), (25,)]


def test_upsample_mnist():
    generator, discriminator = build(UPSAMPLE_MNIST, 1, 28)
    assert n_parameters(generator) == 840_321 == (
        linear(100, 7 * 7 * 128) + norm(128) + conv(128, 64, 5) + norm(64) + conv(64, 1, 5)
    )  # fmt: skip
    assert n_parameters(discriminator) == 212_865 == (
        conv(1, 64, 5) + conv(64, 128, 5) + linear(7 * 7 * 128, 1)
    )  # fmt: skip
    assert (conv(1, 64, 5), conv(64, 128, 5), linear(6272, 1)) == (1_664, 204_928, 6_273)
    assert kinds(generator.layers) == [
        "Linear", "Reshape", "LeakyReLU", "BatchNorm2d",
        "Upsample", "Conv2d", "LeakyReLU", "BatchNorm2d",
        "Upsample", "Conv2d", "Tanh",
    ]  # fmt: skip
    assert kinds(discriminator.layers) == [
        *["ZeroPad2d", "Conv2d", "LeakyReLU"] * 2, "Flatten", "Linear",
    ]  # fmt: skip
    norms = [m for m in generator.modules() if isinstance(m, nn.BatchNorm2d)]
    assert [(m.eps, m.momentum) for m in norms] == [(1e-3, 0.01)] * 2


@pytest.mark.parametrize("player", [0, 1])
def test_residual_networks_counted_by_hand(player):
    config = ModelConfig(name="resnet", g_widths=(32, 16), d_widths=(16, 32))
    by_hand = (
        linear(100, 32 * 8 * 8)
        + norm(32) + conv(32, 32, 3) + norm(32) + conv(32, 32, 3) + conv(32, 32, 1)
        + norm(32) + conv(32, 16, 3) + norm(16) + conv(16, 16, 3) + conv(32, 16, 1)
        + norm(16) + conv(16, 3, 3),
        conv(3, 16, 3) + conv(16, 16, 3) + conv(3, 16, 1)
        + conv(16, 32, 3) + conv(32, 32, 3) + conv(16, 32, 1)
        + linear(32, 1),
    )  # fmt: skip
    assert n_parameters(build(config, 3, 32)[player]) == by_hand[player]
