"""`sample`: draw with a run's generator and keep the pictures as one PNG.

Door. Torch is imported when it draws.
"""

import argparse
from pathlib import Path

from gan.cli.checkpoint import read_state
from gan.cli.output import print_json
from gan.cli.parser import Commands, add_command, add_generator, add_run
from gan.errors import ConfigError
from gan.runs.folder import Home, find_run

MAX_PICTURES = 10_000


def add_commands(commands: Commands) -> None:
    """Add `sample`."""
    parser = add_command(
        commands,
        "sample",
        sample,
        summary="Draw pictures with a run's generator into one PNG.",
        example="python -m gan sample vanilla-fashion-1 --n 64 --seed 0 --out grid.png",
    )
    add_run(parser)
    parser.add_argument("--n", type=int, default=64, metavar="N", help="how many (default 64)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="for z (default 0)")
    parser.add_argument(
        "--out", type=Path, default=Path("grid.png"), metavar="FILE", help="default grid.png"
    )
    add_generator(parser)
    parser.add_argument(
        "--class", dest="class_name", metavar="NAME", help="what to draw, if the run knows classes"
    )


def sample(args: argparse.Namespace, home: Home) -> int:
    """Draw, and say with what."""
    if not 1 <= args.n <= MAX_PICTURES:
        raise ConfigError(f"--n is {args.n}: it must be from 1 to {MAX_PICTURES:,}.")
    if not 0 <= args.seed < 2**63:
        raise ConfigError(f"--seed is {args.seed}: it must be from 0 to 2^63 - 1.")
    folder = find_run(home, args.run)
    state = read_state(folder, args.step)
    from gan.data.dataset import to_hwc, to_uint8  # noqa: PLC0415
    from gan.runs.sheets import save_sheet  # noqa: PLC0415
    from gan.training.saved import load_generator  # noqa: PLC0415

    generator = load_generator(state, use_average=not args.raw)
    images = generator.draw(args.n, args.seed, args.class_name)
    out = args.out.expanduser()
    save_sheet(out, to_hwc(to_uint8(images)))
    if args.json:
        which = "ema" if generator.is_average else "raw"
        about = {"id": folder.id, "step": generator.step, "generator": which, "n": args.n}
        print_json(about | {"seed": args.seed, "class": args.class_name, "out": str(out)})
    else:
        by = "the averaged generator" if generator.is_average else "the generator"
        of = f" of {args.class_name}" if args.class_name else ""
        print(f"{out}: {args.n} pictures{of} by {by} of step {generator.step:,}, seed {args.seed}.")
    return 0
