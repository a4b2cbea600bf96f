"""Drawn faces: deterministic, the same at every size, and nothing but their factors."""

import numpy as np
import pytest

from gan.data.faces import (
    FACE_CLASSES,
    FACTOR_ENDS,
    FACTORS,
    draw_faces,
    face_classes,
    paint_faces,
)
from gan.data.painting import Canvas, blend, ellipse, mix
from gan.errors import DataError

Faces = tuple[np.ndarray, np.ndarray]
Box = tuple[float, float, float, float]  # left, right, top, bottom of a picture from -1 to 1

MOUTH: Box = (-0.40, 0.40, 0.12, 0.70)
EYES: Box = (-0.56, 0.56, -0.36, 0.22)
BROWS: Box = (-0.52, 0.52, -0.62, -0.06)
MIDDLE: Box = (-0.26, 0.26, -0.15, 0.50)  # eyes, nose and mouth, far from any hair
HEAD: Box = (-0.92, 0.92, -1.00, 0.97)
FACE: Box = (-0.80, 0.80, -0.80, 1.00)
EVERYWHERE: Box = (-1.0, 1.0, -1.0, 1.0)

# Where a factor shows, and where it must not, in a face whose other factors are 0.
SHOWS: dict[str, tuple[Box, tuple[Box, ...]]] = {
    "smile": (MOUTH, ()),
    "mouth": (MOUTH, ()),
    "eyes": (EYES, ()),
    "gaze": (EYES, ()),
    "brow": (BROWS, ()),
    "glasses": (EYES, ()),
    "hair_length": (HEAD, (MIDDLE,)),
    "hair_lightness": (HEAD, (MIDDLE,)),
    "hair_hue": (HEAD, (MIDDLE,)),
    "skin": (FACE, ((-0.3, 0.3, -0.8, -0.6),)),
    "face_width": (HEAD, ()),
    "turn": (HEAD, ()),
    "tilt": (HEAD, ()),
    "background": (EVERYWHERE, ((-0.40, 0.40, -0.70, 0.40),)),
}


@pytest.fixture(scope="module")
def faces() -> Faces:
    return draw_faces(1000)


def sweep(name: str, *, size_px: int) -> np.ndarray:
    """Return a factor at -1 and at 1, all others 0 and without glasses: `[2, H, W, 3]` int."""
    factors = np.zeros((2, len(FACTORS)), dtype=np.float32)
    factors[:, FACTORS.index("glasses")] = -1
    factors[:, FACTORS.index(name)] = (-1, 1)
    return paint_faces(factors, size_px=size_px).astype(int)


def inside(box: Box, size_px: int) -> np.ndarray:
    left, right, top, bottom = box
    centres = (np.arange(size_px) + 0.5) * 2 / size_px - 1
    x, y = centres[None, :], centres[:, None]
    return (x > left) & (x < right) & (y > top) & (y < bottom)


def test_shapes_types_and_ranges(faces: Faces) -> None:
    images, factors = faces
    assert images.shape == (1000, 32, 32, 3)
    assert images.dtype == np.uint8
    assert factors.shape == (1000, len(FACTORS))
    assert factors.dtype == np.float32
    assert np.abs(factors).max() <= 1
    assert set(SHOWS) == set(FACTORS) == set(FACTOR_ENDS)


def test_first_faces_do_not_depend_on_how_many_are_drawn(faces: Faces) -> None:
    images, factors = draw_faces(37)
    np.testing.assert_array_equal(images, faces[0][:37])
    np.testing.assert_array_equal(factors, faces[1][:37])


@pytest.mark.parametrize("size_px", [8, 50, 64, 128])
def test_a_face_does_not_depend_on_its_neighbours(size_px: int, faces: Faces) -> None:
    factors = faces[1][:9]
    together = paint_faces(factors, size_px=size_px)
    alone = [paint_faces(factors[i : i + 1], size_px=size_px) for i in range(9)]
    np.testing.assert_array_equal(together, np.concatenate(alone))


def test_seeds_differ(faces: Faces) -> None:
    assert not np.array_equal(draw_faces(10, seed=1)[0], faces[0][:10])


@pytest.mark.parametrize("size_px", [8, 9, 16, 48, 64, 128])
def test_the_same_face_at_every_size(size_px: int, faces: Faces) -> None:
    images, factors = draw_faces(6, size_px=size_px)
    assert images.shape == (6, size_px, size_px, 3)
    np.testing.assert_array_equal(factors, faces[1][:6])


def test_a_small_face_is_a_large_one_seen_from_afar(faces: Faces) -> None:
    large = paint_faces(faces[1][:20], size_px=128).reshape(20, 32, 4, 32, 4, 3).mean(axis=(2, 4))
    assert np.abs(large - faces[0][:20]).mean() < 1.5


def test_a_face_is_its_factors(faces: Faces) -> None:
    images, factors = faces
    kept = factors[:50].copy()
    np.testing.assert_array_equal(paint_faces(factors[:50], size_px=32), images[:50])
    np.testing.assert_array_equal(factors[:50], kept)
    assert len(np.unique(images.reshape(1000, -1), axis=0)) == 1000


def test_factors_are_spread_and_independent(faces: Faces) -> None:
    factors = faces[1]
    off_diagonal = np.corrcoef(factors.T) - np.eye(len(FACTORS))
    assert np.abs(off_diagonal).max() < 0.12  # 3.8 standard errors of 1,000 faces
    worn = factors[:, FACTORS.index("glasses")]
    assert set(worn.tolist()) == {-1.0, 1.0}
    assert (worn > 0).mean() == pytest.approx(0.25, abs=0.05)
    uniform = np.delete(factors, FACTORS.index("glasses"), axis=1)
    np.testing.assert_allclose(uniform.mean(axis=0), 0.0, atol=0.08)
    np.testing.assert_allclose(uniform.std(axis=0), 1 / np.sqrt(3), atol=0.04)


@pytest.mark.parametrize("name", FACTORS)
@pytest.mark.parametrize("size_px", [32, 64])
def test_a_factor_shows_where_it_should_and_nowhere_else(name: str, size_px: int) -> None:
    low, high = sweep(name, size_px=size_px)
    change = np.abs(high - low).mean(axis=-1)  # [H, W]
    shows, spared = SHOWS[name]
    assert change[~inside(shows, size_px)].max(initial=0) == 0
    for box in spared:
        assert change[inside(box, size_px)].max() == 0
    strongest = np.sort(change, axis=None)[-size_px * size_px // 50 :]  # 2% of the pixels
    assert strongest.mean() > 30


def test_hair_factors_colour_the_hair_alone() -> None:
    """Hair is what gets another colour with `hair_lightness`; the hue colours the same pixels."""
    lightness, hue = (
        np.abs(np.subtract(*sweep(name, size_px=64))).max(axis=-1) > 0
        for name in ("hair_lightness", "hair_hue")
    )
    assert (lightness == hue).mean() > 0.99
    assert 0.1 < hue.mean() < 0.5


@pytest.mark.parametrize("name", ["turn", "gaze"])
def test_pupils_move_to_the_named_side(name: str) -> None:
    low, high = sweep(name, size_px=64)
    columns = np.arange(64)
    darkness = [np.clip(90 - face.max(axis=-1), 0, None)[26:36].sum(axis=0) for face in (low, high)]
    left, right = ((dark * columns).sum() / dark.sum() for dark in darkness)
    assert right > left + 1


def test_classes_follow_the_factors(faces: Faces) -> None:
    factors = faces[1]
    classes = face_classes(factors)
    assert classes.dtype == np.uint8
    assert classes.shape == (1000,)
    counts = np.bincount(classes, minlength=len(FACE_CLASSES))
    assert len(counts) == len(FACE_CLASSES)
    assert counts.min() > 200
    for row, index in zip(factors[:100], classes[:100], strict=True):
        assert ("smiling" in FACE_CLASSES[index]) == (row[FACTORS.index("smile")] > 0)
        assert ("long" in FACE_CLASSES[index]) == (row[FACTORS.index("hair_length")] > 0)


def test_most_factors_can_be_read_from_the_pixels(faces: Faces) -> None:
    """A ridge regression on 900 small pictures explains the factors of 100 others."""
    images, factors = faces
    flat = images.reshape(1000, -1).astype(np.float64) / 255
    flat -= flat[:900].mean(axis=0)
    known, asked = flat[:900], flat[900:]
    weights = np.linalg.solve(known @ known.T + 3 * np.eye(900), factors[:900])
    errors = ((asked @ known.T @ weights - factors[900:]) ** 2).mean(axis=0)
    explained = 1 - errors / factors[900:].var(axis=0)
    assert explained.min() > 0.3
    assert np.median(explained) > 0.85


def test_wrong_columns_are_refused() -> None:
    with pytest.raises(DataError, match=r"\[2, 3\]"):
        paint_faces(np.zeros((2, 3), dtype=np.float32), size_px=32)


def test_no_faces() -> None:
    images, factors = draw_faces(0)
    assert images.shape == (0, 32, 32, 3)
    assert len(factors) == len(face_classes(factors)) == 0


def test_distance_to_a_circle_and_cover_of_a_shape() -> None:
    """A circle's distance is exact, and the cover of its pixels adds up to its area."""
    canvas = Canvas(1, 64)
    distance = ellipse(canvas.x, canvas.y, 0.5, 0.5)
    radius = np.sqrt(canvas.x**2 + canvas.y**2)
    np.testing.assert_allclose(distance, radius - 0.5, atol=1e-5)
    area = canvas.cover(ellipse(canvas.x, canvas.y, 0.6, 0.3)).sum() * canvas.pixel**2
    assert area == pytest.approx(np.pi * 0.6 * 0.3, rel=0.01)


@pytest.mark.parametrize("radius", [0.004, 0.02, 0.1])
def test_a_line_has_its_area_however_thin(radius: float) -> None:
    canvas = Canvas(1, 64)
    cover = canvas.cover_line(np.abs(canvas.x - 0.013), radius)
    assert cover.sum() * canvas.pixel == pytest.approx(2 * radius, rel=0.01)


def test_colours_are_laid_mixed_and_averaged() -> None:
    canvas = Canvas(1, 32)  # painted at 64 px
    red = blend(((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)), np.ones((1, 1, 1), dtype=np.float32))
    canvas.lay(np.broadcast_to(canvas.x < 0, (1, 64, 64)).astype(np.float32), red)
    picture = canvas.to_uint8()
    assert picture.shape == (1, 32, 32, 3)
    assert (picture[0, :, :16] == (255, 0, 0)).all()
    assert (picture[0, :, 16:] == 0).all()
    half = mix(red, 0 * red, np.zeros((1, 1, 1), dtype=np.float32))
    np.testing.assert_allclose(half, red / 2)
