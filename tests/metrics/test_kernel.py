"""The kernel distance: by hand, against the reference, and without bias."""

import numpy as np
import pytest
import torch
from torch_fidelity.metric_kid import kernel_mmd, kid_features_to_metric

from gan.metrics.checks import MetricError
from gan.metrics.kernel import kernel_distance, squared_mmd

SETTINGS = {
    "kid_kernel": "poly",
    "kid_kernel_poly_degree": 3,
    "kid_kernel_poly_gamma": None,
    "kid_kernel_poly_coef0": 1.0,
    "verbose": False,
    "rng_seed": 0,
}


def test_tiny_sets_by_hand():
    # One feature, k(a, b) = (ab + 1)³. Within {1, 2}: 3³ = 27. Within {0, 3}: 1. Between:
    # (1, 8·8, 1, 7³ = 343) over (1,0) (1,3) (2,0) (2,3), mean 409/4. 27 + 1 − 2 · 102.25.
    real, fake = np.array([[1.0], [2.0]]), np.array([[0.0], [3.0]])
    assert squared_mmd(real, fake) == pytest.approx(27 + 1 - 2 * (1 + 64 + 1 + 343) / 4)
    result = kernel_distance(real, fake)
    assert result.value == pytest.approx(-176.5)
    assert (result.n_subsets, result.subset_size, result.spread) == (1, 2, None)


def test_agrees_with_torch_fidelity(real, fake):
    ours = kernel_distance(real[:300], fake, subset_size=300).value
    theirs = kid_features_to_metric(
        torch.from_numpy(real[:300]),
        torch.from_numpy(fake),
        kid_subsets=1,
        kid_subset_size=300,
        **SETTINGS,
    )
    assert ours == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-3)
    assert squared_mmd(real[:300], fake) == pytest.approx(
        kernel_mmd(real[:300].astype(np.float64), fake.astype(np.float64), **SETTINGS), rel=1e-9
    )


def test_unbiased_over_repeats():
    rng = np.random.default_rng(0)
    values, errors = [], []
    for _ in range(60):
        result = kernel_distance(rng.normal(size=(200, 8)), rng.normal(size=(200, 8)))
        values.append(result.value)
        errors.append(result.standard_error)
    error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 3 * error
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.25)  # the error that it states


def test_size_of_the_subsets_does_not_move_the_value():
    rng = np.random.default_rng(1)
    real, fake = rng.normal(size=(2000, 8)), rng.normal(size=(2000, 8)) + 0.3
    small, large = (kernel_distance(real, fake, subset_size=size) for size in (50, 500))
    assert abs(small.value - large.value) < 3 * np.hypot(small.standard_error, large.standard_error)
    assert small.n_subsets == 40
    assert small.interval.low < small.value < small.interval.high
    assert small.standard_error == pytest.approx(small.spread / np.sqrt(40))


def test_same_seed_same_value(real, fake):
    assert kernel_distance(real, fake, seed=5) == kernel_distance(real, fake, seed=5)
    assert kernel_distance(real, fake, seed=5) != kernel_distance(real, fake, seed=6)


def test_rotation_does_not_matter(real, fake):
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(16, 16)))[0]
    turned = kernel_distance(real @ turn, fake @ turn).value
    plain = kernel_distance(real.astype(np.float64), fake.astype(np.float64)).value
    assert turned == pytest.approx(plain, rel=1e-9)


def test_more_noise_is_farther(real):
    noise = np.random.default_rng(0).normal(size=real.shape).astype(np.float32)
    values = [kernel_distance(real, real + s * noise).value for s in (0.2, 0.5, 1.0)]
    assert values == sorted(values)


def test_constant_and_identical_sets(real):
    ones = np.ones((50, 4), dtype=np.float32)
    assert kernel_distance(ones, ones).value == pytest.approx(0, abs=1e-12)
    assert kernel_distance(ones, 2 * ones).value == pytest.approx(8 + 125 - 2 * 27)
    assert abs(squared_mmd(real, real)) < 0.1 * squared_mmd(real, real + 1)


@pytest.mark.parametrize("size", [1, 301, -2])
def test_impossible_subsets_get_a_sentence(size, real, fake):
    with pytest.raises(MetricError, match="between 2 and 300"):
        kernel_distance(real, fake, subset_size=size)
