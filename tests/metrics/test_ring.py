"""The ring of classes: one hill for each, neighbours alike, standing still."""

import numpy as np
import pytest
from scipy.ndimage import maximum_filter

from gan.metrics.checks import MetricError
from gan.metrics.plane import density_hills
from gan.metrics.ring import fit_ring


def logits_of(classes: np.ndarray, n_classes: int, sureness: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(len(classes), n_classes))
    logits[np.arange(len(classes)), classes] += sureness
    return logits.astype(np.float32)


@pytest.mark.parametrize("n_classes", [2, 4, 10])
@pytest.mark.parametrize("sureness", [5.0, 500.0])
def test_each_class_is_one_hill_at_its_place(n_classes, sureness):
    classes = np.arange(400 * n_classes) % n_classes
    logits = logits_of(classes, n_classes, sureness)
    ring = fit_ring(logits)
    np.testing.assert_allclose(np.linalg.norm(ring.places, axis=1), 1)
    points = ring.project(logits)
    middles = np.stack([points[classes == c].mean(axis=0) for c in range(n_classes)])
    gaps = np.linalg.norm(middles[:, None] - ring.places[None], axis=2)
    np.testing.assert_array_equal(gaps.argmin(axis=1), np.arange(n_classes))
    hills = density_hills(points, bounds=(-1.1, 1.1, -1.1, 1.1), bandwidth=0.5)
    density = hills.density
    is_peak = (maximum_filter(density, 9) == density) & (density > density.max() / 10)
    assert is_peak.sum() == n_classes


def test_what_is_like_no_class_lies_in_the_middle():
    ring = fit_ring(logits_of(np.arange(1000) % 5, 5, 8.0))
    np.testing.assert_allclose(ring.project(np.zeros((1, 5))), 0, atol=1e-12)


def test_classes_that_are_mistaken_for_each_other_are_neighbours():
    classes = np.arange(3000) % 6
    logits = logits_of(classes, 6, 6.0)
    logits[classes == 0, 3] += 5.5  # 0 is nearly taken for 3
    places = fit_ring(logits).places
    gaps = np.linalg.norm(places[0] - places[1:], axis=1)
    assert gaps.argmin() == 2 or gaps[2] == pytest.approx(gaps.min())


def test_it_does_not_depend_on_the_samples_order():
    logits = logits_of(np.arange(500) % 4, 4, 3.0)
    again = fit_ring(np.random.default_rng(1).permutation(logits))
    np.testing.assert_allclose(again.places, fit_ring(logits).places)


@pytest.mark.parametrize("logits", [np.zeros((5, 3)), np.eye(3)[:1], np.full((4, 2), 1e4)])
def test_degenerate_opinions_have_a_map(logits):
    assert np.isfinite(fit_ring(logits).project(logits)).all()


def test_opinions_that_are_not_finite_are_refused():
    with pytest.raises(MetricError, match="not finite"):
        fit_ring(np.array([[np.nan, 1.0]]))
