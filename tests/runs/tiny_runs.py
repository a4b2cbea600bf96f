"""Real runs in miniature: tiny networks on drawn digits, and real worker processes.

A fresh worker spends seconds on importing torch. Where a separate process is the point but not its
birth, tests fork workers off one process that has imported everything (`forge`).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from gan.config import RunConfig
from gan.runs.folder import Home, RunFolder
from gan.runs.rows import Status
from gan.runs.settings import WorkspaceSettings, save_settings
from gan.runs.states import RunState
from gan.runs.store import RunStore

TIMES = ("time/elapsed_s", "speed/steps_per_s", "speed/images_per_s")

FORGE = """
import os, sys
from pathlib import Path
import torch
from gan.cli.service import work
from gan.config import DataConfig, RunConfig
from gan.data.dataset import load_data
from gan.runs.worker import Trainer
from gan.runs.folder import Home
torch.set_num_threads(1)
config = RunConfig().with_changes({"train.device": "cpu", "train.n_steps": 1})
data = load_data(DataConfig(source="drawn", n_images=256), download_folder=Path())
for _ in Trainer(config, data).run():
    pass
print("ready", flush=True)
for line in sys.stdin:
    root, run = line.rstrip("\\n").split("\\t")
    pid = os.fork()
    if pid == 0:
        log = os.open(f"{root}/runs/{run}/worker.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os._exit(work(Home(Path(root)), run))
    print(pid, flush=True)
"""


def tiny(**changes: Any) -> RunConfig:
    """Return a configuration that trains in milliseconds; `train__seed=1` changes `train.seed`."""
    base = {
        "data.dataset": "drawn-digits",
        "data.source": "drawn",
        "data.n_images": 256,
        "model.latent_dim": 6,
        "model.g_widths": [16],
        "model.d_widths": [16],
        "train.batch_size": 32,
        "train.n_steps": 24,
        "train.device": "cpu",
        "train.n_threads": 1,
        "output.n_samples": 4,
        "output.sample_every": 10,
        "output.report_every": 7,
        "output.report_interval_s": 0.0,
    }
    return RunConfig().with_changes(base | {k.replace("__", "."): v for k, v in changes.items()})


def status_of(folder: RunFolder) -> Status:
    with RunStore.open(folder.db_path) as store:
        return store.get_status()


def wait_until(what: Callable[[], Any], timeout_s: float = 25.0) -> Any:
    """Return the first true answer. Fails the test when there is none in time."""
    deadline = time.monotonic() + timeout_s
    while not (answer := what()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return answer


def wait_for_state(folder: RunFolder, *states: RunState, timeout_s: float = 25.0) -> None:
    wait_until(lambda: status_of(folder).state in states, timeout_s)


def wait_for_step(folder: RunFolder, step: int) -> None:
    wait_until(lambda: status_of(folder).step >= step)


def steps_in(folder: RunFolder) -> list[int]:
    """All step numbers that a reader is given, in the order of writing."""
    with RunStore.open(folder.db_path) as store:
        return [int(s) for chunk in store.read_metrics() for s in chunk.steps]


def numbers_in(folder: RunFolder) -> np.ndarray:
    """All numbers of a run's steps but its times and what its grids tell, one row a step."""
    with RunStore.open(folder.db_path) as store:
        chunks = [chunk for chunk in store.read_metrics() if "loss/g" in chunk.keys]
    keys = [k for k in chunks[0].keys if k not in TIMES and not k.startswith("samples/")]
    return np.concatenate([c.values[:, [c.keys.index(k) for k in keys]] for c in chunks])


def events_in(folder: RunFolder) -> list[tuple[str, bool]]:
    with RunStore.open(folder.db_path) as store:
        return [(event.kind, event.marks) for event in store.read_events()]


def samples_in(folder: RunFolder, kind: str) -> list[int]:
    with RunStore.open(folder.db_path) as store:
        return [sample.step for sample in store.read_samples(kind)]


class Forge:
    """Forks real workers off a process that has imported torch."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", FORGE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._ready = False
        self.pids: list[int] = []

    def work(self, home: Home, folder: RunFolder) -> int:
        """Start a worker on a queued run, wait until it trains, and return its pid."""
        if not self._ready:
            assert self._ask("") == "ready"
            self._ready = True
        pid = int(self._ask(f"{home.root}\t{folder.id}\n"))
        self.pids.append(pid)
        wait_for_state(folder, *(set(RunState) - {RunState.QUEUED}))
        return pid

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line)
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        kill(*self.pids, self._process.pid)
        self._process.communicate()


def kill(*pids: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def set_runs_at_once(home: Home, n: int) -> None:
    save_settings(home, WorkspaceSettings(runs_at_once=n))
