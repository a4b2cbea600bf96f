"""What came of one run, and of all runs of a variant together.

Maths layer, without torch and without a disk; `gan.runs.comparisons.outcomes` reads runs into
`RunOutcome`s. Smaller distances are better throughout.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from gan.comparing.statistics import Spread, spread

Ending = Literal["completed", "diverged", "stopped", "failed", "going"]
"""How a run ended; `going` is whatever may still change: it trains, waits or is paused."""
JudgedBy = Literal["final", "best"]


@dataclass(frozen=True)
class Measurement:
    """A Fréchet distance, after how many steps and seconds of training."""

    step: int
    seconds: float
    distance: float


@dataclass(frozen=True)
class CurveFacts:
    """One curve of one run in three numbers.

    Attributes:
        early, late: its mean over the first and over the last fifth of the steps.
        roughness: by how much it changes from one step to the next, on average.
    """

    early: float
    late: float
    roughness: float


@dataclass(frozen=True)
class RunOutcome:
    """What one run has come to by now.

    Attributes:
        variant: the index of its variant in the design.
        measured: in the order of the steps.
        features: in which network's features; '' before the first measurement.
        has_collapsed: whether mode collapse is found at its end.
        score_real, score_fake: D(x) and D(G(z)) over the last fifth; None where D gives no
            probability.
        images_per_s: real images a second while it trained, None before the first report.
        curves: by metric key.
    """

    variant: int
    seed: int
    run_id: str
    ending: Ending
    step: int
    seconds: float
    measured: tuple[Measurement, ...] = ()
    features: str = ""
    has_collapsed: bool = False
    score_real: float | None = None
    score_fake: float | None = None
    images_per_s: float | None = None
    curves: tuple[tuple[str, CurveFacts], ...] = ()

    @property
    def has_diverged(self) -> bool:
        return self.ending == "diverged"

    @property
    def is_over(self) -> bool:
        return self.ending != "going"

    @property
    def final(self) -> Measurement | None:
        """The newest measurement."""
        return self.measured[-1] if self.measured else None

    @property
    def best(self) -> Measurement | None:
        """The smallest distance, the earliest of equals."""
        return min(self.measured, key=lambda m: m.distance, default=None)

    def until(self, step: int) -> tuple[Measurement, ...]:
        """Return the measurements up to a step, included."""
        return tuple(m for m in self.measured if m.step <= step)

    def reached(self, goal: float) -> Measurement | None:
        """Return the first measurement that is as good as the goal."""
        return next((m for m in self.measured if m.distance <= goal), None)

    def curve(self, key: str) -> CurveFacts | None:
        """Return the facts of a curve, None if the run has none by this key."""
        return dict(self.curves).get(key)


@dataclass(frozen=True)
class VariantOutcome:
    """All runs of one variant; a spread is None where no seed has the figure.

    Attributes:
        variant: its index in the design.
        n: runs.
        n_over: runs that have ended.
        final, best: Fréchet distances, those of diverged runs left out of `final`.
        steps_to_goal, seconds_to_goal: of the seeds that reached it; their `n` says how many.
    """

    variant: int
    n: int
    n_over: int
    n_diverged: int
    n_collapsed: int
    final: Spread | None
    best: Spread | None
    steps_to_goal: Spread | None
    seconds_to_goal: Spread | None
    score_real: Spread | None
    score_fake: Spread | None
    images_per_s: Spread | None


def summarise_variants(
    outcomes: Sequence[RunOutcome], goal: float | None = None
) -> list[VariantOutcome]:
    """Return one row a variant that has runs, in the design's order.

    Args:
        goal: the distance to reach; None takes `default_goal`.
    """
    goal = default_goal(outcomes) if goal is None else goal
    variants = sorted({outcome.variant for outcome in outcomes})
    return [
        _summarise(index, [one for one in outcomes if one.variant == index], goal)
        for index in variants
    ]


def default_goal(outcomes: Iterable[RunOutcome]) -> float | None:
    """Return the worst variant's best distance, which every variant reached; None without one.

    A variant of which no seed was ever measured is left out, and one all of whose seeds diverged.
    """
    best: dict[int, float] = {}
    for outcome in outcomes:
        if outcome.best is not None and not outcome.has_diverged:
            known = best.get(outcome.variant, outcome.best.distance)
            best[outcome.variant] = max(known, outcome.best.distance)
    return max(best.values(), default=None)


def _summarise(index: int, runs: Sequence[RunOutcome], goal: float | None) -> VariantOutcome:
    finals = [run.final for run in runs if not run.has_diverged]
    reached = [run.reached(goal) for run in runs] if goal is not None else []
    return VariantOutcome(
        variant=index,
        n=len(runs),
        n_over=sum(run.is_over for run in runs),
        n_diverged=sum(run.has_diverged for run in runs),
        n_collapsed=sum(run.has_collapsed for run in runs),
        final=_spread(m.distance if m else None for m in finals),
        best=_spread(run.best.distance if run.best else None for run in runs),
        steps_to_goal=_spread(m.step if m else None for m in reached),
        seconds_to_goal=_spread(m.seconds if m else None for m in reached),
        score_real=_spread(run.score_real for run in runs),
        score_fake=_spread(run.score_fake for run in runs),
        images_per_s=_spread(run.images_per_s for run in runs),
    )


def _spread(values: Iterable[float | None]) -> Spread | None:
    return spread([float(value) for value in values if value is not None])
