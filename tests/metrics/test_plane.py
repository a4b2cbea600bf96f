"""The map of features and its hills."""

import numpy as np
import pytest

from gan.metrics.checks import MetricError
from gan.metrics.moments import measure_moments
from gan.metrics.plane import Plane, density_hills, fit_plane


def test_axes_of_a_known_cloud():
    rng = np.random.default_rng(0)
    cloud = rng.normal(size=(5000, 3)) * [0.1, 3.0, 1.0] + [7, 8, 9]
    plane = fit_plane(cloud)
    np.testing.assert_allclose(plane.axes, [[0, 1, 0], [0, 0, 1]], atol=0.02)
    assert plane.explained == pytest.approx((9 / 10.01, 1 / 10.01), abs=0.02)
    points = plane.project(cloud)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(points.std(axis=0), [3, 1], rtol=0.05)


def test_map_does_not_flip(real):
    again = fit_plane(measure_moments(np.random.default_rng(0).permutation(real)))
    np.testing.assert_allclose(again.axes, fit_plane(real).axes, atol=1e-5)


def test_distances_on_the_map_are_never_longer(real, fake):
    points = fit_plane(real).project(fake)
    gaps = np.linalg.norm(points[1:] - points[:-1], axis=1)
    assert (gaps <= np.linalg.norm(fake[1:] - fake[:-1], axis=1) + 1e-4).all()


def test_map_is_stored_and_read_back(real):
    plane = fit_plane(real)
    back = Plane.from_arrays(plane.to_arrays())
    np.testing.assert_array_equal(back.project(real), plane.project(real))
    assert (back.explained, back.n_real) == (plane.explained, plane.n_real)
    with pytest.raises(MetricError, match="anew"):
        Plane.from_arrays({"mean": plane.mean})


@pytest.mark.parametrize("features", [np.ones((5, 4)), np.arange(5.0)[:, None], np.eye(9)[:2]])
def test_degenerate_sets_have_a_map(features):
    points = fit_plane(features).project(features)
    assert points.shape == (len(features), 2)
    assert np.isfinite(points).all()
    assert np.isfinite(density_hills(points).density).all()


def test_hills_of_a_gaussian():
    points = np.random.default_rng(0).normal(size=(20_000, 2)) * [1.0, 2.0] + [5.0, 0.0]
    hills = density_hills(points, n_grid=80)
    cell = (hills.x[1] - hills.x[0]) * (hills.y[1] - hills.y[0])
    assert hills.density.sum() * cell == pytest.approx(1, abs=0.01)
    row, column = np.unravel_index(hills.density.argmax(), hills.density.shape)
    assert hills.x[column] == pytest.approx(5, abs=0.5)
    assert hills.y[row] == pytest.approx(0, abs=1)
    assert hills.density.max() == pytest.approx(1 / (2 * np.pi * 2), rel=0.15)


def test_hills_agree_with_a_kernel_estimate():
    from scipy.stats import gaussian_kde

    rng = np.random.default_rng(0)
    points = rng.normal(size=(3000, 2))
    points[1500:, 0] += 6
    hills = density_hills(points, n_grid=120, bounds=(-4, 10, -4, 4))
    # Without correlation Scott's full matrix is nearly the diagonal that is used here.
    grid = np.stack(np.meshgrid(hills.x, hills.y)).reshape(2, -1)
    kde = gaussian_kde(points.T)(grid).reshape(120, 120)
    assert np.abs(hills.density - kde).max() < 0.03 * kde.max()


@pytest.mark.parametrize("bounds", [(1, 1, 0, 1), (0, 1, 3, 2)])
def test_bad_bounds_get_a_sentence(bounds):
    with pytest.raises(MetricError, match="lower one first"):
        density_hills(np.eye(2), bounds=bounds)


def test_bad_points_get_a_sentence(real):
    with pytest.raises(MetricError, match="no hills"):
        density_hills(real)
