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
from pathlib import Path

from gan.config import DataConfig
from gan.runs.disk import os_errors
from gan.runs.folder import Home
from gan.runs.launcher import spawn
from gan.runs.notes import Progress, read_progress

_FLAGS = {
    "source": "--source",
    "folder": "--folder",
    "n_images": "--n-images",
    "size_px": "--size-px",
    "colour": "--colour",
    "fit": "--fit",
    "background": "--background",
}


Preparation = Progress
"""How far a preparation is."""


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
        return read_progress(_log_path(home, key), code, "The preparation")

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
