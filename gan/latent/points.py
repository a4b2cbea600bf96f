"""Points of latent space, and sums with them.

Maths layer, without torch: functions of arrays `z`, float32 or float64, one point `[D]` or several
`[N, D]`, drawn from a standard normal distribution unless somebody moved them. Results have the
precision of what is given; sums are done in float64. Nothing given is altered.

In many dimensions nearly all of a normal distribution lies near a shell of radius √D around 0, so
that is where a generator has seen z while it learned. A mean of two points lies inside the shell,
their sum outside: `renormalised` brings either back.
"""

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from gan.errors import GanError

Floats: TypeAlias = npt.NDArray[np.floating[Any]]
Float64s: TypeAlias = npt.NDArray[np.float64]

_TINY = 1e-12


class LatentError(GanError, ValueError):
    """Points that are no points of one latent space, or too few of them."""


def lerp(a: Floats, b: Floats, t: float | Floats) -> Floats:
    """Return the points a + t·(b − a) on the straight line; t = 0 is a and t = 1 is b, to the bit.

    Args:
        a, b: `[D]` or `[N, D]`.
        t: one number, or `[M]` for as many points between two points `[D]`: the answer is `[M, D]`.

    Raises:
        LatentError: the points do not fit together.
    """
    start, end, at = _between(a, b, t)
    return _with_ends((1.0 - at) * start + at * end, a, b, at)


def slerp(a: Floats, b: Floats, t: float | Floats) -> Floats:
    """Return points on the way from a to b that keeps their norm: along a great circle.

    The direction turns evenly, the norm goes straight from |a| to |b|; t = 0 is a and t = 1 is b,
    to the bit. Where there is no one great circle something sensible is chosen: from or to the zero
    vector, which has no direction, it is the straight line; between opposite points, among all
    circles, the one by way of the axis to which a is least inclined.

    Args:
        a, b: `[D]` or `[N, D]`.
        t: one number, or `[M]` for as many points between two points `[D]`: the answer is `[M, D]`.

    Raises:
        LatentError: the points do not fit together.

    Source: Shoemake, Animating rotation with quaternion curves, 1985; White, Sampling Generative
    Networks, 2016 (arXiv:1609.04468), for z. The norm's straight way is ours.
    """
    start, end, at = _between(a, b, t)
    from_norm, to_norm = _norms(start), _norms(end)
    has_directions = (from_norm > _TINY) & (to_norm > _TINY)
    first = start / np.maximum(from_norm, _TINY)
    last = end / np.maximum(to_norm, _TINY)
    cosine = np.sum(first * last, axis=-1, keepdims=True)
    across = last - cosine * first
    sine = _norms(across)
    is_opposite = (sine < 1e-6) & (cosine < 0.0)
    side = np.where(is_opposite, _perpendicular(first), across / np.maximum(sine, _TINY))
    angle = np.where(is_opposite, math.pi, np.arctan2(sine, cosine))
    turned = np.cos(at * angle) * first + np.sin(at * angle) * side
    on_circle = ((1.0 - at) * from_norm + at * to_norm) * turned
    on_line = (1.0 - at) * start + at * end
    is_turned = has_directions & (start.shape[-1] > 1)
    return _with_ends(np.where(is_turned, on_circle, on_line), a, b, at)


def shell_radius(latent_dim: int) -> float:
    """Return the mean norm of a normal z: a little below √D."""
    return math.sqrt(2.0) * math.exp(
        math.lgamma((latent_dim + 1) / 2) - math.lgamma(latent_dim / 2)
    )


def renormalised(z: Floats, radius: float | None = None) -> Floats:
    """Return points moved straight away from or towards 0 until their norm is that of the shell.

    The zero vector has no direction and stays where it is.

    Args:
        z: `[D]` or `[N, D]`.
        radius: by default `shell_radius`.
    """
    wide = _wide(z)
    norms = _norms(wide)
    wanted = shell_radius(z.shape[-1]) if radius is None else radius
    return np.where(norms > _TINY, wide * (wanted / np.maximum(norms, _TINY)), wide).astype(z.dtype)


def truncate(z: Floats, psi: float) -> Floats:
    """Return points pulled towards 0, the mean of all z: psi = 1 changes nothing, 0 gives the mean.

    Less variety for more typical pictures.

    Source: Karras et al., A Style-Based Generator Architecture for GANs, 2019 (arXiv:1812.04948),
    appendix B, there in w.
    """
    return (_wide(z) * psi).astype(z.dtype)


def total(points: Floats, *, keep_norm: bool = False) -> Floats:
    """Return the sum `[D]` of points `[N, D]`, brought back to the shell if asked for."""
    return _combined(points, np.ones(len(points)), keep_norm)


def mean(points: Floats, *, keep_norm: bool = False) -> Floats:
    """Return the mean `[D]` of points `[N, D]`, brought back to the shell if asked for."""
    return _combined(points, np.full(len(points), 1.0 / max(1, len(points))), keep_norm)


def analogy(a: Floats, b: Floats, c: Floats, *, keep_norm: bool = False) -> Floats:
    """Return a − b + c `[D]`: what a has and b has not, given to c.

    Source: Radford, Metz and Chintala, Unsupervised Representation Learning with Deep Convolutional
    GANs, 2015 (arXiv:1511.06434), section 6.3.2.
    """
    _check_same_space(a, b)
    _check_same_space(a, c)
    return _combined(np.stack([a, b, c]), np.array([1.0, -1.0, 1.0]), keep_norm)


def moved(z: Floats, basis: Floats, amounts: Floats) -> Floats:
    """Return z moved along directions: z + amounts · basis.

    Args:
        z: `[D]` or `[N, D]`.
        basis: `[K, D]` unit directions.
        amounts: `[K]` or `[N, K]`, in standard deviations of z.

    Raises:
        LatentError: they do not fit together.
    """
    if basis.ndim != 2 or basis.shape[1] != z.shape[-1] or amounts.shape[-1] != len(basis):
        raise LatentError(
            f"Amounts {list(amounts.shape)} along directions {list(basis.shape)} do not fit points "
            f"{list(z.shape)}: give amounts [K], directions [K, D] and points [N, D]."
        )
    return (_wide(z) + _wide(amounts) @ _wide(basis)).astype(z.dtype)


def _combined(points: Floats, weights: Float64s, keep_norm: bool) -> Floats:
    if points.ndim != 2 or len(points) == 0:
        raise LatentError(
            f"Points of shape {list(points.shape)} have no sum: give one or more, [N, D]."
        )
    summed: Floats = (weights @ _wide(points)).astype(points.dtype)
    return renormalised(summed) if keep_norm else summed


def _between(a: Floats, b: Floats, t: float | Floats) -> tuple[Float64s, Float64s, Float64s]:
    """Return both points and t in float64, shaped so that they go together."""
    _check_same_space(a, b)
    at = np.asarray(t, dtype=np.float64)
    return _wide(a), _wide(b), at[..., None]


def _with_ends(between: Float64s, a: Floats, b: Floats, at: Float64s) -> Floats:
    """Return the points in the precision of a and b, with the ends exactly as they are given."""
    narrow = between.astype(np.result_type(a, b))
    ended: Floats = np.where(at == 0.0, a, np.where(at == 1.0, b, narrow))
    return ended


def _perpendicular(unit: Float64s) -> Float64s:
    """Return a unit vector at right angles to each `[…, D]`, by way of its smallest coordinate."""
    axis = np.zeros_like(unit)
    smallest = np.abs(unit).argmin(axis=-1)[..., None]
    np.put_along_axis(axis, smallest, 1.0, axis=-1)
    across = axis - np.sum(axis * unit, axis=-1, keepdims=True) * unit
    side: Float64s = across / np.maximum(_norms(across), _TINY)
    return side


def _norms(z: Float64s) -> Float64s:
    norms: Float64s = np.linalg.norm(z, axis=-1, keepdims=True)
    return norms


def _wide(z: Floats) -> Float64s:
    return np.asarray(z, dtype=np.float64)


def _check_same_space(a: Floats, b: Floats) -> None:
    if a.ndim == 0 or a.shape != b.shape:
        raise LatentError(
            f"Points of the shapes {list(a.shape)} and {list(b.shape)} are not of one latent "
            "space: give both of one generator."
        )
