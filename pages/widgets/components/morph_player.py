"""A morph that plays in the browser: all frames are sent once, as one sheet, and never asked for.

The script is `morph_player.js`. Beside the picture lie, over the same length, a strip of frames,
D's score and the change from frame to frame; a line runs through all three.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gan.figures.colours import DISCRIMINATOR, GENERATOR, Ink
from gan.runs.sheets import Pictures, encode_png, make_sheet, n_columns
from pages.widgets.components.component import frame, make_component

_component = make_component("morph_player")


@dataclass(frozen=True, eq=False)
class MorphReel:
    """What the player shows.

    Attributes:
        token: names this morph: the player goes back to its start when another one comes.
        pictures: `[N, H, W, C]` uint8, in the order of the way.
        keys: frames of the points that the way was made of, ascending.
        names: what these points are called.
        changes: `[N]`, how much each frame differs from the one before, in percent; NaN for a
            first one that follows none.
        scores: `[N]`, D's score of each frame, in percent where it is a probability; None where
            there is no D.
        score_is_probability: the chart reaches from 0 to 100 %.
        is_loop: the first frame follows the last.
    """

    token: str
    pictures: Pictures
    keys: Sequence[int]
    names: Sequence[str]
    changes: npt.NDArray[np.floating[Any]]
    scores: npt.NDArray[np.floating[Any]] | None = None
    score_is_probability: bool = False
    is_loop: bool = False


def morph_player(reel: MorphReel, *, key: str) -> int | None:
    """Draw the player; return the frame that the user has just picked, else None."""
    n, height, width, _ = reel.pictures.shape
    header: dict[str, Any] = {
        "token": reel.token,
        "n": n,
        "width": width,
        "height": height,
        "columns": n_columns(n),
        "keys": [int(frame) for frame in reel.keys],
        "names": list(reel.names),
        "is_loop": reel.is_loop,
        "charts": _charts(reel),
        "alt": f"Frame of a morph by way of {', '.join(reel.names)}",
    }
    sheet = encode_png(make_sheet(reel.pictures))
    answer = _component(key=key, data=frame(header, sheet), on_picked_change=_nothing)
    picked = getattr(answer, "picked", None)
    return int(picked) if isinstance(picked, (int, float)) and 0 <= picked < n else None


def _charts(reel: MorphReel) -> list[dict[str, Any]]:
    charts = []
    if reel.scores is not None and reel.score_is_probability:
        title = "D takes it for real"
        charts.append(_chart(title, reel.scores, DISCRIMINATOR, unit=" %", bounds=(0.0, 100.0)))
    elif reel.scores is not None:
        charts.append(_chart("D's score (higher: more real)", reel.scores, DISCRIMINATOR))
    top = float(np.nan_to_num(reel.changes).max(initial=0.0)) or 1.0
    title = "Change from the frame before"
    charts.append(_chart(title, reel.changes, GENERATOR, unit=" %", bounds=(0.0, top)))
    return charts


def _chart(
    title: str,
    values: npt.NDArray[np.floating[Any]],
    ink: Ink,
    *,
    unit: str = "",
    bounds: tuple[float, float] | None = None,
) -> dict[str, Any]:
    """Return a curve; a value that is no number is a gap. Without bounds it fills its height."""
    return {
        "title": title,
        "values": [float(f"{value:.4g}") if np.isfinite(value) else None for value in values],
        "unit": unit,
        "bounds": bounds,
        "light": ink.light,
        "dark": ink.dark,
    }


def _nothing() -> None:
    """A picked frame is this run's answer; it needs no action of its own."""
