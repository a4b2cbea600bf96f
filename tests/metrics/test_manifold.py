"""Precision, recall, density, coverage: points counted by hand, and both references."""

import numpy as np
import pytest
import torch
from prdc import compute_prdc
from torch_fidelity.metric_prc import calculate_precision_recall_full

from gan.metrics import neighbours
from gan.metrics.checks import MetricError
from gan.metrics.manifold import count_balls, manifold_measures
from gan.metrics.neighbours import nearest_neighbours

FIGURES = ("precision", "recall", "density", "coverage")


def figures(measures):
    return {name: getattr(measures, name) for name in FIGURES}


def on_a_line(*places):
    return np.array(places, dtype=np.float32)[:, None]


def test_points_on_a_line_by_hand():
    # k = 1. Real balls: 0 ± 1, 1 ± 1, 3 ± 2. Generated: 2.5 ± 7.5 (its only neighbour is at 10),
    # 10 ± 7.5. 2.5 is in the ball of 3 only, 10 in none; the ball of 2.5 holds all the real ones.
    measures = manifold_measures(on_a_line(0, 1, 3), on_a_line(2.5, 10), k=1)
    assert figures(measures) == {
        "precision": 1 / 2,
        "recall": 3 / 3,
        "density": 1 / 2,
        "coverage": 1 / 3,
    }
    assert (measures.n_real, measures.n_fake, measures.k) == (3, 2, 1)


def test_points_on_the_edge_by_hand():
    # Real balls: 0 ± 1, 1 ± 1, 4 ± 3. The sample at 2 is on the edge of the second, in the third;
    # that at 7 on the edge of the third. Generated balls: 2 ± 5, 7 ± 5.
    real, fake = on_a_line(0, 1, 4), on_a_line(2, 7)
    loose = manifold_measures(real, fake, k=1)
    assert figures(loose) == {"precision": 1, "recall": 1, "density": 3 / 2, "coverage": 2 / 3}
    strict = manifold_measures(real, fake, k=1, strict=True)
    assert figures(strict) == {
        "precision": 1 / 2,
        "recall": 1,
        "density": 1 / 2,
        "coverage": 1 / 3,
    }


def test_points_in_a_plane_by_hand():
    # Corners of a unit square, k = 2: each ball has radius 1. The centre (0.707 away) is in all
    # four, (2, 0) on the edge of (1, 0) alone, (5, 5) in none.
    real = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=np.float64)
    fake = np.array([[0.5, 0.5], [2, 0], [5, 5]])
    counts = count_balls(real, fake, k=2)
    assert counts.fake_hits.tolist() == [4, 1, 0]
    assert counts.measures().density == pytest.approx(5 / 3 / 2)
    assert counts.measures().coverage == 1
    assert count_balls(real, fake, k=2, strict=True).fake_hits.tolist() == [4, 0, 0]


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_agrees_with_both_references(real, fake, k, dtype, capsys):
    real, fake = real.astype(dtype), fake.astype(dtype)
    ours = manifold_measures(real, fake, k=k)
    theirs = compute_prdc(real, fake, nearest_k=k)
    capsys.readouterr()  # it prints
    assert figures(ours) == pytest.approx(theirs, rel=1e-3)
    precision, recall = calculate_precision_recall_full(
        torch.from_numpy(fake), torch.from_numpy(real), neighborhood=k
    )
    assert (ours.precision, ours.recall) == pytest.approx((precision, recall), rel=1e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_features", [2, 16, 512])
def test_identical_sets_do_not_hang_on_rounding(dtype, n_features):
    # Each sample sits in its own ball and in those of k others on average, those on the edge being
    # exactly one a ball: k + 1 with the edge, k without.
    real = np.random.default_rng(0).normal(size=(300, n_features)).astype(dtype) + dtype(3)
    loose = manifold_measures(real, real, k=4)
    assert figures(loose) == {"precision": 1, "recall": 1, "density": 5 / 4, "coverage": 1}
    strict = manifold_measures(real, real, k=4, strict=True)
    assert figures(strict) == {"precision": 1, "recall": 1, "density": 1, "coverage": 1}


def test_repeated_samples_depend_on_strictness():
    real = np.repeat(np.random.default_rng(0).normal(size=(20, 3)), 6, axis=0)
    assert figures(manifold_measures(real, real, k=5))["precision"] == 1
    strict = manifold_measures(real, real, k=5, strict=True)  # all balls have shrunk to points
    assert figures(strict) == {"precision": 0, "recall": 0, "density": 0, "coverage": 0}


def test_constant_features():
    ones = np.ones((10, 4), dtype=np.float32)
    assert figures(manifold_measures(ones, ones, k=5)) == {
        "precision": 1,
        "recall": 1,
        "density": 2,
        "coverage": 1,
    }
    assert manifold_measures(ones, 2 * ones, k=5).precision == 0


def test_collapse_keeps_precision_and_loses_the_rest(real):
    collapsed = np.repeat(real[:1], 300, axis=0)
    measures = manifold_measures(real, collapsed)
    assert measures.precision == 1
    assert measures.recall <= 1 / 400
    assert measures.coverage < 0.1


def test_rotation_order_and_blocks_do_not_matter(real, fake, monkeypatch):
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.normal(size=(16, 16)))[0]
    plain = manifold_measures(real, fake)
    assert manifold_measures(real @ turn, fake @ turn) == plain
    assert manifold_measures(rng.permutation(real), rng.permutation(fake)) == plain
    monkeypatch.setattr(neighbours, "_BYTES", 1)
    assert manifold_measures(real, fake) == plain


def test_known_neighbours_save_the_work(real, fake):
    given = manifold_measures(
        real,
        fake,
        real_neighbours=nearest_neighbours(real, 7),
        fake_neighbours=nearest_neighbours(fake, 5),
    )
    assert given == manifold_measures(real, fake)
    with pytest.raises(MetricError, match="anew"):
        manifold_measures(real, fake, real_neighbours=nearest_neighbours(real, 3))


def test_density_of_equal_distributions_is_one_and_coverage_as_told():
    rng = np.random.default_rng(0)
    both = [
        manifold_measures(rng.normal(size=(400, 3)), rng.normal(size=(400, 3))) for _ in range(10)
    ]
    assert np.mean([m.density for m in both]) == pytest.approx(1, abs=0.05)
    assert np.mean([m.coverage for m in both]) == pytest.approx(1 - 2**-5, abs=0.015)


def test_intervals_hold_the_figures(real, fake):
    measures = manifold_measures(real, fake)
    for name in FIGURES:
        interval = getattr(measures, f"{name}_interval")
        assert interval.low <= getattr(measures, name) <= interval.high


@pytest.mark.parametrize("k", [0, 300, -1])
def test_impossible_k_gets_a_sentence(real, fake, k):
    with pytest.raises(MetricError, match="choose k from 1 to"):
        manifold_measures(real, fake, k=k)
