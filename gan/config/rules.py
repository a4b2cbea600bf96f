"""What a configuration may not combine. Vocabulary layer.

Each rule looks at a whole `RunConfig` and returns what is wrong and what to do about it, or ''.
Whether the networks suit the pictures' size is `gan.models.plan`'s to say, and whether a batch
suits their number `gan.data.batches`'.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from gan.config.loss import LABELLED

if TYPE_CHECKING:
    from gan.config.run import RunConfig


def _needs_some_checkpoint(config: "RunConfig") -> str:
    out = config.output
    if out.checkpoint_every == 0 and out.checkpoint_interval_min == 0.0:
        return (
            "checkpoint_every and checkpoint_interval_min are both 0, so a crash would lose the "
            "run: set one of them"
        )
    return ""


def _critic_is_bounded(config: "RunConfig") -> str:
    loss = config.loss
    bounds = (loss.gp_weight, loss.weight_clip, loss.r1_gamma, config.model.spectral_norm)
    if loss.name == "wasserstein" and not any(bounds):
        return (
            "loss.name is wasserstein with nothing that bounds the critic, whose scores would run "
            "away: set loss.gp_weight to 10, loss.weight_clip to 0.01 or model.spectral_norm on"
        )
    return ""


def _labels_have_a_use(config: "RunConfig") -> str:
    loss = config.loss
    if loss.name in LABELLED:
        return ""
    if loss.real_label != 1.0:
        return f"loss.real_label is {loss.real_label:g}, and {loss.name} has no labels: set it to 1"
    if loss.label_flip:
        return f"loss.label_flip is {loss.label_flip:g}, and {loss.name} has no labels: set it to 0"
    return ""


def _separate_updates_need_separate_terms(config: "RunConfig") -> str:
    if not config.train.separate_d_updates:
        return ""
    loss = config.loss
    if loss.name == "relativistic":
        return (
            "train.separate_d_updates is on, and relativistic needs real and generated pictures "
            "in one update: turn it off"
        )
    if loss.r1_gamma or loss.r2_gamma or loss.gp_weight:
        return (
            "train.separate_d_updates is on, and gradient penalties belong to one update on both "
            "kinds of pictures: turn it off or set the penalties to 0"
        )
    return ""


def _order_is_possible(config: "RunConfig") -> str:
    train = config.train
    if train.order == "g-first" and train.share_z:
        return "train.order is g-first, where each network draws its own z: turn train.share_z off"
    if train.order == "simultaneous":
        for is_wrong, what in (
            (train.d_steps != 1, f"train.d_steps is {train.d_steps}: make it 1"),
            (not train.share_z, "train.share_z is off: turn it on"),
            (train.separate_d_updates, "train.separate_d_updates is on: turn it off"),
            (train.idle_mode == "eval", "train.idle_mode is eval: make it train"),
        ):
            if is_wrong:
                return (
                    f"train.order is simultaneous, which learns from one forward pass, and {what}"
                )
    return ""


def _half_batches_are_whole(config: "RunConfig") -> str:
    train = config.train
    if not train.half_batch:
        return ""
    if train.batch_size % 2 or train.batch_size < 4:
        return (
            f"train.batch_size is {train.batch_size}: with train.half_batch it must be even and "
            "at least 4"
        )
    if train.share_z:
        return "train.half_batch is on, so G needs more z than D had: turn train.share_z off"
    return ""


def _rules_by_quality_need_measurements(config: "RunConfig") -> str:
    if config.quality.every > 0:
        return ""
    stop = config.stop
    if stop.patience > 0:
        return (
            f"stop.patience is {stop.patience} and quality.every is 0, so that quality is never "
            "measured: set quality.every, or stop.patience to 0"
        )
    if stop.keep == "best":
        return (
            "stop.keep is best and quality.every is 0, so that quality is never measured: set "
            "quality.every, or stop.keep to last"
        )
    return ""


RULES: tuple[Callable[["RunConfig"], str], ...] = (
    _needs_some_checkpoint,
    _critic_is_bounded,
    _labels_have_a_use,
    _separate_updates_need_separate_terms,
    _order_is_possible,
    _half_batches_are_whole,
    _rules_by_quality_need_measurements,
)
