"""Comparisons of one button, published and our own.

Maths layer, without torch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gan.comparing.design import Budget, ComparisonDesign, Factor, Option
from gan.comparing.published import PublishedFinding
from gan.config import DataConfig
from gan.data.catalog import get_dataset_info
from gan.errors import UnknownNameError
from gan.recipes import get_recipe


@dataclass(frozen=True)
class Preset:
    """A comparison as its button shows it.

    Attributes:
        name: its slug, as the design carries it in `preset`.
        summary: one or two sentences for a student.
        source: where it was published.
        notes: what the source leaves open and what was chosen.
        stand_in: the data set that takes the place of its own where that is not on the machine.
        published: what was reported, in the source's order; () for our own.
        make: returns the design on its own data.
    """

    name: str
    title: str
    summary: str
    source: str
    notes: str
    stand_in: str
    published: tuple[PublishedFinding, ...]
    make: Callable[[], ComparisonDesign]

    def build(self, data: DataConfig | None = None) -> ComparisonDesign:
        """Return the design, on its own data or on other."""
        design = self.make()
        if data is None:
            return design
        raw = design.model_dump(mode="json")
        raw["base"]["data"] = data.model_dump(mode="json")
        return ComparisonDesign.parse(raw)

    @property
    def data(self) -> DataConfig:
        """Its own data: the published ones."""
        return DataConfig.model_validate(self.make().base["data"])

    @property
    def stand_in_data(self) -> DataConfig:
        """The data to take where its own are not on the machine, in the same size and number."""
        return self.data.model_copy(update={"dataset": self.stand_in})


def get_preset(name: str) -> Preset:
    """Look a preset up by name. Raises UnknownNameError, which lists the presets there are."""
    try:
        return PRESETS[name]
    except KeyError:
        raise UnknownNameError("comparison", name, list(PRESETS)) from None


def other_data(design: ComparisonDesign) -> str:
    """Return a sentence if a preset's design learns other pictures than its own, else ''."""
    preset = PRESETS.get(design.preset)
    if preset is None:
        return ""
    own, present = preset.data, DataConfig.model_validate(design.base["data"])
    if present == own:
        return ""
    theirs, ours = (get_dataset_info(data.dataset).title for data in (own, present))
    if theirs == ours:
        return f"Other data: {theirs} too, but not as in the source (size, number or colour)."
    return f"Other data: {ours} instead of {theirs}, so figures may differ from the published ones."


def both(**changes: Any) -> dict[str, Any]:
    """Return changes of both networks' optimisers by path: `both(lr=0.1)`."""
    return {f"{player}.{k}": v for k, v in changes.items() for player in ("g_opt", "d_opt")}


_OPTIMISER = "Optimiser of both networks"
_KERAS = (
    Option(label="SGD", changes=both(name="sgd", lr=0.01)),
    Option(label="RMSprop", changes=both(name="rmsprop", lr=0.001, alpha=0.9, eps=1e-7)),
    Option(label="Adam", changes=both(name="adam", lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7)),
)
"""As Keras has them: their rates are its defaults."""


def _base(recipe: str, **changes: Any) -> dict[str, Any]:
    config = get_recipe(recipe).build()
    edited = config.with_changes({path.replace("__", "."): v for path, v in changes.items()})
    return edited.model_dump(mode="json")


def _optimizers_faces_32() -> ComparisonDesign:
    return ComparisonDesign(
        name="SGD, RMSprop, Adam on faces",
        preset="optimizers-faces-32",
        base=_base("optimizers-faces-32"),
        factors=(Factor(title=_OPTIMISER, options=_KERAS),),
        seeds=(0, 1, 2),
        budget=Budget(kind="steps", amount=5_000),
        quality_every=250,
    )


def _rates_faces_32() -> ComparisonDesign:
    rates = (0.0001, 0.001, 0.01, 0.1)
    return ComparisonDesign(
        name="Learning rates on faces",
        preset="rates-faces-32",
        base=_base("optimizers-faces-32"),
        factors=(
            Factor(
                title=_OPTIMISER,
                options=(
                    Option(label="SGD", changes=both(name="sgd")),
                    Option(label="RMSprop", changes=both(name="rmsprop", alpha=0.9, eps=1e-7)),
                    Option(
                        label="Adam", changes=both(name="adam", beta1=0.9, beta2=0.999, eps=1e-7)
                    ),
                ),
            ),
            Factor(
                title="Learning rate of both networks",
                options=tuple(Option(label=f"{lr:g}", changes=both(lr=lr)) for lr in rates),
            ),
        ),
        seeds=(0, 1),
        budget=Budget(kind="steps", amount=1_500),
        quality_every=250,
    )


def _losses_fashion() -> ComparisonDesign:
    names = {
        "bce": "Cross-entropy", "lsgan": "Least squares", "hinge": "Hinge",
        "wasserstein": "Wasserstein", "relativistic": "Relativistic",
    }  # fmt: skip
    return ComparisonDesign(
        name="Objectives on clothes",
        preset="losses-fashion",
        base=_base("modern-fashion"),
        factors=(
            Factor(
                title="Loss",
                options=tuple(
                    Option(label=label, changes={"loss.name": name})
                    for name, label in names.items()
                ),
            ),
        ),
        seeds=(0, 1, 2),
        budget=Budget(kind="steps", amount=3_000),
        quality_every=250,
    )


def _optimizers_quick() -> ComparisonDesign:
    return ComparisonDesign(
        name="Optimisers in two minutes",
        preset="optimizers-quick",
        base=_base("modern-fashion", output__sample_every=50),
        factors=(Factor(title=_OPTIMISER, options=_KERAS),),
        seeds=(0, 1, 2),
        budget=Budget(kind="steps", amount=1_000),
        quality_every=250,
    )


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            name="optimizers-faces-32",
            title="SGD, RMSprop or Adam? The published comparison",
            summary="One small dense GAN learns faces under three optimisers, three times each. "
            "Do SGD, RMSprop and Adam behave as they were reported to?",
            source="A published comparison of SGD, RMSprop and Adam on 5,000 CelebA faces.",
            notes="The source is silent on the learning rates, which decide the comparison: here "
            "they are Keras' defaults, SGD 0.01, RMSprop 0.001, Adam 0.001. Its '5,000 epochs' "
            "are read as 5,000 updates. The three seeds are ours: the source shows one run each.",
            stand_in="drawn-faces",
            published=(
                PublishedFinding("sgd", "SGD is noisy.", "loss/g", "noisiest"),
                PublishedFinding("sgd", "Under SGD G's loss falls.", "loss/g", "falls"),
                PublishedFinding("rmsprop", "Under RMSprop G's loss falls.", "loss/g", "falls"),
                PublishedFinding(
                    "rmsprop",
                    "Under RMSprop D's loss on real pictures rises.",
                    "loss/d_real",
                    "rises",
                ),
                PublishedFinding(
                    "adam", "Adam draws the best pictures.", "quality/distance", "smallest"
                ),
                PublishedFinding(
                    "adam", "Under Adam D's loss on fakes stays larger.", "loss/d_fake", "largest"
                ),
            ),
            make=_optimizers_faces_32,
        ),
        Preset(
            name="rates-faces-32",
            title="Each optimiser at its own best learning rate",
            summary="A race at one rate each says more about the rates than about the optimisers. "
            "Here each optimiser tries four, so that you see where it is at its best.",
            source="Our own, on the networks of the published comparison.",
            notes="Shorter runs, and two seeds, since there are twelve variants.",
            stand_in="drawn-faces",
            published=(),
            make=_rates_faces_32,
        ),
        Preset(
            name="losses-fashion",
            title="Which loss draws the best clothes?",
            summary="Five adversarial losses on the same small networks with the same penalty on "
            "steep discriminators.",
            source="Our own, on the recipe modern-fashion.",
            notes="R1 in each fourth update bounds all five, Wasserstein's critic included; the "
            "learning rates are those that suit cross-entropy.",
            stand_in="drawn-digits",
            published=(),
            make=_losses_fashion,
        ),
        Preset(
            name="optimizers-quick",
            title="Three optimisers in two minutes",
            summary="The same three optimisers on 28×28 clothes and a fast recipe: nine short "
            "runs, done within a lesson on any computer.",
            source="Our own, on the recipe modern-fashion.",
            notes="A thousand steps show who starts fast, not who ends best.",
            stand_in="drawn-digits",
            published=(),
            make=_optimizers_quick,
        ),
    )
}
