"""`measure --side-by-side`: how fast several runs train beside each other, and `pace`, one of them.

Door. The processes import torch and read the images once, then train for a moment whenever they are
told to, all at the same time, with as many threads as they are told.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from gan.cli.options import add_config_options, config_from
from gan.cli.output import print_json, print_table
from gan.cli.parser import Commands, add_command
from gan.config import RunConfig
from gan.errors import GanError
from gan.runs import probe
from gan.runs.checking import check_run
from gan.runs.comparisons.company import company_key, most_at_once, thread_counts
from gan.runs.cores import count_cores
from gan.runs.folder import Home
from gan.runs.launcher import child_environment

READY = "ready"


def add_commands(commands: Commands) -> None:
    """Add `pace`."""
    parser = add_command(
        commands,
        "pace",
        pace,
        summary="(measure --side-by-side calls this.) Train for a moment for each line that comes, "
        "with that number of threads, and print the steps a second.",
        example="echo 1 | python -m gan pace vanilla-fashion",
        has_json=False,
    )
    add_config_options(parser)


def pace(args: argparse.Namespace, home: Home) -> int:
    """Measure again and again, as whoever started us wants."""
    config = config_from(args)
    import torch  # noqa: PLC0415

    from gan.training.measuring import measure_speed, stand_in  # noqa: PLC0415

    data = stand_in(check_run(home, config), config.train.batch_size)
    print(READY, flush=True)
    for line in sys.stdin:
        torch.set_num_threads(int(line))
        print(measure_speed(config, data).steps_per_s, flush=True)
    return 0


def measure_side_by_side(args: argparse.Namespace, home: Home, config: RunConfig) -> int:
    """Print and keep each run's rate, for every way to share the cores out. Raises GanError."""
    check_run(home, config)
    config = config.with_changes({"train.n_threads": None, "train.device": "cpu"})
    n_cores = count_cores()
    counts = thread_counts(n_cores, most_at_once())
    rows = []
    with (
        probe.probing(home, company_key(config, n_cores)),
        _started(home, config, n_cores // counts[-1]) as processes,
    ):
        for n_threads in counts:
            beside = processes[: n_cores // n_threads]
            for process in beside:
                _stream(process.stdin).write(f"{n_threads}\n")
                _stream(process.stdin).flush()
            rates = [float(_answer(process)) for process in beside]
            mean = sum(rates) / len(rates)
            rows.append({"n_at_once": len(rates), "n_threads": n_threads, "steps_per_s": mean})
            key = company_key(config, n_threads)
            probe.record_speed(home, key, steps_per_s=mean, steps_per_epoch=1.0, source="measured")
    _print(args, rows)
    return 0


def _print(args: argparse.Namespace, rows: list[dict[str, float]]) -> None:
    if args.json:
        print_json(rows)
        return
    print_table(
        ("runs at once", "threads of each", "steps/s of each", "steps/s in all"),
        [
            (
                f"{row['n_at_once']:.0f}",
                f"{row['n_threads']:.0f}",
                f"{row['steps_per_s']:,.1f}",
                f"{row['n_at_once'] * row['steps_per_s']:,.1f}",
            )
            for row in rows
        ],
    )


@contextmanager
def _started(home: Home, config: RunConfig, n: int) -> Iterator[list["subprocess.Popen[str]"]]:
    """Yield n processes that wait to be told; they end with the `with` block."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "config.json"
        path.write_text(config.to_json(), encoding="utf-8")
        command = [sys.executable, "-m", "gan", "pace", "--config", str(path)]
        processes = [
            subprocess.Popen(
                [*command, "--home", str(home.root)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=child_environment(),
            )
            for _ in range(n)
        ]
        try:
            for process in processes:
                _answer(process)
            yield processes
        finally:
            for process in processes:
                process.kill()
                process.communicate()


def _answer(process: "subprocess.Popen[str]") -> str:
    line = _stream(process.stdout).readline().strip()
    if not line:
        raise GanError("A process that measures ended early: its reason stands above.")
    return line


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream
