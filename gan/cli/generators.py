"""`generators`: what comes with the product, and the way back for one that was deleted.

Door, without torch.
"""

import argparse

from gan.cli.output import complain, print_json, print_table
from gan.cli.parser import Commands, add_command
from gan.errors import CheckpointError
from gan.runs.cards import Card, card_folders, read_card, shipped_root
from gan.runs.folder import Home
from gan.runs.shipped import PREFIX, bring_back


def add_commands(commands: Commands) -> None:
    """Add `generators`."""
    parser = add_command(
        commands,
        "generators",
        list_generators,
        summary="List the trained generators that come with the product, or bring one back.",
        example="python -m gan generators\npython -m gan generators --bring-back vanilla-fashion",
    )
    parser.add_argument(
        "--bring-back", metavar="NAME", help="make the run of one anew that was deleted for good"
    )


def list_generators(args: argparse.Namespace, home: Home) -> int:
    """Print their cards, or make the run of one anew."""
    if args.bring_back is not None:
        folder = bring_back(home, args.bring_back)
        if args.json:
            print_json({"id": folder.id})
        else:
            print(f"Back: {folder.id}")
        return 0
    cards = []
    for path in card_folders(shipped_root()):
        try:
            cards.append(read_card(path))
        except CheckpointError as error:
            complain(str(error))
    if args.json:
        print_json([card.model_dump(mode="json") | {"run": _run(home, card)} for card in cards])
    elif cards:
        print_table(
            ("name", "what it is", "steps", "Fréchet distance", "run"),
            [_cells(home, card) for card in cards],
        )
    else:
        print(f"No generators are in {shipped_root()}.")
    return 0


def _cells(home: Home, card: Card) -> tuple[str, ...]:
    measured = card.quality[0]
    distance = f"{measured.figures['frechet'].value:.1f} ({measured.features})"
    return card.name, card.title, f"{card.step:,}", distance, _run(home, card) or "deleted"


def _run(home: Home, card: Card) -> str | None:
    run_id = f"{PREFIX}{card.name}"
    return run_id if (home.runs_dir / run_id).exists() else None
