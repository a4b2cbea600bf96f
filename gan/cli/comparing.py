"""`compare`: design, run, follow, judge and export a comparison.

Door, without torch: background workers train the runs, here as everywhere.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from gan.cli.comparing_report import print_verdict, verdict_facts, write_exports
from gan.cli.output import age_text, command_line, complain, duration_text, print_json, print_table
from gan.cli.parser import Commands, Parser, add_command
from gan.comparing.command import Wish, design_from, repeat_words
from gan.comparing.design import Budget, ComparisonDesign
from gan.comparing.fairness import judge_fairness
from gan.comparing.presets import PRESETS, other_data
from gan.comparing.values import BOTH
from gan.config import RunConfig
from gan.errors import ConfigError
from gan.runs import comparisons, control
from gan.runs.comparisons import Comparison, ComparisonProgress, Estimate
from gan.runs.folder import Home
from gan.runs.probe import ProbeState

_LOOK_EVERY_S = 1.0
_MEASURE_WITHIN_S = 120.0
_EXAMPLE = """python -m gan compare optimizers-faces-32 --wait
python -m gan compare --recipe modern-fashion --both optimizer=sgd@0.1,adam --seeds 3 --steps 2000
python -m gan compare --recipe vanilla-fashion --vary g_opt.lr=0.001,0.0002 \\
    --vary loss.name=bce,hinge --seconds 60
python -m gan compare --list
python -m gan compare --show ab12 --html report.html"""


def add_commands(commands: Commands) -> None:
    """Add `compare`."""
    parser = add_command(
        commands,
        "compare",
        compare,
        summary="Train variants that differ in one or two settings over several seeds, and judge.",
        example=_EXAMPLE,
    )
    parser.usage = (
        f"{parser.prog} [PRESET | --recipe NAME | --config FILE | --design JSON] [OPTION …]"
    )
    _add_what(parser)
    _add_how_long(parser)
    _add_actions(parser)


def _add_what(parser: Parser) -> None:
    group = parser.add_argument_group("What is compared")
    group.add_argument(
        "preset", metavar="PRESET", nargs="?", help=f"a comparison by name: {', '.join(PRESETS)}"
    )
    group.add_argument("--recipe", metavar="NAME", help="start from a recipe")
    group.add_argument(
        "--config", type=Path, metavar="FILE", help="start from a configuration in JSON"
    )
    group.add_argument(
        "--design", metavar="JSON", help="a whole design, as JSON or in a file (design.json)"
    )
    group.add_argument(
        "--set", action="append", default=[], dest="settings", metavar="PATH=VALUE",
        help="change a setting for all variants, such as data.dataset=drawn-faces",
    )  # fmt: skip
    group.add_argument(
        "--vary", action="append", default=[], metavar="PATH=VALUES", type=str,
        help="what differs, such as g_opt.lr=0.001,0.0002; twice makes a grid",
    )  # fmt: skip
    group.add_argument(
        "--both", action="append", default=[], metavar="NAME=VALUES", dest="vary",
        type=lambda text: f"{BOTH}.{text}",
        help="what differs in both optimisers alike, such as optimizer=sgd@0.01,adam@0.001",
    )  # fmt: skip
    group.add_argument("--name", help="what to call the comparison")


def _add_how_long(parser: Parser) -> None:
    group = parser.add_argument_group("How often and how long")
    group.add_argument("--seeds", metavar="N|N,N,…", help="how many seeds, or which (default 3)")
    budget = group.add_mutually_exclusive_group()
    budget.add_argument("--steps", type=int, metavar="N", help="steps of each run")
    budget.add_argument("--seconds", type=float, metavar="S", help="training time of each run")
    group.add_argument(
        "--quality-every", type=int, metavar="N", help="steps between two measurements of quality"
    )
    group.add_argument(
        "--goal",
        type=float,
        metavar="X",
        help="a distance to reach (else the worst one's best)",
    )


def _add_actions(parser: Parser) -> None:
    group = parser.add_argument_group("What to do")
    one = group.add_mutually_exclusive_group()
    one.add_argument("--list", action="store_true", help="list the comparisons there are")
    one.add_argument("--presets", action="store_true", help="list the presets")
    one.add_argument("--show", metavar="ID", help="say how far one is, and its verdict")
    one.add_argument("--resume", metavar="ID", help="go on with one that was broken off or stopped")
    one.add_argument("--stop", metavar="ID", help="stop one; --resume goes on with it")
    one.add_argument(
        "--estimate", action="store_true", help="only say what it would cost on this machine"
    )
    group.add_argument("--wait", action="store_true", help="follow it to its end")
    group.add_argument("--csv", type=Path, metavar="FILE", help="write runs and verdict as CSV")
    group.add_argument("--html", type=Path, metavar="FILE", help="write a report of one page")


def compare(args: argparse.Namespace, home: Home) -> int:
    """Do what the options say."""
    if args.list:
        return _list(args, home)
    if args.presets:
        return _list_presets(args)
    if known := args.show or args.resume or args.stop:
        return _go_on(args, home, comparisons.find_comparison(home, known))
    design = design_of(args, home)
    if args.estimate:
        cost = _measured(home, design, is_quiet=args.json)
        if args.json:
            print_json(_cost_facts(design, cost))
        else:
            _say_cost(design, cost)
        return 0
    cost = _measured(home, design, is_quiet=args.json)
    comparison = comparisons.create(home, design)
    if not args.json:
        print(comparison.id)
        _say_cost(design, cost)
    return _finish(args, home, comparison)


def design_of(args: argparse.Namespace, home: Home) -> ComparisonDesign:
    """Return the design that the options describe. Raises ConfigError."""
    starts = [args.preset, args.recipe, args.config, args.design]
    if sum(start is not None for start in starts) != 1:
        raise ConfigError("Name one start: a preset, --recipe, --config or --design.")
    if args.design is not None:
        return ComparisonDesign.parse(_json(args.design))
    settings = tuple(args.settings)
    if args.preset and not any(text.startswith("data.dataset=") for text in settings):
        chosen = comparisons.preset_design(home, args.preset).base["data"]["dataset"]
        settings = (f"data.dataset={chosen}", *settings)
    budget = None
    if args.steps is not None or args.seconds is not None:
        kind = "steps" if args.steps is not None else "seconds"
        amount = args.steps if args.steps is not None else args.seconds
        if not amount > 0:
            raise ConfigError(f"--{kind} is {amount}: it must be above 0.")
        budget = Budget.model_validate({"kind": kind, "amount": amount})
    wish = Wish(
        preset=args.preset,
        recipe=args.recipe,
        settings=settings,
        vary=tuple(args.vary),
        seeds=args.seeds,
        budget=budget,
        quality_every=args.quality_every,
        goal=args.goal,
        name=args.name,
    )
    base = RunConfig.parse(_json(str(args.config))) if args.config is not None else None
    return design_from(wish, base)


def _go_on(args: argparse.Namespace, home: Home, comparison: Comparison) -> int:
    if args.resume:
        comparison = comparisons.resume(home, comparison)
    if args.stop:
        comparison = comparisons.stop(home, comparison)
    return _finish(args, home, comparison)


def _finish(args: argparse.Namespace, home: Home, comparison: Comparison) -> int:
    """Follow if asked to, then tell the verdict and write what is to be written."""
    if args.wait:
        _follow(home, comparison, is_quiet=args.json)
        comparison = comparisons.open_comparison(home, comparison.id)
    now = comparisons.progress(home, comparison)
    write_exports(home, comparison, csv_path=args.csv, html_path=args.html)
    if args.json:
        print_json(_facts(home, comparison, now))
    else:
        _print_progress(home, comparison, now)
        print_verdict(home, comparison)
    has_failed = any(member.stage in ("failed", "missing") for member in now.members)
    return 1 if has_failed else 0


def _follow(home: Home, comparison: Comparison, *, is_quiet: bool) -> None:
    """Wait until all runs are over, going on with what breaks off; Ctrl-C only ends the waiting."""
    said = ""
    try:
        while not (now := comparisons.progress(home, comparison)).is_over:
            if any(member.stage == "interrupted" for member in now.members):
                comparisons.ensure_runs(home, comparison)
            elif not any(member.stage == "running" for member in now.members):
                if not now.is_live:
                    return  # all that is left waits for a person
                control.move_the_queue_on(home)
            text = _progress_text(now)
            if not is_quiet and text != said:
                _say_over(text)
                said = text
            time.sleep(_LOOK_EVERY_S)
    except KeyboardInterrupt:
        again = command_line(home, "compare", "--show", comparison.id)
        complain(f"The runs go on in the background. Look: {again}")
    finally:
        if said and sys.stderr.isatty():
            print(file=sys.stderr)


def _say_over(text: str) -> None:
    """Rewrite the line on a terminal; a log gets a line only for each run that is done."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)


def _progress_text(now: ComparisonProgress) -> str:
    running = [m for m in now.members if m.stage == "running"]
    text = f"{now.n_done} of {len(now.members)} runs are done"
    if not sys.stderr.isatty():
        return f"{text}."
    what = ", ".join(f"{m.variant.label} seed {m.seed} {100 * m.share:.0f} %" for m in running)
    left = "" if now.left_s is None else f", {duration_text(now.left_s)} left"
    return f"{text}{left}; {what or 'starting'}"


def _measured(home: Home, design: ComparisonDesign, *, is_quiet: bool) -> Estimate:
    """Return what a design costs, waiting for the measurement behind it."""
    has_said = False
    began = time.monotonic()
    while (cost := comparisons.estimate(home, design)).state is ProbeState.RUNNING:
        if time.monotonic() - began > _MEASURE_WITHIN_S:
            break
        if not has_said and not is_quiet:
            complain("Measuring how many runs at once finish first here …")
            has_said = True
        time.sleep(0.2)
    return cost


def _say_cost(design: ComparisonDesign, cost: Estimate) -> None:
    runs = f"{len(design.variants)} variants × {len(design.seeds)} seeds = {cost.n_runs} runs"
    at_once = f"{cost.n_at_once} at once, threads of each: {cost.n_threads}"
    took = "" if cost.seconds is None else f", about {duration_text(cost.seconds)}"
    print(
        f"{runs} of {design.budget.text}{took}; {at_once}; {cost.disk_bytes / 1e9:.1f} GB of disk."
    )
    fair = judge_fairness(design)
    for sentence in (other_data(design), *fair.unequal, *fair.notes):
        if sentence:
            print(sentence)


def _cost_facts(design: ComparisonDesign, cost: Estimate) -> dict[str, Any]:
    return {
        "n_runs": cost.n_runs,
        "seconds": cost.seconds,
        "disk_bytes": cost.disk_bytes,
        "n_at_once": cost.n_at_once,
        "n_threads": cost.n_threads,
        "state": cost.state,
        "variants": [variant.key for variant in design.variants],
    }


def _list(args: argparse.Namespace, home: Home) -> int:
    found = [(one, comparisons.progress(home, one)) for one in comparisons.list_comparisons(home)]
    if args.json:
        print_json([_row(one, now) for one, now in found])
    elif not found:
        print("There is no comparison yet.")
    else:
        rows = [
            (one.id, one.name, f"{now.n_done} of {len(now.members)}", age_text(one.created_at))
            for one, now in found
        ]
        print_table(("id", "name", "runs done", "age"), rows)
    return 0


def _list_presets(args: argparse.Namespace) -> int:
    if args.json:
        print_json(
            [{"name": p.name, "title": p.title, "source": p.source} for p in PRESETS.values()]
        )
    else:
        print_table(("preset", "what it is"), [(p.name, p.title) for p in PRESETS.values()])
    return 0


def _print_progress(home: Home, comparison: Comparison, now: ComparisonProgress) -> None:
    print(f"{comparison.name} ({comparison.id}): {now.n_done} of {len(now.members)} runs are done.")
    if now.is_over:
        return
    print_table(
        ("variant", "seed", "state", "step", "steps/s"),
        [
            (
                m.variant.label,
                str(m.seed),
                m.stage,
                f"{m.step:,}",
                "–" if m.steps_per_s is None else f"{m.steps_per_s:,.1f}",
            )
            for m in now.members
        ],
    )
    again = command_line(home, "compare", "--show", comparison.id, "--wait")
    print(f"The runs train in the background. Follow: {again}")


def _row(comparison: Comparison, now: ComparisonProgress) -> dict[str, Any]:
    return {
        "id": comparison.id,
        "name": comparison.name,
        "preset": comparison.design.preset,
        "created_at": comparison.created_at,
        "n_runs": len(now.members),
        "n_done": now.n_done,
        "is_over": now.is_over,
    }


def _facts(home: Home, comparison: Comparison, now: ComparisonProgress) -> dict[str, Any]:
    runs = [
        {
            "variant": m.variant.key,
            "seed": m.seed,
            "run": m.summary.id if m.summary else None,
            "state": m.stage,
            "step": m.step,
            "message": m.message,
        }
        for m in now.members
    ]
    facts = {"runs": runs, "command": repeat_words(comparison.design)}
    return _row(comparison, now) | facts | {"verdict": verdict_facts(home, comparison)}


def _json(text: str) -> Any:
    """Read JSON, or a file with JSON. Raises ConfigError."""
    try:
        if not text.lstrip().startswith("{"):
            text = Path(text).read_text(encoding="utf-8")
        return json.loads(text)
    except (OSError, ValueError) as error:
        raise ConfigError(f"No JSON can be read from {text[:60]!r} ({error}).") from None
