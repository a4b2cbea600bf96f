"""`show`: one run, with its configuration, what happened to it, and what to try.

Door, without torch.
"""

import argparse
import textwrap
from dataclasses import asdict
from datetime import datetime
from typing import Any

from gan.cli.listing import summary_row
from gan.cli.options import as_words
from gan.cli.output import duration_text, print_json
from gan.cli.parser import Commands, add_command, add_run
from gan.cli.progress import numbers_text
from gan.config import RunConfig
from gan.diagnosis.catalog import get_finding_info
from gan.diagnosis.findings import Finding
from gan.diagnosis.remedies import Remedy, remedies
from gan.runs import control
from gan.runs.control import RunSummary
from gan.runs.folder import Home, find_run
from gan.runs.rows import Checkpoint, Event
from gan.runs.store import RunStore

_N_EVENTS = 20
_INDENT = "  "


def add_commands(commands: Commands) -> None:
    """Add `show`."""
    parser = add_command(
        commands,
        "show",
        show,
        summary="Show where a run stands, its configuration and its events.",
        example="python -m gan show vanilla-fashion-1\npython -m gan show ab12 --json",
    )
    add_run(parser)


def show(args: argparse.Namespace, home: Home) -> int:
    """Print all that is known about a run, but its numbers and pictures."""
    folder = find_run(home, args.run)
    summary = control.summarise(folder)
    config = control.read_config(folder)
    with RunStore.open(folder.db_path) as store:
        events, checkpoints = store.read_events(), store.list_checkpoints()
        attempts = store.list_attempts()
    found = [Finding.from_dict(raw) for raw in summary.meta.get("findings") or ()]
    offers = {f.name: remedies(f.name, config, summary.status.live) for f in found}
    if args.json:
        details: dict[str, Any] = {
            "phase": summary.phase,
            "data": summary.data,
            "live": summary.status.live,
            "findings": [_finding_row(f, offers[f.name]) for f in found],
            "config": config.model_dump(mode="json"),
            "attempts": [asdict(attempt) for attempt in attempts],
            "checkpoints": [asdict(checkpoint) for checkpoint in checkpoints],
            "events": [asdict(event) for event in events],
        }
        print_json(summary_row(summary) | details)
        return 0
    _print_status(summary, checkpoints)
    _print_findings(found, offers)
    _print_config(config)
    _print_events(events)
    return 0


def _print_status(summary: RunSummary, checkpoints: list[Checkpoint]) -> None:
    status = summary.status
    print(f"{summary.name} ({summary.id}) is {status.state}. {status.message}".rstrip())
    if shipped := summary.meta.get("shipped"):
        print(f"Comes with the product. {shipped['sentence']} {shipped['licences']}")
    if origin := summary.meta.get("forked_from"):
        print(f"Continued from {origin['name']} ({origin['id']}) at step {origin['step']:,}.")
    if summary.phase:
        print(summary.phase)
    if status.n_steps:
        print(
            f"Step {status.step:,} of {status.n_steps:,}, epoch {status.epoch:.2f}, "
            f"{duration_text(status.elapsed_s)} of training on {summary.meta.get('device')}."
        )
    if summary.data:
        print(summary.data["why"])
    if status.last_metrics:
        print(f"Newest numbers: {numbers_text(status.last_metrics)}.")
    if checkpoints:
        steps = ", ".join(f"{checkpoint.step}" for checkpoint in checkpoints)
        print(f"Checkpoints at step {steps}.")


def _finding_row(finding: Finding, offers: list[Remedy]) -> dict[str, Any]:
    info = get_finding_info(finding.name)
    return finding.to_dict() | {
        "title": info.title,
        "severity": info.severity,
        "meaning": info.meaning,
        "remedies": [asdict(remedy) for remedy in offers],
    }


def _print_findings(found: list[Finding], offers: dict[str, list[Remedy]]) -> None:
    if found:
        print("\nFindings:")
    for finding in found:
        info = get_finding_info(finding.name)
        print(f"{_INDENT}{info.title}, steps {finding.first_step:,} to {finding.last_step:,}.")
        _print_wrapped(f"{finding.evidence} {info.meaning}", 2 * _INDENT)
        for remedy in offers[finding.name]:
            when = "at once" if remedy.is_live else "in a new run"
            _print_wrapped(f"Try {when}: {remedy.label}. {remedy.why}", 2 * _INDENT)


def _print_wrapped(text: str, indent: str) -> None:
    print(textwrap.fill(text, width=96, initial_indent=indent, subsequent_indent=indent + _INDENT))


def _print_config(config: RunConfig) -> None:
    print(f"\nConfiguration (recipe {config.recipe}), as options of train:")
    for group, words in as_words(config).items():
        print(f"{_INDENT}{group}:")
        indent = 2 * _INDENT
        print(
            textwrap.fill(
                " ".join(word.replace(" ", "\0") for word in words),
                width=96,
                initial_indent=indent,
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            ).replace("\0", " ")
        )


def _print_events(events: list[Event]) -> None:
    if not events:
        return
    skipped = len(events) - _N_EVENTS
    print("\nEvents:" if skipped <= 0 else f"\nEvents (the first {skipped} are left out):")
    for event in events[-_N_EVENTS:]:
        at = datetime.fromtimestamp(event.at)
        print(f"{_INDENT}{at:%Y-%m-%d %H:%M:%S}  step {event.step:>7,}  {event.text}")
