"""How far a comparison is: every run's state, step, rate and time left.

Memory layer, without torch.
"""

from dataclasses import dataclass
from typing import Literal

from gan.comparing.design import Budget, Variant
from gan.errors import StoreError
from gan.runs.comparisons.store import Comparison, run_of
from gan.runs.control import RunSummary, summarise
from gan.runs.folder import Home
from gan.runs.states import RunState, is_live, is_over

Stage = Literal[
    "missing", "queued", "running", "paused", "stopped", "completed", "diverged", "failed",
    "interrupted",
]  # fmt: skip


@dataclass(frozen=True)
class MemberProgress:
    """One run of a comparison.

    Attributes:
        stage: a run's state; `paused` also for one that waits for `resume` in its checkpoint, and
            `missing` for a place that has no run that can be read.
        share: of its budget that is done, from 0 to 1.
        steps_per_s: None while it does not train.
        left_s: seconds of training left at that rate, None while unknown.
        summary: the run itself, None for `missing`.
    """

    variant: Variant
    seed: int
    stage: Stage
    step: int = 0
    elapsed_s: float = 0.0
    share: float = 0.0
    steps_per_s: float | None = None
    left_s: float | None = None
    message: str = ""
    summary: RunSummary | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it unless somebody asks."""
        return self.stage in ("stopped", "completed", "diverged", "failed", "missing")


@dataclass(frozen=True)
class ComparisonProgress:
    """All runs in the race, a seed's variants side by side.

    Attributes:
        left_s: about how long the rest takes, None while unknown.
    """

    members: tuple[MemberProgress, ...]
    left_s: float | None

    @property
    def n_done(self) -> int:
        """Runs that have a result."""
        return sum(member.stage in ("completed", "diverged", "stopped") for member in self.members)

    @property
    def is_over(self) -> bool:
        return all(member.is_over for member in self.members)

    @property
    def is_live(self) -> bool:
        """Whether something moves or is about to, so that it is worth looking again."""
        return any(member.stage in ("running", "queued") for member in self.members)


def progress(home: Home, comparison: Comparison) -> ComparisonProgress:
    """Look at every run in the race; a worker that died is noticed here."""
    members = tuple(_look(home, comparison, v, seed) for v, seed in comparison.places())
    return ComparisonProgress(members, _left_s(members, comparison.design.budget))


def _look(home: Home, comparison: Comparison, variant: Variant, seed: int) -> MemberProgress:
    place = variant.key, seed
    run_id = comparison.members.get(place)
    if run_id is None:
        return MemberProgress(variant, seed, "missing", message="It has no run yet.")
    try:
        summary = summarise(run_of(home, run_id))
    except StoreError as error:
        return MemberProgress(variant, seed, "missing", message=str(error))
    status, budget = summary.status, comparison.design.budget
    waits = place in comparison.paused and not is_live(status.state)
    is_paused = waits and status.state not in (RunState.COMPLETED, RunState.DIVERGED)
    done = status.step if budget.kind == "steps" else status.elapsed_s
    rate = status.last_metrics.get("speed/steps_per_s")
    rate = rate if status.state is RunState.RUNNING else None
    left = max(0.0, budget.amount - done)
    left_s = left / rate if budget.kind == "steps" and rate else None
    if budget.kind == "seconds" and rate:
        left_s = left
    return MemberProgress(
        variant,
        seed,
        "paused" if is_paused else status.state.value,
        step=status.step,
        elapsed_s=status.elapsed_s,
        share=1.0 if status.state is RunState.COMPLETED else min(1.0, done / budget.amount),
        steps_per_s=rate,
        left_s=0.0 if is_over(status.state) and not is_paused else left_s,
        message=status.message,
        summary=summary,
    )


def _left_s(members: tuple[MemberProgress, ...], budget: Budget) -> float | None:
    """Return the seconds until all are done, if as many go on training side by side as now."""
    waiting = [member for member in members if not member.is_over]
    rates = [member.steps_per_s for member in waiting if member.steps_per_s]
    if not waiting:
        return 0.0
    if not rates:
        return None
    left = sum(max(0.0, 1.0 - member.share) for member in waiting) * budget.amount
    return left / sum(rates) if budget.kind == "steps" else left / len(rates)
