"""Intervals: known values, and how often they hold the truth."""

import numpy as np
import pytest

from gan.metrics.checks import MetricError
from gan.metrics.intervals import mean_interval, wilson_interval


@pytest.mark.parametrize(
    ("n_hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (8, 8, 0.6756, 1.0)],
)
def test_wilson_as_published(n_hits, n, low, high):
    interval = wilson_interval(n_hits, n)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-4)


def test_wilson_holds_the_truth():
    hits = np.random.default_rng(0).binomial(60, 0.1, size=2000)
    intervals = [wilson_interval(int(n_hits), 60) for n_hits in hits]
    assert np.mean([i.low <= 0.1 <= i.high for i in intervals]) == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(("n_hits", "n"), [(0, 0), (3, 2), (-1, 5)])
def test_wilson_of_nothing_gets_a_sentence(n_hits, n):
    with pytest.raises(MetricError, match="no share"):
        wilson_interval(n_hits, n)


@pytest.mark.parametrize("confidence", [0, 1, 95])
def test_bad_confidence_gets_a_sentence(confidence):
    with pytest.raises(MetricError, match="between 0 and 1"):
        wilson_interval(1, 2, confidence)


def test_mean_interval_is_students():
    interval = mean_interval(np.array([1.0, 2.0, 3.0]))
    half = 4.302653 / np.sqrt(3)
    assert (interval.low, interval.high) == pytest.approx((2 - half, 2 + half), rel=1e-6)
    assert mean_interval(np.array([1.0])) is None
