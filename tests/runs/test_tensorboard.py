"""Logs read back with TensorBoard's own reader."""

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.metadata import parse_session_start_info_plugin_data
from tiny_runs import tiny

from gan.errors import StoreError
from gan.keys import METRIC_KEYS
from gan.runs.control import new_run
from gan.runs.folder import Home, RunFolder, create_run
from gan.runs.sheets import save_sheet
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.runs.tensorboard import TensorBoardLog, Written
from gan.runs.tensorboard_live import LiveLog

Series = dict[str, list[tuple[int, float, Any]]]
KEYS = ["loss/d", "loss/g", "time/elapsed_s"]


@dataclass(frozen=True)
class Log:
    """Everything in a log by tag: (step, wall time, value)."""

    scalars: Series
    images: Series
    texts: Series
    settings: dict[str, Any]
    descriptions: dict[str, str]


def read(path: Path) -> Log:
    reader = EventAccumulator(str(path), size_guidance=dict.fromkeys(
        ("scalars", "images", "tensors"), 0
    ))  # fmt: skip
    reader.Reload()
    tags = reader.Tags()
    scalars = {
        t: [(e.step, e.wall_time, e.value) for e in reader.Scalars(t)] for t in tags["scalars"]
    }
    images = {
        t: [(e.step, e.wall_time, e.encoded_image_string) for e in reader.Images(t)]
        for t in tags["images"]
    }
    texts = {
        t: [(e.step, e.wall_time, e.tensor_proto.string_val[0].decode()) for e in reader.Tensors(t)]
        for t in reader.PluginTagToContent("text")
    }
    (content,) = reader.PluginTagToContent("hparams").values()
    start = parse_session_start_info_plugin_data(content)
    settings = {k: getattr(v, v.WhichOneof("kind")) for k, v in start.hparams.items()}
    about = {t: reader.SummaryMetadata(t).summary_description for t in tags["scalars"]}
    return Log(scalars, images, texts, settings, about)


def file_of(path: Path) -> Path:
    """Return the only file of a log that holds anything."""
    (file,) = [file for file in path.glob("*tfevents*") if file.stat().st_size]
    return file


def export(folder: RunFolder, path: Path) -> Written:
    with TensorBoardLog(folder, path) as log:
        return log.update()


class Hand:
    """A run written by hand, row by row, as a worker would."""

    def __init__(self, home: Home) -> None:
        config = json.dumps({"recipe": "x|y", "train": {"n_steps": 9, "seed": None}, "on": True,
                             "widths": [16, 8], "lr": 0.5})  # fmt: skip
        self.folder = create_run(home, config, name="by hand", now=1000.0)
        self.attempt = 0
        self.begin()

    def begin(self, after_tick: int | None = None) -> None:
        with RunStore.open(self.folder.db_path) as store:
            if self.attempt:
                store.end_attempt(self.attempt, now=time.time(), state=RunState.STOPPED)
                store.set_state(RunState.QUEUED, now=time.time())
            self.attempt = store.begin_attempt(now=2000.0, pid=1, info={})
            if after_tick is not None:
                store.supersede_after(after_tick, self.attempt)

    def numbers(self, first: int, last: int, offset: float = 0.0) -> None:
        steps = np.arange(first, last + 1)
        values = np.stack([steps + offset, -steps - offset, steps * 0.1], axis=1)
        with RunStore.open(self.folder.db_path) as store:
            store.add_metrics(self.attempt, KEYS, steps, 2 * last, values)

    def event(self, step: int, text: str, *, at: float = 2100.0, marks: bool = False) -> None:
        with RunStore.open(self.folder.db_path) as store:
            store.add_event(self.attempt, step=step, tick=2 * step, now=at, kind="set", text=text,
                            marks=marks)  # fmt: skip

    def grid(self, step: int, *, kind: str = "ema", at: float = 2100.0) -> bytes:
        name = f"{kind}-{self.attempt}-{step}.png"
        pictures = np.random.default_rng(step).integers(0, 256, (4, 3, 3, 1), dtype=np.uint8)
        save_sheet(self.folder.samples_dir / name, pictures)
        with RunStore.open(self.folder.db_path) as store:
            store.add_sample(self.attempt, step=step, tick=2 * step, now=at,
                             path=f"samples/{name}", kind=kind)  # fmt: skip
        return (self.folder.samples_dir / name).read_bytes()


@pytest.fixture
def hand(home: Home) -> Hand:
    return Hand(home)


def test_a_real_run_is_read_back_whole(tmp_path: Path) -> None:
    from gan.runs.worker import Worker

    home = Home(tmp_path / "home").ensure()
    folder = new_run(home, tiny(), name="real")
    began = time.time()
    assert Worker(home, folder).work() is RunState.COMPLETED
    written = export(folder, tmp_path / "log")
    log = read(tmp_path / "log")
    with RunStore.open(folder.db_path) as store:
        chunks, samples, events = store.read_metrics(), store.read_samples(), store.read_events()
    assert written == Written(24, len(samples), len(events), True)
    assert set(log.scalars) == set(chunks[0].keys)
    for key, points in log.scalars.items():
        assert [p[0] for p in points] == list(range(1, 25))
        measured = np.concatenate([c.values[:, c.keys.index(key)] for c in chunks])
        assert (np.float32([p[2] for p in points]) == measured).all()
        times = [p[1] for p in points]
        assert np.diff(times).min() > -0.5
        assert began - 1 <= times[0] <= times[-1] <= time.time() + 1
        assert METRIC_KEYS[key].meaning in log.descriptions[key]
    for kind in ("ema", "generator", "real"):
        mine = [s for s in samples if s.kind == kind]
        assert [(p[0], p[1]) for p in log.images[f"samples/{kind}"]] == [
            (s.step, s.at) for s in mine
        ]
        for point, sample in zip(log.images[f"samples/{kind}"], mine, strict=True):
            assert point[2] == (folder.path / sample.path).read_bytes()
    text = "\n".join(p[2] for p in log.texts["events"])
    assert all(event.text in text for event in events)
    assert log.settings["train.n_steps"] == 24
    assert log.settings["data.dataset"] == "drawn-digits"
    assert "| train.n_steps | 24 |" in log.texts["settings"][0][2]


def test_settings_of_every_sort(hand: Hand, tmp_path: Path) -> None:
    export(hand.folder, tmp_path / "log")
    log = read(tmp_path / "log")
    assert log.settings == {
        "recipe": "x|y", "train.n_steps": 9.0, "train.seed": "null", "on": True,
        "widths": "[16, 8]", "lr": 0.5,
    }  # fmt: skip
    ((step, at, text),) = log.texts["settings"]
    assert (step, at) == (0, 1000.0)
    assert text.splitlines()[0] == "**by hand**"
    assert "| recipe | x\\|y |" in text


def test_following_writes_what_one_go_writes(hand: Hand, tmp_path: Path) -> None:
    with TensorBoardLog(hand.folder, tmp_path / "followed") as log:
        assert log.update() == Written()
        hand.event(0, "Started")
        hand.grid(0)
        hand.numbers(1, 5)
        assert log.update() == Written(5, 1, 1, True)
        hand.event(5, "lr 0.1", marks=True, at=2105.0)
        hand.event(5, "lr 0.2", at=2106.0)
        assert log.update().n_events == 2
        assert log.update() == Written()
        hand.numbers(6, 7)
    with TensorBoardLog(hand.folder, tmp_path / "followed") as log:  # another process goes on
        for first in range(8, 60, 2):
            hand.grid(first, at=2200.0 + first)
            hand.numbers(first, first + 1)
        hand.grid(60, kind="real")
        assert log.update().n_images == 27
    export(hand.folder, tmp_path / "at-once")
    followed, at_once = read(tmp_path / "followed"), read(tmp_path / "at-once")
    assert followed == at_once
    assert [p[0] for p in followed.scalars["loss/d"]] == list(range(1, 60))
    assert followed.texts["events"][1][2] == "- **set** (changes the training): lr 0.1"
    assert followed.texts["events"][2][2].splitlines() == [
        "- **set** (changes the training): lr 0.1", "- **set**: lr 0.2"
    ]  # fmt: skip
    with Image.open(io.BytesIO(followed.images["samples/real"][0][2])) as picture:
        assert picture.size == (6, 6)


def test_a_budget_ends_an_update_early_and_loses_nothing(hand: Hand, tmp_path: Path) -> None:
    for first in range(1, 60, 2):
        hand.numbers(first, first + 1)
        hand.grid(first)
    with TensorBoardLog(hand.folder, tmp_path / "log") as log:
        written = log.update(budget_s=0.0)
        assert 0 < written.n_rows < 60
        assert not written.is_all
        n_updates = 1
        while not written.is_all:
            written = log.update(budget_s=0.0)
            n_updates += 1
        assert n_updates > 5
    export(hand.folder, tmp_path / "at-once")
    assert read(tmp_path / "log") == read(tmp_path / "at-once")


def test_superseded_rows_go(hand: Hand, tmp_path: Path) -> None:
    hand.numbers(1, 3)
    hand.grid(3)
    hand.event(3, "kept")
    hand.numbers(4, 9)
    hand.grid(9)
    hand.event(9, "gone")
    with TensorBoardLog(hand.folder, tmp_path / "log") as log:
        log.update()
        watching = EventAccumulator(str(tmp_path / "log"))
        watching.Reload()
        assert len(watching.Scalars("loss/d")) == 9
        before = file_of(tmp_path / "log")
        hand.begin(after_tick=6)
        hand.numbers(4, 5, offset=0.5)
        log.update()
        after = file_of(tmp_path / "log")
        assert after.name > before.name  # TensorBoard goes on to later names only
        watching.Reload()
        watched = [(e.step, e.value) for e in watching.Scalars("loss/d")]
    found = read(tmp_path / "log")
    expected = [(1, 1.0), (2, 2.0), (3, 3.0), (4, 4.5), (5, 5.5)]
    assert [(s, v) for s, _, v in found.scalars["loss/d"]] == watched == expected
    assert [s for s, _, _ in found.images["samples/ema"]] == [3]
    assert [t for _, _, t in found.texts["events"]] == ["- **set**: kept"]


def test_a_resumed_run_without_superseded_rows_goes_on_in_its_file(
    hand: Hand, tmp_path: Path
) -> None:
    hand.numbers(1, 3)
    export(hand.folder, tmp_path / "log")
    before = file_of(tmp_path / "log")
    hand.begin(after_tick=6)
    hand.numbers(4, 5)
    assert export(hand.folder, tmp_path / "log") == Written(2, 0, 0, True)
    after = file_of(tmp_path / "log")
    assert after == before
    assert [p[0] for p in read(tmp_path / "log").scalars["loss/g"]] == [1, 2, 3, 4, 5]


def test_what_a_killed_writer_left_is_cut_off(hand: Hand, tmp_path: Path) -> None:
    hand.numbers(1, 3)
    export(hand.folder, tmp_path / "log")
    file = file_of(tmp_path / "log")
    whole = file.read_bytes()
    file.write_bytes(whole + whole[-40:-7])  # rows that its place does not know of, half of one
    hand.numbers(4, 4)
    export(hand.folder, tmp_path / "log")
    assert [p[0] for p in read(tmp_path / "log").scalars["loss/d"]] == [1, 2, 3, 4]
    file.write_bytes(whole[:50])  # shorter than it was: begun anew
    export(hand.folder, tmp_path / "log")
    assert [p[0] for p in read(tmp_path / "log").scalars["loss/d"]] == [1, 2, 3, 4]


def test_numbers_that_are_none_stay_so(hand: Hand, tmp_path: Path) -> None:
    with RunStore.open(hand.folder.db_path) as store:
        store.add_metrics(1, ["loss/d"], [1, 2], 4, [[float("nan")], [float("-inf")]])
    export(hand.folder, tmp_path / "log")
    (_, at, first), (_, _, second) = read(tmp_path / "log").scalars["loss/d"]
    assert np.isnan(first)
    assert second == float("-inf")
    assert at == 2000.0  # nothing but the attempt's start is known


def test_wall_times_know_of_pauses(hand: Hand, tmp_path: Path) -> None:
    hand.event(0, "Started", at=3000.0)
    hand.numbers(1, 10)  # a tenth of a second each
    hand.event(10, "Resumed after an hour", at=6600.0)
    hand.numbers(11, 20)
    hand.grid(15, at=6600.5)
    export(hand.folder, tmp_path / "log")
    times = dict((s, at) for s, at, _ in read(tmp_path / "log").scalars["loss/d"])
    assert times[1] == pytest.approx(3000.1)
    assert times[10] == pytest.approx(3001.0)
    assert times[11] == pytest.approx(6600.1, abs=1e-3)
    assert times[20] == pytest.approx(6601.0, abs=1e-3)


def test_a_missing_picture_is_left_out(hand: Hand, tmp_path: Path) -> None:
    hand.grid(1)
    hand.grid(2)
    (hand.folder.samples_dir / "ema-1-1.png").unlink()
    assert export(hand.folder, tmp_path / "log").n_images == 1
    assert [p[0] for p in read(tmp_path / "log").images["samples/ema"]] == [2]


def test_one_folder_is_the_log_of_one_run(hand: Hand, home: Home, tmp_path: Path) -> None:
    export(hand.folder, tmp_path / "log")
    other = create_run(home, "{}", name="other")
    with pytest.raises(StoreError, match=f"holds the log of the run {hand.folder.id}"):
        TensorBoardLog(other, tmp_path / "log")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "events.out.tfevents.1.x").write_bytes(b"")
    with pytest.raises(StoreError, match="holds another log"):
        TensorBoardLog(hand.folder, foreign)
    with (
        TensorBoardLog(hand.folder, tmp_path / "log"),
        pytest.raises(StoreError, match="Another process writes"),
    ):
        TensorBoardLog(hand.folder, tmp_path / "log")
    TensorBoardLog(hand.folder, tmp_path / "log").close()
    (tmp_path / "log" / "place.json").write_text("{")
    with pytest.raises(StoreError, match="is damaged"):
        TensorBoardLog(hand.folder, tmp_path / "log")
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        TensorBoardLog(hand.folder, tmp_path / "file")
    with FileLock(tmp_path / "log" / ".lock", timeout=0):
        pass  # none of those that failed holds it


class Ticker:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def live_of(folder: RunFolder, problems: list[str], clock: Callable[[], float]) -> LiveLog:
    return LiveLog(folder, problems.append, clock=clock)


def test_a_live_log_is_written_now_and_then_and_whole_in_the_end(hand: Hand) -> None:
    problems: list[str] = []
    clock = Ticker()
    live = live_of(hand.folder, problems, clock)
    log_path = hand.folder.path / "tensorboard"
    assert not log_path.exists()
    hand.numbers(1, 3)
    live.update()
    assert len(read(log_path).scalars["loss/d"]) == 3
    hand.numbers(4, 6)
    live.update()
    assert len(read(log_path).scalars["loss/d"]) == 3  # too early
    clock.now = 1.1
    live.update()
    assert len(read(log_path).scalars["loss/d"]) == 6
    hand.numbers(7, 8)
    live.close()
    assert len(read(log_path).scalars["loss/d"]) == 8
    live.update()
    live.close()
    assert problems == []


def test_a_live_log_that_fails_says_so_once(hand: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    problems: list[str] = []
    clock = Ticker()
    (hand.folder.path / "tensorboard").touch()  # a file where the folder should be
    live = live_of(hand.folder, problems, clock)
    for clock.now in (0.0, 2.0, 4.0):
        live.update()
    live.close()
    (problem,) = problems
    assert problem.startswith("The TensorBoard log ends here: ")

    (hand.folder.path / "tensorboard").unlink()
    live = live_of(hand.folder, problems, clock)
    hand.numbers(1, 2)
    live.update()
    monkeypatch.setattr(TensorBoardLog, "update", lambda *_: 1 / 0)
    clock.now = 9.0
    live.update()
    live.close()
    assert "ZeroDivisionError" in problems[1]
    with FileLock(hand.folder.path / "tensorboard" / ".lock", timeout=0):
        pass


def test_a_log_that_nobody_goes_on_with(hand: Hand, tmp_path: Path) -> None:
    with TensorBoardLog(hand.folder, tmp_path / "log") as log:
        log.update()
    log.forget_place()
    (file,) = (tmp_path / "log").iterdir()
    assert "tfevents" in file.name
