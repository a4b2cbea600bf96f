"""The queue: slots, order, claims, workers that die, and folders that are broken."""

import os
import signal
import subprocess
import sys
import time

import pytest
from tiny_runs import (
    kill,
    set_runs_at_once,
    status_of,
    steps_in,
    tiny,
    wait_for_state,
    wait_until,
)

from gan.errors import StoreError
from gan.runs.commands import send
from gan.runs.control import launch, new_run, queue_again, stop, summarise, summarise_all
from gan.runs.cores import count_cores, slots
from gan.runs.launcher import (
    CLAIM_EXPIRES_S,
    claim_for_this_process,
    claimed_threads,
    launch_lock,
    log_tail,
    queue_position,
    reap,
    start_next,
)
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.runs.worker import Worker

CALL_START_NEXT = """
import sys
from pathlib import Path
from gan.runs.folder import Home
from gan.runs.launcher import start_next
sys.executable = sys.argv[2]
sys.stdin.readline()
start_next(Home(Path(sys.argv[1])))
"""


def claim_of(folder):
    with RunStore.open(folder.db_path) as store:
        return store.get_meta().get("claim")


def age_claim(folder, seconds):
    """Let a claim be older, and its process unknown."""
    with RunStore.open(folder.db_path) as store:
        claim = store.get_meta()["claim"]
        store.set_meta("claim", claim | {"at": claim["at"] - seconds, "pid": None})


def called(stub, n):
    """The run ids for which the stub was called, when there are so many."""
    return wait_until(lambda: len(lines := stub.read_text().splitlines()) >= n and lines)


# ---- real workers ------------------------------------------------------------------------


def test_one_slot_passes_from_run_to_run_with_nobodys_help(home, make_run, forge):
    set_runs_at_once(home, 1)
    first = make_run(train__n_steps=100_000, output__max_steps_per_s=50.0)
    forge.work(home, first)
    second, third, fourth = (launch(home, tiny(train__seed=seed)) for seed in (1, 2, 3))
    assert [queue_position(home, run) for run in (first, second, third, fourth)] == [0, 1, 2, 3]
    stop(home, third)
    assert status_of(third).state is RunState.STOPPED
    assert queue_position(home, fourth) == 2

    assert status_of(second).state is RunState.QUEUED
    send(first, "pause")  # a paused run gives its slot away
    wait_for_state(second, RunState.COMPLETED)
    wait_for_state(fourth, RunState.COMPLETED)  # and so does one that ended
    assert status_of(first).state is RunState.PAUSED
    assert status_of(third).attempt == 0
    assert steps_in(second) == steps_in(fourth) == list(range(1, 25))
    stop(home, first)
    wait_for_state(first, RunState.STOPPED)


def test_two_slots_share_the_cores(home):
    set_runs_at_once(home, 2)
    config = tiny(train__n_steps=100_000, output__max_steps_per_s=50.0).with_changes(
        {"train.n_threads": None}
    )
    runs = [launch(home, config) for _ in range(2)]
    for run in runs:
        wait_for_state(run, RunState.RUNNING)
        (attempt,) = attempts_of(run)
        assert attempt.info["n_threads"] == max(1, count_cores() // 2)
    for run in runs:
        stop(home, run)
    for run in runs:
        wait_for_state(run, RunState.STOPPED)


def attempts_of(folder):
    with RunStore.open(folder.db_path) as store:
        return store.list_attempts()


def is_process(pid):
    """A zombie, of which nobody asked how it ended, is one still."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_worker_gives_its_slot_back(home, make_run, forge, stub):
    set_runs_at_once(home, 1)
    running = make_run(train__n_steps=100_000)
    pid = forge.work(home, running)
    wait_for_state(running, RunState.RUNNING)
    waiting = make_run()
    assert start_next(home) == []
    kill(pid)
    wait_until(lambda: not running.is_locked())
    assert [run.id for run in start_next(home)] == [waiting.id]
    assert reap(running).state is RunState.INTERRUPTED
    reap(running)
    with RunStore.open(running.db_path) as store:
        assert [e.kind for e in store.read_events()].count("interrupted") == 1


def test_a_frozen_worker_keeps_its_slot(home, make_run, forge, stub):
    set_runs_at_once(home, 1)
    running = make_run(train__n_steps=100_000)
    pid = forge.work(home, running)
    os.kill(pid, signal.SIGSTOP)
    make_run()
    assert start_next(home) == []
    kill(pid)


# ---- order and claims, with a program in the worker's place --------------------------------


def test_the_oldest_waits_least_and_is_started_once(home, make_run, stub):
    set_runs_at_once(home, 2)
    runs = [make_run(train__n_threads=None) for _ in range(3)]
    oldest_first = sorted(runs, key=lambda run: (status_of(run).changed_at, run.id))
    started = start_next(home)
    assert [run.id for run in started] == [run.id for run in oldest_first[:2]]
    lines = called(stub, 2)
    assert all("-m gan work" in line for line in lines)
    assert {line.split()[3] for line in lines} == {run.id for run in started}


def test_many_processes_never_start_a_run_twice(home, make_run, tmp_path):
    calls, program = tmp_path / "calls.txt", tmp_path / "sleeper"
    calls.touch()
    program.write_text(f'#!/bin/sh\necho "$*" >> {calls}\nexec sleep 30\n')
    program.chmod(0o755)
    set_runs_at_once(home, 6)
    runs = [make_run(train__n_threads=None) for _ in range(6)]
    command = [sys.executable, "-c", CALL_START_NEXT, str(home.root), str(program)]
    starters = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(4)]
    for starter in starters:
        starter.stdin.write(b"go\n")
        starter.stdin.flush()
    for starter in starters:
        starter.communicate()
        assert starter.returncode == 0
    lines = called(stub=calls, n=6)
    time.sleep(0.1)
    assert sorted(line.split()[3] for line in calls.read_text().splitlines()) == sorted(
        run.id for run in runs
    )
    assert len(lines) == 6
    kill(*(claim_of(run)["pid"] for run in runs))


def test_a_worker_that_dies_at_once_is_started_twice_and_then_said_to_fail(home, make_run, stub):
    set_runs_at_once(home, 1)
    run = make_run()
    for n in (1, 2):
        assert start_next(home) == [run]
        called(stub, n)
        wait_until(lambda: not is_process(claim_of(run)["pid"]))
    assert start_next(home) == []
    assert status_of(run).state is RunState.FAILED
    assert "no such worker" in status_of(run).message
    queue_again(run)  # a person may try anew
    assert start_next(home) == [run]


def test_a_claim_expires(home, make_run, stub):
    set_runs_at_once(home, 1)
    run, other = (make_run(train__n_threads=None) for _ in range(2))
    run, other = sorted((run, other), key=lambda r: (status_of(r).changed_at, r.id))
    assert claim_for_this_process(home, run) == slots(home).n_threads
    assert claimed_threads(run) == slots(home).n_threads
    assert claim_for_this_process(home, run) is None  # ours already
    assert claim_for_this_process(home, other) is None  # no slot
    assert start_next(home) == []
    age_claim(run, CLAIM_EXPIRES_S + 1)
    assert queue_position(home, run) == 1
    assert start_next(home) == [run]


def test_a_run_taken_out_of_the_queue_while_it_starts_can_be_queued_again_at_once(
    home, make_run, stub
):
    set_runs_at_once(home, 1)
    run = make_run()
    claim_for_this_process(home, run)
    stop(home, run)
    queue_again(run)
    assert start_next(home) == [run]


def test_broken_folders_do_not_block_the_queue(home, make_run, stub):
    set_runs_at_once(home, 1)
    damaged, unwritable, fine = make_run(), make_run(), make_run()
    for at, run in enumerate((damaged, unwritable, fine)):
        with RunStore.open(run.db_path) as store:
            store._execute("UPDATE status SET changed_at = ?", (at,))
    damaged.db_path.write_bytes(b"no database at all" * 100)
    unwritable.log_path.mkdir()
    assert [run.id for run in start_next(home)] == [fine.id]
    assert status_of(unwritable).state is RunState.FAILED
    assert "worker.log" in status_of(unwritable).message
    summaries, problems = summarise_all(home)
    assert {s.id for s in summaries} == {unwritable.id, fine.id}
    assert len(problems) == 1
    assert damaged.id in problems[0]


def test_a_configuration_of_another_version_does_not_block_the_queue(home, make_run, stub):
    set_runs_at_once(home, 1)
    odd = make_run()
    odd.config_path.write_text('{"schema_version": 99}')
    assert Worker(home, odd).work() is RunState.FAILED
    assert "schema_version" in status_of(odd).message
    fine = make_run()
    assert start_next(home) == [fine]


# ---- small things --------------------------------------------------------------------------


def test_slots_follow_the_settings(home):
    assert slots(home).n == max(1, count_cores() // 4)
    set_runs_at_once(home, 64)
    assert slots(home).n_threads == 1


def test_the_launch_lock_excludes(home, monkeypatch):
    monkeypatch.setattr("gan.runs.launcher.LOCK_TIMEOUT_S", 0.05)
    with launch_lock(home), pytest.raises(StoreError, match="launch lock"), launch_lock(home):
        pass
    with launch_lock(home):
        folder = launch(home, tiny())  # made, and left in the queue
    assert status_of(folder).state is RunState.QUEUED


def test_log_tail_is_short_and_never_fails(make_run):
    folder = make_run()
    assert log_tail(folder) == []
    folder.log_path.write_bytes(b"\xff\n" + b"".join(b"line %d\n" % i for i in range(9000)))
    assert log_tail(folder, 2) == ["line 8998", "line 8999"]


def test_two_hundred_runs_are_summarised_quickly(home):
    for _ in range(200):
        folder = new_run(home, tiny(), name="one of many")
        with RunStore.open(folder.db_path) as store:
            store.set_state(RunState.STOPPED, now=time.time())
    began = time.process_time()
    summaries, problems = summarise_all(home)
    assert time.process_time() - began < 0.5
    assert len(summaries) == 200
    assert problems == []
    assert summarise(summaries[0].folder).status.state is RunState.STOPPED
