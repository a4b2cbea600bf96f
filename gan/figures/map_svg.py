"""The map of an evaluation as an SVG picture: hills of real pictures, generated ones as points.

Door layer, without torch. A still picture of some 30 KB that needs nothing else, for a page as an
image and for the report.
"""

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from gan.figures.colours import (
    DARK_BACKGROUND,
    GENERATED,
    LIGHT_BACKGROUND,
    NEUTRAL,
    REAL,
)
from gan.runs.sheets import encode_png

_SIZE = 560  # of the map itself, in units of the picture
_TOP, _BOTTOM = 70, 40
_FONT = 18  # large: on a phone the picture is half as wide
_N_BANDS = 9
_FINE = 4  # hills are drawn on a finer grid than they were counted on


def map_svg(
    facts: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    *,
    dark: bool,
    marks: Sequence[tuple[str, float, float]] = (),
) -> str:
    """Return the map as SVG text.

    Args:
        facts: `answer["map"]` of an evaluation, or the like; `explained` may be left out.
        arrays: its `map_x`, `map_y`, `map_density` and `map_points`.
        dark: whether it stands on a dark background.
        marks: names and places of single pictures that stand out.
    """
    longest = max((len(label["name"]) for label in facts["labels"]), default=0)
    left = 40 + min(160, 10 * longest)  # room for names of classes beside the map
    frame = _Frame(arrays["map_x"], arrays["map_y"], left)
    real, generated, neutral = (
        ink.dark if dark else ink.light for ink in (REAL, GENERATED, NEUTRAL)
    )
    width, height = _SIZE + 2 * left, _SIZE + _TOP + _BOTTOM
    is_ring = facts["kind"] == "ring"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="{_FONT}" fill="{neutral}">',
        f"<title>{escape(describe(facts))}</title>",
        f'<image x="{left}" y="{_TOP}" width="{_SIZE}" height="{_SIZE}" '
        f'href="data:image/png;base64,{_hills(arrays["map_density"], real)}"/>',
        f'<rect x="{left}" y="{_TOP}" width="{_SIZE}" height="{_SIZE}" fill="none" '
        f'stroke="{neutral}" stroke-opacity=".5"/>',
        f'<path d="{frame.dots(arrays["map_points"])}" stroke="{generated}" stroke-opacity=".75" '
        'stroke-width="3.4" stroke-linecap="round" fill="none"/>',
    ]
    if is_ring:
        parts += [_label(frame, label) for label in facts["labels"]]
    else:
        parts += _axes(facts.get("explained"), left)
    parts += [_mark(frame, *mark, dark=dark) for mark in marks]
    parts.append(
        f'<circle cx="{left + 8}" cy="18" r="7" fill="{real}" fill-opacity=".7"/>'
        f'<text x="{left + 22}" y="24">real: the darker, the denser</text>'
        f'<circle cx="{left + 312}" cy="18" r="4" fill="{generated}"/>'
        f'<text x="{left + 324}" y="24">generated: a point each</text></svg>'
    )
    return "".join(parts)


def map_image(
    facts: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    *,
    dark: bool,
    marks: Sequence[tuple[str, float, float]] = (),
) -> str:
    """Return the map as an HTML image; see `map_svg`."""
    text = map_svg(facts, arrays, dark=dark, marks=marks)
    address = base64.b64encode(text.encode()).decode()
    return (
        f'<img alt="{escape(describe(facts), quote=True)}" style="width:100%;max-width:680px" '
        f'src="data:image/svg+xml;base64,{address}">'
    )


def describe(facts: Mapping[str, Any]) -> str:
    """Return what the map shows, in words."""
    points = f"{facts['n_points']:,} generated pictures as points over hills of real ones"
    if facts["kind"] == "ring":
        return f"Map of {len(facts['labels'])} classes on a ring: {points}"
    return f"Map of the two main directions of the real pictures: {points}"


def how_to_read(facts: Mapping[str, Any]) -> str:
    """Return how to read it, two sentences."""
    if facts["kind"] == "ring":
        return (
            "Each hill is a class of the real pictures. A generated picture lies on the hill of "
            "the class that the network takes it for, between two hills if it looks like both, and "
            "in the middle if it looks like none: a hill without points is a class that is never "
            "made."
        )
    return (
        "The two directions in which the real pictures differ most, as the network sees them. "
        "Points beside the hills are unlike real pictures; hills without points are kinds of "
        "pictures that are never made, as far as two directions can tell."
    )


class _Frame:
    """Where coordinates of the map are in the picture."""

    def __init__(self, x: NDArray[Any], y: NDArray[Any], left: int) -> None:
        self._x, self._y = (self._span(axis) for axis in (x, y))
        self.left = left

    @staticmethod
    def _span(axis: NDArray[Any]) -> tuple[float, float]:
        half = (float(axis[1]) - float(axis[0])) / 2  # the grid's values are the cells' middles
        return float(axis[0]) - half, float(axis[-1]) + half

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return a place in the picture; y grows upwards on the map and downwards there."""
        across = (x - self._x[0]) / (self._x[1] - self._x[0])
        up = (y - self._y[0]) / (self._y[1] - self._y[0])
        return self.left + _SIZE * across, _TOP + _SIZE * (1 - up)

    def inside(self, x: float, y: float) -> tuple[float, float]:
        """Return a place in the picture, at the map's edge if it lies outside."""
        across, down = self.at(x, y)
        across = min(self.left + _SIZE, max(self.left, across))
        return across, min(_TOP + _SIZE, max(_TOP, down))

    def dots(self, points: NDArray[Any]) -> str:
        """Return a path of dots; what lies outside is drawn at the edge."""
        places = []
        for x, y in points:
            across, down = self.inside(float(x), float(y))
            places.append(f"M{across:.0f} {down:.0f}h0")
        return "".join(places)


def _hills(density: NDArray[Any], colour: str) -> str:
    """Return the hills as a PNG in base64: bands of equal colour, clear where there is nothing."""
    fine = _finer(np.sqrt(np.maximum(density, 0).astype(np.float64)))
    top = float(fine.max()) or 1.0
    bands = np.floor(_N_BANDS * fine / top * 0.999) / (_N_BANDS - 1)
    pixels: npt.NDArray[np.uint8] = np.empty((*fine.shape, 4), dtype=np.uint8)
    pixels[..., :3] = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    pixels[..., 3] = np.round(185 * bands)
    return base64.b64encode(encode_png(pixels[::-1])).decode()


def _finer(grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a grid on more points, between the old ones by straight lines."""
    n = len(grid)
    places = np.linspace(0, n - 1, n * _FINE)
    across = np.stack([np.interp(places, np.arange(n), row) for row in grid])
    return np.stack([np.interp(places, np.arange(n), column) for column in across.T], axis=1)


def _label(frame: _Frame, label: Mapping[str, Any]) -> str:
    """Return a class's name outside the map, beside its place."""
    x, y = frame.at(label["x"], label["y"])
    if abs(label["x"]) < 0.4:
        anchor, y = "middle", (_TOP - 10 if label["y"] > 0 else _TOP + _SIZE + 24)
    elif label["x"] > 0:
        anchor, x = "start", frame.left + _SIZE + 8
    else:
        anchor, x = "end", frame.left - 8
    y = min(_TOP + _SIZE + 24, max(_TOP - 10, y))
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(label["name"])}</text>'


def _mark(frame: "_Frame", name: str, x: float, y: float, *, dark: bool) -> str:
    """Return a picture's name in a circle; one outside the map is drawn at its edge."""
    across, down = frame.inside(x, y)
    pair = (LIGHT_BACKGROUND, DARK_BACKGROUND)
    ink, ground = pair if dark else pair[::-1]
    return (
        f'<circle cx="{across:.1f}" cy="{down:.1f}" r="5" fill="{ink}" stroke="{ground}" '
        f'stroke-width="2"/><text x="{across + 9:.1f}" y="{down + 6:.1f}" fill="{ink}" '
        f'stroke="{ground}" stroke-width="4" paint-order="stroke" font-weight="700">'
        f"{escape(name)}</text>"
    )


def _axes(explained: list[float] | None, left: int) -> list[str]:
    texts = ["first principal component", "second principal component"]
    if explained is not None:
        texts = [
            f"{text} ({100 * share:.0f} % of the variance)"
            for text, share in zip(texts, explained, strict=True)
        ]
    across, down = left + _SIZE / 2, _TOP + _SIZE / 2
    return [
        f'<text x="{across}" y="{_TOP + _SIZE + 26}" text-anchor="middle">{texts[0]}</text>',
        f'<text x="{left - 12}" y="{down}" text-anchor="middle" '
        f'transform="rotate(-90 {left - 12} {down})">{texts[1]}</text>',
    ]
