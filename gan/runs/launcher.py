"""Starts queued runs, each with its share of the cores, and notices workers that died.

Memory layer, without torch. The queue needs no server: whoever finishes a run, opens a page or
uses the terminal calls `start_next`, under one lock.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from gan.errors import StoreError
from gan.runs.code import code_fingerprint
from gan.runs.folder import Home, RunFolder, list_runs
from gan.runs.rows import Status
from gan.runs.settings import load_settings
from gan.runs.standby import list_standbys, standby_dir
from gan.runs.states import RunState, is_live
from gan.runs.store import RunStore

CLAIM_EXPIRES_S = 60.0  # a cold start imports torch first, from a cold disk if need be
LOCK_TIMEOUT_S = 10.0
MAX_STARTS = 2
_N_LOG_LINES = 12


@dataclass(frozen=True)
class Slots:
    """How many runs may train side by side here, and with how many threads each."""

    n: int
    n_threads: int


def slots(home: Home) -> Slots:
    """Return how this machine's cores are shared out.

    Unless the user says otherwise, one run for every four cores, at least one: two teams of
    threads on the same cores slow each other down far more than twofold.
    """
    n_cores = count_cores()
    n = load_settings(home).runs_at_once or max(1, n_cores // 4)
    return Slots(n, max(1, n_cores // n))


def count_cores() -> int:
    """Return the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def start_next(home: Home) -> list[RunFolder]:
    """Start as many queued runs as there are free slots, oldest first; return those started.

    Raises:
        StoreError: the workspace cannot be written.
    """
    started = []
    with launch_lock(home):
        share = slots(home)
        runs = list_runs(home)
        free = share.n - sum(_occupies_slot(run) for run in runs)
        for run in sorted(_waiting(runs), key=_queued_at):
            if free <= 0:
                break
            if _start(home, run, share.n_threads):
                started.append(run)
                free -= 1
    return started


def claim_for_this_process(home: Home, folder: RunFolder) -> int | None:
    """Take a slot for a run that this very process will train; return its threads.

    None when all slots are taken.
    """
    with launch_lock(home):
        share = slots(home)
        others = [run for run in list_runs(home) if run.id != folder.id]
        if sum(_occupies_slot(run) for run in others) >= share.n:
            return None
        _write_claim(folder, share.n_threads, n_starts=1)
        return share.n_threads


def reap(folder: RunFolder) -> Status:
    """Return a run's status; mark it interrupted if its worker died without farewell.

    Raises:
        StoreError: the run cannot be read.
    """
    with RunStore.open(folder.db_path) as store:
        status = store.get_status()
        if not is_live(status.state) or folder.is_locked():
            return status
        status = store.get_status()  # it may have said farewell between the two looks
        if is_live(status.state):
            store.end_attempt(
                status.attempt,
                now=time.time(),
                state=RunState.INTERRUPTED,
                message="The worker ended without farewell (killed, out of memory, or the "
                "machine went down).",
            )
            store.add_event(
                status.attempt,
                step=status.step,
                tick=status.tick,
                now=time.time(),
                kind="interrupted",
                text="The worker ended without farewell",
                payload={"log": log_tail(folder)},
                marks=False,
            )
        return store.get_status()


def queue_position(home: Home, folder: RunFolder) -> int:
    """Return a queued run's place in the queue: 1 is next, 0 is not waiting."""
    waiting = sorted(_waiting(list_runs(home)), key=_queued_at)
    return next((i for i, run in enumerate(waiting, 1) if run.id == folder.id), 0)


def log_tail(folder: RunFolder, n_lines: int = _N_LOG_LINES) -> list[str]:
    """Return the last lines that the worker printed."""
    try:
        with folder.log_path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 16_384))
            return file.read().decode(errors="replace").splitlines()[-n_lines:]
    except OSError:
        return []


def spawn_standby(home: Home) -> "subprocess.Popen[bytes]":
    """Start a warm standby that lives no longer than the returned handle's process, unless claimed.

    Raises:
        StoreError: the process cannot be started.
    """
    folder = standby_dir(home)
    folder.mkdir(parents=True, exist_ok=True)
    log_path = folder / "standby.log"
    with log_path.open("ab") as log_file:
        return _spawn(["standby"], home, stdin=subprocess.PIPE, log_file=log_file)


def has_standby(home: Home) -> bool:
    """Tell whether a standby with today's code waits."""
    code = code_fingerprint()
    return any(standby.code == code for standby in list_standbys(home))


@contextmanager
def launch_lock(home: Home) -> Iterator[None]:
    """Hold the one lock under which runs are started. Raises StoreError when it stays taken."""
    home.ensure()
    lock = FileLock(home.workspace_dir / "launch.lock")
    try:
        lock.acquire(timeout=LOCK_TIMEOUT_S, poll_interval=0.02)
    except Timeout:
        raise StoreError("Another process holds the launch lock for too long: try again.") from None
    try:
        yield
    finally:
        lock.release()


def _start(home: Home, run: RunFolder, n_threads: int) -> bool:
    """Hand a queued run to a standby or to a new process; False when it cannot be started."""
    with RunStore.open(run.db_path) as store:
        n_starts = _claim(store).get("n_starts", 0) + 1
        if n_starts > MAX_STARTS:
            text = " ".join(log_tail(run)[-1:]) or "its log is empty"
            store.set_state(
                RunState.FAILED, message=f"The worker did not start: {text}", now=time.time()
            )
            return False
    _write_claim(run, n_threads, n_starts=n_starts)
    code = code_fingerprint()
    for standby in list_standbys(home):
        if standby.code == code:
            standby.claim(run.id)
            return True
    with run.log_path.open("ab") as log_file:
        _spawn(["work", run.id], home, stdin=subprocess.DEVNULL, log_file=log_file)
    return True


def _spawn(
    arguments: list[str], home: Home, *, stdin: int, log_file: Any
) -> "subprocess.Popen[bytes]":
    """Start `python -m gan …` in a session of its own, so that it outlives us."""
    command = [sys.executable, "-m", "gan", *arguments, "--home", str(home.root)]
    package_root = str(Path(__file__).resolve().parents[2])
    paths = [package_root, os.environ.get("PYTHONPATH", "")]
    options: dict[str, Any] = {}
    if sys.platform == "win32":
        options["creationflags"] = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        options["start_new_session"] = True
    try:
        return subprocess.Popen(
            command,
            stdin=stdin,
            stdout=log_file,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in paths if p)},
            **options,
        )
    except OSError as error:
        raise StoreError(f"The worker process cannot be started ({error}).") from error


def _waiting(runs: list[RunFolder]) -> Iterator[RunFolder]:
    for run in runs:
        with RunStore.open(run.db_path) as store:
            if store.get_status().state is RunState.QUEUED and not _is_claimed(run, store):
                yield run


def _occupies_slot(run: RunFolder) -> bool:
    """A paused run leaves its cores to others; one that is being started takes them already."""
    try:
        with RunStore.open(run.db_path) as store:
            state = store.get_status().state
            if state is RunState.QUEUED:
                return _is_claimed(run, store)
            return state is RunState.RUNNING and run.is_locked()
    except StoreError:
        return False


def _is_claimed(run: RunFolder, store: RunStore) -> bool:
    at = _claim(store).get("at")
    return at is not None and (time.time() - at < CLAIM_EXPIRES_S or run.is_locked())


def _claim(store: RunStore) -> dict[str, Any]:
    """Return the claim of the coming attempt, {} when nobody made one."""
    text = store.get_meta().get("claim")
    claim: dict[str, Any] = json.loads(text) if isinstance(text, str) else {}
    return claim if claim.get("attempt") == store.get_status().attempt + 1 else {}


def _write_claim(run: RunFolder, n_threads: int, *, n_starts: int) -> None:
    with RunStore.open(run.db_path) as store:
        claim = {
            "attempt": store.get_status().attempt + 1,
            "at": time.time(),
            "n_threads": n_threads,
            "n_starts": n_starts,
        }
        store.set_meta("claim", json.dumps(claim))


def _queued_at(run: RunFolder) -> float:
    with RunStore.open(run.db_path) as store:
        return store.get_status().changed_at


def claimed_threads(folder: RunFolder) -> int | None:
    """Return the threads that the launcher gave to the coming attempt of a run."""
    with RunStore.open(folder.db_path) as store:
        return _claim(store).get("n_threads")
