"""Classes laid out as a ring: a map on which each class of the data is a hill of its own.

Maths layer. Two principal components cannot keep ten classes apart. Here every class has a place on
a circle, and a sample lies at the mean of these places, weighted by the probabilities that a
classifier gives it: near a class's place if it is a clear case, between two that it resembles, in
the middle if it is like nothing. Fitted on real samples only, so the map stands still while a
generator learns.

Source: Hoffman, Grinstein, Marx, Grosse and Stanley, DNA visual and analytic data mining, 1997
(RadViz), with a classifier's probabilities as dimensions.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan.metrics.checks import Features, Float64s, check_features

_CLEAR = 0.75  # median probability of the likeliest class of real samples: room within a hill
_COOLEST, _WARMEST = 2.0**-6, 2.0**10


@dataclass(frozen=True, eq=False)
class Ring:
    """Where a classifier's opinions are projected to.

    Attributes:
        places: `[C, 2]`, of the classes on the unit circle; classes that are mistaken for each
            other are neighbours.
        temperature: logits are divided by it before they become probabilities, since classifiers
            are so sure that all samples would lie on a few points.
        n_real: samples it was fitted on.
    """

    places: Float64s
    temperature: float
    n_real: int

    def project(self, logits: Features) -> Float64s:
        """Return coordinates `[N, 2]` of logits `[N, C]`. Raises MetricError."""
        array = check_features(logits, "given")
        points: Float64s = _probabilities(array, self.temperature) @ self.places
        return points


def fit_ring(real_logits: Features) -> Ring:
    """Fit the ring on a classifier's logits of real samples, `[N, C]`. Raises MetricError."""
    array = check_features(real_logits, "real")
    temperature = _fit_temperature(array)
    order = _order(_probabilities(array, temperature))
    angles = np.empty(len(order))
    angles[order] = np.pi / 2 - 2 * np.pi * np.arange(len(order)) / len(order)  # clockwise from top
    return Ring(np.stack([np.cos(angles), np.sin(angles)], axis=1), temperature, len(array))


def _probabilities(logits: Features, temperature: float) -> Float64s:
    wide = logits.astype(np.float64) / temperature
    odds = np.exp(wide - wide.max(axis=1, keepdims=True))
    shares: Float64s = odds / odds.sum(axis=1, keepdims=True)
    return shares


def _fit_temperature(logits: Features) -> float:
    """Return the temperature at which the typical sample is as clear a case as `_CLEAR`."""
    low, high = _COOLEST, _WARMEST
    for _ in range(30):
        middle = float(np.sqrt(low * high))
        if np.median(_probabilities(logits, middle).max(axis=1)) > _CLEAR:
            low = middle
        else:
            high = middle
    return float(np.sqrt(low * high))


def _order(probabilities: Float64s) -> NDArray[np.intp]:
    """Return the classes in the order of the ring: from each to the one it is taken for most."""
    alike: NDArray[Any] = probabilities.T @ probabilities
    size = np.sqrt(np.maximum(np.diag(alike), 1e-12))
    alike = alike / size / size[:, None]
    order = [0]
    left = list(range(1, len(alike)))
    while left:
        following = max(left, key=lambda c: alike[order[-1], c])
        order.append(following)
        left.remove(following)
    return np.asarray(order)
