"""What a person does with runs, with a stub in the worker's place."""

import pytest
from tiny_runs import set_runs_at_once, status_of, steps_in, tiny

from gan.errors import ConfigError, StoreError
from gan.runs.control import (
    extend,
    extended_end,
    launch,
    new_run,
    queue_again,
    read_config,
    resume,
    start_over,
    stop,
    summarise,
    summarise_all,
)
from gan.runs.launcher import claim_for_this_process
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.runs.worker import Worker


@pytest.fixture
def completed(home, make_run):
    folder = make_run()
    Worker(home, folder).work()
    return folder


def on_start(folder):
    with RunStore.open(folder.db_path) as store:
        return store.get_meta().get("on_start")


def test_runs_get_names_and_labels(home):
    first, second = (summarise(new_run(home, tiny())) for _ in range(2))
    assert (first.name, second.name) == ("custom 1", "custom 2")
    assert first.labels == {"recipe": "custom", "dataset": "drawn-digits"}
    assert summarise(new_run(home, tiny(), name="  Mine ")).name == "Mine"
    assert (first.data, first.phase, first.id) == ({}, "", first.folder.id)
    assert len(summarise_all(home)[0]) == 3


def test_launch_starts_or_queues(home, stub):
    set_runs_at_once(home, 1)
    first, second = launch(home, tiny()), launch(home, tiny())
    assert read_config(first) == tiny()
    assert status_of(first).state is status_of(second).state is RunState.QUEUED


def test_a_configuration_that_is_gone_is_a_sentence(make_run):
    folder = make_run()
    folder.config_path.unlink()
    with pytest.raises(StoreError, match="cannot be read"):
        read_config(folder)


def test_only_an_ended_run_is_resumed(home, make_run, completed, stub):
    with pytest.raises(StoreError, match="only an ended run"):
        resume(home, make_run())
    with pytest.raises(StoreError, match="extend it"):
        resume(home, completed)
    with pytest.raises(StoreError, match="extend it"):
        resume(home, completed, n_steps=24)
    with pytest.raises(ConfigError, match="must be"):
        resume(home, completed, n_steps=30, g_lr=5.0)
    assert status_of(completed).state is RunState.COMPLETED
    assert on_start(completed) is None
    resume(home, completed, n_steps=30.0)
    assert status_of(completed).state is RunState.QUEUED
    assert on_start(completed) == {"n_steps": 30}
    with pytest.raises(StoreError, match="only an ended run"):
        resume(home, completed, n_steps=40)
    assert on_start(completed) == {"n_steps": 30}


def test_the_end_cannot_be_moved_before_the_present(home, completed, make_run):
    queue_again(completed, n_steps=30)
    worker = Worker(home, completed, watch=lambda record: worker.ask_to_stop("Enough."))
    assert worker.work() is RunState.STOPPED
    with pytest.raises(ConfigError, match="step 25 already"):
        queue_again(completed, n_steps=10)
    queue_again(completed)
    assert Worker(home, completed).work() is RunState.COMPLETED
    assert steps_in(completed) == list(range(1, 31))


@pytest.mark.parametrize("epochs", [0.0, -1.0, float("nan"), float("inf")])
def test_an_extension_is_a_number_above_0(home, completed, epochs):
    with pytest.raises(ConfigError, match="above 0"):
        extend(home, completed, epochs)


def test_extending_counts_in_epochs(home, completed, make_run, stub):
    assert extended_end(completed, 2.0) == 24 + 2 * 8
    assert extended_end(completed, 1e-9) == 25
    assert extend(home, completed, 2.0) == 40
    assert on_start(completed) == {"n_steps": 40}
    with pytest.raises(StoreError, match="has not started"):
        extend(home, make_run(), 1.0)


def test_a_run_that_trains_is_extended_by_a_command(home, make_run):
    folder = make_run(train__n_steps=10)
    ends = []

    def watch(record):
        if not ends:
            ends.append(extend(home, folder, 1.0))

    Worker(home, folder, watch=watch).work()
    assert ends == [18]
    assert steps_in(folder) == list(range(1, 19))


def test_starting_over_is_a_new_run_with_the_same_configuration(home, completed, stub):
    again = start_over(home, completed)
    assert again.id != completed.id
    assert read_config(again) == read_config(completed)
    assert summarise(again).name == "custom 1 again"


def test_stopping_fits_the_state(home, make_run, completed, stub):
    queued = make_run()
    claim_for_this_process(home, queued)
    stop(home, queued)
    assert status_of(queued).message == "Taken out of the queue."
    with pytest.raises(StoreError, match="stopped already"):
        stop(home, queued)
    with pytest.raises(StoreError, match="only a queued run"):
        Worker(home, queued).work()  # the worker that was just being started
    running = make_run()
    assert Worker(home, running, watch=lambda _: stop(home, running)).work() is RunState.STOPPED


def test_the_phase_of_a_dead_run_is_not_shown(home, make_run):
    folder = make_run()
    with RunStore.open(folder.db_path) as store:
        store.begin_attempt(now=1.0, pid=1, info={})
        store.set_meta("phase", "Reading the images")
        with folder.lock():
            assert summarise(folder).phase == "Reading the images"
    summary = summarise(folder)
    assert summary.status.state is RunState.INTERRUPTED
    assert summary.phase == ""
