"""`export`: a run's numbers, its TensorBoard log, its timelapse, or the whole run as one archive.

Door, without torch.
"""

import argparse
import shlex
import time
from pathlib import Path
from typing import Any

from gan.cli.output import print_json
from gan.cli.parser import Commands, Parser, add_command, add_run
from gan.errors import ConfigError
from gan.runs import control
from gan.runs.exports import write_csv, write_zip
from gan.runs.folder import Home, RunFolder, find_run
from gan.runs.moving import film_kind
from gan.runs.states import is_over
from gan.runs.tensorboard import TensorBoardLog, Written
from gan.runs.timelapse import write_timelapse

FOLLOW_INTERVAL_S = 1.0
_ONLY_WITH_TIMELAPSE = ("fps", "tiles", "max_frames", "raw")


def add_commands(commands: Commands) -> None:
    """Add `export`."""
    parser = add_command(
        commands,
        "export",
        export,
        summary="Take along a run: its numbers, TensorBoard log, timelapse, or the whole folder.",
        example="python -m gan export vanilla-fashion-1 --csv metrics.csv --zip run.zip\n"
        "python -m gan export vanilla-fashion-1 --timelapse run.mp4 --tiles 25 --fps 12\n"
        "python -m gan export vanilla-fashion-1 --tensorboard logs/first --follow",
    )
    add_run(parser)
    parser.add_argument("--csv", type=Path, metavar="FILE", help="one row a step")
    parser.add_argument("--zip", type=Path, metavar="FILE", help="the run folder as it is now")
    parser.add_argument(
        "--tensorboard",
        type=Path,
        metavar="FOLDER",
        help="a TensorBoard log; called again, only what is new is added",
    )
    parser.add_argument(
        "--follow",
        action="store_true",
        help="keep the TensorBoard log up to date until the run ends or Ctrl-C",
    )
    _add_timelapse(parser)


def _add_timelapse(parser: Parser) -> None:
    parser.add_argument(
        "--timelapse",
        type=Path,
        metavar="FILE",
        help="all sample grids as a moving picture: .gif, .webp or .mp4",
    )
    parser.add_argument("--fps", type=float, metavar="N", help="grids in a second (default 10)")
    parser.add_argument(
        "--tiles", type=int, metavar="N", help="the first N pictures of a grid (default 36)"
    )
    parser.add_argument(
        "--max-frames", type=int, metavar="N", help="N evenly spaced grids instead of all"
    )
    parser.add_argument(
        "--raw",
        action="store_true",
        default=None,
        help="the generator itself instead of its average (EMA)",
    )


def export(args: argparse.Namespace, home: Home) -> int:
    """Write what was asked for."""
    _check(args)
    folder = find_run(home, args.run)
    written: dict[str, Any] = {"id": folder.id}
    lines = []
    if args.csv is not None:
        written |= {"csv": str(args.csv), "n_steps": (n := write_csv(folder, args.csv))}
        lines.append(f"{args.csv}: {n:,} steps.")
    if args.timelapse is not None:
        n = write_timelapse(folder, args.timelapse, **_timelapse_settings(args))
        written |= {"timelapse": str(args.timelapse), "n_frames": n}
        lines.append(f"{args.timelapse}: {n:,} grids.")
    if args.zip is not None:
        write_zip(folder, args.zip)
        written["zip"] = str(args.zip)
        lines.append(f"{args.zip}: the run {folder.id}.")
    if args.tensorboard is not None:
        added = _write_tensorboard(folder, args.tensorboard, follow=args.follow)
        written |= {"tensorboard": str(args.tensorboard), "n_rows": added.n_rows}
        written |= {"n_images": added.n_images, "n_events": added.n_events}
        lines.append(
            f"{args.tensorboard}: {added.n_rows:,} steps and {added.n_images:,} grids new."
        )
        lines.append(f"Look at it with: {viewer_command(args.tensorboard)}")
    if args.json:
        print_json(written)
    else:
        print("\n".join(lines))
    return 0


def viewer_command(path: Path) -> str:
    """Return what to type to look at a log; by itself TensorBoard shows few of its pictures."""
    samples = "images=1000,text=1000,scalars=10000"
    return shlex.join(["tensorboard", "--logdir", str(path), "--samples_per_plugin", samples])


def _check(args: argparse.Namespace) -> None:
    """Complain before anything is written. Raises ConfigError."""
    if all(getattr(args, name) is None for name in ("csv", "zip", "tensorboard", "timelapse")):
        raise ConfigError("Say what to write: --csv, --zip, --tensorboard, --timelapse or several.")
    if args.follow and args.tensorboard is None:
        raise ConfigError("--follow keeps a TensorBoard log up to date: give --tensorboard, too.")
    if args.timelapse is not None:
        film_kind(args.timelapse)
        return
    for name in _ONLY_WITH_TIMELAPSE:
        if getattr(args, name) is not None:
            option = f"--{name.replace('_', '-')}"
            raise ConfigError(f"{option} is about the timelapse: give --timelapse, too.")


def _timelapse_settings(args: argparse.Namespace) -> dict[str, Any]:
    """Return what was said about the timelapse; what was not has its default in one place."""
    given = {
        "raw": args.raw,
        "n_tiles": args.tiles,
        "fps": args.fps,
        "max_frames": args.max_frames,
    }
    return {name: value for name, value in given.items() if value is not None}


def _write_tensorboard(folder: RunFolder, path: Path, *, follow: bool) -> Written:
    with TensorBoardLog(folder, path) as log:
        written = log.update()
        try:
            while follow:
                ended = is_over(control.summarise(folder).status.state)
                written = written.plus(log.update())
                if ended:  # asked before the update, so its last rows are written
                    break
                time.sleep(FOLLOW_INTERVAL_S)
        except KeyboardInterrupt:
            pass  # the usual way to end it; the log is complete so far
    return written
