"""What happens when in a run: how learning rates change, when grids are drawn.

Motion layer. References: Goyal et al., Accurate, Large Minibatch SGD, 2017, section 2.2 (warm-up);
Loshchilov and Hutter, SGDR, 2017, equation 5 (cosine).
"""

import math
from dataclasses import dataclass

from gan.config import TrainConfig


@dataclass(frozen=True)
class LiveValues:
    """What may change while a run trains; a checkpoint carries the values in force."""

    g_lr: float
    d_lr: float
    n_steps: int
    max_steps_per_s: float | None


def changes_rates(train: TrainConfig) -> bool:
    """Tell whether a run's learning rates move by themselves."""
    return train.lr_schedule != "constant" or train.lr_warmup_steps > 0


def rates_due(train: TrainConfig, step: int, live: LiveValues) -> dict[str, float]:
    """Return the learning rates of the step after `step` where a schedule moves them."""
    if not changes_rates(train):
        return {}
    factor = rate_factor(train, step, live.n_steps)
    return {"lr/g": live.g_lr * factor, "lr/d": live.d_lr * factor}


def rate_factor(train: TrainConfig, step: int, n_steps: int) -> float:
    """Return the share of the full learning rate for the step after `step` of `n_steps`.

    It rises linearly over the warm-up, then falls from 1 to `lr_final` at the planned end. A run
    that is extended or shortened follows its new end from then on.
    """
    warmup = train.lr_warmup_steps
    if step < warmup:
        return (step + 1) / (warmup + 1)
    if train.lr_schedule == "constant":
        return 1.0
    progress = min(1.0, (step - warmup) / max(1, n_steps - 1 - warmup))
    left = (
        1.0 - progress if train.lr_schedule == "linear" else (1 + math.cos(math.pi * progress)) / 2
    )
    return train.lr_final + (1.0 - train.lr_final) * left


def samples_are_due(step: int, sample_every: int, n_steps: int) -> bool:
    """Tell whether a grid is drawn after `step`: regularly, at the end, and densely at first."""
    if step % sample_every == 0 or step == n_steps:
        return True
    leading = step
    while leading % 10 == 0:
        leading //= 10
    return step < sample_every and leading in (1, 2, 5)
