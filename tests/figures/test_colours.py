"""Colours can be read on both backgrounds and told apart by more than their hue."""

import itertools

import pytest

from gan.figures import colours
from gan.figures.colours import METRIC_INKS, contrast
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
