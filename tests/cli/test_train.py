"""Training in the terminal: a real process, Ctrl-C and going on, and what a busy machine does."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gan.cli.terminal import _stop_on_signals
from gan.runs.folder import Home, RunFolder, list_runs
from gan.runs.rows import Status
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.runs.worker import Worker


@pytest.fixture
def train(tiny: list[str]) -> list[str]:
    """The words of a run of milliseconds."""
    return ["train", "vanilla-fashion", *tiny]


def steps_in(folder: RunFolder) -> list[int]:
    """All step numbers that a reader is given, in the order of writing."""
    with RunStore.open(folder.db_path) as store:
        return [int(step) for chunk in store.read_metrics() for step in chunk.steps]


def status_of(folder: RunFolder) -> Status:
    with RunStore.open(folder.db_path) as store:
        return store.get_status()


def other_run(home: Home, than: RunFolder) -> RunFolder | None:
    return next((run for run in list_runs(home) if run.id != than.id), None)


def start(home: Home, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "gan", *words, "--home", str(home.root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_run_in_the_terminal_leaves_a_whole_folder_and_one_json(
    train: list[str], home: Home
) -> None:
    process = start(home, *train, "--n-steps", "12", "--json")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    answer = json.loads(out)
    (folder,) = list_runs(home)
    assert answer["id"] == folder.id
    assert (answer["state"], answer["step"], answer["n_steps"]) == ("completed", 12, 12)
    assert answer["metrics"]["loss/d"] > 0
    assert answer["images_per_s"] > 0
    assert steps_in(folder) == list(range(1, 13))
    assert len(list(folder.checkpoints_dir.glob("step-*.pt"))) == 1
    assert (folder.samples_dir / "real.png").exists()
    assert "completed" in folder.log_path.read_text()


def test_ctrl_c_saves_and_resume_goes_on(
    train: list[str], home: Home, cli: Callable[..., Any]
) -> None:
    process = start(home, *train, "--n-steps", "100000", "--max-steps-per-s", "200")
    deadline = time.monotonic() + 60
    while not (list_runs(home) and steps_in(list_runs(home)[0])):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    (folder,) = list_runs(home)
    step = status_of(folder).step
    assert step > 0
    words = f"python -m gan resume {folder.id} --home {home.root}"
    assert out.splitlines()[-1] == f"Saved at step {step}. Go on with: {words}"
    assert f"Run {folder.id}" in out
    assert "Drawn digits" in out
    assert "Device: cpu, threads: 1" in out
    assert "Ctrl-C again ends at once" in err
    assert "images/s" in err

    answer = cli("resume", folder.id, "--n-steps", step + 7, "--max-steps-per-s", "none")
    assert answer.code == 0
    assert f"from step {step}" in answer.out
    assert f"Complete: step {step + 7}" in answer.out
    assert steps_in(folder) == list(range(1, step + 8))

    assert "say --epochs-more" in cli("resume", folder.id).complaint
    again = cli("resume", folder.id, "--epochs-more", "1", "--g-lr", "0.001", "--json")
    assert again.json["step"] == step + 7 + 4  # 128 images are 4 batches
    both = cli("resume", folder.id, "--epochs-more", "1", "--n-steps", "9")
    assert both.code == 2


def test_the_second_ctrl_c_is_the_systems_own() -> None:
    class Asked:
        reason = ""

        def ask_to_stop(self, reason: str) -> None:
            self.reason = reason

    worker = Asked()
    before = _stop_on_signals(worker)  # type: ignore[arg-type]
    try:
        os.kill(os.getpid(), signal.SIGINT)
        assert "SIGINT" in worker.reason
        assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_run_that_fails_is_exit_code_one_and_a_sentence(
    train: list[str], cli: Callable[..., Any], home: Home, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("a.png", "b.png", "c.png"):  # whose names promise pictures
        (folder / name).write_bytes(b"This is no picture.")
    own = ["--dataset", "own-pictures", "--source", "auto", "--folder", str(folder)]
    answer = cli(*train, *own, "--n-images", "none")
    assert answer.code == 1
    assert "a.png" in answer.complaint
    assert status_of(list_runs(home)[0]).state is RunState.FAILED


def test_what_cannot_train_is_refused_before_there_is_a_run(
    train: list[str], cli: Callable[..., Any], home: Home
) -> None:
    for words, complaint in (
        (["--n-images", "129", "--batch-size", "64"], "leave a last batch of one image"),
        (["--model", "dcgan", "--g-widths", "9,8,7,6"], "model.g_widths"),
        (["--dataset", "own-pictures", "--source", "auto", "--conditional"], "folder"),
    ):
        answer = cli(*train, *words)
        assert answer.code in (1, 2) and complaint in answer.complaint
    assert list_runs(home) == []


def test_a_detached_run_waits_for_its_turn(
    train: list[str], cli: Callable[..., Any], home: Home, busy: RunFolder
) -> None:
    answer = cli(*train, "--detach", "--name", "mine", "--json")
    assert answer.code == 0
    assert answer.json["state"] == "queued"
    (row,) = [row for row in cli("runs", "--json").json if row["id"] == answer.json["id"]]
    assert row["name"] == "mine"
    text = cli(*train, "--detach").out
    assert "waits in the queue" in text


def test_ctrl_c_while_waiting_leaves_the_run_in_the_queue(
    train: list[str], cli: Callable[..., Any], home: Home, busy: RunFolder
) -> None:
    def interrupt() -> None:
        while other_run(home, busy) is None:
            time.sleep(0.02)
        time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGINT)

    # A shell's background jobs, and so their tests, are born deaf to Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    threading.Thread(target=interrupt).start()
    try:
        answer = cli(*train, "--n-steps", "3")
    finally:
        signal.signal(signal.SIGINT, before)
    assert answer.code == 0
    folder = other_run(home, busy)
    assert folder is not None
    assert status_of(folder).state is RunState.QUEUED
    assert "All cores are taken" in answer.out
    assert f"python -m gan stop {folder.id}" in answer.out

    assert cli("stop", folder.id, "--json").json == {"id": folder.id, "state": "stopped"}
    answer = cli("resume", folder.id, "--now")  # beside the other
    assert answer.code == 0
    assert "Complete: step 3" in answer.out


def test_a_run_that_the_background_takes_is_followed(
    train: list[str], cli: Callable[..., Any], home: Home, busy: RunFolder
) -> None:
    def take_it() -> None:
        while (folder := other_run(home, busy)) is None:
            time.sleep(0.02)
        time.sleep(0.2)
        Worker(home, folder, n_threads=1).work()

    thread = threading.Thread(target=take_it)
    thread.start()
    answer = cli(*train, "--n-steps", "4", "--max-steps-per-s", "2")
    thread.join()
    assert answer.code == 0
    assert "A background worker took the run" in answer.out
    assert "Complete: step 4" in answer.out


def test_the_home_is_named_in_hints_only_if_it_is_not_the_usual_one(
    home: Home,
    cli: Callable[..., Any],
    run: RunFolder,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    assert f"--home {home.root}" in cli("delete", run.id).out
    cli("restore", run.id)
    monkeypatch.setenv("GAN_HOME", str(home.root))
    assert "--home" not in cli("delete", run.id).out
