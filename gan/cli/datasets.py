"""`data`: which images there are, where they come from, and fetching them beforehand.

Door, without torch; a download imports it.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gan.cli.output import print_json, print_table
from gan.cli.parser import Commands, add_command
from gan.config import DataConfig, RunConfig
from gan.data.arrays import ImageArrays
from gan.data.catalog import DATASETS, get_dataset_info
from gan.data.progress import Note
from gan.data.sources import how_to_get
from gan.errors import ConfigError, DataError
from gan.fields import FIELDS
from gan.runs.folder import Home
from gan.runs.images import describe_images, download_folder, load_images, locate_images

_OPTIONS = ("data.source", "data.folder", "data.n_images", "data.size_px", "data.colour",
            "data.fit", "data.background")  # fmt: skip
_MAX_NAMES = 100


def add_commands(commands: Commands) -> None:
    """Add `data`."""
    parser = add_command(
        commands,
        "data",
        data,
        summary="Say for each data set where its images come from; fetch and convert one.",
        example="python -m gan data\n"
        "python -m gan data cifar-10 --prepare\n"
        "python -m gan data own-pictures --folder holiday.zip --size-px 64 --prepare",
    )
    parser.add_argument("name", metavar="NAME", nargs="?", help="this data set only")
    parser.add_argument(
        "--prepare",
        action="store_true",
        help="download, decode and convert NAME now, so that a run starts at once; with --json "
        "each line is an object with text and fraction, and the last one has done",
    )
    for path in _OPTIONS:
        spec = FIELDS[path]
        parser.add_argument(
            spec.flag,
            dest=path,
            default=argparse.SUPPRESS,
            type=int if spec.kind == "int" else str,
            choices=spec.choices or None,
            metavar="|".join(spec.choices) or ("N" if spec.kind == "int" else "FOLDER"),
            help=spec.help_text.replace("%", "%%"),
        )


def data(args: argparse.Namespace, home: Home) -> int:
    """Print the data sets, or one of them, or prepare it."""
    if args.name is None:
        if args.prepare:
            raise ConfigError(f"Name the data set to prepare: one of {', '.join(DATASETS)}.")
        return _list(args, home)
    get_dataset_info(args.name)
    return _prepare(args, home) if args.prepare else _show(args, home)


def _list(args: argparse.Namespace, home: Home) -> int:
    rows = [_row(home, name, _config(args, name)) for name in DATASETS]
    if args.json:
        print_json(rows)
        return 0
    print_table(
        ("data set", "from", "images", "size", "classes", "why"),
        [
            (row["name"], row["kind"], _count(row), _shape(row), str(row["n_classes"] or "–"),
             row["why"])
            for row in rows
        ],
    )  # fmt: skip
    return 0


def _show(args: argparse.Namespace, home: Home) -> int:
    config = _config(args, args.name)
    row = _row(home, args.name, config)
    if args.json:
        print_json(row)
        return 0
    info = DATASETS[args.name]
    if row["n_images"]:
        classes = f", {row['n_classes']} classes" if row["n_classes"] else ""
        print(f"{row['title']}: {_count(row)} images of {_shape(row)}{classes}.")
    print(row["why"])
    if row["classes"]:
        print(f"Classes: {_some(row['classes'])}.")
    print(f"Licence: {info.licence}. Source: {info.homepage}.")
    if info.files and row["kind"] != "files":
        by_hand = how_to_get(info, download_folder(home) / info.kept_in)
        print(f"By hand: {by_hand}.")
    return 0


def _prepare(args: argparse.Namespace, home: Home) -> int:
    config = _config(args, args.name)
    if locate_images(home, config).kind == "download":
        config = config.model_copy(update={"source": "download"})  # no stand-in: it was asked for
    line = _Line()
    tell: Callable[[Note], None] = _print_note if args.json else line.show
    try:
        arrays = load_images(home, config, progress=tell)
    finally:
        line.end()
    done = _done_text(arrays)
    if args.json:
        print(
            json.dumps(
                {
                    "text": done,
                    "fraction": 1.0,
                    "done": True,
                    "name": arrays.name,
                    "n_images": arrays.n_images,
                    "channels": arrays.channels,
                    "size_px": arrays.size_px,
                    "classes": arrays.classes,
                    "n_skipped": arrays.n_skipped,
                    "skipped": arrays.skipped,
                    "why": arrays.located.why,
                },
                ensure_ascii=False,
            ),
            flush=True,
        )
        return 0
    print(arrays.located.why)
    print(done)
    for sentence in arrays.skipped:
        print(f"Left out: {sentence}")
    return 0


def _config(args: argparse.Namespace, name: str) -> DataConfig:
    """Return the data section that the options ask for."""
    given = vars(args)
    changes: dict[str, Any] = {path: given[path] for path in _OPTIONS if path in given}
    if "data.folder" in changes:
        changes["data.folder"] = str(Path(changes["data.folder"]).expanduser().absolute())
    return RunConfig().with_changes({"data.dataset": name, **changes}).data


def _row(home: Home, name: str, config: DataConfig) -> dict[str, Any]:
    """Return what is known of a data set, a row of its own kind where it cannot be had."""
    info = DATASETS[name]
    try:
        facts = describe_images(home, config)
        kind, why = str(facts.located.kind), facts.located.why
    except DataError as error:
        facts, kind, why = None, "error", str(error)
    return {
        "name": name,
        "title": info.title,
        "kind": kind,
        "why": why,
        "n_images": facts.n_available if facts else info.n_images,
        "is_exact": facts.is_exact if facts else False,
        "is_ready": facts.is_ready if facts else False,
        "channels": facts.channels if facts else info.channels,
        "size_px": facts.size_px if facts else info.size_px,
        "n_classes": len(facts.classes if facts else info.classes),
        "classes": facts.classes if facts else info.classes,
        "download_mb": info.download_mb,
        "licence": info.licence,
        "homepage": info.homepage,
    }


def _count(row: dict[str, Any]) -> str:
    return f"{row['n_images']:,}" if row["n_images"] else "–"


def _some(names: Sequence[str]) -> str:
    """Return the names, of many only how they begin and end."""
    if len(names) <= _MAX_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:3])} … {names[-1]}"


def _shape(row: dict[str, Any]) -> str:
    return f"{row['channels']} × {row['size_px']} × {row['size_px']}"


def _done_text(arrays: ImageArrays) -> str:
    skipped = f", {arrays.n_skipped:,} files left out" if arrays.n_skipped else ""
    size_px = arrays.size_px
    return (
        f"Ready: {arrays.n_images:,} images of {arrays.channels} × {size_px} × {size_px}{skipped}."
    )


def _print_note(note: Note) -> None:
    print(json.dumps({"text": note, "fraction": note.fraction}, ensure_ascii=False), flush=True)


class _Line:
    """Shows notes on stderr: over each other in a terminal, below each other in a file."""

    def __init__(self) -> None:
        self._width = 0

    def show(self, note: Note) -> None:
        """Show a note in the place of the last one."""
        share = "" if note.fraction is None else f" ({note.fraction:.0%})"
        text = f"{note}{share}"
        if sys.stderr.isatty():
            print(f"\r{text:<{self._width}}", end="", file=sys.stderr, flush=True)
            self._width = len(text)
        else:
            print(text, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._width:
            print(file=sys.stderr)
