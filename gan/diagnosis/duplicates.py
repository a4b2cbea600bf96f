"""Remedies that need a changed duplicate of the run: objective, regularisers, networks, data.

Maths layer, for `gan.diagnosis.remedies` only: each function returns label, reason and changes, or
None where it makes no sense for the configuration.
"""

from typing import Any

from gan.config import RunConfig
from gan.config.loss import LABELLED
from gan.diagnosis.rates import Made, equal_rates
from gan.fields import get_value

# ---- the objective and its regularisers: a changed duplicate -------------------------------------


def non_saturating(config: RunConfig) -> Made:
    if config.loss.name != "minimax":
        return None
    return (
        "Use the non-saturating loss",
        "It has the same end point, and its slope is steepest where D is surest (Goodfellow et "
        "al., 2014, section 3).",
        {"loss.name": "bce"},
    )


def relativistic(_config: RunConfig) -> Made:
    return (
        "Use relativistic pairing with R1 and R2",
        "Each generated picture is held against a real one, so no single picture can fool D for "
        "all z; the penalties keep D smooth (Huang et al., 2024).",
        {
            "loss.name": "relativistic",
            "loss.r1_gamma": 1.0,
            "loss.r2_gamma": 1.0,
            "loss.gp_weight": 0.0,
            "loss.weight_clip": 0.0,
            "loss.real_label": 1.0,
            "loss.label_flip": 0.0,
            "model.d_norm": "none",
            "model.d_norm_first": False,
            "train.separate_d_updates": False,
        },
    )


def balanced_relativistic(config: RunConfig) -> Made:
    made = relativistic(config)
    rates = equal_rates(config)
    if made is None or rates is None:
        return made
    return (
        "Use relativistic pairing with R1 and R2, at equal rates",
        made[1],
        made[2] | rates[2],
    )


def r1(config: RunConfig) -> Made:
    gamma = 2 * config.loss.r1_gamma or 1.0
    changes: dict[str, Any] = {"loss.r1_gamma": gamma, "train.separate_d_updates": False}
    if config.loss.name == "relativistic":
        changes["loss.r2_gamma"] = 2 * config.loss.r2_gamma or 1.0
    return (
        f"Add the R1 penalty, γ = {gamma:g}" if not config.loss.r1_gamma else "Double the penalty",
        "D pays for being steep at real pictures, so it comes to rest there instead of running "
        "away (Mescheder et al., 2018).",
        changes,
    )


def gradient_penalty(config: RunConfig) -> Made:
    if config.loss.name != "wasserstein" or config.loss.gp_weight:
        return None
    return (
        "Use the gradient penalty, λ = 10",
        "It bounds the critic's slope where it matters, without cutting its weights (Gulrajani et "
        "al., 2017).",
        {
            "loss.gp_weight": 10.0,
            "loss.weight_clip": 0.0,
            "model.d_norm": "none",
            "model.d_norm_first": False,
            "train.separate_d_updates": False,
        },
    )


def label_smoothing(config: RunConfig) -> Made:
    if config.loss.name not in LABELLED:
        return None
    return (
        "Smooth D's labels to 0.9",
        "D is then never quite sure of itself (Salimans et al., 2016, section 3.4).",
        {"loss.real_label": 0.9},
    )


def no_smoothing(_config: RunConfig) -> Made:
    return (
        "Give D clean labels and pictures",
        "Smoothed or flipped labels and noise keep a discriminator weak.",
        {"loss.real_label": 1.0, "loss.label_flip": 0.0, "loss.instance_noise": 0.0},
    )


def grad_clip(config: RunConfig) -> Made:
    if config.train.grad_clip:
        return None
    return (
        "Clip gradients to length 1",
        "One wild batch can then not throw the networks off.",
        {"train.grad_clip": 1.0},
    )


# ---- networks and data: a changed duplicate ------------------------------------------------------


def one_d_update(_config: RunConfig) -> Made:
    return (
        "Update D once a step",
        "D then learns no more often than G.",
        {"train.d_steps": 1},
    )


def more_d_updates(config: RunConfig) -> Made:
    if config.train.order == "simultaneous":
        return None
    n = min(10, 2 * config.train.d_steps)
    return (
        f"Update D {n} times a step",
        "D keeps up with what G tries, and says more precisely what is wrong.",
        {"train.d_steps": n},
    )


def wider_d(config: RunConfig) -> Made:
    if config.model.d_widths is None:
        return None
    least = 256 if config.model.name == "mlp" else 32
    widths = tuple(min(4096, max(least, 2 * width)) for width in config.model.d_widths)
    return (
        "Make D wider",
        "A larger discriminator sees differences that a small one cannot.",
        {"model.d_widths": widths},
    )


def wider_g(config: RunConfig) -> Made:
    if config.model.g_widths is None:
        return None
    least = 128 if config.model.name == "mlp" else 32
    widths = tuple(min(4096, max(least, 2 * width)) for width in config.model.g_widths)
    return (
        "Make G wider",
        "A larger generator can draw what a small one has no room for.",
        {"model.g_widths": widths, "model.latent_dim": max(64, config.model.latent_dim)},
    )


def less_momentum(config: RunConfig) -> Made:
    players = [
        player
        for player in ("g_opt", "d_opt")
        if (get_value(config, f"{player}.beta1") or 0.0) > 0.0
    ]
    if not players:
        return None
    return (
        "Set β₁ to 0",
        "Without momentum the networks do not shoot past each other.",
        {f"{player}.beta1": 0.0 for player in players},
    )


def alternate(config: RunConfig) -> Made:
    if config.train.order != "simultaneous":
        return None
    return (
        "Let D learn first, then G",
        "When both move at once, they circle around the goal (Mescheder et al., 2018).",
        {"train.order": "d-first"},
    )


def constant_rate(config: RunConfig) -> Made:
    if config.train.lr_schedule == "constant":
        return None
    return (
        "Keep the learning rate constant",
        "The schedule has brought it too near to nothing.",
        {"train.lr_schedule": "constant"},
    )


def no_rate_decay(config: RunConfig) -> Made:
    changes = {
        f"{player}.lr_decay": 0.0
        for player in ("g_opt", "d_opt")
        if get_value(config, f"{player}.lr_decay")
    }
    if not changes:
        return None
    return "Turn the optimiser's rate decay off", "The rate has fallen to nearly nothing.", changes


def usual_adam(config: RunConfig) -> Made:
    if config.g_opt.name == "adam" and config.d_opt.name == "adam":
        return None
    return (
        "Use Adam for both networks",
        "Adam adapts each weight's step and is the usual choice for GANs.",
        {"g_opt.name": "adam", "d_opt.name": "adam"},
    )


def augment(config: RunConfig) -> Made:
    if config.train.augment == "translation-cutout":
        return None
    return (
        "Augment with shifts and holes",
        "D never sees the same picture twice, so G gains nothing from repeating one (DiffAugment, "
        "Zhao et al., 2020).",
        {"train.augment": "translation-cutout"},
    )


def more_images(config: RunConfig) -> Made:
    if config.data.n_images is None:
        return None
    return (
        "Use all pictures of the data set",
        "With more pictures it is easier to learn what they share than to remember each.",
        {"data.n_images": None},
    )


def mirror(_config: RunConfig) -> Made:
    return (
        "Mirror pictures at random",
        "It doubles the data where left and right do not matter.",
        {"data.flip": True},
    )


def smaller_g(config: RunConfig) -> Made:
    if config.model.g_widths is None:
        return None
    widths = tuple(max(8, width // 2) for width in config.model.g_widths)
    return (
        "Make G narrower",
        "A smaller generator has no room to remember every picture.",
        {"model.g_widths": widths},
    )
