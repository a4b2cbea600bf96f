"""The configuration: validation, exact round trips, fields for forms and options, recipes."""

import json
import math

import pytest

import gan
from gan.config import RunConfig
from gan.errors import ConfigError, UnknownNameError
from gan.fields import FIELDS, get_value
from gan.recipes import RECIPES, get_recipe


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_round_trips_exactly_and_knows_its_name(name):
    config = RECIPES[name].build()
    assert RunConfig.from_json(config.to_json()) == config
    assert config.recipe == name
    assert json.loads(config.to_json())["schema_version"] == 1


def test_vanilla_fashion_is_what_its_source_says():
    config = get_recipe("vanilla-fashion").build()
    for opt in (config.g_opt, config.d_opt):
        assert (opt.name, opt.lr, opt.beta1, opt.beta2) == ("adam", 2e-4, 0.5, 0.999)
    assert (config.model.latent_dim, config.model.g_norm_eps) == (100, 0.8)
    assert (config.train.batch_size, config.train.epochs, config.train.d_steps) == (128, 200, 1)
    assert config.train.share_z and not config.train.drop_last
    assert config.train.planned_steps(469) == 93_800


def test_the_saturating_variant_differs_in_the_loss_alone():
    plain, other = (get_recipe(n).build() for n in ("vanilla-fashion", "vanilla-saturating"))
    different = [p for p in FIELDS if get_value(plain, p) != get_value(other, p)]
    assert different == ["loss.name"]


def test_unknown_recipes_list_the_known_ones():
    with pytest.raises(UnknownNameError, match="vanilla-fashion"):
        get_recipe("vanilla-fashoin")


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("train.batch_size", 1, "greater than or equal to 2"),
        ("g_opt.lr", 0.0, "greater than 0"),
        ("g_opt.lr", math.nan, "finite number"),
        ("d_opt.beta1", 1.0, "less than 1"),
        ("model.g_widths", [], "at least 1 item"),
        ("model.g_widths", [0], "greater than or equal to 1"),
        ("loss.name", "wgan-typo", "'bce' or 'minimax'"),
        ("train.device", "toaster", "should match pattern"),
        ("data.n_images", 1, "greater than or equal to 2"),
    ],
)
def test_a_wrong_value_is_refused_with_field_value_and_rule(path, value, rule):
    with pytest.raises(ConfigError) as caught:
        RunConfig().with_changes({path: value})
    assert path in str(caught.value)
    assert rule in str(caught.value)


def test_unknown_settings_and_versions_are_errors():
    with pytest.raises(ConfigError, match=r"train\.speed is not a setting"):
        RunConfig.parse({"train": {"speed": 3}})
    with pytest.raises(ConfigError, match=r"no setting .train\.speed."):
        RunConfig().with_changes({"train.speed": 3})
    with pytest.raises(ConfigError, match="schema_version"):
        RunConfig.parse({"schema_version": 99})
    with pytest.raises(ConfigError, match="not JSON"):
        RunConfig.from_json("{")


def test_a_run_without_any_checkpoint_is_refused():
    with pytest.raises(ConfigError, match="would lose the run"):
        RunConfig().with_changes({"output.checkpoint_interval_min": 0.0})


@pytest.mark.parametrize(
    ("changes", "steps_per_epoch", "expected"),
    [
        ({"train.epochs": 200}, 469, 93_800),
        ({"train.epochs": 5}, 469 / 5, 469),
        ({"train.epochs": 1}, 469 / 5, 94),
        ({"train.epochs": 0.001}, 469, 1),
        ({"train.n_steps": 7}, 469, 7),
    ],
)
def test_planned_steps(changes, steps_per_epoch, expected):
    assert RunConfig().with_changes(changes).train.planned_steps(steps_per_epoch) == expected


def test_every_field_says_what_it_is_and_defaults_match_the_model():
    default = RunConfig()
    assert len({spec.flag for spec in FIELDS.values()}) == len(FIELDS)
    for path, spec in FIELDS.items():
        assert spec.title and spec.help_text.endswith((".", ".)"))
        assert get_value(default, path) == spec.default


def test_configurations_are_frozen():
    with pytest.raises(Exception, match="frozen"):
        RunConfig().train.batch_size = 3


def test_import_gan_offers_what_it_names():
    assert all(getattr(gan, name) is not None for name in gan.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        gan.nonsense  # noqa: B018
