"""Reading how far another process is, from the lines that it writes into a file.

Memory layer, without torch. A command that is asked for it prints one JSON object a line, with a
sentence and the share that is done; when it fails, its last line is its error's sentence.
"""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Progress:
    """How far a job is.

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


def read_progress(path: Path, code: int | None, what: str) -> Progress:
    """Return what a process said last.

    Args:
        path: where its output goes.
        code: its exit code, None while it works.
        what: what it does, for a sentence: "The preparation".
    """
    lines = _lines(path)
    if code:
        return Progress(_why_failed(lines, code, what), is_over=True, has_failed=True)
    notes = (note for line in reversed(lines) if (note := _note(line)) is not None)
    newest = next(notes, Progress("Starting …"))
    return newest if code is None else replace(newest, fraction=1.0, is_over=True)


def _lines(path: Path) -> list[str]:
    """Return the lines that are complete. Few notes a second: reading all costs little."""
    try:
        text = path.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return []
    # Not splitlines: names of files may hold other characters that it takes for line ends.
    return [line.strip() for line in text.split("\n")[:-1]]


def _note(line: str) -> Progress | None:
    """Read one line of the command, None if it is not one of its notes."""
    try:
        raw: Any = json.loads(line)
        return Progress(str(raw["text"]), raw.get("fraction"))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _why_failed(lines: list[str], code: int, what: str) -> str:
    """Return the sentence with which the command ended; one that was killed left none."""
    if lines and lines[-1] and _note(lines[-1]) is None:
        return lines[-1]
    return f"{what} ended before it was done (exit code {code}): try again."
