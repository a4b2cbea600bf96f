"""Continuing a run as a copy: a new run with its own folder that goes on from a saved step.

Memory layer, without torch. The copy has everything of the run up to that step and then trains on;
the run itself stays as it is. That is how one goes on from a generator that comes with the product.
"""

import secrets
import shutil
import time

from gan.errors import CheckpointError, ConfigError, StoreError
from gan.runs import control
from gan.runs.commands import live_values
from gan.runs.disk import move_into_place, os_errors
from gan.runs.folder import Home, RunFolder, copy_run, free_run_id
from gan.runs.rows import Checkpoint
from gan.runs.states import RunState, is_live, is_over
from gan.runs.store import RunStore

LIGHT_TEXT = (
    "The optimisers begin without memory, the generator begins as its own average, and weights "
    "come from half precision, so the first steps may be rougher."
)
"""What is said about going on from a generator that comes with the product."""


def fork(
    home: Home,
    folder: RunFolder,
    *,
    n_more: int,
    step: int | None = None,
    name: str = "",
) -> RunFolder:
    """Make a queued copy of a run that trains on from a saved step; it appears complete.

    Args:
        home: where the copy goes.
        folder: the run, which may be at work.
        n_more: how many steps more.
        step: of a checkpoint, by default the newest.
        name: what to call it.

    Raises:
        ConfigError: no such number of steps.
        GanError: there is no such checkpoint, or the folder cannot be written.
    """
    if n_more < 1:
        raise ConfigError(f"Cannot train {n_more} steps more: it must be at least 1.")
    summary = control.summarise(folder)
    checkpoint = _checkpoint(folder, step)
    end = int(live_values({"n_steps": checkpoint.step + n_more})["n_steps"] or 0)
    now = time.time()
    home.ensure()
    run_id = free_run_id(home, now)
    hidden = home.runs_dir / f".{run_id}.{secrets.token_hex(4)}"
    try:
        copy = copy_run(folder, hidden, up_to_tick=checkpoint.tick)
        if not (copy.path / checkpoint.path).exists():
            raise CheckpointError(f"The checkpoint of step {checkpoint.step} was just dropped.")
        _write_config(copy, is_shipped=summary.is_shipped, end=end)
        _requeue(copy, checkpoint, summary, end=end, name=name, now=now)
        move_into_place(hidden, home.runs_dir / run_id)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return RunFolder(home.runs_dir / run_id)


def launch_fork(
    home: Home, folder: RunFolder, *, n_more: int, step: int | None = None, name: str = ""
) -> RunFolder:
    """Do as `fork`, and start the copy if there is room."""
    made = fork(home, folder, n_more=n_more, step=step, name=name)
    control.move_the_queue_on(home)
    return made


def steps_in(folder: RunFolder, epochs: float) -> int:
    """Return how many steps so many epochs of a run are. Raises ConfigError, StoreError."""
    if not 0 < epochs <= 1_000_000:
        raise ConfigError(f"Cannot train {epochs:g} epochs more: it must be above 0.")
    per_epoch = control.summarise(folder).data.get("steps_per_epoch")
    if not per_epoch:
        raise StoreError("The run has never started, so there is nothing to go on from.")
    return max(1, round(epochs * float(per_epoch)))


def _checkpoint(folder: RunFolder, step: int | None) -> Checkpoint:
    with RunStore.open(folder.db_path) as store:
        checkpoints = store.list_checkpoints()
    if not checkpoints:
        raise CheckpointError(f"The run {folder.id} has no checkpoint to go on from yet.")
    fitting = [c for c in checkpoints if step is None or c.step == step]
    if not fitting:
        steps = ", ".join(str(c.step) for c in checkpoints[-8:])
        raise CheckpointError(f"There is no checkpoint at step {step}: choose one of {steps}.")
    return fitting[-1]


def _write_config(copy: RunFolder, *, is_shipped: bool, end: int) -> None:
    """Write the copy's own settings: a new end, and this machine's ways, not another's."""
    changes: dict[str, object] = {"train.n_steps": end}
    if is_shipped:
        changes |= {"train.device": "auto", "train.n_threads": None}
    config = control.read_config(copy).with_changes(changes)
    with os_errors(f"{copy.config_path} cannot be written"):
        copy.config_path.write_text(config.to_json(), encoding="utf-8")
        copy.log_path.unlink(missing_ok=True)


def _requeue(
    copy: RunFolder,
    checkpoint: Checkpoint,
    source: control.RunSummary,
    *,
    end: int,
    name: str,
    now: float,
) -> None:
    with RunStore.open(copy.db_path) as store, store.batch():
        status = store.get_status()
        if is_live(status.state):
            store.end_attempt(status.attempt, now=now, state=RunState.INTERRUPTED)
        store.supersede_after(checkpoint.tick or -1, status.attempt + 1)
        text = f"Continued from {source.name} at step {checkpoint.step:,}, as a run of its own"
        store.add_event(
            status.attempt,
            step=checkpoint.step,
            tick=checkpoint.tick,
            now=now,
            kind="forked",
            text=f"{text}. {LIGHT_TEXT}" if source.is_shipped else text,
            marks=source.is_shipped,
        )
        origin = {"id": source.id, "name": source.name, "step": checkpoint.step}
        facts = {
            "name": name.strip() or f"{source.name}, continued",
            "note": "",
            "tags": [],
            "created_at": now,
            "shipped": {},
            "kept": {},
            "claim": {},
            "phase": "",
            "findings": [],
            "on_start": {"n_steps": end},
            "forked_from": origin,
            "comparison": {},
        }
        for key, value in facts.items():
            store.set_meta(key, value)
        store.update_progress(step=checkpoint.step, tick=checkpoint.tick, n_steps=end)
        if is_over(store.get_status().state):
            store.set_state(RunState.QUEUED, now=now)
