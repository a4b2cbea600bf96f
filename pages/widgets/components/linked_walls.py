"""Walls of several runs side by side, all driven by one step slider.

Each wall shows its sheet of the slider's step, or its nearest one before, and says which. The
browser keeps the sheets that it has seen and asks for those that it has not; it changes all walls
at once, when the last of their sheets is there. The script is `linked_walls.js`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from gan.figures.colours import Ink
from gan.runs.sheets import n_columns
from pages.widgets.components.component import frame, make_component

MAX_STEPS = 1500  # positions of the slider
_MAX_SHEETS = 96  # in one answer

_component = make_component("linked_walls")


@dataclass(frozen=True)
class Wall:
    """One competitor's pictures.

    Attributes:
        key: what it is called in questions and answers, unlike every other's.
        label: its name for people.
        ink: its colour.
        series: names its sheets in the browser's cache, such as '<run>/<kind>'.
        steps: the steps at which it has a sheet, ascending; may be empty.
        n: tiles on a sheet.
        width_px, height_px: the size of one tile.
        note: what else to say of it, such as 'diverged at step 310'.
    """

    key: str
    label: str
    ink: Ink
    series: str
    steps: Sequence[int]
    n: int = 0
    width_px: int = 1
    height_px: int = 1
    note: str = ""


def linked_walls(
    walls: Sequence[Wall],
    read: Callable[[str, int], bytes | None],
    *,
    key: str,
    legend: str = "",
    file_name: str = "walls",
    large: bool = False,
) -> None:
    """Draw the walls below their common slider.

    Args:
        read: returns the PNG of a wall's key and one of its steps, None where it cannot be read.
        legend: what to know about the pictures, below the walls.
        file_name: what a saved picture of all walls is called, without ending.
        large: bigger pictures and type, for a projector.
    """
    answered, wanted = _question(key, walls)
    sheets = [(wall, step, read(wall, step)) for wall, step in wanted]
    header: dict[str, Any] = {
        "walls": [_described(wall) for wall in walls],
        "steps": _positions(walls),
        "answered": answered,
        "legend": legend,
        "file_name": file_name,
        "large": large,
        "sheets": [
            {"wall": wall, "step": step, "size": len(png or b"")} for wall, step, png in sheets
        ],
    }
    payload = b"".join(png or b"" for _, _, png in sheets)
    _component(
        key=key,
        data=frame(header, payload),
        default={"ask": None},
        on_ask_change=_nothing,
    )


def _question(key: str, walls: Sequence[Wall]) -> tuple[float, list[tuple[str, int]]]:
    """Return the browser's newest question and the sheets to send, each question answered once.

    Before the first question these are the newest sheets.
    """
    state = st.session_state.get(key)
    ask = state.get("ask") if state else None
    if not ask:
        return 0.0, [(wall.key, wall.steps[-1]) for wall in walls if wall.steps][:_MAX_SHEETS]
    answered = float(ask["id"])
    if st.session_state.get(f"{key}-answered") == answered:
        return answered, []
    st.session_state[f"{key}-answered"] = answered
    there = {wall.key: frozenset(wall.steps) for wall in walls}
    asked = [(str(wall), int(step)) for wall, step in ask["need"][:_MAX_SHEETS]]
    return answered, [(wall, step) for wall, step in asked if step in there.get(wall, ())]


def _described(wall: Wall) -> dict[str, Any]:
    return {
        "key": wall.key,
        "label": wall.label,
        "light": wall.ink.light,
        "dark": wall.ink.dark,
        "series": wall.series,
        "steps": list(wall.steps),
        "note": wall.note,
        "n": wall.n,
        "width": wall.width_px,
        "height": wall.height_px,
        "columns": n_columns(wall.n),
    }


def _positions(walls: Sequence[Wall]) -> list[int]:
    """Return every step at which some wall has a sheet, thinned evenly, the last always kept."""
    steps = sorted({step for wall in walls for step in wall.steps})
    stride = -(-len(steps) // MAX_STEPS)
    return steps if stride <= 1 else [*steps[:-1:stride], steps[-1]]


def _nothing() -> None:
    """The question is read from the session state; its change needs no action of its own."""
