"""The two networks: the model section of a configuration. Vocabulary layer."""

from typing import ClassVar, Literal

from gan.config.base import Section, Width, setting

ModelName = Literal["mlp", "dcgan", "upsample", "resnet"]
Init = Literal["torch", "dcgan", "he-uniform", "glorot-uniform"]


class ModelConfig(Section):
    """The two networks."""

    title: ClassVar[str] = "Networks"

    name: ModelName = setting(
        "mlp", "Architecture",
        "mlp: fully connected layers. dcgan: transposed convolutions in G, strided ones in D. "
        "upsample: G doubles the picture and convolves it. resnet: small residual blocks.",
        level="basic",
    )  # fmt: skip
    latent_dim: int = setting(
        100, "Latent size", "How many random numbers z the generator turns into one picture.",
        unit="numbers", ge=2, le=512,
    )  # fmt: skip
    g_widths: tuple[Width, ...] | None = setting(
        (128, 256, 512, 1024), "Generator widths",
        "Units (mlp) or channels (the others) of the generator's blocks, first to last. Each "
        "block of a convolutional generator doubles the picture, so their number must suit the "
        "picture size; empty chooses fitting ones.",
        unit="units", min_length=1, max_length=12,
    )  # fmt: skip
    d_widths: tuple[Width, ...] | None = setting(
        (512, 256), "Discriminator widths",
        "Units (mlp) or channels (the others) of the discriminator's blocks, first to last; each "
        "block of a convolutional one halves the picture. Empty chooses fitting ones.",
        unit="units", min_length=1, max_length=12,
    )  # fmt: skip
    g_activation: Literal["leaky-relu", "relu"] = setting(
        "leaky-relu", "Activation of G", "What follows each hidden layer of the generator.",
        when=("name", ("mlp", "dcgan", "upsample")),
    )  # fmt: skip
    leaky_slope: float = setting(
        0.2, "LeakyReLU slope", "How much of a negative activation passes through.", ge=0.0, lt=1.0,
        when=("name", ("mlp", "dcgan", "upsample")),
    )  # fmt: skip
    g_norm: Literal["batch", "none"] = setting(
        "batch", "Normalisation in G", "batch: BatchNorm in the generator's hidden blocks."
    )
    g_norm_first: bool = setting(
        False, "Also in G's first block", "Normalise the generator's first block like the others.",
        when=("name", ("mlp", "dcgan", "upsample")),
    )  # fmt: skip
    g_norm_place: Literal["before", "after"] = setting(
        "before", "Place of G's BatchNorm", "Whether it stands before or after the activation.",
        when=("name", ("mlp", "dcgan", "upsample")),
    )  # fmt: skip
    g_norm_eps: float = setting(
        1e-5, "BatchNorm eps", "Added to the variance in the generator's BatchNorm layers.",
        gt=0.0, le=1.0,
    )  # fmt: skip
    g_norm_momentum: float = setting(
        0.1, "BatchNorm momentum",
        "Share of the newest batch in BatchNorm's running statistics (PyTorch's convention).",
        gt=0.0, le=1.0,
    )  # fmt: skip
    d_norm: Literal["none", "batch"] = setting(
        "none", "Normalisation in D",
        "batch: BatchNorm in the discriminator's hidden blocks, the last of an mlp included.",
        when=("name", ("mlp", "dcgan", "upsample")),
    )  # fmt: skip
    d_norm_first: bool = setting(
        False, "Also in D's first block",
        "Normalise the discriminator's first block like the others.",
        when=("name", ("mlp", "dcgan", "upsample")),
    )  # fmt: skip
    d_dropout: float = setting(
        0.0, "Dropout in D", "Share of the discriminator's activations that each pass leaves out.",
        ge=0.0, le=0.9, when=("name", ("mlp", "dcgan", "upsample")),
    )  # fmt: skip
    d_head: Literal["single", "map"] = setting(
        "single", "Output of D",
        "single: one logit a picture. map: a map of logits, each judging a part of the picture.",
        when=("name", ("dcgan",)),
    )  # fmt: skip
    spectral_norm: bool = setting(
        False, "Spectral norm in D",
        "Divide each weight of the discriminator by its largest singular value, which bounds how "
        "steep it can be (Miyato et al., 2018).",
    )  # fmt: skip
    init: Init = setting(
        "torch", "Initial weights",
        "torch: each layer's own. dcgan: normal with deviation 0.02. he-uniform: U(±√(6 / "
        "fan_in)), biases 0. glorot-uniform: U(±√(6 / (fan_in + fan_out))), biases 0 (Keras).",
    )  # fmt: skip
    conditional: bool = setting(
        False, "Choose the class",
        "Tell both networks each picture's class, so that you can say what to draw; the data "
        "must have classes.",
    )  # fmt: skip
