"""What to train: one validated, serialisable description of a run.

Vocabulary layer: imports nothing of ours but errors. Page, command line and code all build a
`RunConfig`; defaults, legal ranges, units and help texts stand here once and the form, the
command line's options and the documentation are generated from them (see `gan.fields`).
"""

import json
import math
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gan.errors import ConfigError

DatasetName = Literal["fashion-mnist", "mnist", "drawn-digits"]
DataSource = Literal["auto", "files", "download", "drawn"]
ModelName = Literal["mlp"]
LossName = Literal["bce", "minimax"]
OptimizerName = Literal["adam"]
Precision = Literal["float32", "bfloat16"]

Width = Annotated[int, Field(ge=1, le=8192)]


def _setting(
    default: Any,
    title: str,
    help_text: str,
    *,
    unit: str = "",
    level: Literal["basic", "advanced"] = "advanced",
    live: bool = False,
    **rules: Any,
) -> Any:
    """Return a pydantic field that carries what the form and the command line need."""
    extra: dict[str, Any] = {"unit": unit, "level": level, "live": live}
    return Field(default, title=title, description=help_text, json_schema_extra=extra, **rules)


class _Section(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )
    title: ClassVar[str]


class DataConfig(_Section):
    """Which images to learn, and where they come from."""

    title: ClassVar[str] = "Data"

    dataset: DatasetName = _setting(
        "fashion-mnist", "Data set", "The images that the generator learns to imitate.",
        level="basic",
    )  # fmt: skip
    source: DataSource = _setting(
        "auto", "Source",
        "auto looks for files on this machine, then downloads, then falls back to the drawn "
        "digits; the other choices insist on one of these.",
    )  # fmt: skip
    folder: str | None = _setting(
        None, "Folder", "A folder with the data set's idx files, searched before the usual places."
    )
    n_images: int | None = _setting(
        None, "Use only the first", "Train on the first N images only; empty means all of them.",
        unit="images", ge=2,
    )  # fmt: skip


class ModelConfig(_Section):
    """The two networks."""

    title: ClassVar[str] = "Networks"

    name: ModelName = _setting(
        "mlp", "Architecture", "mlp: fully connected layers in both networks."
    )
    latent_dim: int = _setting(
        100, "Latent size", "How many random numbers z the generator turns into one picture.",
        unit="numbers", ge=1, le=512,
    )  # fmt: skip
    g_widths: tuple[Width, ...] = _setting(
        (128, 256, 512, 1024), "Generator widths",
        "Sizes of the generator's hidden layers, first to last.", unit="units", min_length=1,
    )  # fmt: skip
    d_widths: tuple[Width, ...] = _setting(
        (512, 256), "Discriminator widths",
        "Sizes of the discriminator's hidden layers, first to last.", unit="units", min_length=1,
    )  # fmt: skip
    leaky_slope: float = _setting(
        0.2, "LeakyReLU slope", "How much of a negative activation passes through.", ge=0.0, lt=1.0
    )
    g_norm_eps: float = _setting(
        1e-5, "BatchNorm eps", "Added to the variance in the generator's BatchNorm layers.",
        gt=0.0, le=1.0,
    )  # fmt: skip
    g_norm_momentum: float = _setting(
        0.1, "BatchNorm momentum",
        "Share of the newest batch in BatchNorm's running statistics (PyTorch's convention).",
        gt=0.0, le=1.0,
    )  # fmt: skip


class LossConfig(_Section):
    """The adversarial objective."""

    title: ClassVar[str] = "Objective"

    name: LossName = _setting(
        "bce", "Loss",
        "bce: non-saturating cross-entropy, the usual choice. minimax: the original objective, "
        "whose generator gradient vanishes while the discriminator is confident.",
        level="basic",
    )  # fmt: skip


class OptimizerConfig(_Section):
    """One network's optimiser."""

    title: ClassVar[str] = "Optimiser"

    name: OptimizerName = _setting("adam", "Optimiser", "Adam (Kingma and Ba, 2015).")
    lr: float = _setting(
        2e-4, "Learning rate", "Step size of each update.", level="basic", live=True, gt=0.0, le=1.0
    )
    beta1: float = _setting(
        0.5, "β₁", "Memory of Adam's mean gradient: 0 forgets at once.", ge=0.0, lt=1.0
    )
    beta2: float = _setting(0.999, "β₂", "Memory of Adam's mean squared gradient.", ge=0.0, lt=1.0)
    eps: float = _setting(
        1e-8, "ε", "Added to Adam's denominator so that it is never zero, in float32 either.",
        ge=1e-30, le=1.0,
    )  # fmt: skip


class TrainConfig(_Section):
    """The loop: how long, how large the batches, on what, in which precision."""

    title: ClassVar[str] = "Training"

    epochs: float = _setting(
        20.0, "Epochs", "Passes over the data set.", unit="epochs", level="basic",
        gt=0.0, le=100_000.0,
    )  # fmt: skip
    n_steps: int | None = _setting(
        None, "Steps", "An exact number of steps instead of epochs; empty means: use epochs.",
        unit="steps", ge=1, le=100_000_000,
    )  # fmt: skip
    batch_size: int = _setting(
        128, "Batch size", "Real images, and as many generated ones, in each update.",
        unit="images", level="basic", ge=2, le=8192,
    )  # fmt: skip
    d_steps: int = _setting(
        1, "D updates a step",
        "Discriminator updates before each generator update, each on a fresh real batch.",
        unit="updates", ge=1, le=100,
    )  # fmt: skip
    share_z: bool = _setting(
        True, "Share z",
        "The generator's update uses the z of the last discriminator update (and then G runs "
        "forward once); off draws a fresh z.",
    )  # fmt: skip
    drop_last: bool = _setting(
        False, "Drop the short batch", "Leave out an epoch's last batch when it is not full."
    )
    seed: int = _setting(
        0, "Seed", "The same seed on the same build, processor and threads gives the same run.",
        level="basic", ge=0, lt=2**31,
    )  # fmt: skip
    device: str = _setting(
        "auto", "Device", "auto takes the fastest present: cuda, then mps, then cpu.",
        level="basic", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
    )  # fmt: skip
    n_threads: int | None = _setting(
        None, "CPU threads", "Empty lets the launcher share this machine's cores between runs.",
        unit="threads", ge=1, le=1024,
    )  # fmt: skip
    precision: Precision = _setting(
        "float32", "Precision",
        "bfloat16 multiplies matrices in 16 bits; weights and losses stay in float32.",
    )  # fmt: skip
    ema: bool = _setting(
        True, "Average the generator",
        "Keep an exponential moving average (EMA) of G's weights; it does not change training "
        "and usually draws better.",
    )  # fmt: skip
    ema_halflife_images: int = _setting(
        20_000, "EMA half-life", "After so many images an old weight counts half.",
        unit="images", ge=1,
    )  # fmt: skip
    ema_ramp: float = _setting(
        0.05, "EMA ramp",
        "Early in a run the half-life is at most this share of the images seen so far; 0 means "
        "no ramp.",
        ge=0.0, le=1.0,
    )  # fmt: skip

    def planned_steps(self, steps_per_epoch: float) -> int:
        """Return how many steps a run has: `n_steps`, or enough to see the data `epochs` times.

        Each of a step's `d_steps` discriminator updates draws a batch of its own, so an epoch of
        `b` batches has `b / d_steps` steps.
        """
        if self.n_steps is not None:
            return self.n_steps
        # Rounded first: 5 epochs of 469 / 5 steps are 469, not a hair more.
        return max(1, math.ceil(round(self.epochs * steps_per_epoch, 6)))


class OutputConfig(_Section):
    """What a run reports and keeps; none of it changes the training."""

    title: ClassVar[str] = "Reports and checkpoints"

    report_every: int = _setting(
        100, "Report at least every",
        "Values of all steps since the last report leave the device together.",
        unit="steps", ge=1, le=10_000,
    )  # fmt: skip
    report_interval_s: float = _setting(
        0.25, "Report interval", "A report is also due after this time; 0 means: by steps only.",
        unit="seconds", ge=0.0, le=3600.0,
    )  # fmt: skip
    sample_every: int = _setting(
        100, "Sample grid every",
        "Draw the fixed z again and keep the grid; early on also at steps 1, 2, 5, 10 and so on.",
        unit="steps", level="basic", ge=1,
    )  # fmt: skip
    n_samples: int = _setting(
        64, "Pictures in a grid", "How many fixed z are drawn each time.", unit="pictures",
        ge=1, le=256,
    )  # fmt: skip
    checkpoint_every: int = _setting(
        0, "Checkpoint every", "0 means: by time only.", unit="steps", ge=0
    )
    checkpoint_interval_min: float = _setting(
        1.0, "Checkpoint interval", "0 means: by steps only.", unit="minutes", ge=0.0, le=1440.0
    )
    keep_last: int = _setting(
        2, "Keep the newest", "The newest checkpoints are always kept, and so is the first.",
        unit="checkpoints", ge=1, le=1000,
    )  # fmt: skip
    keep_every: int = _setting(
        10, "Keep every Nth", "Of the older checkpoints keep each Nth; 0 keeps none of them.",
        unit="checkpoints", ge=0,
    )  # fmt: skip
    keep_at_most: int = _setting(
        8, "Keep at most", "When more old ones than this would be kept, N doubles.",
        unit="checkpoints", ge=1, le=1000,
    )  # fmt: skip
    max_steps_per_s: float | None = _setting(
        None, "Pace limit", "Slows training down for demonstrations; empty means full speed.",
        unit="steps/s", live=True, gt=0.0, le=100_000.0,
    )  # fmt: skip


class RunConfig(_Section):
    """One run, whole: equal configurations on equal machines give equal numbers."""

    title: ClassVar[str] = "Run"

    schema_version: Literal[1] = 1
    recipe: str = Field("custom", pattern=r"^[a-z0-9][a-z0-9-]*$")
    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    loss: LossConfig = LossConfig()
    g_opt: OptimizerConfig = OptimizerConfig()
    d_opt: OptimizerConfig = OptimizerConfig()
    train: TrainConfig = TrainConfig()
    output: OutputConfig = OutputConfig()

    @model_validator(mode="after")
    def _needs_some_checkpoint(self) -> Self:
        out = self.output
        if out.checkpoint_every == 0 and out.checkpoint_interval_min == 0.0:
            raise ValueError(
                "checkpoint_every and checkpoint_interval_min are both 0, so a crash would lose "
                "the run: set one of them"
            )
        return self

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> Self:
        """Validate plain JSON-like data.

        Raises:
            ConfigError: names field, value and rule, one sentence for each wrong field.
        """
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            raise ConfigError(_explain(error)) from None

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote; the round trip is exact. Raises ConfigError."""
        try:
            raw = json.loads(text)
        except json.JSONDecodeError as error:
            raise ConfigError(f"The configuration is not JSON ({error}).") from None
        if not isinstance(raw, dict):
            raise ConfigError(f"The configuration is a {type(raw).__name__}, not an object.")
        return cls.parse(raw)

    def to_json(self) -> str:
        """Return the whole configuration, defaults included, as indented JSON."""
        return self.model_dump_json(indent=2)

    def with_changes(self, changes: dict[str, Any]) -> Self:
        """Return a validated copy; keys are dotted paths like `train.batch_size`.

        Raises:
            ConfigError: for an unknown path or a forbidden value.
        """
        raw = self.model_dump(mode="json")
        for path, value in changes.items():
            section, _, field = path.rpartition(".")
            target = raw.get(section) if section else raw
            if not isinstance(target, dict) or field not in target:
                raise ConfigError(f"There is no setting {path!r} in a run's configuration.")
            target[field] = value
        return self.parse(raw)


def _explain(error: ValidationError) -> str:
    sentences = []
    for item in error.errors():
        where = ".".join(str(part) for part in item["loc"]) or "configuration"
        rule = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            sentences.append(f"{where} is not a setting of this version: remove it.")
        elif item["type"] == "value_error":
            sentences.append(f"{rule[0].upper()}{rule[1:]}.")
        else:
            sentences.append(f"{where} is {item['input']!r}: {rule[0].lower()}{rule[1:]}.")
    return " ".join(sentences)
