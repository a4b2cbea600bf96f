"""First weights: their bounds, deviations and biases."""

import math

import pytest
import torch
from torch import nn

from gan.config import ModelConfig
from gan.errors import UnknownNameError
from gan.models.initial import INITS, initialise
from gan.models.registry import build_pair

LAYERS = {
    "linear": (nn.Linear, (60, 90), {}, 60, 90),
    "conv": (nn.Conv2d, (6, 9), {"kernel_size": 5}, 6 * 25, 9 * 25),
    # Keras keeps a transposed kernel as (height, width, out, in), so that its fans change places.
    "transposed": (nn.ConvTranspose2d, (6, 9), {"kernel_size": 5}, 9 * 25, 6 * 25),
}


def made(kind, name):
    torch.manual_seed(0)
    module, args, kwargs, fan_in, fan_out = LAYERS[kind]
    layer = module(*args, **kwargs)
    initialise(layer, name)
    return layer, fan_in, fan_out


def is_uniform(weight, bound):
    assert weight.abs().max() <= bound
    assert weight.abs().max() > 0.97 * bound
    assert weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.06)
    assert weight.mean().item() == pytest.approx(0.0, abs=0.1 * bound)


@pytest.mark.parametrize("kind", LAYERS)
def test_he_uniform(kind):
    layer, fan_in, _ = made(kind, "he-uniform")
    is_uniform(layer.weight, math.sqrt(6 / fan_in))
    assert not layer.bias.any()


@pytest.mark.parametrize("kind", LAYERS)
def test_glorot_uniform(kind):
    layer, fan_in, fan_out = made(kind, "glorot-uniform")
    is_uniform(layer.weight, math.sqrt(6 / (fan_in + fan_out)))
    assert not layer.bias.any()


@pytest.mark.parametrize("kind", LAYERS)
def test_dcgan(kind):
    layer, *_ = made(kind, "dcgan")
    assert layer.weight.std().item() == pytest.approx(0.02, rel=0.05)
    assert layer.weight.mean().item() == pytest.approx(0.0, abs=0.002)
    assert not layer.bias.any()


def test_batch_norm():
    torch.manual_seed(0)
    layer = nn.BatchNorm2d(4000)
    for name in ("torch", "he-uniform", "glorot-uniform"):
        initialise(layer, name)
        assert (layer.weight == 1).all()
    initialise(layer, "dcgan")
    assert layer.weight.mean().item() == pytest.approx(1.0, abs=0.002)
    assert layer.weight.std().item() == pytest.approx(0.02, rel=0.05)
    assert not layer.bias.any()


def test_torch_keeps_what_the_layers_drew():
    torch.manual_seed(0)
    layer = nn.Linear(5, 6)
    weight, bias = layer.weight.clone(), layer.bias.clone()
    initialise(layer, "torch")
    assert torch.equal(layer.weight, weight)
    assert torch.equal(layer.bias, bias)


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("name", ["mlp", "dcgan", "upsample", "resnet"])
def test_equal_seeds_make_equal_pairs(name, init):
    config = ModelConfig(name=name, g_widths=(6,), d_widths=(6,), init=init)
    pairs = []
    for _ in range(2):
        torch.manual_seed(7)
        pairs.append(build_pair(config, img_channels=1, size_px=8))
    for first, second in zip(*pairs, strict=True):
        for a, b in zip(first.parameters(), second.parameters(), strict=True):
            assert torch.equal(a, b)


def test_both_networks_begin_in_the_way_asked_for():
    torch.manual_seed(0)
    config = ModelConfig(init="he-uniform")
    for network in build_pair(config, img_channels=1, size_px=28):
        for layer in network.modules():
            if isinstance(layer, nn.Linear):
                bound = math.sqrt(6 / layer.in_features)
                assert 0.9 * bound < layer.weight.abs().max() <= bound
                assert not layer.bias.any()


def test_unknown_ways_are_told_the_known_ones():
    with pytest.raises(UnknownNameError, match="torch, dcgan, he-uniform, glorot-uniform"):
        initialise(nn.Linear(1, 1), "zeros")
