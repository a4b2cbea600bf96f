"""Reads the runs of a comparison into outcomes, which verdicts are made of.

Memory layer, without torch.
"""

import math
from collections.abc import Iterable

from gan.comparing.course import DISTANCE, Course
from gan.comparing.fairness import same_yardstick
from gan.comparing.outcomes import CurveFacts, Ending, Measurement, RunOutcome
from gan.comparing.verdict import Verdict, judge
from gan.errors import StoreError
from gan.runs.comparisons.runs import is_interrupted
from gan.runs.comparisons.store import Comparison, run_of
from gan.runs.control import RunSummary
from gan.runs.courses import CourseReader
from gan.runs.folder import Home
from gan.runs.states import RunState

_ENDINGS: dict[RunState, Ending] = {
    RunState.COMPLETED: "completed",
    RunState.DIVERGED: "diverged",
    RunState.STOPPED: "stopped",
    RunState.FAILED: "failed",
    RunState.INTERRUPTED: "failed",
}
_CURVES = ("loss/d_real", "loss/d_fake", "loss/d", "loss/g")
_PART = 0.2
COLLAPSE = "mode-collapse"


def outcome_of(
    variant: int, seed: int, summary: RunSummary, course: Course, *, is_paused: bool = False
) -> RunOutcome:
    """Return what a run has come to, by where it stands and its numbers.

    Args:
        variant: its variant's index.
        is_paused: whether its comparison has it wait, so that it is not done though it stopped.
    """
    status = summary.status
    ending = _ENDINGS.get(status.state, "going")
    if ending in ("stopped", "failed") and (is_paused or is_interrupted(status)):
        ending = "going"
    found = {str(finding.get("name")) for finding in summary.meta.get("findings") or ()}
    distances = course.measured.get(DISTANCE)
    rows = (
        zip(distances.steps, distances.seconds, distances.values, strict=True) if distances else ()
    )
    numbers = course.numbers
    return RunOutcome(
        variant=variant,
        seed=seed,
        run_id=summary.id,
        ending=ending,
        step=status.step,
        seconds=status.elapsed_s,
        measured=tuple(Measurement(*row) for row in rows if math.isfinite(row[2])),
        features=str((summary.meta.get("quality") or {}).get("features") or ""),
        has_collapsed=ending != "going" and COLLAPSE in found,
        score_real=_known(numbers.part_mean("score/real", 1 - _PART, 1.0)),
        score_fake=_known(numbers.part_mean("score/fake", 1 - _PART, 1.0)),
        images_per_s=_known(numbers.part_mean("speed/images_per_s", 0.0, 1.0)),
        curves=tuple((key, facts) for key in _CURVES if (facts := _facts(course, key))),
    )


def read_outcomes(home: Home, comparison: Comparison) -> tuple[list[RunOutcome], list[str]]:
    """Read every run in the race; returns outcomes, and a sentence for each that cannot be read.

    This reads whole runs, which takes a sixth of a second for each 100,000 steps; a page that
    looks again and again keeps a `gan.figures.race.RaceFeed` instead.
    """
    outcomes, problems = [], []
    for variant, seed in comparison.places():
        run_id = comparison.members.get((variant.key, seed))
        if run_id is None:
            continue
        reader = CourseReader(run_of(home, run_id))
        try:
            summary = reader.refresh()
        except StoreError as error:
            problems.append(f"{variant.label}, seed {seed}: {error}")
            continue
        is_paused = (variant.key, seed) in comparison.paused
        outcomes.append(
            outcome_of(variant.index, seed, summary, reader.course, is_paused=is_paused)
        )
    return outcomes, problems


def judge_comparison(comparison: Comparison, outcomes: Iterable[RunOutcome]) -> Verdict:
    """Return the verdict of a comparison over outcomes of its runs."""
    design = comparison.design
    return judge(
        [variant.label for variant in design.variants],
        list(outcomes),
        budget=design.budget.kind,
        goal=design.goal,
        same_yardstick=same_yardstick(design),
    )


def _facts(course: Course, key: str) -> CurveFacts | None:
    numbers = course.numbers
    facts = CurveFacts(
        numbers.part_mean(key, 0.0, _PART),
        numbers.part_mean(key, 1 - _PART, 1.0),
        numbers.roughness(key),
    )
    return facts if math.isfinite(facts.early) and math.isfinite(facts.late) else None


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
