"""A canvas for pictures made of soft-edged shapes, many pictures at once.

Maths layer: numpy, no torch. A shape is its signed distance at every pixel's centre (negative
inside) in picture units: x to the right and y down, both -1 to 1 over the picture whatever its
size. Only operations that are rounded exactly (+ - × ÷ √ and comparisons) touch a pixel, so a
picture comes out the same bytes whichever others are painted with it.
"""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Field: TypeAlias = npt.NDArray[np.floating[Any]]
"""float32 that broadcasts to `[n, side, side]`: a field, or one number a picture `[n, 1, 1]`.

The checker is told `floating`: it believes that a Python number makes float32 into float64.
"""

Palette: TypeAlias = tuple[tuple[float, float, float], ...]
"""Colours (red, green, blue), each part 0 to 1, evenly spaced over a factor's -1 to 1."""

_MIN_SIDE_PX = 64  # smaller pictures are painted larger and averaged: a pupil needs some pixels


class Canvas:
    """`n_images` pictures of equal size, painted from the back to the front.

    Attributes:
        x, y: coordinates of pixel centres, `[1, 1, side]` and `[1, side, 1]`.
        colours: `[n, 3, side, side]` float32, 0 to 1.
    """

    def __init__(self, n_images: int, size_px: int) -> None:
        self.zoom = zoom_for(size_px)
        side = size_px * self.zoom
        self.pixel = np.float32(2.0 / side)
        centres = (np.arange(side, dtype=np.float32) + 0.5) * self.pixel - 1
        self.x: Field = centres[None, None, :]
        self.y: Field = centres[None, :, None]
        self.colours: Field = np.zeros((n_images, 3, side, side), dtype=np.float32)

    def cover(self, distance: Field) -> Field:
        """Return how much of each pixel a shape covers, 0 to 1: its edge is one pixel soft."""
        inside: Field = np.clip(0.5 - distance / self.pixel, 0.0, 1.0)
        return inside

    def cover_line(self, distance: Field, radius: float) -> Field:
        """Return the cover of a pen's line, right also where it is thinner than a pixel.

        `distance` is to the line's middle; the cover is the part of one pixel's breadth around it
        that lies within `radius`.
        """
        half = self.pixel / 2
        near, far = distance - half, distance + half
        inside: Field = np.clip(far, -radius, radius) - np.clip(near, -radius, radius)
        return inside / self.pixel

    def lay(self, cover: Field, colour: Field) -> None:
        """Paint a colour `[n, 3, 1, 1]`, or one for each pixel, over what is there."""
        change = colour - self.colours
        change *= cover[:, None]
        self.colours += change

    def shade(self, amount: Field) -> None:
        """Multiply by 1 + amount: darker below 0, lighter above."""
        self.colours *= (1 + amount)[:, None]

    def to_uint8(self) -> npt.NDArray[np.uint8]:
        """Return `[n, size_px, size_px, 3]`, each pixel the mean of those painted for it."""
        zoom = self.zoom
        total = np.zeros_like(self.colours[:, :, ::zoom, ::zoom])
        for row in range(zoom):
            for column in range(zoom):
                total += self.colours[:, :, row::zoom, column::zoom]
        total *= np.float32(255.0 / zoom**2)
        levels = np.rint(np.clip(total, 0.0, 255.0)).astype(np.uint8)
        return np.ascontiguousarray(levels.transpose(0, 2, 3, 1))


def zoom_for(size_px: int) -> int:
    """Return how many times larger than asked a picture is painted: 2 at 32 px, 1 from 64 px."""
    return -(-_MIN_SIDE_PX // size_px)  # rounded up


def ellipse(x: Field, y: Field, rx: Field | float, ry: Field | float) -> Field:
    """Return the signed distance to an ellipse round the origin, exact to first order at its edge.

    With k = √((x/rx)² + (y/ry)²) the edge is k = 1, and (k - 1) / |∇k| is the distance. The radii
    may themselves vary over the picture, slowly.
    """
    uu, vv = x / rx, y / ry
    uu *= uu
    vv *= vv
    k = np.sqrt(uu + vv)
    slope = np.sqrt(uu / (rx * rx) + vv / (ry * ry))
    distance: Field = k * (k - 1) / np.maximum(slope, 1e-6)
    return distance


def colour(red: float, green: float, blue: float) -> Field:
    """Return a colour, each part 0 to 1, as `lay` wants it: `[1, 3, 1, 1]`."""
    return np.array([red, green, blue], dtype=np.float32)[None, :, None, None]


def blend(palette: Palette, factor: Field) -> Field:
    """Return the colours `[n, 3, 1, 1]` at these factors, between the palette's."""
    stops = np.linspace(-1, 1, len(palette))
    channels = [
        np.interp(factor[:, 0, 0], stops, channel) for channel in zip(*palette, strict=True)
    ]
    return np.stack(channels, axis=1).astype(np.float32)[:, :, None, None]


def mix(first: Field, second: Field, factor: Field) -> Field:
    """Return the first colour at -1, the second at 1."""
    share = (1 + factor[:, None]) / 2
    return first + share * (second - first)
