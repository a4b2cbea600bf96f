"""Which gradient penalties an update of D pays, and when.

Motion layer; `gan.losses.penalties` has the mathematics.
"""

from functools import partial

import torch
from torch import Tensor, nn

from gan.config import LossConfig
from gan.losses.penalties import gradient_penalty, r1_penalty, r2_penalty
from gan.training.streams import Streams
from gan.training.supply import Batch, Counters


class Penalties:
    """What a run's configuration asks for, computed in each Nth update of D.

    With `penalty_every` = N a penalty counts N times in its update and not at all in the others.
    Source: Karras et al., Analyzing and Improving the Image Quality of StyleGAN, 2020, section
    3.1 (lazy regularisation).

    Attributes:
        last: what each penalty added on average, its weight included, when last computed.
    """

    def __init__(self, loss: LossConfig, streams: Streams, counters: Counters) -> None:
        self._loss = loss
        self._streams = streams
        self._counters = counters
        self.last: dict[str, Tensor] = {}

    def charge(self, discriminator: nn.Module, real: Batch, fake: Batch) -> Tensor | float:
        """Return what this update adds to D's loss, and note it in `last`."""
        every = self._loss.penalty_every
        if self._counters.d_updates % every:
            return 0.0
        values = self._compute(discriminator, real, fake)
        self.last = {key: value.detach() for key, value in values.items()}
        return every * sum(values.values())

    def _compute(self, discriminator: nn.Module, real: Batch, fake: Batch) -> dict[str, Tensor]:
        loss = self._loss
        values: dict[str, Tensor] = {}
        if loss.r1_gamma:
            score = partial(discriminator, labels=real.labels)
            values["penalty/r1"] = loss.r1_gamma * r1_penalty(score, real.images)
        if loss.r2_gamma:
            score = partial(discriminator, labels=fake.labels)
            values["penalty/r2"] = loss.r2_gamma * r2_penalty(score, fake.images)
        if loss.gp_weight:
            n = min(len(real), len(fake))
            mix = torch.rand(n, generator=self._streams["penalty"], device=real.images.device)
            score = partial(discriminator, labels=None if real.labels is None else real.labels[:n])
            penalty = gradient_penalty(score, real.images[:n], fake.images[:n], mix)
            values["penalty/gp"] = loss.gp_weight * penalty
        return values
