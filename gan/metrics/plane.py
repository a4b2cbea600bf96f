"""Features laid out on a page: two principal components of the real set, and its density hills.

Maths layer. The components are fitted on real features only, so the map stands still while the
generator learns, and generated samples move over it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter  # type: ignore[import-untyped]

from gan.metrics.checks import Features, Float64s, MetricError, check_features
from gan.metrics.moments import Moments, measure_moments
from gan.metrics.symmetric import eigenvectors


@dataclass(frozen=True, eq=False)
class Plane:
    """Where features are projected to.

    Attributes:
        mean: `[F]`, of the real features.
        axes: `[2, F]`, orthonormal, the larger variance first, each with its largest entry above
            0 so that the picture does not flip; a row of zeros for a single feature.
        explained: share of the real variance along each axis, two values.
        n_real: samples it was fitted on.
    """

    mean: Float64s
    axes: Float64s
    explained: tuple[float, float]
    n_real: int

    def project(self, features: Features) -> Float64s:
        """Return coordinates `[N, 2]` of features `[N, F]`. Raises MetricError."""
        array = check_features(features, "given")
        if array.shape[1] != len(self.mean):
            raise MetricError(
                f"The map was fitted on {len(self.mean)} features, and these samples have "
                f"{array.shape[1]}: take both from the same network."
            )
        points: Float64s = array @ self.axes.T - self.mean @ self.axes.T
        return points

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything as plain arrays, for `numpy.savez`."""
        return {
            "mean": self.mean,
            "axes": self.axes,
            "explained": np.asarray(self.explained),
            "n_real": np.asarray(self.n_real, dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Plane":
        """Make the record again from `to_arrays`. Raises MetricError if the arrays do not fit."""
        try:
            first, second = (float(share) for share in arrays["explained"])
            plane = cls(arrays["mean"], arrays["axes"], (first, second), int(arrays["n_real"]))
        except (KeyError, TypeError, ValueError) as error:
            raise MetricError(f"These arrays hold no map ({error}): fit it anew.") from error
        if plane.axes.shape != (2, *plane.mean.shape):
            raise MetricError(
                f"Axes of shape {plane.axes.shape} do not fit a mean of shape {plane.mean.shape}: "
                "fit the map anew."
            )
        return plane


def fit_plane(real: Features | Moments) -> Plane:
    """Fit the two principal components of real features `[N, F]`. Raises MetricError."""
    moments = real if isinstance(real, Moments) else measure_moments(real, "real")
    values, vectors = eigenvectors(moments.covariance)  # ascending
    axes = np.zeros((2, len(values)))
    axes[: min(2, len(values))] = vectors[:, ::-1].T[:2]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)  # [2, 1]
    axes *= np.where(largest < 0, -1, 1)
    total = float(values.sum())
    shares = [max(0.0, float(value)) / total if total > 0 else 0.0 for value in values[::-1][:2]]
    first, second = (*shares, 0.0)[:2]
    return Plane(moments.mean, axes, (first, second), moments.n)


@dataclass(frozen=True, eq=False)
class Hills:
    """Density of points on a grid, for a contour chart.

    Attributes:
        x, y: `[n_grid]`, where the grid lies.
        density: `[n_grid, n_grid]`, row by row of y, per unit of area; its sum times a cell's area
            is 1, but for points outside.
        n: how many points. A smoothed density is biased: peaks too low, valleys too high.
    """

    x: Float64s
    y: Float64s
    density: Float64s
    n: int


def density_hills(
    points: Float64s,
    *,
    n_grid: int = 96,
    bounds: tuple[float, float, float, float] | None = None,
    bandwidth: float = 1.0,
) -> Hills:
    """Return the smoothed density of points `[N, 2]` on a grid.

    A histogram smoothed by a Gaussian: what a kernel density estimate gives, in time that does not
    grow with points × cells.

    Args:
        bounds: x from, to, y from, to; by default the points and a tenth more on each side.
        bandwidth: in units of Scott's rule, n^(−1/6) standard deviations of each axis.

    Raises:
        MetricError: points are not finite floats `[N, 2]`.

    Source: Scott, Multivariate density estimation, 1992, equation 6.42.
    """
    array = check_features(points, "given")
    if array.shape[1] != 2 or n_grid < 2 or bandwidth <= 0:
        raise MetricError(
            f"Points of shape {array.shape} on {n_grid} × {n_grid} cells with bandwidth "
            f"{bandwidth} give no hills: give points [N, 2], two cells or more and a bandwidth "
            "above 0."
        )
    edges = [
        np.linspace(low, high, n_grid + 1)
        for low, high in (_limits(array, bounds, axis) for axis in (0, 1))
    ]
    counts, _, _ = np.histogram2d(array[:, 1], array[:, 0], bins=[edges[1], edges[0]])
    steps = [float(edge[1] - edge[0]) for edge in edges]
    spread = array.std(axis=0, dtype=np.float64) * len(array) ** (-1 / 6) * bandwidth
    widths = [max(0.5, float(spread[axis]) / steps[axis]) for axis in (1, 0)]  # in cells
    smooth = gaussian_filter(counts, widths, mode="constant")
    x, y = ((edge[:-1] + edge[1:]) / 2 for edge in edges)
    return Hills(x, y, smooth / (len(array) * steps[0] * steps[1]), len(array))


def _limits(
    points: Features, bounds: tuple[float, float, float, float] | None, axis: int
) -> tuple[float, float]:
    """Return where the grid starts and ends along an axis."""
    if bounds is not None:
        low, high = bounds[2 * axis : 2 * axis + 2]
        if not low < high:
            raise MetricError(f"A map cannot reach from {low} to {high}: give the lower one first.")
        return low, high
    low, high = float(points[:, axis].min()), float(points[:, axis].max())
    margin = (high - low) / 10 or 0.5
    return low - margin, high + margin
