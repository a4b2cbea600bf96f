"""A worker that waits, already imported, for the next run.

Memory layer. Importing torch takes seconds; a standby has done it before anybody presses Train.

The protocol is a few files in `workspace/standby/`. The standby writes `<pid>.json` (who waits,
with which code) and holds `<pid>.lock` for as long as it lives. A launcher takes it by renaming
`<pid>.json` to `<pid>.taken`, which only one can do, and then moves `<pid>.claim`, the id of a
run, into place. A standby leaves by removing `<pid>.json`: when that is gone already it was taken,
and it waits for the run instead.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from gan.runs.code import code_fingerprint
from gan.runs.disk import move_into_place, os_errors
from gan.runs.folder import Home

POLL_INTERVAL_S = 0.02
CODE_CHECK_INTERVAL_S = 3.0
HAND_OVER_S = 2.0  # between taking a standby and giving it a run; milliseconds in fact
_PROBE_S = 0.01  # outlasts another probe, which holds the lock for microseconds


@dataclass(frozen=True)
class Standby:
    """A waiting process, as the launcher sees it."""

    folder: Path
    pid: int
    code: str

    @property
    def registration_path(self) -> Path:
        """Says that it waits."""
        return self.folder / f"{self.pid}.json"

    @property
    def taken_path(self) -> Path:
        """Says that a launcher took it."""
        return self.folder / f"{self.pid}.taken"

    @property
    def claim_path(self) -> Path:
        """Says for which run."""
        return self.folder / f"{self.pid}.claim"

    def is_alive(self) -> bool:
        """Tell whether the process still holds its lock."""
        try:
            lock = FileLock(self.folder / f"{self.pid}.lock")
            with lock.acquire(timeout=_PROBE_S, poll_interval=_PROBE_S / 4):
                return False
        except Timeout:
            return True
        except OSError:
            return False

    def take(self) -> bool:
        """Reserve it for us; False when it has left or another launcher was quicker."""
        try:
            self.registration_path.rename(self.taken_path)
        except OSError:
            return False
        return True

    def hand_over(self, run_id: str) -> None:
        """Give it the run that it shall train, after `take`. Raises StoreError."""
        partial = self.folder / f"{self.pid}.partial"
        with os_errors(f"{partial} cannot be written"):
            partial.write_text(run_id, encoding="utf-8")
        move_into_place(partial, self.claim_path)


def list_standbys(home: Home) -> Iterator[Standby]:
    """Yield the living standbys that nobody has taken; forget the dead ones."""
    folder = standby_dir(home)
    for path in sorted([*folder.glob("*.json"), *folder.glob("*.taken")]):
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            standby = Standby(folder, int(raw["pid"]), str(raw["code"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # it is leaving
        if not standby.is_alive():
            _forget(standby)
        elif path == standby.registration_path:
            yield standby


def wait_for_claim(
    home: Home, parent_is_gone: Callable[[], bool], *, code: str | None = None
) -> str | None:
    """Register, wait, and return the claimed run's id.

    Returns None when the parent has gone or the code on disk is no longer what was imported:
    the launcher then starts another.

    Args:
        home: where to register.
        parent_is_gone: asked again and again.
        code: fingerprint of the code from before it was imported; by default today's.

    Raises:
        StoreError: the workspace cannot be written.
    """
    folder = standby_dir(home)
    me = Standby(folder, os.getpid(), code or code_fingerprint())
    with os_errors(f"A standby cannot register in {folder}"):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / f"{me.pid}.lock")
        lock.acquire()
    try:
        _forget(me, and_lock=False)  # an older process may have had our pid
        _register(me)
        return _wait(me, parent_is_gone)
    finally:
        _forget(me)
        lock.release()


def parent_watch() -> Callable[[], bool]:
    """Return a question: has the process at the other end of our standard input gone?

    Works everywhere, unlike asking for the parent's pid: the pipe closes when it dies.
    """
    gone = threading.Event()

    def read_until_closed() -> None:
        while sys.stdin.buffer.read(1024):
            pass
        gone.set()

    threading.Thread(target=read_until_closed, name="parent-watch", daemon=True).start()
    return gone.is_set


def standby_dir(home: Home) -> Path:
    """Return the folder in which standbys register."""
    return home.workspace_dir / "standby"


def _register(me: Standby) -> None:
    partial = me.folder / f"{me.pid}.partial"
    with os_errors(f"{partial} cannot be written"):
        partial.write_text(json.dumps({"pid": me.pid, "code": me.code}), encoding="utf-8")
    move_into_place(partial, me.registration_path)


def _wait(me: Standby, parent_is_gone: Callable[[], bool]) -> str | None:
    next_check = time.monotonic()
    while not me.taken_path.exists():
        if parent_is_gone() or not me.registration_path.exists():
            return _leave(me)
        if time.monotonic() >= next_check:
            next_check = time.monotonic() + CODE_CHECK_INTERVAL_S
            if code_fingerprint() != me.code:
                return _leave(me)
        time.sleep(POLL_INTERVAL_S)
    return _wait_for_run(me)


def _leave(me: Standby) -> str | None:
    """Withdraw the registration, unless a launcher was quicker."""
    try:
        me.registration_path.unlink()
    except FileNotFoundError:
        return _wait_for_run(me)
    return None


def _wait_for_run(me: Standby) -> str | None:
    deadline = time.monotonic() + HAND_OVER_S
    while time.monotonic() < deadline:
        if me.claim_path.exists():
            return me.claim_path.read_text(encoding="utf-8")
        time.sleep(POLL_INTERVAL_S)
    return None


def _forget(standby: Standby, *, and_lock: bool = True) -> None:
    for suffix in ("json", "taken", "claim", "partial", *(("lock",) if and_lock else ())):
        with suppress(OSError):  # Windows does not remove a file that is open
            (standby.folder / f"{standby.pid}.{suffix}").unlink(missing_ok=True)
