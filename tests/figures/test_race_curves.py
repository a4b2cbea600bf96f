"""Means and bands over seeds have their closed forms, and variants share their places."""

import numpy as np
import pytest
from scipy import stats

from gan.comparing.course import Course, Measured
from gan.comparing.thinned import StepMeans
from gan.figures.race_curves import (
    RaceRun,
    dense_curves,
    measured_curves,
    spread_over_seeds,
)

KEYS = ("loss/g", "time/elapsed_s")


def run(variant: int, values, *, steps_per_s: float = 10.0, max_stretches: int = 2048) -> RaceRun:
    """One number a step, from step 1 on, in chunks of 700."""
    numbers = StepMeans(KEYS, max_stretches=max_stretches)
    values = np.asarray(values, dtype=np.float64)
    steps = np.arange(1, len(values) + 1)
    table = np.stack([values, steps / steps_per_s], axis=1)
    for i in range(0, len(values), 700):
        numbers.add(KEYS, steps[i : i + 700], table[i : i + 700])
    return RaceRun(variant, Course(numbers))


def test_stretches_double_and_keep_their_means():
    values = np.random.default_rng(0).random(1000)
    numbers = run(0, values, max_stretches=16).course.numbers
    assert numbers.length == 64
    found = numbers.means("loss/g", length=64, n=16)
    padded = np.concatenate([[np.nan], values, np.full(23, np.nan)]).reshape(16, 64)
    np.testing.assert_allclose(found, np.nanmean(padded, axis=1))
    coarse = numbers.means("loss/g", length=256, n=4)
    np.testing.assert_allclose(coarse, np.nanmean(padded.reshape(4, 256), axis=1))


def test_numbers_that_are_not_finite_count_not():
    numbers = StepMeans(KEYS)
    numbers.add(("loss/g", "loss/other"), [1, 2, 3], [[1.0, 9], [np.nan, 9], [np.inf, 9]])
    assert numbers.last_step == 3
    found = numbers.means("loss/g", length=4, n=2)
    assert found[0] == 1.0
    assert np.isnan(found[1])


TABLE = np.asarray([[1.0, 2.0, np.nan], [3.0, np.nan, np.nan], [8.0, 6.0, np.nan]])


def test_the_band_from_lowest_to_highest():
    mean, low, high, n = spread_over_seeds(TABLE, "range")
    np.testing.assert_array_equal(mean, [4.0, 4.0, np.nan])
    np.testing.assert_array_equal(low, [1.0, 2.0, np.nan])
    np.testing.assert_array_equal(high, [8.0, 6.0, np.nan])
    assert n.tolist() == [3, 2, 0]


def test_the_band_of_one_deviation():
    _, low, high, _ = spread_over_seeds(TABLE, "sd")
    sd = np.std([1.0, 3.0, 8.0], ddof=1)
    assert (low[0], high[0]) == (pytest.approx(4 - sd), pytest.approx(4 + sd))
    assert np.isnan(low[2])


def test_the_band_of_the_interval_is_students():
    _, low, high, _ = spread_over_seeds(TABLE, "interval")
    values = [1.0, 3.0, 8.0]
    theirs = stats.t.interval(0.95, 2, loc=np.mean(values), scale=stats.sem(values))
    assert (low[0], high[0]) == pytest.approx(theirs)


def test_one_seed_has_no_band_and_several_of_which_one_is_left_no_interval():
    (alone,) = dense_curves([run(0, np.ones(50))], "loss/g")
    assert alone.low is None
    assert alone.trace().spread is None
    _, low, _, n = spread_over_seeds(np.asarray([[1.0], [np.nan]]), "interval")
    assert n.tolist() == [1]
    assert np.isnan(low[0])


@pytest.mark.parametrize("x", ["step", "time"])
def test_all_variants_share_their_places(x):
    rng = np.random.default_rng(1)
    runs = [run(v, rng.random(900), steps_per_s=10 + v) for v in (0, 0, 1, 1)]
    first, second = dense_curves(runs, "loss/g", x=x, max_points=100)
    n = min(len(first.x), len(second.x))
    np.testing.assert_array_equal(first.x[:n], second.x[:n])
    assert n > 40
    assert first.n_seeds == 2


def test_a_mean_over_seeds_is_the_mean_of_what_the_seeds_reported():
    a, b = np.linspace(0, 1, 63), np.linspace(2, 5, 63)
    (curve,) = dense_curves([run(0, a), run(0, b)], "loss/g", max_points=1000)
    np.testing.assert_allclose(curve.x, np.arange(1, 64))
    np.testing.assert_allclose(curve.mean, (a + b) / 2, rtol=1e-6)
    np.testing.assert_allclose(curve.low, a, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(curve.high, b, rtol=1e-6)


def test_over_time_a_slower_run_takes_longer():
    fast, slow = run(0, np.arange(600), steps_per_s=20), run(1, np.arange(600), steps_per_s=10)
    first, second = dense_curves([fast, slow], "loss/g", x="time")
    assert first.x[-1] == pytest.approx(30, abs=0.3)
    assert second.x[-1] == pytest.approx(60, abs=0.3)
    # After x seconds the fast run is at step 20 x, whose number is one less.
    np.testing.assert_allclose(first.mean, 20 * first.x - 1, atol=6)
    np.testing.assert_allclose(second.mean, 10 * second.x - 1, atol=3)


def test_a_run_that_ended_early_leaves_the_others_going_and_says_how_many_are_left():
    (curve,) = dense_curves([run(0, np.ones(40)), run(0, np.full(100, 3.0))], "loss/g")
    assert curve.n.tolist() == [2] * 40 + [1] * 60
    assert curve.mean[[0, -1]].tolist() == [2.0, 3.0]
    assert curve.trace().spread.n_runs[-1] == 1


def test_smoothing_is_done_for_each_run_and_leaves_a_constant_alone():
    noisy = np.random.default_rng(2).normal(1.0, 1.0, 4000)
    (plain,) = dense_curves([run(0, noisy)], "loss/g", max_points=5000)
    (smooth,) = dense_curves([run(0, noisy)], "loss/g", smoothing=1.0, max_points=5000)
    assert smooth.mean[200:].std() < 0.4 * plain.mean[200:].std()
    trace = smooth.trace("0")
    np.testing.assert_array_equal(trace.y, plain.mean)
    (flat,) = dense_curves([run(0, np.full(4000, 0.7))], "loss/g", smoothing=1.0)
    np.testing.assert_allclose(flat.mean, 0.7, rtol=1e-6)


def test_a_window_is_shown_finely_and_the_rest_stays():
    runs = [run(0, np.random.default_rng(3).random(2000))]
    (whole,) = dense_curves(runs, "loss/g", max_points=64)
    (near,) = dense_curves(runs, "loss/g", window=(500, 600), max_points=64)
    inside = (near.x >= 500) & (near.x <= 600)
    assert inside.sum() > 5 * ((whole.x >= 500) & (whole.x <= 600)).sum()
    assert near.x[-1] == whole.x[-1]
    assert (np.diff(near.x) > 0).all()
    assert len(near.x) < 130


def test_the_past_stands_still_while_steps_are_added():
    values = np.random.default_rng(4).random(2000)
    (before,) = dense_curves([run(0, values[:1500])], "loss/g", smoothing=0.6, max_points=64)
    (after,) = dense_curves([run(0, values[:1800])], "loss/g", smoothing=0.6, max_points=64)
    n = len(before.x) - 1  # the last place is still filling
    np.testing.assert_allclose(after.mean[:n], before.mean[:n], rtol=1e-5)
    np.testing.assert_array_equal(after.x[:n], before.x[:n])


def measured(variant: int, steps, seconds, values) -> RaceRun:
    found = Measured(list(steps), list(seconds), list(values))
    return RaceRun(variant, Course(measured={"quality/distance": found}))


def test_measurements_are_kept_as_they_are_by_step():
    runs = [
        measured(0, [10, 20], [1, 2], [8.0, 4.0]),
        measured(0, [10, 20], [1, 2], [10.0, 2.0]),
        measured(1, [10], [3], [7.0]),
    ]
    first, second = measured_curves(runs, "quality/distance")
    assert first.x.tolist() == [10, 20]
    assert first.mean.tolist() == [9.0, 3.0]
    assert first.high.tolist() == [10.0, 4.0]
    assert (second.x.tolist(), second.mean.tolist()) == ([10], [7.0])


def test_measurements_over_time_lie_on_straight_lines_between():
    runs = [measured(0, [10, 20], [1, 3], [8.0, 4.0]), measured(1, [10, 20], [2, 4], [6.0, 6.0])]
    first, second = measured_curves(runs, "quality/distance", x="time", max_points=41)
    np.testing.assert_allclose(first.mean, 8.0 - 2 * (first.x - 1), rtol=1e-5)
    assert (first.x[0], first.x[-1]) == pytest.approx((1.0, 3.0))
    assert (second.x[0], second.x[-1]) == pytest.approx((2.0, 4.0))


def test_no_runs_no_curves():
    assert dense_curves([], "loss/g") == []
    assert measured_curves([], "quality/distance") == []
    assert dense_curves([run(0, [])], "loss/g") == []
