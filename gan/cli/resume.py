"""`resume`: go on with a run that ended, was interrupted, or waits.

Door. Torch is imported only when the run trains here.
"""

import argparse

from gan.cli.options import add_live_options, live_changes_from
from gan.cli.parser import Commands, add_command, add_run
from gan.cli.train import add_where_options, say_detached
from gan.errors import ConfigError, StoreError
from gan.runs import control
from gan.runs.commands import send
from gan.runs.folder import Home, RunFolder, find_run
from gan.runs.launcher import reap
from gan.runs.states import RunState


def add_commands(commands: Commands) -> None:
    """Add `resume`."""
    parser = add_command(
        commands,
        "resume",
        resume,
        summary="Go on with a run from its newest checkpoint, here or in the background.",
        example="python -m gan resume 20250101-120000-ab12 --epochs-more 10 --g-lr 1e-4",
    )
    add_run(parser)
    parser.add_argument(
        "--epochs-more",
        type=float,
        metavar="X",
        help="move the planned end so many epochs further away; a complete run needs it",
    )
    add_where_options(parser)
    add_live_options(parser)


def resume(args: argparse.Namespace, home: Home) -> int:
    """Queue the run again and train it."""
    folder = find_run(home, args.run)
    changes = live_changes_from(args)
    if args.epochs_more is not None:
        if "n_steps" in changes:
            raise ConfigError("--epochs-more and --n-steps both set the end: choose one.")
        changes["n_steps"] = control.extended_end(folder, args.epochs_more)
    state = reap(folder).state
    if state is RunState.COMPLETED and "n_steps" not in changes:
        raise StoreError(f"The run {folder.id} is complete: say --epochs-more X to train on.")
    if state is RunState.PAUSED:
        return _continue_paused(args, home, folder, changes)
    if args.detach:
        control.resume(home, folder, **changes)
        return say_detached(args, home, folder)
    # Torch first: a run that is queued and does not train would be taken by a background worker.
    from gan.cli.terminal import check_device, train_here  # noqa: PLC0415

    check_device(control.read_config(folder))
    if state is not RunState.QUEUED or changes:  # one that waits already is simply trained here
        control.queue_again(folder, **changes)
    return train_here(args, home, folder)


def _continue_paused(
    args: argparse.Namespace, home: Home, folder: RunFolder, changes: dict[str, object]
) -> int:
    """Tell the worker that holds the run to go on."""
    if changes:
        send(folder, "set", **changes)
    send(folder, "resume")
    return say_detached(args, home, folder)
