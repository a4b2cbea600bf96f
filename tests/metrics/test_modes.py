"""Class histograms, modes and KL, counted by hand."""

import math

import numpy as np
import pytest

from gan.metrics.checks import MetricError
from gan.metrics.modes import count_modes


def test_by_hand():
    # Data: ½, ¼, ¼, 0. Generated: ¾, ¼, 0, 0. KL = ¾ ln(¾ / ½) + ¼ ln(¼ / ¼).
    modes = count_modes(np.array([0, 0, 1, 2]), np.array([0, 0, 0, 1]), 4)
    assert modes.real_counts == (2, 1, 1, 0)
    assert modes.fake_counts == (3, 1, 0, 0)
    assert (modes.n_modes, modes.n_covered, modes.n_missing, modes.missing) == (3, 2, 1, (2,))
    assert modes.kl == pytest.approx(0.75 * math.log(1.5))
    assert modes.kl_expected == pytest.approx(2 / 8)
    missed = 0.5**4 + 2 * 0.75**4
    assert modes.n_covered_expected == pytest.approx(3 - missed)
    assert (modes.n_real, modes.n_fake) == (4, 4)


def test_equal_mixes_have_no_divergence():
    classes = np.repeat(np.arange(10), 7)
    modes = count_modes(classes, np.random.default_rng(0).permutation(classes), 10)
    assert modes.kl == 0
    assert modes.missing == ()


def test_collapse_to_one_class():
    modes = count_modes(np.arange(10), np.full(50, 3), 10)
    assert modes.kl == pytest.approx(math.log(10))
    assert modes.n_missing == 9


def test_class_that_the_data_lacks():
    modes = count_modes(np.array([0, 1]), np.array([0, 2]), 3)
    assert modes.kl == math.inf
    assert (modes.n_covered, modes.n_modes) == (1, 2)


def test_stacked_digits_have_a_thousand_modes():
    digits = np.indices((10, 10, 10)).reshape(3, -1).T  # [1000, 3]
    modes = count_modes(digits, digits[digits[:, 0] < 5], 10)
    assert (modes.n_modes, modes.n_covered, modes.n_missing) == (1000, 500, 500)
    assert modes.missing == tuple(range(500, 1000))
    assert modes.kl == pytest.approx(math.log(2))


def test_what_a_perfect_generator_gets_is_told_rightly():
    rng = np.random.default_rng(0)
    data = np.arange(1000).repeat(50)
    runs = [count_modes(data, rng.integers(0, 1000, 3000), 1000) for _ in range(20)]
    covered = np.mean([modes.n_covered for modes in runs])
    assert covered == pytest.approx(runs[0].n_covered_expected, abs=5)
    fine = [count_modes(np.arange(10), rng.integers(0, 10, 500), 10) for _ in range(200)]
    assert np.mean([modes.kl for modes in fine]) == pytest.approx(fine[0].kl_expected, rel=0.2)


@pytest.mark.parametrize(
    ("real", "fake"),
    [
        (np.array([0, 1]), np.array([], dtype=int)),
        (np.array([0, 1]), np.array([0, 10])),
        (np.array([0, -1]), np.array([0])),
        (np.array([0, 1]), np.array([0.0, 1.0])),
        (np.array([0, 1]), np.zeros((4, 3), dtype=int)),
        (np.array(3), np.array([0])),
    ],
)
def test_bad_classes_get_a_sentence(real, fake):
    with pytest.raises(MetricError) as caught:
        count_modes(real, fake, 10)
    assert str(caught.value).endswith(".")
