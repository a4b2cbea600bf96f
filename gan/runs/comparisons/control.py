"""What a person does with a comparison: pause, resume, stop, drop, add seeds, delete.

Memory layer, without torch. Pausing a run of a comparison stops it with a checkpoint, from which
it goes on to the very numbers of a run that was never paused: no idle process holds memory
meanwhile, and the cores are counted as they are.

`variant` and `seed` narrow an order down to one variant, one seed, or one run.
"""

import shutil
import time
from dataclasses import replace

from gan.comparing.design import ComparisonDesign
from gan.errors import ConfigError, StoreError
from gan.runs import control
from gan.runs.commands import send
from gan.runs.comparisons.runs import ensure_runs
from gan.runs.comparisons.store import (
    Comparison,
    Place,
    changing,
    checked_variant,
    comparison_dir,
    run_of,
    write,
)
from gan.runs.disk import move_into_place
from gan.runs.folder import Home, RunFolder, delete_run
from gan.runs.launcher import launch_lock, reap
from gan.runs.states import RunState, is_live, is_over
from gan.runs.store import RunStore

END_WITHIN_S = 20.0
_LOOK_EVERY_S = 0.05
_RESULTS = (RunState.COMPLETED, RunState.DIVERGED)
_BROKEN = (RunState.INTERRUPTED, RunState.FAILED, RunState.PAUSED)


def add_seeds(home: Home, comparison: Comparison, seeds: list[int]) -> Comparison:
    """Repeat every variant with more seeds. Raises ConfigError, StoreError."""
    with changing(home, comparison.id) as before:
        raw = before.design.model_dump(mode="json")
        design = ComparisonDesign.parse(raw | {"seeds": [*before.design.seeds, *seeds]})
        now = replace(before, design=design)
        write(home, now)
    return ensure_runs(home, now)


def drop_variant(home: Home, comparison: Comparison, variant: str) -> Comparison:
    """Take a variant out of the race; its runs stop and are kept.

    Raises ConfigError, StoreError.
    """
    checked_variant(comparison, variant)
    with changing(home, comparison.id) as before:
        if before.dropped | {variant} == {v.key for v in before.design.variants}:
            raise ConfigError(f"{variant} is the last variant: delete the comparison instead.")
        _take_out(home, before, _places(before, variant, None))
        now = replace(before, dropped=before.dropped | {variant})
        write(home, now)
    control.move_the_queue_on(home)
    return now


def restore_variant(home: Home, comparison: Comparison, variant: str) -> Comparison:
    """Take a dropped variant back; its runs go on. Raises ConfigError, StoreError."""
    checked_variant(comparison, variant)
    with changing(home, comparison.id) as before:
        write(home, replace(before, dropped=before.dropped - {variant}))
    return resume(home, comparison, variant=variant)


def pause(
    home: Home, comparison: Comparison, *, variant: str | None = None, seed: int | None = None
) -> Comparison:
    """Let runs wait until `resume`, those in the queue too. Raises ConfigError, StoreError."""
    with changing(home, comparison.id) as before:
        out = _take_out(home, before, _places(before, variant, seed))
        now = replace(before, paused=before.paused | set(out))
        write(home, now)
    control.move_the_queue_on(home)
    return now


def stop(
    home: Home, comparison: Comparison, *, variant: str | None = None, seed: int | None = None
) -> Comparison:
    """End runs where they are; what they reached counts. Raises ConfigError, StoreError."""
    with changing(home, comparison.id) as before:
        places = _places(before, variant, seed)
        _take_out(home, before, places)
        now = replace(before, paused=before.paused - set(places))
        write(home, now)
    control.move_the_queue_on(home)
    return now


def resume(
    home: Home, comparison: Comparison, *, variant: str | None = None, seed: int | None = None
) -> Comparison:
    """Go on with paused, interrupted and failed runs.

    Stopped ones go on where variant or seed are named, and where there are no others to go on with.
    Runs that completed or diverged are results and stay.

    Raises:
        ConfigError: there is no such variant or seed.
        StoreError: a run that was just paused does not end, or something cannot be written.
    """
    with changing(home, comparison.id) as before:
        places = [p for p in _places(before, variant, seed) if p in before.members]
        folders = {place: run_of(home, before.members[place]) for place in places}
        for place in before.paused & set(places):
            _wait_until_over(folders[place])  # its checkpoint is being written
        states = {place: reap(folder).state for place, folder in folders.items()}
        halted = [p for p in places if p in before.paused or states[p] in _BROKEN]
        stopped = [p for p in places if states[p] is RunState.STOPPED]
        is_named = variant is not None or seed is not None
        wanted = {*halted, *stopped} if is_named or not halted else set(halted)
        for place in (p for p in places if p in wanted):
            _go_on(folders[place], states[place])
        now = replace(before, paused=before.paused - set(places))
        write(home, now)
    return ensure_runs(home, now)


def delete(home: Home, comparison: Comparison, *, with_runs: bool = False) -> None:
    """Delete a comparison; its runs stop, and stay as ordinary runs or go to the trash.

    Raises:
        StoreError: a run does not end, or something cannot be written.
    """
    with changing(home, comparison.id) as before:
        folders = [run_of(home, run) for run in before.members.values()]
        _take_out(home, before, list(before.members))
        for folder in folders:
            _wait_until_over(folder)
            if with_runs:
                delete_run(home, folder)
                continue
            with RunStore.open(folder.db_path) as store:
                store.set_meta("comparison", {})
        path = comparison_dir(home, before.id)
        hidden = path.with_name(f".{before.id}")
        move_into_place(path, hidden)
    shutil.rmtree(hidden, ignore_errors=True)
    control.move_the_queue_on(home)


def _places(comparison: Comparison, variant: str | None, seed: int | None) -> list[Place]:
    """Return the places in the race that are meant. Raises ConfigError when there are none."""
    if variant is not None:
        checked_variant(comparison, variant)
    if seed is not None and seed not in comparison.design.seeds:
        known = ", ".join(map(str, comparison.design.seeds))
        raise ConfigError(f"There is no seed {seed} in {comparison.name}: choose one of {known}.")
    return [
        (v.key, s) for v, s in comparison.places() if variant in (None, v.key) and seed in (None, s)
    ]


def _take_out(home: Home, comparison: Comparison, places: list[Place]) -> list[Place]:
    """Stop the runs of these places that are not over; return those places.

    Nothing is started meanwhile, or each run that stops would hand its cores to the next of them.
    """
    out = []
    with launch_lock(home):
        for place in places:
            if place not in comparison.members:
                continue
            folder = run_of(home, comparison.members[place])
            if not is_over(reap(folder).state):
                control.take_out(folder)
                out.append(place)
    return out


def _go_on(folder: RunFolder, state: RunState) -> None:
    if state is RunState.PAUSED:  # on its own page
        send(folder, "resume")
    elif is_over(state) and state not in _RESULTS:
        control.queue_again(folder)


def _wait_until_over(folder: RunFolder) -> None:
    deadline = time.monotonic() + END_WITHIN_S
    while is_live(reap(folder).state) or folder.is_locked():
        if time.monotonic() > deadline:
            raise StoreError(f"The run {folder.id} does not end: look at it, then try again.")
        time.sleep(_LOOK_EVERY_S)
