"""`morph`: a way through latent space from picture to picture, as a film or a strip.

Door. Torch is imported when it draws.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gan.cli.output import print_json
from gan.cli.parser import Commands, add_command, add_generator, add_run
from gan.errors import ConfigError
from gan.latent.paths import KINDS, make_path
from gan.runs.folder import Home, find_run
from gan.runs.morph_export import write_morph
from gan.runs.studio.records import Source

MAX_POINTS, MAX_FRAMES = 8, 1_000


def add_commands(commands: Commands) -> None:
    """Add `morph`."""
    parser = add_command(
        commands,
        "morph",
        morph,
        summary="Let pictures of a run's generator turn into each other: GIF, WebP, MP4 or a PNG.",
        example="python -m gan morph vanilla-fashion-1 --seed 3 --pictures 0,5,9 --loop "
        "--out morph.gif",
    )
    add_run(parser)
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="for z (default 0)")
    parser.add_argument(
        "--pictures", default="0,1,2", metavar="I,J,…",
        help="which pictures of that seed, as `sample` draws them, from 0 (default 0,1,2)",
    )  # fmt: skip
    parser.add_argument(
        "--frames", type=int, default=60, metavar="N", help="pictures in all (default 60)"
    )
    parser.add_argument(
        "--way", choices=KINDS, default="spherical",
        help="straight lines, along the sphere where z live (default), or smooth around corners",
    )  # fmt: skip
    parser.add_argument("--loop", action="store_true", help="come back to the first picture")
    parser.add_argument(
        "--there-and-back", action="store_true", help="go the same way back; not for a strip"
    )
    parser.add_argument(
        "--fps", type=float, default=25.0, metavar="N", help="frames in a second (default 25)"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("morph.gif"), metavar="FILE",
        help=".gif, .webp, .mp4, or .png for a strip (default morph.gif)",
    )  # fmt: skip
    add_generator(parser)
    parser.add_argument(
        "--class", dest="class_name", metavar="NAME",
        help="what to draw, if the run knows classes; by default what the first picture shows",
    )  # fmt: skip


def morph(args: argparse.Namespace, home: Home) -> int:
    """Draw the way and write it."""
    which = _pictures(args.pictures)
    if not len(which) <= args.frames <= MAX_FRAMES:
        raise ConfigError(
            f"--frames is {args.frames}: it must be from {len(which)} to {MAX_FRAMES:,}."
        )
    if not 0 <= args.seed < 2**63:
        raise ConfigError(f"--seed is {args.seed}: it must be from 0 to 2^63 - 1.")
    folder = find_run(home, args.run)
    import torch  # noqa: PLC0415

    from gan.runs.studio.shelf import Shelf  # noqa: PLC0415

    torch.set_num_threads(1)
    held = Shelf(home).take(Source(folder.id, args.step, average=not args.raw))
    points = held.generator.z_of(max(which) + 1, args.seed).numpy()[which]
    path = make_path(points, args.frames, args.way, loop=args.loop)
    label = held.generator.class_number(args.class_name)
    classes = held.generator.classes
    labels: npt.NDArray[np.int64] | None = None
    if classes:
        shown = which[0] % len(classes) if label is None else label
        labels = np.full(len(path.z), shown)
    images = held.draw(torch.from_numpy(path.z), held.labels_for(len(path.z), labels)).images
    out = args.out.expanduser()
    n = write_morph(images, out, fps=args.fps, there_and_back=args.there_and_back)
    class_name = None if labels is None else classes[int(labels[0])]
    if args.json:
        about = {"id": folder.id, "step": held.generator.step, "seed": args.seed}
        print_json(about | {"pictures": which, "class": class_name, "n": n, "out": str(out)})
    else:
        of = "" if class_name is None else f" of {class_name}"
        print(f"{out}: {n} pictures{of}, from picture to picture of seed {args.seed}: {which}.")
    return 0


def _pictures(text: str) -> list[int]:
    try:
        which = [int(part) for part in text.split(",")]
    except ValueError:
        which = []
    if not 2 <= len(which) <= MAX_POINTS or not all(0 <= i < 4096 for i in which):
        raise ConfigError(
            f"--pictures is {text!r}: give from 2 to {MAX_POINTS} numbers from 0 to 4095, as in "
            "0,5,9."
        )
    return which
