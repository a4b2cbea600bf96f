"""Starts queued runs, each with its share of the cores, and notices workers that died.

Memory layer, without torch. The queue needs no server: whoever finishes a run, opens a page or
uses the terminal calls `start_next`, under one lock.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from gan.errors import StoreError
from gan.runs.code import code_fingerprint
from gan.runs.cores import Room, named_threads
from gan.runs.disk import os_errors
from gan.runs.folder import Home, RunFolder, list_runs
from gan.runs.rows import Status
from gan.runs.standby import Standby, list_standbys, standby_dir
from gan.runs.states import RunState, is_live
from gan.runs.store import RunStore

log = logging.getLogger(__name__)

# Threads that wait for each other soon go to sleep instead of spinning on: beside a neighbour that
# wants a core now and then, spinning made training many times slower (benchmarks/neighbour.py).
WORKER_ENVIRONMENT = {"GOMP_SPINCOUNT": "2000"}
CLAIM_EXPIRES_S = 60.0  # a cold start imports torch first, from a cold disk if need be
LOCK_TIMEOUT_S = 10.0
MAX_STARTS = 2
_N_LOG_LINES = 12
_NO_FAREWELL = "The worker ended without farewell"


def start_next(home: Home) -> list[RunFolder]:
    """Start queued runs while cores are left, oldest first; return those started.

    A run that cannot be read is passed over; one that cannot be started fails, with the reason.
    One that asks for more cores than are left is not overtaken: else it might wait for ever.

    Raises:
        StoreError: the workspace cannot be written.
    """
    started = []
    with launch_lock(home):
        runs = _look_at_all(home)
        room = _room_beside(home, runs)
        for run in _in_order(runs):
            n_threads = room.threads_for(named_threads(run.folder))
            if n_threads is None:
                break
            try:
                _start(home, run, n_threads)
            except StoreError as error:
                _fail(run.folder, str(error))
            else:
                started.append(run.folder)
                room.take(n_threads)
    return started


def claim_for_this_process(home: Home, folder: RunFolder) -> int | None:
    """Take cores for a run that this very process will train; return its threads.

    None when too few are left, or another process starts the run already.

    Raises:
        StoreError: the workspace or the run cannot be read or written.
    """
    with launch_lock(home):
        runs = _look_at_all(home)
        mine = next((run for run in runs if run.folder.id == folder.id), None)
        room = _room_beside(home, [run for run in runs if run is not mine])
        n_threads = room.threads_for(named_threads(folder))
        if mine is None or not mine.is_waiting() or n_threads is None:
            return None
        _write_claim(mine, n_threads, n_starts=1, pid=os.getpid())
        return n_threads


def has_room(home: Home) -> bool:
    """Tell whether one more run, which names no threads, could train at once."""
    return _room_beside(home, _look_at_all(home)).threads_for(None) is not None


def claimed_threads(folder: RunFolder) -> int | None:
    """Return the threads that the launcher gave to the coming attempt of a run."""
    with RunStore.open(folder.db_path) as store:
        return _claim(store, store.get_status()).get("n_threads")


def reap(folder: RunFolder) -> Status:
    """Return a run's status; mark it interrupted if its worker died without farewell.

    Raises:
        StoreError: the run cannot be read.
    """
    with RunStore.open(folder.db_path) as store:
        return reap_open(folder, store)


def reap_open(folder: RunFolder, store: RunStore) -> Status:
    """Do as `reap`, with the run's database open already."""
    seen = store.get_status()
    if not is_live(seen.state) or folder.is_locked():
        return seen
    with store.batch():
        status = store.get_status()  # it may have said farewell, or begun anew, between two looks
        if is_live(status.state) and status.attempt == seen.attempt:
            reason = "killed, out of memory, or the machine went down"
            store.end_attempt(
                status.attempt,
                now=time.time(),
                state=RunState.INTERRUPTED,
                message=f"{_NO_FAREWELL} ({reason}).",
            )
            store.add_event(
                status.attempt,
                step=status.step,
                tick=status.tick,
                now=time.time(),
                kind="interrupted",
                text=_NO_FAREWELL,
                payload={"log": log_tail(folder)},
            )
    return store.get_status()


def queue_position(home: Home, folder: RunFolder) -> int:
    """Return a queued run's place in the queue: 1 is next, 0 is not waiting."""
    waiting = _in_order(_look_at_all(home))
    return next((i for i, run in enumerate(waiting, 1) if run.folder.id == folder.id), 0)


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
    with os_errors(f"A standby cannot register in {folder}"):
        folder.mkdir(parents=True, exist_ok=True)
        log_file = (folder / "standby.log").open("ab")
    with log_file:
        return spawn(["standby"], home, stdin=subprocess.PIPE, log_file=log_file)


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


@dataclass(frozen=True)
class _Seen:
    """A run as the launcher saw it under its lock."""

    folder: RunFolder
    status: Status
    claim: dict[str, Any]

    @property
    def n_threads(self) -> int:
        """Its share of the cores; a run that was begun beside all others has one thread."""
        return int(self.claim.get("n_threads", 1))

    def occupies_slot(self) -> bool:
        """A paused run leaves its cores to others; one that is being started takes them already."""
        if self.status.state is RunState.QUEUED:
            return self._is_claimed()
        return self.status.state is RunState.RUNNING and self.folder.is_locked()

    def is_waiting(self) -> bool:
        """It is queued and nobody starts it: not yet, or in vain."""
        return self.status.state is RunState.QUEUED and not self._is_claimed()

    def _is_claimed(self) -> bool:
        if not self.claim:
            return False
        is_fresh = abs(time.time() - self.claim["at"]) < CLAIM_EXPIRES_S
        return self.folder.is_locked() or (is_fresh and not _is_gone(self.claim.get("pid")))


def _look_at_all(home: Home) -> list[_Seen]:
    """Read all runs that can be read."""
    seen = []
    for folder in list_runs(home):
        try:
            with RunStore.open(folder.db_path) as store:
                status = store.get_status()
                seen.append(_Seen(folder, status, _claim(store, status)))
        except StoreError as error:
            log.debug("Passed over: %s", error)
    return seen


def _room_beside(home: Home, runs: list[_Seen]) -> Room:
    """Return what these runs leave of the cores."""
    room = Room(home)
    for run in runs:
        if run.occupies_slot():
            room.take(run.n_threads)
    return room


def _in_order(runs: list[_Seen]) -> list[_Seen]:
    """Return the runs that wait, who is next first."""
    waiting = [run for run in runs if run.is_waiting()]
    return sorted(waiting, key=lambda run: (run.status.changed_at, run.folder.id))


def _claim(store: RunStore, status: Status) -> dict[str, Any]:
    """Return the claim of the coming attempt, or of the present one; {} if nobody made one."""
    attempt = status.attempt + (status.state is RunState.QUEUED)
    claim = store.get_meta().get("claim")
    return claim if isinstance(claim, dict) and claim.get("attempt") == attempt else {}


def _write_claim(run: _Seen, n_threads: int, *, n_starts: int, pid: int | None) -> None:
    claim = {
        "attempt": run.status.attempt + 1,
        "at": time.time(),
        "n_threads": n_threads,
        "n_starts": n_starts,
        "pid": pid,
    }
    with RunStore.open(run.folder.db_path) as store:
        store.set_meta("claim", claim)


def _start(home: Home, run: _Seen, n_threads: int) -> None:
    """Hand a queued run to a standby or to a new process. Raises StoreError."""
    n_starts = run.claim.get("n_starts", 0) + 1
    if n_starts > MAX_STARTS:
        text = " ".join(log_tail(run.folder, 1)) or "its log is empty"
        raise StoreError(f"The worker did not start: {text}")
    standby = _take_standby(home)
    pid = standby.pid if standby else None
    _write_claim(run, n_threads, n_starts=n_starts, pid=pid)  # the worker reads it at once
    if standby:
        standby.hand_over(run.folder.id)
        return
    with os_errors(f"{run.folder.log_path} cannot be written"):
        log_file = run.folder.log_path.open("ab")
    with log_file:
        process = spawn(["work", run.folder.id], home, stdin=subprocess.DEVNULL, log_file=log_file)
    _write_claim(run, n_threads, n_starts=n_starts, pid=process.pid)


def _take_standby(home: Home) -> Standby | None:
    code = code_fingerprint()
    fitting = (standby for standby in list_standbys(home) if standby.code == code)
    return next((standby for standby in fitting if standby.take()), None)


def _fail(folder: RunFolder, reason: str) -> None:
    """Take a run that cannot be started out of the queue, unless it is not even readable."""
    log.error("Run %s cannot be started: %s", folder.id, reason)
    with suppress(StoreError), RunStore.open(folder.db_path) as store, store.batch():
        if store.get_status().state is RunState.QUEUED:
            store.set_state(RunState.FAILED, message=reason, now=time.time())


def _is_gone(pid: int | None) -> bool:
    """Tell whether a process has surely ended; Windows has no harmless way to ask."""
    if pid is None or sys.platform == "win32":
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def child_environment() -> dict[str, str]:
    """Return the environment in which `python -m gan` finds this very package."""
    package_root = str(Path(__file__).resolve().parents[2])
    paths = [package_root, os.environ.get("PYTHONPATH", "")]
    return WORKER_ENVIRONMENT | os.environ | {"PYTHONPATH": os.pathsep.join(p for p in paths if p)}


def spawn(
    arguments: list[str], home: Home, *, stdin: int, log_file: Any
) -> "subprocess.Popen[bytes]":
    """Start `python -m gan …` in a session of its own, so that it outlives us."""
    command = [sys.executable, "-m", "gan", *arguments, "--home", str(home.root)]
    options: dict[str, Any] = {}
    if sys.platform == "win32":
        options["creationflags"] = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        options["start_new_session"] = True
    try:
        process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=log_file,
            stderr=subprocess.STDOUT,
            env=child_environment(),
            **options,
        )
    except OSError as error:
        raise StoreError(f"The worker process cannot be started ({error}).") from error
    # A server lives long and never asks how its workers ended: this keeps them from being zombies.
    threading.Thread(target=process.wait, name=f"wait-{process.pid}", daemon=True).start()
    return process
