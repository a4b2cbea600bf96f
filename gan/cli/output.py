"""How the terminal shows things: JSON for programs, tables and sentences for people.

Door.
"""

import json
import math
import shlex
import sys
import time
from collections.abc import Sequence
from typing import Any

from gan.runs.folder import Home, default_home


def print_json(value: Any) -> None:
    """Print one JSON document; NaN and infinities, which JSON lacks, become null."""
    print(json.dumps(finite(value), ensure_ascii=False, indent=2))


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print left-aligned columns under their headers."""
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    for row in (headers, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def complain(sentence: str) -> None:
    """Print a sentence on stderr, on one line whatever it holds."""
    print(" ".join(sentence.split()), file=sys.stderr, flush=True)


def command_line(home: Home, *words: str) -> str:
    """Return what to type for another command on the same home."""
    where = [] if home == default_home() else ["--home", str(home.root)]
    return shlex.join(["python", "-m", "gan", *words, *where])


def age_text(then: float, now: float | None = None) -> str:
    """Return how long ago something was: '12 s', '5 min', '3 h', '4 d'."""
    age_s = max(0.0, (time.time() if now is None else now) - then)
    for unit, unit_s, next_s in (("s", 1, 60), ("min", 60, 3600), ("h", 3600, 86_400)):
        if age_s < next_s:
            return f"{age_s / unit_s:.0f} {unit}"
    return f"{age_s / 86_400:.0f} d"


def duration_text(seconds: float) -> str:
    """Return a length of time with sensible digits: '9.8 s', '4 min 10 s', '2 h 5 min'."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def number_text(value: float | None) -> str:
    """Return a loss or the like with three digits behind the point, '–' when there is none."""
    return "–" if value is None else f"{value:.3f}"


def finite(value: Any) -> Any:
    """Return a document with null in the place of NaN and infinities, which JSON lacks."""
    if isinstance(value, dict):
        return {key: finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [finite(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
