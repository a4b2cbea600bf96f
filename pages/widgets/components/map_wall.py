"""A plane of latent space as a wall of pictures to pan, zoom and click, like a street map.

The script is `map_wall.js`. The browser keeps what it has seen and asks for the pictures of the
visible part that it lacks, never for more than `MAX_ASKED`; only its newest wish counts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from gan.runs.sheets import Pictures, encode_png, make_sheet, n_columns
from pages.widgets.components.component import frame, make_component

MAX_ASKED = 256
MAX_LEVEL = 6
MIN_LEVEL = -2
_MAX_INDEX = 100_000

_component = make_component("map_wall")


@dataclass(frozen=True)
class MapMark:
    """A point to show on the wall: its name and where it is."""

    name: str
    u: float
    v: float


@dataclass(frozen=True, eq=False)
class MapWall:
    """What is shown.

    Attributes:
        token: names this plane of this generator; another token is another wall.
        draw: returns pictures `[N, H, W, C]` uint8 of places (u, v) `[N, 2]` float64.
        size_px: of a picture.
        spacing: between pictures at level 0, in u and v; each level more halves it.
        centre: (u, v) in the middle at first.
        marks: points with names.
        names: of the two axes, u and v.
        alt: what the wall is, for those who cannot see it.
    """

    token: str
    draw: Callable[[npt.NDArray[np.float64]], Pictures]
    size_px: int
    spacing: float
    centre: tuple[float, float]
    marks: Sequence[MapMark]
    names: tuple[str, str]
    alt: str


@dataclass(frozen=True, eq=False)
class _Answer:
    """The pictures of a wish."""

    token: str
    serial: int
    level: int
    cells: list[list[int]]
    png: bytes


def map_wall(wall: MapWall, *, key: str) -> tuple[float, float] | None:
    """Draw the wall; return the place (u, v) that the user has just clicked, else None.

    Raises what `wall.draw` raises.
    """
    answer = _answer(wall, key)
    header: dict[str, Any] = {
        "token": wall.token,
        "size": wall.size_px,
        "spacing": wall.spacing,
        "centre": list(wall.centre),
        "levels": [MIN_LEVEL, MAX_LEVEL],
        "max_asked": MAX_ASKED,
        "marks": [{"name": mark.name, "u": mark.u, "v": mark.v} for mark in wall.marks],
        "names": list(wall.names),
        "alt": wall.alt,
        "answer": None,
    }
    png = b""
    if answer is not None:
        png = answer.png
        header["answer"] = {
            "serial": answer.serial,
            "level": answer.level,
            "cells": answer.cells,
            "columns": n_columns(len(answer.cells)),
        }
    result = _component(
        key=key,
        data=frame(header, png),
        default={"wanted": None},
        on_wanted_change=_nothing,
        on_picked_change=_nothing,
    )
    return _clicked(getattr(result, "picked", None), wall.token)


def _answer(wall: MapWall, key: str) -> _Answer | None:
    """Draw what the browser lacks, unless it was drawn a moment ago."""
    state = st.session_state.get(key)
    wish = read_wish(state.get("wanted") if state else None, wall.token)
    if wish is None:
        return None
    serial, level, cells = wish
    kept: _Answer | None = st.session_state.get(f"{key}-answer")
    if kept is not None and (kept.token, kept.serial) == (wall.token, serial):
        return kept
    places = wall.spacing * np.array(cells, dtype=np.float64) * 2.0**-level
    png = encode_png(make_sheet(wall.draw(places)))
    answer = _Answer(wall.token, serial, level, cells, png)
    st.session_state[f"{key}-answer"] = answer
    return answer


def read_wish(raw: Any, token: str) -> tuple[int, int, list[list[int]]] | None:
    """Return serial, level and cells that the browser asks for; None for anything else."""
    try:
        serial, level = int(raw["serial"]), int(raw["level"])
        cells = [[int(i), int(j)] for i, j in raw["cells"]]
        is_ours = raw["token"] == token
    except (TypeError, ValueError, KeyError):
        return None
    fits = 1 <= len(cells) <= MAX_ASKED and MIN_LEVEL <= level <= MAX_LEVEL
    near = all(abs(index) <= _MAX_INDEX for cell in cells for index in cell)
    return (serial, level, cells) if is_ours and fits and near else None


def _clicked(raw: Any, token: str) -> tuple[float, float] | None:
    try:
        place = float(raw["u"]), float(raw["v"])
        return place if raw["token"] == token and np.isfinite(place).all() else None
    except (TypeError, ValueError, KeyError):
        return None


def _nothing() -> None:
    """What was asked for is read from the session state."""
