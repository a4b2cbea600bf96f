"""Drawn digits: deterministic, whole, varied, and different from class to class."""

import numpy as np
import pytest

from gan.data.drawn import (
    _MAX_POINTS,
    GLYPHS,
    SIZE_PX,
    Glyph,
    _curve_weights,
    _distance,
    draw_digits,
)

Digits = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def digits() -> Digits:
    return draw_digits(2000)


def test_shapes_types_and_balance(digits: Digits) -> None:
    images, labels = digits
    assert images.shape == (2000, SIZE_PX, SIZE_PX)
    assert images.dtype == labels.dtype == np.uint8
    assert np.bincount(labels).tolist() == [200] * 10


def test_first_images_do_not_depend_on_how_many_are_drawn(digits: Digits) -> None:
    images, labels = draw_digits(130)
    np.testing.assert_array_equal(images, digits[0][:130])
    np.testing.assert_array_equal(labels, digits[1][:130])


def test_seeds_differ() -> None:
    assert not np.array_equal(draw_digits(10, seed=0)[0], draw_digits(10, seed=1)[0])


def test_every_image_has_ink_inside_an_empty_border(digits: Digits) -> None:
    images, _ = digits
    assert (images.reshape(2000, -1).max(axis=1) == 255).all()
    inked = (images > 0).reshape(2000, -1).mean(axis=1)
    assert inked.min() > 0.03
    assert inked.max() < 0.5
    border = np.ones((SIZE_PX, SIZE_PX), dtype=bool)
    border[1:-1, 1:-1] = False
    assert (images[:, border] > 0).any(axis=1).mean() < 0.05


def test_edges_are_soft(digits: Digits) -> None:
    images, _ = digits
    between = (images > 0) & (images < 255)
    assert 0.2 < between.sum() / (images > 0).sum() < 0.95


def test_no_two_images_are_equal(digits: Digits) -> None:
    images, _ = digits
    assert len(np.unique(images.reshape(2000, -1), axis=0)) == 2000


def test_classes_can_be_told_apart(digits: Digits) -> None:
    """The nearest neighbour among 1,800 images names the digit of the other 200."""
    images, labels = digits
    flat = images.reshape(2000, -1).astype(np.float32) / 255
    known, asked = flat[:1800], flat[1800:]
    squares = (known**2).sum(axis=1) - 2 * asked @ known.T
    assert (labels[squares.argmin(axis=1)] == labels[1800:]).mean() > 0.9


@pytest.mark.parametrize("glyph", [glyph for glyphs in GLYPHS for glyph in glyphs])
def test_glyphs_fit_the_random_numbers_and_use_every_point(glyph: Glyph) -> None:
    assert len(glyph.points) <= _MAX_POINTS
    assert {i for stroke in glyph.strokes for i in stroke} == set(range(len(glyph.points)))
    assert all(-0.1 <= value <= 1.1 for point in glyph.points for value in point)


@pytest.mark.parametrize("n_points", [2, 3, 8])
def test_curves_pass_through_their_points(n_points: int) -> None:
    weights = _curve_weights(n_points)
    np.testing.assert_allclose(weights.sum(axis=1), 1.0)
    pieces = (len(weights) - 1) // (n_points - 1)
    np.testing.assert_allclose(weights[::pieces], np.eye(n_points), atol=1e-12)


def test_distance_to_known_segments() -> None:
    """A level segment from (5, 10) to (9, 10), and one that is a single point (20, 20)."""
    starts = np.array([[[5.0, 10.0], [20.0, 20.0]]])
    ends = np.array([[[9.0, 10.0], [20.0, 20.0]]])
    distance = _distance(starts, ends)[0]  # [y, x]
    assert distance[10, 7] == pytest.approx(0.0, abs=1e-3)
    assert distance[13, 7] == pytest.approx(3.0, rel=1e-5)
    assert distance[10, 1] == pytest.approx(4.0, rel=1e-5)
    assert distance[14, 12] == pytest.approx(5.0, rel=1e-5)
    assert distance[24, 23] == pytest.approx(5.0, rel=1e-5)
