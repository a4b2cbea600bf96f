"""The two networks as torch modules, built layer by layer from their plan.

Maths layer. Images are float32 NCHW in [-1, 1]; z is float32 `[N, latent_dim]`; labels are int64
`[N]`. What the layers are is said in one module an architecture, such as `gan.models.dcgan`.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from gan.errors import GanError
from gan.models.dropout import Dropout
from gan.models.layers import LayerPlan, NetworkPlan, Shape
from gan.models.linear import Linear


class LabelsError(GanError, ValueError):
    """A network that is told classes got no labels, or labels that cannot be its own."""


class Network(nn.Module):
    """What both networks share: the layers of a plan, one after the other.

    Attributes:
        img_channels, size_px: of the pictures.
        n_classes: how many classes the network is told; 0: none, and it ignores labels.
        layers: the modules, in the plan's order. Those that only change a shape are called by
            name and take no number, so that `layers.0`, `layers.1` … count the others.
    """

    def __init__(self, plan: NetworkPlan) -> None:
        super().__init__()
        self.img_channels = plan.picture.channels
        self.size_px = plan.picture.size_px
        self.n_classes = plan.picture.n_classes
        self.layers = _sequence(plan.layers)

    def run(self, x: Tensor, labels: Tensor | None) -> Tensor:
        """Send x through all layers; the labels go to the one that joins them."""
        for layer in self.layers:
            x = layer(x, labels) if isinstance(layer, JoinClass) else layer(x)
        return x


class Generator(Network):
    """Maps z `[N, latent_dim]` to images `[N, img_channels, size_px, size_px]` in [-1, 1]."""

    def __init__(self, plan: NetworkPlan) -> None:
        super().__init__(plan)
        (self.latent_dim,) = plan.in_shape

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Draw one image from each z, of the class in labels where the network has classes.

        Raises:
            LabelsError: the network has classes, and labels are missing or none of them.
        """
        return self.run(z, labels)


class Discriminator(Network):
    """Maps images `[N, img_channels, size_px, size_px]` to logits `[N, n]`, n mostly 1."""

    def forward(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """Judge images, each as one of the class in labels where the network has classes.

        Raises:
            LabelsError: the network has classes, and labels are missing or none of them.
        """
        return self.run(images, labels)


class JoinClass(nn.Module):
    """Put the one-hot class behind the numbers `[N, K]` or, as planes, the maps `[N, C, H, W]`."""

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.n_classes = n_classes

    def forward(self, x: Tensor, labels: Tensor | None) -> Tensor:
        one_hot = self._one_hot(x, labels)  # [N, n_classes]
        if x.ndim == 4:
            one_hot = one_hot[:, :, None, None].expand(-1, -1, *x.shape[2:])
        return torch.cat([x, one_hot], dim=1)

    def _one_hot(self, x: Tensor, labels: Tensor | None) -> Tensor:
        if labels is None:
            raise LabelsError(
                f"This network is told classes and got no labels: pass {len(x)} numbers from 0 to "
                f"{self.n_classes - 1}."
            )
        if labels.shape != x.shape[:1]:
            raise LabelsError(
                f"Labels have the shape {list(labels.shape)} beside a batch of {len(x)}: pass one "
                "number for each."
            )
        # Looking at labels on a GPU would wait for it at each step.
        if labels.device.type == "cpu" and len(labels):
            low, high = int(labels.min()), int(labels.max())
            if low < 0 or high >= self.n_classes:
                raise LabelsError(
                    f"Labels go from {low} to {high}: pass numbers from 0 to {self.n_classes - 1}."
                )
        classes = torch.arange(self.n_classes, device=x.device)
        return (labels.to(x.device)[:, None] == classes).to(x.dtype)


class Residual(nn.Module):
    """The sum of two ways from the same input."""

    def __init__(self, branch: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        return self.branch(x) + self.shortcut(x)  # type: ignore[no-any-return]


class Reshape(nn.Module):
    """A row of numbers `[N, K]` as maps `[N, *shape]`."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor) -> Tensor:
        return x.reshape(-1, *self.shape)

    def extra_repr(self) -> str:
        return str(self.shape)


class SumPool(nn.Module):
    """The sum over each channel's map: `[N, C, H, W]` → `[N, C]`."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sum((2, 3))


def _sequence(plans: Sequence[LayerPlan], *, in_place: bool = True) -> nn.Sequential:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    n_numbered = 0
    for plan in plans:
        if plan.kind in _NAMED:
            layers[plan.kind.replace("-", "_")] = MODULES[plan.kind](**plan.settings)
        else:
            layers[str(n_numbered)] = _module(plan, in_place=in_place)
            n_numbered += 1
    return nn.Sequential(layers)


def _module(plan: LayerPlan, *, in_place: bool) -> nn.Module:
    if plan.kind == "residual":
        # The two ways share their input: an activation in place would spoil it for the other.
        return Residual(
            _sequence(plan.branch, in_place=False), _sequence(plan.shortcut, in_place=False)
        )
    if plan.kind in ("relu", "leaky-relu"):
        return MODULES[plan.kind](**plan.settings, inplace=in_place)
    return MODULES[plan.kind](**plan.settings)


_NAMED = ("flatten", "reshape", "join-class")

MODULES: dict[str, Callable[..., nn.Module]] = {
    "linear": Linear,
    "conv": nn.Conv2d,
    "conv-transpose": nn.ConvTranspose2d,
    "batch-norm-1d": nn.BatchNorm1d,
    "batch-norm-2d": nn.BatchNorm2d,
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "tanh": nn.Tanh,
    "dropout": Dropout,
    "upsample": nn.Upsample,
    "average-pool": nn.AvgPool2d,
    "sum-pool": SumPool,
    "pad": nn.ZeroPad2d,
    "flatten": nn.Flatten,
    "reshape": Reshape,
    "join-class": JoinClass,
}
