"""The feed of many runs: only what is new is read, little is kept, trouble stays where it is."""

import shutil
import tracemalloc

import numpy as np
import pytest

from gan.figures import race
from gan.figures.race import RaceFeed, Racer
from gan.runs import courses
from gan.runs.folder import Home, RunFolder, create_run
from gan.runs.states import RunState
from gan.runs.store import RunStore

KEYS = ("loss/d_real", "loss/d_fake", "loss/g", "time/elapsed_s", "grad/g_norm")


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


def make_run(home: Home, n_steps: int = 0) -> RunFolder:
    folder = create_run(home, "{}", name="run")
    with RunStore.open(folder.db_path) as store:
        store.begin_attempt(now=0.0, pid=1, info={})
    write(folder, 1, n_steps)
    return folder


def write(folder: RunFolder, first: int, last: int, value: float = 1.0, attempt: int = 1) -> None:
    with RunStore.open(folder.db_path) as store, store.batch():
        for start in range(first, last + 1, 500):
            steps = np.arange(start, min(start + 500, last + 1))
            values = np.full((len(steps), len(KEYS)), value)
            values[:, 3] = steps / 100
            store.add_metrics(attempt, KEYS, steps, int(steps[-1]), values)


def measure(folder: RunFolder, step: int, distance: float) -> None:
    with RunStore.open(folder.db_path) as store:
        keys = ("quality/distance", "time/elapsed_s")
        store.add_metrics(1, keys, [step], step, [[distance, step / 100]])


def end(folder: RunFolder) -> None:
    with RunStore.open(folder.db_path) as store:
        store.end_attempt(1, now=1.0, state=RunState.COMPLETED)


def test_curves_grow_with_the_runs(home):
    folders = [make_run(home, 100), make_run(home, 50)]
    feed = RaceFeed(Racer(v, 0, folder) for v, folder in enumerate(folders))
    feed.refresh()
    first, second = feed.curves("loss/g")
    assert (first.variant, first.x[-1], second.x[-1]) == (0, 100, 50)
    write(folders[1], 51, 80, value=2.0)
    measure(folders[1], 80, 12.5)
    feed.refresh(now_please=True)
    second = feed.curves("loss/g", variants=[1])[0]
    assert (second.variant, second.x[-1], second.mean[-1]) == (1, 80, 2.0)
    (quality,) = feed.curves("quality/distance")
    assert (quality.variant, quality.x.tolist(), quality.mean.tolist()) == (1, [80], [12.5])


def test_viewers_share_a_look(home):
    now = [0.0]
    folder = make_run(home, 10)
    feed = RaceFeed([Racer(0, 0, folder)], clock=lambda: now[0])
    feed.refresh()
    write(folder, 11, 20)
    feed.refresh()
    assert feed.curves("loss/g")[0].x[-1] == 10
    now[0] += race.MIN_INTERVAL_S
    feed.refresh()
    assert feed.curves("loss/g")[0].x[-1] == 20


def test_what_a_resumed_attempt_replaced_is_forgotten(home):
    folder = make_run(home, 100)
    measure(folder, 100, 9.0)
    feed = RaceFeed([Racer(0, 0, folder)])
    feed.refresh()
    with RunStore.open(folder.db_path) as store:
        store.set_state(RunState.QUEUED, now=2.0)
        attempt = store.begin_attempt(now=2.0, pid=1, info={})
        store.supersede_after(-1, attempt)
    write(folder, 1, 30, value=5.0, attempt=attempt)
    feed.refresh(now_please=True)
    (curve,) = feed.curves("loss/g")
    assert curve.x[-1] == 30
    assert set(curve.mean) == {5.0}
    assert feed.curves("quality/distance") == []


def test_an_ended_run_is_not_opened_again_until_something_is_written(home, monkeypatch):
    folder = make_run(home, 10)
    end(folder)
    feed = RaceFeed([Racer(0, 0, folder)])
    feed.refresh()
    opened = []
    summarise = courses.summarise
    monkeypatch.setattr(courses, "summarise", lambda f: opened.append(f) or summarise(f))
    feed.refresh(now_please=True)
    assert opened == []
    write(folder, 11, 20)
    feed.refresh(now_please=True)
    assert opened == [folder]
    assert feed.curves("loss/g")[0].x[-1] == 20


def test_a_run_that_cannot_be_read_is_named_and_the_others_go_on(home):
    good, bad = make_run(home, 10), make_run(home, 10)
    feed = RaceFeed([Racer(0, 0, good), Racer(1, 0, bad)])
    shutil.rmtree(bad.path)
    feed.refresh()
    assert list(feed.problems) == [bad.id]
    assert list(feed.summaries) == [good.id]
    assert [curve.variant for curve in feed.curves("loss/g")] == [0]


def test_following_others_keeps_what_is_known_of_those_that_stay(home):
    stays, goes, comes = (make_run(home, 10) for _ in range(3))
    feed = RaceFeed([Racer(0, 0, stays), Racer(1, 0, goes)])
    feed.refresh()
    feed.follow([Racer(0, 0, stays), Racer(0, 1, comes)])
    assert [curve.n_seeds for curve in feed.curves("loss/g")] == [1]
    feed.refresh()
    assert [curve.n_seeds for curve in feed.curves("loss/g")] == [2]
    assert set(feed.summaries) == {stays.id, comes.id}


def test_a_long_run_costs_no_more_than_a_short_one(home):
    folders = [make_run(home, 60_000) for _ in range(2)]
    feed = RaceFeed(Racer(0, seed, folder) for seed, folder in enumerate(folders))
    tracemalloc.start()
    feed.refresh()
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 2 * 400_000
    assert peak < 8_000_000
    (curve,) = feed.curves("loss/d_real", max_points=200)
    assert len(curve.x) <= 200
    assert curve.mean.tolist() == pytest.approx([1.0] * len(curve.x))
