"""What is listed and shown, for people and for programs."""

import time
from collections.abc import Callable
from typing import Any

from gan.cli.output import age_text, duration_text
from gan.fields import FIELDS
from gan.recipes import RECIPES
from gan.runs.folder import Home, RunFolder, list_trash


def test_an_empty_home_says_how_to_begin(cli: Callable[..., Any], home: Home) -> None:
    assert "python -m gan recipes" in cli("runs").out
    assert cli("runs", "--json").json == []
    assert cli("restore").out == "The trash is empty.\n"


def test_runs_are_a_table(cli: Callable[..., Any], run: RunFolder) -> None:
    header, line = cli("runs").out.splitlines()
    assert header.split()[:5] == ["id", "name", "state", "recipe", "data"]
    for part in (run.id, "small", "completed", "vanilla-fashion", "drawn-digits", "12/12"):
        assert part in line


def test_runs_are_told_to_programs(cli: Callable[..., Any], run: RunFolder) -> None:
    (row,) = cli("runs", "--json").json
    assert row["id"] == run.id
    assert (row["step"], row["n_steps"], row["device"]) == (12, 12, "cpu")
    assert row["epoch"] == 3.0
    assert row["metrics"]["loss/g"] > 0


def test_a_run_that_cannot_be_read_does_not_hide_the_others(
    cli: Callable[..., Any], home: Home, run: RunFolder
) -> None:
    broken = home.runs_dir / "20000101-000000-dead"
    broken.mkdir()
    (broken / "config.json").write_text("{}")
    (broken / "run.db").write_text("no database, whatever its name says" * 100)
    answer = cli("runs", "--json")
    assert [row["id"] for row in answer.json] == [run.id]
    assert broken.name in answer.complaint


def test_show_tells_the_whole_story(cli: Callable[..., Any], run: RunFolder) -> None:
    text = cli("show", "small").out
    for part in (
        "small", run.id, "completed", "Step 12 of 12", "Drawn digits", "--g-widths 8",
        "--no-drop-last", "Started on cpu", "Checkpoints at step 12",
    ):  # fmt: skip
        assert part in text
    told = cli("show", run.id[-4:], "--json").json
    assert told["config"]["model"]["g_widths"] == [8]
    assert told["events"][0]["kind"] == "started"
    assert told["checkpoints"][0]["step"] == 12
    assert told["attempts"][0]["state"] == "completed"
    assert told["data"]["n_images"] == 128


def test_delete_and_restore(cli: Callable[..., Any], home: Home, run: RunFolder) -> None:
    assert run.id in cli("delete", "small").out
    assert not run.path.exists()
    assert cli("restore", "--json").json == [run.id]
    assert run.id in cli("restore").out
    assert cli("restore", run.id, "--json").json == {"id": run.id, "state": "completed"}
    assert run.path.exists()
    assert list_trash(home) == []


def test_a_finished_run_cannot_be_stopped(cli: Callable[..., Any], run: RunFolder) -> None:
    answer = cli("stop", run.id)
    assert answer.code == 1
    assert "completed" in answer.complaint


def test_recipes_and_fields_are_complete(cli: Callable[..., Any]) -> None:
    assert [row["name"] for row in cli("recipes", "--json").json] == list(RECIPES)
    for name in RECIPES:
        assert name in cli("recipes").out
    fields = cli("fields", "--json").json
    assert [row["path"] for row in fields] == list(FIELDS)
    lines = {line.split()[0]: line for line in cli("fields").out.splitlines()}
    for spec in FIELDS.values():
        assert spec.applies_text in lines[spec.flag]
        assert spec.range_text in lines[spec.flag]
    of_recipe = {r["path"]: r["default"] for r in cli("fields", "vanilla-fashion", "--json").json}
    assert of_recipe["train.epochs"] == 200


def test_times_have_sensible_digits() -> None:
    now = time.time()
    ages = [age_text(now - s, now) for s in (5, 300, 7200, 200_000)]
    assert ages == ["5 s", "5 min", "2 h", "2 d"]
    assert [duration_text(s) for s in (9.84, 250, 7500)] == ["9.8 s", "4 min 10 s", "2 h 5 min"]
