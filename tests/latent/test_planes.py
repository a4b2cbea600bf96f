"""Planes hold their points to the bit, are flat, and when bent follow the shell."""

import numpy as np
import pytest

from gan.latent.planes import LatentPlane, plane_along
from gan.latent.points import LatentError, shell_radius

POINTS = np.random.default_rng(0).standard_normal((3, 20)).astype(np.float32)
CORNERS = np.array([[0, 0], [1, 0], [0, 1]], dtype=np.float64)
PLACES = np.random.default_rng(1).uniform(-2, 3, (50, 2))


@pytest.mark.parametrize("keep_norm", [False, True])
def test_its_points_are_on_it_to_the_bit(keep_norm):
    z = LatentPlane(POINTS).z(CORNERS, keep_norm=keep_norm)
    assert z.dtype == np.float32
    assert (z == POINTS).all()


def test_a_plane_is_flat():
    z = LatentPlane(POINTS.astype(np.float64)).z(PLACES)
    wanted = POINTS[0] + PLACES[:, :1] * (POINTS[1] - POINTS[0])
    wanted = wanted + PLACES[:, 1:] * (POINTS[2] - POINTS[0])
    assert z == pytest.approx(wanted, abs=1e-5)


def test_a_bent_plane_keeps_the_norm_of_equally_long_points_and_all_directions():
    points = POINTS / np.linalg.norm(POINTS, axis=1, keepdims=True) * 4
    plane = LatentPlane(points)
    flat, bent = plane.z(PLACES), plane.z(PLACES, keep_norm=True)
    assert np.linalg.norm(bent, axis=1) == pytest.approx(4.0, rel=1e-5)
    cosine = (flat * bent).sum(1) / np.linalg.norm(flat, axis=1) / np.linalg.norm(bent, axis=1)
    assert cosine == pytest.approx(1.0, abs=1e-5)


def test_points_that_are_the_same_or_zero_give_finite_places():
    for points in (np.zeros((3, 4)), np.ones((3, 4)), np.array([[1.0, 0], [-1, 0], [0, 0]])):
        z = LatentPlane(points).z(np.array([[0.5, 0], [40, -70], [1, 1]]), keep_norm=True)
        assert np.isfinite(z).all()
    far = LatentPlane(POINTS).z(np.array([[-500.0, -500.0]]), keep_norm=True)
    assert np.linalg.norm(far) <= 1001 * np.linalg.norm(POINTS, axis=1).max()
    assert np.linalg.norm(far) >= 0.25 * shell_radius(20) * 0.999


def test_along_directions_a_step_is_a_direction_long():
    across, up = np.eye(20, dtype=np.float32)[:2]
    z = plane_along(POINTS[0], across, 2 * up).z(np.array([[3.0, -1.5]]))
    assert z[0] - POINTS[0] == pytest.approx(3 * across - 3 * up, abs=1e-6)


def test_other_than_three_points_are_refused():
    with pytest.raises(LatentError, match="make no plane"):
        LatentPlane(POINTS[:2])
