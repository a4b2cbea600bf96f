"""How good a run is, measured while it trains. Vocabulary layer."""

from typing import ClassVar, Literal

from gan.config.base import Section, setting

FeaturesName = Literal[
    "auto", "fashion-a", "fashion-b", "mnist", "mnist-planes", "faces", "imagenet",
    "inception-v3", "random",
]  # fmt: skip


class QualityConfig(Section):
    """Measuring quality while a run trains; it changes nothing in the training."""

    title: ClassVar[str] = "Quality"

    every: int = setting(
        1000, "Measure every",
        "Compare samples of the (averaged) generator with real pictures; 0 means never.",
        unit="steps", ge=0,
    )  # fmt: skip
    n_samples: int = setting(
        2000, "Samples measured", "More samples, steadier figures, and more time.",
        unit="pictures", ge=100, le=50_000,
    )  # fmt: skip
    features: FeaturesName = setting(
        "auto", "Features",
        "Which network looks at the pictures; auto takes the one that suits the data. Figures in "
        "different features cannot be compared.",
    )  # fmt: skip
    max_share: float = setting(
        0.05, "Largest share of the time",
        "A measurement is left out while measuring has taken more than this share of the time.",
        gt=0.0, le=1.0,
    )  # fmt: skip
