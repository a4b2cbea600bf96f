"""Files to take along, from a real run and from runs made by hand."""

import csv
import io
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tiny_runs import numbers_in, tiny

from gan.errors import StoreError
from gan.runs.control import new_run
from gan.runs.exports import (
    file_bytes,
    replacing,
    size_bytes,
    write_csv,
    write_settings,
    write_tensorboard_zip,
    write_zip,
)
from gan.runs.folder import Home, RunFolder, create_run
from gan.runs.states import RunState
from gan.runs.store import RunStore


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run that a worker trained in this process."""
    from gan.runs.worker import Worker

    home = Home(tmp_path_factory.mktemp("exports")).ensure()
    folder = new_run(home, tiny(), name="real")
    assert Worker(home, folder).work() is RunState.COMPLETED
    return folder


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_table_read_back_is_what_was_measured(real: RunFolder, tmp_path: Path) -> None:
    assert write_csv(real, tmp_path / "m.csv") == 24
    rows = table((tmp_path / "m.csv").read_text())
    with RunStore.open(real.db_path) as store:
        chunks = store.read_metrics()
    assert [int(row["step"]) for row in rows] == [int(s) for c in chunks for s in c.steps]
    for key in chunks[0].keys:
        measured = np.concatenate([c.values[:, c.keys.index(key)] for c in chunks])
        assert (np.float32([row[key] for row in rows]) == measured).all()
    assert len(numbers_in(real)) == len(rows)


def test_a_table_of_a_resumed_run_has_each_step_once(home: Home, tmp_path: Path) -> None:
    folder = create_run(home, "{}", name="twice")
    with RunStore.open(folder.db_path) as store:
        first = store.begin_attempt(now=time.time(), pid=1, info={})
        store.add_metrics(first, ["loss/d"], [1, 2], 4, [[1.0], [2.0]])
        store.add_metrics(first, ["loss/d"], [3, 4], 8, [[3.0], [4.0]])
        store.end_attempt(first, now=time.time(), state=RunState.STOPPED)
        store.set_state(RunState.QUEUED, now=time.time())
        second = store.begin_attempt(now=time.time(), pid=1, info={})
        store.supersede_after(4, second)
        store.add_metrics(second, ["mine", "loss/d"], [3], 6, [[float("inf"), 0.1]])
        store.add_metrics(second, ["mine"], [3], 7, [[7.0]])  # a lone update: the newest counts
    assert write_csv(folder, tmp_path / "m.csv") == 3
    assert (tmp_path / "m.csv").read_text().splitlines() == [
        "step,loss/d,mine", "1,1.0,", "2,2.0,", "3,0.1,7.0"
    ]  # fmt: skip


def test_a_zip_is_a_run_again(real: RunFolder, tmp_path: Path) -> None:
    write_zip(real, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    copy = RunFolder(tmp_path / "unpacked" / real.id)
    assert write_csv(copy, tmp_path / "copy.csv") == write_csv(real, tmp_path / "real.csv")
    assert (tmp_path / "copy.csv").read_bytes() == (tmp_path / "real.csv").read_bytes()
    assert 0 < (tmp_path / "run.zip").stat().st_size < 2 * size_bytes(real)
    assert list(tmp_path.glob(".*")) == []


def test_a_zipped_log_holds_the_log_alone(real: RunFolder, tmp_path: Path) -> None:
    write_tensorboard_zip(real, tmp_path / "log.zip")
    with zipfile.ZipFile(tmp_path / "log.zip") as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
    (name,) = names
    assert name.startswith(f"{real.id}/events.out.tfevents.")
    assert list(tmp_path.glob(".*")) == []


def test_bytes_for_a_browser(real: RunFolder, tmp_path: Path) -> None:
    data = file_bytes(lambda path: write_csv(real, path), ".csv")
    write_csv(real, tmp_path / "m.csv")
    assert data == (tmp_path / "m.csv").read_bytes()
    with pytest.raises(StoreError, match="no such run"):
        file_bytes(lambda path: raise_store_error(), ".csv")


def test_settings_are_the_file_of_the_run(real: RunFolder, tmp_path: Path) -> None:
    write_settings(real, tmp_path / "config.json")
    assert (tmp_path / "config.json").read_bytes() == real.config_path.read_bytes()


def raise_store_error() -> None:
    raise StoreError("There is no such run.")


def test_a_file_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("old")
    with pytest.raises(StoreError, match=r"m\.csv cannot be written \(disk full\)"):  # noqa: SIM117
        with replacing(path) as partial:
            partial.write_text("new, but only half of")
            raise OSError("disk full")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", [write_csv, write_settings, write_zip, write_tensorboard_zip])
def test_a_place_that_is_not_there(write, real: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        write(real, tmp_path / "no" / "file")
