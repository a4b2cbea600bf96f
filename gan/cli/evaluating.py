"""`evaluate`: how good a run's generator is, by every measure, at any saved step.

Door. Torch is imported when it measures.
"""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from gan.cli.checkpoint import read_state
from gan.cli.output import print_json, print_table
from gan.cli.parser import Commands, add_command, add_run
from gan.errors import ConfigError
from gan.features.catalog import FEATURES, default_features, find_classifier, get_feature_info
from gan.metrics.catalog import MEASURES
from gan.runs import control
from gan.runs.folder import Home, find_run
from gan.runs.images import cache_folder, download_folder

if TYPE_CHECKING:
    from gan.metrics.modes import ModeCounts
    from gan.training.evaluation import Evaluation

MIN_SAMPLES, MAX_SAMPLES = 100, 100_000
_MAX_ROWS = 60  # classes in a table
_N_MISSING = 20


def add_commands(commands: Commands) -> None:
    """Add `evaluate`."""
    parser = add_command(
        commands,
        "evaluate",
        evaluate,
        summary="Measure how good a run's generator is: distances, precision, variety, classes.",
        example="python -m gan evaluate vanilla-fashion-1\n"
        "python -m gan evaluate vanilla-fashion-1 --step 10000 --n 5000 --features fashion-b",
    )
    add_run(parser)
    parser.add_argument(
        "--n", type=int, default=10_000, metavar="N",
        help="samples, and at most as many real images (default 10000)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="for z (default 0)")
    parser.add_argument(
        "--step",
        type=int,
        metavar="N",
        help="the checkpoint of this step instead of the kept or newest one",
    )
    parser.add_argument(
        "--features", metavar="|".join(FEATURES),
        help="which network compares the pictures; by default the one that suits the data",
    )  # fmt: skip
    parser.add_argument(
        "--raw", action="store_true", help="the generator itself instead of its average (EMA)"
    )


def evaluate(args: argparse.Namespace, home: Home) -> int:
    """Measure and print."""
    if not MIN_SAMPLES <= args.n <= MAX_SAMPLES:
        raise ConfigError(f"--n is {args.n}: it must be from {MIN_SAMPLES} to {MAX_SAMPLES:,}.")
    if args.features is not None:
        get_feature_info(args.features)
    folder = find_run(home, args.run)
    state = read_state(folder, args.step)
    from gan.data.dataset import load_data, to_uint8  # noqa: PLC0415
    from gan.training import evaluation  # noqa: PLC0415
    from gan.training.saved import load_generator  # noqa: PLC0415

    generator = load_generator(state, use_average=not args.raw)
    data = load_data(
        control.read_config(folder).data,
        download_folder=download_folder(home),
        cache_folder=cache_folder(home),
        progress=_tell,
    )
    _tell(f"Drawing {args.n:,} pictures.")
    found = evaluation.evaluate(
        evaluation.some_real(data.images, args.n),
        to_uint8(generator.draw(args.n, args.seed)),
        features=args.features or default_features(data.name, data.channels, data.size_px),
        classifier=find_classifier(data.name),
        report=_tell,
    )
    about = {
        "id": folder.id,
        "step": generator.step,
        "generator": "ema" if generator.is_average else "raw",
        "seed": args.seed,
        "data": data.located.why,
    }
    if args.json:
        print_json(about | _as_json(found, data.classes))
    else:
        _print(found, about, data.classes)
    return 0


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def _print(found: "Evaluation", about: dict[str, Any], classes: tuple[str, ...]) -> None:
    title = get_feature_info(found.features).title
    print(
        f"Step {about['step']:,}: {found.n_fake:,} samples against {found.n_real:,} real images, "
        f"in the features of {title} ({found.features}), {found.elapsed_s:.1f} s."
    )
    rows = []
    for figure in found.figures:
        info = MEASURES[figure.name]
        span = "" if figure.low is None else f"{figure.low:.4g} to {figure.high:.4g}"
        better = info.better if info.ideal is None else f"{info.better}, ideal {info.ideal:g}"
        rows.append((info.title, f"{figure.value:.4g}", span, better))
    print_table(("measure", "value", "95 % interval", "better"), rows)
    if found.modes is not None and len(found.modes.real_counts) > _MAX_ROWS:
        print(_missing_text(found.modes, classes))
    elif found.modes is not None:
        shares = [
            (classes[i] if i < len(classes) else str(i), f"{real:,}", f"{fake:,}")
            for i, (real, fake) in enumerate(
                zip(found.modes.real_counts, found.modes.fake_counts, strict=True)
            )
        ]
        print()
        print_table(("class", "real", "generated"), shares)


def _missing_text(modes: "ModeCounts", classes: tuple[str, ...]) -> str:
    """Say which of very many classes are not drawn."""
    names = [classes[i] if i < len(classes) else str(i) for i in modes.missing]
    more = f" and {len(names) - _N_MISSING:,} more" if len(names) > _N_MISSING else ""
    missing = f"missing are {', '.join(names[:_N_MISSING])}{more}" if names else "none is missing"
    return f"{modes.n_covered:,} of {modes.n_modes:,} classes are drawn; {missing}."


def _as_json(found: "Evaluation", classes: tuple[str, ...]) -> dict[str, Any]:
    modes = found.modes
    return {
        "features": found.features,
        "n_real": found.n_real,
        "n_fake": found.n_fake,
        "elapsed_s": found.elapsed_s,
        "figures": {
            f.name: {"value": f.value, "low": f.low, "high": f.high} for f in found.figures
        },
        "classes": None
        if modes is None
        else {
            (classes[i] if i < len(classes) else str(i)): {"real": real, "generated": fake}
            for i, (real, fake) in enumerate(zip(modes.real_counts, modes.fake_counts, strict=True))
        },
    }
