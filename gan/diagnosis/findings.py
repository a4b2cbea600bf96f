"""Looking at a run's numbers and saying what is the matter, with the evidence.

Maths layer. `diagnose` is a function of the history and the configuration: the worker calls it
while a run trains, and anybody may call it on a finished one.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from gan.config import RunConfig
from gan.diagnosis.catalog import FINDINGS
from gan.diagnosis.history import History
from gan.diagnosis.rules import RULES, holding
from gan.diagnosis.signs import measure_signs, recent_from

_STRIDE = 0.1  # of the run, between two looks back
_N_LOOKS_BACK = 8


@dataclass(frozen=True)
class Finding:
    """What was found.

    Attributes:
        name: a key of `gan.diagnosis.catalog.FINDINGS`.
        first_step, last_step: the stretch of the curves that shows it.
        evidence: one sentence with the numbers.
        keys: the metric keys whose curves show it.
    """

    name: str
    first_step: int
    last_step: int
    evidence: str
    keys: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data that JSON can hold."""
        return asdict(self) | {"keys": list(self.keys)}

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Self:
        """Read what `to_dict` returned. Raises TypeError or KeyError if it is something else."""
        return cls(**{**raw, "keys": tuple(raw["keys"])})


def diagnose(history: History, config: RunConfig) -> list[Finding]:
    """Return what there is to say about a run by now, trouble first; empty early in a run.

    A finding must have held a tenth of the run ago, too, so that a passing whim is none.

    Args:
        history: the run's numbers so far.
        config: what it trains with, learning rates as they are in force.
    """
    diverged = _divergence(history)
    if diverged is not None:
        history = history.until(diverged.first_step - 1)
    step = history.last_step
    signs = measure_signs(history)
    names = holding(signs, step)
    if names:
        earlier = int((1.0 - _STRIDE) * step)
        names &= holding(measure_signs(history.until(earlier)), earlier)
    found = [_finding(name, history, signs, config) for name in FINDINGS if name in names]
    return found if diverged is None else [diverged, *found]


def _finding(name: str, history: History, signs: dict[str, float], config: RunConfig) -> Finding:
    rule, step = RULES[name], history.last_step
    return Finding(name, _held_since(name, history), step, rule.evidence(signs, config), rule.keys)


def _held_since(name: str, history: History) -> int:
    """Return where the stretch of the run in which a rule has held begins."""
    step = first = history.last_step
    for k in range(1, _N_LOOKS_BACK):
        earlier = int((1.0 - k * _STRIDE) * step)
        if name not in holding(measure_signs(history.until(earlier)), earlier):
            break
        first = earlier
    return recent_from(first)


def _divergence(history: History) -> Finding | None:
    for key, curve in history.curves.items():
        if not curve.is_finite:
            step = int(curve.steps[np.flatnonzero(~np.isfinite(curve.values))[0]])
            return Finding(
                "divergence", step, step, f"{key} is not a finite number at step {step:,}.", (key,)
            )
    return None
