"""Making the runs of a comparison, and having those trained that are not finished.

Memory layer, without torch. `ensure_runs` may be called at any time, by anybody, again and again:
it makes what is missing, goes on with what was interrupted, and leaves alone what ended.
"""

import logging

from gan.comparing.design import Variant
from gan.errors import StoreError
from gan.runs import control
from gan.runs.commands import STOPPED_BY_SYSTEM
from gan.runs.comparisons.store import Comparison, Place, changing, run_of, with_members, write
from gan.runs.folder import Home, RunFolder, list_runs
from gan.runs.launcher import reap
from gan.runs.rows import Status
from gan.runs.states import RunState
from gan.runs.store import RunStore

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 6
"""A run that was interrupted so often is not begun anew by itself: something kills it each time."""


def ensure_runs(home: Home, comparison: Comparison) -> Comparison:
    """Make the runs that are missing and queue those that were interrupted; start what can start.

    A run that ended, well or badly, or that a person stopped or paused, stays as it is. One that
    was deleted is made anew.

    Raises:
        StoreError: something cannot be read or written.
        ConfigError: a variant's settings are not legal (any more).
    """
    with changing(home, comparison.id) as before:
        now = _filled(home, before)
        for variant, seed in now.places():
            place = variant.key, seed
            if place not in now.paused:
                _go_on_if_interrupted(run_of(home, now.members[place]))
    control.move_the_queue_on(home)
    return now


def _go_on_if_interrupted(folder: RunFolder) -> None:
    """Queue a run again; one that cannot be read stands in nobody's way."""
    try:
        if is_interrupted(reap(folder)):
            control.queue_again(folder)
    except StoreError as error:
        log.warning("The run %s was passed over: %s", folder.id, error)


def is_interrupted(status: Status) -> bool:
    """Tell whether a run ended only because its process or the machine did."""
    if status.attempt >= MOST_ATTEMPTS:
        return False
    if status.state is RunState.STOPPED:
        return status.message == STOPPED_BY_SYSTEM
    return status.state is RunState.INTERRUPTED


def _filled(home: Home, comparison: Comparison) -> Comparison:
    """Return the comparison with a run at each place, found again or made."""
    missing = [
        (variant, seed)
        for variant, seed in comparison.places()
        if (variant.key, seed) not in comparison.members
    ]
    if not missing:
        return comparison
    lost = _lost_runs(home, comparison)
    found = {}
    for variant, seed in missing:
        place = variant.key, seed
        found[place] = lost.get(place) or _make(home, comparison, variant, seed).id
    filled = with_members(comparison, found)
    write(home, filled)
    return filled


def _lost_runs(home: Home, comparison: Comparison) -> dict[Place, str]:
    """Return runs that were made for a place and not noted before the process ended."""
    lost: dict[Place, str] = {}
    for folder in reversed(list_runs(home)):
        try:
            with RunStore.open(folder.db_path) as store:
                its = store.get_meta().get("comparison") or {}
        except StoreError:
            continue
        if its.get("id") == comparison.id:
            lost.setdefault((its["variant"], its["seed"]), folder.id)
    return lost


def _make(home: Home, comparison: Comparison, variant: Variant, seed: int) -> RunFolder:
    config = comparison.design.config(variant, seed, n_threads=comparison.n_threads)
    place = {"id": comparison.id, "variant": variant.key, "seed": seed}
    name = f"{comparison.name} · {variant.label} · seed {seed}"
    return control.new_run(home, config, name=name, facts={"comparison": place})
