"""The loop: how long, how large, in which order. Vocabulary layer."""

import math
from typing import ClassVar, Literal

from gan.config.base import Section, setting

Precision = Literal["float32", "bfloat16"]
Augment = Literal["none", "translation", "translation-cutout", "colour-translation-cutout"]


class TrainConfig(Section):
    """The loop: how long, how large the batches, on what, in which precision."""

    title: ClassVar[str] = "Training"

    epochs: float = setting(
        20.0, "Epochs", "Passes over the data set.", unit="epochs", level="basic",
        gt=0.0, le=100_000.0,
    )  # fmt: skip
    n_steps: int | None = setting(
        None, "Steps", "An exact number of steps instead of epochs; empty means: use epochs.",
        unit="steps", ge=1, le=100_000_000,
    )  # fmt: skip
    batch_size: int = setting(
        128, "Batch size", "Real images, and as many generated ones, in each update.",
        unit="images", level="basic", ge=2, le=8192,
    )  # fmt: skip
    d_steps: int = setting(
        1, "D updates a step",
        "Discriminator updates before each generator update, each on a fresh real batch.",
        unit="updates", ge=1, le=100,
    )  # fmt: skip
    order: Literal["d-first", "g-first", "simultaneous"] = setting(
        "d-first", "Order of updates",
        "Who learns first in a step. simultaneous: both gradients are taken at the old weights, "
        "then both networks move, so G never meets the updated D.",
    )  # fmt: skip
    separate_d_updates: bool = setting(
        False, "Two updates of D",
        "D learns from the real pictures in one update and from the generated ones in another, "
        "each with its whole loss, instead of from both together.",
    )  # fmt: skip
    idle_mode: Literal["train", "eval"] = setting(
        "train", "Mode of the idle network",
        "eval: the network that is not learning uses its BatchNorm's running statistics and no "
        "dropout.",
    )  # fmt: skip
    sampling: Literal["shuffle", "replacement"] = setting(
        "shuffle", "Drawing of real pictures",
        "shuffle: each epoch shows every picture once. replacement: each batch is drawn from all "
        "pictures anew.",
    )  # fmt: skip
    half_batch: bool = setting(
        False, "Half batches for D",
        "D sees half a batch of real and half a batch of generated pictures; G learns from a "
        "whole batch (a habit from Keras).",
    )  # fmt: skip
    full_fakes: bool = setting(
        False, "Always a full batch of fakes",
        "Generate a full batch even beside an epoch's short last batch of real pictures.",
    )  # fmt: skip
    share_z: bool = setting(
        True, "Share z",
        "The generator's update uses the z of the last discriminator update (and then G runs "
        "forward once); off draws a fresh z.",
    )  # fmt: skip
    drop_last: bool = setting(
        False, "Drop the short batch", "Leave out an epoch's last batch when it is not full."
    )
    seed: int = setting(
        0, "Seed", "The same seed on the same build, processor and threads gives the same run.",
        level="basic", ge=0, lt=2**31,
    )  # fmt: skip
    device: str = setting(
        "auto", "Device", "auto takes the fastest present: cuda, then mps, then cpu.",
        level="basic", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
    )  # fmt: skip
    n_threads: int | None = setting(
        None, "CPU threads", "Empty lets the launcher share this machine's cores between runs.",
        unit="threads", ge=1, le=1024,
    )  # fmt: skip
    precision: Precision = setting(
        "float32", "Precision",
        "bfloat16 multiplies matrices in 16 bits; weights and losses stay in float32.",
    )  # fmt: skip
    ema: bool = setting(
        True, "Average the generator",
        "Keep an exponential moving average (EMA) of G's weights; it does not change training "
        "and usually draws better.",
    )  # fmt: skip
    ema_halflife_images: int = setting(
        20_000, "EMA half-life", "After so many images an old weight counts half.",
        unit="images", ge=1,
    )  # fmt: skip
    ema_ramp: float = setting(
        0.05, "EMA ramp",
        "Early in a run the half-life is at most this share of the images seen so far; 0 means "
        "no ramp.",
        ge=0.0, le=1.0,
    )  # fmt: skip
    lr_schedule: Literal["constant", "linear", "cosine"] = setting(
        "constant", "Learning-rate schedule",
        "How both learning rates fall from their full value to a share of it at the planned end.",
    )  # fmt: skip
    lr_final: float = setting(
        0.0, "Rate at the end", "Share of the learning rates that is left at the planned end.",
        ge=0.0, le=1.0, when=("lr_schedule", ("linear", "cosine")),
    )  # fmt: skip
    lr_warmup_steps: int = setting(
        0, "Warm-up", "Steps in which the learning rates rise from nothing to their full value.",
        unit="steps", ge=0,
    )  # fmt: skip
    grad_clip: float = setting(
        0.0, "Gradient clipping",
        "Shorten a network's gradient to this length when it is longer; 0 is off.", ge=0.0, le=1e6,
    )  # fmt: skip
    augment: Augment = setting(
        "none", "Augmentation",
        "Change real and generated pictures at random, in a way that G can learn through, before "
        "D sees them: for data sets of a few thousand pictures or less (DiffAugment, Zhao et "
        "al., 2020).",
    )  # fmt: skip

    @property
    def real_batch_size(self) -> int:
        """Real images in each update of D."""
        return self.batch_size // 2 if self.half_batch else self.batch_size

    def planned_steps(self, steps_per_epoch: float) -> int:
        """Return how many steps a run has: `n_steps`, or enough to see the data `epochs` times.

        Each of a step's `d_steps` discriminator updates draws a batch of its own, so an epoch of
        `b` batches has `b / d_steps` steps.
        """
        if self.n_steps is not None:
            return self.n_steps
        # Rounded first: 5 epochs of 469 / 5 steps are 469, not a hair more.
        return max(1, math.ceil(round(self.epochs * steps_per_epoch, 6)))
