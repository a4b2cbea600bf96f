"""Values as people type them, and the command line that repeats a design."""

import pytest

from gan.comparing.command import (
    Wish,
    design_from,
    repeat_command,
    repeat_words,
    seeds_from,
)
from gan.comparing.design import Budget, ComparisonDesign, Factor, Option, may_vary
from gan.comparing.presets import PRESETS, other_data
from gan.comparing.values import SUBJECTS, factor_from, get_subject, subject_of, text_of
from gan.config import RunConfig
from gan.errors import ConfigError
from gan.fields import FIELDS


def test_values_become_options_of_their_kind():
    rates = factor_from("both.lr", "0.001, 2e-4,")
    assert [o.changes for o in rates.options] == [
        {"g_opt.lr": 0.001, "d_opt.lr": 0.001},
        {"g_opt.lr": 0.0002, "d_opt.lr": 0.0002},
    ]
    assert [o.label for o in rates.options] == ["0.001", "2e-4"]
    assert rates.title == "Learning rate of both networks"
    widths = factor_from("model.g_widths", "128,256; 64")
    assert [o.changes["model.g_widths"] for o in widths.options] == [[128, 256], [64]]
    assert factor_from("model.g_widths", "none; 8").options[0].changes == {"model.g_widths": None}
    flags = factor_from("train.ema", "yes, no")
    assert [o.changes["train.ema"] for o in flags.options] == [True, False]


def test_an_optimiser_may_bring_its_own_rate_and_settings():
    factor = factor_from("both.optimizer", "SGD:sgd@0.1, adam@0.001+beta1=0.9")
    sgd, adam = factor.options
    assert sgd == Option(
        label="SGD",
        changes={"g_opt.name": "sgd", "d_opt.name": "sgd", "g_opt.lr": 0.1, "d_opt.lr": 0.1},
    )
    assert adam.label == "adam 0.001"
    assert adam.changes["d_opt.beta1"] == 0.9
    assert subject_of(factor) == get_subject("both.name")
    assert factor_from("g_opt.name", "sgd@0.1").options[0].changes == {
        "g_opt.name": "sgd", "g_opt.lr": 0.1
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "text", "complaint"),
    [
        ("train.batch_size", "32, many", r"Batch size: 'many' is not a whole number\."),
        ("g_opt.name", "adam, adamant", r"'adamant' is not one of adam, .*muon"),
        ("both.name", "sgd+speed=1", r"'speed', which is no setting"),
        ("both.lr", " , ", r"has no values: give at least two"),
        ("g_opt.rate", "1", r"Unknown setting to vary 'g_opt\.rate': .*g_opt\.lr"),
        ("train.seed", "1, 2", r"Unknown setting to vary 'train\.seed'"),
        ("speed", "1", r"train\.…"),
    ],
)
def test_what_cannot_be_read_gets_one_sentence(key, text, complaint):
    with pytest.raises(ConfigError, match=complaint):
        factor_from(key, text)


def test_every_setting_that_can_be_varied_is_a_subject():
    paths = {path for subject in SUBJECTS.values() for path in subject.paths}
    assert paths == {path for path in FIELDS if may_vary(path)}
    assert all(get_subject(key) == subject for key, subject in SUBJECTS.items())


def test_seeds_are_a_number_or_a_list():
    assert seeds_from("3") == (0, 1, 2)
    assert seeds_from("4,7") == (4, 7)
    assert seeds_from("7,") == (7,)
    with pytest.raises(ConfigError, match="'some'"):
        seeds_from("some")


def again(design):
    """The design that the words of its command make."""
    words = repeat_words(design)
    assert "--design" not in words
    wish: dict = {"settings": [], "vary": []}
    if not words[0].startswith("--"):
        wish["preset"] = words.pop(0)
    for flag, value in zip(words[::2], words[1::2], strict=True):
        match flag:
            case "--set":
                wish["settings"].append(value)
            case "--vary":
                wish["vary"].append(value)
            case "--both":
                wish["vary"].append(f"both.{value}")
            case "--steps" | "--seconds":
                wish["budget"] = Budget(kind=flag[2:], amount=float(value))
            case "--quality-every":
                wish["quality_every"] = int(value)
            case "--goal":
                wish["goal"] = float(value)
            case _:
                wish[flag[2:]] = value
    return design_from(Wish(**wish))


@pytest.mark.parametrize("name", PRESETS)
def test_a_presets_command_makes_the_same_design_on_its_own_and_on_other_data(name):
    preset = PRESETS[name]
    for design in (preset.build(), preset.build(preset.stand_in_data)):
        assert again(design) == design
        for variant in design.variants:
            design.config(variant, 0)
    assert other_data(preset.build()) == ""
    assert other_data(preset.build(preset.stand_in_data)).startswith("Other data: Drawn ")
    assert all(f.variant in {v.key for v in preset.build().variants} for f in preset.published)


def test_any_design_is_repeated_by_its_command():
    base = RunConfig().with_changes({"train.batch_size": 64, "model.g_widths": [16, 8]})
    factors = (factor_from("both.name", "sgd@0.1,adam"), factor_from("model.d_widths", "8; 16,8"))
    design = ComparisonDesign(
        name="It's mine",
        base=base.model_dump(mode="json"),
        factors=factors,
        seeds=(5,),
        budget=Budget(kind="seconds", amount=2.5),
        goal=30.0,
    )
    assert again(design) == design
    assert text_of(factors[0]) == ("both.name", "sgd@0.1,adam")
    odd = Factor(
        title="Odd pair",
        options=tuple(
            Option(label=f"{n}", changes={"train.batch_size": n, "loss.name": loss})
            for n, loss in ((32, "bce"), (64, "hinge"))
        ),
    )
    raw = design.model_dump(mode="json") | {"factors": [odd.model_dump(mode="json")]}
    command = repeat_command(ComparisonDesign.parse(raw))
    assert "--design '{" in command


def test_a_wish_that_says_little_gets_defaults_and_one_that_says_nothing_a_sentence():
    design = design_from(Wish(recipe="vanilla-fashion", vary=("loss.name=bce,lsgan",)))
    assert design.seeds == (0, 1, 2)
    assert design.quality_every == design.budget.amount / 20
    assert design.name == "Loss (vanilla-fashion)"
    for wish, complaint in (
        (Wish(recipe="vanilla-fashion"), "Nothing is varied"),
        (Wish(preset="optimizers"), "optimizers-faces-32"),
        (Wish(vary=("loss.name",)), "varies nothing"),
        (Wish(settings=("lr=1",), vary=("loss.name=bce,hinge",)), "sets nothing"),
        (Wish(settings=("train.ema=perhaps",)), r"train\.ema: 'perhaps' is not yes or no"),
    ):
        with pytest.raises(ConfigError, match=complaint):
            design_from(wish)
