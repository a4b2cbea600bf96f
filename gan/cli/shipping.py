"""`ship`: make a small generator with a card out of a finished run, to come with the product.

Door. Torch is imported when it works.
"""

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from gan.cli.output import print_json
from gan.cli.parser import Commands, add_command, add_run
from gan.config import RunConfig
from gan.data.catalog import get_dataset_info
from gan.errors import ConfigError, DataError
from gan.features.catalog import (
    FEATURES,
    default_features,
    find_classifier,
    get_feature_info,
    judge_features,
)
from gan.fields import FIELDS, get_value, value_text
from gan.recipes import RECIPES
from gan.runs import control
from gan.runs.cards import Check, Figure, Measured, check_words, portable, shipped_root
from gan.runs.folder import Home, RunFolder, find_run
from gan.runs.images import cache_folder, download_folder

if TYPE_CHECKING:
    from gan.data.dataset import ImageData
    from gan.runs.shipping import Measure

MIN_SAMPLES, MAX_SAMPLES = 100, 100_000
N_CHECK = 2000
LARGE_BYTES = 9_000_000
_SEED = 0


def add_commands(commands: Commands) -> None:
    """Add `ship`."""
    parser = add_command(
        commands,
        "ship",
        ship,
        summary="Make a small generator with a card out of a run: half-precision weights, curves "
        "and grids, quality measured.",
        example="python -m gan ship vanilla-fashion-1 --name vanilla-fashion --step last",
    )
    add_run(parser)
    parser.add_argument("--name", required=True, help="its slug, the name of its folder")
    parser.add_argument(
        "--step", default="best", metavar="best|last|N",
        help="which checkpoint: of the best measured quality, the newest, or of a step "
        "(default best)",
    )  # fmt: skip
    parser.add_argument("--title", help="its name for people; by default the recipe's title")
    parser.add_argument("--sentence", help="what it is, in one sentence for people")
    parser.add_argument("--command", dest="typed", help="what was typed to train it")
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where to; by default checkpoints/"
    )
    parser.add_argument(
        "--n", type=int, default=10_000, metavar="N", help="samples to measure (default 10000)"
    )
    parser.add_argument(
        "--features", action="append", metavar="|".join(FEATURES),
        help="measure in these, once or several times; by default those that suit the data and "
        "those that judge",
    )  # fmt: skip
    parser.add_argument("--replace", action="store_true", help="an older one of this name goes")


def ship(args: argparse.Namespace, home: Home) -> int:
    """Make it, and say how good it is."""
    if not MIN_SAMPLES <= args.n <= MAX_SAMPLES:
        raise ConfigError(f"--n is {args.n}: it must be from {MIN_SAMPLES} to {MAX_SAMPLES:,}.")
    if not (args.step in ("best", "last") or args.step.isdigit()):
        raise ConfigError(f"--step is {args.step!r}: say best, last, or a number of steps.")
    for name in args.features or ():
        get_feature_info(name)
    folder = find_run(home, args.run)
    from gan.runs import shipping  # noqa: PLC0415

    out = args.out.expanduser().absolute() if args.out else shipped_root()
    card = shipping.ship(
        folder,
        out,
        _words(args, folder),
        step=args.step,
        measure=_measure(home, folder, args.n, args.features),
        replace=args.replace,
    )
    is_in_table = shipping.update_table(out)
    if args.json:
        print_json({"path": str(out / card.name), **card.model_dump(mode="json")})
        return 0
    print(f"{out / card.name}: {card.title}, step {card.step:,}, {card.size_bytes / 1e6:.2f} MB.")
    for measured in card.quality:
        figure = measured.figures["frechet"].value
        print(f"Fréchet distance {figure:.2f} in {measured.features}, {measured.n_fake:,} samples.")
    if card.size_bytes > LARGE_BYTES:
        _tell("This is large for a repository: a generator with fewer weights would be better.")
    if is_in_table:
        print(f"{out / 'README.md'} lists it.")
    return 0


def train_command(config: RunConfig) -> str:
    """Return the shortest `train` that makes a configuration."""
    recipe = RECIPES.get(config.recipe)
    start = recipe.build() if recipe else RunConfig()
    words = ["train", config.recipe if recipe else "custom"]
    for spec in FIELDS.values():
        value = get_value(config, spec.path)
        if value == get_value(start, spec.path):
            continue
        if spec.kind == "bool":
            words.append(spec.flag if value else f"--no-{spec.flag.removeprefix('--')}")
        else:
            words += [spec.flag, value_text(value)]
    return shlex.join(["python", "-m", "gan", *words])


def _words(args: argparse.Namespace, folder: RunFolder) -> Any:
    from gan.runs.shipping import Words  # noqa: PLC0415

    config, summary = control.read_config(folder), control.summarise(folder)
    recipe = RECIPES.get(config.recipe)
    title = args.title or (recipe.title if recipe else summary.name)
    data = get_dataset_info(str(summary.data.get("name") or config.data.dataset)).title
    sentence = args.sentence or f"Trained beforehand on {data}."
    check_words(name=args.name, title=title, sentence=sentence)
    return Words(args.name, title, sentence, command=args.typed or train_command(portable(config)))


def _measure(home: Home, folder: RunFolder, n: int, wanted: list[str] | None) -> "Measure":
    """Return what measures a state against the run's data, in one or several features."""
    from gan.runs.shipping import Figures  # noqa: PLC0415

    def measure(state: dict[str, Any]) -> Figures:
        data = _load(home, folder, state)
        names = wanted or [
            default_features(data.name, data.channels, data.size_px),
            judge_features(data.name, data.channels, data.size_px),
        ]
        measured = tuple(_in_features(state, data, name, n) for name in dict.fromkeys(names))
        distance, features = _as_in_training(folder, state, data)
        return Figures(
            measured, measure_check(state, data, measured[0].features), distance, features
        )

    return measure


def _as_in_training(
    folder: RunFolder, state: dict[str, Any], data: "ImageData"
) -> tuple[float, str]:
    """Return the distance that the run itself would have measured, and in which features."""
    import torch  # noqa: PLC0415

    from gan.training.quality import QualityMeter  # noqa: PLC0415
    from gan.training.saved import load_generator  # noqa: PLC0415

    config, generator = control.read_config(folder), load_generator(state)
    meter = QualityMeter(config, data, torch.device("cpu"), len(generator.classes))
    return _rounded(meter.measure(generator.network)["quality/distance"]), meter.features


def measure_check(state: dict[str, Any], data: "ImageData", features: str) -> Check:
    """Return the cheap figure by which a generator is recognised later.

    Against the first images of the data set: those of a drawn one are quickly drawn again.
    """
    from gan.data.dataset import to_uint8  # noqa: PLC0415
    from gan.features.extractor import load_extractor  # noqa: PLC0415
    from gan.metrics.frechet import frechet_distance  # noqa: PLC0415
    from gan.training.saved import load_generator  # noqa: PLC0415

    look = load_extractor(features, "cpu").features
    real = data.images[:N_CHECK]
    fake = to_uint8(load_generator(state).draw(N_CHECK, _SEED))
    distance = frechet_distance(look(real).numpy(), look(fake).numpy(), n_groups=0)
    return Check(
        features=features,
        n_real=len(real),
        n_fake=len(fake),
        seed=_SEED,
        frechet=_rounded(distance.value),
    )


def _in_features(state: dict[str, Any], data: "ImageData", features: str, n: int) -> Measured:
    from gan.data.dataset import to_uint8  # noqa: PLC0415
    from gan.training import evaluation  # noqa: PLC0415
    from gan.training.saved import load_generator  # noqa: PLC0415

    _tell(f"Measuring in {features}.")
    generator = load_generator(state)
    found = evaluation.evaluate(
        evaluation.some_real(data.images, n),
        to_uint8(generator.draw(n, _SEED)),
        features=features,
        classifier=find_classifier(data.name),
    )
    classes: dict[str, tuple[int, int]] = {}
    if found.modes is not None:
        pairs = zip(found.modes.real_counts, found.modes.fake_counts, strict=True)
        for i, (real, fake) in enumerate(pairs):
            name = data.classes[i] if i < len(data.classes) else str(i)
            classes[name] = (int(real), int(fake))
    return Measured(
        features=features,
        features_title=get_feature_info(features).title,
        generator="ema" if generator.is_average else "raw",
        n_real=found.n_real,
        n_fake=found.n_fake,
        seed=_SEED,
        figures={
            f.name: Figure(value=_rounded(f.value), low=_rounded(f.low), high=_rounded(f.high))
            for f in found.figures
        },
        classes=classes,
    )


def _load(home: Home, folder: RunFolder, state: dict[str, Any]) -> "ImageData":
    from gan.data.dataset import load_data  # noqa: PLC0415

    data = load_data(
        control.read_config(folder).data,
        download_folder=download_folder(home),
        cache_folder=cache_folder(home),
        progress=_tell,
    )
    if data.fingerprint != state["data_fingerprint"]:
        raise DataError(
            f"The data set {data.name!r} is not the one that the run {folder.id} was trained on: "
            "put the old files back to measure against them."
        )
    return data


@overload
def _rounded(value: float) -> float: ...
@overload
def _rounded(value: None) -> None: ...
def _rounded(value: float | None) -> float | None:
    """Return six digits of a number: the others differ from machine to machine."""
    return None if value is None else float(f"{value:.6g}")


def _tell(text: str) -> None:
    print(text, file=sys.stderr)
