"""Drawn digits: a data set that is always at hand, drawn by arithmetic.

Maths layer: numpy, no torch, no fonts and no one else's images. A digit is a few strokes through
control points in unit coordinates (x to the right, y down). For each image the points tremble,
the whole digit is slanted, turned, stretched and shifted, and its strokes are painted by their
distance to each pixel's centre: ink where the distance is below the pen's radius, a soft edge of
one pixel around it.

The i-th image depends on the seed and on i alone, so the first 100 of 20,000 are the 100 of 100.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

SIZE_PX = 28
N_CLASSES = 10

Floats = npt.NDArray[np.float64]
_Floats32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Glyph:
    """One way to write a digit.

    Attributes:
        points: control points `(x, y)`, about 0 to 1.
        strokes: indices into `points`. A stroke is a smooth curve (Catmull-Rom) through its
            points, so a corner is a point at which one stroke ends and another begins.
    """

    points: tuple[tuple[float, float], ...]
    strokes: tuple[tuple[int, ...], ...]


def draw_digits(
    n_images: int = 20_000, seed: int = 0, *, labels: npt.NDArray[np.integer[Any]] | None = None
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Draw handwritten-looking digits, the same ones for the same seed.

    Args:
        n_images: how many.
        seed: of the handwriting.
        labels: which digits, `[N]`; by default they go round 0, 1, … 9, so that every class has
            its tenth.

    Returns:
        images `[N, 28, 28]` uint8, white ink (255) on black (0), and their labels `[N]` uint8.
    """
    if labels is None:
        labels = np.arange(n_images) % N_CLASSES
    digits = labels.astype(np.uint8)
    # One row of random numbers an image, whatever it uses of them: row i never depends on n_images.
    uniform = np.random.default_rng([seed, 0]).random((n_images, _N_UNIFORM))
    tremble = np.random.default_rng([seed, 1]).standard_normal((n_images, _MAX_POINTS, 2))
    images = np.empty((n_images, SIZE_PX, SIZE_PX), dtype=np.uint8)
    for digit, glyphs in enumerate(GLYPHS):
        which = (uniform[:, 0] * len(glyphs)).astype(np.int64)
        for variant, glyph in enumerate(glyphs):
            rows = np.flatnonzero((digits == digit) & (which == variant))
            for start in range(0, len(rows), _CHUNK):
                chunk = rows[start : start + _CHUNK]
                images[chunk] = _draw(glyph, uniform[chunk, 1:], tremble[chunk])
    return images, digits


_CHUNK = 64  # images painted together: their distance fields stay in the processor's cache
_N_UNIFORM = 9
_MAX_POINTS = 16
_SUBDIVISIONS = 4  # straight pieces between two control points of a curve


def _draw(glyph: Glyph, uniform: Floats, tremble: Floats) -> npt.NDArray[np.uint8]:
    """Draw one glyph `[n]` times."""
    points = _place(glyph, uniform, tremble)  # [n, n_points, 2], pixels
    starts, ends = [], []
    for stroke in glyph.strokes:
        line = np.einsum("pk,nkd->npd", _curve_weights(len(stroke)), points[:, list(stroke)])
        starts.append(line[:, :-1])
        ends.append(line[:, 1:])
    distance = _distance(np.concatenate(starts, axis=1), np.concatenate(ends, axis=1))
    radius = (0.75 + 0.75 * uniform[:, 7]).astype(np.float32)
    ink = radius[:, None, None] + np.float32(0.5) - distance
    grey: npt.NDArray[np.uint8] = np.rint(np.clip(ink, 0.0, 1.0) * 255.0).astype(np.uint8)
    return grey


def _place(glyph: Glyph, uniform: Floats, tremble: Floats) -> Floats:
    """Return the glyph's control points in pixels `[n, n_points, 2]`, varied for each image."""
    centred = 2.0 * uniform - 1.0  # [-1, 1]
    amount = np.full(len(glyph.points), 0.028)
    for stroke in glyph.strokes:
        amount[[stroke[0], stroke[-1]]] = 0.045  # a pen lands and leaves less exactly
    points = np.array(glyph.points) + amount[:, None] * tremble[:, : len(glyph.points)]
    x, y = points[..., 0] - 0.5, points[..., 1] - 0.5
    height_px = (19.0 + 2.0 * centred[:, 0])[:, None]
    width_px = height_px * (0.80 + 0.16 * centred[:, 1])[:, None]
    slant = (0.16 + 0.26 * centred[:, 2])[:, None]
    angle = (0.13 * centred[:, 3])[:, None]
    x, y = x * width_px - slant * y * height_px, y * height_px
    x, y = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    middle = (SIZE_PX - 1) / 2.0
    x += middle + centred[:, 4, None] - (x.max(axis=1) + x.min(axis=1))[:, None] / 2.0
    y += middle + centred[:, 5, None] - (y.max(axis=1) + y.min(axis=1))[:, None] / 2.0
    return np.clip(np.stack([x, y], axis=-1), 1.5, SIZE_PX - 2.5)


def _curve_weights(n_points: int) -> Floats:
    """Return weights `[n_pieces + 1, n_points]` that turn control points into a polyline.

    Source: Catmull and Rom, "A class of local interpolating splines", 1974 (uniform, tension ½).
    """
    if n_points == 2:
        return np.eye(2)
    rows = []
    for span in range(n_points - 1):
        for t in np.arange(_SUBDIVISIONS) / _SUBDIVISIONS:
            before, after = max(span - 1, 0), min(span + 2, n_points - 1)
            row = np.zeros(n_points)
            row[before] += 0.5 * (-t + 2 * t**2 - t**3)
            row[span] += 0.5 * (2 - 5 * t**2 + 3 * t**3)
            row[span + 1] += 0.5 * (t + 4 * t**2 - 3 * t**3)
            row[after] += 0.5 * (-(t**2) + t**3)
            rows.append(row)
    rows.append(np.eye(n_points)[-1])
    return np.array(rows)


def _distance(starts: Floats, ends: Floats) -> _Floats32:
    """Return each pixel's distance to the nearest segment: `[n, s, 2]` twice -> `[n, 28, 28]`.

    With the segment's unit direction u and length l, the nearest point of a segment from a lies
    at t = clamp((p - a)·u, 0, l), and the squared distance is |p - a|² + t (t - 2 (p - a)·u).
    Both dot products are sums of a term in x and a term in y, which saves most of the work.
    """
    n_images, n_segments, _ = starts.shape
    step = ends - starts
    length = np.maximum(np.sqrt((step**2).sum(axis=-1)), 1e-6)
    unit = (step / length[..., None]).astype(np.float32)
    grid = np.arange(SIZE_PX, dtype=np.float32)
    offset = grid - starts.astype(np.float32)[..., None]  # [n, s, 2, 28]
    along = offset * unit[..., None]
    square = offset * offset
    far = length.astype(np.float32)
    shape = (n_images, SIZE_PX, SIZE_PX)
    nearest = np.full(shape, np.inf, dtype=np.float32)
    projected, t, candidate = (np.empty(shape, dtype=np.float32) for _ in range(3))
    for s in range(n_segments):
        np.add(along[:, s, 1, :, None], along[:, s, 0, None, :], out=projected)
        np.maximum(projected, 0.0, out=t)
        np.minimum(t, far[:, s, None, None], out=t)
        projected *= -2.0
        projected += t
        projected *= t
        np.add(square[:, s, 1, :, None], square[:, s, 0, None, :], out=candidate)
        candidate += projected
        np.minimum(nearest, candidate, out=nearest)
    return np.sqrt(np.maximum(nearest, 0.0))


def _glyph(points: Sequence[tuple[float, float]], *strokes: Sequence[int]) -> Glyph:
    """Return a glyph; without strokes, one stroke goes through all its points."""
    whole = (tuple(range(len(points))),)
    return Glyph(tuple(points), tuple(tuple(stroke) for stroke in strokes) or whole)


GLYPHS: tuple[tuple[Glyph, ...], ...] = (
    (  # 0: a closed ring, and one whose ends cross
        _glyph(
            [(0.50, 0.00), (0.16, 0.18), (0.06, 0.52), (0.20, 0.88), (0.50, 1.00), (0.82, 0.86),
             (0.94, 0.50), (0.82, 0.14), (0.50, 0.00)],
        ),
        _glyph(
            [(0.66, 0.04), (0.38, 0.04), (0.12, 0.28), (0.08, 0.66), (0.30, 0.97), (0.62, 0.96),
             (0.90, 0.70), (0.90, 0.30), (0.64, 0.03), (0.48, 0.10)],
        ),
    ),
    (  # 1: a bare stroke (straight or bent), one with a flag, one with a flag and a foot
        _glyph([(0.50, 0.00), (0.50, 1.00)]),
        _glyph([(0.50, 0.00), (0.52, 0.50), (0.50, 1.00)]),
        _glyph([(0.30, 0.22), (0.54, 0.00), (0.54, 1.00)], (0, 1), (1, 2)),
        _glyph(
            [(0.28, 0.22), (0.52, 0.00), (0.52, 1.00), (0.26, 1.00), (0.78, 1.00)],
            (0, 1), (1, 2), (3, 2, 4),
        ),
    ),
    (  # 2: with an angular foot, and with a loop
        _glyph(
            [(0.10, 0.22), (0.30, 0.03), (0.66, 0.03), (0.84, 0.26), (0.66, 0.58), (0.08, 0.97),
             (0.92, 0.96)],
            (0, 1, 2, 3, 4, 5), (5, 6),
        ),
        _glyph(
            [(0.14, 0.20), (0.36, 0.01), (0.72, 0.06), (0.80, 0.34), (0.56, 0.72), (0.22, 0.98),
             (0.08, 0.86), (0.26, 0.76), (0.58, 0.94), (0.94, 0.94)],
        ),
    ),
    (  # 3: two bows, and a flat top
        _glyph(
            [(0.14, 0.10), (0.46, 0.00), (0.80, 0.18), (0.66, 0.42), (0.38, 0.48), (0.74, 0.56),
             (0.88, 0.78), (0.54, 1.00), (0.10, 0.90)],
            (0, 1, 2, 3, 4), (4, 5, 6, 7, 8),
        ),
        _glyph(
            [(0.14, 0.02), (0.82, 0.02), (0.42, 0.42), (0.76, 0.50), (0.88, 0.74), (0.58, 0.99),
             (0.10, 0.92)],
            (0, 1), (1, 2), (2, 3, 4, 5, 6),
        ),
    ),
    (  # 4: open, closed at the top, and with a round bowl
        _glyph(
            [(0.16, 0.02), (0.10, 0.56), (0.92, 0.54), (0.76, 0.04), (0.70, 1.00)],
            (0, 1), (1, 2), (3, 4),
        ),
        _glyph(
            [(0.66, 0.00), (0.06, 0.64), (0.94, 0.64), (0.66, 1.00)],
            (0, 1), (1, 2), (0, 3),
        ),
        _glyph(
            [(0.14, 0.02), (0.14, 0.38), (0.42, 0.52), (0.82, 0.40), (0.84, 0.00), (0.80, 1.00)],
            (0, 1, 2, 3), (4, 5),
        ),
    ),
    (  # 5: with a corner, and drawn in one go
        _glyph(
            [(0.86, 0.02), (0.24, 0.03), (0.18, 0.44), (0.56, 0.40), (0.88, 0.66), (0.58, 0.98),
             (0.10, 0.92)],
            (0, 1), (1, 2), (2, 3, 4, 5, 6),
        ),
        _glyph(
            [(0.92, 0.04), (0.34, 0.02), (0.20, 0.24), (0.46, 0.44), (0.80, 0.66), (0.62, 0.96),
             (0.12, 0.94)],
        ),
    ),
    (  # 6: a bent stem, and a straighter one
        _glyph(
            [(0.72, 0.00), (0.32, 0.26), (0.12, 0.66), (0.34, 0.98), (0.72, 0.94), (0.84, 0.68),
             (0.56, 0.50), (0.16, 0.72)],
        ),
        _glyph(
            [(0.46, 0.00), (0.20, 0.40), (0.16, 0.78), (0.42, 1.00), (0.78, 0.90), (0.78, 0.62),
             (0.48, 0.54), (0.18, 0.76)],
        ),
    ),
    (  # 7: plain, with a bar, with a hook
        _glyph([(0.10, 0.04), (0.90, 0.03), (0.42, 1.00)], (0, 1), (1, 2)),
        _glyph(
            [(0.10, 0.04), (0.90, 0.03), (0.40, 1.00), (0.30, 0.52), (0.86, 0.50)],
            (0, 1), (1, 2), (3, 4),
        ),
        _glyph(
            [(0.10, 0.20), (0.14, 0.03), (0.88, 0.04), (0.56, 0.46), (0.46, 1.00)],
            (0, 1), (1, 2), (2, 3, 4),
        ),
    ),
    (  # 8: one crossing line, and two rings
        _glyph(
            [(0.80, 0.14), (0.50, 0.00), (0.20, 0.18), (0.48, 0.46), (0.84, 0.76), (0.52, 1.00),
             (0.16, 0.80), (0.46, 0.48), (0.78, 0.22), (0.78, 0.12)],
        ),
        _glyph(
            [(0.50, 0.46), (0.20, 0.24), (0.50, 0.00), (0.80, 0.24), (0.14, 0.76), (0.50, 1.00),
             (0.86, 0.76)],
            (0, 1, 2, 3, 0), (0, 4, 5, 6, 0),
        ),
    ),
    (  # 9: a straight tail, and a curved one
        _glyph(
            [(0.84, 0.20), (0.56, 0.01), (0.22, 0.14), (0.24, 0.42), (0.58, 0.46), (0.84, 0.20),
             (0.76, 1.00)],
            (0, 1, 2, 3, 4, 5), (5, 6),
        ),
        _glyph(
            [(0.80, 0.24), (0.52, 0.01), (0.18, 0.20), (0.34, 0.46), (0.68, 0.38), (0.82, 0.16),
             (0.84, 0.56), (0.66, 0.92), (0.24, 0.98)],
            (0, 1, 2, 3, 4, 5), (5, 6, 7, 8),
        ),
    ),
)  # fmt: skip
"""The ways to write each digit, 0 to 9."""
