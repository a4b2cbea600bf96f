"""When a run ends before its planned end, and what is kept of it. Vocabulary layer."""

from typing import ClassVar, Literal

from gan.config.base import Section, setting


class StopConfig(Section):
    """Rules that end a run early; a run that diverges is ended by itself."""

    title: ClassVar[str] = "Stopping"

    patience: int = setting(
        0, "Stop without improvement",
        "End the run when so many measurements of quality in a row have not beaten the best one; "
        "0 means never.",
        unit="measurements", ge=0,
    )  # fmt: skip
    after_s: float | None = setting(
        None, "Time budget",
        "End the run after so many seconds of training; pauses do not count. Empty means: no "
        "limit.",
        unit="s", gt=0.0,
    )  # fmt: skip
    keep: Literal["last", "best"] = setting(
        "last", "What the run keeps",
        "Which state counts as the run's result at its end, to draw from and to measure: the last "
        "one, or the one whose quality measured best.",
    )  # fmt: skip
