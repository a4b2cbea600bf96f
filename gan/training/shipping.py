"""A saved state made small enough to come with the product, and what it draws.

Motion layer. A light state is still what `Trainer.load_state_dict` and
`gan.training.saved.load_generator` read, so whoever gets one needs no special case. It has lost the
optimisers' memory, which is twice as large as the weights, and half of each weight's digits. Where
there is an average of G, G itself is left out too: whoever goes on trains the average, which draws
better; a file keeps weights that are in two places once.
"""

from typing import Any

import torch
from torch import Tensor

from gan.config import RunConfig
from gan.data.dataset import to_uint8
from gan.errors import CheckpointError
from gan.models.registry import Pair, build_pair
from gan.training.judging import load_judge
from gan.training.optimizers import build_optimizer
from gan.training.saved import load_generator

NO_DEVICE = "meta"
"""The device of a light state: whoever goes on from it begins the random streams afresh and adds
floats up as suits its own machine."""


def lighten(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state with half-precision weights and optimisers that remember nothing.

    Raises:
        CheckpointError: a weight is too large for half precision, or no number at all.
    """
    pair = _pair(state)
    config = RunConfig.from_json(state["config"])
    fresh = {
        name: build_optimizer(settings, network.parameters(), torch.device("cpu")).state_dict()
        for name, settings, network in zip(
            ("g_opt", "d_opt"), (config.g_opt, config.d_opt), pair, strict=True
        )
    }
    average = None if state["g_ema"] is None else _halved(state["g_ema"])
    weights = {
        "generator": _halved(state["generator"]) if average is None else average,
        "g_ema": average,
        "discriminator": _halved(state["discriminator"]),
    }
    step = state["counters"]["step"]
    return {
        **state,
        **weights,
        **fresh,
        "device": NO_DEVICE,
        "streams": {},
        "live": {**state["live"], "n_steps": step},
    }


def draw_fixed(state: dict[str, Any]) -> tuple[Tensor, Tensor]:
    """Draw a state's own grid: the fixed z, by the averaged generator where there is one.

    Returns:
        images `[N, C, H, W]` uint8 and D's raw score of each `[N]` float32.
    """
    generator = load_generator(state)
    judge = load_judge(state, generator)
    assert judge is not None  # a light state keeps D
    z = state["fixed_z"].float()
    labels = torch.arange(len(z)) % len(generator.classes) if generator.classes else None
    with torch.no_grad():
        fake = generator.network(z, labels)
    return to_uint8(fake), judge.scores(fake, labels)


def _pair(state: dict[str, Any]) -> Pair:
    config = RunConfig.from_json(state["config"])
    return build_pair(
        config.model,
        img_channels=state["image"]["channels"],
        size_px=state["image"]["size_px"],
        n_classes=len(state["classes"]) if config.model.conditional else 0,
    )


def _halved(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights in half precision; what counts, such as batches seen, stays whole."""
    halved = {}
    for name, weight in weights.items():
        kept = weight.half() if weight.is_floating_point() else weight
        if not torch.isfinite(kept).all():
            largest = weight.abs().max().item()
            raise CheckpointError(
                f"The weights {name} reach {largest:g}, which half precision cannot hold: ship "
                "another step."
            )
        # A copy of its own: a view would be saved with all of what it is a view of.
        halved[name] = kept.detach().cpu().contiguous().clone()
    return halved
