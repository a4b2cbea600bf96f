"""Going on from any saved step as a run of its own, with the numbers that the run itself had."""

from pathlib import Path

import numpy as np
import pytest
from tiny_runs import events_in, numbers_in, samples_in, status_of, steps_in

from gan.errors import CheckpointError, ConfigError
from gan.runs.control import read_config, summarise
from gan.runs.folder import Home, list_runs
from gan.runs.forking import fork
from gan.runs.forking import steps_in as epochs_to_steps
from gan.runs.shipped import install
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.runs.worker import Worker


@pytest.fixture
def source(home, make_run):
    folder = make_run(output__checkpoint_every=10)
    assert Worker(home, folder).work() is RunState.COMPLETED
    return folder


def everything_in(folder):
    files = {p.relative_to(folder.path): p.read_bytes() for p in folder.path.rglob("*.p*")}
    return files, folder.config_path.read_text(), steps_in(folder), summarise(folder)


def test_a_copy_goes_on_as_the_run_itself_did(home, source):
    before = everything_in(source)
    copy = fork(home, source, step=10, n_more=14, name="second try")
    assert Worker(home, copy).work() is RunState.COMPLETED
    assert steps_in(copy) == steps_in(source) == list(range(1, 25))
    np.testing.assert_array_equal(numbers_in(copy), numbers_in(source))
    assert samples_in(copy, "ema") == samples_in(source, "ema")
    assert everything_in(source) == before, "the run itself is untouched"


def test_it_is_queued_with_what_there_was_up_to_that_step(home, source):
    copy = fork(home, source, step=10, n_more=5)
    summary = summarise(copy)
    assert (summary.name, summary.status.state) == ("custom 1, continued", RunState.QUEUED)
    assert (summary.status.step, summary.status.n_steps) == (10, 15)
    assert read_config(copy).train.n_steps == 15
    assert summary.meta["forked_from"] == {"id": source.id, "name": "custom 1", "step": 10}
    assert samples_in(copy, "generator") == [0, 1, 2, 5, 10]
    assert [p.name for p in copy.checkpoints_dir.iterdir()] == ["step-00000010-tick-000000020.pt"]
    on_disk = {f"samples/{p.name}" for p in copy.samples_dir.iterdir()}
    with RunStore.open(copy.db_path) as store:
        assert on_disk == {s.path for s in store.read_samples()}
        assert [c.step for c in store.list_checkpoints()] == [10]
    assert events_in(copy)[-1] == ("forked", False)


def test_by_default_the_newest_step_counts(home, source):
    assert summarise(fork(home, source, n_more=1)).status.n_steps == 25


def test_a_rule_that_ended_the_run_does_not_end_the_copy_at_once(home, make_run):
    folder = make_run(stop__after_s=1e-6)
    assert Worker(home, folder).work() is RunState.COMPLETED
    assert status_of(folder).step < 24
    copy = fork(home, folder, n_more=3)
    Worker(home, copy).work()
    assert status_of(copy).step == status_of(folder).step + 3


def test_what_cannot_be_continued_is_one_sentence(home, source, make_run):
    n_runs = len(list_runs(home))
    for bad, error in (
        ({"n_more": 0}, ConfigError),
        ({"n_more": 10**12}, ConfigError),
        ({"n_more": 1, "step": 7}, CheckpointError),
    ):
        with pytest.raises(error):
            fork(home, source, **bad)
    with pytest.raises(CheckpointError, match="no checkpoint to go on from"):
        fork(home, make_run(), n_more=1)
    assert len(list_runs(home)) == n_runs + 1
    assert not [p for p in home.runs_dir.iterdir() if p.name[0] == "." and p.name != ".trash"]


def test_epochs_are_steps(source):
    assert epochs_to_steps(source, 2.0) == 16
    with pytest.raises(ConfigError):
        epochs_to_steps(source, 0.0)


def test_a_shipped_one_goes_on_with_this_machines_threads(home: Home, tiny_shipped: Path) -> None:
    assert install(home, tiny_shipped) == []
    (shipped,) = list_runs(home)
    before = everything_in(shipped)
    copy = fork(home, shipped, n_more=6)
    config = read_config(copy)
    assert (config.train.device, config.train.n_threads) == ("auto", None)
    assert not summarise(copy).is_shipped
    assert Worker(home, copy, n_threads=1).work() is RunState.COMPLETED
    assert set(steps_in(copy)) == set(range(1, 19))
    assert np.isfinite(numbers_in_losses(copy)).all()
    assert samples_in(copy, "ema")[-1] == 18
    assert ("forked", True) in events_in(copy)
    assert everything_in(shipped) == before


def numbers_in_losses(folder):
    with RunStore.open(folder.db_path) as store:
        chunks = [c for c in store.read_metrics() if "loss/d" in c.keys]
    return np.concatenate([c.values[:, c.keys.index("loss/d")] for c in chunks])


def test_a_live_run_is_copied_as_it_is_at_its_last_checkpoint(home, make_run, forge):
    from tiny_runs import wait_until

    folder = make_run(train__n_steps=1_000_000, output__checkpoint_every=10)
    forge.work(home, folder)

    def has_checkpoint():
        with RunStore.open(folder.db_path) as store:
            return store.list_checkpoints()

    wait_until(has_checkpoint)
    copy = fork(home, folder, n_more=4)
    summary = summarise(copy)
    assert summary.status.state is RunState.QUEUED
    assert status_of(folder).state is RunState.RUNNING
    assert Worker(home, copy).work() is RunState.COMPLETED
    assert status_of(copy).step == summary.status.step + 4
