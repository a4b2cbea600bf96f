"""Maps: a ring where a few classes are known, else a plane; what was fitted is what is placed."""

import numpy as np

from gan.metrics.landscape import fit_landscape

RNG = np.random.default_rng(0)
FEATURES = RNG.standard_normal((400, 5)) * np.array([5.0, 3.0, 1.0, 1.0, 1.0])
CLASSES = np.arange(400) % 4
LOGITS = 4.0 * np.eye(4)[CLASSES] + RNG.standard_normal((400, 4))


def test_a_few_classes_make_a_ring():
    land = fit_landscape(FEATURES, LOGITS)
    assert land.kind == "ring"
    assert np.array_equal(land.place(FEATURES[:7], LOGITS[:7]), land.real[:7])
    labels = land.labels(("a", "b", "c", "d"))
    places = np.array([[label["x"], label["y"]] for label in labels])
    own = np.stack([land.real[c == CLASSES].mean(axis=0) for c in range(4)])
    assert np.linalg.norm(own[:, None] - places, axis=2).argmin(axis=1).tolist() == [0, 1, 2, 3]
    assert land.hills(land.real).x.max() < 1.1


def test_without_classes_or_with_parts_or_very_many_it_is_a_plane():
    for logits in (None, LOGITS[:, :, None], np.tile(LOGITS, 10)):
        land = fit_landscape(FEATURES, logits)
        assert land.kind == "plane" and land.labels(("a",)) == []
        assert np.allclose(land.place(FEATURES[:7], None), land.real[:7])
        assert abs(np.corrcoef(land.real[:, 0], FEATURES[:, 0])[0, 1]) > 0.98
    far = land.real + 30.0
    assert land.hills(far).x.max() > land.hills(land.real).x.max() + 20
