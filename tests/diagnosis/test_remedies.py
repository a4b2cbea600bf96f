"""Remedies: legal for every recipe, live where a worker can make them, never without effect."""

import pytest

from gan.diagnosis.catalog import FINDINGS
from gan.diagnosis.remedies import LIVE_NAMES, remedies
from gan.errors import UnknownNameError
from gan.fields import get_value
from gan.recipes import RECIPES
from gan.runs.commands import LIVE_FIELDS, live_values

TROUBLE = [info.name for info in FINDINGS.values() if info.severity == "trouble"]


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("name", FINDINGS)
def test_every_remedy_is_legal_and_changes_something(name, recipe):
    config = RECIPES[recipe].build()
    offers = remedies(name, config)
    assert bool(offers) == (FINDINGS[name].severity == "trouble")
    for remedy in offers:
        changed = config.with_changes(remedy.changes)
        assert all(get_value(config, path) != value for path, value in remedy.changes.items())
        assert changed != config
        assert remedy.label and remedy.why.endswith(".")
        live_values(remedy.live_values)  # refuses what a worker would refuse
        assert bool(remedy.live_values) == remedy.is_live


def test_live_names_are_those_of_the_set_command():
    assert all(LIVE_FIELDS[name].path == path for path, name in LIVE_NAMES.items())


def test_rates_follow_the_values_in_force():
    config = RECIPES["vanilla-fashion"].build()
    (first, *_) = remedies("d-too-strong", config, {"d_lr": 3e-5, "g_lr": 2e-4})
    assert first.is_live and first.changes == {"d_opt.lr": 1e-5}
    assert first.live_values == {"d_lr": 1e-5}


def test_the_saturating_loss_is_replaced():
    (first, *_) = remedies("vanishing-gradient", RECIPES["vanilla-saturating"].build())
    assert first.changes == {"loss.name": "bce"} and not first.is_live


def test_an_unknown_finding_is_refused():
    with pytest.raises(UnknownNameError, match="mode-collapse"):
        remedies("boredom", RECIPES["vanilla-fashion"].build())
