"""Looking at a run's numbers and saying what is the matter, with the evidence.

Maths layer. `diagnose` is a function of the history and the configuration: the worker calls it
while a run trains, and anybody may call it on a finished one.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from gan.config import RunConfig
from gan.diagnosis.history import History


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
    """Return what there is to say about a run by now, trouble first; empty early in a run."""
    found = (detect(history, config) for detect in DETECTORS.values())
    return [finding for finding in found if finding is not None]


Detector = Callable[[History, RunConfig], Finding | None]


def _divergence(history: History, _config: RunConfig) -> Finding | None:
    for key, curve in history.curves.items():
        if not curve.is_finite:
            step = int(curve.steps[np.flatnonzero(~np.isfinite(curve.values))[0]])
            return Finding(
                "divergence", step, step, f"{key} is not a finite number at step {step:,}.", (key,)
            )
    return None


DETECTORS: dict[str, Detector] = {"divergence": _divergence}
