"""Applying a remedy to a run with one click, and remembering that it was applied.

Memory layer, without torch, for pages and the terminal. A remedy that may change while a run trains
is a command to its worker, or comes with its resuming; any other is a changed duplicate of the run.
"""

import time
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from gan.config import RunConfig
from gan.diagnosis.findings import Finding
from gan.diagnosis.remedies import Remedy
from gan.errors import ConfigError
from gan.fields import get_value
from gan.runs import control
from gan.runs.commands import LIVE_FIELDS, send
from gan.runs.control import RunSummary
from gan.runs.folder import Home, RunFolder
from gan.runs.launcher import has_room
from gan.runs.states import RunState, is_live
from gan.runs.store import RunStore

Way = Literal["live", "resume", "beside", "instead"]
"""How a remedy is applied: to the run as it trains; by resuming it; as a duplicate beside it; as a
duplicate for which it is stopped, where there is no room for both."""

FINDING_EVENT = "finding"
"""The kind of event by which a worker tells of a new finding."""

_SUFFIX = " · remedy"
_RESUMED = (RunState.STOPPED, RunState.DIVERGED, RunState.INTERRUPTED)


@dataclass(frozen=True)
class Change:
    """One setting that a remedy changes."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Applied:
    """A remedy that somebody applied to a run.

    Attributes:
        finding: what it was meant to cure; a key of `gan.diagnosis.catalog.FINDINGS`.
        label: what the button said.
        run: the run that trains with it; the same one for a live change.
        step: where the sick run was.
        noticed: the step at which the finding was noticed in it.
        at: when, seconds since 1970.
    """

    finding: str
    label: str
    run: str
    step: int
    noticed: int
    at: float

    @classmethod
    def from_dict(cls, raw: dict[str, Any]) -> Self:
        """Read what was kept. Raises TypeError if it is something else."""
        return cls(**raw)


def current_findings(summary: RunSummary) -> list[Finding]:
    """Return what the worker found last; what cannot be read is left out."""
    found = []
    for raw in summary.meta.get("findings") or ():
        try:
            found.append(Finding.from_dict(raw))
        except (TypeError, KeyError):  # of another version
            continue
    return found


def applied_remedies(summary: RunSummary) -> list[Applied]:
    """Return the remedies that were applied to a run, oldest first."""
    return [Applied.from_dict(raw) for raw in summary.meta.get("remedies") or ()]


def origin_of(summary: RunSummary) -> Applied | None:
    """Return the remedy for which a run was made out of another, whose id is then its `run`."""
    raw = summary.meta.get("remedy_for")
    return Applied.from_dict(raw) if raw else None


def way_of(summary: RunSummary, remedy: Remedy, *, is_room: bool) -> Way:
    """Say how a remedy would be applied to a run now; `is_room`: whether another could train."""
    state = summary.status.state
    if remedy.is_live and is_live(state):
        return "live"
    if remedy.is_live and state in _RESUMED and summary.status.attempt:
        return "resume"
    if is_live(state) and not is_room:
        return "instead"
    return "beside"


def changes_of(config: RunConfig, summary: RunSummary, remedy: Remedy) -> list[Change]:
    """Return what a remedy changes, against the values in force."""
    now = _in_force(config, summary)
    return [Change(path, get_value(now, path), value) for path, value in remedy.changes.items()]


def apply_remedy(home: Home, summary: RunSummary, finding: str, remedy: Remedy) -> RunFolder:
    """Apply a remedy and return the run that trains with it, which may be a new one.

    Raises:
        ConfigError: a value is not legal.
        StoreError: the run takes no command any more, or cannot be written.
    """
    folder, way = summary.folder, way_of(summary, remedy, is_room=has_room(home))
    if way == "live":
        send(folder, "set", **remedy.live_values)
    elif way == "resume":
        control.resume(home, folder, **remedy.live_values)
    else:
        return _duplicate(home, summary, finding, remedy, is_instead=way == "instead")
    _note(summary, finding, remedy, folder)
    return folder


def _duplicate(
    home: Home, summary: RunSummary, finding: str, remedy: Remedy, *, is_instead: bool
) -> RunFolder:
    config = _in_force(control.read_config(summary.folder), summary).with_changes(remedy.changes)
    name = f"{summary.name.removesuffix(_SUFFIX)}{_SUFFIX}"
    folder = control.new_run(home, config, name=name)
    with RunStore.open(folder.db_path) as store:
        store.set_meta("remedy_for", asdict(_applied(summary, finding, remedy, summary.folder)))
    _note(summary, finding, remedy, folder)
    if is_instead:
        control.stop(home, summary.folder)
    control.move_the_queue_on(home)
    return folder


def _in_force(config: RunConfig, summary: RunSummary) -> RunConfig:
    """Return a run's configuration with the learning rates that it has by now."""
    live = summary.status.live
    rates = {LIVE_FIELDS[name].path: live[name] for name in ("g_lr", "d_lr") if live.get(name)}
    try:
        return config.with_changes(rates)
    except ConfigError:
        return config


def _applied(summary: RunSummary, finding: str, remedy: Remedy, folder: RunFolder) -> Applied:
    with RunStore.open(summary.folder.db_path) as store:
        events = store.read_events()
    noticed = [
        event.step
        for event in events
        if event.kind == FINDING_EVENT and event.payload.get("name") == finding
    ]
    step = summary.status.step
    return Applied(
        finding=finding,
        label=remedy.label,
        run=folder.id,
        step=step,
        noticed=noticed[-1] if noticed else step,
        at=time.time(),
    )


def _note(summary: RunSummary, finding: str, remedy: Remedy, folder: RunFolder) -> None:
    applied = asdict(_applied(summary, finding, remedy, folder))
    with RunStore.open(summary.folder.db_path) as store, store.batch():
        earlier = store.get_meta().get("remedies") or []
        store.set_meta("remedies", [*earlier, applied])
