"""Evaluations made beside a page, by another process that says how far it is.

Memory layer, without torch. A page asks an `Evaluator`, which starts `python -m gan evaluate`, and
looks now and then at what that has written; the answer is then in the run's folder, whether or not
anybody still waits for it.
"""

import subprocess
import threading
from pathlib import Path

from gan.runs.disk import os_errors
from gan.runs.evaluations import Question
from gan.runs.folder import Home, RunFolder
from gan.runs.launcher import spawn
from gan.runs.notes import Progress, read_progress

_END_S = 5.0  # a process that is told to end does so at once, unless it hangs


class Evaluator:
    """Starts evaluations, one process for each question, and remembers how they went."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._cancelled: set[str] = set()

    def start(self, home: Home, folder: RunFolder, question: Question) -> None:
        """Start unless it is at work already. Raises StoreError."""
        key = _key(folder, question)
        with self._lock:
            process = self._processes.get(key)
            if process is not None and process.poll() is None:
                return
            self._cancelled.discard(key)
            path = _log_path(home, key)
            with os_errors(f"{path.parent} cannot be written"):
                path.parent.mkdir(parents=True, exist_ok=True)
                log_file = path.open("wb")
            with log_file:
                self._processes[key] = spawn(
                    _command(folder, question), home, stdin=subprocess.DEVNULL, log_file=log_file
                )

    def look(self, home: Home, folder: RunFolder, question: Question) -> Progress | None:
        """Return how far it is; None if this evaluator never started it, or it was cancelled."""
        key = _key(folder, question)
        process = self._processes.get(key)
        if process is None or key in self._cancelled:
            return None
        code = process.poll()  # first: then all that it wrote is there
        return read_progress(_log_path(home, key), code, "The measurement")

    def cancel(self, folder: RunFolder, question: Question) -> None:
        """End an evaluation that is at work; nothing is kept of it."""
        key = _key(folder, question)
        with self._lock:
            process = self._processes.get(key)
            if process is None or process.poll() is not None:
                return
            self._cancelled.add(key)
            process.terminate()
            try:
                process.wait(_END_S)
            except subprocess.TimeoutExpired:
                process.kill()

    def forget(self, folder: RunFolder, question: Question) -> None:
        """Let an evaluation that is over be asked for anew; one at work is kept."""
        key = _key(folder, question)
        with self._lock:
            process = self._processes.get(key)
            if process is not None and process.poll() is not None:
                del self._processes[key]


def _command(folder: RunFolder, question: Question) -> list[str]:
    words = ["evaluate", folder.id, "--step", str(question.step), "--n", str(question.n)]
    words += ["--features", question.features, "--seed", str(question.seed), "--notes"]
    return words + (["--raw"] if question.raw else [])


def _key(folder: RunFolder, question: Question) -> str:
    return f"{folder.id}-{Path(question.file_name).stem}"


def _log_path(home: Home, key: str) -> Path:
    return home.workspace_dir / "evaluating" / f"{key}.jsonl"
