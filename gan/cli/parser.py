"""The shape that all commands share: `--home`, `--json`, a worked example, errors in one line.

Door.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeAlias

from gan.errors import ConfigError
from gan.runs.folder import Home

Handler = Callable[[argparse.Namespace, Home], int]
"""What a command does; returns the exit code."""

EXIT_CODES = "Exit code: 0 good, 1 failed, 2 a wrong option or value."


class Parser(argparse.ArgumentParser):
    """Reports a wrong command line as an error of ours, which `main` shows in one line."""

    def error(self, message: str) -> NoReturn:
        """Raise ConfigError."""
        sentence = message[0].upper() + message[1:].rstrip(".")
        raise ConfigError(f"{sentence} (see {self.prog} --help).")


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def add_command(
    commands: Commands,
    name: str,
    handler: Handler,
    *,
    summary: str,
    example: str,
    has_json: bool = True,
) -> Parser:
    """Add a command and return its parser.

    Args:
        commands: to which it is added.
        name: what people type.
        handler: does it.
        summary: one sentence for both help texts.
        example: lines that can be typed as they are.
        has_json: it prints, so it takes `--json`.
    """
    lines = "\n".join(f"  {line}" for line in example.splitlines())
    parser = commands.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=f"Example:\n{lines}\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(handler=handler, json=False)
    add_home(parser)
    if has_json:
        parser.add_argument(
            "--json", action="store_true", help="print one JSON document for programs"
        )
    return parser


def add_home(parser: argparse.ArgumentParser) -> None:
    """Let `--home` stand before the command as well as behind it."""
    parser.add_argument(
        "--home",
        type=Path,
        metavar="FOLDER",
        default=argparse.SUPPRESS,  # a default here would hide the value given before the command
        help="where runs/ and workspace/ are; by default $GAN_HOME, else the current folder",
    )


def add_run(parser: Parser) -> None:
    """Add the argument that names a run."""
    parser.add_argument(
        "run", metavar="RUN", help="a run's id, its beginning or its end, or the run's name"
    )


def add_generator(parser: Parser) -> None:
    """Add what names one of a run's saved generators: `--step` and `--raw`."""
    parser.add_argument(
        "--step",
        type=int,
        metavar="N",
        help="the checkpoint of this step instead of the kept or newest one",
    )
    parser.add_argument(
        "--raw", action="store_true", help="the generator itself instead of its average (EMA)"
    )
