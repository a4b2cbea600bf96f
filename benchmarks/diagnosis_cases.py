"""Runs whose trouble is known: broken on purpose, or healthy.

Two sets that share no seed and no recipe: thresholds are fitted on one and reported on the other.
Every case is small enough for one thread and some seconds.
"""

from dataclasses import dataclass
from typing import Any, Literal

from gan.config import RunConfig

Changes = dict[str, Any]
Part = Literal["fit", "report"]
HEALTHY = "healthy"


@dataclass(frozen=True)
class Case:
    """One run: what is the matter with it, or `healthy`, and how it is made."""

    truth: str
    variant: str
    part: Part
    seed: int
    config: RunConfig

    @property
    def name(self) -> str:
        return f"{self.part}-{self.truth}-{self.variant}-{self.seed}"


BASE: Changes = {
    "data.dataset": "fashion-mnist",
    "model.latent_dim": 32,
    "model.g_widths": [64, 128],
    "model.d_widths": [128, 64],
    "train.batch_size": 64,
    "train.n_steps": 1000,
    "train.n_threads": 1,
    "train.device": "cpu",
    "output.report_every": 50,
    "output.report_interval_s": 0.0,
    "output.sample_every": 50,
    "quality.every": 125,
    "quality.n_samples": 500,
    "quality.max_share": 1.0,
}

# Data sets; those for the report have another size, so that no picture is the same.
FASHION: Changes = {"data.size_px": 16}
DIGITS: Changes = {
    "data.dataset": "drawn-digits", "data.source": "drawn", "data.n_images": 10_000,
    "data.size_px": 16,
}  # fmt: skip
FASHION_28: Changes = {}
MNIST: Changes = {"data.dataset": "mnist", "data.size_px": 16}
FACES: Changes = {
    "data.dataset": "drawn-faces", "data.source": "drawn", "data.n_images": 4_000,
    "data.size_px": 16,
}  # fmt: skip

FASHION_20: Changes = FASHION | {"data.size_px": 20}
DIGITS_20: Changes = DIGITS | {"data.size_px": 20}
MNIST_20: Changes = MNIST | {"data.size_px": 20}
FACES_20: Changes = FACES | {"data.size_px": 20}

# Recipes. Names of sections are short: `g` and `d` are the optimisers.


def adam(g: float, d: float, beta1: float = 0.5, beta2: float = 0.999) -> Changes:
    """Return Adam for both networks at these rates."""
    return {
        "g_opt.lr": g, "d_opt.lr": d, "g_opt.beta1": beta1, "d_opt.beta1": beta1,
        "g_opt.beta2": beta2, "d_opt.beta2": beta2,
    }  # fmt: skip


def optimizer(name: str, g: float, d: float, **more: float) -> Changes:
    """Return one optimiser for both networks."""
    return {
        "g_opt.name": name, "d_opt.name": name, "g_opt.lr": g, "d_opt.lr": d,
        **{f"{who}.{key}": value for who in ("g_opt", "d_opt") for key, value in more.items()},
    }  # fmt: skip


def of(name: str, **more: float | bool) -> Changes:
    """Return an objective with settings of its section, and spectral norm if it is named."""
    sections = {"spectral_norm": "model"}
    return {
        "loss.name": name,
        **{f"{sections.get(key, 'loss')}.{key}": value for key, value in more.items()},
    }


BCE, LSGAN, HINGE, MINIMAX, PAIRING = map(of, ("bce", "lsgan", "hinge", "minimax", "relativistic"))
BCE_R1 = of("bce", r1_gamma=0.5)
SMOOTH = of("bce", real_label=0.9)
MINIMAX_R1 = of("minimax", r1_gamma=2.0)
HINGE_SN = of("hinge", spectral_norm=True)
HINGE_R1 = of("hinge", r1_gamma=1.0)
RELATIVISTIC = of("relativistic", r1_gamma=1.0, r2_gamma=1.0)
WGAN_GP = of("wasserstein", gp_weight=10.0)
WGAN_CLIP = of("wasserstein", weight_clip=0.03)
CLIP_05 = of("wasserstein", weight_clip=0.05)
WGAN_LOOSE = of("wasserstein", weight_clip=10.0)
BARE: Changes = {"model.g_norm": "none"}
SIMULTANEOUS: Changes = {"train.order": "simultaneous"}
G_FIRST: Changes = {"train.order": "g-first", "train.share_z": False}
SEPARATE: Changes = {"train.separate_d_updates": True}


def few(n_images: int) -> Changes:
    """Return so few pictures that they can be learned by heart, and networks that do so."""
    return {
        "data.n_images": n_images, "train.n_steps": 1500, "quality.every": 250,
        "model.g_widths": [128, 256], "model.d_widths": [256, 128],
    }  # fmt: skip


def d_steps(n: int) -> Changes:
    """Return n updates of D in a step."""
    return {"train.d_steps": n}


def widths(*, g: list[int] | None = None, d: list[int] | None = None) -> Changes:
    """Return other widths than the usual ones."""
    pairs = {"model.g_widths": g, "model.d_widths": d}
    return {key: value for key, value in pairs.items() if value is not None}


Variants = dict[str, list[Changes]]
FAST_R1R2 = adam(1e-3, 1e-3, 0.0, 0.99)
FAST_2 = adam(2e-3, 2e-3, 0.0, 0.99)

_FIT: dict[str, Variants] = {
    HEALTHY: {
        "bce": [FASHION, BCE, adam(5e-4, 5e-4)],
        "bce-slow": [FASHION, BCE, adam(2e-4, 2e-4)],
        "bce-digits": [DIGITS, BCE, adam(1e-3, 1e-3)],
        "relativistic": [FASHION, RELATIVISTIC, BARE, FAST_R1R2],
        "relativistic-digits": [DIGITS, RELATIVISTIC, FAST_R1R2],
        "hinge-sn": [FASHION, HINGE_SN, adam(1e-3, 1e-3, 0.0, 0.9)],
        "minimax-r1": [DIGITS, MINIMAX_R1, adam(1e-3, 1e-3, 0.5, 0.99)],
        "wgan-clip": [FASHION, WGAN_CLIP, optimizer("rmsprop", 5e-4, 5e-4)],
    },
    "mode-collapse": {
        "bce": [FASHION, BCE, BARE, adam(3e-3, 3e-4, 0.9)],
        "bce-digits": [DIGITS, BCE, BARE, adam(5e-3, 3e-4, 0.9)],
        "hinge": [FASHION, HINGE, BARE, adam(5e-3, 3e-4, 0.9)],
        "tiny-z": [DIGITS, BCE, BARE, adam(3e-3, 3e-4), {"model.latent_dim": 2}],
    },
    "d-too-strong": {
        "bce": [FASHION, BCE, adam(2e-5, 1e-3)],
        "d3": [DIGITS, BCE, adam(1e-5, 1e-3), d_steps(3)],
        "hinge": [FASHION, HINGE, adam(2e-5, 1e-3)],
        "pairing": [DIGITS, PAIRING, adam(2e-5, 2e-3)],
    },
    "d-too-weak": {
        "slow": [FASHION, BCE, adam(5e-4, 1e-6)],
        "tiny": [DIGITS, BCE, adam(5e-4, 2e-4), widths(d=[2])],
        "flips": [FASHION, of("bce", label_flip=0.48), adam(1e-3, 5e-4)],
        "noise": [DIGITS, of("bce", instance_noise=2.0), adam(1e-3, 2e-4)],
    },
    "vanishing-gradient": {
        "d3": [FASHION, MINIMAX, adam(2e-4, 1e-3), d_steps(3)],
        "d3-digits": [DIGITS, MINIMAX, adam(3e-4, 2e-3), d_steps(3)],
        "wide-d": [FASHION, MINIMAX, adam(1e-4, 2e-3), widths(d=[256, 256])],
        "bare": [DIGITS, MINIMAX, BARE, adam(2e-4, 2e-3)],
    },
    "exploding-gradient": {
        "loose": [FASHION, WGAN_LOOSE, adam(1e-3, 1e-3)],
        "loose-digits": [DIGITS, WGAN_LOOSE, BARE, optimizer("rmsprop", 5e-4, 2e-3)],
        "weak-r1": [FASHION, of("wasserstein", r1_gamma=1e-7), adam(1e-3, 2e-3)],
        "weak-gp": [DIGITS, of("wasserstein", gp_weight=1e-6), adam(2e-3, 5e-3)],
    },
    "oscillation": {
        "bce": [FASHION, BCE, SIMULTANEOUS, BARE, adam(1e-3, 1e-3, 0.95)],
        "clip": [FASHION, CLIP_05, BARE, SIMULTANEOUS, adam(5e-4, 5e-4, 0.9)],
        "hinge": [FASHION, HINGE, SIMULTANEOUS, adam(1e-3, 1e-3, 0.95), widths(d=[32])],
        "sgd": [FASHION, WGAN_CLIP, SIMULTANEOUS, optimizer("sgd", 0.05, 0.05, momentum=0.95)],
    },
    "divergence": {
        "lsgan": [FASHION, LSGAN, BARE, optimizer("sgd", 1.0, 1.0)],
        "momentum": [DIGITS, BCE, BARE, optimizer("sgd", 0.05, 0.05, momentum=0.95)],
        "gp": [FASHION, of("wasserstein", gp_weight=1e4), optimizer("sgd", 0.5, 0.5)],
        "r1": [DIGITS, of("bce", r1_gamma=1e4), optimizer("sgd", 1.0, 1.0)],
    },
    "memorising": {
        "pairing-20": [FASHION, few(20), RELATIVISTIC, FAST_2],
        "bce-16": [DIGITS, few(16), BCE_R1, BARE, FAST_2],
        "hinge-20": [FASHION, few(20), of("hinge", r1_gamma=0.1), FAST_2],
        "pairing-12": [DIGITS, few(12), RELATIVISTIC, FAST_2],
    },
    "stalled": {
        "decay": [FASHION, BCE, optimizer("adagrad", 0.01, 0.01, lr_decay=0.3)],
        "decay-digits": [DIGITS, HINGE_SN, optimizer("adagrad", 0.01, 0.01, lr_decay=0.3)],
        "tiny-g": [FASHION, BCE_R1, adam(1e-3, 1e-3), widths(g=[2])],
        "decay-pairing": [DIGITS, RELATIVISTIC, optimizer("adagrad", 0.01, 0.01, lr_decay=0.5)],
    },
    "lr-too-high": {
        "bce": [FASHION, BCE, adam(0.03, 0.03)],
        "bare": [DIGITS, BCE, BARE, adam(0.02, 0.02)],
        "pairing": [FASHION, RELATIVISTIC, adam(0.05, 0.05, 0.0, 0.99)],
        "hinge": [DIGITS, HINGE_SN, adam(0.05, 0.05, 0.0, 0.9)],
    },
    "lr-too-low": {
        "bce": [FASHION, BCE, adam(2e-6, 2e-6)],
        "bare": [DIGITS, BCE, BARE, adam(3e-6, 3e-6)],
        "pairing": [FASHION, RELATIVISTIC, adam(1e-6, 1e-6, 0.0, 0.99)],
        "sgd": [DIGITS, HINGE_SN, optimizer("sgd", 1e-5, 1e-5)],
    },
}

_FIT_MORE: dict[str, Variants] = {
    HEALTHY: {
        "lsgan": [MNIST, LSGAN, adam(5e-4, 5e-4)],
        "bce-r1": [MNIST, BCE_R1, FAST_R1R2],
        "smooth": [FASHION_28, SMOOTH, SEPARATE, adam(5e-4, 5e-4)],
        "wgan-gp": [MNIST, WGAN_GP, adam(5e-4, 5e-4, 0.0, 0.9)],
        "simultaneous": [FACES, BCE, SIMULTANEOUS, adam(5e-4, 5e-4)],
        "g-first": [FASHION_28, BCE, G_FIRST, adam(5e-4, 5e-4)],
        "conditional": [MNIST, RELATIVISTIC, FAST_R1R2, {"model.conditional": True}],
        "hinge-r1": [FACES, HINGE_R1, adam(1e-3, 1e-3, 0.0, 0.9)],
        "pairing": [FACES, RELATIVISTIC, FAST_R1R2, widths(g=[128, 256], d=[256, 128])],
        "dcgan": [
            MNIST, BCE, adam(5e-4, 5e-4),
            {"model.name": "dcgan", "model.init": "dcgan"}, widths(g=[32, 16], d=[16, 32]),
        ],
    },
    "mode-collapse": {
        "lsgan": [MNIST, LSGAN, BARE, adam(4e-3, 3e-4, 0.9)],
        "smooth": [FACES, SMOOTH, BARE, adam(4e-3, 3e-4, 0.9)],
        "pairing": [MNIST, PAIRING, BARE, adam(5e-3, 3e-4, 0.9)],
        "small-d": [FASHION_28, BCE, BARE, G_FIRST, adam(3e-3, 3e-4, 0.9), widths(d=[32])],
    },
    "d-too-strong": {
        "lsgan": [MNIST, LSGAN, adam(2e-5, 1e-3)],
        "smooth": [FACES, SMOOTH, adam(1e-5, 1e-3)],
        "separate": [FASHION_28, BCE, SEPARATE, adam(2e-5, 1e-3)],
        "hinge-d2": [MNIST, HINGE, adam(1e-5, 1e-3), d_steps(2)],
    },
    "d-too-weak": {
        "lsgan": [MNIST, LSGAN, adam(5e-4, 1e-6)],
        "dropout": [FASHION_28, BCE, adam(5e-4, 1e-5), widths(d=[16]), {"model.d_dropout": 0.9}],
        "pairing": [FACES, PAIRING, adam(5e-4, 2e-6)],
        "tiny": [MNIST, of("hinge", instance_noise=1.0), adam(5e-4, 2e-4), widths(d=[2])],
    },
    "vanishing-gradient": {
        "rmsprop": [MNIST, MINIMAX, optimizer("rmsprop", 1e-4, 1e-3), d_steps(3)],
        "d2": [FACES, MINIMAX, adam(1e-4, 2e-3), d_steps(2)],
        "fashion": [FASHION_28, MINIMAX, adam(1e-4, 2e-3), {"train.share_z": False}],
        "g-first": [MNIST, MINIMAX, G_FIRST, adam(1e-4, 3e-3)],
    },
    "exploding-gradient": {
        "loose": [MNIST, WGAN_LOOSE, adam(1e-3, 3e-3)],
        "weak-r1": [FACES, of("wasserstein", r1_gamma=1e-7), adam(1e-3, 2e-3)],
        "weak-gp-d2": [MNIST, of("wasserstein", gp_weight=1e-6), d_steps(2), adam(1e-3, 2e-3)],
        "weak-gp": [FASHION_28, of("wasserstein", gp_weight=1e-6), adam(1e-3, 2e-3)],
    },
    "oscillation": {
        "clip": [MNIST, CLIP_05, SIMULTANEOUS, BARE, adam(5e-4, 5e-4, 0.9)],
        "bce": [FACES, BCE, BARE, adam(1e-3, 1e-3, 0.9), widths(d=[32])],
        "smooth": [FASHION_28, SMOOTH, SIMULTANEOUS, adam(5e-4, 5e-4, 0.98)],
        "pairing": [FASHION_28, PAIRING, SIMULTANEOUS, BARE, adam(1e-3, 1e-3, 0.95)],
    },
    "divergence": {
        "lsgan-late": [MNIST, LSGAN, optimizer("sgd", 0.1, 0.1, momentum=0.9)],
        "r1": [FACES, of("relativistic", r1_gamma=1e4), optimizer("sgd", 0.5, 0.5)],
        "lsgan": [MNIST, LSGAN, BARE, SIMULTANEOUS, optimizer("sgd", 1.0, 1.0, momentum=0.9)],
        "smooth": [FASHION_28, SMOOTH, BARE, optimizer("sgd", 0.1, 0.1, momentum=0.95)],
    },
    "memorising": {
        "pairing-20": [MNIST, few(20), RELATIVISTIC, BARE, FAST_2],
        "bce-16": [FACES, few(16), BCE_R1, FAST_2],
        "wgan-16": [MNIST, few(16), of("wasserstein", gp_weight=1.0), FAST_2],
        "lsgan-20": [FASHION_28, few(20), of("lsgan", r1_gamma=0.5), FAST_2],
    },
    "stalled": {
        "decay": [MNIST, LSGAN, optimizer("adagrad", 0.01, 0.01, lr_decay=0.3)],
        "tiny-g": [FACES, HINGE_SN, adam(1e-3, 1e-3), widths(g=[2])],
        "decay-wgan": [FASHION_28, WGAN_GP, optimizer("adagrad", 0.01, 0.01, lr_decay=0.3)],
        "tiny-g-pairing": [MNIST, RELATIVISTIC, FAST_R1R2, widths(g=[3])],
    },
    "lr-too-high": {
        "lsgan": [MNIST, LSGAN, adam(0.03, 0.03)],
        "bce-r1": [FACES, BCE_R1, adam(0.05, 0.05)],
        "wgan-gp": [FASHION_28, WGAN_GP, adam(0.05, 0.05, 0.0, 0.9)],
        "rmsprop": [MNIST, SMOOTH, optimizer("rmsprop", 0.02, 0.02)],
    },
    "lr-too-low": {
        "lsgan": [MNIST, LSGAN, adam(2e-6, 2e-6)],
        "wgan-gp": [FACES, WGAN_GP, adam(1e-6, 1e-6, 0.0, 0.9)],
        "bce-r1": [FASHION_28, BCE_R1, adam(3e-6, 3e-6)],
        "rmsprop": [MNIST, SMOOTH, optimizer("rmsprop", 1e-6, 1e-6)],
    },
}  # fmt: skip

_REPORT: dict[str, Variants] = {
    HEALTHY: {
        "hinge-sn": [MNIST_20, HINGE_SN, SIMULTANEOUS, adam(5e-4, 5e-4, 0.0, 0.9)],
        "wgan-gp": [FACES_20, WGAN_GP, adam(1e-3, 1e-3, 0.0, 0.9)],
        "lsgan-r1": [FASHION_20, of("lsgan", r1_gamma=0.2), adam(1e-3, 1e-3)],
        "minimax-r1": [FACES_20, MINIMAX_R1, adam(1e-3, 1e-3)],
        "smooth": [MNIST_20, SMOOTH, adam(5e-4, 5e-4)],
        "noise": [FASHION_20, of("bce", instance_noise=0.2), adam(5e-4, 5e-4)],
        "nadam": [MNIST_20, BCE_R1, optimizer("nadam", 5e-4, 5e-4)],
        "pairing": [DIGITS_20, RELATIVISTIC, FAST_R1R2, {"train.batch_size": 32}],
        "conditional": [FASHION_20, HINGE_SN, adam(1e-3, 1e-3), {"model.conditional": True}],
        "upsample": [
            MNIST, SMOOTH, adam(5e-4, 5e-4), {"model.name": "upsample"},
            widths(g=[24, 12], d=[12, 24]),
        ],
    },
    "mode-collapse": {
        "hinge": [FASHION_20, HINGE, BARE, SIMULTANEOUS, adam(4e-3, 4e-4, 0.9)],
        "smooth": [MNIST_20, SMOOTH, BARE, adam(3e-3, 3e-4, 0.9)],
        "lsgan": [FACES_20, LSGAN, BARE, adam(4e-3, 3e-4, 0.9)],
        "pairing": [DIGITS_20, PAIRING, BARE, adam(4e-3, 3e-4, 0.9)],
    },
    "d-too-strong": {
        "lsgan": [DIGITS_20, LSGAN, adam(1e-5, 1e-3)],
        "wide": [MNIST_20, BCE, adam(1e-5, 1e-3), widths(d=[256, 128])],
        "hinge": [FACES_20, HINGE, adam(1e-5, 1e-3)],
        "pairing": [FASHION_20, PAIRING, adam(1e-5, 2e-3)],
    },
    "d-too-weak": {
        "slow": [MNIST_20, BCE, adam(5e-4, 2e-6)],
        "flips": [FASHION_20, of("lsgan", label_flip=0.48), adam(1e-3, 5e-4)],
        "noise": [FACES_20, of("hinge", instance_noise=2.0), adam(1e-3, 2e-4)],
        "pairing": [DIGITS_20, PAIRING, adam(5e-4, 1e-6)],
    },
    "vanishing-gradient": {
        "g-first": [DIGITS_20, MINIMAX, G_FIRST, adam(1e-4, 2e-3)],
        "d2": [MNIST_20, MINIMAX, adam(1e-4, 1e-3), d_steps(2)],
        "simultaneous": [FASHION_20, MINIMAX, SIMULTANEOUS, adam(1e-4, 3e-3)],
        "rmsprop": [FACES_20, MINIMAX, optimizer("rmsprop", 1e-4, 1e-3)],
    },
    "exploding-gradient": {
        "loose": [DIGITS_20, WGAN_LOOSE, adam(1e-3, 2e-3)],
        "weak-r1": [MNIST_20, of("wasserstein", r1_gamma=1e-7), adam(1e-3, 2e-3)],
        "weak-gp": [FACES_20, of("wasserstein", gp_weight=1e-6), adam(1e-3, 2e-3)],
        "simultaneous": [FASHION_20, WGAN_LOOSE, SIMULTANEOUS, adam(1e-3, 1e-3)],
    },
    "oscillation": {
        "lsgan": [FASHION_20, LSGAN, SIMULTANEOUS, adam(5e-4, 5e-4, 0.98)],
        "clip": [FASHION_20, CLIP_05, BARE, adam(5e-4, 5e-4, 0.95)],
        "clip-mnist": [MNIST_20, CLIP_05, SIMULTANEOUS, adam(5e-4, 5e-4, 0.95)],
        "hinge": [FACES_20, HINGE, SIMULTANEOUS, adam(1e-3, 1e-3, 0.95), widths(d=[32])],
    },
    "divergence": {
        "lsgan": [FACES_20, LSGAN, optimizer("sgd", 0.1, 0.1, momentum=0.9)],
        "momentum": [MNIST_20, BCE, BARE, optimizer("sgd", 0.1, 0.1, momentum=0.95)],
        "r1": [FASHION_20, of("lsgan", r1_gamma=1e4), optimizer("sgd", 0.5, 0.5)],
        "pairing": [DIGITS_20, of("relativistic", r1_gamma=1e4), optimizer("sgd", 1.0, 1.0)],
    },
    "memorising": {
        "pairing-16": [DIGITS_20, few(16), RELATIVISTIC, BARE, FAST_2],
        "pairing-12": [FACES_20, few(12), RELATIVISTIC, FAST_2],
        "bce-12": [MNIST_20, few(12), BCE_R1, FAST_2],
        "wgan-12": [FASHION_20, few(12), of("wasserstein", gp_weight=1.0), FAST_2],
    },
    "stalled": {
        "lsgan": [FASHION_20, LSGAN, optimizer("adagrad", 0.01, 0.01, lr_decay=0.3)],
        "bce": [MNIST_20, BCE, optimizer("adagrad", 0.01, 0.01, lr_decay=0.4)],
        "pairing": [FACES_20, RELATIVISTIC, optimizer("adagrad", 0.01, 0.01, lr_decay=0.3)],
        "wgan-gp": [DIGITS_20, WGAN_GP, optimizer("adagrad", 0.01, 0.01, lr_decay=0.3)],
    },
    "lr-too-high": {
        "hinge": [FASHION_20, HINGE_SN, adam(0.05, 0.05, 0.0, 0.9)],
        "bce": [MNIST_20, BCE, SIMULTANEOUS, adam(0.03, 0.03)],
        "smooth": [FACES_20, SMOOTH, BARE, adam(0.03, 0.03)],
        "wgan-gp": [DIGITS_20, WGAN_GP, adam(0.05, 0.05, 0.0, 0.9)],
    },
    "lr-too-low": {
        "hinge": [FASHION_20, HINGE_SN, adam(1e-6, 1e-6, 0.0, 0.9)],
        "bce": [FACES_20, BCE, adam(2e-6, 2e-6)],
        "pairing": [DIGITS_20, RELATIVISTIC, adam(1e-6, 1e-6, 0.0, 0.99)],
        "rmsprop": [MNIST_20, LSGAN, optimizer("rmsprop", 1e-6, 1e-6)],
    },
}  # fmt: skip

_TABLES: tuple[tuple[Part, dict[str, Variants], range, range], ...] = (
    ("fit", _FIT, range(0, 2), range(0, 1)),  # seeds of healthy runs, and of broken ones
    ("fit", _FIT_MORE, range(100, 104), range(100, 102)),
    ("report", _REPORT, range(200, 204), range(200, 202)),
)


def cases(part: Part) -> list[Case]:
    """Return all runs of one of the two sets, the seeds of one variant apart from each other."""
    found = [
        (seed, Case(truth, name, part, seed, _config([*changes, {"train.seed": seed}])))
        for of_part, table, healthy_seeds, broken_seeds in _TABLES
        if of_part == part
        for truth, variants in table.items()
        for name, changes in variants.items()
        for seed in (healthy_seeds if truth == HEALTHY else broken_seeds)
    ]
    return [case for _, case in sorted(found, key=lambda pair: pair[0])]


def _config(parts: list[Changes]) -> RunConfig:
    changes = dict(BASE)
    for part in parts:
        changes |= part
    return RunConfig().with_changes(changes)
