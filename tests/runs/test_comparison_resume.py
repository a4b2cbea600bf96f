"""A comparison whose server and worker are killed goes on, and repeats nothing that ended."""

import subprocess
import sys
from pathlib import Path

import numpy as np
from comparison_cases import tiny_design
from tiny_runs import kill, numbers_in, set_runs_at_once, status_of, steps_in, wait_until

from gan.runs import comparisons
from gan.runs.comparisons.store import run_of
from gan.runs.control import new_run, read_config
from gan.runs.folder import list_runs
from gan.runs.probe import DeviceRow, record_devices
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.runs.worker import Worker

SERVER = """
import sys, time
from pathlib import Path
from gan.comparing.design import ComparisonDesign
from gan.runs import comparisons
from gan.runs.folder import Home
design = ComparisonDesign.model_validate_json(sys.argv[2])
print(comparisons.create(Home(Path(sys.argv[1])), design).id, flush=True)
time.sleep(1000)
"""
N_STEPS = 200


def test_a_comparison_outlives_its_server_and_a_worker(home):
    record_devices(home, [DeviceRow("cpu", "CPU")])
    set_runs_at_once(home, 1)
    design = tiny_design(
        seeds=(0,), n_steps=N_STEPS, rates=(0.001, 0.002, 0.003),
        quality__n_samples=100, output__max_steps_per_s=250.0, output__checkpoint_every=20,
        output__n_samples=1,
    )  # fmt: skip
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(home.root), design.to_json()],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    try:
        comparison = comparisons.open_comparison(home, server.stdout.readline().strip())
        first, second, third = (run_of(home, run) for run in comparison.members.values())
        wait_until(lambda: status_of(second).step >= 45, timeout_s=180.0)
    finally:
        kill(server.pid)
        server.communicate()
    kill(status_of(second).pid)
    wait_until(lambda: not second.is_locked())
    assert status_of(first).state is RunState.COMPLETED
    assert status_of(third).state is RunState.QUEUED
    done = first.db_path.read_bytes()

    comparisons.ensure_runs(home, comparison)
    wait_until(lambda: comparisons.progress(home, comparison).is_over, timeout_s=180.0)
    now = comparisons.progress(home, comparison)
    assert [m.stage for m in now.members] == ["completed"] * 3
    assert len(list_runs(home)) == 3
    attempts = []
    for run in (first, second, third):
        # The last step's quality is a row of its own.
        assert steps_in(run) == [*range(1, N_STEPS + 1), N_STEPS]
        with RunStore.open(run.db_path) as store:
            attempts.append(len(store.list_attempts()))
    assert attempts == [1, 2, 1]
    assert first.db_path.read_bytes() == done

    whole = read_config(second).with_changes({"output.max_steps_per_s": None})
    uninterrupted = new_run(home, whole)
    assert Worker(home, uninterrupted).work() is RunState.COMPLETED
    np.testing.assert_array_equal(numbers_in(second), numbers_in(uninterrupted))
