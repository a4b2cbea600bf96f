"""What a network is made of, as plain data: one `LayerPlan` a layer, stacked one by one.

Maths layer, but free of torch, so that a page can draw a network without loading it.
`gan.models.network` builds the torch modules from the very same plan, so that the table which a
page shows and the network which learns cannot differ.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal, NamedTuple

from gan.config import ModelConfig

Shape = tuple[int, ...]
"""Of one picture's activations: (channels, height, width), or (numbers,) once they are flat."""

Kind = Literal[
    "linear", "conv", "conv-transpose", "batch-norm-1d", "batch-norm-2d", "relu", "leaky-relu",
    "tanh", "dropout", "upsample", "average-pool", "sum-pool", "pad", "flatten", "reshape",
    "join-class", "residual",
]  # fmt: skip


class Picture(NamedTuple):
    """What both networks must agree on: square pictures, and their classes (0: not told)."""

    channels: int
    size_px: int
    n_classes: int = 0

    @property
    def shape(self) -> Shape:
        return (self.channels, self.size_px, self.size_px)


@dataclass(frozen=True)
class LayerPlan:
    """One layer.

    Attributes:
        kind: which layer, a key of `gan.models.network.MODULES`.
        detail: its settings in words: "4×4, stride 2, padding 1".
        settings: the arguments of its torch module, by name.
        out_shape: of one picture's activations behind it.
        n_parameters: how many numbers it learns.
        block: title of the block that it belongs to.
        branch, shortcut: the two ways through a residual block, whose results are added.
    """

    kind: Kind
    detail: str
    settings: dict[str, Any]
    out_shape: Shape
    n_parameters: int
    block: str
    branch: tuple["LayerPlan", ...] = ()
    shortcut: tuple["LayerPlan", ...] = ()

    @property
    def title(self) -> str:
        return _WORDS[self.kind][0]

    @property
    def meaning(self) -> str:
        """What the layer does, in plain words."""
        return _WORDS[self.kind][1]


@dataclass(frozen=True)
class NetworkPlan:
    """One network, from what goes in to what comes out."""

    title: str
    picture: Picture
    in_shape: Shape
    layers: tuple[LayerPlan, ...]

    @property
    def out_shape(self) -> Shape:
        return self.layers[-1].out_shape

    @property
    def n_parameters(self) -> int:
        return sum(layer.n_parameters for layer in self.layers)

    def blocks(self) -> list[tuple[str, tuple[LayerPlan, ...]]]:
        """Return the layers of each block, with its title."""
        found: dict[str, list[LayerPlan]] = {}
        for layer in self.layers:
            found.setdefault(layer.block, []).append(layer)
        return [(title, tuple(layers)) for title, layers in found.items()]

    def rows(self) -> Iterator[tuple[LayerPlan, str]]:
        """Yield each layer, those inside residual blocks too, and which way it stands on."""
        for layer in self.layers:
            yield from ((inner, "main way") for inner in layer.branch)
            yield from ((inner, "shortcut") for inner in layer.shortcut)
            yield layer, ""


@dataclass(frozen=True)
class PairPlan:
    """Both networks of a run."""

    generator: NetworkPlan
    discriminator: NetworkPlan


@dataclass
class Stack:
    """A network in the making: each method puts one layer on top and knows its shape and size."""

    shape: Shape
    layers: list[LayerPlan] = field(default_factory=list)
    title: str = ""

    def block(self, title: str) -> None:
        """Begin a block: what follows belongs to it."""
        self.title = title

    def linear(self, n_out: int) -> None:
        """A fully connected layer."""
        (n_in,) = self.shape
        self._add(
            "linear", f"{n_in} → {n_out}", (n_out,), n_in * n_out + n_out,
            in_features=n_in, out_features=n_out,
        )  # fmt: skip

    def conv(self, channels: int, *, kernel: int, stride: int = 1, padding: int = 0) -> None:
        """A convolution: out = (in + 2 · padding − kernel) // stride + 1."""
        n_in, height, _ = self.shape
        size = (height + 2 * padding - kernel) // stride + 1
        self._add(
            "conv", _window(kernel, stride, padding), (channels, size, size),
            n_in * channels * kernel * kernel + channels,
            in_channels=n_in, out_channels=channels, kernel_size=kernel, stride=stride,
            padding=padding,
        )  # fmt: skip

    def conv_transpose(
        self, channels: int, *, kernel: int, stride: int = 1, padding: int = 0
    ) -> None:
        """A transposed convolution: out = (in − 1) · stride − 2 · padding + kernel."""
        n_in, height, _ = self.shape
        size = (height - 1) * stride - 2 * padding + kernel
        self._add(
            "conv-transpose", _window(kernel, stride, padding), (channels, size, size),
            n_in * channels * kernel * kernel + channels,
            in_channels=n_in, out_channels=channels, kernel_size=kernel, stride=stride,
            padding=padding,
        )  # fmt: skip

    def batch_norm(self, *, eps: float = 1e-5, momentum: float = 0.1) -> None:
        """BatchNorm of each unit, or of each channel; the defaults are torch's."""
        n = self.shape[0]
        self._add(
            "batch-norm-1d" if len(self.shape) == 1 else "batch-norm-2d",
            f"eps {eps:g}, momentum {momentum:g}", self.shape, 2 * n,
            num_features=n, eps=eps, momentum=momentum,
        )  # fmt: skip

    def relu(self) -> None:
        """max(0, x)."""
        self._add("relu", "", self.shape)

    def leaky_relu(self, slope: float) -> None:
        """x, and slope · x where x is negative."""
        self._add("leaky-relu", f"slope {slope:g}", self.shape, negative_slope=slope)

    def tanh(self) -> None:
        """Into [-1, 1]."""
        self._add("tanh", "", self.shape)

    def dropout(self, share: float) -> None:
        """Leave a share of the activations out of each pass; no layer at all for 0."""
        if share > 0.0:
            self._add("dropout", f"leaves out {share:.0%}", self.shape, share=share)

    def upsample(self) -> None:
        """Double height and width, each pixel becoming 2×2 of them."""
        n, height, width = self.shape
        self._add("upsample", "×2, nearest", (n, 2 * height, 2 * width), scale_factor=2)

    def average_pool(self) -> None:
        """Halve height and width: the mean of each 2×2 pixels."""
        n, height, width = self.shape
        self._add("average-pool", "2×2", (n, height // 2, width // 2), kernel_size=2)

    def sum_pool(self) -> None:
        """One number a channel: the sum over the whole map."""
        self._add("sum-pool", "", self.shape[:1])

    def same_conv(self, channels: int, *, kernel: int, stride: int = 1) -> None:
        """A convolution with TensorFlow's 'same' padding: out = in / stride, rounded up.

        Where the zeros do not halve evenly, TensorFlow puts the odd row and column behind; torch
        knows equal sides only, so that a padding layer goes before.

        Source: https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
        """
        before, after = same_padding(self.shape[1], kernel=kernel, stride=stride)
        if before != after:
            n, height, _ = self.shape
            size = height + before + after
            self._add(
                "pad", f"{before} before, {after} after", (n, size, size),
                padding=(before, after, before, after),
            )  # fmt: skip
        self.conv(channels, kernel=kernel, stride=stride, padding=before if before == after else 0)

    def flatten(self) -> None:
        """All numbers in one row."""
        self._add("flatten", "", (prod(self.shape),))

    def reshape(self, shape: Shape) -> None:
        """The numbers of a row as maps of (channels, height, width)."""
        self._add("reshape", "", shape, shape=shape)

    def join_class(self, n_classes: int) -> None:
        """Put the one-hot class beside the numbers, or as constant planes beside the channels.

        No layer at all for 0 classes.

        Source: Mirza & Osindero, Conditional Generative Adversarial Nets, 2014 (arXiv:1411.1784);
        the planes as in Radford et al.'s conditional DCGANs.
        """
        if n_classes:
            what = "numbers" if len(self.shape) == 1 else "planes"
            shape = (self.shape[0] + n_classes, *self.shape[1:])
            self._add(
                "join-class", f"{n_classes} {what}, one of them 1", shape, n_classes=n_classes
            )

    def residual(self, branch: "Stack", shortcut: "Stack") -> None:
        """Two ways that start here; their results are added."""
        ways = tuple(branch.layers), tuple(shortcut.layers)
        self.layers.append(
            LayerPlan(
                "residual", "of main way and shortcut", {}, branch.shape,
                sum(layer.n_parameters for way in ways for layer in way), self.title, *ways,
            )
        )  # fmt: skip
        self.shape = branch.shape

    def fork(self) -> "Stack":
        """Return an empty stack that starts at this height, a way of a residual block."""
        return Stack(self.shape, title=self.title)

    def _add(
        self, kind: Kind, detail: str, out_shape: Shape, n_parameters: int = 0, **settings: Any
    ) -> None:
        self.layers.append(
            LayerPlan(kind, detail, settings, out_shape, n_parameters, block=self.title)
        )
        self.shape = out_shape


def norm_and_activation(stack: Stack, model: ModelConfig, *, is_first: bool) -> None:
    """Finish a block of the generator: BatchNorm and activation, in the order asked for."""
    has_norm = model.g_norm == "batch" and (model.g_norm_first or not is_first)
    if has_norm and model.g_norm_place == "before":
        stack.batch_norm(eps=model.g_norm_eps, momentum=model.g_norm_momentum)
    if model.g_activation == "relu":
        stack.relu()
    else:
        stack.leaky_relu(model.leaky_slope)
    if has_norm and model.g_norm_place == "after":
        stack.batch_norm(eps=model.g_norm_eps, momentum=model.g_norm_momentum)


def same_padding(size: int, *, kernel: int, stride: int) -> tuple[int, int]:
    """Return how many zeros TensorFlow's 'same' puts (before, after) a row of `size` pixels."""
    n_out = -(-size // stride)
    total = max((n_out - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def shape_text(shape: Shape) -> str:
    """Return a shape as people write it: '128×7×7'."""
    return "×".join(str(n) for n in shape)


def _window(kernel: int, stride: int, padding: int) -> str:
    parts = [f"{kernel}×{kernel}"]
    if stride > 1:
        parts.append(f"stride {stride}")
    if padding:
        parts.append(f"padding {padding}")
    return ", ".join(parts)


_WORDS: dict[Kind, tuple[str, str]] = {
    "linear": ("Fully connected", "makes each output a weighted sum of all inputs"),
    "conv": ("Convolution", "slides a small window over the map and weighs what it sees"),
    "conv-transpose": (
        "Transposed convolution",
        "lets each number of the map paint a weighted patch of a larger one",
    ),
    "batch-norm-1d": ("BatchNorm", "brings each unit to mean 0 and deviation 1 over the batch"),
    "batch-norm-2d": ("BatchNorm", "brings each channel to mean 0 and deviation 1 over the batch"),
    "relu": ("ReLU", "makes negative numbers 0"),
    "leaky-relu": ("LeakyReLU", "shrinks negative numbers"),
    "tanh": ("Tanh", "squeezes all numbers into -1 to 1, black to white"),
    "dropout": ("Dropout", "hides some numbers at random, while training"),
    "upsample": ("Upsampling", "makes each pixel 2×2 equal ones"),
    "average-pool": ("Average pooling", "keeps the mean of each 2×2 pixels"),
    "sum-pool": ("Sum pooling", "adds each channel's map up to one number"),
    "pad": ("Zero padding", "puts rows and columns of zeros around the map"),
    "flatten": ("Flatten", "puts all numbers into one row"),
    "reshape": ("Reshape", "arranges the row of numbers as maps"),
    "join-class": ("Class", "puts the picture's class beside the input"),
    "residual": ("Sum", "adds what came over the two ways of a block"),
}
