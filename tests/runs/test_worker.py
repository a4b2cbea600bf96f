"""The worker on real databases and, where it matters, in a process of its own."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_runs import (
    events_in,
    kill,
    numbers_in,
    samples_in,
    status_of,
    steps_in,
    tiny,
    wait_for_state,
    wait_for_step,
    wait_until,
)

from gan.cli.checkpoint import read_state
from gan.data.progress import Note
from gan.errors import StoreError
from gan.runs.checkpoints import load_checkpoint
from gan.runs.commands import send
from gan.runs.control import extended_end, new_run, queue_again, summarise
from gan.runs.folder import Home
from gan.runs.launcher import reap
from gan.runs.pace import Pace, heartbeat
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.runs.worker import Worker
from gan.training.records import Diverged, StepDone


def last_state(folder):
    with RunStore.open(folder.db_path) as store:
        return load_checkpoint(folder.path / store.list_checkpoints()[-1].path)


def assert_same_weights(a, b):
    for part in ("generator", "discriminator", "g_ema"):
        for key, value in last_state(a)[part].items():
            assert torch.equal(value, last_state(b)[part][key]), f"{part}.{key}"


def assert_files_equal_rows(folder):
    with RunStore.open(folder.db_path) as store:
        named = sorted(Path(c.path).name for c in store.list_checkpoints())
        sizes = {Path(c.path).name: c.size_bytes for c in store.list_checkpoints()}
    on_disk = sorted(path.name for path in folder.checkpoints_dir.iterdir())
    assert on_disk == named
    assert len(set(named)) == len(named)
    return sizes


@pytest.fixture
def reference(home, make_run):
    """The same run, never interrupted."""
    folder = make_run()
    assert Worker(home, folder).work() is RunState.COMPLETED
    return folder


# ---- a whole run -------------------------------------------------------------------------


def test_a_run_is_recorded_whole(home, make_run):
    folder = make_run(output__checkpoint_every=10)
    config_json = folder.config_path.read_text()
    assert Worker(home, folder).work() is RunState.COMPLETED
    assert steps_in(folder) == list(range(1, 25))
    assert samples_in(folder, "generator") == [0, 1, 2, 5, 10, 20, 24]
    assert samples_in(folder, "ema") == samples_in(folder, "generator")
    assert (folder.samples_dir / "real.png").is_file()
    assert len(list(folder.samples_dir.iterdir())) == 15
    assert sorted(assert_files_equal_rows(folder)) == [
        "step-00000010-tick-000000020.pt",
        "step-00000020-tick-000000040.pt",
        "step-00000024-tick-000000048.pt",
    ]
    assert folder.config_path.read_text() == config_json
    status = status_of(folder)
    assert (status.step, status.n_steps, status.tick) == (24, 24, 48)
    assert status.epoch == pytest.approx(3.0)
    assert set(status.last_metrics) >= {"loss/d", "loss/g"}
    assert events_in(folder) == [("started", False), ("completed", False)]
    assert summarise(folder).phase == ""
    assert summarise(folder).data["kind"] == "drawn"


def test_the_same_configuration_gives_the_same_numbers(home, reference, make_run):
    again = make_run()
    Worker(home, again).work()
    np.testing.assert_array_equal(numbers_in(again), numbers_in(reference))
    assert_same_weights(again, reference)


def test_an_extended_run_equals_a_longer_one(home, make_run):
    short, long = make_run(train__n_steps=11), make_run()
    Worker(home, long).work()
    Worker(home, short).work()
    queue_again(short, n_steps=24)
    assert Worker(home, short).work() is RunState.COMPLETED
    assert steps_in(short) == list(range(1, 25))
    np.testing.assert_array_equal(numbers_in(short), numbers_in(long))
    assert_same_weights(short, long)
    assert samples_in(short, "generator") == [0, 1, 2, 5, 10, 11, 20, 24]
    kinds = [kind for kind, _ in events_in(short)]
    assert kinds == ["started", "completed", "resumed", "changed", "completed"]


# ---- commands ----------------------------------------------------------------------------


def order(folder, kind, **payload):
    """Send a command, wait until it is finished, and return it."""
    command_id = send(folder, kind, **payload)
    return finished(folder, command_id)


def finished(folder, command_id):
    def look():
        with RunStore.open(folder.db_path) as store:
            command = store.command(command_id)
        return command if command.outcome != "pending" else None

    return wait_until(look)


def raw_order(folder, kind, payload):
    """Send what `send` would refuse."""
    with RunStore.open(folder.db_path) as store:
        return finished(folder, store.send_command(kind, payload, now=time.time()))


def test_every_command_is_obeyed_and_told(home, make_run, forge):
    folder = make_run(train__n_steps=100_000, output__max_steps_per_s=100.0)
    forge.work(home, folder)
    wait_for_step(folder, 7)
    assert order(folder, "step", update="both").outcome == "done"  # implies pause
    paused = status_of(folder)
    assert paused.state is RunState.PAUSED
    assert paused.tick == 2 * paused.step
    for update in ("d", "g", "g"):
        assert order(folder, "step", update=update).outcome == "done"
    status = status_of(folder)
    assert (status.step, status.tick) == (paused.step, paused.tick + 3)
    assert order(folder, "save").outcome == "done"
    counters = last_state(folder)["counters"]
    assert counters["d_updates"] == paused.step + 1
    assert counters["g_updates"] == paused.step + 2

    assert order(folder, "set", g_lr=1e-3, max_steps_per_s=None).outcome == "done"
    assert status_of(folder).live["g_lr"] == 1e-3
    assert last_state(folder)["live"]["max_steps_per_s"] is None  # saved with the change
    for kind, payload in (
        ("set", {"n_steps": 1}),
        ("set", {"g_lr": 7.0}),
        ("set", {"batch_size": 3}),
        ("step", {}),
        ("dance", {}),
    ):
        refused = raw_order(folder, kind, payload)
        assert refused.outcome == "refused"
        assert refused.note.endswith(".")
    assert status_of(folder).state is RunState.PAUSED

    assert order(folder, "resume").outcome == "done"
    wait_for_step(folder, paused.step + 50)
    assert order(folder, "pause").outcome == "done"
    assert order(folder, "pause").outcome == "done"  # twice is once
    assert order(folder, "set", n_steps=status_of(folder).step + 5).outcome == "done"
    send(folder, "resume")
    wait_for_state(folder, RunState.COMPLETED)
    assert assert_files_equal_rows(folder)
    step = status_of(folder).step
    assert [s for s in steps_in(folder) if s != paused.step] == [
        s for s in range(1, step + 1) if s != paused.step
    ]
    assert steps_in(folder).count(paused.step) == 4  # the step itself, and three lone updates
    assert events_in(folder) == [
        ("started", False),
        ("paused", False),
        ("step", False),
        ("step", True),
        ("step", True),
        ("step", True),
        ("saved", False),
        ("changed", True),
        ("changed", False),
        *[("refused", False)] * 5,
        ("continued", False),
        ("paused", False),
        ("changed", False),
        ("continued", False),
        ("completed", False),
    ]


def test_stop_by_hand_and_by_signal_leave_a_checkpoint(home, make_run, forge):
    by_hand, by_signal = (make_run(train__n_steps=100_000) for _ in range(2))
    forge.work(home, by_hand)
    pid = forge.work(home, by_signal)
    wait_for_step(by_hand, 1)
    send(by_hand, "pause")
    send(by_hand, "stop")
    wait_for_step(by_signal, 1)
    os.kill(pid, signal.SIGTERM)
    for folder in (by_hand, by_signal):
        wait_for_state(folder, RunState.STOPPED)
        status = status_of(folder)
        assert last_state(folder)["counters"]["step"] == status.step
        assert steps_in(folder) == list(range(1, status.step + 1))
        assert status.message.endswith(".")
        assert ("stopped", False) in events_in(folder)


# ---- death and resurrection --------------------------------------------------------------


def test_pause_save_kill_resume_equals_never_stopped(home, reference, make_run, forge):
    folder = make_run(output__max_steps_per_s=40.0)
    pid = forge.work(home, folder)
    wait_for_step(folder, 8)
    order(folder, "pause")
    order(folder, "save")
    saved = status_of(folder)
    order(folder, "step", update="d")  # lost with the kill
    send(folder, "resume")
    wait_for_step(folder, saved.step + 4)
    kill(pid)
    began = time.monotonic()
    wait_until(lambda: summarise(folder).status.state is RunState.INTERRUPTED, 2.0)
    assert time.monotonic() - began < 2.0
    with RunStore.open(folder.db_path) as store:
        (event,) = [e for e in store.read_events() if e.kind == "interrupted"]
    assert any(folder.id in line for line in event.payload["log"])
    assert max(steps_in(folder)) > saved.step

    last = RunStore.open(folder.db_path)
    command = last._insert(  # an order that came too late
        "INSERT INTO commands (attempt, kind, payload, sent_at) VALUES (1, 'stop', '{}', 0)", ()
    )
    last.close()
    queue_again(folder)
    assert Worker(home, folder).work() is RunState.COMPLETED
    with RunStore.open(folder.db_path) as store:
        assert store.command(command).outcome == "expired"
    assert steps_in(folder) == list(range(1, 25))
    np.testing.assert_array_equal(numbers_in(folder), numbers_in(reference))
    assert_same_weights(folder, reference)
    assert samples_in(folder, "ema")[-3:] == samples_in(reference, "ema")[-3:]
    assert ("step", True) not in events_in(folder)
    assert ("resumed", True) in events_in(folder)
    assert_files_equal_rows(folder)


def test_a_kill_before_the_first_checkpoint_starts_from_the_beginning(
    home, reference, make_run, forge
):
    folder = make_run(output__max_steps_per_s=60.0)
    pid = forge.work(home, folder)
    wait_for_step(folder, 7)
    kill(pid)
    wait_until(lambda: not folder.is_locked())
    reap(folder)
    queue_again(folder)
    Worker(home, folder).work()
    assert steps_in(folder) == list(range(1, 25))
    np.testing.assert_array_equal(numbers_in(folder), numbers_in(reference))
    assert samples_in(folder, "generator") == samples_in(reference, "generator")
    assert samples_in(folder, "real") == [0]


def test_a_live_change_survives_a_kill_right_after_it(home, make_run, forge):
    folder = make_run(output__max_steps_per_s=60.0)
    pid = forge.work(home, folder)
    wait_for_step(folder, 7)
    order(folder, "pause")
    order(folder, "save")
    order(folder, "set", g_lr=0.003)
    kill(pid)
    wait_until(lambda: reap(folder).state is RunState.INTERRUPTED)
    queue_again(folder)
    Worker(home, folder).work()
    assert last_state(folder)["live"]["g_lr"] == 0.003
    assert events_in(folder).count(("changed", True)) == 1
    assert steps_in(folder) == list(range(1, 25))


def test_changes_asked_for_at_the_start_are_kept_or_refused(home, make_run):
    folder = make_run(train__n_steps=10)
    Worker(home, folder).work()
    queue_again(folder, n_steps=12, d_lr=0.001)
    with RunStore.open(folder.db_path) as store:
        store.set_meta("on_start", {"n_steps": 3})
    assert Worker(home, folder).work() is RunState.COMPLETED
    assert ("refused", False) in events_in(folder)
    queue_again(folder, n_steps=12, d_lr=0.001)
    assert Worker(home, folder).work() is RunState.COMPLETED
    assert last_state(folder)["live"]["d_lr"] == 0.001
    assert steps_in(folder) == list(range(1, 13))


def test_a_checkpoint_of_step_0_keeps_its_live_values(home, make_run, forge):
    folder = make_run(output__max_steps_per_s=0.2)
    with RunStore.open(folder.db_path) as store:
        store.set_meta("on_start", {"g_lr": 0.01, "max_steps_per_s": None})

    def die(record):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Worker(home, folder, watch=die).work()
    assert reap(folder).state is RunState.INTERRUPTED
    queue_again(folder)
    with pytest.raises(KeyboardInterrupt):
        Worker(home, folder, watch=die).work()
    reap(folder)
    queue_again(folder)
    assert Worker(home, folder).work() is RunState.COMPLETED
    assert last_state(folder)["live"]["g_lr"] == 0.01
    assert samples_in(folder, "generator") == [0, 1, 2, 5, 10, 20, 24]
    assert steps_in(folder) == list(range(1, 25))
    assert_files_equal_rows(folder)


def test_a_frozen_worker_is_not_called_dead(home, make_run, forge):
    folder = make_run(train__n_steps=100_000)
    pid = forge.work(home, folder)
    wait_for_step(folder, 1)
    os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(1.5)
        assert reap(folder).state is RunState.RUNNING
        assert time.time() - (status_of(folder).heartbeat or 0) > 1.2
    finally:
        os.kill(pid, signal.SIGCONT)
    send(folder, "stop")
    wait_for_state(folder, RunState.STOPPED)


def test_a_second_worker_and_a_run_that_is_over_are_refused(home, reference, make_run):
    with pytest.raises(StoreError, match="only a queued run"):
        Worker(home, reference).work()
    folder = make_run()
    with folder.lock(), pytest.raises(StoreError, match="Another worker"):
        Worker(home, folder).work()


# ---- divergence --------------------------------------------------------------------------

EXPLOSIVE = {
    f"{player}__{name}": value
    for player in ("g_opt", "d_opt")
    for name, value in (("lr", 1e-4), ("beta1", 0.99), ("beta2", 0.0), ("eps", 1e-30))
}


def test_a_diverged_run_keeps_its_last_good_state_and_can_go_on(home, make_run):
    folder = make_run(train__n_steps=400, output__checkpoint_every=10, **EXPLOSIVE)

    def raise_rates(record):
        if isinstance(record, StepDone) and record.step == 21:
            send(folder, "set", g_lr=1.0, d_lr=1.0)

    assert Worker(home, folder, watch=raise_rates).work() is RunState.DIVERGED
    status = status_of(folder)
    with RunStore.open(folder.db_path) as store:
        (event,) = [e for e in store.read_events() if e.kind == "diverged"]
        bad = store.read_metrics()[-1]
    assert event.marks
    assert event.payload["key"] in status.message
    assert f"step {event.payload['bad_step']:,}" in status.message
    assert bad.steps.tolist() == [event.payload["bad_step"]]
    assert not np.isfinite(bad.values).all()
    kept = last_state(folder)
    assert kept["counters"]["step"] == status.step == event.payload["bad_step"] - 1
    assert all(v.isfinite().all() for v in [*kept["generator"].values(), *kept["g_ema"].values()])

    queue_again(folder, g_lr=1e-5, d_lr=1e-5, n_steps=status.step + 2)
    Worker(home, folder).work()
    resumed = steps_in(folder)
    assert resumed == list(range(1, len(resumed) + 1))  # the bad row was superseded


def test_a_poisoned_weight_ends_the_run_with_the_last_good_state(home, make_run):
    folder = make_run()

    def poison(record):
        if isinstance(record, StepDone) and record.step == 13:
            with torch.no_grad():
                next(worker.trainer.players.generator.parameters()).fill_(torch.inf)

    worker = Worker(home, folder, watch=poison)
    assert worker.work() is RunState.DIVERGED
    assert "step 14" in status_of(folder).message
    queue_again(folder, g_lr=1e-5)
    assert Worker(home, folder).work() is RunState.COMPLETED
    assert steps_in(folder) == list(range(1, 25))
    assert ("diverged", True) in events_in(folder)


def test_a_divergence_that_shows_when_pausing_ends_the_run(home, make_run):
    folder = make_run(output__report_every=1000)

    def poison(record):
        if isinstance(record, StepDone) and record.step == 12:
            with torch.no_grad():
                next(worker.trainer.players.generator.parameters()).fill_(torch.inf)
        if isinstance(record, StepDone) and record.step == 13:
            send(folder, "pause")

    worker = Worker(home, folder, watch=poison)
    assert worker.work() is RunState.DIVERGED


# ---- trouble with the disk ---------------------------------------------------------------


@pytest.mark.parametrize("name", ["samples", "checkpoints"])
def test_training_waits_while_a_folder_cannot_be_written(home, reference, make_run, name):
    folder = make_run(output__checkpoint_every=5)
    broken, aside = folder.path / name, folder.path / "aside"
    phases = []

    def repair():
        wait_until(lambda: "recording failed" in summarise(folder).phase)
        phases.append(summarise(folder).phase)
        broken.unlink()
        aside.rename(broken)

    def breakdown(record):
        if isinstance(record, StepDone) and record.step == 4:
            broken.rename(aside)
            broken.write_text("in the way")
            repairing.start()

    repairing = threading.Thread(target=repair)
    assert Worker(home, folder, watch=breakdown).work() is RunState.COMPLETED
    repairing.join()
    assert phases
    assert steps_in(folder) == list(range(1, 25))
    np.testing.assert_array_equal(numbers_in(folder), numbers_in(reference))
    assert samples_in(folder, "ema") == samples_in(reference, "ema")
    assert_files_equal_rows(folder)
    assert summarise(folder).phase == ""


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small disk is not allowed here")
    yield disk
    subprocess.run(["umount", str(disk)], check=False)


def test_training_waits_while_the_disk_is_full(small_disk, home, reference):
    small = Home(small_disk / "home")
    folder = new_run(small, tiny(output__checkpoint_every=5))
    filler = small_disk / "filler"
    phases = []

    def fill(record):
        if isinstance(record, StepDone) and record.step == 4:
            with filler.open("wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(1024))
                except OSError:
                    pass
            threading.Thread(target=repair).start()

    def repair():
        time.sleep(0.6)
        phases.append(status_of(folder).step)
        filler.unlink()

    assert Worker(small, folder, watch=fill).work() is RunState.COMPLETED
    assert phases[0] < 10
    assert steps_in(folder) == list(range(1, 25))
    np.testing.assert_array_equal(numbers_in(folder), numbers_in(reference))
    assert samples_in(folder, "ema") == samples_in(reference, "ema")
    assert_files_equal_rows(folder)


def test_a_run_can_be_stopped_while_recording_fails(home, make_run):
    folder = make_run()

    def breakdown(record):
        if isinstance(record, StepDone) and record.step == 4:
            folder.samples_dir.rename(folder.path / "aside")
            folder.samples_dir.write_text("in the way")
            send(folder, "stop")

    assert Worker(home, folder, watch=breakdown).work() is RunState.FAILED
    assert "samples" in status_of(folder).message
    folder.samples_dir.unlink()
    (folder.path / "aside").rename(folder.samples_dir)
    queue_again(folder)
    Worker(home, folder).work()
    assert steps_in(folder) == list(range(1, 25))


# ---- what may be broken when an attempt begins --------------------------------------------


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_run_can_be_stopped_while_its_images_are_prepared(home, make_run, monkeypatch):
    """A download may take an hour; Stop must not wait for it."""
    folder = make_run()

    def slow_load(config, *, download_folder, progress):
        progress(Note("Downloading the world: 1 of 3 MB.", 1 / 3))
        summary = summarise(folder)
        assert (summary.phase, summary.phase_fraction) == (
            "Downloading the world: 1 of 3 MB.",
            pytest.approx(1 / 3),
        )
        send(folder, "stop")
        progress(Note("Downloading the world: 2 of 3 MB.", 2 / 3))
        raise AssertionError("it went on")

    monkeypatch.setattr("gan.runs.worker.load_data", slow_load)
    assert Worker(home, folder).work() is RunState.STOPPED
    status = status_of(folder)
    assert (status.state, status.message) == (RunState.STOPPED, "Stopped by hand.")
    assert [event[0] for event in events_in(folder)] == ["stopped"]
    monkeypatch.undo()
    queue_again(folder)
    assert Worker(home, folder).work() is RunState.COMPLETED


def test_the_best_checkpoint_is_kept_and_named(home, make_run):
    quality = {
        "quality__every": 3, "quality__n_samples": 100, "quality__features": "random",
        "quality__max_share": 1.0,
    }  # fmt: skip
    folder = make_run(**quality, output__keep_last=1, output__keep_every=0)
    assert Worker(home, folder).work() is RunState.COMPLETED
    with RunStore.open(folder.db_path) as store:
        meta, chunks = store.get_meta(), store.read_metrics()
        kept = {c.tick for c in store.list_checkpoints()}
    distances = {
        int(chunk.steps[0]): float(chunk.values[0, chunk.keys.index("quality/distance")])
        for chunk in chunks
        if "quality/distance" in chunk.keys
    }
    assert sorted(distances) == [3, 6, 9, 12, 15, 18, 21, 24]
    step = min(distances, key=distances.__getitem__)
    assert meta["best"]["step"] == step
    assert meta["best"]["distance"] == pytest.approx(distances[step], rel=1e-6)
    assert meta["best"]["tick"] in kept
    assert meta["quality"]["step"] == 24
    assert list((home.workspace_dir / "cache" / "quality").glob("random-*.npz"))


def test_a_rule_completes_a_run_and_its_best_state_is_kept_until_it_goes_on(home, make_run):
    """G stands still, so that no measurement is better than the first."""
    folder = make_run(
        quality__every=3, quality__n_samples=100, quality__features="random",
        quality__max_share=1.0, stop__patience=2, stop__keep="best", model__g_norm="none",
        g_opt__lr=1e-30, output__keep_last=1, output__keep_every=0,
    )  # fmt: skip
    assert Worker(home, folder).work() is RunState.COMPLETED
    assert status_of(folder).step == 9
    message = status_of(folder).message
    assert message.startswith("Quality has not improved for 2 measurements")
    assert message.endswith("The state of step 3, the best measured, is kept as the run's result.")
    assert read_state(folder, None)["counters"]["step"] == 3
    assert extended_end(folder, 1.0) == 9 + 8
    queue_again(folder, n_steps=20)
    assert Worker(home, folder).work() is RunState.COMPLETED
    assert set(steps_in(folder)) == set(range(1, 16))
    assert "kept" in summarise(folder).meta and read_state(folder, None)["counters"]["step"] == 3


def test_a_time_budget_completes_a_run_and_is_lifted_by_extending_it(home, make_run):
    folder = make_run(stop__after_s=1e-9)
    assert Worker(home, folder).work() is RunState.COMPLETED
    status = status_of(folder)
    assert (status.step, status.n_steps) == (1, 24)
    assert status.message == "The time budget of 1e-09 s of training is spent."
    assert samples_in(folder, "generator") == [0, 1]
    queue_again(folder, n_steps=5)
    assert Worker(home, folder).work() is RunState.COMPLETED
    assert (status_of(folder).step, status_of(folder).message) == (5, "")


def test_a_tensorboard_log_grows_beside_the_run(home, make_run):
    folder = make_run(output__tensorboard=True)
    assert Worker(home, folder).work() is RunState.COMPLETED
    (events,) = (folder.path / "tensorboard").glob("events*")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(events), size_guidance={"scalars": 0, "tensors": 0}).Reload()
    tags = read.Tags()
    assert "loss/g" in [*tags["scalars"], *tags["tensors"]]


def test_a_damaged_checkpoint_is_passed_over_for_an_earlier_one(home, reference, make_run):
    folder = make_run(output__checkpoint_every=10, train__n_steps=20)
    Worker(home, folder).work()
    damage(folder.checkpoints_dir / "step-00000020-tick-000000040.pt")
    (folder.checkpoints_dir / ".step-1.pt.77.tmp").write_text("a killed worker left this")
    queue_again(folder, n_steps=24)
    assert Worker(home, folder).work() is RunState.COMPLETED
    with RunStore.open(folder.db_path) as store:
        (event,) = [e for e in store.read_events() if e.kind == "checkpoint-skipped"]
        assert "step-00000020" in event.text
        assert [e.step for e in store.read_events() if e.kind == "resumed"] == [10]
    assert steps_in(folder) == list(range(1, 25))
    np.testing.assert_array_equal(numbers_in(folder), numbers_in(reference))
    assert_files_equal_rows(folder)


@pytest.mark.parametrize("text", ['{"schema_version": 99}', "not json", None])
def test_a_configuration_that_cannot_be_read_fails_the_run_with_a_sentence(home, make_run, text):
    folder = make_run()
    if text is None:
        folder.config_path.write_bytes(b"\xff\xfe")
    else:
        folder.config_path.write_text(text)
    assert Worker(home, folder).work() is RunState.FAILED
    assert status_of(folder).message
    assert ("failed", False) in events_in(folder)


def test_checkpoints_stay_few_over_many_saves(home, make_run):
    folder = make_run(
        train__n_steps=120, output__checkpoint_every=1, output__keep_every=5, output__keep_at_most=4
    )
    Worker(home, folder).work()
    assert len(assert_files_equal_rows(folder)) <= 1 + 4 + 2


# ---- time --------------------------------------------------------------------------------


def test_pace_keeps_the_rate_without_drifting():
    now = [100.0]
    pace = Pace(lambda: now[0])
    began = []
    for cost_s in (0.02, 0.05, 0.01, 0.03, 0.02):
        began.append(now[0])
        now[0] += cost_s
        pace.start_step(10.0)
        now[0] += max(0.0, pace.wait_s())
    gaps = np.diff(began)[1:]
    np.testing.assert_allclose(gaps, 0.1)


def test_pace_follows_a_new_limit_and_does_not_catch_up_after_a_pause():
    now = [0.0]
    pace = Pace(lambda: now[0])
    pace.start_step(0.01)
    assert pace.wait_s() == pytest.approx(100.0)
    pace.limit(10.0)
    assert pace.wait_s() == pytest.approx(0.1)
    now[0] += 1000.0
    pace.start_step(10.0)
    pace.start_step(10.0)
    assert pace.wait_s() == pytest.approx(0.1)
    pace.limit(None)
    assert pace.wait_s() <= 0.0


def test_heartbeat_beats_and_survives_a_database_that_is_away(home, make_run):
    folder = make_run()
    away = folder.path / "away.db"
    with heartbeat(folder.db_path, interval_s=0.02):
        first = wait_until(lambda: status_of(folder).heartbeat)
        folder.db_path.rename(away)
        time.sleep(0.1)
        away.rename(folder.db_path)
        wait_until(lambda: (status_of(folder).heartbeat or 0) > first + 0.1)


def test_watch_sees_what_was_written(home, make_run):
    folder = make_run()
    seen = []
    Worker(home, folder, watch=lambda record: seen.append(type(record))).work()
    assert seen.count(StepDone) == 24
    assert Diverged not in seen
