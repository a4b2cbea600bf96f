"""`train`: a new run, in this terminal or handed to a background worker.

Door. Torch is imported only when the run trains here.
"""

import argparse

from gan.cli.options import add_config_options, config_from
from gan.cli.output import command_line, print_json
from gan.cli.parser import Commands, Parser, add_command
from gan.runs import control
from gan.runs.checking import check_run
from gan.runs.folder import Home, RunFolder
from gan.runs.states import RunState


def add_commands(commands: Commands) -> None:
    """Add `train`."""
    parser = add_command(
        commands,
        "train",
        train,
        summary="Train a new run here, with a progress bar; Ctrl-C saves and stops.",
        example="python -m gan train vanilla-fashion --epochs 3 --device cpu\n"
        "python -m gan train vanilla-fashion --g-widths 64,128 --no-ema --name small --detach",
    )
    parser.add_argument("--name", default="", help="what to call the run")
    add_where_options(parser)
    add_config_options(parser)


def add_where_options(parser: Parser) -> None:
    """Add `--detach` and `--now`."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--detach",
        action="store_true",
        help="hand the run to a background worker and return at once",
    )
    where.add_argument(
        "--now",
        action="store_true",
        help="train at once, on one thread, even if other runs use all cores",
    )


def train(args: argparse.Namespace, home: Home) -> int:
    """Make a run and train it."""
    config = config_from(args)
    check_run(home, config)  # says now, not in a failed run, what cannot be had
    if args.detach:
        folder = control.launch(home, config, name=args.name)
        return say_detached(args, home, folder)
    # Torch first: a run that exists and does not train would be taken by a background worker.
    from gan.cli.terminal import check_device, train_here  # noqa: PLC0415

    check_device(config)
    folder = control.new_run(home, config, name=args.name)
    return train_here(args, home, folder)


def say_detached(args: argparse.Namespace, home: Home, folder: RunFolder) -> int:
    """Say which run the background has now."""
    state = control.summarise(folder).status.state
    if args.json:
        print_json({"id": folder.id, "state": state})
        return 0
    what = "waits in the queue" if state is RunState.QUEUED else f"is {state}"
    print(folder.id)
    print(f"The run {what}, in the background. Look: {command_line(home, 'show', folder.id)}")
    return 0
