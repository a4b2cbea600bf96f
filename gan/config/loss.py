"""The adversarial objective and its regularisers. Vocabulary layer."""

from typing import ClassVar, Literal

from gan.config.base import Section, setting

LossName = Literal["bce", "minimax", "lsgan", "wasserstein", "hinge", "relativistic"]

LABELLED: tuple[str, ...] = ("bce", "minimax", "lsgan")
"""Objectives with a label for real and one for generated pictures."""


class LossConfig(Section):
    """The adversarial objective."""

    title: ClassVar[str] = "Objective"

    name: LossName = setting(
        "bce", "Loss",
        "bce: non-saturating cross-entropy, the usual choice. minimax: the original objective, "
        "whose generator gradient vanishes while the discriminator is confident. lsgan: least "
        "squares. wasserstein: difference of mean scores, needs a bounded critic. hinge: scores "
        "beyond a margin count no more. relativistic: D compares real with generated in pairs.",
        level="basic",
    )  # fmt: skip
    real_label: float = setting(
        1.0, "Label of real pictures",
        "Below 1, for instance 0.9, D is never quite sure (one-sided label smoothing).",
        gt=0.5, le=1.0, when=("name", LABELLED),
    )  # fmt: skip
    label_flip: float = setting(
        0.0, "Flipped labels", "Share of D's labels that are swapped at random, to keep it humble.",
        ge=0.0, lt=0.5, when=("name", LABELLED),
    )  # fmt: skip
    r1_gamma: float = setting(
        0.0, "R1 penalty γ",
        "Weight of D's squared gradient at real pictures, γ/2 ‖∇D(x)‖²; 0 is off.",
        ge=0.0, le=1e4,
    )  # fmt: skip
    r2_gamma: float = setting(
        0.0, "R2 penalty γ",
        "Weight of D's squared gradient at generated pictures, γ/2 ‖∇D(G(z))‖²; 0 is off.",
        ge=0.0, le=1e4,
    )  # fmt: skip
    gp_weight: float = setting(
        0.0, "Gradient penalty λ",
        "Weight of (‖∇D‖ − 1)² between real and generated pictures, 10 in the paper; 0 is off.",
        ge=0.0, le=1e4,
    )  # fmt: skip
    penalty_every: int = setting(
        1, "Penalties every",
        "Compute penalties in each Nth update of D only, N times as strong (lazy "
        "regularisation): cheaper.",
        unit="updates", ge=1, le=64,
    )  # fmt: skip
    weight_clip: float = setting(
        0.0, "Weight clipping",
        "After each update force D's weights into ±this, 0.01 in the Wasserstein paper; 0 is off.",
        ge=0.0, le=10.0,
    )  # fmt: skip
    instance_noise: float = setting(
        0.0, "Instance noise",
        "Deviation of the noise added to all pictures that D sees, on the scale from −1 to 1; "
        "0 is off.",
        ge=0.0, le=2.0,
    )  # fmt: skip
    instance_noise_steps: int = setting(
        0, "Noise fades over", "Steps in which instance noise shrinks to nothing; 0: it stays.",
        unit="steps", ge=0,
    )  # fmt: skip
