"""The small classifiers whose last hidden layer are the features of grey and drawn pictures.

Maths layer. Three convolutions and one hidden layer of 128: enough to tell trousers from coats,
small enough to come with the product and to look at 10,000 pictures in a second or two.
`benchmarks/train_classifiers.py` trained them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

N_FEATURES = 128


@dataclass(frozen=True)
class ClassifierPlan:
    """What a classifier is built of.

    Attributes:
        channels, size_px: the pictures it sees.
        widths: channels after each convolution; each but the first halves the picture, and the
            first does too if `halve_first`.
        kernel: height and width of every convolution, in pixels.
        halving: how a picture is halved, by the convolution's stride or by max pooling after it.
        n_outputs: logits of the classes, then one number for each factor that it predicts.
        halve_first: the first convolution halves as well.
    """

    channels: int
    size_px: int
    widths: tuple[int, ...]
    kernel: int
    halving: Literal["stride", "pool"]
    n_outputs: int
    halve_first: bool = False

    @property
    def base_px(self) -> int:
        """Height and width of the picture after all convolutions."""
        n_halvings = len(self.widths) - (0 if self.halve_first else 1)
        return self.size_px >> n_halvings


class Classifier(nn.Module):
    """Pictures `[N, C, H, W]` in [-1, 1] -> features `[N, 128]` -> logits `[N, n_outputs]`."""

    def __init__(self, plan: ClassifierPlan) -> None:
        super().__init__()
        self.plan = plan
        layers: list[nn.Module] = []
        channels = plan.channels
        for i, width in enumerate(plan.widths):
            halves = i > 0 or plan.halve_first
            stride = 2 if halves and plan.halving == "stride" else 1
            layers += [
                nn.Conv2d(channels, width, plan.kernel, stride, plan.kernel // 2, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(inplace=True),
            ]
            if halves and plan.halving == "pool":
                layers.append(nn.MaxPool2d(2))
            channels = width
        self.convolutions = nn.Sequential(*layers)
        self.hidden = nn.Linear(channels * plan.base_px**2, N_FEATURES)
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Linear(N_FEATURES, plan.n_outputs)

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """Return the last hidden layer `[N, 128]`, none of it negative."""
        maps = self.convolutions(images)  # [N, C, H, W] -> [N, widths[-1], base_px, base_px]
        return torch.relu(self.hidden(maps.flatten(1)))

    def logits(self, features: torch.Tensor) -> torch.Tensor:
        """Return what the head makes of features, `[N, n_outputs]`."""
        outputs: torch.Tensor = self.head(self.dropout(features))
        return outputs

    def load_published(self, state: Mapping[str, torch.Tensor]) -> None:
        """Take weights over that were kept in half precision; fold the BatchNorms away.

        Raises:
            RuntimeError: the weights are another network's.
        """
        # How many batches a BatchNorm saw while it learned is not kept: it is of no use any more.
        counts = {k: v for k, v in self.state_dict().items() if k.endswith("num_batches_tracked")}
        self.load_state_dict({**counts, **{name: w.float() for name, w in state.items()}})
        self.eval().requires_grad_(False)
        self.convolutions = _folded(self.convolutions)


def untrained() -> Classifier:
    """Return a network with constant random weights, which never learned anything."""
    network = Classifier(ClassifierPlan(3, 32, (32, 64, 128), 3, "stride", 1))
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=generator)
                if layer.bias is not None:
                    layer.bias.zero_()
    return network.eval().requires_grad_(False)


def _folded(layers: nn.Sequential) -> nn.Sequential:
    """Fold each BatchNorm, constant in eval mode, into the convolution before it."""
    folded: list[nn.Module] = []
    for layer in layers:
        if isinstance(layer, nn.BatchNorm2d):
            folded[-1] = fuse_conv_bn_eval(cast(nn.Conv2d, folded[-1]), layer)
        else:
            folded.append(layer)
    return nn.Sequential(*folded)


PLANS: dict[str, ClassifierPlan] = {
    "fashion-a": ClassifierPlan(1, 28, (24, 48, 64), 3, "stride", 10),
    "fashion-b": ClassifierPlan(1, 28, (20, 40, 80), 3, "pool", 10),
    "mnist": ClassifierPlan(1, 28, (24, 48, 64), 3, "stride", 10),
    "faces": ClassifierPlan(3, 64, (24, 48, 64, 64), 3, "stride", 4 + 14, halve_first=True),
}
"""The trained classifiers by name; the faces' has 4 classes and 14 factors."""
