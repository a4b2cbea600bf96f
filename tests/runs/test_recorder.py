"""The recorder: what goes together is written together, and trying again doubles nothing."""

import numpy as np
import pytest
import torch
from tiny_runs import samples_in, status_of, steps_in, tiny

from gan.errors import CheckpointError, StoreError
from gan.runs.journal import Journal
from gan.runs.recorder import Recorder, newest_checkpoint
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.training.records import Diverged, MetricRows, SamplesReady, StepDone

KEYS = ("loss/d", "time/elapsed_s")


class FailingStore(RunStore):
    """A database of which one method fails a few times."""

    fails = ""
    n_failures = 1

    def _maybe_fail(self, name):
        if self.fails == name and self.n_failures > 0:
            self.n_failures -= 1
            raise StoreError("The disk is full.")

    def update_progress(self, **values):
        self._maybe_fail("update_progress")
        super().update_progress(**values)

    def add_sample(self, *args, kind, **values):
        self._maybe_fail(f"add_sample {kind}")
        return super().add_sample(*args, kind=kind, **values)

    def add_metrics(self, attempt, keys, steps, tick, values):
        self._maybe_fail(f"add_metrics {len(steps)}")
        return super().add_metrics(attempt, keys, steps, tick, values)

    def add_checkpoint(self, *args, **values):
        self._maybe_fail("add_checkpoint")
        return super().add_checkpoint(*args, **values)


@pytest.fixture
def folder(make_run):
    return make_run()


@pytest.fixture
def store(folder):
    with FailingStore.open(folder.db_path) as store:
        store.begin_attempt(now=1.0, pid=1, info={})
        yield store


@pytest.fixture
def recorder(folder, store):
    output = tiny(output__keep_last=1, output__keep_every=0).output
    return Recorder(folder, store, 1, output, now=lambda: 5.0)


def rows(*steps, bad=False):
    values = np.ones((len(steps), 2), dtype=np.float32)
    if bad:
        values[-1, 0] = np.nan
    return MetricRows(KEYS, np.array(steps), values)


def step_done(*steps):
    r = rows(*steps)
    return StepDone(steps[-1], 2 * steps[-1], 99, 0.5, r.last(), r)


def samples(step):
    images = torch.zeros(4, 1, 8, 8, dtype=torch.uint8)
    return SamplesReady(step, 2 * step, images, torch.zeros(4), images, torch.zeros(4))


DIVERGED = Diverged(4, "loss/d", "nan", 3, 6, rows(2, 3, 4, bad=True))


@pytest.mark.parametrize(
    ("record", "fails"),
    [
        (step_done(1, 2, 3), "update_progress"),
        (samples(3), "add_sample ema"),
        (DIVERGED, "add_metrics 1"),
        (DIVERGED, "update_progress"),
    ],
)
def test_a_record_that_failed_half_way_can_be_written_again(folder, store, recorder, record, fails):
    store.fails = fails
    with pytest.raises(StoreError):
        recorder.take(record)
    assert steps_in(folder) == []
    assert samples_in(folder, "generator") == []
    recorder.take(record)
    expected = {StepDone: [1, 2, 3], Diverged: [2, 3, 4], SamplesReady: []}[type(record)]
    assert steps_in(folder) == expected
    assert len(samples_in(folder, "ema")) == len(samples_in(folder, "generator"))


def test_a_step_without_a_report_costs_nothing(folder, recorder):
    recorder.take(StepDone(1, 2, 8, 0.1))
    assert status_of(folder).step == 0
    recorder.take(step_done(1))
    status = status_of(folder)
    assert (status.step, status.tick, status.epoch, status.elapsed_s) == (1, 2, 0.5, 1.0)


def test_resuming_after_a_divergence_supersedes_the_bad_row_alone(folder, store, recorder):
    recorder.take(DIVERGED)
    assert np.isnan(store.read_metrics()[-1].values[0, 0])
    store.end_attempt(1, now=2.0, state=RunState.DIVERGED)
    store.supersede_after(DIVERGED.tick, 2)
    assert steps_in(folder) == [2, 3]


def test_saving_twice_at_one_tick_is_one_checkpoint(folder, store, recorder):
    recorder.save({"a": 1}, 3, 6)
    recorder.save({"a": 2}, 3, 6)
    assert len(store.list_checkpoints()) == 1
    assert newest_checkpoint(folder, store) == ({"a": 2}, [])


def test_a_save_that_failed_half_way_can_be_made_again(folder, store, recorder):
    recorder.save({"a": 1}, 1, 2)
    store.fails = "add_checkpoint"
    with pytest.raises(StoreError):
        recorder.save({"a": 2}, 2, 4)
    assert newest_checkpoint(folder, store)[0] == {"a": 1}
    recorder.save({"a": 2}, 2, 4)
    assert newest_checkpoint(folder, store)[0] == {"a": 2}
    recorder.save({"a": 3}, 3, 6)
    kept = sorted(p.name for p in folder.checkpoints_dir.iterdir())  # the first and the newest
    assert kept == ["step-00000001-tick-000000002.pt", "step-00000003-tick-000000006.pt"]


def test_cleaning_up_removes_what_no_row_names(folder, store, recorder):
    recorder.save({"a": 1}, 1, 2)
    recorder.save({"a": 2}, 2, 4)
    for name in ("step-00000009-tick-000000018.pt", ".step-9.pt.77.tmp", "mine.pt"):
        (folder.checkpoints_dir / name).write_text("left")
    store.end_attempt(1, now=2.0, state=RunState.STOPPED)
    store.supersede_after(2, 2)
    recorder.clean_up()
    recorder.clean_up()
    assert sorted(p.name for p in folder.checkpoints_dir.iterdir()) == [
        "mine.pt",
        "step-00000001-tick-000000002.pt",
    ]


def test_the_newest_checkpoint_that_can_be_read_is_found(folder, store, recorder):
    assert newest_checkpoint(folder, store) == (None, [])
    recorder.save({"a": 1}, 1, 2)
    recorder.save({"a": 2}, 2, 4)
    (folder.checkpoints_dir / "step-00000002-tick-000000004.pt").write_bytes(b"damaged")
    state, problems = newest_checkpoint(folder, store)
    assert state == {"a": 1}
    assert "step-00000002" in problems[0]
    (folder.checkpoints_dir / "step-00000001-tick-000000002.pt").unlink()
    state, problems = newest_checkpoint(folder, store)
    assert state is None
    assert len(problems) == 2


# ---- insisting -----------------------------------------------------------------------------


@pytest.fixture
def journal(folder, store):
    stopping = []
    journal = Journal(folder, store, 1, watch=None, is_stopping=lambda: bool(stopping))
    journal.stopping = stopping
    return journal


def failing(n, error):
    left = [n]

    def write():
        if left[0]:
            left[0] -= 1
            raise error("The disk is full.")
        return "written"

    return write


@pytest.mark.parametrize("error", [StoreError, CheckpointError])
def test_writing_is_tried_until_it_works(journal, store, error):
    assert journal.insist(failing(2, error)) == "written"
    assert store.get_meta()["phase"] == ""


def test_insisting_ends_when_somebody_gives_up(journal, folder, store):
    journal.stopping.append(True)
    with pytest.raises(StoreError):
        journal.insist(failing(1, StoreError))
    journal.stopping.clear()
    store.send_command("stop", now=1.0)
    with pytest.raises(StoreError):
        journal.insist(failing(1, StoreError))


def test_insisting_ends_when_the_run_is_gone(journal, folder):
    folder.config_path.unlink()
    with pytest.raises(StoreError):
        journal.insist(failing(1, StoreError))


def test_other_errors_are_not_insisted_on(journal):
    with pytest.raises(ZeroDivisionError):
        journal.insist(lambda: 1 / 0)
