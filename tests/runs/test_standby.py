"""The warm standby: taken by one launcher, gone with its parent or its code."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from tiny_runs import (
    kill,
    steps_in,
    tiny,
    wait_for_state,
    wait_until,
)

import gan
from gan.runs.code import code_fingerprint
from gan.runs.control import launch
from gan.runs.launcher import has_standby, spawn_standby, start_next
from gan.runs.standby import list_standbys, standby_dir, wait_for_claim
from gan.runs.states import RunState
from gan.runs.store import RunStore

PARENT = """
import sys
from pathlib import Path
from gan.runs.folder import Home
from gan.runs.launcher import spawn_standby
print(spawn_standby(Home(Path(sys.argv[1]))).pid, flush=True)
sys.stdin.read()
"""

# A standby without torch: the protocol alone, which is quick to start.
PYTHON = sys.executable  # the real one: a fixture puts a stub into its place
PROTOCOL = """
import sys
from pathlib import Path
from gan.runs.folder import Home
from gan.runs.standby import parent_watch, wait_for_claim
print("claimed", wait_for_claim(Home(Path(sys.argv[1])), parent_watch()), flush=True)
"""


@pytest.fixture
def waiting(home):
    """Starts protocol-only standbys and ends them afterwards."""
    processes = []

    def start(pythonpath: Path | None = None) -> subprocess.Popen:
        env = os.environ | ({"PYTHONPATH": str(pythonpath)} if pythonpath else {})
        process = subprocess.Popen(
            [PYTHON, "-c", PROTOCOL, str(home.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=env,
            cwd=home.root if pythonpath else None,
        )
        processes.append(process)
        wait_until((standby_dir(home) / f"{process.pid}.json").exists)
        return process

    yield start
    for process in processes:
        kill(process.pid)
        process.wait()
        process.stdin.close()
        process.stdout.close()


def leftovers(home):
    return [path.name for path in standby_dir(home).iterdir() if path.suffix != ".log"]


def test_a_launch_takes_the_standby_which_outlives_its_parent(home):
    parent = subprocess.Popen(
        [PYTHON, "-c", PARENT, str(home.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    standby_pid = int(parent.stdout.readline())
    wait_until(lambda: has_standby(home), 60.0)
    began = time.monotonic()
    folder = launch(home, tiny(train__n_steps=40, output__max_steps_per_s=40.0))
    wait_for_state(folder, RunState.RUNNING)
    assert time.monotonic() - began < 2.0
    kill(parent.pid)
    parent.communicate()
    with RunStore.open(folder.db_path) as store:
        (attempt,) = store.list_attempts()
    assert attempt.pid == standby_pid
    assert not has_standby(home)
    wait_for_state(folder, RunState.COMPLETED)
    assert steps_in(folder) == list(range(1, 41))
    assert any("attempt 1" in line for line in folder.log_path.read_text().splitlines())
    wait_until(lambda: leftovers(home) == [])


def test_a_standby_leaves_with_its_parent(home, waiting):
    process = waiting()
    assert has_standby(home)
    process.stdin.close()
    assert process.stdout.readline() == "claimed None\n"
    assert leftovers(home) == []


def test_a_spawned_standby_leaves_when_its_pipe_closes(home, stub):
    process = spawn_standby(home)
    assert process.wait(timeout=10) == 3  # the stub: how a standby is called
    assert "standby --home" in stub.read_text()


def test_a_standby_with_other_code_is_not_taken_and_leaves(home, waiting, tmp_path, stub):
    tree = tmp_path / "tree"
    package = Path(gan.__file__).parent
    shutil.copytree(package, tree / "gan", ignore=shutil.ignore_patterns("__pycache__"))
    os.utime(tree / "gan" / "keys.py")  # saved anew, so not the code that we run
    process = waiting(tree)
    assert [s.pid for s in list_standbys(home)] == [process.pid]
    assert not has_standby(home)
    launch(home, tiny())
    wait_until(lambda: "work" in stub.read_text())  # a cold start instead
    (tree / "gan" / "extra.py").write_text('"""New."""\n')
    assert process.stdout.readline() == "claimed None\n"


def test_a_killed_standby_is_forgotten(home, waiting, tmp_path, make_run):
    process = waiting()
    kill(process.pid)
    process.wait()
    assert (standby_dir(home) / f"{process.pid}.json").exists()
    assert not has_standby(home)
    assert leftovers(home) == []


def test_only_one_launcher_takes_a_standby(home, waiting, make_run):
    process = waiting()
    (first,), (second,) = list(list_standbys(home)), list(list_standbys(home))
    assert first.take()
    assert not second.take()
    assert list(list_standbys(home)) == []
    first.hand_over("some-run")
    assert process.stdout.readline() == "claimed some-run\n"
    assert leftovers(home) == []


def test_a_standby_that_is_taken_while_its_parent_leaves_still_serves(home):
    def parent_is_gone():
        (standby,) = list_standbys(home)
        standby.take()
        threading.Timer(0.1, standby.hand_over, ["some-run"]).start()
        return True

    assert wait_for_claim(home, parent_is_gone) == "some-run"
    assert leftovers(home) == []


def test_a_standby_that_is_taken_for_nothing_leaves(home, monkeypatch):
    monkeypatch.setattr("gan.runs.standby.HAND_OVER_S", 0.1)

    def parent_is_gone():
        (standby,) = list_standbys(home)
        return not standby.take()

    assert wait_for_claim(home, parent_is_gone) is None
    assert leftovers(home) == []


def test_code_that_changed_while_it_was_imported_is_not_served(home):
    assert wait_for_claim(home, lambda: False, code="older") is None


def test_damaged_registrations_are_passed_over(home):
    standby_dir(home).mkdir()
    for name, text in (("1.json", "{"), ("2.json", "[]"), ("3.json", json.dumps({"pid": 3}))):
        (standby_dir(home) / name).write_text(text)
    assert list(list_standbys(home)) == []
    assert start_next(home) == []


def test_the_fingerprint_follows_the_files(tmp_path):
    (tmp_path / "a.py").write_text("1")
    first = code_fingerprint(tmp_path)
    assert code_fingerprint(tmp_path) == first
    (tmp_path / "b.py").write_text("2")
    second = code_fingerprint(tmp_path)
    (tmp_path / "a.py").write_text("12")
    assert len({first, second, code_fingerprint(tmp_path)}) == 3
    (tmp_path / "c.txt").write_text("no code")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere")  # as while an editor replaces it
    assert code_fingerprint(tmp_path)
