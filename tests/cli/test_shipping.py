"""`ship` on a real tiny run: a folder that is whole, small and true."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan.cli.shipping import train_command
from gan.recipes import get_recipe
from gan.runs import cards
from gan.runs.checkpoints import load_checkpoint
from gan.runs.excerpt import read_numbers
from gan.runs.folder import RunFolder
from gan.runs.story import read_story

Cli = Callable[..., Any]


def ship(cli: Cli, run: RunFolder, out: Path, *words: str) -> Any:
    return cli("ship", run.id, "--out", out, "--step", "last", "--n", "120", *words)


def test_the_folder_is_whole_and_its_card_is_true(cli: Cli, run: RunFolder, tmp_path: Path) -> None:
    out = tmp_path / "shipped"
    out.mkdir()
    readme = out / "README.md"
    readme.write_text(f"Before.\n{cards.TABLE_BEGIN}\n{cards.TABLE_END}\nAfter.\n")
    answer = ship(cli, run, out, "--name", "tiny", "--sentence", "Digits, hardly.", "--json")
    assert answer.code == 0, answer.err
    folder = out / "tiny"
    card = cards.read_card(folder)
    cards.check_files(folder, card)
    assert answer.json["name"] == card.name == "tiny"
    assert (card.step, card.kept, card.sentence) == (12, "last", "Digits, hardly.")
    assert card.run_config.to_json() == run.config_path.read_text()
    assert (card.data.name, card.data.licence) == ("drawn-digits", "MIT")
    assert card.images_seen == 12 * 32
    assert card.quality[0].features == card.check.features == "mnist"
    assert card.quality[0].n_fake == 120 and card.quality[0].figures["frechet"].value > 0
    assert sum(fake for _, fake in card.quality[0].classes.values()) == 120
    assert "--n-images 128" in card.command and "train vanilla-fashion" in card.command
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {*card.files, cards.CARD}
    assert sum(len(group.steps) for group in read_numbers(folder / cards.HISTORY)) >= 12
    story = read_story(folder / cards.STORY)
    last = story.grids[-1]
    assert (last.kind, last.step, last.n, len(last.scores)) == ("ema", 12, 4, 4)
    assert {grid.kind for grid in story.grids} == {"real", "ema"}
    assert (story.quality["step"], story.quality["features"]) == (12, "mnist")
    assert {grid.path for grid in story.grids} <= card.files.keys()
    assert load_checkpoint(folder / cards.WEIGHTS)["counters"]["step"] == 12
    assert cards.cards_table([card]) in readme.read_text()
    assert readme.read_text().startswith("Before.\n") and readme.read_text().endswith("After.\n")


def test_grids_are_the_runs_own(cli: Cli, run: RunFolder, tmp_path: Path) -> None:
    assert ship(cli, run, tmp_path, "--name", "tiny").code == 0
    for grid in read_story(tmp_path / "tiny" / cards.STORY).grids[:-1]:
        ours, theirs = (
            np.asarray(Image.open(p / grid.path)) for p in (tmp_path / "tiny", run.path)
        )
        np.testing.assert_array_equal(ours, theirs)


def test_images_that_stood_in_are_named_and_found_again(
    cli: Cli, tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gan.data.arrays.obtain", _no_download)
    options = [*tiny, "--dataset", "mnist", "--n-steps", "4", "--quality-every", "0"]
    assert cli("train", "vanilla-fashion", *options, "--name", "stood-in", "--json").code == 0
    words = ["--name", "tiny", "--step", "last", "--n", "120", "--out", tmp_path / "out"]
    assert cli("ship", "stood-in", *words).code == 0
    card = cards.read_card(tmp_path / "out" / "tiny")
    assert (card.data.name, card.data.kind) == ("drawn-digits", "drawn")
    assert (card.run_config.data.dataset, card.run_config.data.source) == ("mnist", "drawn")


def test_nothing_tells_where_the_images_lay(
    cli: Cli, tiny: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gan.data.arrays.obtain", _no_download)
    private = tmp_path / "private-folder"
    private.mkdir()
    options = [*tiny, "--dataset", "mnist", "--folder", private, "--n-steps", "4"]
    options += ["--quality-every", "0", "--name", "at-home"]
    assert cli("train", "vanilla-fashion", *options, "--json").code == 0
    words = ["--name", "tiny", "--step", "last", "--n", "120", "--out", tmp_path / "out"]
    assert cli("ship", "at-home", *words).code == 0
    made = tmp_path / "out" / "tiny"
    assert cards.read_card(made).run_config.data.folder is None
    state = load_checkpoint(made / cards.WEIGHTS)
    texts = [state["config"], *(path.read_text() for path in made.glob("*.json"))]
    assert not [text for text in texts if "private-folder" in text]


def _no_download(*_args: Any, **_named: Any) -> Any:
    from gan.data.sources import Located

    return Located("drawn", None, "Drawn digits stand in.")


def test_an_older_one_goes_only_if_asked(cli: Cli, run: RunFolder, tmp_path: Path) -> None:
    assert ship(cli, run, tmp_path, "--name", "tiny").code == 0
    (tmp_path / "tiny" / "left-over").touch()
    answer = ship(cli, run, tmp_path, "--name", "tiny")
    assert answer.code == 1 and "exists already" in answer.err
    assert ship(cli, run, tmp_path, "--name", "tiny", "--replace").code == 0
    assert not (tmp_path / "tiny" / "left-over").exists()
    assert [path.name for path in tmp_path.glob("*")].count("tiny") == 1
    assert not list(tmp_path.glob(".tiny*"))


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--step", "7"], "no checkpoint 7"),
        (["--step", "best"], "never measured"),
        (["--step", "first"], "--step is 'first'"),
        (["--n", "5"], "--n is 5"),
        (["--features", "eyes"], "Unknown features 'eyes'"),
        (["--name", "Über GAN"], "--name is 'Über GAN'"),
    ],
)
def test_a_mistake_is_one_sentence_and_leaves_nothing(
    cli: Cli, run: RunFolder, tmp_path: Path, words: list[str], complaint: str
) -> None:
    out = tmp_path / "out"
    answer = ship(cli, run, out, "--name", "tiny", *words)
    assert answer.code in (1, 2)
    assert complaint in answer.err.splitlines()[-1]
    assert not out.exists() or not list(out.iterdir())


def test_the_command_is_the_shortest_that_makes_the_configuration() -> None:
    recipe = get_recipe("vanilla-fashion").build()
    assert train_command(recipe) == "python -m gan train vanilla-fashion"
    changed = recipe.with_changes({"train.epochs": 3.0, "train.ema": False})
    assert train_command(changed) == "python -m gan train vanilla-fashion --epochs 3 --no-ema"


def test_a_card_is_plain_json(cli: Cli, run: RunFolder, tmp_path: Path) -> None:
    assert ship(cli, run, tmp_path, "--name", "tiny").code == 0
    text = (tmp_path / "tiny" / cards.CARD).read_text()
    assert cards.read_card(tmp_path / "tiny").to_json() == text
    assert json.loads(text)["schema_version"] == cards.SCHEMA_VERSION
    assert str(tmp_path) not in text, "no path of this machine"
