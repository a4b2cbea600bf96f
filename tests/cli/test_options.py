"""Options are made from the fields: each has one, and what it says arrives."""

import argparse
import json
from pathlib import Path

import pytest

from gan.cli.main import build_parser
from gan.cli.options import as_words, config_from, live_changes_from
from gan.config import RunConfig
from gan.errors import ConfigError
from gan.fields import FIELDS, FieldSpec, value_text
from gan.recipes import get_recipe
from gan.runs.commands import LIVE_FIELDS


def parse(*words: str) -> argparse.Namespace:
    return build_parser().parse_args(words)


def as_typed(spec: FieldSpec, value: object) -> list[str]:
    if spec.kind == "bool":
        return [spec.flag if value else spec.flag.replace("--", "--no-", 1)]
    return [spec.flag, value_text(value)]


@pytest.mark.parametrize("spec", FIELDS.values(), ids=lambda spec: spec.path)
def test_every_field_has_an_option_and_its_default_round_trips(spec: FieldSpec) -> None:
    value = True if spec.kind == "bool" and spec.default is None else spec.default
    words = as_typed(spec, value)
    given = getattr(parse("train", "vanilla-fashion", *words), spec.path)
    assert given == (list(value) if spec.kind == "widths" else value)
    assert hasattr(parse("measure", "vanilla-fashion", *words), spec.path)


def test_a_whole_configuration_round_trips_as_options() -> None:
    config = get_recipe("vanilla-fashion").build()
    odd = config.with_changes(
        {
            "data.n_images": 777,
            "data.folder": "/somewhere/else",
            "model.g_widths": [3, 5, 7],
            "g_opt.lr": 1.2345678901e-7,
            "train.ema": False,
            "train.drop_last": True,
            "train.n_steps": 9,
            "train.precision": "bfloat16",
            "output.max_steps_per_s": 0.1,
        }
    )
    other = config.with_changes({"g_opt.name": "sgd", "g_opt.momentum": 0.9})
    for expected in (config, odd, other):
        words = [part for group in as_words(expected).values() for w in group for part in w.split()]
        assert config_from(parse("train", "vanilla-saturating", *words)) == expected.with_changes(
            {"recipe": "vanilla-saturating"}
        )


def test_options_that_are_not_given_change_nothing() -> None:
    recipe = get_recipe("vanilla-fashion").build()
    assert config_from(parse("train", "vanilla-fashion")) == recipe
    assert live_changes_from(parse("resume", "x")) == {}


def test_a_configuration_file_is_a_start_like_a_recipe(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(RunConfig().to_json())
    assert config_from(parse("train", "--config", str(file), "--seed", "4")) == (
        RunConfig().with_changes({"train.seed": 4})
    )
    for words in ([], ["vanilla-fashion", "--config", str(file)]):
        with pytest.raises(ConfigError, match="either a recipe or"):
            config_from(parse("train", *words))
    with pytest.raises(ConfigError, match="cannot be read"):
        config_from(parse("train", "--config", str(tmp_path / "none.json")))
    file.write_text(json.dumps({"train": {"epochs": -1}}))
    with pytest.raises(ConfigError, match=r"train\.epochs is -1"):
        config_from(parse("train", "--config", str(file)))


def test_a_folder_is_kept_as_an_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = config_from(parse("train", "vanilla-fashion", "--folder", "images"))
    assert config.data.folder == str(tmp_path / "images")


def test_every_live_value_can_be_changed_on_resume() -> None:
    words = ["--g-lr", "1e-3", "--d-lr", "2e-3", "--max-steps-per-s", "none", "--n-steps", "50"]
    changes = live_changes_from(parse("resume", "x", *words))
    assert changes == {"g_lr": 1e-3, "d_lr": 2e-3, "max_steps_per_s": None, "n_steps": 50}
    assert set(changes) == set(LIVE_FIELDS)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--batch-size", "ten"], "--batch-size: 'ten' is not a whole number"),
        (["--g-lr", "fast"], "--g-lr: 'fast' is not a number"),
        (["--loss", "hinged"], "--loss: 'hinged' is not one of bce, minimax"),
        (["--g-widths", "64,,32"], "--g-widths: '64,,32' is not whole numbers with commas"),
        (["--n-steps", "x"], "--n-steps: 'x' is not a whole number or 'none'"),
        (["--batch-size", "none"], "--batch-size: 'none' is not a whole number"),
        (["--epoch", "3"], "Unrecognized arguments: --epoch 3"),
        (["--now", "--detach"], "not allowed with argument --now"),
    ],
)
def test_a_wrong_value_is_named_with_its_option(words: list[str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse("train", "vanilla-fashion", *words)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "none"), ((8, 16), "8,16"), (20.0, "20"), (1e-8, "1e-08"), (True, "yes"), (0.1, "0.1")],
)
def test_values_are_shown_as_they_are_typed(value: object, text: str) -> None:
    assert value_text(value) == text
