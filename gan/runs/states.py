"""The states of a run and the moves between them.

Memory layer, without a database: everything that asks "may this run do that now" asks here. The
store checks each change of state against `LEGAL_MOVES`, so there is no second opinion.
"""

from enum import StrEnum

from gan.errors import StoreError


class RunState(StrEnum):
    """What a run is doing, or how it ended."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    COMPLETED = "completed"
    DIVERGED = "diverged"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


LIVE_STATES = frozenset({RunState.RUNNING, RunState.PAUSED})
OVER_STATES = frozenset(RunState) - LIVE_STATES - {RunState.QUEUED}

# An ended run may always be queued again: to resume, to extend, or to start over.
LEGAL_MOVES: dict[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset(
        {RunState.RUNNING, RunState.STOPPED, RunState.FAILED, RunState.INTERRUPTED}
    ),
    RunState.RUNNING: OVER_STATES | {RunState.PAUSED},
    RunState.PAUSED: OVER_STATES | {RunState.RUNNING},
    **{state: frozenset({RunState.QUEUED}) for state in OVER_STATES},
}


def is_live(state: RunState) -> bool:
    """Tell whether a worker is at work on such a run, be it training or waiting."""
    return state in LIVE_STATES


def is_over(state: RunState) -> bool:
    """Tell whether such a run has ended, well or badly."""
    return state in OVER_STATES


def check_move(old: RunState, new: RunState) -> None:
    """Let a legal change of state pass.

    Raises:
        StoreError: names both states and the states that are possible from the old one.
    """
    if new not in LEGAL_MOVES[old]:
        possible = ", ".join(sorted(LEGAL_MOVES[old]))
        raise StoreError(f"A run that is {old} cannot become {new}, only {possible}.")
