"""Trains a run in this very process, or follows it when a background worker has it.

Door; imports torch. The worker is the one that the pages use, so the run folder is the same.
"""

import argparse
import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from gan.cli.listing import summary_row
from gan.cli.output import command_line, complain, duration_text, print_json
from gan.cli.progress import Bar, numbers_text
from gan.cli.service import LOG_FORMAT, move_the_queue_on
from gan.config import RunConfig
from gan.errors import StoreError
from gan.runs import control
from gan.runs.control import RunSummary
from gan.runs.folder import Home, RunFolder
from gan.runs.launcher import (
    claim_for_this_process,
    queue_position,
    reap,
    start_next,
)
from gan.runs.states import RunState, is_live, is_over
from gan.runs.worker import Worker
from gan.training.devices import resolve_device
from gan.training.records import Record, StepDone
from gan.training.trainer import Trainer

WAIT_INTERVAL_S = 1.0
FOLLOW_INTERVAL_S = 0.5
_STOPPING = b"\nStopping after this step, with a checkpoint. Ctrl-C again ends at once.\n"
_BAD_ENDS = (RunState.DIVERGED, RunState.FAILED, RunState.INTERRUPTED)


def check_device(config: RunConfig) -> None:
    """Refuse a device that this machine lacks. Raises DeviceError."""
    resolve_device(config.train.device)


def train_here(args: argparse.Namespace, home: Home, folder: RunFolder) -> int:
    """Train a queued run, waiting for a free slot; print how it ended; return the exit code."""
    teller = _Teller(is_quiet=args.json)
    try:
        n_threads = 1 if args.now else _wait_for_slot(home, folder, teller)
    except KeyboardInterrupt:
        return _left_in_queue(args, home, folder)
    if n_threads is None:
        return _follow(args, home, folder, teller)
    teller.say(f"Run {folder.id} ({control.summarise(folder).name})")
    try:
        _train(home, folder, n_threads, teller)
    except StoreError:
        if not is_live(reap(folder).state):
            raise
        return _follow(args, home, folder, teller)  # a background worker was quicker
    finally:
        move_the_queue_on(home)
    return _report_end(args, home, folder)


@dataclass(frozen=True)
class _Teller:
    """Tells a person what happens; a program wants nothing but the JSON at the end."""

    is_quiet: bool

    def say(self, text: str) -> None:
        if not self.is_quiet:
            print(text, flush=True)


def _wait_for_slot(home: Home, folder: RunFolder, teller: _Teller) -> int | None:
    """Return the threads to train with; None when the run left the queue meanwhile."""
    has_said = False
    while True:
        n_threads = claim_for_this_process(home, folder)
        if n_threads is not None:
            return n_threads
        place = queue_position(home, folder)
        if place == 0:  # whoever finished before us started it in the background, or stopped it
            return None
        if not has_said:
            teller.say(
                f"All cores are taken, so the run {folder.id} waits (place {place} in the queue); "
                "--now would train at once."
            )
            has_said = True
        time.sleep(WAIT_INTERVAL_S)


def _train(home: Home, folder: RunFolder, n_threads: int, teller: _Teller) -> None:
    """Let the worker train, the bar move, and Ctrl-C stop between two steps."""
    with _log_into(folder.log_path), Bar(is_quiet=teller.is_quiet) as bar:
        watch = _Watch(bar, teller)
        worker = Worker(home, folder, n_threads=n_threads, watch=watch.take)
        watch.worker = worker
        before = _stop_on_signals(worker)
        try:
            worker.work()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Watch:
    """Shows a worker's records, and on what it trains before the first of them."""

    def __init__(self, bar: Bar, teller: _Teller) -> None:
        self._bar = bar
        self._teller = teller
        self._has_introduced = False
        self.worker: Worker | None = None  # set before the first record

    def take(self, record: Record) -> None:
        assert self.worker is not None
        trainer = self.worker.trainer
        if not self._has_introduced:
            self._introduce(trainer, is_resumed=isinstance(record, StepDone))
            self._has_introduced = True
        metrics = record.metrics if isinstance(record, StepDone) else None
        self._bar.move(trainer.step, trainer.live.n_steps, metrics)

    def _introduce(self, trainer: Trainer, *, is_resumed: bool) -> None:
        self._teller.say(trainer.supply.data.located.why)
        threads = f", threads: {trainer.n_threads}" if trainer.device.type == "cpu" else ""
        start = f", from step {trainer.step - 1:,}" if is_resumed else ""
        self._teller.say(
            f"Device: {trainer.device}{threads}; to step {trainer.live.n_steps:,}{start}."
        )


def _stop_on_signals(worker: Worker) -> dict[int, Any]:
    """Let the first Ctrl-C or SIGTERM stop the run and a second end the process at once."""

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        worker.ask_to_stop(f"Stopped in the terminal ({signal.Signals(number).name}).")
        os.write(2, _STOPPING)  # print could meet itself half-way, inside a signal handler

    return {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}


def _follow(args: argparse.Namespace, home: Home, folder: RunFolder, teller: _Teller) -> int:
    """Show a run that a background worker trains until it ends; Ctrl-C stops it."""
    if not is_over(reap(folder).state):
        teller.say(f"A background worker took the run {folder.id}: following it.")
    has_asked = False
    with Bar(is_quiet=teller.is_quiet) as bar:
        while not is_over((status := reap(folder)).state):
            try:
                if status.state is RunState.QUEUED:
                    start_next(home)
                if status.n_steps:
                    bar.move(status.step, status.n_steps, status.last_metrics)
                time.sleep(FOLLOW_INTERVAL_S)
            except KeyboardInterrupt:
                if has_asked:
                    raise
                control.stop(home, folder)
                has_asked = True
    return _report_end(args, home, folder)


def _left_in_queue(args: argparse.Namespace, home: Home, folder: RunFolder) -> int:
    if args.json:
        print_json(summary_row(control.summarise(folder)))
        return 0
    print(
        f"\nThe run {folder.id} stays in the queue and starts when there is room. Take it out "
        f"with: {command_line(home, 'stop', folder.id)}"
    )
    return 0


def _report_end(args: argparse.Namespace, home: Home, folder: RunFolder) -> int:
    summary = control.summarise(folder)
    status = summary.status
    is_bad = status.state in _BAD_ENDS
    if args.json:
        print_json(summary_row(summary))
    if is_bad:
        complain(status.message)
    if not args.json and not is_bad:
        print(_end_text(home, summary))
    return 1 if is_bad else 0


def _end_text(home: Home, summary: RunSummary) -> str:
    status = summary.status
    if status.state is RunState.STOPPED and status.attempt == 0:
        return status.message
    if status.state is RunState.STOPPED:
        again = command_line(home, "resume", summary.id)
        return f"Saved at step {status.step}. Go on with: {again}"
    why = f" {status.message}" if status.message else ""
    numbers = numbers_text({k: v for k, v in status.last_metrics.items() if k.startswith("loss/")})
    return (
        f"Complete: step {status.step}, epoch {status.epoch:.2f}, "
        f"{duration_text(status.elapsed_s)} of training, {numbers}.{why} "
        f"Draw with: {command_line(home, 'sample', summary.id)}"
    )


@contextmanager
def _log_into(path: Path) -> Iterator[None]:
    """Keep the worker's log lines in the run folder: on the terminal they would tear the bar."""
    root = logging.getLogger()
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter(LOG_FORMAT))
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()
