"""The flat list of settings: when one has a meaning, its range in words, its value by path."""

from typing import Any

import pytest
import torch

from gan.config import RunConfig
from gan.fields import FIELDS, FieldSpec, get_value
from gan.models.plan import MODELS, plan_pair
from gan.models.registry import build_pair
from gan.training.schedule import changes_rates, rate_factor

DEPENDENT = {path: spec for path, spec in FIELDS.items() if spec.when is not None}
BOUNDED = {"loss.gp_weight": 10.0}  # without which a critic is refused
BUILT = {"model.d_norm": "batch", "model.g_widths": None, "model.d_widths": [8, 12]}
OTHER_VALUES: dict[str, Any] = {
    "model.g_activation": "relu",
    "model.leaky_slope": 0.3,
    "model.g_norm_first": True,
    "model.g_norm_place": "after",
    "model.d_norm": "none",
    "model.d_norm_first": True,
    "model.d_dropout": 0.4,
    "model.d_head": "map",
}


@pytest.mark.parametrize("spec", DEPENDENT.values(), ids=DEPENDENT)
def test_a_setting_applies_for_the_named_values_of_its_sibling_and_no_others(
    spec: FieldSpec,
) -> None:
    assert spec.when is not None
    path, values = spec.when
    sibling = FIELDS[path]
    assert path.split(".")[0] == spec.path.split(".")[0] and path != spec.path
    assert sibling.when is None  # or a chain would have to be followed
    assert set(values) <= set(sibling.choices)
    applies = {
        value
        for value in sibling.choices
        if spec.applies_to(RunConfig().with_changes(BOUNDED | {path: value}))
    }
    assert applies == set(values)


def test_a_setting_without_a_condition_always_applies() -> None:
    free = [spec for spec in FIELDS.values() if spec.when is None]
    configs = [RunConfig(), RunConfig().with_changes({"model.name": "resnet", "g_opt.name": "sgd"})]
    assert free and all(spec.applies_to(config) for spec in free for config in configs)


def test_the_optimisers_ask_their_own_name() -> None:
    config = RunConfig().with_changes({"g_opt.name": "sgd", "d_opt.name": "adam"})
    names = ("g_opt.momentum", "d_opt.momentum", "g_opt.beta1", "d_opt.beta1")
    assert [FIELDS[name].applies_to(config) for name in names] == [True, False, False, True]


def test_every_condition_on_the_architecture_is_tried_below() -> None:
    assert {p for p in DEPENDENT if p.startswith("model.")} == set(OTHER_VALUES)


@pytest.mark.parametrize("architecture", MODELS)
@pytest.mark.parametrize("path", OTHER_VALUES)
def test_a_setting_applies_exactly_where_it_makes_other_networks(
    path: str, architecture: str
) -> None:
    """As plans, which pages draw, and as modules, which are trained."""
    config = RunConfig().with_changes(BUILT | {"model.name": architecture})
    changed = config.with_changes({path: OTHER_VALUES[path]})
    assert get_value(changed, path) != get_value(config, path)
    seen = []
    for model in (config.model, changed.model):
        with torch.random.fork_rng(devices=[]):
            seen.append(repr(build_pair(model, img_channels=1, size_px=32)))
    assert (seen[0] != seen[1]) == FIELDS[path].applies_to(config)
    plans = [plan_pair(m, img_channels=1, size_px=32) for m in (config.model, changed.model)]
    assert (plans[0] != plans[1]) == FIELDS[path].applies_to(config)


@pytest.mark.parametrize("schedule", FIELDS["train.lr_schedule"].choices)
def test_the_rate_at_the_end_applies_where_rates_fall(schedule: str) -> None:
    config = RunConfig().with_changes({"train.lr_schedule": schedule})
    other = config.with_changes({"train.lr_final": 0.5})
    applies = FIELDS["train.lr_final"].applies_to(config)
    assert (rate_factor(config.train, 9, 10) != rate_factor(other.train, 9, 10)) == applies
    assert changes_rates(config.train) == applies


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("train.batch_size", "from 2, up to 8192"),
        ("model.leaky_slope", "from 0, below 1"),
        ("loss.real_label", "above 0.5, up to 1"),
        ("data.n_images", "from 2"),
        ("data.dataset", ""),
    ],
)
def test_the_range_in_words(path: str, text: str) -> None:
    assert FIELDS[path].range_text == text


def test_values_are_found_by_path() -> None:
    config = RunConfig().with_changes({"train.batch_size": 64, "d_opt.lr": 1e-3})
    assert get_value(config, "train.batch_size") == 64
    assert get_value(config, "d_opt.lr") == 1e-3
    assert get_value(config, "recipe") == "custom"
    with pytest.raises(AttributeError):
        get_value(config, "train.no_such")


def test_a_setting_says_when_a_change_takes_effect() -> None:
    assert FIELDS["g_opt.lr"].applies_text == "can change while training"
    assert FIELDS["train.batch_size"].applies_text == "needs a new run"
