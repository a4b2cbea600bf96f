"""Comparisons: their runs, made once and found again; pause, stop, drop, seeds, delete."""

import shutil
import time
from dataclasses import replace

import pytest
from comparison_cases import tiny_design
from tiny_runs import set_runs_at_once, status_of

from gan.errors import ConfigError, StoreError
from gan.runs import comparisons
from gan.runs.comparisons.store import comparison_dir, new_comparison, run_of, write
from gan.runs.control import read_config, summarise
from gan.runs.folder import list_runs, list_trash
from gan.runs.forking import fork
from gan.runs.launcher import claim_for_this_process
from gan.runs.probe import DeviceRow, record_devices
from gan.runs.states import RunState
from gan.runs.store import RunStore

SLOW, FAST = "0.001", "0.01"
PLACES = {(SLOW, 0), (FAST, 0), (SLOW, 1), (FAST, 1)}


@pytest.fixture
def quiet(home, make_run):
    """A home whose devices are known and whose only slot another run holds."""
    record_devices(home, [DeviceRow("cpu", "CPU")])
    set_runs_at_once(home, 1)
    assert claim_for_this_process(home, make_run())
    return home


def runs_in(home):
    """All runs but the one that holds the slot."""
    return [run for run in list_runs(home) if summarise(run).name.startswith("Rates")]


def states(home, comparison):
    return {place: status_of(run_of(home, run)).state for place, run in comparison.members.items()}


def end(home, comparison, place, state, message=""):
    """Let a run be over, as its worker would write it."""
    with RunStore.open(run_of(home, comparison.members[place]).db_path) as store:
        if store.get_status().state is not RunState.QUEUED:
            store.set_state(RunState.QUEUED, now=time.time())
        attempt = store.begin_attempt(now=time.time(), pid=1, info={})
        store.end_attempt(attempt, now=time.time(), state=state, message=message)


def test_creating_makes_a_run_for_every_variant_and_seed(quiet):
    comparison = comparisons.create(quiet, tiny_design())
    assert set(comparison.members) == PLACES
    assert len(runs_in(quiet)) == 4
    for (key, seed), run_id in comparison.members.items():
        config = read_config(run_of(quiet, run_id))
        assert (config.g_opt.lr, config.train.seed) == (float(key), seed)
        assert config.train.n_threads == comparison.n_threads
        summary = summarise(run_of(quiet, run_id))
        assert summary.name == f"Rates · {key} · seed {seed}"
        assert summary.meta["comparison"] == {"id": comparison.id, "variant": key, "seed": seed}
    assert comparisons.open_comparison(quiet, comparison.id) == comparison
    assert comparisons.list_comparisons(quiet) == [comparison]
    assert comparisons.find_comparison(quiet, "Rates") == comparison
    assert comparisons.find_comparison(quiet, comparison.id[-4:]) == comparison


def test_a_comparison_whose_making_was_interrupted_anywhere_is_completed(quiet):
    whole = comparisons.create(quiet, tiny_design())
    shutil.rmtree(run_of(quiet, whole.members[FAST, 1]).path)  # it was not made yet
    forgotten = {p: run for p, run in whole.members.items() if p in {(SLOW, 0), (FAST, 1)}}
    write(quiet, replace(whole, members=forgotten))  # two were made and not noted
    again = comparisons.ensure_runs(quiet, whole)
    assert set(again.members) == PLACES
    assert len(runs_in(quiet)) == 4
    same = PLACES - {(FAST, 1)}
    assert {p: again.members[p] for p in same} == {p: whole.members[p] for p in same}

    empty = new_comparison(quiet, tiny_design(), 1)  # nothing was made
    assert len(comparisons.ensure_runs(quiet, empty).members) == 4
    assert len(comparisons.list_comparisons(quiet)) == 2


def test_what_ended_is_never_repeated_and_what_broke_off_goes_on(quiet):
    comparison = comparisons.create(quiet, tiny_design())
    end(quiet, comparison, (SLOW, 0), RunState.COMPLETED)
    end(quiet, comparison, (FAST, 0), RunState.DIVERGED)
    end(quiet, comparison, (SLOW, 1), RunState.INTERRUPTED)
    end(quiet, comparison, (FAST, 1), RunState.STOPPED, "Stopped by hand.")
    comparisons.ensure_runs(quiet, comparison)
    assert states(quiet, comparison) == {
        (SLOW, 0): RunState.COMPLETED,
        (FAST, 0): RunState.DIVERGED,
        (SLOW, 1): RunState.QUEUED,
        (FAST, 1): RunState.STOPPED,
    }
    message = "The system asked the worker to end (SIGTERM)."
    end(quiet, comparison, (SLOW, 1), RunState.STOPPED, message)
    comparisons.ensure_runs(quiet, comparison)
    assert states(quiet, comparison)[SLOW, 1] is RunState.QUEUED

    for _ in range(8):  # something kills it each time
        end(quiet, comparison, (SLOW, 1), RunState.INTERRUPTED)
        comparisons.ensure_runs(quiet, comparison)
    assert states(quiet, comparison)[SLOW, 1] is RunState.INTERRUPTED
    comparisons.resume(quiet, comparison)
    assert states(quiet, comparison)[SLOW, 1] is RunState.QUEUED
    assert states(quiet, comparison)[FAST, 1] is RunState.STOPPED
    comparisons.resume(quiet, comparison, variant=FAST)
    assert states(quiet, comparison) == {
        (SLOW, 0): RunState.COMPLETED,
        (FAST, 0): RunState.DIVERGED,
        (SLOW, 1): RunState.QUEUED,
        (FAST, 1): RunState.QUEUED,
    }


def test_pausing_holds_queued_runs_back_until_they_are_resumed(quiet):
    comparison = comparisons.create(quiet, tiny_design())
    paused = comparisons.pause(quiet, comparison, variant=SLOW)
    assert paused.paused == {(SLOW, 0), (SLOW, 1)}
    stages = {(m.variant.key, m.seed): m.stage for m in comparisons.progress(quiet, paused).members}
    assert stages == {
        (SLOW, 0): "paused", (FAST, 0): "queued", (SLOW, 1): "paused", (FAST, 1): "queued"
    }  # fmt: skip
    comparisons.ensure_runs(quiet, comparison)
    assert states(quiet, comparison)[SLOW, 0] is RunState.STOPPED
    resumed = comparisons.resume(quiet, comparison, seed=1)
    assert resumed.paused == {(SLOW, 0)}
    assert states(quiet, comparison)[SLOW, 1] is RunState.QUEUED
    assert comparisons.resume(quiet, comparison).paused == frozenset()
    assert set(states(quiet, comparison).values()) == {RunState.QUEUED}


def test_stopped_runs_count_as_they_are_until_everything_else_is_done(quiet):
    comparison = comparisons.create(quiet, tiny_design())
    comparisons.stop(quiet, comparison, variant=FAST, seed=0)
    assert states(quiet, comparison)[FAST, 0] is RunState.STOPPED
    comparisons.stop(quiet, comparison)
    assert comparisons.progress(quiet, comparison).is_over
    comparisons.resume(quiet, comparison)
    assert set(states(quiet, comparison).values()) == {RunState.QUEUED}


def test_a_dropped_variant_is_out_of_the_race_and_may_come_back(quiet):
    comparison = comparisons.create(quiet, tiny_design())
    dropped = comparisons.drop_variant(quiet, comparison, SLOW)
    assert dropped.dropped == {SLOW}
    assert [v.key for v in dropped.variants] == [FAST]
    assert states(quiet, comparison)[SLOW, 0] is RunState.STOPPED
    assert len(comparisons.progress(quiet, dropped).members) == 2
    with pytest.raises(ConfigError, match="last variant"):
        comparisons.drop_variant(quiet, comparison, FAST)
    with pytest.raises(ConfigError, match=r"no variant 'fats'.*0\.001, 0\.01"):
        comparisons.drop_variant(quiet, comparison, "fats")
    more = comparisons.add_seeds(quiet, comparison, [7])
    assert (FAST, 7) in more.members
    assert (SLOW, 7) not in more.members
    back = comparisons.restore_variant(quiet, comparison, SLOW)
    assert set(back.members) == PLACES | {(SLOW, 7), (FAST, 7)}
    assert set(states(quiet, back).values()) == {RunState.QUEUED}


def test_seeds_can_be_added_later_and_only_once(quiet):
    comparison = comparisons.create(quiet, tiny_design(seeds=(0,)))
    more = comparisons.add_seeds(quiet, comparison, [1, 5])
    assert more.design.seeds == (0, 1, 5)
    assert len(more.members) == 6
    assert more.members[SLOW, 0] == comparison.members[SLOW, 0]
    assert read_config(run_of(quiet, more.members[FAST, 5])).train.n_threads == more.n_threads
    with pytest.raises(ConfigError, match="repeat"):
        comparisons.add_seeds(quiet, comparison, [5])
    assert comparisons.open_comparison(quiet, comparison.id) == more


def test_deleting_keeps_the_runs_or_puts_them_into_the_trash(quiet):
    first, second = (comparisons.create(quiet, tiny_design()) for _ in range(2))
    comparisons.delete(quiet, first)
    assert comparisons.list_comparisons(quiet) == [second]
    kept = summarise(run_of(quiet, first.members[SLOW, 0]))
    assert not kept.meta["comparison"]
    comparisons.delete(quiet, second, with_runs=True)
    assert comparisons.list_comparisons(quiet) == []
    assert {run.id for run in runs_in(quiet)} == set(first.members.values())
    assert {run.id for run in list_trash(quiet)} == set(second.members.values())


def test_a_damaged_or_unknown_comparison_gets_one_sentence_and_hides_no_other(quiet):
    first, second = (comparisons.create(quiet, tiny_design()) for _ in range(2))
    (comparison_dir(quiet, first.id) / "state.json").write_text('{"members": 3}')
    assert comparisons.list_comparisons(quiet) == [second]
    for name in (first.id, "../runs", "", ".", "nothing"):
        with pytest.raises(StoreError):
            comparisons.open_comparison(quiet, name)


def test_a_copy_of_a_member_is_no_member(quiet):
    from gan.runs.worker import Worker

    comparison = comparisons.create(quiet, tiny_design(rates=(0.001, 0.002), seeds=(0,)))
    member = run_of(quiet, comparison.members[SLOW, 0])
    assert Worker(quiet, member).work() is RunState.COMPLETED
    fork(quiet, member, n_more=5)
    write(quiet, replace(comparison, members={}))
    found = comparisons.ensure_runs(quiet, comparison)
    assert found.members == comparison.members


def test_a_variant_that_cannot_train_is_refused_by_name_before_anything_exists(quiet):
    with pytest.raises(ConfigError, match=r"^0\.001: .*batch"):
        comparisons.create(quiet, tiny_design(train__batch_size=300, train__drop_last=True))
    assert runs_in(quiet) == []
    assert comparisons.list_comparisons(quiet) == []
