"""Generators that come with the product become runs: once, whole, never against one's will."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gan.errors import CheckpointError, StoreError
from gan.runs import cards
from gan.runs.checkpoints import load_checkpoint
from gan.runs.control import queue_again, read_config, summarise, summarise_all
from gan.runs.excerpt import read_numbers
from gan.runs.folder import (
    Home,
    RunFolder,
    delete_run,
    empty_trash,
    find_run,
    list_runs,
    list_trash,
    restore_run,
)
from gan.runs.shipped import bring_back, install
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.training.saved import load_generator


@pytest.fixture
def root(tmp_path: Path, tiny_shipped: Path) -> Path:
    """A folder with the generator `tiny`, to be damaged."""
    return Path(shutil.copytree(tiny_shipped, tmp_path / "shipped"))


def reseal(folder: Path, **changes: Any) -> None:
    """Make a card agree with its files again."""
    path = folder / cards.CARD
    raw = json.loads(path.read_text()) | changes
    files = cards.file_facts(folder)
    raw["files"] = {name: facts.model_dump() for name, facts in files.items()}
    path.write_text(json.dumps(raw))


def second(root: Path, name: str) -> Path:
    folder = Path(shutil.copytree(root / "tiny", root / name))
    reseal(folder, name=name)
    return folder


def test_it_is_a_run_like_any_other(home: Home, root: Path) -> None:
    assert install(home, root) == []
    (folder,) = list_runs(home)
    assert folder.id == "shipped-tiny"
    summary = summarise(folder)
    assert (summary.name, summary.is_shipped) == ("Tiny digits", True)
    assert (summary.status.state, summary.status.step, summary.status.n_steps) == (
        RunState.COMPLETED,
        12,
        12,
    )
    assert summary.status.last_metrics.keys() >= {"loss/d", "loss/g"}
    assert summary.meta["quality"]["step"] == 12 and summary.meta["quality"]["features"] == "mnist"
    assert summary.meta["best"] == {}, "the last state was shipped, and not as the best"
    assert read_config(folder).data.n_images == 128
    with RunStore.open(folder.db_path) as store:
        samples, checkpoints = store.read_samples(), store.list_checkpoints()
        steps = np.concatenate([c.steps for c in store.read_metrics() if "loss/d" in c.keys])
    assert steps.tolist() == list(range(1, 13))
    assert {s.kind for s in samples} == {"real", "ema"}
    assert all((folder.path / s.path).is_file() for s in samples)
    assert [c.step for c in checkpoints] == [12]
    state = load_checkpoint(folder.path / checkpoints[0].path)
    assert load_generator(state).draw(3, 0).shape == (3, 1, 28, 28)
    assert read_numbers(root / "tiny" / cards.HISTORY)


def test_it_is_done_once_and_leaves_nothing_else(home: Home, root: Path) -> None:
    install(home, root)
    (folder,) = list_runs(home)
    before = folder.db_path.stat().st_mtime_ns
    assert install(home, root) == []
    assert folder.db_path.stat().st_mtime_ns == before
    assert [p.name for p in home.runs_dir.iterdir() if p.name != ".trash"] == ["shipped-tiny"]


def test_nothing_to_install_touches_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "untouched")
    (tmp_path / "empty").mkdir()
    assert install(home, tmp_path / "empty") == []
    assert install(home, tmp_path / "nowhere") == []
    assert not home.root.exists()


def test_two_processes_at_once_make_one_run_each(home: Home, root: Path) -> None:
    for name in ("a", "b", "c"):
        second(root, name)
    code = (
        "import sys; from pathlib import Path; from gan.runs.folder import Home\n"
        "from gan.runs.shipped import install\n"
        "sys.stdin.readline()\n"
        "print(install(Home(Path(sys.argv[1])), Path(sys.argv[2])), 'torch' in sys.modules)\n"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(home.root), str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate()[0].strip() for process in both] == ["[] False"] * 2
    assert [run.id for run in list_runs(home)] == [
        f"shipped-{name}" for name in ("tiny", "c", "b", "a")
    ]
    summaries, problems = summarise_all(home)
    assert len(summaries) == 4 and not problems


def test_a_deleted_one_stays_deleted_and_can_be_restored(home: Home, root: Path) -> None:
    install(home, root)
    delete_run(home, RunFolder(home.runs_dir / "shipped-tiny"))
    assert install(home, root) == [] and list_runs(home) == []
    restore_run(home, "shipped-tiny")
    assert [run.id for run in list_runs(home)] == ["shipped-tiny"]
    delete_run(home, RunFolder(home.runs_dir / "shipped-tiny"))
    empty_trash(home, 0.0, now=9e9)
    assert install(home, root) == [] and list_runs(home) == []
    assert bring_back(home, "tiny", root).id == "shipped-tiny"
    assert [run.id for run in list_runs(home)] == ["shipped-tiny"]
    with pytest.raises(StoreError, match="is there already"):
        bring_back(home, "tiny", root)
    with pytest.raises(StoreError, match="no generator 'huge': choose one of tiny"):
        bring_back(home, "huge", root)


def test_one_in_the_trash_stays_there_though_the_register_is_lost(home: Home, root: Path) -> None:
    install(home, root)
    delete_run(home, RunFolder(home.runs_dir / "shipped-tiny"))
    (home.workspace_dir / "shipped.json").write_text("{ not JSON")
    assert install(home, root) == [] and list_runs(home) == []
    assert [run.id for run in list_trash(home)] == ["shipped-tiny"]


def test_a_new_one_comes_beside_those_that_are_there(home: Home, root: Path) -> None:
    install(home, root)
    second(root, "later")
    install(home, root)
    assert {run.id for run in list_runs(home)} == {"shipped-tiny", "shipped-later"}


def cut(folder: Path) -> None:
    path = folder / cards.WEIGHTS
    path.write_bytes(path.read_bytes()[:-100])


def swap(folder: Path) -> None:
    shutil.copy(folder / cards.STORY, folder / cards.WEIGHTS)


def lose(folder: Path) -> None:
    (folder / cards.HISTORY).unlink()


def outdate(folder: Path) -> None:
    reseal(folder, schema_version=99)


def empty_card(folder: Path) -> None:
    (folder / cards.CARD).write_text("")


def spoil_numbers(folder: Path) -> None:
    (folder / cards.HISTORY).write_bytes(b"no numbers")
    reseal(folder)


def spoil_story(folder: Path) -> None:
    (folder / cards.STORY).write_text('{"grids": [{"path": "../../x.png"}]}')
    reseal(folder)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (cut, "damaged or another one"),
        (swap, "damaged or another one"),
        (lose, "cannot be read"),
        (outdate, "newer version"),
        (empty_card, "missing or damaged"),
        (spoil_numbers, "numbers in history.npz are damaged"),
        (spoil_story, "story in bad is damaged"),
    ],
)
def test_a_bad_one_is_one_sentence_and_the_others_are_there(
    home: Home, root: Path, damage: Any, sentence: str
) -> None:
    damage(second(root, "bad"))
    (problem,) = install(home, root)
    assert sentence in problem and "\n" not in problem
    assert [run.id for run in list_runs(home)] == ["shipped-tiny"]
    assert [p.name for p in home.runs_dir.iterdir() if p.name != ".trash"] == ["shipped-tiny"]
    assert len(install(home, root)) == 1, "said again as long as it is so"


class Bomb:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def test_weights_that_would_run_code_are_refused_when_they_are_read(
    home: Home, root: Path, tmp_path: Path
) -> None:
    torch.save({"config": Bomb(tmp_path / "exploded")}, root / "tiny" / cards.WEIGHTS)
    reseal(root / "tiny")
    assert install(home, root) == []
    (folder,) = list_runs(home)
    with pytest.raises(CheckpointError, match="damaged or not one of ours"):
        load_checkpoint(next(folder.checkpoints_dir.glob("*.pt")))
    assert not (tmp_path / "exploded").exists()


def test_weights_of_a_newer_version_ask_for_nothing_but_an_update(home: Home, root: Path) -> None:
    weights = root / "tiny" / cards.WEIGHTS
    torch.save(load_checkpoint(weights) | {"version": 99}, weights)
    reseal(root / "tiny")
    assert install(home, root) == []
    (folder,) = list_runs(home)
    with pytest.raises(CheckpointError, match="version 99"):
        load_generator(load_checkpoint(next(folder.checkpoints_dir.glob("*.pt"))))


def test_it_stays_as_it_is(home: Home, root: Path) -> None:
    install(home, root)
    (folder,) = list_runs(home)
    with pytest.raises(StoreError, match="continue it as a run of your own"):
        queue_again(folder, n_steps=100)
    assert summarise(folder).status.state is RunState.COMPLETED


def test_its_name_finds_it_and_a_run_of_that_name_comes_first(home: Home, root: Path) -> None:
    from gan.config import RunConfig
    from gan.runs.control import new_run

    install(home, root)
    assert find_run(home, "tiny").id == find_run(home, "Tiny digits").id == "shipped-tiny"
    mine = new_run(home, RunConfig(), name="tiny")
    assert find_run(home, "tiny") == mine
    assert find_run(home, "shipped-tiny").id == "shipped-tiny"
    assert list_runs(home)[0] == mine, "one's own runs come first"
