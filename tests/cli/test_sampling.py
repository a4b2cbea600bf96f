"""Pictures drawn from a checkpoint, decoded again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan.runs.folder import Home, RunFolder
from gan.runs.store import RunStore

PX = 28


def decode(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        assert image.mode == "L"
        return np.array(image)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "grid.png"


def test_a_grid_is_nearly_square_and_white_where_empty(
    cli: Callable[..., Any], run: RunFolder, out: Path
) -> None:
    answer = cli("sample", run.id, "--n", "7", "--out", out, "--json")
    assert answer.json == {
        "id": run.id, "step": 12, "generator": "ema", "n": 7, "seed": 0, "class": None,
        "out": str(out),
    }  # fmt: skip
    picture = decode(out)
    assert picture.shape == (3 * PX, 3 * PX)
    assert (picture[2 * PX :, PX:] == 255).all()
    assert picture[:PX, :PX].std() > 0


def test_the_seed_decides_and_the_number_does_not(
    cli: Callable[..., Any], run: RunFolder, out: Path
) -> None:
    def first(*words: object) -> np.ndarray:
        assert cli("sample", run.id, "--out", out, *words).code == 0
        return decode(out)[:PX, :PX]

    one = first("--n", "1")
    # Other batch sizes may sum in another order: one grey level at most.
    assert np.abs(first("--n", "300").astype(int) - one).max() <= 1
    assert (first("--n", "1", "--step", "12") == one).all()
    assert (first("--n", "1", "--seed", "1") != one).any()
    assert (first("--n", "1", "--raw") != one).any()


def test_the_average_is_what_the_run_itself_drew(cli: Callable[..., Any], run: RunFolder) -> None:
    """Same weights, so the same picture from the run's own fixed z."""
    import torch

    from gan.cli.checkpoint import read_state
    from gan.data.dataset import to_uint8
    from gan.training.saved import load_generator

    state = read_state(run, None)
    generator = load_generator(state).network
    with torch.no_grad():
        mine = to_uint8(generator(state["fixed_z"]))[0, 0].numpy()
    with RunStore.open(run.db_path) as store:
        sheet = decode(run.path / store.read_samples("ema")[-1].path)
    assert np.abs(mine.astype(int) - sheet[:PX, :PX]).max() <= 1


def test_a_class_can_be_asked_for_where_the_run_knows_classes(
    tiny: list[str], cli: Callable[..., Any], run: RunFolder, out: Path
) -> None:
    answer = cli("sample", run.id, "--class", "3", "--out", out)
    assert answer.code == 2
    assert "trained without classes" in answer.complaint
    words = ["--conditional", "--n-steps", "3", "--json"]
    conditional = cli("train", "vanilla-fashion", *tiny, *words).json["id"]

    def drawn(*words: object) -> np.ndarray:
        assert cli("sample", conditional, "--n", "9", "--out", out, *words).code == 0
        return decode(out)

    assert (drawn("--class", "3") != drawn("--class", "4")).any()
    in_turn = drawn()  # digits 0, 1, 2, … of the same z
    assert (
        np.abs(
            in_turn[PX : 2 * PX, :PX].astype(int) - drawn("--class", "3")[PX : 2 * PX, :PX]
        ).max()
        <= 1
    )
    answer = cli("sample", conditional, "--class", "eleven")
    assert answer.code == 2 and "no class 'eleven'" in answer.complaint


def test_there_must_be_a_checkpoint(
    tiny: list[str], cli: Callable[..., Any], run: RunFolder, home: Home, busy: RunFolder
) -> None:
    answer = cli("sample", run.id, "--step", "5")
    assert answer.code == 1
    assert "choose one of 12" in answer.complaint
    queued = cli("train", "vanilla-fashion", *tiny, "--detach", "--json").json["id"]
    answer = cli("sample", queued)
    assert answer.code == 1
    assert "has no checkpoint to draw from yet" in answer.complaint


def test_a_place_that_cannot_be_written_is_one_line(
    cli: Callable[..., Any], run: RunFolder, tmp_path: Path
) -> None:
    answer = cli("sample", run.id, "--out", tmp_path / "no" / "such" / "folder.png")
    assert answer.code == 1
    assert "cannot be written" in answer.complaint
