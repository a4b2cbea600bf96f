"""Ways through latent space that lead by way of several points.

Maths layer, without torch. A way is a list of z, one a frame; each point that was asked for is one
of them, to the bit, so its frame is the picture that was picked.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from gan.latent.points import Float64s, Floats, LatentError, lerp, slerp

Kind = Literal["straight", "spherical", "smooth"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, eq=False)
class Path:
    """A way through latent space.

    Attributes:
        z: `[N, D]`, one point a frame.
        keys: `[K]` int64, the frames of the points that it was made of.
        is_loop: whether the first frame follows the last.
    """

    z: Floats
    keys: npt.NDArray[np.int64]
    is_loop: bool


def make_path(
    points: Floats, n_frames: int, kind: Kind = "spherical", *, loop: bool = False
) -> Path:
    """Return a way by way of all points, which takes equally long from each to the next.

    Args:
        points: `[K, D]`, at least two; the same one may come twice, where the way stands still.
        n_frames: at least one for each point.
        kind: `straight` lines; `spherical`, which keeps the norm (`gan.latent.points.slerp`); or
            `smooth`, which does not turn sharply at the points: a Catmull–Rom curve whose norm is
            that of the spherical way.
        loop: come back to the first point; it is not repeated, so that a loop runs on and on.

    Raises:
        LatentError: too few points or frames, or an unknown kind.

    Source: Catmull and Rom, A class of local interpolating splines, 1974.
    """
    _check(points, n_frames, kind)
    n_points = len(points)
    n_legs = n_points if loop else n_points - 1
    last = n_frames if loop else n_frames - 1
    marks = np.round(np.arange(n_legs + 1) * last / n_legs).astype(np.int64)
    z = np.empty((last + 1, points.shape[1]), dtype=points.dtype)
    for leg, (first, end) in enumerate(pairwise(marks)):
        t = np.arange(end - first + 1) / (end - first)
        z[first : end + 1] = _leg(points, leg, t, kind, loop)
    return Path(z[:n_frames], marks[:n_points], loop)


def step_lengths(values: Floats, *, loop: bool = False) -> Float64s:
    """Return how far each frame is from the one before: `[N]`; 0 for the first of a way that ends.

    Args:
        values: `[N, …]`, points or pictures; the distance is the root of the mean square.
        loop: the first frame follows the last.
    """
    flat = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    before = np.roll(flat, 1, axis=0)
    lengths: Float64s = np.sqrt(np.mean((flat - before) ** 2, axis=1))
    if not loop:
        lengths[:1] = 0.0
    return lengths


def _leg(points: Floats, leg: int, t: Float64s, kind: Kind, loop: bool) -> Floats:
    n = len(points)
    a, b = points[leg], points[(leg + 1) % n]
    if kind == "straight":
        return lerp(a, b, t)
    on_sphere = slerp(a, b, t)
    if kind == "spherical":
        return on_sphere
    before = points[(leg - 1) % n] if loop or leg > 0 else a
    after = points[(leg + 2) % n] if loop or leg + 2 < n else b
    curve = _catmull_rom(before, a, b, after, t)
    norms = np.linalg.norm(curve, axis=1, keepdims=True)
    wanted = np.linalg.norm(on_sphere.astype(np.float64), axis=1, keepdims=True)
    # Where the curve passes through 0 there is no direction to keep: the spherical way has one.
    scaled = np.where(norms > 1e-9, curve * (wanted / np.maximum(norms, 1e-9)), on_sphere)
    scaled[[0, -1]] = a, b
    return scaled.astype(points.dtype)


def _catmull_rom(before: Floats, a: Floats, b: Floats, after: Floats, t: Float64s) -> Float64s:
    """Return the cubic from a to b whose slope at each is half the way between its neighbours."""
    p, q, r, s = (np.asarray(x, dtype=np.float64) for x in (before, a, b, after))
    at = t[:, None]
    cubic: Float64s = 0.5 * (
        2 * q + (r - p) * at + (2 * p - 5 * q + 4 * r - s) * at**2 + (3 * q - p - 3 * r + s) * at**3
    )
    return cubic


def _check(points: Floats, n_frames: int, kind: str) -> None:
    if points.ndim != 2 or len(points) < 2:
        raise LatentError(
            f"Points of shape {list(points.shape)} make no way: give at least two, [K, D]."
        )
    if n_frames < len(points):
        raise LatentError(
            f"{n_frames} frames for {len(points)} points: give at least one for each."
        )
    if kind not in KINDS:
        raise LatentError(
            f"There is no way of the kind {kind!r}: choose one of {', '.join(KINDS)}."
        )
