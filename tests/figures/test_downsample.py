"""Thinning keeps what the eye must not miss, and keeps it from refresh to refresh."""

import numpy as np
import pytest

from gan.figures.downsample import bucket_length, downsample


def noise(n: int) -> np.ndarray:
    return np.random.default_rng(1).standard_normal(n).astype(np.float32)


def test_short_curves_are_kept_whole():
    assert downsample(noise(200), max_points=1000).tolist() == list(range(200))


def test_nothing_gives_nothing():
    assert len(downsample(noise(0), max_points=100)) == 0


@pytest.mark.parametrize("n", [1, 999, 1001, 20_000, 100_003])
def test_the_result_is_bounded_ascending_and_keeps_the_ends(n):
    chosen = downsample(noise(n), max_points=1000)
    assert len(chosen) <= 1000
    assert np.all(np.diff(chosen) > 0)
    assert chosen[0] == 0
    assert chosen[-1] == n - 1


def test_each_bucket_gives_its_first_last_lowest_and_highest():
    y = noise(5000)
    length = bucket_length(5000, 1000 // 4 - 1)
    chosen = set(downsample(y, max_points=1000).tolist())
    for start in range(0, 5000, length):
        bucket = y[start : start + length]
        wanted = {0, len(bucket) - 1, int(bucket.argmin()), int(bucket.argmax())}
        assert {start + i for i in wanted} <= chosen


def test_a_single_spike_survives():
    y = np.zeros(100_000, dtype=np.float32)
    y[54_321] = 9.0
    assert 54_321 in downsample(y, max_points=400)


def test_closed_buckets_do_not_change_while_the_curve_grows():
    y = noise(16_000)
    length = bucket_length(9_000, 1000 // 4 - 1)
    assert length == bucket_length(15_900, 1000 // 4 - 1)
    before = downsample(y[:9_000], max_points=1000)
    after = downsample(y[:15_900], max_points=1000)
    closed = 9_000 // length * length
    assert before[before < closed].tolist() == after[after < closed].tolist()


def test_a_cut_out_falls_into_the_buckets_of_the_whole():
    y = noise(8_000)
    first = downsample(y[1_000:5_000], max_points=400, start=1_000) + 1_000
    moved = downsample(y[1_100:5_100], max_points=400, start=1_100) + 1_100
    inner = [
        set(chosen[(chosen >= 1_152) & (chosen < 4_992)].tolist()) for chosen in (first, moved)
    ]
    assert inner[0] == inner[1]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_hide_no_extreme(bad):
    y = noise(4_000)
    y[100:140] = bad
    y[120] = 50.0
    assert 120 in downsample(y, max_points=400)
