"""The few numbers that tell troubles apart, free of the loss's and of the network's scale.

Maths layer. A sign looks at the newest stretch of a run (its last fifth, and 150 steps at least),
so that it forgets what is over; where it compares, it compares the run with itself.
"""

import math

import numpy as np

from gan.diagnosis.history import Curve, Float64, History

_RECENT_SHARE, _RECENT_STEPS = 0.2, 150
_N_BUCKETS = 48
_SWING_SHARE = 0.6  # of the run, newest part, in which swings are sought

SIGNS: dict[str, str] = {
    "separation": "how far D holds real and generated pictures apart, in spreads of its scores",
    "gradient": "G's gradient norm, as a multiple of the one at the very start",
    "climb": "the smaller of the two networks' gradient norms, as multiples of those at the start",
    "variety": "how far the grid's pictures are from the one most like them, as a share of real",
    "drift": "how far G is from its average, as a share of the distance of two real pictures",
    "moved": "the largest drift so far: whether G has ever set out from where it began",
    "recall": "the share of real pictures that lie among the samples",
    "novelty": "how far samples are from training images, as a share of how far these are apart",
    "gain": "the part of the distance that was lost since the middle of the run",
    "swing": "the height of slow swings of the separation, relative to its own height",
    "turns": "how often those swings change their direction",
    "g_rise": "G's loss now less in the middle of the run, in its spreads there",
}
"""What each sign says; one that cannot be had is absent."""


def measure_signs(history: History) -> dict[str, float]:
    """Return the signs of a run as it is now, those of `SIGNS` that its numbers allow."""
    g_norm, d_norm = history.curve("grad/g_norm"), history.curve("grad/d_norm")
    step = history.last_step
    signs = {
        "separation": _recent(history.curve("balance/separation"), step),
        "gradient": _grown(g_norm, step),
        "climb": min(_grown(g_norm, step), _grown(d_norm, step), key=_nan_last),
        "variety": _recent(history.curve("samples/diversity"), step),
        "drift": _recent(history.curve("samples/drift"), step),
        "moved": _largest(history.curve("samples/drift")),
        "recall": _recent(history.curve("quality/recall"), step),
        "novelty": _recent(history.curve("quality/novelty"), step),
        "gain": _gain(history.curve("quality/distance"), step),
        "g_rise": _rise(history.curve("loss/g"), step),
    }
    signs["swing"], signs["turns"] = _swings(history.curve("balance/separation"), step)
    return {name: value for name, value in signs.items() if math.isfinite(value)}


def recent_from(step: int) -> int:
    """Return the step at which the newest stretch of a run of this length begins."""
    return max(0, step - max(_RECENT_STEPS, int(_RECENT_SHARE * step)))


def _recent(curve: Curve, step: int) -> float:
    values = curve.between(recent_from(step), step).values
    return float(np.median(values)) if len(values) else math.nan


def _largest(curve: Curve) -> float:
    return float(np.max(curve.values)) if len(curve) else math.nan


def _middle(curve: Curve, step: int) -> Float64:
    return curve.between(0.3 * step, 0.6 * step).values


def _grown(curve: Curve, step: int) -> float:
    return _recent(curve, step) / curve.start if curve.start > 0.0 else math.nan


def _nan_last(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _gain(curve: Curve, step: int) -> float:
    """Return by which share the median fell between the middle of the run and now."""
    before = _middle(curve, step)
    if not len(before):
        return math.nan
    middle = float(np.median(before))
    return 1.0 - _recent(curve, step) / middle if middle > 0.0 else math.nan


def _rise(curve: Curve, step: int) -> float:
    before = _middle(curve, step)
    if len(before) < 3:
        return math.nan
    return (_recent(curve, step) - float(np.median(before))) / max(float(before.std()), 1e-9)


def _swings(curve: Curve, step: int) -> tuple[float, float]:
    """Return height and number of slow swings; fast ones are noise and cancel in the buckets.

    The height is the deviation from a straight line, times the correlation of neighbouring
    buckets, which is about 0 for noise; a separation far from 0 swings more without a meaning.
    """
    values = curve.between((1.0 - _SWING_SHARE) * step, step).values
    if len(values) < 2 * _N_BUCKETS:
        return math.nan, math.nan
    bucketed = np.array([part.mean() for part in np.array_split(values, _N_BUCKETS)])
    places = np.arange(_N_BUCKETS)
    bent = bucketed - np.polyval(np.polyfit(places, bucketed, 1), places)
    deviation = float(bent.std())
    if not 1e-9 < deviation < math.inf:
        return 0.0, 0.0
    smoothness = max(0.0, float(np.corrcoef(bent[:-1], bent[1:])[0, 1]))
    sides = np.sign(bent[np.abs(bent) > deviation / 2])
    turns = float((sides[1:] != sides[:-1]).sum())
    return deviation * smoothness / (1.0 + abs(float(bucketed.mean()))), turns
