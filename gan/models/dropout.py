"""Dropout that draws from a random stream of its own.

Maths layer. torch's Dropout draws from the global stream, which any other code may move; a run
that is saved and resumed must draw the same numbers again, so that its owner hands a stream over
and keeps the stream's state in the checkpoint.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Dropout(nn.Module):
    """Set a `share` of the numbers to 0 and the others to x / (1 − share), in train mode only.

    Attributes:
        share: how many are left out, from 0 up to, but not, 1.
        stream: where the randomness comes from, on the device of x; None: torch's global stream.

    Source: Srivastava et al., Dropout, 2014.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self.stream: torch.Generator | None = None

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.share == 0.0:
            return x
        if self.stream is None:
            return F.dropout(x, self.share)
        kept = torch.empty_like(x).bernoulli_(1.0 - self.share, generator=self.stream)
        return x * kept.div_(1.0 - self.share)

    def extra_repr(self) -> str:
        return f"share={self.share}"


def use_stream(network: nn.Module, stream: torch.Generator | None) -> None:
    """Make every `Dropout` inside a network draw from `stream`."""
    for layer in network.modules():
        if isinstance(layer, Dropout):
            layer.stream = stream
