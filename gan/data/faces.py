"""Drawn faces: small portraits in colour whose every factor of variation is known.

Maths layer: numpy, no torch, no one else's images. The offline stand-in for photographs of faces:
a generator learns them at 32 or 64 px, and a direction in its latent space can be held against
the truth, since a face is a function of the numbers in `FACTORS` and of nothing else. All factors
are drawn independently of each other.

The i-th face depends on the seed and on i alone, and is the same face at every size.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gan.data.painting import Canvas, Field, Palette, blend, colour, ellipse, mix, zoom_for
from gan.errors import DataError

FACTOR_ENDS: dict[str, tuple[str, str]] = {
    "smile": ("corners of the mouth down", "corners up"),
    "mouth": ("closed", "open"),
    "eyes": ("nearly shut", "wide open"),
    "gaze": ("pupils to the picture's left", "to its right"),
    "brow": ("cross", "worried"),
    "glasses": ("none", "worn"),
    "hair_length": ("cropped", "to the shoulders"),
    "hair_lightness": ("dark", "light"),
    "hair_hue": ("ash", "red"),
    "skin": ("light", "dark"),
    "face_width": ("narrow", "round"),
    "turn": ("face to the picture's left", "to its right"),
    "tilt": ("head leans to the picture's left", "to its right"),
    "background": ("blue wall, warm clothes", "coral wall, cool clothes"),
}
"""What a factor of -1 looks like, and a factor of 1.

Every factor is uniform from -1 to 1, but `glasses`, which is -1 or 1: a quarter wear them.
"""

FACTORS: tuple[str, ...] = tuple(FACTOR_ENDS)
"""The names of the columns of the factors."""

FACE_CLASSES: tuple[str, ...] = (
    "serious, short hair",
    "smiling, short hair",
    "serious, long hair",
    "smiling, long hair",
)
"""Whether `smile` is above 0, and twice whether `hair_length` is."""

Factors = npt.NDArray[np.float32]
Images = npt.NDArray[np.uint8]


def draw_faces(
    n_images: int = 20_000, seed: int = 0, *, size_px: int = 32
) -> tuple[Images, Factors]:
    """Draw portraits, the same ones for the same seed.

    Returns:
        images `[N, size_px, size_px, 3]` uint8, RGB, and factors `[N, len(FACTORS)]` float32,
        -1 to 1, in the order of `FACTORS`. The factors do not depend on `size_px`.
    """
    uniform = np.random.default_rng([seed, 2]).random((n_images, len(FACTORS)))
    factors = (2.0 * uniform - 1.0).astype(np.float32)
    glasses = FACTORS.index("glasses")
    factors[:, glasses] = np.where(uniform[:, glasses] < _SHARE_OF_GLASSES, 1.0, -1.0)
    return paint_faces(factors, size_px=size_px), factors


def face_classes(factors: Factors) -> npt.NDArray[np.uint8]:
    """Return each face's index into `FACE_CLASSES`, `[N]`."""
    smiling = factors[:, FACTORS.index("smile")] > 0
    long_hair = factors[:, FACTORS.index("hair_length")] > 0
    classes: npt.NDArray[np.uint8] = (smiling + 2 * long_hair).astype(np.uint8)
    return classes


def paint_faces(factors: Factors, *, size_px: int) -> Images:
    """Paint the faces with these factors `[N, len(FACTORS)]`, as `[N, size_px, size_px, 3]` uint8.

    What `draw_faces` never draws, such as glasses of 0, is painted in between: half transparent.

    Raises:
        DataError: there are more or fewer columns than factors.
    """
    if factors.ndim != 2 or factors.shape[1] != len(FACTORS):
        raise DataError(
            f"Factors of shape {list(factors.shape)} are no faces: give [N, {len(FACTORS)}], "
            f"one column for each of {', '.join(FACTORS)}."
        )
    images = np.empty((len(factors), size_px, size_px, 3), dtype=np.uint8)
    n_chunk = max(1, _CHUNK_PX // (size_px * zoom_for(size_px)) ** 2)
    for start in range(0, len(factors), n_chunk):
        chunk = slice(start, start + n_chunk)
        images[chunk] = _paint(np.asarray(factors[chunk], dtype=np.float32), size_px)
    return images


_SHARE_OF_GLASSES = 0.25
_CHUNK_PX = 32_768  # pixels painted together: their fields stay in the processor's cache


@dataclass(frozen=True)
class _Sitter:
    """Who is painted: factors, and the coordinates that go with the head.

    Attributes:
        factor: each factor by name, `[n, 1, 1]`.
        x, y: coordinates from the middle of the head, leaning with it; 0.6 is the chin.
        u: x from the middle of the features, which turn with the face.
        side: -1 in the half of the face to the left of that middle, 1 in the right half.
        half_width: of the head, `[n, 1, 1]`.
        skin, hair: colours `[n, 3, 1, 1]`.
    """

    factor: dict[str, Field]
    x: Field
    y: Field
    u: Field
    side: Field
    half_width: Field
    skin: Field
    hair: Field


def _paint(factors: Factors, size_px: int) -> Images:
    """Paint a few faces together, from the background to the glasses."""
    canvas = Canvas(len(factors), size_px)
    sitter = _seat(factors, canvas)
    hair, window = _hair_shapes(sitter)
    hair_cover = canvas.cover(hair)
    fringe_cover = hair_cover * (1 - canvas.cover(window))
    _paint_background(canvas, sitter)
    _paint_hair(canvas, sitter, hair_cover, shadow=0.30)
    _paint_head(canvas, sitter, window)
    _paint_mouth(canvas, sitter)
    _paint_eyes(canvas, sitter)
    _paint_hair(canvas, sitter, fringe_cover, shadow=0.0)
    _paint_brows(canvas, sitter)
    _paint_glasses(canvas, sitter)
    return canvas.to_uint8()


def _seat(factors: Factors, canvas: Canvas) -> _Sitter:
    """Place the head on the canvas and mix its colours."""
    factor = {name: factors[:, i, None, None] for i, name in enumerate(FACTORS)}
    # A turn about the neck by twice the angle whose tangent is t: no sines, exact everywhere.
    t = 0.11 * factor["tilt"]
    cos, sin = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    below = canvas.y - _NECK_Y
    x = (cos * canvas.x + sin * below) / _HEAD_SIZE
    y = (cos * below - sin * canvas.x + _NECK_Y) / _HEAD_SIZE
    half_width = 0.50 + 0.07 * factor["face_width"]
    u = 0.5 * x / half_width - 0.13 * factor["turn"]
    u = u + 0.25 * factor["turn"] * u * u  # the far side of the face is seen at a slant
    light = factor["hair_lightness"]
    return _Sitter(
        factor=factor,
        x=x,
        y=y,
        u=u,
        side=np.sign(u),
        half_width=half_width,
        skin=blend(SKINS, factor["skin"]),
        hair=mix(blend(ASH_HAIRS, light), blend(RED_HAIRS, light), factor["hair_hue"]),
    )


_NECK_Y = 0.60  # the head leans about this point of the picture
_HEAD_SIZE = 1.15  # picture units in a unit of the head's coordinates


def _paint_background(canvas: Canvas, sitter: _Sitter) -> None:
    """A wall that is lighter at the top left, and shoulders."""
    wall = sitter.factor["background"]
    canvas.colours += blend(WALLS, wall)
    canvas.shade(-0.10 * canvas.y - 0.06 * canvas.x)
    shoulders = ellipse(canvas.x, canvas.y - 1.20, 0.86, 0.44)
    canvas.lay(canvas.cover(shoulders), blend(CLOTHES, wall))


def _hair_shapes(sitter: _Sitter) -> tuple[Field, Field]:
    """Return the distances to all the hair, and to the window in it that shows the face.

    The hair is an ellipse drawn out downwards, by its length.
    """
    length = (1 + sitter.factor["hair_length"]) / 2  # 0 to 1
    rx = sitter.half_width + 0.05 + 0.10 * length
    down = sitter.y + 0.10
    ry = np.where(down < 0, 0.60 + 0.07 * length, 0.16 + 0.20 * length).astype(np.float32)
    down = down - np.clip(down, 0, 0.55 * length)
    hair = ellipse(sitter.x, down, rx, ry)
    window_x = sitter.x - 0.11 * sitter.factor["turn"] - 0.03
    window_y = sitter.y - 0.22 + 0.12 * window_x
    window = ellipse(window_x, window_y, sitter.half_width * (1.16 - 0.26 * length), 0.64)
    return hair, window


def _paint_hair(canvas: Canvas, sitter: _Sitter, cover: Field, *, shadow: float) -> None:
    """Strands that run down, and a gloss across the crown; behind the face, darker by `shadow`."""
    strand = sitter.x * 4 + sitter.y * sitter.x * 2
    strand = strand - np.floor(strand)
    gloss = np.clip(1 - np.abs(sitter.y + 0.52 + 0.1 * sitter.x) * 7, 0, 1)
    light = 0.86 - shadow + 0.7 * strand * (1 - strand) + 0.30 * gloss
    canvas.lay(cover, sitter.hair * light[:, None])


def _paint_head(canvas: Canvas, sitter: _Sitter, window: Field) -> None:
    """Neck, ears and an oval lit from the top left, in the shadow of the hair at its top."""
    width = sitter.half_width
    neck = ellipse(canvas.x, canvas.y - 0.66, 0.22, 0.26)
    canvas.lay(canvas.cover(neck), sitter.skin * colour(0.80, 0.71, 0.68))
    ear_x = np.abs(sitter.x + 0.04 * sitter.factor["turn"]) - width
    canvas.lay(canvas.cover(ellipse(ear_x, sitter.y - 0.04, 0.08, 0.13)), sitter.skin * 0.84)
    oval = ellipse(sitter.x, sitter.y, width * (1 - 0.15 * sitter.y), 0.60)
    rim = np.clip(1 + oval * 4, 0, 1)
    fringe = np.clip(1 + window * 6, 0, 1)
    light = 1.03 - 0.10 * sitter.x - 0.06 * sitter.y - 0.20 * rim * rim - 0.16 * fringe
    head = canvas.cover(oval)
    canvas.lay(head, sitter.skin * light[:, None])
    cheek = ellipse(np.abs(sitter.u) - 0.27, sitter.y - 0.20, 0.13, 0.10)
    blush = np.clip(0.5 - cheek * 6, 0, 1) * head * 0.28
    canvas.lay(blush, sitter.skin * colour(1.0, 0.55, 0.55))
    nose_u = sitter.u - 0.03 * sitter.factor["turn"]
    nose = canvas.cover(ellipse(nose_u, sitter.y - 0.15, 0.065, 0.05))
    canvas.lay(nose * 0.55, sitter.skin * colour(0.72, 0.62, 0.60))
    bridge = canvas.cover(ellipse(nose_u + 0.015, sitter.y - 0.115, 0.05, 0.06))
    canvas.lay(bridge * 0.7, sitter.skin * 1.05)


def _paint_mouth(canvas: Canvas, sitter: _Sitter) -> None:
    """A bent line that opens in its middle: lips, then the dark between them, then teeth."""
    smile, half = sitter.factor["smile"], 0.22
    along = np.clip(sitter.u / half, -1, 1)
    bulge = 1 - along * along
    bend = 0.02 + 0.12 * smile
    slope = -2 * bend * along / half
    v = sitter.y - 0.345 - bend * (bulge - 0.6)
    beyond = np.maximum(np.abs(sitter.u) - half, 0)
    distance = np.sqrt(beyond * beyond + v * v / (1 + slope * slope))
    opening = (0.105 * (1 + sitter.factor["mouth"]) / 2) * bulge
    lips = sitter.skin * colour(0.56, 0.31, 0.31) + colour(0.21, 0.06, 0.07)
    canvas.lay(canvas.cover(distance - opening - 0.03), lips)
    dark = canvas.cover(distance - opening + 0.012)
    canvas.lay(dark, colour(0.36, 0.10, 0.11))
    teeth = dark * canvas.cover(v + 0.25 * opening)
    canvas.lay(teeth, colour(0.97, 0.96, 0.93))


def _paint_eyes(canvas: Canvas, sitter: _Sitter) -> None:
    """Both at once: the right half's coordinates, mirrored."""
    u = sitter.u - _EYE_X * sitter.side
    v = sitter.y - _EYE_Y
    height = 0.090 + 0.060 * sitter.factor["eyes"]
    white = canvas.cover(ellipse(u, v, 0.135, height))
    lash = canvas.cover(ellipse(u, v + 0.03, 0.15, height + 0.015))
    canvas.lay(lash, sitter.skin * 0.38)
    canvas.lay(white, colour(0.98, 0.98, 0.97))
    iris_u = u - 0.065 * sitter.factor["gaze"]
    canvas.lay(white * canvas.cover(ellipse(iris_u, v, 0.085, 0.095)), colour(0.16, 0.10, 0.09))
    glint = canvas.cover(ellipse(iris_u + 0.03, v + 0.035, 0.03, 0.03))
    canvas.lay(white * glint * 0.8, colour(1.0, 1.0, 1.0))


_EYE_X, _EYE_Y = 0.23, -0.05


def _paint_brows(canvas: Canvas, sitter: _Sitter) -> None:
    """Two arcs, over the hair for all to see; the inner ends rise from cross to worried."""
    brow = sitter.factor["brow"]
    out = np.abs(sitter.u) - _EYE_X  # from the brow's middle, outwards
    v = sitter.y + 0.275 + 0.045 * brow
    slope = 0.45 * brow
    v = v - slope * np.clip(out, -0.13, 0.13) + 0.5 * out * out
    beyond = np.maximum(np.abs(out) - 0.13, 0)
    distance = np.sqrt(beyond * beyond + v * v)
    canvas.lay(canvas.cover_line(distance, 0.038), sitter.hair * 0.62)


def _paint_glasses(canvas: Canvas, sitter: _Sitter) -> None:
    worn = (1 + sitter.factor["glasses"]) / 2
    rims = np.abs(ellipse(sitter.u - _EYE_X * sitter.side, sitter.y - _EYE_Y, 0.205, 0.195))
    canvas.lay(canvas.cover_line(rims, 0.025) * worn, colour(0.12, 0.12, 0.16))


# Colours from a factor of -1 to a factor of 1.
SKINS: Palette = (
    (0.98, 0.85, 0.75),
    (0.96, 0.77, 0.62),
    (0.83, 0.61, 0.44),
    (0.63, 0.42, 0.28),
    (0.42, 0.27, 0.19),
)
ASH_HAIRS: Palette = ((0.09, 0.09, 0.12), (0.44, 0.36, 0.27), (0.93, 0.84, 0.58))
RED_HAIRS: Palette = ((0.27, 0.05, 0.05), (0.66, 0.21, 0.08), (1.00, 0.55, 0.22))
WALLS: Palette = ((0.36, 0.56, 0.82), (0.78, 0.82, 0.76), (0.90, 0.56, 0.45))
CLOTHES: Palette = ((0.78, 0.32, 0.24), (0.46, 0.42, 0.40), (0.18, 0.36, 0.50))
