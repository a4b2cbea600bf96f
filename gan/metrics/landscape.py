"""Where pictures lie on a map of two dimensions that is fitted on real ones.

Maths layer. With a classifier of a few classes these form a ring, a hill for each; else two
principal components of the real features span the map. Either stands still while a generator
learns.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gan.metrics.checks import Features, Float64s
from gan.metrics.plane import Hills, Plane, density_hills, fit_plane
from gan.metrics.ring import Ring, fit_ring

_MAX_ON_RING = 20
_RING_BANDWIDTH = 0.5  # narrower hills than of a single cloud: there are many
_RING_EDGE = 1.08
_LABEL_RADIUS = 1.16


@dataclass(frozen=True, eq=False)
class Landscape:
    """A map that pictures can be placed on.

    Attributes:
        layout: how features or logits become places.
        real: `[N, 2]`, where the real pictures lie that it was fitted on.
    """

    layout: Ring | Plane
    real: Float64s

    @property
    def kind(self) -> str:
        """Which map it is: `ring` or `plane`."""
        return "ring" if isinstance(self.layout, Ring) else "plane"

    def place(self, features: Features, logits: Features | None) -> Float64s:
        """Return places `[N, 2]` of pictures by their features and, on a ring, their logits."""
        if isinstance(self.layout, Plane):
            return self.layout.project(features)
        assert logits is not None  # a ring was fitted on the same network's
        return self.layout.project(logits)

    def hills(self, others: Float64s) -> Hills:
        """Return the density of the real pictures, in a frame that shows most of `others` too."""
        if isinstance(self.layout, Ring):
            bounds = (-_RING_EDGE, _RING_EDGE, -_RING_EDGE, _RING_EDGE)
            return density_hills(self.real, bounds=bounds, bandwidth=_RING_BANDWIDTH)
        return density_hills(self.real, bounds=_bounds(self.real, others))

    def labels(self, classes: tuple[str, ...]) -> list[dict[str, Any]]:
        """Return each class's name and where it is to be written, `{"name", "x", "y"}`."""
        if isinstance(self.layout, Plane):
            return []
        return [
            {"name": name, "x": float(x), "y": float(y)}
            for name, (x, y) in zip(classes, _LABEL_RADIUS * self.layout.places, strict=False)
        ]


def fit_landscape(features: Features, logits: Features | None) -> Landscape:
    """Fit a map on real pictures.

    Args:
        features: `[N, F]`.
        logits: `[N, C]` of a classifier of the data's classes; None if there is none. Those of
            parts of pictures, `[N, C, parts]`, or of very many classes make no ring.

    Raises:
        MetricError: they are not finite, or too few.
    """
    if logits is not None and logits.ndim == 2 and logits.shape[1] <= _MAX_ON_RING:
        ring = fit_ring(logits)
        return Landscape(ring, ring.project(logits))
    plane = fit_plane(features)
    return Landscape(plane, plane.project(features))


def _bounds(
    real: npt.NDArray[np.float64], others: npt.NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Return a frame around nearly all points: a few that lie far off must not shrink the rest."""
    edges: list[float] = []
    for axis in (0, 1):
        low, high = (
            float(fold(np.quantile(points[:, axis], share) for points in (real, others)))
            for fold, share in ((min, 0.002), (max, 0.998))
        )
        margin = (high - low) / 8 or 0.5
        edges += [low - margin, high + margin]
    return edges[0], edges[1], edges[2], edges[3]
