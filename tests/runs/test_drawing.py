"""Pictures drawn for a page by the real command, from a real tiny run with classes."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tiny_runs import tiny

from gan.cli.main import main
from gan.data.dataset import to_hwc, to_uint8
from gan.errors import GanError, StoreError
from gan.runs.checkpoints import load_checkpoint
from gan.runs.control import new_run
from gan.runs.drawing import draw_pictures
from gan.runs.folder import Home, RunFolder
from gan.runs.launcher import claim_for_this_process
from gan.runs.sheets import make_sheet
from gan.runs.store import RunStore
from gan.runs.worker import Worker
from gan.training.saved import load_generator

PX = 28


@pytest.fixture(scope="module")
def drawn_from(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, RunFolder]:
    """A finished run of 12 steps that knows classes and was also saved at step 6."""
    home = Home(tmp_path_factory.mktemp("drawing")).ensure()
    changes = {"model__conditional": True, "train__n_steps": 12, "output__checkpoint_every": 6}
    folder = new_run(home, tiny(**changes))
    assert claim_for_this_process(home, folder) is not None
    Worker(home, folder).work()
    return home, folder


def expected(folder: RunFolder, step: int, n: int, seed: int, class_name: str | None) -> np.ndarray:
    """Return the sheet that the checkpoint of a step gives in this process, `[H, W]`."""
    with RunStore.open(folder.db_path) as store:
        (saved,) = (c for c in store.list_checkpoints() if c.step == step)
    generator = load_generator(load_checkpoint(folder.path / saved.path))
    return make_sheet(to_hwc(to_uint8(generator.draw(n, seed, class_name))))[..., 0]


def decode(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as image:
        assert (image.format, image.mode) == ("PNG", "L")
        return np.array(image)


def difference(a: np.ndarray, b: np.ndarray) -> int:
    return int(np.abs(a.astype(int) - b).max())


def test_five_tiles_of_the_newest_checkpoint(drawn_from: tuple[Home, RunFolder]) -> None:
    home, folder = drawn_from
    sheet = decode(draw_pictures(home, folder, n=5, seed=3))
    assert sheet.shape == (2 * PX, 3 * PX)
    tiles = [sheet[y : y + PX, x : x + PX] for y in (0, PX) for x in (0, PX, 2 * PX)]
    assert [tile.std() > 0 for tile in tiles] == [True] * 5 + [False]
    assert (tiles[5] == 255).all()
    assert difference(sheet, expected(folder, 12, 5, 3, None)) <= 1  # rounding
    assert difference(sheet, expected(folder, 12, 5, 4, None)) > 1  # the seed decides


def test_class_and_step_are_passed_on(drawn_from: tuple[Home, RunFolder]) -> None:
    home, folder = drawn_from
    sheet = decode(draw_pictures(home, folder, n=4, seed=0, class_name="3", step=6))
    assert sheet.shape == (2 * PX, 2 * PX)
    assert difference(sheet, expected(folder, 6, 4, 0, "3")) <= 1
    assert difference(sheet, expected(folder, 6, 4, 0, "4")) > 1
    assert difference(sheet, expected(folder, 12, 4, 0, "3")) > 1


def test_refusals_are_the_commands_own_sentences(
    drawn_from: tuple[Home, RunFolder], capsys: pytest.CaptureFixture[str]
) -> None:
    home, folder = drawn_from
    name = "-cats"  # own pictures' folders may be called so
    with pytest.raises(GanError) as caught:
        draw_pictures(home, folder, n=1, seed=0, class_name=name)
    capsys.readouterr()
    assert main(["sample", folder.id, f"--class={name}", "--home", str(home.root)]) == 2
    assert str(caught.value) == capsys.readouterr().err.strip()
    assert str(caught.value).startswith(f"There is no class '{name}': choose one of 0, 1, 2")


def test_a_run_that_saved_nothing_yet_is_told_so(home: Home) -> None:
    with pytest.raises(GanError, match=r"has no checkpoint to draw from yet"):
        draw_pictures(home, new_run(home, tiny()), n=1, seed=0)


def test_a_command_that_says_nothing_or_cannot_start_has_a_sentence_too(
    home: Home, stub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = new_run(home, tiny())
    with pytest.raises(GanError, match=r"^The command sample failed\.$"):
        draw_pictures(home, folder, n=1, seed=0)
    assert f"sample {folder.id} --n 1 --seed 0" in stub.read_text()
    monkeypatch.setattr(sys, "executable", str(stub.parent / "nowhere"))
    with pytest.raises(StoreError, match=r"cannot be started .*nowhere"):
        draw_pictures(home, folder, n=1, seed=0)


def test_one_that_takes_too_long_is_ended(
    home: Home, stub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stub.parent / "program").write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr("gan.runs.drawing._TIMEOUT_S", 0.2)
    with pytest.raises(StoreError, match=r"took longer than"):
        draw_pictures(home, new_run(home, tiny()), n=1, seed=0)
