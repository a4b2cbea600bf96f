"""The Fréchet distance: closed forms, the reference, invariances and corner cases."""

import io

import numpy as np
import pytest
import torch
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

from gan.metrics.checks import MetricError
from gan.metrics.frechet import frechet_distance, moments_distance
from gan.metrics.moments import Moments, measure_moments


def reference(real, fake):
    stats = [fid_features_to_statistics(torch.from_numpy(x)) for x in (real, fake)]
    return fid_statistics_to_metric(*stats, verbose=False)["frechet_inception_distance"]


def test_agrees_with_torch_fidelity(real, fake):
    assert frechet_distance(real, fake).value == pytest.approx(reference(real, fake), rel=1e-4)


def test_agrees_with_torch_fidelity_on_fewer_samples_than_features():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(40, 64)).astype(np.float32)
    fake = rng.normal(size=(30, 64)).astype(np.float32) * 2
    assert frechet_distance(real, fake).value == pytest.approx(reference(real, fake), rel=1e-3)


def test_known_distance_of_diagonal_gaussians():
    # Each feature adds (μ₁ − μ₂)² + (σ₁ − σ₂)².
    one = Moments(np.array([0.0, 1.0, 5.0]), np.diag([1.0, 4.0, 0.0]), 100)
    two = Moments(np.array([3.0, 1.0, 5.0]), np.diag([4.0, 9.0, 2.25]), 100)
    assert moments_distance(one, two) == pytest.approx(9 + 1 + 1 + 2.25, rel=1e-12)
    assert moments_distance(two, one) == pytest.approx(9 + 1 + 1 + 2.25, rel=1e-12)


def test_known_distance_of_gaussians_that_do_not_commute():
    # 2 × 2: tr √M = √(tr M + 2 √det M) with M = Σ₁Σ₂ (Dowson and Landau).
    one, two = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, -0.8], [-0.8, 3.0]])
    product = one @ two
    root = np.sqrt(np.trace(product) + 2 * np.sqrt(np.linalg.det(product)))
    expected = np.trace(one) + np.trace(two) - 2 * root
    mean = np.zeros(2)
    assert moments_distance(Moments(mean, one, 9), Moments(mean, two, 9)) == pytest.approx(expected)


def test_correction_finds_the_distance_of_the_gaussians():
    rng = np.random.default_rng(3)
    n_features, n = 32, 1000
    real = Moments(np.zeros(n_features), np.eye(n_features), 10**9)
    results = [frechet_distance(real, rng.normal(size=(n, n_features)) * 1.2) for _ in range(12)]
    true = n_features * 0.2**2
    raw, corrected = (np.mean([getattr(r, k) for r in results]) for k in ("value", "corrected"))
    assert raw > true + 0.15  # the bias that is to go
    assert corrected == pytest.approx(true, abs=0.03)
    held = [r.interval.low <= true <= r.interval.high for r in results]
    assert np.mean(held) >= 0.75
    assert results[0].n_fake == n


def test_identical_sets_have_no_distance(real):
    assert frechet_distance(real, real).value == pytest.approx(0, abs=1e-5)
    few = real[:10]  # fewer samples than features
    assert frechet_distance(few, few).value == pytest.approx(0, abs=1e-5)


def test_constant_features():
    ones, twos = (np.full((20, 8), x, dtype=np.float32) for x in (1, 2))
    assert frechet_distance(ones, ones).value == 0
    assert frechet_distance(ones, twos).value == pytest.approx(8)


def test_collapsed_generator_is_far(real):
    collapsed = np.repeat(real[:1], 300, axis=0)
    moments = measure_moments(real)
    expected = np.sum((moments.mean - real[0]) ** 2) + np.trace(moments.covariance)
    assert frechet_distance(real, collapsed).value == pytest.approx(expected, rel=1e-6)


def test_rotation_and_order_do_not_matter(real, fake):
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.normal(size=(16, 16)))[0]
    plain = frechet_distance(real.astype(np.float64), fake.astype(np.float64))
    turned = frechet_distance(real @ turn, fake @ turn)
    assert turned.value == pytest.approx(plain.value, rel=1e-9)
    assert turned.corrected == pytest.approx(plain.corrected, rel=1e-6)
    shuffled = frechet_distance(rng.permutation(real), rng.permutation(fake))
    assert shuffled.value == pytest.approx(plain.value, rel=1e-6)


def test_more_noise_is_farther(real):
    rng = np.random.default_rng(0)
    noise = rng.normal(size=real.shape).astype(np.float32)
    values = [frechet_distance(real, real + s * noise).value for s in (0.1, 0.3, 0.6, 1.0)]
    assert values == sorted(values)


def test_a_far_mean_loses_no_digits():
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(500, 4)), rng.normal(size=(500, 4)) * 1.5
    near = frechet_distance(one, two).value
    assert frechet_distance(one + 1e6, two + 1e6).value == pytest.approx(near, rel=1e-6)


def test_moments_of_a_run_are_stored_and_used_again(real, fake):
    moments = measure_moments(real)
    file = io.BytesIO()
    np.savez(file, **moments.to_arrays())
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        back = Moments.from_arrays(dict(arrays))
    assert back.n == len(real)
    assert frechet_distance(back, fake) == frechet_distance(real, fake)
    only = frechet_distance(back, measure_moments(fake))
    assert only.value == pytest.approx(frechet_distance(real, fake).value)
    assert only.corrected is None


@pytest.mark.parametrize("name", ["mean", "covariance", "n"])
def test_damaged_moments_get_a_sentence(name, real):
    arrays = measure_moments(real).to_arrays()
    del arrays[name]
    with pytest.raises(MetricError, match="anew"):
        Moments.from_arrays(arrays)


def test_moments_with_nan_get_a_sentence(real):
    arrays = measure_moments(real).to_arrays()
    with pytest.raises(MetricError, match="not finite"):
        Moments.from_arrays({**arrays, "covariance": arrays["covariance"] * np.nan})


def test_moments_equal_numpys(real):
    moments = measure_moments(real)
    np.testing.assert_allclose(moments.mean, real.mean(axis=0, dtype=np.float64))
    np.testing.assert_allclose(moments.covariance, np.cov(real.T.astype(np.float64)), atol=1e-12)
    np.testing.assert_allclose(moments.root @ moments.root, moments.covariance, atol=1e-12)


def test_few_samples_get_no_correction(real):
    assert frechet_distance(real, real[:50]).corrected is None
    assert frechet_distance(real, real, n_groups=0).corrected is None
