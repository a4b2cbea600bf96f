"""Downloading and decoding images beside a page, by another process that says how far it is.

Memory layer, without torch. A page must not wait for a download or for ten thousand pictures: it
asks a `Preparer`, which starts `python -m gan data NAME --prepare --json`, and looks at its last
line now and then. Two processes that prepare the same images wait for each other in `gan.data`.
"""

import hashlib
import json
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan.config import DataConfig
from gan.runs.disk import os_errors
from gan.runs.folder import Home
from gan.runs.launcher import spawn

_FLAGS = {
    "source": "--source",
    "folder": "--folder",
    "size_px": "--size-px",
    "colour": "--colour",
    "fit": "--fit",
    "background": "--background",
}
_TAIL_BYTES = 4096


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
        code = process.poll()
        line = _last_line(_log_path(home, key))
        if code is None:
            text, fraction = _note(line)
            return Preparation(text or "Starting …", fraction)
        text, _ = _note(line)
        return Preparation(text or line, 1.0, is_over=True, has_failed=code != 0)

    def forget(self, data: DataConfig) -> None:
        """Let a preparation that is over be started anew."""
        self._processes.pop(_key(data), None)


def _key(data: DataConfig) -> str:
    facts = data.model_dump(mode="json", include={"dataset", *_FLAGS})
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _options(data: DataConfig) -> list[str]:
    words: list[str] = []
    for name, flag in _FLAGS.items():
        value = getattr(data, name)
        if value is not None:
            words += [flag, str(value)]
    return words


def _log_path(home: Home, key: str) -> Path:
    return home.workspace_dir / "preparing" / f"{key}.jsonl"


def _last_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _TAIL_BYTES))
            lines = file.read().decode("utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""


def _note(line: str) -> tuple[str, float | None]:
    """Read one line of the command; what is not one of its notes is shown as it stands."""
    try:
        raw: Any = json.loads(line)
        return str(raw["text"]), raw.get("fraction")
    except (ValueError, TypeError, KeyError, AttributeError):
        return "", None
