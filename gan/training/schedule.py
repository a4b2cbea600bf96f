"""How learning rates change over a run.

Motion layer. References: Goyal et al., Accurate, Large Minibatch SGD, 2017, section 2.2 (warm-up);
Loshchilov and Hutter, SGDR, 2017, equation 5 (cosine).
"""

import math

from gan.config import TrainConfig


def changes_rates(train: TrainConfig) -> bool:
    """Tell whether a run's learning rates move by themselves."""
    return train.lr_schedule != "constant" or train.lr_warmup_steps > 0


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
