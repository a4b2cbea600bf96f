"""`export`: a run's numbers as a table, or the whole run as one archive.

Door, without torch.
"""

import argparse
import csv
import shutil
import tempfile
from pathlib import Path

from gan.cli.output import print_json
from gan.cli.parser import Commands, add_command, add_run
from gan.errors import ConfigError
from gan.keys import METRIC_KEYS
from gan.runs.disk import move_into_place, os_errors
from gan.runs.folder import Home, RunFolder, copy_run, find_run
from gan.runs.rows import MetricChunk
from gan.runs.store import RunStore

Row = dict[str, str]


def add_commands(commands: Commands) -> None:
    """Add `export`."""
    parser = add_command(
        commands,
        "export",
        export,
        summary="Write a run's numbers as CSV, one row a step, or the whole run as a zip.",
        example="python -m gan export vanilla-fashion-1 --csv metrics.csv\n"
        "python -m gan export vanilla-fashion-1 --zip run.zip",
    )
    add_run(parser)
    parser.add_argument("--csv", type=Path, metavar="FILE", help="one row a step")
    parser.add_argument("--zip", type=Path, metavar="FILE", help="the run folder as it is now")


def export(args: argparse.Namespace, home: Home) -> int:
    """Write what was asked for."""
    if args.csv is None and args.zip is None:
        raise ConfigError("Say what to write: --csv FILE, --zip FILE or both.")
    folder = find_run(home, args.run)
    written: dict[str, str | int] = {"id": folder.id}
    lines = []
    if args.csv is not None:
        written |= {"csv": str(args.csv), "n_steps": (n := write_csv(folder, args.csv))}
        lines.append(f"{args.csv}: {n:,} steps.")
    if args.zip is not None:
        write_zip(folder, args.zip)
        written["zip"] = str(args.zip)
        lines.append(f"{args.zip}: the run {folder.id}.")
    if args.json:
        print_json(written)
    else:
        print("\n".join(lines))
    return 0


def write_csv(folder: RunFolder, path: Path) -> int:
    """Write one row a step, without superseded ones, and return how many. Raises StoreError.

    Where a step has several reports (after a lone update of one network) the newest counts.
    """
    with RunStore.open(folder.db_path) as store:
        rows = _rows(store.read_metrics())
    present = {key for row in rows.values() for key in row}
    keys = [key for key in METRIC_KEYS if key in present]
    keys += sorted(present - set(keys))
    partial = path.with_name(f".{path.name}.partial")
    with (
        os_errors(f"{path} cannot be written"),
        partial.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.DictWriter(file, ["step", *keys], restval="")
        writer.writeheader()
        writer.writerows({"step": step, **rows[step]} for step in sorted(rows))
    move_into_place(partial, path)
    return len(rows)


def write_zip(folder: RunFolder, path: Path) -> None:
    """Write a copy of the run, which may be at work, as one archive. Raises StoreError."""
    with os_errors(f"{path} cannot be written"):
        scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.absolute().parent))
        try:
            copy_run(folder, scratch / folder.id)
            archive = shutil.make_archive(
                str(scratch / "archive"), "zip", root_dir=scratch, base_dir=folder.id
            )
            move_into_place(Path(archive), path)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _rows(chunks: list[MetricChunk]) -> dict[int, Row]:
    rows: dict[int, Row] = {}
    for chunk in chunks:
        for step, values in zip(chunk.steps.tolist(), chunk.values, strict=True):
            texts = (str(value) for value in values)  # a float32's shortest text
            rows.setdefault(step, {}).update(zip(chunk.keys, texts, strict=True))
    return rows
