"""`continue`: a copy of a run that trains on from a saved step; the run itself stays as it is.

Door. Torch is imported only when the copy trains here.
"""

import argparse

from gan.cli.parser import Commands, add_command, add_run
from gan.cli.train import add_where_options, say_detached
from gan.errors import ConfigError
from gan.runs import control, forking
from gan.runs.folder import Home, find_run


def add_commands(commands: Commands) -> None:
    """Add `continue`."""
    parser = add_command(
        commands,
        "continue",
        continue_run,
        summary="Train on from any saved step of a run, as a new run; for generators that come "
        "with the product, too.",
        example="python -m gan continue vanilla-fashion --steps 5000\n"
        "python -m gan continue ab12 --from-step 10000 --epochs-more 3 --name again --detach",
    )
    add_run(parser)
    how_far = parser.add_mutually_exclusive_group(required=True)
    how_far.add_argument("--steps", type=int, metavar="N", help="train so many steps more")
    how_far.add_argument("--epochs-more", type=float, metavar="X", help="or so many epochs")
    parser.add_argument(
        "--from-step", type=int, metavar="N", help="go on from this checkpoint, not the newest"
    )
    parser.add_argument("--name", default="", help="what to call the new run")
    add_where_options(parser)


def continue_run(args: argparse.Namespace, home: Home) -> int:
    """Make the copy and train it."""
    folder = find_run(home, args.run)
    n_more = args.steps
    if n_more is None:
        n_more = forking.steps_in(folder, args.epochs_more)
    elif n_more < 1:
        raise ConfigError(f"--steps is {n_more}: it must be at least 1.")
    if not args.json and control.summarise(folder).is_shipped:
        print(forking.LIGHT_TEXT, flush=True)
    if args.detach:
        made = forking.launch_fork(home, folder, n_more=n_more, step=args.from_step, name=args.name)
        return say_detached(args, home, made)
    # Torch first: a run that exists and does not train would be taken by a background worker.
    from gan.cli.terminal import train_here  # noqa: PLC0415

    made = forking.fork(home, folder, n_more=n_more, step=args.from_step, name=args.name)
    return train_here(args, home, made)
