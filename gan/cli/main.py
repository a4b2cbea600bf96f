"""The command line."""

import argparse
from pathlib import Path

from gan.cli import service
from gan.runs.folder import Home, default_home


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 good, 1 failed, 2 usage."""
    parser = argparse.ArgumentParser(prog="python -m gan")
    sub = parser.add_subparsers(dest="command", required=True)
    for name in ("work", "standby"):
        p = sub.add_parser(name)
        p.add_argument("--home", type=Path)
        if name == "work":
            p.add_argument("run")
    args = parser.parse_args(argv)
    home = Home(args.home.absolute()) if args.home else default_home()
    if args.command == "work":
        return service.work(home, args.run)
    return service.standby(home)
