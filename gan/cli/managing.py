"""`stop`, `delete` and `restore`: what is done to a run as a whole.

Door, without torch.
"""

import argparse

from gan.cli.output import command_line, print_json
from gan.cli.parser import Commands, add_command, add_run
from gan.runs import control
from gan.runs.folder import Home, delete_run, find_run, list_trash, restore_run


def add_commands(commands: Commands) -> None:
    """Add `stop`, `delete` and `restore`."""
    parser = add_command(
        commands,
        "stop",
        stop,
        summary="Stop a run between two steps, with a checkpoint, or take it out of the queue.",
        example="python -m gan stop ab12",
    )
    add_run(parser)
    parser = add_command(
        commands,
        "delete",
        delete,
        summary="Move a run to the trash.",
        example="python -m gan delete 20250101-120000-ab12",
    )
    add_run(parser)
    parser = add_command(
        commands,
        "restore",
        restore,
        summary="Bring a deleted run back; without RUN, list the trash.",
        example="python -m gan restore\npython -m gan restore 20250101-120000-ab12",
    )
    parser.add_argument("run", metavar="RUN", nargs="?", help="the deleted run's whole id")


def stop(args: argparse.Namespace, home: Home) -> int:
    """Stop a run wherever it stands."""
    folder = find_run(home, args.run)
    control.stop(home, folder)
    state = control.summarise(folder).status.state
    again = command_line(home, "resume", folder.id)
    _tell(args, folder.id, str(state), f"Stopping {folder.id}. Go on later with: {again}")
    return 0


def delete(args: argparse.Namespace, home: Home) -> int:
    """Move a run to the trash."""
    folder = find_run(home, args.run)
    delete_run(home, folder)
    back = command_line(home, "restore", folder.id)
    _tell(args, folder.id, "deleted", f"Deleted {folder.id}. Bring it back with: {back}")
    return 0


def restore(args: argparse.Namespace, home: Home) -> int:
    """Bring a run back from the trash, or list what is there."""
    if args.run is not None:
        folder = restore_run(home, args.run)
        _tell(args, folder.id, str(control.summarise(folder).status.state), f"Back: {folder.id}")
        return 0
    ids = [folder.id for folder in list_trash(home)]
    if args.json:
        print_json(ids)
    else:
        print("\n".join(ids) if ids else "The trash is empty.")
    return 0


def _tell(args: argparse.Namespace, run_id: str, state: str, sentence: str) -> None:
    if args.json:
        print_json({"id": run_id, "state": state})
    else:
        print(sentence)
