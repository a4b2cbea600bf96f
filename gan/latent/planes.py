"""Planes in latent space: through three points, or along two directions from one.

Maths layer, without torch. A place on a plane is a pair (u, v); the points that a plane was made of
are on it to the bit.
"""

from dataclasses import dataclass

import numpy as np

from gan.latent.points import Float64s, Floats, LatentError, shell_radius

_SMALLEST = 0.25  # of the shell's radius: nearer to 0 no place of a bent plane is brought


@dataclass(frozen=True, eq=False)
class LatentPlane:
    """A plane.

    Attributes:
        points: `[3, D]`: where (u, v) is (0, 0), (1, 0) and (0, 1).
    """

    points: Floats

    def __post_init__(self) -> None:
        if self.points.ndim != 2 or len(self.points) != 3:
            raise LatentError(
                f"Points of shape {list(self.points.shape)} make no plane: give three, [3, D]."
            )

    def z(self, places: Float64s, *, keep_norm: bool = False) -> Floats:
        """Return the points `[N, D]` at places `[N, 2]`.

        Args:
            places: u and v of each.
            keep_norm: bend the plane, so that the distance from 0 is what lies between those of
                the three points; then it follows the shell where z live. Far outside, where that
                would fall to nothing, a quarter of the shell's radius is kept.
        """
        u, v = np.asarray(places, dtype=np.float64).reshape(-1, 2).T
        weights = np.stack([1.0 - u - v, u, v], axis=1)
        wide = self.points.astype(np.float64)
        flat = weights @ wide
        if keep_norm:
            flat = self._bent(flat, weights @ np.linalg.norm(wide, axis=1))
        z = flat.astype(self.points.dtype)
        for corner, point in zip(np.eye(3), self.points, strict=True):
            z[(weights == corner).all(axis=1)] = point
        return z

    def _bent(self, flat: Float64s, wanted: Float64s) -> Float64s:
        norms = np.linalg.norm(flat, axis=1)
        radius = np.maximum(wanted, _SMALLEST * shell_radius(flat.shape[1]))
        bent: Float64s = flat * np.where(norms > 0, radius / np.maximum(norms, 1e-12), 1.0)[:, None]
        return bent


def plane_along(z: Floats, across: Floats, up: Floats) -> LatentPlane:
    """Return the plane at `z` `[D]` along two directions `[D]`, in whose lengths u and v count."""
    return LatentPlane(np.stack([z, z + across, z + up]).astype(z.dtype))
