"""Closed forms: Student's interval, all sign patterns, Holm's correction."""

import itertools

import numpy as np
import pytest
from scipy import stats

from gan.comparing.statistics import (
    holm,
    paired_difference,
    seeds_needed,
    sign_flip_p,
    spread,
    t_factor,
)


def test_a_spread_over_seeds():
    found = spread([3.0, 1.0, 8.0])
    assert (found.n, found.mean, found.low, found.high) == (3, 4.0, 1.0, 8.0)
    assert found.sd == pytest.approx(np.std([3, 1, 8], ddof=1))
    assert spread([2.0]).sd is None
    assert spread([]) is None


def test_paired_differences_are_students():
    first, second = [10.0, 12.0, 9.0, 14.0], [12.5, 13.0, 13.0, 13.5]
    found = paired_difference(first, second)
    theirs = stats.ttest_rel(first, second)
    assert found.mean == pytest.approx(np.mean(first) - np.mean(second))
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval(0.95)))
    assert (found.n, found.n_below) == (4, 3)


def test_the_exact_p_value_counts_all_sign_patterns():
    rng = np.random.default_rng(0)
    for n in (1, 2, 5, 8):
        d = rng.normal(0.5, 1.0, n)
        sums = [abs(np.dot(signs, d)) for signs in itertools.product((-1, 1), repeat=n)]
        assert sign_flip_p(d) == pytest.approx(np.mean(np.asarray(sums) >= abs(d.sum()) - 1e-12))


def test_the_exact_p_value_is_scipys():
    d = np.random.default_rng(1).normal(0.4, 1.0, 9)
    theirs = stats.permutation_test(
        (d,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )
    assert sign_flip_p(d) == pytest.approx(theirs.pvalue)


@pytest.mark.parametrize("n", [1, 3, 5, 6, 20])
def test_no_p_value_is_below_what_n_seeds_can_give(n):
    assert sign_flip_p(np.full(n, -2.0)) == pytest.approx(2 / 2**n)


def test_one_pair_and_none():
    alone = paired_difference([1.0], [3.0])
    assert (alone.mean, alone.low, alone.high, alone.n_below, alone.p) == (-2.0, None, None, 1, 1.0)
    nothing = paired_difference([], [])
    assert (nothing.n, nothing.p) == (0, 1.0)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


@pytest.mark.parametrize(("n_pairs", "n"), [(1, 6), (2, 7), (3, 7), (10, 9)])
def test_seeds_needed_is_the_first_number_that_can_be_significant(n_pairs, n):
    assert seeds_needed(n_pairs) == n
    assert n_pairs * 2 / 2**n <= 0.05 < n_pairs * 2 / 2 ** (n - 1)


def test_the_t_factor_is_students():
    assert t_factor(2) == pytest.approx(stats.t.ppf(0.975, 2))
    assert t_factor(5, 0.9) == pytest.approx(stats.t.ppf(0.95, 5))
