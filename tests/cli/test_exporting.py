"""Numbers as CSV, runs as zip, TensorBoard logs and timelapses."""

import csv
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gan.cli import exporting
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
    with RunStore.open(run.db_path) as store:
        reported = {key for chunk in store.read_metrics() for key in chunk.keys}
        assert list(rows[0]) == ["step", *(key for key in METRIC_KEYS if key in reported)]
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
    (tmp_path / "file").touch()
    for option, name in (
        ("--csv", "no/m.csv"), ("--zip", "no/run.zip"), ("--timelapse", "no/a.gif"),
        ("--tensorboard", "file/log"),
    ):  # fmt: skip
        answer = cli("export", run.id, option, tmp_path / name)
        assert answer.code == 1
        assert "cannot be written" in answer.complaint


def test_several_things_at_once(cli: Callable[..., Any], run: RunFolder, tmp_path: Path) -> None:
    answer = cli(
        "export", "small", "--csv", tmp_path / "m.csv", "--tensorboard", tmp_path / "log",
        "--timelapse", tmp_path / "a.webp", "--tiles", 1, "--fps", 4, "--max-frames", 3, "--json",
    )  # fmt: skip
    assert answer.code == 0
    assert answer.json["n_steps"] == answer.json["n_rows"] == 12
    assert answer.json["n_frames"] == 3
    assert answer.json["n_images"] > 3
    with Image.open(tmp_path / "a.webp") as image:
        assert getattr(image, "n_frames", 1) == 3
        image.seek(1)
        image.load()
        assert image.info["duration"] == 250
    again = cli("export", "small", "--tensorboard", tmp_path / "log")
    assert f"{tmp_path / 'log'}: 0 steps and 0 grids new." in again.out
    assert f"tensorboard --logdir {tmp_path / 'log'} --samples_per_plugin" in again.out
    log = EventAccumulator(str(tmp_path / "log"))
    log.Reload()
    assert len(log.Scalars("loss/g")) == 12


def test_a_timelapse_of_the_generator_itself(
    cli: Callable[..., Any], run: RunFolder, tmp_path: Path
) -> None:
    averaged, raw = tmp_path / "averaged.gif", tmp_path / "raw.gif"
    assert "grids." in cli("export", "small", "--timelapse", averaged).out
    assert cli("export", "small", "--timelapse", raw, "--raw").code == 0
    assert averaged.read_bytes() != raw.read_bytes()


def test_a_log_follows_until_the_run_ends(
    cli: Callable[..., Any], home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "FOLLOW_INTERVAL_S", 0.01)
    folder = create_run(home, "{}", name="live")
    with folder.lock():
        with RunStore.open(folder.db_path) as store:
            attempt = store.begin_attempt(now=time.time(), pid=1, info={})
            store.add_metrics(attempt, ["loss/d"], [1], 2, [[1.0]])

        def train() -> None:
            time.sleep(0.2)
            with RunStore.open(folder.db_path) as store:
                store.add_metrics(attempt, ["loss/d"], [2, 3], 6, [[2.0], [3.0]])
                store.end_attempt(attempt, now=time.time(), state=RunState.STOPPED)

        worker = threading.Thread(target=train)
        worker.start()
        answer = cli("export", "live", "--tensorboard", tmp_path / "log", "--follow", "--json")
        worker.join()
    assert answer.json["n_rows"] == 3


def test_ctrl_c_ends_following_well(
    cli: Callable[..., Any], home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_run(home, "{}", name="waiting")

    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting.time, "sleep", interrupt)
    answer = cli("export", "waiting", "--tensorboard", tmp_path / "log", "--follow")
    assert answer.code == 0
    assert "0 steps" in answer.out


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ([], "Say what to write"),
        (["--timelapse", "a.avi"], "must end in .gif, .webp or .mp4"),
        (["--timelapse", "a.gif", "--fps", "100"], "from 0.1 to 50"),
        (["--timelapse", "a.gif", "--tiles", "0"], "at least 1"),
        (["--csv", "m.csv", "--fps", "3"], "--fps is about the timelapse"),
        (["--csv", "m.csv", "--raw"], "--raw is about the timelapse"),
        (["--csv", "m.csv", "--max-frames", "3"], "--max-frames is about the timelapse"),
        (["--csv", "m.csv", "--follow"], "give --tensorboard, too"),
    ],
)
def test_a_wrong_call_is_one_line_and_writes_nothing(
    options: list[str],
    complaint: str,
    cli: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    answer = cli("export", "small", *options)
    assert answer.code == 2
    assert complaint in answer.complaint
    assert sorted(tmp_path.iterdir()) == before


def test_a_run_without_pictures_has_no_timelapse(
    cli: Callable[..., Any], home: Home, tmp_path: Path
) -> None:
    create_run(home, "{}", name="empty")
    answer = cli("export", "empty", "--timelapse", tmp_path / "a.mp4")
    assert answer.code == 1
    assert "no sample grid yet" in answer.complaint
