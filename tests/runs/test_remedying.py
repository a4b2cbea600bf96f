"""Applying remedies: by a command, by resuming, or as a changed copy; and what is remembered."""

import pytest

from gan.diagnosis.findings import Finding
from gan.diagnosis.remedies import Remedy
from gan.errors import ConfigError
from gan.runs import watching
from gan.runs.control import read_config, summarise
from gan.runs.folder import Home, list_runs
from gan.runs.remedying import (
    FINDING_EVENT,
    Change,
    applied_remedies,
    apply_remedy,
    changes_of,
    current_findings,
    origin_of,
    way_of,
)
from gan.runs.states import RunState
from gan.runs.store import RunStore

SLOWER_G = Remedy("Lower G's learning rate", "So that it waits.", {"g_opt.lr": 1e-5}, True)
HINGE = Remedy("Use the hinge", "It is firm.", {"loss.name": "hinge", "loss.r1_gamma": 2.0}, False)
FOUND = Finding("mode-collapse", 5, 20, "Diversity is 0.02.", ("quality/diversity",))
LIVE = {"g_lr": 4e-4, "d_lr": 2e-4, "n_steps": 24, "max_steps_per_s": None}


def put_into(folder, state: RunState, **live):
    """Let a run be in a state as if a worker had brought it there."""
    with RunStore.open(folder.db_path) as store:
        store.begin_attempt(now=1.0, pid=1, info={})
        store.update_progress(step=20, n_steps=24, tick=40, live=LIVE | live)
        store.set_meta("findings", [FOUND.to_dict()])
        told = {"step": 15, "tick": 30, "now": 1.5, "kind": FINDING_EVENT, "text": "Mode collapse."}
        store.add_event(1, **told, payload={"name": FOUND.name}, marks=True)
        if state is not RunState.RUNNING:
            store.end_attempt(1, now=2.0, state=state)
    return folder


@pytest.fixture
def running(make_run):
    """A run whose worker holds its lock, as far as anybody can tell."""
    folder = put_into(make_run(), RunState.RUNNING)
    with folder.lock():
        yield folder


def commands(folder):
    with RunStore.open(folder.db_path) as store:
        return [(c.kind, c.payload) for c in store.pending_commands(1)]


def other(home: Home, folder):
    (found,) = [run for run in list_runs(home) if run.id != folder.id]
    return found


def test_findings_are_read_and_what_is_none_of_them_is_left_out(make_run):
    folder = put_into(make_run(), RunState.STOPPED)
    assert current_findings(summarise(folder)) == [FOUND]
    with RunStore.open(folder.db_path) as store:
        store.set_meta("findings", [{"name": "later", "colour": "blue"}, FOUND.to_dict(), {}])
    assert current_findings(summarise(folder)) == [FOUND]
    assert FINDING_EVENT == watching.EVENT_KIND


def test_a_live_remedy_is_a_command_to_the_run_itself(home, running, stub):
    summary = summarise(running)
    assert way_of(summary, SLOWER_G, is_room=False) == "live"
    assert apply_remedy(home, summary, "mode-collapse", SLOWER_G).id == running.id
    assert commands(running) == [("set", {"g_lr": 1e-5})]
    (applied,) = applied_remedies(summarise(running))
    assert (applied.finding, applied.label) == ("mode-collapse", SLOWER_G.label)
    assert (applied.run, applied.step) == (running.id, 20)
    assert len(list_runs(home)) == 1


def test_another_remedy_is_a_changed_copy_for_which_the_run_stops_if_there_is_no_room(
    home, running, stub
):
    summary = summarise(running)
    assert way_of(summary, HINGE, is_room=False) == "instead"
    assert way_of(summary, HINGE, is_room=True) == "beside"
    new = apply_remedy(home, summary, "mode-collapse", HINGE)
    assert new.id == other(home, running).id
    config, before = read_config(new), read_config(running)
    assert (config.loss.name, config.loss.r1_gamma) == ("hinge", 2.0)
    assert config.g_opt.lr == LIVE["g_lr"]  # what was in force, not what the run began with
    assert config.train == before.train and config.data == before.data
    assert commands(running) == [("stop", {})]
    assert summarise(new).name == f"{summary.name} · remedy"
    origin = origin_of(summarise(new))
    assert origin is not None
    assert (origin.run, origin.finding, origin.label) == (running.id, "mode-collapse", HINGE.label)
    assert (origin.step, origin.noticed) == (20, 15)
    assert [applied.run for applied in applied_remedies(summarise(running))] == [new.id]
    assert origin_of(summarise(running)) is None


def test_beside_other_runs_where_there_is_room(home, make_run, stub):
    folder = put_into(make_run(), RunState.COMPLETED)
    summary = summarise(folder)
    for remedy in (HINGE, SLOWER_G):
        assert way_of(summary, remedy, is_room=False) == "beside"
    new = apply_remedy(home, summary, "mode-collapse", SLOWER_G)
    assert read_config(new).g_opt.lr == 1e-5
    assert summarise(folder).status.state is RunState.COMPLETED


@pytest.mark.parametrize("state", [RunState.DIVERGED, RunState.STOPPED, RunState.INTERRUPTED])
def test_a_run_that_can_go_on_is_resumed_with_a_live_remedy(home, make_run, stub, state):
    folder = put_into(make_run(), state)
    summary = summarise(folder)
    assert way_of(summary, SLOWER_G, is_room=True) == "resume"
    apply_remedy(home, summary, "divergence", SLOWER_G)
    after = summarise(folder)
    assert after.status.state is RunState.QUEUED
    assert after.meta["on_start"] == {"g_lr": 1e-5}
    assert len(applied_remedies(after)) == 1


def test_changes_are_told_against_the_values_in_force(make_run):
    folder = put_into(make_run(), RunState.STOPPED)
    summary, config = summarise(folder), read_config(folder)
    assert changes_of(config, summary, SLOWER_G) == [Change("g_opt.lr", 4e-4, 1e-5)]
    assert changes_of(config, summary, HINGE) == [
        Change("loss.name", "bce", "hinge"),
        Change("loss.r1_gamma", 0.0, 2.0),
    ]


def test_what_is_not_legal_is_refused_and_not_remembered(home, running, stub):
    too_fast = Remedy("Fly", "Why not.", {"g_opt.lr": -1.0}, True)
    with pytest.raises(ConfigError):
        apply_remedy(home, summarise(running), "mode-collapse", too_fast)
    assert applied_remedies(summarise(running)) == []
    assert commands(running) == []
