"""Downloading and decoding images beside a page, by another process that says how far it is.

Memory layer, without torch. A page must not wait for a download or for ten thousand pictures: it
asks a `Preparer`, which starts `python -m gan data NAME --prepare --json`, and looks now and then
at what that has written. Two processes that prepare the same images wait for each other in
`gan.data`.
"""

import hashlib
import json
import subprocess
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gan.config import DataConfig
from gan.runs.disk import os_errors
from gan.runs.folder import Home
from gan.runs.launcher import spawn

_FLAGS = {
    "source": "--source",
    "folder": "--folder",
    "n_images": "--n-images",
    "size_px": "--size-px",
    "colour": "--colour",
    "fit": "--fit",
    "background": "--background",
}


@dataclass(frozen=True)
class Preparation:
    """How far a preparation is.

    Attributes:
        text: one sentence.
        fraction: share that is done, None while nobody can tell.
        is_over: the process has ended.
        has_failed: and did not do it; `text` says why.
    """

    text: str
    fraction: float | None = None
    is_over: bool = False
    has_failed: bool = False


class Preparer:
    """Starts preparations, one for each kind of images, and remembers how they went."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, home: Home, data: DataConfig) -> None:
        """Start unless it is at work already. Raises StoreError."""
        key = _key(data)
        with self._lock:
            process = self._processes.get(key)
            if process is not None and process.poll() is None:
                return
            path = _log_path(home, key)
            with os_errors(f"{path.parent} cannot be written"):
                path.parent.mkdir(parents=True, exist_ok=True)
                log_file = path.open("wb")
            with log_file:
                command = ["data", data.dataset, "--prepare", "--json", *_options(data)]
                self._processes[key] = spawn(
                    command, home, stdin=subprocess.DEVNULL, log_file=log_file
                )

    def look(self, home: Home, data: DataConfig) -> Preparation | None:
        """Return how far it is; None if this preparer never started it."""
        key = _key(data)
        process = self._processes.get(key)
        if process is None:
            return None
        code = process.poll()  # first: then all that it wrote is there
        lines = _lines(_log_path(home, key))
        if code:
            return Preparation(_why_failed(lines, code), is_over=True, has_failed=True)
        notes = (note for line in reversed(lines) if (note := _note(line)) is not None)
        newest = next(notes, Preparation("Starting …"))
        return newest if code is None else replace(newest, fraction=1.0, is_over=True)

    def forget(self, data: DataConfig) -> None:
        """Let a preparation that is over be started anew; one at work is kept."""
        key = _key(data)
        with self._lock:
            process = self._processes.get(key)
            if process is not None and process.poll() is not None:
                del self._processes[key]


def _key(data: DataConfig) -> str:
    facts = data.model_dump(mode="json", include={"dataset", *_FLAGS})
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _options(data: DataConfig) -> list[str]:
    words: list[str] = []
    for name, flag in _FLAGS.items():
        value = getattr(data, name)
        if value is not None:
            words.append(f"{flag}={value}")  # one word: a folder's name may begin with a dash
    return words


def _log_path(home: Home, key: str) -> Path:
    return home.workspace_dir / "preparing" / f"{key}.jsonl"


def _lines(path: Path) -> list[str]:
    """Return the lines that are complete. Two notes a second at most: reading all costs little."""
    try:
        text = path.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return []
    # Not splitlines: names of files may hold other characters that it takes for line ends.
    return [line.strip() for line in text.split("\n")[:-1]]


def _note(line: str) -> Preparation | None:
    """Read one line of the command, None if it is not one of its notes."""
    try:
        raw: Any = json.loads(line)
        return Preparation(str(raw["text"]), raw.get("fraction"))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _why_failed(lines: list[str], code: int) -> str:
    """Return the sentence with which the command ended; one that was killed left none."""
    if lines and lines[-1] and _note(lines[-1]) is None:
        return lines[-1]
    return f"The preparation ended before it was done (exit code {code}): try again."
