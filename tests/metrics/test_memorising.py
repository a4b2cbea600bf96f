"""Copies are told from samples that are merely good."""

import numpy as np
import pytest

from gan.metrics.checks import MetricError
from gan.metrics.memorising import compare_distances, measure_memorising
from gan.metrics.neighbours import nearest_distances


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).normal(size=(1500, 6)).astype(np.float32)


def test_by_hand():
    # Held-out 1 to 4, median 2.5, lowest quarter below 1.75. Samples 0.5 and 3: 1 below each bound.
    # Pairs sample < held-out: 4 and, with the tie at 3, 1½; of 8.
    held_out = np.array([1.0, 2, 3, 4])
    found = compare_distances(np.array([0.5, 3]), held_out, n_train=9, quantile=0.25)
    assert (found.near_share, found.median_share) == (0.5, 0.5)
    assert found.nearer_probability == pytest.approx(5.5 / 8)
    variance = 2 * 4 / 12 * (7 - 6 / 30)
    assert found.statistic == pytest.approx((2.5 - 4) / np.sqrt(variance))
    assert (found.n_samples, found.n_train, found.n_held_out) == (2, 9, 4)


def test_agrees_with_scipys_rank_test(images):
    from scipy.stats import mannwhitneyu

    rng = np.random.default_rng(1)
    samples, held_out = (rng.integers(0, 30, n).astype(float) for n in (200, 300))
    found = compare_distances(samples, held_out, n_train=1)
    theirs = mannwhitneyu(
        samples, held_out, alternative="less", method="asymptotic", use_continuity=False
    )
    assert found.p_value == pytest.approx(theirs.pvalue, rel=1e-6)


def test_fresh_samples_are_not_copies(images):
    fresh = np.random.default_rng(5).normal(size=(500, 6)).astype(np.float32)
    found = measure_memorising(fresh, images[:1000], images[1000:])
    assert abs(found.statistic) < 3
    assert found.near_interval.low < 0.05 < found.near_interval.high
    assert found.nearer_probability == pytest.approx(0.5, abs=0.06)


def test_copies_are_seen(images):
    noise = np.random.default_rng(5).normal(size=(300, 6)).astype(np.float32)
    copies = images[:300] + np.float32(0.05) * noise
    found = measure_memorising(copies, images[:1000], images[1000:])
    assert found.statistic < -10
    assert found.p_value < 1e-6
    assert found.near_interval.low > 0.8
    assert found.median_share > 0.95
    assert found.sample_median < found.held_out_median


def test_bad_samples_are_farther(images):
    found = measure_memorising(images[:300] * 4, images[:1000], images[1000:])
    assert found.statistic > 3
    assert found.near_share < 0.05


def test_statistic_is_standard_normal_without_copying():
    rng = np.random.default_rng(0)
    values = [
        compare_distances(rng.exponential(size=80), rng.exponential(size=120), n_train=1).statistic
        for _ in range(200)
    ]
    assert np.mean(values) == pytest.approx(0, abs=0.2)
    assert np.std(values) == pytest.approx(1, abs=0.15)


def test_intervals_hold_what_no_copying_gives():
    rng = np.random.default_rng(0)
    found = [
        compare_distances(rng.exponential(size=300), rng.exponential(size=200), n_train=1)
        for _ in range(150)
    ]
    for name, expected in (("near_interval", 0.05), ("median_interval", 0.5)):
        intervals = [getattr(f, name) for f in found]
        assert np.mean([i.low <= expected <= i.high for i in intervals]) >= 0.9


def test_known_distances_save_the_work(images):
    samples, train, held_out = images[:200], images[200:1000], images[1000:]
    known = nearest_distances(held_out, train)
    found = measure_memorising(samples, train, held_out, held_out_distances=known)
    assert found == measure_memorising(samples, train, held_out)
    with pytest.raises(MetricError, match="anew"):
        measure_memorising(samples, train, held_out, held_out_distances=known[:3])


def test_constant_images_tell_nothing():
    ones = np.ones((20, 3))
    found = measure_memorising(ones, ones, ones)
    assert (found.statistic, found.nearer_probability, found.near_share) == (0, 0.5, 0)


@pytest.mark.parametrize("quantile", [0, 1, -0.5])
def test_bad_quantile_gets_a_sentence(images, quantile):
    with pytest.raises(MetricError, match="quantile"):
        measure_memorising(images, images, images, quantile=quantile)
