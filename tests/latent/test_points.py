"""Points of latent space: closed forms, exact ends, and degenerate points on purpose."""

import math

import numpy as np
import pytest

from gan.latent.points import (
    LatentError,
    analogy,
    lerp,
    mean,
    moved,
    renormalised,
    shell_radius,
    slerp,
    total,
    truncate,
)

T = np.linspace(0.0, 1.0, 33)


def normal(n: int, d: int = 100, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)


def norms(z: np.ndarray) -> np.ndarray:
    return np.linalg.norm(z.astype(np.float64), axis=-1)


@pytest.mark.parametrize("way", [lerp, slerp])
def test_ends_are_exact_to_the_bit(way):
    for seed in range(20):
        a, b = normal(2, seed=seed)
        z = way(a, b, T)
        assert z.dtype == np.float32 and z.shape == (33, 100)
        assert z[0].tobytes() == a.tobytes() and z[-1].tobytes() == b.tobytes()
    assert way(a, b, 1.0).tobytes() == b.tobytes()
    several = way(normal(5), normal(5, seed=1), 0.25)
    assert several.shape == (5, 100)
    assert np.array_equal(several[2], way(normal(5)[2], normal(5, seed=1)[2], 0.25))


def test_lerp_is_the_straight_line():
    a, b = normal(2)
    assert np.allclose(lerp(a, b, 0.25), 0.75 * a + 0.25 * b, atol=1e-6)


def test_slerp_keeps_the_norm_and_turns_evenly():
    a, b = renormalised(normal(2).astype(np.float64), 7.0)
    z = slerp(a, b, T)
    assert np.allclose(norms(z), 7.0, rtol=0, atol=1e-12)
    cosines = np.sum(z[1:] * z[:-1], axis=1) / 49.0
    whole = math.acos(float(a @ b) / 49.0)
    assert np.allclose(np.arccos(cosines), whole / 32, atol=1e-9)
    # The textbook formula, where it is defined.
    expected = (math.sin(0.75 * whole) * a + math.sin(0.25 * whole) * b) / math.sin(whole)
    assert np.allclose(slerp(a, b, 0.25), expected)


def test_slerp_between_other_norms_goes_straight_from_one_to_the_other():
    a, b = renormalised(normal(1)[0], 2.0), renormalised(normal(1, seed=1)[0], 6.0)
    assert np.allclose(norms(slerp(a, b, T)), 2.0 + 4.0 * T, atol=1e-5)


def test_slerp_between_opposite_points_takes_one_great_circle():
    a = normal(1)[0]
    z = slerp(a, -a, T)
    assert np.allclose(norms(z), norms(a), atol=1e-5)
    assert abs(float(z[16] @ a)) < 1e-3  # halfway: at right angles
    assert np.array_equal(z, slerp(a, -a, T))
    line = slerp(np.array([2.0]), np.array([-2.0]), np.array([0.5]))  # one dimension has no circle
    assert np.allclose(line, 0.0)


def test_slerp_from_a_point_to_itself_stands_still_and_zero_has_no_direction():
    a = normal(1)[0]
    assert np.allclose(slerp(a, a, T), a, atol=1e-6)
    assert np.allclose(norms(slerp(a, 3 * a, T)), norms(a) * (1 + 2 * T), rtol=1e-5)
    zero = np.zeros_like(a)
    assert np.array_equal(slerp(zero, zero, T), np.zeros((33, 100), dtype=np.float32))
    assert np.allclose(slerp(zero, a, T), lerp(zero, a, T))
    assert np.allclose(slerp(a, zero, T), lerp(a, zero, T))
    for b in (a, zero, -a):
        assert np.isfinite(slerp(a, b, T)).all()


def test_a_nearly_opposite_point_keeps_the_norm_too():
    a = normal(1)[0].astype(np.float64)
    b = -a + 1e-9
    assert np.allclose(norms(slerp(a, b, T)), norms(a), rtol=1e-7)


def test_the_shell_is_where_normal_points_are():
    assert shell_radius(1) == pytest.approx(math.sqrt(2 / math.pi))
    assert shell_radius(100) == pytest.approx(norms(normal(20_000)).mean(), rel=1e-3)
    back = renormalised(3 * normal(4))
    assert np.allclose(norms(back), shell_radius(100), rtol=1e-6)
    assert np.array_equal(renormalised(np.zeros(5)), np.zeros(5))


def test_sums_raw_and_brought_back():
    a, b, c = normal(3)
    points = np.stack([a, b, c])
    before = points.copy()
    assert np.allclose(total(points), a + b + c, atol=1e-5)
    assert np.allclose(mean(points), (a + b + c) / 3, atol=1e-6)
    assert np.allclose(analogy(a, b, c), a - b + c, atol=1e-6)
    assert np.array_equal(analogy(a, a, c), c)
    for keeping in (total(points, keep_norm=True), analogy(a, b, c, keep_norm=True)):
        assert norms(keeping) == pytest.approx(shell_radius(100), rel=1e-6)
    raw, kept = total(points), total(points, keep_norm=True)
    assert float(raw @ kept) == pytest.approx(norms(raw) * norms(kept), rel=1e-6)  # same direction
    assert norms(mean(points)) < shell_radius(100) < norms(total(points))
    assert np.array_equal(points, before)
    opposite = total(np.stack([a, -a]), keep_norm=True)  # nothing to bring back
    assert np.array_equal(opposite, np.zeros(100))


def test_truncation_and_moving_along_directions():
    z = normal(3)
    assert np.array_equal(truncate(z, 1.0), z) and np.array_equal(truncate(z, 0.0), 0 * z)
    assert np.allclose(truncate(z, 0.5), z / 2)
    basis = np.eye(100, dtype=np.float32)[[4, 7]]
    there = moved(z, basis, np.array([2.0, -1.0]))
    expected = z.copy()
    expected[:, 4] += 2.0
    expected[:, 7] -= 1.0
    assert np.allclose(there, expected)
    assert np.array_equal(moved(z, basis, np.zeros(2)), z)


def test_what_does_not_fit_together_is_one_sentence():
    for wrong in (
        lambda: lerp(np.zeros(3), np.zeros(4), 0.5),
        lambda: slerp(np.zeros((2, 3)), np.zeros(3), 0.5),
        lambda: analogy(np.zeros(3), np.zeros(3), np.zeros(2)),
        lambda: total(np.zeros((0, 3))),
        lambda: mean(np.zeros(3)),
        lambda: moved(np.zeros(3), np.eye(4), np.zeros(4)),
        lambda: moved(np.zeros(3), np.eye(3), np.zeros(2)),
    ):
        with pytest.raises(LatentError, match=r"shape|fit"):
            wrong()
