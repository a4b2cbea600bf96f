"""A wall of small pictures, enlarged by a whole factor, with an optional slider through time; its
tiles can be clicked where the page asks for it.

The page hands over one PNG sheet, the browser cuts it into tiles. The script is
`sample_wall.js`: it keeps the sheets that it has seen, so that going back needs no server, and
asks for those that it has not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import streamlit as st

from gan.figures.colours import GENERATED, NEUTRAL, REAL
from gan.runs.sheets import n_columns
from pages.widgets.components.component import frame, make_component

_component = make_component("sample_wall")


@dataclass(frozen=True)
class Sheet:
    """One grid of pictures.

    Attributes:
        png: the file, `n` tiles in row-major order on a grid without gutters.
        width_px, height_px: the size of one tile.
        title: the line above the wall, such as 'Generated · step 1,200 · epoch 2.6'.
        alt: what the pictures are, for those who cannot see them.
        badges: what to write on the tiles; may be empty.
        levels: one a tile, from 0 (D has caught it) to 1 (it has fooled D); may be empty.
        columns: of the grid; None for a nearly square one.
    """

    png: bytes
    n: int
    width_px: int
    height_px: int
    title: str
    alt: str
    file_name: str
    badges: Sequence[str] = ()
    levels: Sequence[float] = ()
    columns: int | None = None


@dataclass(frozen=True)
class Picking:
    """Lets tiles be clicked; `clicked_tile` tells which one was.

    Attributes:
        label: what a click does, such as 'Pick'; each tile says it with its number.
        marks: tiles that are picked, with a letter or two to write on each.
        current: the tile that stands out; None for none.
    """

    label: str
    marks: Mapping[int, str] = field(default_factory=dict)
    current: int | None = None


@dataclass(frozen=True)
class Click:
    """A click on a tile: its number from 0, and the step of the sheet that was shown."""

    tile: int
    step: int


def clicked_tile(key: str) -> Click | None:
    """Return the click on this wall that this very rerun is about, None if it is about another."""
    state = st.session_state.get(key)
    click = state.get("pick") if state else None
    return None if click is None else Click(int(click["tile"]), int(click["step"]))


def wanted_step(key: str) -> int | None:
    """Return the step that the user has chosen on this wall's slider, None for the newest."""
    state = st.session_state.get(key)
    step = state.get("step") if state else None
    return None if step is None else int(step)


def sample_wall(
    sheet: Sheet,
    *,
    key: str,
    series: str,
    step: int = 0,
    steps: Sequence[int] | None = None,
    legend: str = "",
    max_scale: int = 6,
    max_rows: int | None = None,
    large: bool = False,
    picking: Picking | None = None,
) -> int | None:
    """Draw a wall; return the step chosen, None for the newest.

    Args:
        sheet: the grid of `wanted_step(key)`, or the newest.
        series: with the step, names a sheet in the browser's cache, such as '<run>/<kind>'.
        step: the step that `sheet` belongs to.
        steps: all saved steps, ascending; None has no slider.
        legend: how to read badges and frames.
        max_rows: show no more rows of tiles than this; the download has them all.
        large: bigger type, for a projector.
        picking: lets tiles be clicked.
    """
    header: dict[str, Any] = {
        "series": series,
        "steps": steps and list(steps),
        "legend": legend,
        "max_scale": max_scale,
        "max_rows": max_rows,
        "large": large,
        "chosen": wanted_step(key),
        "picking": picking and asdict(picking),
        "geometry": {
            "width": sheet.width_px,
            "height": sheet.height_px,
            "n": sheet.n,
            "columns": sheet.columns or n_columns(sheet.n),
        },
        "colours": {
            name: {"light": ink.light, "dark": ink.dark}
            for name, ink in (("caught", GENERATED), ("even", NEUTRAL), ("fooled", REAL))
        },
        "sheet": {
            "step": step,
            "title": sheet.title,
            "alt": sheet.alt,
            "file_name": sheet.file_name,
            "levels": [float(level) for level in sheet.levels],
            "badges": list(sheet.badges),
        },
    }
    _component(
        key=key,
        data=frame(header, sheet.png),
        default={"step": None},
        on_step_change=_nothing,
        on_pick_change=_nothing,
    )
    return wanted_step(key)


def _nothing() -> None:
    """The step is read from the session state; its change needs no action of its own."""
