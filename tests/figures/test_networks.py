"""The picture of a network: each block is there once, in its player's colour."""

import pytest

from gan.config import ModelConfig
from gan.figures.colours import DISCRIMINATOR, GENERATED, GENERATOR, NEUTRAL
from gan.figures.networks import description, network_figure, network_stages
from gan.models.plan import MODELS, plan_pair


def planned(name="dcgan", size_px=32, **changes):
    config = ModelConfig(name=name, g_widths=None, d_widths=None, **changes)
    return plan_pair(config, img_channels=3, size_px=size_px, n_classes=10)


def texts(figure):
    return [a.text for a in figure.layout.annotations if a.text]


def test_a_generator_goes_from_z_to_the_picture():
    stages = network_stages(planned(), "g")
    assert [stage.title for stage in stages] == ["z", "Block 1", "Block 2", "Block 3", "Picture"]
    assert [stage.shape for stage in stages] == [
        (100,), (256, 4, 4), (128, 8, 8), (64, 16, 16), (3, 32, 32),
    ]  # fmt: skip
    assert [s.ink for s in stages] == [NEUTRAL, *[GENERATOR] * 3, GENERATED]


def test_a_discriminator_goes_from_the_picture_to_the_logit():
    stages = network_stages(planned(), "d")
    assert [stage.shape for stage in stages] == [
        (3, 32, 32), (64, 16, 16), (128, 8, 8), (256, 4, 4), (1, 1, 1),
    ]  # fmt: skip
    assert [s.ink for s in stages] == [NEUTRAL, *[DISCRIMINATOR] * 4]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("player", ["g", "d"])
@pytest.mark.parametrize("conditional", [False, True])
def test_every_layer_belongs_to_one_stage(name, player, conditional):
    pair = planned(name, conditional=conditional)
    plan = pair.generator if player == "g" else pair.discriminator
    drawn = [layer for stage in network_stages(pair, player) for layer in stage.layers]
    assert drawn == list(plan.layers)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("player", ["g", "d"])
@pytest.mark.parametrize("dark", [False, True])
def test_the_picture_says_titles_and_sizes(name, player, dark):
    pair = planned(name)
    figure = network_figure(pair, player, dark=dark)
    stages = network_stages(pair, player)
    words = " ".join(texts(figure))
    assert all(stage.title in words for stage in stages)
    assert "32×32" in words
    ink = GENERATOR if player == "g" else DISCRIMINATOR
    colours = {trace.line.color for trace in figure.data if trace.mode == "lines"}
    assert (ink.dark if dark else ink.light) in colours
    assert (ink.light if dark else ink.dark) not in colours


def test_larger_maps_are_higher_and_more_channels_thicker():
    figure = network_figure(planned(), "d")
    fronts = [
        (max(t.x) - min(t.x), max(t.y) - min(t.y))
        for t in figure.data
        if t.mode == "lines" and t.fillcolor.endswith("0.55)")
    ]
    thickness, height = zip(*fronts[:-1], strict=True)
    assert list(thickness) == sorted(thickness)
    assert list(height) == sorted(height, reverse=True)


def test_a_map_of_logits_is_drawn_as_a_map():
    stages = network_stages(planned(size_px=64, d_head="map"), "d")
    assert stages[-1].title == "Logits"
    assert stages[-1].shape == (1, 1, 1)
    config = ModelConfig(name="dcgan", g_widths=None, d_widths=(8, 8, 8), d_head="map")
    pair = plan_pair(config, img_channels=3, size_px=64)
    assert network_stages(pair, "d")[-1].shape == (1, 5, 5)


@pytest.mark.parametrize("player", ["g", "d"])
def test_what_goes_in_says_whether_a_class_goes_with_it(player):
    for conditional in (False, True):
        words = texts(network_figure(planned(conditional=conditional), player))
        assert any("+ class" in text for text in words) is conditional


def test_words_for_those_who_cannot_see_it():
    assert description(planned("upsample", 28), "g") == (
        "Generator, 843,267 parameters, from left to right: z (100 numbers), Block 1 (128 of 7×7), "
        "Block 2 (64 of 14×14), Picture (3 of 28×28)."
    )
