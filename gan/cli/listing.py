"""`runs`: all runs as a table.

Door, without torch.
"""

import argparse
import time
from typing import Any

from gan.cli.output import age_text, complain, number_text, print_json, print_table
from gan.cli.parser import Commands, add_command
from gan.cli.service import move_the_queue_on
from gan.runs.control import RunSummary, summarise_all
from gan.runs.folder import Home
from gan.runs.states import RunState

_HEADERS = ("id", "name", "state", "recipe", "data", "step/of", "D loss", "G loss", "age")


def add_commands(commands: Commands) -> None:
    """Add `runs`."""
    add_command(
        commands,
        "runs",
        list_runs,
        summary="List all runs, newest first.",
        example="python -m gan runs\npython -m gan runs --json",
    )


def list_runs(args: argparse.Namespace, home: Home) -> int:
    """Print all runs; one that cannot be read is a line on stderr."""
    summaries, problems = summarise_all(home)
    if any(summary.status.state is RunState.QUEUED for summary in summaries):
        move_the_queue_on(home)  # the queue needs nobody else to look after it
    for problem in problems:
        complain(problem)
    if args.json:
        print_json([summary_row(summary) for summary in summaries])
    elif summaries:
        print_table(_HEADERS, [_cells(summary, time.time()) for summary in summaries])
    else:
        print(f"There are no runs in {home.runs_dir}. Begin with: python -m gan recipes")
    return 0


def summary_row(summary: RunSummary) -> dict[str, Any]:
    """Return what programs are told about a run, here and at the end of its training."""
    status, data = summary.status, summary.data
    is_timed = status.elapsed_s > 0.0 and "n_images" in data
    images_per_s = status.epoch * data["n_images"] / status.elapsed_s if is_timed else None
    return {
        "id": summary.id,
        "name": summary.name,
        "is_shipped": summary.is_shipped,
        "state": status.state,
        "message": status.message,
        "recipe": summary.labels.get("recipe"),
        "dataset": data.get("name") or summary.labels.get("dataset"),
        "device": summary.meta.get("device"),
        "step": status.step,
        "n_steps": status.n_steps,
        "epoch": status.epoch,
        "elapsed_s": status.elapsed_s,
        "images_per_s": images_per_s,
        "metrics": status.last_metrics,
        "created_at": summary.meta.get("created_at"),
    }


def _cells(summary: RunSummary, now: float) -> tuple[str, ...]:
    row, status = summary_row(summary), summary.status
    return (
        summary.id,
        summary.name,
        str(status.state),
        row["recipe"] or "–",
        row["dataset"] or "–",
        f"{status.step:,}/{status.n_steps:,}" if status.n_steps else "–",
        number_text(status.last_metrics.get("loss/d")),
        number_text(status.last_metrics.get("loss/g")),
        age_text(row["created_at"] or status.changed_at, now),
    )
