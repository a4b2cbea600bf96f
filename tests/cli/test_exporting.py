"""Numbers as CSV, runs as zip."""

import csv
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gan.keys import METRIC_KEYS
from gan.runs.folder import Home, RunFolder, create_run
from gan.runs.states import RunState
from gan.runs.store import RunStore


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_has_a_row_a_step_and_known_columns(
    cli: Callable[..., Any], run: RunFolder, tmp_path: Path
) -> None:
    answer = cli("export", "small", "--csv", tmp_path / "m.csv", "--json")
    assert answer.json == {"id": run.id, "csv": str(tmp_path / "m.csv"), "n_steps": 12}
    rows = read(tmp_path / "m.csv")
    assert [int(row["step"]) for row in rows] == list(range(1, 13))
    assert set(rows[0]) == {"step", *METRIC_KEYS}
    with RunStore.open(run.db_path) as store:
        last = store.get_status().last_metrics
    assert (
        float(rows[-1]["loss/d"]) == last["loss/d"]
        or abs(float(rows[-1]["loss/d"]) - last["loss/d"]) < 1e-6
    )
    assert list(tmp_path.glob(".*")) == []


def test_superseded_rows_are_left_out_and_gaps_stay_empty(
    cli: Callable[..., Any], home: Home, tmp_path: Path
) -> None:
    folder = create_run(home, "{}", name="twice")
    with RunStore.open(folder.db_path) as store:
        first = store.begin_attempt(now=time.time(), pid=1, info={})
        store.add_metrics(first, ["loss/d"], [1, 2], 4, [[1.0], [2.0]])
        store.add_metrics(first, ["loss/d"], [3, 4], 8, [[3.0], [4.0]])
        store.end_attempt(first, now=time.time(), state=RunState.STOPPED)
        store.set_state(RunState.QUEUED, now=time.time())
        second = store.begin_attempt(now=time.time(), pid=1, info={})
        store.supersede_after(4, second)
        store.add_metrics(second, ["loss/d", "loss/g"], [3], 6, [[0.1, float("nan")]])
        store.end_attempt(second, now=time.time(), state=RunState.STOPPED)
    assert "3 steps" in cli("export", "twice", "--csv", tmp_path / "m.csv").out
    rows = read(tmp_path / "m.csv")
    assert [(row["step"], row["loss/d"], row["loss/g"]) for row in rows] == [
        ("1", "1.0", ""), ("2", "2.0", ""), ("3", "0.1", "nan")
    ]  # fmt: skip


def test_a_zip_holds_the_whole_run(
    cli: Callable[..., Any], home: Home, run: RunFolder, tmp_path: Path
) -> None:
    assert cli("export", run.id, "--zip", tmp_path / "run.zip").code == 0
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    copy = RunFolder(tmp_path / "unpacked" / run.id)
    assert copy.config_path.read_text() == run.config_path.read_text()
    assert len(list(copy.checkpoints_dir.iterdir())) == 1
    with RunStore.open(copy.db_path) as store:
        assert store.get_status().step == 12
    assert not copy.lock_path.exists()
    assert list(tmp_path.glob(".run*")) == []


def test_a_place_that_cannot_be_written_is_one_line(
    cli: Callable[..., Any], run: RunFolder, tmp_path: Path
) -> None:
    for option in ("--csv", "--zip"):
        answer = cli("export", run.id, option, tmp_path / "no" / "file")
        assert answer.code == 1
        assert "cannot be written" in answer.complaint
