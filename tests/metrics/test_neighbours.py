"""Nearest neighbours against all distances written out."""

import numpy as np
import pytest

from gan.metrics import neighbours
from gan.metrics.checks import MetricError
from gan.metrics.neighbours import nearest_distances, nearest_neighbours, nearest_points


def all_distances(queries, points):
    gaps = queries[:, None].astype(np.float64) - points[None].astype(np.float64)
    return np.sqrt((gaps**2).sum(axis=2))


@pytest.mark.parametrize("k", [1, 3, 10, 399])
def test_neighbours_of_a_set(real, k):
    table = all_distances(real, real)
    np.fill_diagonal(table, np.inf)
    expected = np.sort(table, axis=1)[:, :k]
    np.testing.assert_allclose(nearest_neighbours(real, k), expected, rtol=1e-6)


def test_nearest_of_other_points(real, fake):
    expected = all_distances(fake, real).min(axis=1)
    np.testing.assert_allclose(nearest_distances(fake, real), expected, rtol=1e-6)


def test_blocks_do_not_change_the_answer(real, monkeypatch):
    whole = nearest_neighbours(real, 4)
    monkeypatch.setattr(neighbours, "_BYTES", 400 * 4 * 33)
    np.testing.assert_array_equal(nearest_neighbours(real, 4), whole)


def test_repeated_samples_are_exactly_at_zero(real):
    far = real + np.float32(1000)  # where |p|² − 2 q·p has lost all digits of small distances
    twice = np.concatenate([far, far])
    assert (nearest_neighbours(twice, 1) == 0).all()
    assert (nearest_distances(far, twice) == 0).all()


def test_few_samples_get_a_sentence(real):
    with pytest.raises(MetricError, match="no 5 neighbours"):
        nearest_neighbours(real[:5], 5)


def test_the_nearest_points_are_named(real, fake):
    distances, which = nearest_points(fake, real, 2)
    gaps = np.linalg.norm(fake[:, None].astype(np.float64) - real[None], axis=2)
    np.testing.assert_array_equal(which[:, 0], gaps.argmin(axis=1))
    np.testing.assert_allclose(distances, np.sort(gaps, axis=1)[:, :2], rtol=1e-6)
    np.testing.assert_array_equal(nearest_distances(fake, real), distances[:, 0])
    own, itself = nearest_points(real, real, 2)
    assert (own[:, 0] == 0).all() and (itself[:, 0] == np.arange(len(real))).all()
    with pytest.raises(MetricError, match="choose k"):
        nearest_points(fake, real[:1], 2)
