"""The fully connected networks against recipes.md's `vanilla-fashion`, counted by hand."""

import pytest
import torch
from torch import nn

import gan
from gan.config import ModelConfig
from gan.models.registry import MODELS, build_pair, n_parameters, uses_batch_statistics


@pytest.fixture
def vanilla():
    return build_pair(gan.get_recipe("vanilla-fashion").build().model, img_channels=1, size_px=28)


def test_parameter_counts_of_vanilla_fashion(vanilla):
    generator, discriminator = vanilla
    linear = lambda n_in, n_out: n_in * n_out + n_out  # noqa: E731
    norm = 2 * (256 + 512 + 1024)
    by_hand = (
        linear(100, 128) + linear(128, 256) + linear(256, 512) + linear(512, 1024)
        + linear(1024, 784) + norm
    )  # fmt: skip
    assert n_parameters(generator) == by_hand == 1_510_032
    assert n_parameters(discriminator) == linear(784, 512) + linear(512, 256) + linear(256, 1)


def test_layer_order_of_vanilla_fashion(vanilla):
    generator, discriminator = vanilla
    kinds = [type(layer).__name__ for layer in generator.layers]
    block = ["Linear", "BatchNorm1d", "LeakyReLU"]
    assert kinds == ["Linear", "LeakyReLU", *block * 3, "Linear", "Tanh"]
    norms = [m for m in generator.modules() if isinstance(m, nn.BatchNorm1d)]
    assert [(m.eps, m.momentum) for m in norms] == [(0.8, 0.1)] * 3
    assert [m.negative_slope for m in generator.modules() if isinstance(m, nn.LeakyReLU)] == [
        0.2
    ] * 4
    assert [type(layer).__name__ for layer in discriminator.layers] == [
        "Linear", "LeakyReLU", "Linear", "LeakyReLU", "Linear",
    ]  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("channels", "size"), [(1, 8), (3, 16)])
def test_every_pair_maps_z_to_images_in_range_and_images_to_one_logit(name, channels, size):
    config = ModelConfig(name=name, latent_dim=5, g_widths=(8, 16), d_widths=(8,))
    generator, discriminator = build_pair(config, img_channels=channels, size_px=size)
    images = generator(torch.randn(4, 5))
    assert images.shape == (4, channels, size, size)
    assert images.abs().max() <= 1.0
    assert discriminator(images).shape == (4, 1)


def test_batch_statistics_are_noticed(vanilla):
    generator, discriminator = vanilla
    assert uses_batch_statistics(generator)
    assert not uses_batch_statistics(discriminator)
