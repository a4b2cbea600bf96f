"""Distances, duplicates and the effective number of samples."""

import numpy as np
import pytest

from gan.metrics.checks import MetricError
from gan.metrics.diversity import (
    duplicate_threshold,
    effective_samples,
    measure_diversity,
    repeated_share,
)
from gan.metrics.neighbours import nearest_neighbours


def test_two_points_by_hand():
    found = measure_diversity(np.array([[0.0, 0.0], [3.0, 4.0]]), threshold=5.0)
    assert found.mean_distance == pytest.approx(5)
    assert found.exact_share == 0
    assert found.near_share == 1
    assert measure_diversity(np.array([[0.0, 0.0], [3.0, 4.0]]), threshold=4.9).near_share == 0


def test_mean_distance_over_all_pairs(real):
    table = np.sqrt(((real[:, None].astype(float) - real[None]) ** 2).sum(axis=2))
    exact = table.sum() / (400 * 399)
    found = measure_diversity(real)
    assert found.mean_distance == pytest.approx(exact, rel=0.01)
    assert found.mean_distance_interval.low < exact < found.mean_distance_interval.high


def test_duplicates_are_counted():
    rng = np.random.default_rng(0)
    base = rng.normal(size=(90, 5)).astype(np.float32)
    base[4] = 0.0
    repeated = np.concatenate([base, base[:9], -base[4:5]])  # 9 pairs, and −0 equals 0 equals 0
    found = measure_diversity(repeated, threshold=0.0)
    assert found.exact_share == pytest.approx(19 / 100)
    assert found.near_share == found.exact_share
    assert found.exact_interval.low < 0.19 < found.exact_interval.high


def test_near_duplicates_of_real_images_are_one_in_a_hundred(real):
    neighbours = nearest_neighbours(real, 5)
    threshold = duplicate_threshold(neighbours)
    found = measure_diversity(real, threshold=threshold, neighbours=neighbours)
    assert found.near_share == pytest.approx(0.01, abs=0.006)
    assert found == measure_diversity(real, threshold=threshold)
    blurred = np.repeat(real[:100], 3, axis=0) + np.float32(1e-4)
    noise = np.random.default_rng(0).normal(size=blurred.shape).astype(np.float32)
    crowded = measure_diversity(blurred + np.float32(1e-4) * noise, threshold=threshold)
    assert crowded.near_share == 1
    assert crowded.exact_share == 0


def test_effective_number_by_hand():
    assert effective_samples(np.eye(7)) == pytest.approx(7)
    assert effective_samples(np.repeat(np.eye(3), 20, axis=0)) == pytest.approx(3)
    assert effective_samples(np.ones((50, 4), dtype=np.float32)) == pytest.approx(1)
    # Two directions of shares ¼ and ¾: exp(−¼ ln ¼ − ¾ ln ¾).
    uneven = np.eye(2)[[0, 1, 1, 1]] * [[5.0]]
    assert effective_samples(uneven) == pytest.approx(0.25**-0.25 * 0.75**-0.75)


def test_effective_number_agrees_with_the_kernels_own_eigenvalues(real):
    for few in (real, real[:10]):
        units = few / np.linalg.norm(few.astype(np.float64), axis=1, keepdims=True)
        weights = np.linalg.eigvalsh(units @ units.T / len(few))
        weights = weights[weights > 1e-12]
        assert effective_samples(few) == pytest.approx(np.exp(-(weights * np.log(weights)).sum()))


def test_samples_of_zeros_are_alike():
    zeros = np.zeros((6, 3), dtype=np.float32)
    assert effective_samples(zeros) == pytest.approx(1)
    assert effective_samples(zeros[:2]) == pytest.approx(1)
    assert effective_samples(np.concatenate([zeros[:2], np.eye(3, dtype=np.float32)[[0, 0]]])) == (
        pytest.approx(2)
    )


def test_collapse_is_seen(real):
    collapsed = np.repeat(real[:2], 100, axis=0)
    found = measure_diversity(collapsed)
    assert found.exact_share == 1
    assert found.effective_n <= 2 + 1e-9
    assert found.mean_distance < measure_diversity(real).mean_distance


def test_repeated_pictures_are_counted_byte_by_byte():
    pictures = np.random.default_rng(0).integers(0, 256, (10, 3, 4, 4), dtype=np.uint8)
    assert repeated_share(pictures)[0] == 0
    pictures[7] = pictures[2]
    share, interval = repeated_share(pictures)
    assert share == 0.2 and interval.low < 0.2 < interval.high
    assert repeated_share(np.zeros((5, 1, 2, 2), dtype=np.uint8))[0] == 1
    with pytest.raises(MetricError):
        repeated_share(pictures[:0])
