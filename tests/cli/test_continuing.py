"""`continue` and `generators`: going on as a new run, and what comes with the product."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gan.runs import cards
from gan.runs.control import summarise_all
from gan.runs.folder import Home, RunFolder

Cli = Callable[..., Any]


@pytest.fixture
def shipped(tiny_shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GAN_SHIPPED", str(tiny_shipped))
    return tiny_shipped


def test_a_run_goes_on_as_a_new_one(cli: Cli, run: RunFolder) -> None:
    answer = cli("continue", run.id, "--steps", "5", "--name", "longer", "--json")
    assert answer.code == 0, answer.err
    row = answer.json
    assert (row["name"], row["step"], row["state"]) == ("longer", 17, "completed")
    assert row["id"] != run.id
    assert cli("show", run.id, "--json").json["step"] == 12
    assert f"Continued from small ({run.id}) at step 12." in cli("show", "longer").out


def test_epochs_will_do_and_the_background_too(cli: Cli, run: RunFolder, busy: RunFolder) -> None:
    answer = cli("continue", run.id, "--epochs-more", "2", "--detach", "--json")
    assert answer.json["state"] == "queued"
    assert cli("show", answer.json["id"], "--json").json["n_steps"] == 12 + 2 * 4


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "One of the arguments --steps --epochs-more is required"),
        (["--steps", "0"], "--steps is 0"),
        (["--epochs-more", "-1"], "Cannot train -1 epochs more"),
        (["--steps", "5", "--from-step", "3"], "no checkpoint at step 3"),
    ],
)
def test_a_mistake_is_one_sentence(
    cli: Cli, run: RunFolder, words: list[str], complaint: str
) -> None:
    answer = cli("continue", run.id, *words)
    assert answer.code in (1, 2)
    assert complaint in answer.complaint


def test_every_command_knows_a_shipped_generator_by_name(
    cli: Cli, home: Home, shipped: Path, tmp_path: Path
) -> None:
    (row,) = cli("runs", "--json").json
    assert (row["id"], row["is_shipped"]) == ("shipped-tiny", True)
    assert "Comes with the product. Digits, but hardly. Data MIT" in cli("show", "tiny").out
    assert cli("sample", "tiny", "--out", tmp_path / "grid.png", "--json").json["step"] == 12
    found = cli("evaluate", "tiny", "--n", "120", "--json").json["figures"]["frechet"]["value"]
    card = cards.read_card(shipped / "tiny")
    assert found == pytest.approx(card.quality[0].figures["frechet"].value, rel=1e-3)
    exported = cli("export", "tiny", "--csv", tmp_path / "numbers.csv", "--json")
    assert exported.json["n_steps"] == 12


def test_going_on_from_a_shipped_one_says_what_is_different(cli: Cli, shipped: Path) -> None:
    answer = cli("continue", "tiny", "--steps", "3")
    assert answer.code == 0, answer.err
    assert "optimisers begin without memory" in answer.out
    refused = cli("resume", "tiny", "--epochs-more", "1")
    assert refused.code == 1 and "stays as it is" in refused.complaint


def test_a_deleted_one_is_listed_so_and_can_be_brought_back(
    cli: Cli, home: Home, shipped: Path
) -> None:
    (row,) = cli("generators", "--json").json
    assert (row["name"], row["run"]) == ("tiny", "shipped-tiny")
    assert cli("delete", "shipped-tiny").code == 0
    assert "deleted" in cli("generators").out
    assert cli("runs", "--json").json == []
    assert "is there already" in cli("generators", "--bring-back", "tiny").complaint
    assert cli("restore", "shipped-tiny").code == 0
    assert [s.id for s in summarise_all(home)[0]] == ["shipped-tiny"]


def test_a_damaged_one_is_a_line_beside_the_answer(
    cli: Cli, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / cards.CARD).write_text("{}")
    monkeypatch.setenv("GAN_SHIPPED", str(tmp_path))
    answer = cli("runs", "--json")
    assert (answer.code, answer.json) == (0, [])
    assert "The card of the generator bad is damaged" in answer.complaint


def test_nothing_shipped_is_said_plainly(cli: Cli) -> None:
    assert "No generators are in" in cli("generators").out
