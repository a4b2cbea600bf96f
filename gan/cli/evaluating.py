"""`evaluate`: how good a run's generator is, by every measure, at any saved step.

Door. Torch is imported when it measures. What was found is kept in the run's folder, where the
Evaluate page finds it.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from gan.cli.checkpoint import read_state
from gan.cli.output import complain, finite, print_json, print_table
from gan.cli.parser import Commands, add_command, add_generator, add_run
from gan.data.progress import Note
from gan.errors import ConfigError, StoreError
from gan.features.catalog import FEATURES, default_features, get_feature_info
from gan.metrics.catalog import MEASURES
from gan.runs import control
from gan.runs.disk import os_errors
from gan.runs.evaluations import VERSION, Answer, Arrays, Question, keep_evaluation, write_answer
from gan.runs.folder import Home, RunFolder, find_run
from gan.runs.images import cache_folder, download_folder

MIN_SAMPLES, MAX_SAMPLES = 100, 100_000
_MAX_ROWS = 60  # classes in a table
_N_MISSING = 20


def add_commands(commands: Commands) -> None:
    """Add `evaluate`."""
    parser = add_command(
        commands,
        "evaluate",
        evaluate,
        summary="Measure how good a run's generator is: distances, precision, variety, classes, "
        "copying.",
        example="python -m gan evaluate vanilla-fashion-1 --report report.html\n"
        "python -m gan evaluate vanilla-fashion-1 --step 10000 --n 5000 --features fashion-b",
    )
    add_run(parser)
    parser.add_argument(
        "--n", type=int, default=10_000, metavar="N",
        help="samples, and at most as many real images (default 10000)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="for z (default 0)")
    add_generator(parser)
    parser.add_argument(
        "--features", metavar="|".join(FEATURES),
        help="which network compares the pictures; by default the one that suits the data",
    )  # fmt: skip
    parser.add_argument(
        "--report", type=Path, metavar="FILE",
        help="write a report of one page, an HTML file that needs nothing else",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER",
        help="write figures (JSON), pictures and map (npz) and the walls (PNG) there as well",
    )  # fmt: skip
    parser.add_argument("--notes", action="store_true", help=argparse.SUPPRESS)  # for the page


def evaluate(args: argparse.Namespace, home: Home) -> int:
    """Measure, keep and print."""
    _check(args)
    folder = find_run(home, args.run)
    answer, arrays = _measure(args, home, folder)
    question = Question(
        answer["step"], args.n, answer["features"], answer["generator"] == "raw", args.seed
    )
    try:
        keep_evaluation(folder, question, answer, arrays)
    except StoreError as error:
        if args.notes:  # then keeping was all that was wanted
            raise
        complain(str(error))
    if args.out is not None:
        _write_out(args.out.expanduser(), answer, arrays)
    if args.report is not None:
        _write_report(args.report.expanduser(), answer, arrays)
    if args.json:
        print_json(answer)
    elif not args.notes:
        _print(answer)
    return 0


def _check(args: argparse.Namespace) -> None:
    if not MIN_SAMPLES <= args.n <= MAX_SAMPLES:
        raise ConfigError(f"--n is {args.n}: it must be from {MIN_SAMPLES} to {MAX_SAMPLES:,}.")
    if not 0 <= args.seed < 2**63:
        raise ConfigError(f"--seed is {args.seed}: it must be from 0 to 2^63 - 1.")
    if args.features is not None:
        get_feature_info(args.features)


def _measure(args: argparse.Namespace, home: Home, folder: RunFolder) -> tuple[Answer, Arrays]:
    tell = _tell_as_json if args.notes else _tell
    tell(Note("Loading the network and the data.", 0.0))
    state = read_state(folder, args.step)
    config = control.read_config(folder)
    from gan.data.dataset import load_data  # noqa: PLC0415
    from gan.data.held_out import HeldOut, load_held_out  # noqa: PLC0415
    from gan.data.wanted import Shape  # noqa: PLC0415
    from gan.training.appraisal import appraise  # noqa: PLC0415
    from gan.training.copying import N_HELD_OUT  # noqa: PLC0415

    downloads, cache = download_folder(home), cache_folder(home)
    data = load_data(
        config.data, download_folder=downloads, cache_folder=cache, progress=lambda n: tell(Note(n))
    )

    def held_out() -> HeldOut:
        return load_held_out(
            config.data,
            name=data.name,
            located=data.located,
            shape=Shape(data.channels, data.size_px),
            n_trained=data.n_images,
            n=N_HELD_OUT,
            download_folder=downloads,
            cache_folder=cache,
        )

    found = appraise(
        state,
        data,
        held_out,
        features=args.features or default_features(data.name, data.channels, data.size_px),
        n=args.n,
        seed=args.seed,
        use_average=not args.raw,
        report=tell,
    )
    about = {
        "version": VERSION,
        "id": folder.id,
        "run": control.summarise(folder).name,
        "recipe": config.recipe,
        "settings": json.loads(config.to_json()),
    }
    return finite(about | found.answer), found.arrays


def _write_out(folder: Path, answer: Answer, arrays: Arrays) -> None:
    from gan.runs.sheets import save_sheet  # noqa: PLC0415

    with os_errors(f"{folder} cannot be written"):
        folder.mkdir(parents=True, exist_ok=True)
    write_answer(folder / "evaluation.json", answer, arrays)
    for name in answer["walls"]:
        pictures = arrays[name]
        if name == "pairs":  # side by side
            pictures = pictures.transpose(0, 2, 1, 3, 4)
            n, height, two, width, channels = pictures.shape
            pictures = pictures.reshape(n, height, two * width, channels)
        save_sheet(folder / f"{name.replace('_', '-')}.png", pictures, gutter_px=2)


def _write_report(file: Path, answer: Answer, arrays: Arrays) -> None:
    from gan.figures.report import make_report  # noqa: PLC0415

    with os_errors(f"{file} cannot be written"):
        file.write_text(make_report(answer, arrays), encoding="utf-8")


def _tell(note: str) -> None:
    if not note.startswith(("Drawing pictures:", "Looking at the pictures:")):
        print(note, file=sys.stderr)


def _tell_as_json(note: Note) -> None:
    share = getattr(note, "fraction", None)
    print(json.dumps({"text": str(note), "fraction": share}, ensure_ascii=False), flush=True)


def _print(answer: Answer) -> None:
    title = get_feature_info(answer["features"]).title
    print(
        f"Step {answer['step']:,}: {answer['n_fake']:,} samples against {answer['n_real']:,} real "
        f"images, in the features of {title} ({answer['features']}), {answer['elapsed_s']:.1f} s."
    )
    rows = []
    for name, figure in answer["figures"].items():
        info = MEASURES[name]
        low, high = figure["low"], figure["high"]
        span = "" if low is None else f"{low:.4g} to {high:.4g}"
        better = info.better if info.ideal is None else f"{info.better}, ideal {info.ideal:g}"
        rows.append((info.title, _number(figure["value"]), span, _number(figure["real"]), better))
    print_table(("measure", "value", "95 % interval", "real images", "better"), rows)
    if answer["classes"]:
        print()
        _print_classes(answer["classes"])
    for note in answer["notes"]:
        print(f"\n{note}")
    if answer["copying"]:
        about = answer["copying"]
        print(
            f"\nCopying: against {about['held_out']}, with {about['n_train']:,} of "
            f"{about['n_trained']:,} training images."
        )


def _print_classes(classes: dict[str, dict[str, Any]]) -> None:
    if len(classes) > _MAX_ROWS:
        if "generated" in _first(classes):
            print(_missing_text(classes))
        return
    columns = [key for key in ("real", "generated", "asked", "agree") if key in _first(classes)]
    titles = {"agree": "seen as asked"}
    rows = [(name, *(f"{facts[key]:,}" for key in columns)) for name, facts in classes.items()]
    print_table(("class", *(titles.get(key, key) for key in columns)), rows)


def _missing_text(classes: dict[str, dict[str, Any]]) -> str:
    """Say which of very many classes are not drawn."""
    shown = [name for name, facts in classes.items() if facts.get("real")]
    names = [name for name in shown if not classes[name].get("generated")]
    more = f" and {len(names) - _N_MISSING:,} more" if len(names) > _N_MISSING else ""
    missing = f"missing are {', '.join(names[:_N_MISSING])}{more}" if names else "none is missing"
    return f"{len(shown) - len(names):,} of {len(shown):,} classes are drawn; {missing}."


def _first(classes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return next(iter(classes.values()))


def _number(value: float | None) -> str:
    """Return a figure with sensible digits; the only ones that can be absent are infinite."""
    return "" if value is None else f"{value:.4g}"
