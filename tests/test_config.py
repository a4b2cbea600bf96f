"""The configuration: validation, exact round trips, fields for forms and options, recipes."""

import json
import math
import re

import pytest

import gan
from gan.config import HYPERPARAMETERS, RunConfig
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
        ("loss.name", "wgan-typo", "'hinge' or 'relativistic'"),
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
        of_optimiser = path.startswith(("g_opt.", "d_opt.")) and spec.default is None
        assert of_optimiser or get_value(default, path) == spec.default


@pytest.mark.parametrize("name", HYPERPARAMETERS)
def test_an_optimiser_has_its_own_hyperparameters_and_no_others(name):
    own = HYPERPARAMETERS[name]
    config = RunConfig().with_changes({"g_opt.name": name})
    assert config.g_opt.model_dump() == {"name": name, **own}
    assert RunConfig.from_json(config.to_json()) == config
    shown = {
        spec.path.removeprefix("g_opt.")
        for spec in FIELDS.values()
        if spec.path.startswith("g_opt.") and spec.applies_to(config)
    }
    assert shown == {"name", *own}
    for stranger in {"momentum", "beta1", "rho"} - set(own):
        with pytest.raises(ConfigError, match=rf"g_opt\.{stranger} is 0\.9, and {name} has no"):
            config.with_changes({f"g_opt.{stranger}": 0.9})


def test_another_optimiser_comes_with_its_own_rate_unless_one_is_given():
    config = get_recipe("vanilla-fashion").build()
    assert config.with_changes({"d_opt.name": "sgd"}).d_opt.lr == 0.01
    assert config.with_changes({"d_opt.lr": 0.3, "d_opt.name": "sgd"}).d_opt.lr == 0.3
    assert config.with_changes({"d_opt.name": "adam"}) == config


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"g_opt.name": "sgd", "g_opt.nesterov": True}, "nesterov is on without momentum"),
        ({"loss.name": "wasserstein"}, "nothing that bounds the critic"),
        ({"loss.name": "hinge", "loss.real_label": 0.9}, "real_label is 0.9, and hinge has no"),
        ({"loss.name": "hinge", "loss.label_flip": 0.1}, "label_flip is 0.1, and hinge has no"),
        (
            {"loss.name": "relativistic", "train.separate_d_updates": True},
            "relativistic needs real and generated",
        ),
        ({"loss.r1_gamma": 1.0, "train.separate_d_updates": True}, "penalties belong to one"),
        ({"train.order": "g-first"}, "turn train.share_z off"),
        ({"train.order": "simultaneous", "train.d_steps": 2}, "d_steps is 2: make it 1"),
        ({"train.order": "simultaneous", "train.share_z": False}, "share_z is off: turn it on"),
        ({"train.order": "simultaneous", "train.idle_mode": "eval"}, "make it train"),
        ({"train.half_batch": True}, "turn train.share_z off"),
        (
            {"train.half_batch": True, "train.share_z": False, "train.batch_size": 7},
            "batch_size is 7",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused_in_one_sentence(changes, complaint):
    with pytest.raises(ConfigError, match=re.escape(complaint)) as caught:
        RunConfig().with_changes(changes)
    assert str(caught.value).count(". ") == 0


@pytest.mark.parametrize(
    "bound", [{"loss.gp_weight": 10}, {"loss.weight_clip": 0.01}, {"model.spectral_norm": True}]
)
def test_a_bounded_critic_is_fine(bound):
    RunConfig().with_changes({"loss.name": "wasserstein", **bound})


def test_recipes_are_what_their_tables_say():
    """What recipes fix beyond their networks, whose parameters tests/models counts."""
    twin = get_recipe("vanilla-fashion-tf").build()
    assert (twin.train.order, twin.train.full_fakes, twin.g_opt.eps) == ("simultaneous", True, 1e-7)
    assert (twin.model.init, twin.model.g_norm_momentum) == ("he-uniform", 0.9)
    linear = get_recipe("linear-mnist").build()
    assert (linear.train.order, linear.train.idle_mode) == ("g-first", "eval")
    assert not linear.train.share_z
    upsample = get_recipe("upsample-mnist").build()
    assert upsample.loss.real_label == 0.9
    assert (upsample.train.real_batch_size, upsample.train.batch_size) == (128, 256)
    assert upsample.train.planned_steps(469) == 50 * 235
    assert (upsample.train.sampling, upsample.train.idle_mode) == ("replacement", "eval")
    assert upsample.train.separate_d_updates and upsample.output.n_samples == 100
    assert (upsample.model.g_norm_eps, upsample.model.g_norm_momentum) == (1e-3, 0.01)
    faces = get_recipe("optimizers-faces-32").build()
    assert (faces.train.planned_steps(156), faces.train.batch_size) == (5_000, 32)
    assert faces.train.separate_d_updates and faces.data.n_images == 5_000
    assert faces.model.g_norm_place == "after"
    for name in ("dcgan-32", "dcgan-faces-64"):
        config = get_recipe(name).build()
        assert (config.model.init, config.g_opt.lr, config.g_opt.beta1) == ("dcgan", 2e-4, 0.5)
    assert get_recipe("dcgan-32").build().train.share_z
    assert get_recipe("dcgan-faces-64").build().model.d_head == "map"


def test_configurations_are_frozen():
    with pytest.raises(Exception, match="frozen"):
        RunConfig().train.batch_size = 3


def test_import_gan_offers_what_it_names():
    assert all(getattr(gan, name) is not None for name in gan.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        gan.nonsense  # noqa: B018
