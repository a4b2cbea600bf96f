"""Ways by way of several points: every point is met to the bit, loops close, nothing jumps."""

import numpy as np
import pytest

from gan.latent.paths import KINDS, make_path, step_lengths
from gan.latent.points import LatentError


def normal(n: int, d: int = 16, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d)).astype(np.float32)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.parametrize(("n_points", "n_frames"), [(2, 2), (2, 31), (3, 10), (5, 64), (8, 8)])
def test_every_point_is_met_to_the_bit(kind, loop, n_points, n_frames):
    points = normal(n_points)
    path = make_path(points, n_frames, kind, loop=loop)
    assert path.z.shape == (n_frames, 16) and path.z.dtype == np.float32
    assert path.keys[0] == 0 and len(set(path.keys.tolist())) == n_points
    assert path.z[path.keys].tobytes() == points.tobytes()
    if n_frames > n_points:
        assert (path.keys[-1] == n_frames - 1) != loop
    assert np.isfinite(path.z).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_loop_comes_back_without_a_jump(kind):
    path = make_path(normal(4), 80, kind, loop=True)
    lengths = step_lengths(path.z, loop=True)
    assert lengths[0] < 2.5 * np.median(lengths)
    again = make_path(normal(4)[[0, 1, 2, 3, 0]], 81, "straight")
    if kind == "straight":
        assert np.allclose(again.z[:80], path.z)


def test_round_ways_keep_the_norm_and_smooth_ones_do_not_turn_sharply():
    points = normal(4)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    turns = {}
    for kind in KINDS:
        z = make_path(points, 400, kind, loop=True).z.astype(np.float64)
        if kind != "straight":
            assert np.allclose(np.linalg.norm(z, axis=1), 1.0, atol=1e-6)
        way = np.diff(z, axis=0)
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        turns[kind] = np.sum(way[1:] * way[:-1], axis=1).min()  # cosine of the sharpest turn
    assert turns["smooth"] > 0.99
    assert turns["spherical"] < 0.8


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_point_twice_opposite_points_and_zero(kind):
    a = normal(1)[0]
    still = make_path(np.stack([a, a]), 9, kind)
    assert np.allclose(still.z, a, atol=1e-6)
    for points in (np.stack([a, -a]), np.stack([a, 0 * a, -a]), np.zeros((2, 16), np.float32)):
        path = make_path(points, 12, kind, loop=True)
        assert np.isfinite(path.z).all()
        assert path.z[path.keys].tobytes() == points.tobytes()


def test_how_far_frames_are_apart():
    values = np.array([0.0, 3.0, 3.0])[:, None] * np.ones((1, 4))
    assert np.allclose(step_lengths(values), [0, 3, 0])
    assert np.allclose(step_lengths(values, loop=True), [3, 3, 0])


def test_what_is_no_way_is_one_sentence():
    for points, n, kind in (
        (normal(1), 5, "straight"),
        (normal(3), 2, "straight"),
        (normal(2), 5, "zigzag"),
    ):
        with pytest.raises(LatentError, match=r"give|choose"):
            make_path(points, n, kind)
