"""Remedies that change learning rates, which a worker can do while the run trains.

Maths layer, for `gan.diagnosis.remedies` only: each function returns label, reason and changes, or
None where it makes no sense for the configuration.
"""

from typing import Any

from gan.config import RunConfig

Made = tuple[str, str, dict[str, Any]] | None
"""Label, why, changes; None where the remedy makes no sense for the configuration."""

_USUAL_LR = 2e-4  # Adam's in the DCGAN paper


def slower_d(config: RunConfig) -> Made:
    lr = _rounded(config.d_opt.lr / 3)
    return (
        f"Lower D's learning rate to {lr:g}",
        "A slower discriminator leaves the generator time to catch up.",
        {"d_opt.lr": lr},
    )


def faster_d(config: RunConfig) -> Made:
    lr = _rounded(min(1.0, max(3 * config.d_opt.lr, config.g_opt.lr)))
    return (
        f"Raise D's learning rate to {lr:g}",
        "A quicker discriminator finds differences that the generator can learn from.",
        {"d_opt.lr": lr},
    )


def slower_g(config: RunConfig) -> Made:
    lr = _rounded(min(config.g_opt.lr / 3, config.d_opt.lr))
    return (
        f"Lower G's learning rate to {lr:g}",
        "A slower generator cannot run to the one picture that fools D before D sees through it.",
        {"g_opt.lr": lr},
    )


def equal_rates(config: RunConfig) -> Made:
    if config.g_opt.name != config.d_opt.name or config.g_opt.lr == config.d_opt.lr:
        return None
    lr = min(config.g_opt.lr, max(config.d_opt.lr, _USUAL_LR))
    return (
        f"Give both networks the learning rate {lr:g}",
        "Neither network then runs away from the other.",
        {"g_opt.lr": lr, "d_opt.lr": lr},
    )


def slower_both(config: RunConfig) -> Made:
    g, d = _rounded(config.g_opt.lr / 3), _rounded(config.d_opt.lr / 3)
    return (
        "Divide both learning rates by 3",
        "Shorter steps no longer jump over what they look for.",
        {"g_opt.lr": g, "d_opt.lr": d},
    )


def much_slower_both(config: RunConfig) -> Made:
    g, d = _rounded(config.g_opt.lr / 10), _rounded(config.d_opt.lr / 10)
    return (
        "Divide both learning rates by 10",
        "When steps are far too long, a third of them is still too long.",
        {"g_opt.lr": g, "d_opt.lr": d},
    )


def faster_both(config: RunConfig) -> Made:
    g, d = (_rounded(min(1.0, 3 * opt.lr)) for opt in (config.g_opt, config.d_opt))
    return (
        "Multiply both learning rates by 3",
        "Longer steps get there in the planned time.",
        {"g_opt.lr": g, "d_opt.lr": d},
    )


def usual_rates(config: RunConfig) -> Made:
    if config.g_opt.name != "adam" or config.d_opt.name != "adam":
        return None
    return (
        f"Set both learning rates to {_USUAL_LR:g}",
        "Adam's usual rate for GANs is a safe place to start from.",
        {"g_opt.lr": _USUAL_LR, "d_opt.lr": _USUAL_LR},
    )


def _rounded(lr: float) -> float:
    """Return a rate with two digits, as people write it."""
    return float(f"{lr:.1e}")
