"""Colours can be read on both backgrounds and told apart by more than their hue."""

import itertools

import numpy as np
import pytest

from gan.comparing.design import MAX_VARIANTS
from gan.figures import colours
from gan.figures.colours import METRIC_INKS, VARIANT_INKS, contrast
from gan.keys import METRIC_KEYS

INKS = {
    name: getattr(colours, name)
    for name in ("REAL", "GENERATED", "DISCRIMINATOR", "GENERATOR", "NEUTRAL")
}
AA_TEXT = 4.5


def test_contrast_has_its_closed_form_values():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#777777") == pytest.approx(1.0)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("name", INKS)
def test_every_ink_reaches_aa_on_both_backgrounds(name):
    assert contrast(INKS[name].light, colours.LIGHT_BACKGROUND) >= AA_TEXT
    assert contrast(INKS[name].dark, colours.DARK_BACKGROUND) >= AA_TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_meanings_have_colours_of_their_own(theme):
    used = [getattr(ink, theme) for ink in INKS.values()]
    assert len(set(used)) == len(used)


def test_curves_of_one_chart_differ_in_colour_or_dash():
    for group in ("loss/", "score/", "logit/", "penalty/", "lr/", "grad/"):
        inks = [ink for key, ink in METRIC_INKS.items() if key.startswith(group)]
        for a, b in itertools.combinations(inks, 2):
            assert (a.light, a.dash) != (b.light, b.dash)


def test_inks_are_given_to_known_metrics_only():
    assert set(METRIC_INKS) <= set(METRIC_KEYS)


def test_every_variant_has_an_ink_of_its_own_that_can_be_read():
    assert len(VARIANT_INKS) >= MAX_VARIANTS
    assert len({(ink.light, ink.dash) for ink in VARIANT_INKS}) == len(VARIANT_INKS)
    for ink in VARIANT_INKS:
        assert contrast(ink.light, colours.LIGHT_BACKGROUND) >= AA_TEXT
        assert contrast(ink.dark, colours.DARK_BACKGROUND) >= AA_TEXT


# Machado, Oliveira and Fernandes, A physiologically-based model for simulation of color vision
# deficiency, 2009: linear RGB as seen without red and without green cones.
EYES = {
    "usual": np.eye(3),
    "protan": np.asarray(
        [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]
    ),
    "deutan": np.asarray(
        [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]
    ),
}


def perceived(colour: str, eyes: str) -> np.ndarray:
    """A colour in Oklab (Ottosson, 2020), where equal distances look equally different."""
    rgb = np.asarray([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(EYES[eyes] @ linear, 0, 1)
    to_lms = [[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]
    to_lab = [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]
    return np.asarray(to_lab) @ np.cbrt(np.asarray(to_lms) @ seen)


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_variants_drawn_alike_are_told_apart_by_all_eyes(theme, eyes):
    """0.02 is just noticed side by side; the first four variants are much farther apart."""
    for a, b in itertools.combinations(VARIANT_INKS, 2):
        if a.dash == b.dash:
            colours_ab = [perceived(getattr(ink, theme), eyes) for ink in (a, b)]
            least = 0.11 if a in VARIANT_INKS[:4] else 0.05
            assert np.linalg.norm(colours_ab[0] - colours_ab[1]) > least


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_variant_is_not_taken_for_a_network_or_for_data(theme):
    for ink in VARIANT_INKS:
        for meaning in ("REAL", "GENERATED", "DISCRIMINATOR", "GENERATOR"):
            pair = (getattr(ink, theme), getattr(INKS[meaning], theme))
            a, b = (perceived(colour, "usual") for colour in pair)
            assert np.linalg.norm(a - b) > 0.06
