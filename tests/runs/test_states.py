"""The table of states: complete, closed, and enforced with a sentence."""

from itertools import product

import pytest

from gan.errors import StoreError
from gan.runs.states import LEGAL_MOVES, RunState, check_move, is_live, is_over

OVER = ["stopped", "completed", "diverged", "failed", "interrupted"]
LEGAL = (
    {("queued", new) for new in ("running", "stopped", "failed", "interrupted")}
    | {(old, new) for old in ("running", "paused") for new in OVER}
    | {("running", "paused"), ("paused", "running")}
    | {(old, "queued") for old in OVER}
)


@pytest.mark.parametrize(("old", "new"), list(product(RunState, RunState)))
def test_a_move_passes_exactly_when_it_is_legal(old: RunState, new: RunState) -> None:
    if (old, new) in LEGAL:
        check_move(old, new)
    else:
        with pytest.raises(StoreError, match=f"is {old} cannot become {new}, only "):
            check_move(old, new)


def test_every_state_has_its_moves_and_one_sort() -> None:
    assert set(LEGAL_MOVES) == set(RunState)
    assert [state for state in RunState if is_over(state)] == OVER
    assert [state for state in RunState if is_live(state)] == ["running", "paused"]
