"""Samples for an evaluation: drawn piece by piece, and D's opinion of them.

Motion layer. A discriminator is part of a run's checkpoints, but not of a generator that was
packed up alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gan.config import RunConfig
from gan.data.dataset import to_uint8
from gan.errors import CheckpointError
from gan.losses.catalog import get_loss_info
from gan.models.registry import best_layout, build_pair
from gan.training.saved import SavedGenerator


@dataclass(frozen=True)
class Judge:
    """A run's discriminator in eval mode, on the CPU.

    Attributes:
        gives_probabilities: whether its objective makes its score one, by the sigmoid.
    """

    network: nn.Module
    gives_probabilities: bool

    @torch.no_grad()
    def scores(self, images: Tensor, labels: Tensor | None) -> Tensor:
        """Return what it says of images `[N, C, H, W]` in [-1, 1]: raw scores `[N]` float32."""
        layout = best_layout(self.network, torch.device("cpu"))
        raw: Tensor = self.network(images.contiguous(memory_format=layout), labels)
        return raw.flatten(1).mean(1).float()


@dataclass(frozen=True, eq=False)
class Drawn:
    """Samples, in the order of their z.

    Attributes:
        images: `[N, C, H, W]` uint8.
        labels: `[N]` int64, the classes asked for; None for a generator that knows none.
        scores: D's raw scores of the first of them, `[M]` float32; None without a discriminator.
    """

    images: Tensor
    labels: Tensor | None
    scores: Tensor | None


def load_judge(state: dict[str, Any], generator: SavedGenerator) -> Judge | None:
    """Return the discriminator that a state holds; None if it holds none.

    Raises:
        CheckpointError: its weights do not fit.
    """
    weights = state.get("discriminator")
    if not weights:
        return None
    config = RunConfig.from_json(state["config"])
    image = state.get("image") or {"channels": 1, "size_px": 28}
    _, network = build_pair(
        config.model,
        img_channels=image["channels"],
        size_px=image["size_px"],
        n_classes=len(generator.classes),
    )
    try:
        network.load_state_dict(weights)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise CheckpointError(
            "The checkpoint's discriminator does not fit the run's networks "
            f"({str(error).splitlines()[0]})."
        ) from error
    is_probability = get_loss_info(config.loss.name).output == "probability"
    return Judge(network.float().eval(), is_probability)


def draw_samples(
    generator: SavedGenerator,
    judge: Judge | None,
    n: int,
    seed: int,
    *,
    n_scored: int,
    report: Callable[[int], None],
) -> Drawn:
    """Draw `n` samples as whole bytes and have D score the first `n_scored`.

    Raises:
        CheckpointError: the generator draws what is no picture: its weights are not finite.
    """
    images, labels, scores = [], [], []
    n_drawn = 0
    for batch, asked in generator.batches(n, seed):
        if not torch.isfinite(batch).all():
            raise CheckpointError(
                f"The generator of step {generator.step:,} draws values that are not finite: "
                "measure a checkpoint from before the trouble."
            )
        images.append(to_uint8(batch))
        if asked is not None:
            labels.append(asked)
        if judge is not None and n_drawn < n_scored:
            scores.append(judge.scores(batch, asked))
        n_drawn += len(batch)
        report(n_drawn)
    return Drawn(
        torch.cat(images),
        torch.cat(labels) if labels else None,
        torch.cat(scores) if scores else None,
    )
