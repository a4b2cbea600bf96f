"""The command line: `python -m gan COMMAND`.

Door. Here errors of the library become one line on stderr and an exit code. Importing this
module does not import torch; a command that trains or draws does when it is called.
"""

import argparse
import os
import sys

from gan.cli import (
    comparing,
    continuing,
    evaluating,
    exporting,
    generators,
    inverting,
    listing,
    managing,
    measuring,
    morphing,
    resume,
    sampling,
    service,
    shipping,
    show,
    side_by_side,
    train,
    vocabulary,
)
from gan.cli.output import complain
from gan.cli.parser import EXIT_CODES, Commands, Parser, add_home
from gan.errors import ConfigError, GanError
from gan.runs.folder import Home, default_home
from gan.runs.launcher import WORKER_ENVIRONMENT
from gan.runs.shipped import install

GOOD, FAILED, USAGE = 0, 1, 2
_SEE_RUNS = frozenset(
    {
        "runs",
        "show",
        "sample",
        "morph",
        "invert",
        "evaluate",
        "export",
        "continue",
        "resume",
        "delete",
        "generators",
    }
)
"""Before these, the generators that come with the product become runs."""
_EXAMPLE = """Example:
  python -m gan train vanilla-fashion --epochs 3 --device cpu
  python -m gan runs
"""


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 good, 1 failed, 2 usage."""
    try:
        for name, value in WORKER_ENVIRONMENT.items():
            os.environ.setdefault(name, value)  # read when torch is first imported
        args = build_parser().parse_args(argv)
        home = _home(args)
        if args.command in _SEE_RUNS:
            for problem in install(home):
                complain(problem)
        code: int = args.handler(args, home)
        sys.stdout.flush()
        return code
    except ConfigError as error:
        complain(str(error))
        return USAGE
    except GanError as error:
        complain(str(error))
        return FAILED
    except KeyboardInterrupt:
        complain("Interrupted.")
        return FAILED
    except BrokenPipeError:  # whoever read our output has enough, as in `… | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def build_parser() -> Parser:
    """Return the parser of the whole command line."""
    parser = Parser(
        prog="python -m gan",
        description="Train GANs, look at the runs, draw from what was learned.",
        epilog=f"{_EXAMPLE}\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_home(parser)
    commands: Commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=Parser
    )
    for module in (
        train, resume, continuing, listing, show, sampling, morphing, inverting, evaluating,
        comparing, exporting, managing, vocabulary, generators, measuring, shipping, service,
        side_by_side,
    ):  # fmt: skip
        module.add_commands(commands)
    return parser


def _home(args: argparse.Namespace) -> Home:
    given = getattr(args, "home", None)
    return Home(given.expanduser().absolute()) if given else default_home()
