"""A worker that waits, already imported, for the next run.

Memory layer. Importing torch takes seconds; a standby has done it before anybody presses Train.

The protocol is three files in `workspace/standby/`: `<pid>.json` (who waits, with which code),
`<pid>.lock` (held for as long as the process lives) and `<pid>.claim` (a run id, moved into place
by the launcher, which holds the launch lock). Only this side reads claims, only the launcher
writes them.
"""

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from gan.runs.code import code_fingerprint
from gan.runs.disk import move_into_place, os_errors
from gan.runs.folder import Home

log = logging.getLogger(__name__)

POLL_INTERVAL_S = 0.02
CODE_CHECK_INTERVAL_S = 3.0


@dataclass(frozen=True)
class Standby:
    """A waiting process, as the launcher sees it."""

    folder: Path
    pid: int
    code: str

    @property
    def claim_path(self) -> Path:
        return self.folder / f"{self.pid}.claim"

    def is_alive(self) -> bool:
        """Tell whether the process still holds its lock."""
        try:
            with FileLock(self.folder / f"{self.pid}.lock").acquire(timeout=0):
                return False
        except Timeout:
            return True

    def claim(self, run_id: str) -> None:
        """Hand a run to it. Call with the launch lock held. Raises StoreError."""
        partial = self.claim_path.with_suffix(".partial")
        with os_errors(f"{partial} cannot be written"):
            partial.write_text(run_id, encoding="utf-8")
        move_into_place(partial, self.claim_path)


def list_standbys(home: Home) -> Iterator[Standby]:
    """Yield the living standbys that nobody has claimed; forget the dead ones."""
    folder = standby_dir(home)
    for path in sorted(folder.glob("*.json")):
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            standby = Standby(folder, int(raw["pid"]), str(raw["code"]))
        except (OSError, ValueError, KeyError):
            continue  # it is leaving
        if not standby.is_alive():
            _forget(folder, standby.pid)
        elif not standby.claim_path.exists():
            yield standby


def wait_for_claim(home: Home, parent_is_gone: Callable[[], bool]) -> str | None:
    """Register, wait, and return the claimed run's id.

    Returns None when the parent has gone or the code on disk is no longer what was imported:
    the launcher then starts another.
    """
    folder = standby_dir(home)
    folder.mkdir(parents=True, exist_ok=True)
    pid, code = os.getpid(), code_fingerprint()
    me = Standby(folder, pid, code)
    with FileLock(folder / f"{pid}.lock"):
        partial = folder / f".{pid}.json"
        partial.write_text(json.dumps({"pid": pid, "code": code}), encoding="utf-8")
        move_into_place(partial, folder / f"{pid}.json")
        try:
            next_check = time.monotonic() + CODE_CHECK_INTERVAL_S
            while not me.claim_path.exists():
                if parent_is_gone():
                    return None
                if time.monotonic() >= next_check:
                    next_check = time.monotonic() + CODE_CHECK_INTERVAL_S
                    if code_fingerprint() != code:
                        return None
                time.sleep(POLL_INTERVAL_S)
            return me.claim_path.read_text(encoding="utf-8")
        finally:
            _forget(folder, pid)


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


def _forget(folder: Path, pid: int) -> None:
    for suffix in ("json", "claim"):
        (folder / f"{pid}.{suffix}").unlink(missing_ok=True)
