"""What a comparison holds equal, and what a varied setting makes unequal, in words.

Maths layer, without torch. For one seed all variants start from the same weights, see the same
pictures and the same z at every step, and draw their walls from the same z, but where the very
setting that is varied makes that impossible: `UNEQUAL` says where. A test builds trainers for every
setting that there is and holds this table against what they really do.
"""

from dataclasses import dataclass
from typing import Any, Literal

from gan.comparing.design import ComparisonDesign, Factor, factor_paths

Aspect = Literal["g_weights", "d_weights", "images", "z", "fixed_z", "yardstick"]

ASPECTS: dict[Aspect, str] = {
    "g_weights": "the generator's first weights",
    "d_weights": "the discriminator's first weights",
    "images": "the real pictures of every step",
    "z": "the z of every step",
    "fixed_z": "the z of the sample walls",
    "yardstick": "the real pictures and the features that quality is measured with",
}
"""What variants with the same seed have in common."""


@dataclass(frozen=True)
class Unequal:
    """What a varied setting changes beside itself.

    Attributes:
        aspects: what is no longer the same.
        text: one or two sentences for a student.
    """

    aspects: frozenset[Aspect]
    text: str


@dataclass(frozen=True)
class Fairness:
    """What a design holds equal.

    Attributes:
        equal: what all variants of a seed have in common, half sentences.
        unequal: what they have not, whole sentences.
        notes: what to keep in mind beside that, whole sentences.
    """

    equal: tuple[str, ...]
    unequal: tuple[str, ...]
    notes: tuple[str, ...]


def judge_fairness(design: ComparisonDesign) -> Fairness:
    """Say what the variants of a design have in common and what they have not."""
    paths = [path for factor in design.factors for path in factor_paths(factor)]
    found = [UNEQUAL[path] for path in paths if path in UNEQUAL]
    aspects = {aspect for one in found for aspect in one.aspects}
    equal = tuple(text for aspect, text in ASPECTS.items() if aspect not in aspects)
    return Fairness(equal, tuple(dict.fromkeys(one.text for one in found)), _notes(design, paths))


def same_yardstick(design: ComparisonDesign) -> bool:
    """Tell whether the distances of a design's variants can be held against each other."""
    paths = [path for factor in design.factors for path in factor_paths(factor)]
    return not any("yardstick" in unequal_aspects(path) for path in paths)


def unequal_aspects(path: str) -> frozenset[Aspect]:
    """Return what varying one setting makes unequal."""
    return UNEQUAL[path].aspects if path in UNEQUAL else frozenset()


def _notes(design: ComparisonDesign, paths: list[str]) -> tuple[str, ...]:
    notes = [note for factor in design.factors if (note := _rates_note(design, factor))]
    if design.budget.kind == "seconds":
        notes.append(
            "Each run trains alone with the same threads for the same time; how many steps that "
            "is depends on how dear a variant's steps are."
        )
        if design.base["train"].get("lr_schedule", "constant") != "constant":
            notes.append(
                "Under a time budget no end in steps is planned, so learning rates that would "
                "fall towards it stay at their full value."
            )
    elif any(path.startswith(("model.", *_WORK)) for path in paths):
        notes.append(
            "All variants do the same number of steps, but their steps are not equally dear: "
            "look at the wall time too."
        )
    return tuple(notes)


def _rates_note(design: ComparisonDesign, factor: Factor) -> str:
    """Say when optimisers race at different learning rates."""
    if not any(path in ("g_opt.name", "d_opt.name") for path in factor_paths(factor)):
        return ""
    rates: dict[str, tuple[Any, ...]] = {}
    for variant in design.variants:
        config = design.config(variant, design.seeds[0])
        rates.setdefault(variant.levels[design.factors.index(factor)], ())
        rates[variant.levels[design.factors.index(factor)]] += (config.g_opt.lr, config.d_opt.lr)
    if len(set(rates.values())) < 2:
        return ""
    listed = ", ".join(
        f"{label} {'/'.join(f'{lr:g}' for lr in dict.fromkeys(lrs))}"
        for label, lrs in rates.items()
    )
    return f"The optimisers race at their own learning rates ({listed}), which decide much of it."


_WORK = ("train.batch_size", "train.d_steps", "train.precision", "train.half_batch", "loss.name")

_OTHER_PICTURES = (
    "Each variant learns and is measured against pictures of its own, so their distances cannot "
    "be held against each other; the walls can."
)
_OTHER_SHAPE = "Other layers have other weights: the network that is varied starts from its own."


def _unequal(text: str, *aspects: Aspect) -> Unequal:
    return Unequal(frozenset(aspects), text)


_SAME_NUMBER = _unequal(_OTHER_PICTURES, "images", "yardstick")
_OTHER_NUMBER = _unequal(_OTHER_PICTURES, "images", "z", "yardstick")
_OTHER_SIZE = _unequal(_OTHER_PICTURES, "g_weights", "d_weights", "images", "yardstick")
_OTHER_SET = _unequal(_OTHER_PICTURES, "g_weights", "d_weights", "images", "z", "yardstick")
_G_LAYERS = _unequal(_OTHER_SHAPE, "g_weights")
_D_LAYERS = _unequal(_OTHER_SHAPE, "d_weights")
_BOTH = _unequal(
    "Other layers have other weights: both networks start from their own.",
    "g_weights",
    "d_weights",
)

UNEQUAL: dict[str, Unequal] = {
    "data.dataset": _OTHER_SET,
    "data.source": _OTHER_SET,
    "data.folder": _OTHER_NUMBER,
    "data.n_images": _OTHER_NUMBER,
    "data.size_px": _OTHER_SIZE,
    "data.colour": _OTHER_SIZE,
    "data.fit": _SAME_NUMBER,
    "data.background": _SAME_NUMBER,
    "data.flip": _unequal(
        "The same pictures come at the same steps, but in one variant half of them are mirrored.",
        "images",
    ),
    "model.name": _BOTH,
    "model.latent_dim": _unequal(
        "z of another size are other numbers, and the generator's first layer has another size.",
        "g_weights",
        "z",
        "fixed_z",
    ),
    "model.g_widths": _G_LAYERS,
    "model.g_norm": _G_LAYERS,
    "model.g_norm_first": _G_LAYERS,
    "model.d_widths": _D_LAYERS,
    "model.d_norm": _D_LAYERS,
    "model.d_norm_first": _D_LAYERS,
    "model.d_head": _D_LAYERS,
    "model.spectral_norm": _unequal(
        "The discriminator starts from the same weights, divided by their largest singular value.",
        "d_weights",
    ),
    "model.init": _unequal(
        "Both networks start from weights of their own: that is what is varied.",
        "g_weights",
        "d_weights",
    ),
    "model.conditional": _unequal(
        "Both networks have more inputs where they are told the class, so they start from weights "
        "of their own.",
        "g_weights",
        "d_weights",
    ),
    "train.batch_size": _unequal(
        "The pictures come in the same order, but larger batches take more of them (and more z) a "
        "step: after the same steps they have seen more.",
        "images",
        "z",
    ),
    "train.d_steps": _unequal(
        "The pictures come in the same order, but each further update of D in a step takes a "
        "batch and z of its own: after the same steps more were seen.",
        "images",
        "z",
    ),
    "train.order": _unequal(
        "The same z are drawn, but which network gets which depends on who learns first.", "z"
    ),
    "train.sampling": _unequal(
        "Pictures are drawn in another way, so other ones come at each step; and where every batch "
        "is full, it takes as many z.",
        "images",
        "z",
    ),
    "train.half_batch": _unequal(
        "The pictures come in the same order, but half batches take half as many a step, and D "
        "sees half as many z.",
        "images",
        "z",
    ),
    "train.full_fakes": _unequal(
        "Beside an epoch's short last batch one variant draws more z, so later ones differ.", "z"
    ),
    "train.share_z": _unequal(
        "One variant draws fresh z for the generator, so the z of later steps differ.", "z"
    ),
    "train.drop_last": _unequal(
        "The first epoch is the same until its short last batch, which one variant leaves out.",
        "images",
        "z",
    ),
}
"""What varying a setting makes unequal, by its path; any other setting: nothing."""
