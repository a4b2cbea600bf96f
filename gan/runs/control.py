"""What a person does with runs: launch, resume, extend, start over, stop, describe.

Memory layer, without torch. Pages and the terminal share these, so both behave alike.
"""

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gan.config import RunConfig
from gan.errors import ConfigError, StoreError
from gan.runs.commands import live_values, send
from gan.runs.folder import Home, RunFolder, create_run, list_runs
from gan.runs.launcher import reap, reap_open, start_next
from gan.runs.rows import Status
from gan.runs.states import RunState, is_live, is_over
from gan.runs.store import RunStore

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunSummary:
    """One run as a list shows it."""

    folder: RunFolder
    status: Status
    meta: dict[str, Any]

    @property
    def id(self) -> str:
        return self.folder.id

    @property
    def name(self) -> str:
        return str(self.meta.get("name") or self.id)

    @property
    def labels(self) -> dict[str, str]:
        return dict(self.meta.get("labels") or {})

    @property
    def data(self) -> dict[str, Any]:
        """What the worker said about the images it found, {} before it did."""
        return dict(self.meta.get("data") or {})

    @property
    def is_shipped(self) -> bool:
        """Whether it comes with the product; such a run stays as it is."""
        return bool(self.meta.get("shipped"))

    @property
    def phase(self) -> str:
        """What the worker is doing while there is no progress to show."""
        return str(self.meta.get("phase") or "") if is_live(self.status.state) else ""

    @property
    def phase_fraction(self) -> float | None:
        """The share of that which is done, where the worker can tell."""
        share = self.meta.get("phase_fraction")
        return float(share) if self.phase and share is not None else None


def saved_steps(folder: RunFolder) -> list[int]:
    """Return the steps of a run's checkpoints, the newest first. Raises StoreError."""
    with RunStore.open(folder.db_path) as store:
        return sorted({checkpoint.step for checkpoint in store.list_checkpoints()}, reverse=True)


def new_run(
    home: Home, config: RunConfig, *, name: str = "", facts: Mapping[str, Any] | None = None
) -> RunFolder:
    """Make a queued run, of which these facts are known. Raises StoreError."""
    labels = {"recipe": config.recipe, "dataset": config.data.dataset}
    name = name.strip() or _free_name(home, config)
    return create_run(home, config.to_json(), name=name, labels=labels, facts=facts)


def launch(home: Home, config: RunConfig, *, name: str = "") -> RunFolder:
    """Make a run and start it, or leave it in the queue when the machine is busy."""
    folder = new_run(home, config, name=name)
    move_the_queue_on(home)
    return folder


def read_config(folder: RunFolder) -> RunConfig:
    """Return what a run was asked to do. Raises ConfigError, StoreError."""
    try:
        return RunConfig.from_json(folder.config_path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StoreError(f"{folder.config_path} cannot be read ({error}).") from error


def summarise(folder: RunFolder) -> RunSummary:
    """Read a run's state and facts; a worker that died is noticed here. Raises StoreError."""
    with RunStore.open(folder.db_path) as store:
        return RunSummary(folder, reap_open(folder, store), store.get_meta())


def summarise_all(home: Home) -> tuple[list[RunSummary], list[str]]:
    """Return all runs, newest first, and a sentence for each that cannot be read."""
    summaries, problems = [], []
    for folder in list_runs(home):
        try:
            summaries.append(summarise(folder))
        except StoreError as error:
            problems.append(f"{folder.id}: {error}")
    return summaries, problems


def resume(home: Home, folder: RunFolder, **changes: Any) -> None:
    """Queue an ended run to go on from its last checkpoint, and start it if there is room.

    Args:
        changes: live values to apply at the start, as for the `set` command.

    Raises:
        StoreError: the run has not ended.
        ConfigError: a value is not legal.
    """
    queue_again(folder, **changes)
    move_the_queue_on(home)


def queue_again(folder: RunFolder, **changes: Any) -> None:
    """Do as `resume`, but leave it to the caller to start the run."""
    values = live_values(changes)
    end = values.get("n_steps")
    with RunStore.open(folder.db_path) as store:
        reap_open(folder, store)
        with store.batch():
            if store.get_meta().get("shipped"):
                raise StoreError(
                    "The run comes with the product and stays as it is: continue it as a run of "
                    "your own."
                )
            status = store.get_status()
            if not is_over(status.state):
                raise StoreError(f"The run is {status.state}: only an ended run can be resumed.")
            if status.state is RunState.COMPLETED and (end is None or end <= status.step):
                raise StoreError("The run is complete: extend it to train on.")
            if end is not None and end < status.step:
                raise ConfigError(
                    f"The run is at step {status.step:,} already, so it cannot end at {end:,}."
                )
            store.set_meta("on_start", values)
            store.set_meta("claim", {})
            store.set_state(RunState.QUEUED, now=time.time())


def extend(home: Home, folder: RunFolder, more_epochs: float) -> int:
    """Move a run's planned end further away, be it training or ended; return the new end.

    Raises:
        ConfigError: not a positive number of epochs.
        StoreError: the run has never started.
    """
    end = extended_end(folder, more_epochs)
    if is_live(reap(folder).state):
        send(folder, "set", n_steps=end)
    else:
        resume(home, folder, n_steps=end)
    return end


def extended_end(folder: RunFolder, more_epochs: float) -> int:
    """Return the step at which a run would end after so many epochs more; raises as `extend`."""
    if not (math.isfinite(more_epochs) and more_epochs > 0):
        raise ConfigError(f"Cannot extend by {more_epochs!r} epochs: it must be above 0.")
    summary = summarise(folder)
    config = read_config(folder)
    n_batches = summary.data.get("n_batches")
    if n_batches is None:
        raise StoreError("The run has not started yet: duplicate it with more epochs instead.")
    more_steps = max(1, round(more_epochs * n_batches / config.train.d_steps))
    status = summary.status
    # A rule may have completed the run before its planned end, which counts no more.
    planned = 0 if status.state is RunState.COMPLETED else status.n_steps
    end: int = max(planned, status.step) + more_steps
    return end


def start_over(home: Home, folder: RunFolder) -> RunFolder:
    """Launch a new run with the same configuration, seed included."""
    summary = summarise(folder)
    return launch(home, read_config(folder), name=f"{summary.name} again")


def stop(home: Home, folder: RunFolder) -> None:
    """Stop a run wherever it stands: in the queue, training or paused. Raises StoreError."""
    if take_out(folder):
        move_the_queue_on(home)


def take_out(folder: RunFolder) -> bool:
    """Do as `stop`, but leave it to the caller to start the next; tell whether one could start."""
    with RunStore.open(folder.db_path) as store:
        reap_open(folder, store)
        with store.batch():  # a queued run may be started at this very moment
            state, now = store.get_status().state, time.time()
            if is_over(state):
                raise StoreError(f"The run is {state} already.")
            if is_live(state):
                store.send_command("stop", now=now)
                return False
            store.set_state(RunState.STOPPED, message="Taken out of the queue.", now=now)
    return True


def move_the_queue_on(home: Home) -> None:
    """Start what can start; a run that cannot start now keeps its place in the queue."""
    try:
        start_next(home)
    except StoreError as error:
        log.warning("The queue stands still: %s", error)


def _free_name(home: Home, config: RunConfig) -> str:
    taken = set()
    for folder in list_runs(home):
        try:
            with RunStore.open(folder.db_path) as store:
                taken.add(store.get_meta().get("name"))
        except StoreError:
            continue
    n = 1
    while f"{config.recipe} {n}" in taken:
        n += 1
    return f"{config.recipe} {n}"
