"""The plan of a pair against the modules built from it, and the settings that it refuses."""

import itertools
import subprocess
import sys

import pytest
import torch

from gan.config import ModelConfig
from gan.errors import ConfigError, UnknownNameError
from gan.models.layers import LayerPlan
from gan.models.plan import MODELS, fitting_widths, plan_pair
from gan.models.registry import build_pair, n_parameters

SIZES = {8: 1, 16: 2, 28: 2, 32: 3, 48: 3, 64: 4, 128: 5}
N_CLASSES = 3


def tiny(name, n_blocks, **changes):
    """A pair of few channels with as many blocks as a size has halvings."""
    narrow = (4, 3, 3, 2, 2)[:n_blocks]
    return ModelConfig(name=name, latent_dim=5, g_widths=narrow, d_widths=narrow, **changes)


def shapes_and_modules(network, plan, x, labels=None):
    """Run x through and return (planned shape, real shape) of every planned layer."""
    seen = []
    hooks = [
        layer.register_forward_hook(lambda _m, _i, out: seen.append(tuple(out.shape[1:])))
        for layer in network.layers
    ]
    with torch.no_grad():
        out = network(x, labels)
    for hook in hooks:
        hook.remove()
    return [layer.out_shape for layer in plan.layers], seen, out


def check_pair(config, channels, size):
    plan = plan_pair(config, img_channels=channels, size_px=size, n_classes=N_CLASSES)
    pair = build_pair(config, img_channels=channels, size_px=size, n_classes=N_CLASSES)
    labels = torch.tensor([0, 2]) if config.conditional else None
    planned, real, images = shapes_and_modules(
        pair[0], plan.generator, torch.randn(2, config.latent_dim), labels
    )
    assert planned == real
    assert images.shape == (2, channels, size, size)
    assert images.abs().max() <= 1.0
    planned, real, logits = shapes_and_modules(pair[1], plan.discriminator, images, labels)
    assert planned == real
    assert logits.shape == (2, *plan.discriminator.out_shape)
    for network, planned_network in zip(pair, (plan.generator, plan.discriminator), strict=True):
        assert n_parameters(network) == planned_network.n_parameters
        for layer, planned_layer in zip(network.layers, planned_network.layers, strict=True):
            assert n_parameters(layer) == planned_layer.n_parameters


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("size", SIZES)
def test_plan_equals_the_modules_at_every_size(name, size):
    for channels in (1, 3):
        check_pair(tiny(name, SIZES[size]), channels, size)


@pytest.mark.parametrize("name", MODELS)
def test_plan_equals_the_modules_with_every_setting(name):
    styles = (
        {},
        {"g_norm": "none", "d_dropout": 0.4},
        {"g_norm_place": "after", "g_norm_first": True, "d_norm": "batch"},
        {"g_activation": "relu", "d_norm": "batch", "d_norm_first": True, "d_dropout": 0.4},
    )
    for conditional, spectral_norm, style in itertools.product(
        (False, True), (False, True), styles
    ):
        config = tiny(name, 2, conditional=conditional, spectral_norm=spectral_norm, **style)
        check_pair(config, 3, 8)


@pytest.mark.parametrize(("size", "n_blocks", "n"), [(64, 3, 25), (32, 3, 1), (28, 2, 16)])
def test_a_map_of_logits_has_one_for_each_place(size, n_blocks, n):
    config = tiny("dcgan", n_blocks, d_head="map").model_copy(update={"g_widths": None})
    plan = plan_pair(config, img_channels=1, size_px=size)
    assert plan.discriminator.out_shape == (n,)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("size", [8, 12, 20, 28, 32, 48, 50, 64, 96, 100, 128])
def test_empty_widths_fit_every_even_size(name, size):
    config = ModelConfig(name=name, g_widths=None, d_widths=None)
    plan = plan_pair(config, img_channels=3, size_px=size)
    assert plan.generator.out_shape == (3, size, size)
    g_widths, d_widths = fitting_widths(name, size)
    explicit = ModelConfig(name=name, g_widths=g_widths, d_widths=d_widths)
    assert plan == plan_pair(explicit, img_channels=3, size_px=size)


def test_the_published_widths_are_the_chosen_ones():
    assert fitting_widths("mlp", 28) == ((128, 256, 512, 1024), (512, 256))
    assert fitting_widths("upsample", 28) == ((128, 64), (64, 128))
    assert fitting_widths("dcgan", 32) == ((256, 128, 64), (64, 128, 256))
    assert fitting_widths("dcgan", 64) == ((512, 256, 128, 64), (64, 128, 256, 512))


def test_fully_connected_networks_take_odd_sizes():
    plan = plan_pair(ModelConfig(), img_channels=1, size_px=45)
    assert plan.generator.out_shape == (1, 45, 45)


@pytest.mark.parametrize(
    ("settings", "size", "sentence"),
    [
        (
            {"name": "dcgan", "g_widths": (8, 8, 8, 8)}, 28,
            "model.g_widths has 4 blocks, and a 28 px picture can be halved only twice "
            "(7, 14, 28): give at most 2 widths such as 128,64, or leave it empty.",
        ),
        (
            {"name": "resnet", "g_widths": (8,), "d_widths": (8, 8, 8)}, 28,
            "model.d_widths has 3 blocks, and a 28 px picture can be halved only twice "
            "(7, 14, 28): give at most 2 widths such as 32,64, or leave it empty.",
        ),
        (
            {"name": "dcgan", "g_widths": (8, 8), "d_widths": (8,) * 4}, 10,
            "model.g_widths has 2 blocks, and a 10 px picture can be halved only once "
            "(5, 10): give at most 1 width such as 64, or leave it empty.",
        ),
        (
            {"name": "upsample", "g_widths": (8,), "d_widths": (8,) * 4}, 8,
            "model.d_widths has 4 blocks, and a 8 px picture can be halved only 3 times "
            "(1, 2, 4, 8): give at most 3 widths such as 64, or leave it empty.",
        ),
        (
            {"name": "dcgan", "g_widths": (8,), "d_widths": (8, 8, 8), "d_head": "map"}, 28,
            "model.d_head is map, whose 4×4 windows do not fit on the 3×3 map that 3 blocks of "
            "model.d_widths leave of a 28 px picture: give at most 2 widths such as 64,128, or "
            "make model.d_head single.",
        ),
        (
            {"name": "upsample", "g_widths": None}, 45,
            "model.name is upsample, whose generator doubles its map, and a 45 px picture cannot "
            "be halved: set data.size_px to 40 or 48, or model.name to mlp.",
        ),
        (
            {"conditional": True}, 28,
            "model.conditional is on, which needs at least 2 classes, and these data have none: "
            "turn it off, or choose data with classes.",
        ),
        (
            {"g_widths": (8192,) * 9}, 28,
            "model.g_widths 8192,8192,8192,8192,8192,8192,8192,8192,8192 makes a generator of 544 "
            "million numbers, and 500 million is the most: give narrower widths, or leave it "
            "empty.",
        ),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_in_a_sentence(settings, size, sentence):
    with pytest.raises(ConfigError) as caught:
        plan_pair(ModelConfig(**settings), img_channels=1, size_px=size)
    assert str(caught.value) == sentence


def test_one_class_is_nothing_to_choose_from():
    with pytest.raises(ConfigError, match="and there are 1:"):
        plan_pair(ModelConfig(conditional=True), img_channels=1, size_px=8, n_classes=1)


def test_unknown_architectures_are_told_the_known_ones():
    with pytest.raises(UnknownNameError, match="mlp, dcgan, upsample, resnet"):
        plan_pair(ModelConfig().model_copy(update={"name": "x"}), img_channels=1, size_px=8)
    with pytest.raises(UnknownNameError, match="mlp, dcgan, upsample, resnet"):
        fitting_widths("x", 8)


def test_every_block_and_row_is_there_once():
    plan = plan_pair(tiny("resnet", 2), img_channels=3, size_px=16).generator
    assert [title for title, _ in plan.blocks()] == ["Start", "Block 1", "Block 2", "Picture"]
    assert sum(len(layers) for _, layers in plan.blocks()) == len(plan.layers)
    rows = list(plan.rows())
    outermost = [layer for layer, way in rows if not way]
    assert tuple(outermost) == plan.layers
    inside = [layer.n_parameters for layer, way in rows if way]
    sums = [layer.n_parameters for layer in outermost if layer.kind == "residual"]
    assert sum(inside) == sum(sums)
    assert all(isinstance(layer, LayerPlan) and layer.title and layer.meaning for layer, _ in rows)


def test_planning_needs_no_torch():
    code = "import gan.models.plan, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
