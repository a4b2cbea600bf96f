"""What a run reports and keeps. Vocabulary layer."""

from typing import ClassVar, Literal

from gan.config.base import Section, setting


class OutputConfig(Section):
    """What a run reports and keeps; none of it changes the training."""

    title: ClassVar[str] = "Reports and checkpoints"

    report_every: int = setting(
        100, "Report at least every",
        "Values of all steps since the last report leave the device together.",
        unit="steps", ge=1, le=10_000,
    )  # fmt: skip
    report_interval_s: float = setting(
        0.25, "Report interval", "A report is also due after this time; 0 means: by steps only.",
        unit="seconds", ge=0.0, le=3600.0,
    )  # fmt: skip
    sample_every: int = setting(
        100, "Sample grid every",
        "Draw the fixed z again and keep the grid; early on also at steps 1, 2, 5, 10 and so on.",
        unit="steps", level="basic", ge=1,
    )  # fmt: skip
    n_samples: int = setting(
        64, "Pictures in a grid", "How many fixed z are drawn each time.", unit="pictures",
        ge=1, le=256,
    )  # fmt: skip
    sample_z: Literal["fixed", "fresh"] = setting(
        "fixed", "z of the grids",
        "fixed: every grid shows the same z, so that one sees how each picture changes. fresh: "
        "every grid draws new z.",
    )  # fmt: skip
    tensorboard: bool = setting(
        False, "TensorBoard log",
        "Write numbers, grids and settings into tensorboard/ in the run's folder while it trains; "
        "any run can also be exported afterwards.",
    )  # fmt: skip
    checkpoint_every: int = setting(
        0, "Checkpoint every", "0 means: by time only.", unit="steps", ge=0
    )
    checkpoint_interval_min: float = setting(
        1.0, "Checkpoint interval", "0 means: by steps only.", unit="minutes", ge=0.0, le=1440.0
    )
    keep_last: int = setting(
        2, "Keep the newest", "The newest checkpoints are always kept, and so is the first.",
        unit="checkpoints", ge=1, le=1000,
    )  # fmt: skip
    keep_every: int = setting(
        10, "Keep every Nth", "Of the older checkpoints keep each Nth; 0 keeps none of them.",
        unit="checkpoints", ge=0,
    )  # fmt: skip
    keep_at_most: int = setting(
        8, "Keep at most", "When more old ones than this would be kept, N doubles.",
        unit="checkpoints", ge=1, le=1000,
    )  # fmt: skip
    max_steps_per_s: float | None = setting(
        None, "Pace limit", "Slows training down for demonstrations; empty means full speed.",
        unit="steps/s", live=True, gt=0.0, le=100_000.0,
    )  # fmt: skip
