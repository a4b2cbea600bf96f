"""Published findings held against what was found here: agreeing, disagreeing, or not to be told.

Maths layer, without torch. A finding is confirmed or contradicted when every seed says the same; a
curve that moves by less than a twentieth of its height neither falls nor rises.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from gan.comparing.course import DISTANCE
from gan.comparing.design import ComparisonDesign
from gan.comparing.outcomes import CurveFacts, RunOutcome
from gan.comparing.published import Claim, PublishedFinding
from gan.keys import METRIC_KEYS

Agreement = Literal["agrees", "disagrees", "unclear"]
AGREEMENTS: dict[Agreement, str] = {
    "agrees": "Found here, too",
    "disagrees": "Not found here",
    "unclear": "Cannot tell",
}
_FLAT = 0.05
_EXTREMES: dict[Claim, str] = {
    "noisiest": "the largest change from step to step",
    "largest": "the largest at the end",
    "smallest": "the smallest at the end",
}
"""Claims about a variant among the others, and what of the curve is meant."""


@dataclass(frozen=True)
class CheckedFinding:
    """One published finding and ours beside it.

    Attributes:
        text: what was found here, with the numbers.
    """

    published: PublishedFinding
    agreement: Agreement
    text: str


def check_published(
    published: Sequence[PublishedFinding],
    design: ComparisonDesign,
    outcomes: Sequence[RunOutcome],
) -> list[CheckedFinding]:
    """Hold each finding against the outcomes; unclear while a run that it is about is not done."""
    return [CheckedFinding(finding, *_check(finding, design, outcomes)) for finding in published]


def _check(
    finding: PublishedFinding, design: ComparisonDesign, outcomes: Sequence[RunOutcome]
) -> tuple[Agreement, str]:
    place = {variant.key: variant.index for variant in design.variants}
    labels = [variant.label for variant in design.variants]
    mine = place.get(finding.variant)
    runs = [run for run in outcomes if run.variant == mine]
    if mine is None or not runs:
        return "unclear", "There is no such variant here."
    is_race = finding.claim in _EXTREMES
    concerned = outcomes if is_race else runs
    going = sum(not run.is_over for run in concerned)
    if going:
        return "unclear", f"{going} of {len(concerned)} runs are not done yet."
    if is_race:
        return _check_extreme(finding, mine, labels, outcomes)
    return _check_trend(finding, runs)


def _check_trend(finding: PublishedFinding, runs: Sequence[RunOutcome]) -> tuple[Agreement, str]:
    facts = [f for run in runs if not run.has_diverged and (f := run.curve(finding.key))]
    name = METRIC_KEYS[finding.key].label
    if not facts:
        return "unclear", f"No run has the number {name} to the end."
    early, late = (_mean([get(f) for f in facts]) for get in (_early, _late))
    is_wanted = [(f.late > f.early) == (finding.claim == "rises") for f in facts]
    n, n_so = len(facts), sum(is_wanted)
    word = "down" if late < early else "up"
    n_word = n_so if (word == "up") == (finding.claim == "rises") else n - n_so
    text = (
        f"{name} goes from {early:.3g} in the first fifth to {late:.3g} in the last: {word} in "
        f"{n_word} of {n} seeds."
    )
    if abs(late - early) < _FLAT * abs(early):
        return "unclear", f"{text} That is nearly level."
    return _vote(n_so, n), text


def _check_extreme(
    finding: PublishedFinding, mine: int, labels: Sequence[str], outcomes: Sequence[RunOutcome]
) -> tuple[Agreement, str]:
    figure = _figure(finding)
    wants_least = finding.claim == "smallest"
    n = n_so = 0
    for seed in sorted({run.seed for run in outcomes}):
        found = {r.variant: figure(r) for r in outcomes if r.seed == seed and not r.has_diverged}
        values = {variant: value for variant, value in found.items() if value is not None}
        if mine in values and len(values) > 1:
            n += 1
            extreme = (min if wants_least else max)(values.values())
            n_so += values[mine] == extreme
    if n == 0:
        return "unclear", "No seed has the numbers of two variants to the end."
    name = "Fréchet distance" if finding.key == DISTANCE else METRIC_KEYS[finding.key].label
    what = _EXTREMES[finding.claim]
    means = {}
    for index, label in enumerate(labels):
        values_of = [figure(r) for r in outcomes if r.variant == index and not r.has_diverged]
        known = [value for value in values_of if value is not None]
        if known:
            means[label] = _mean(known)
    listed = ", ".join(f"{label} {mean:.3g}" for label, mean in means.items())
    return _vote(n_so, n), f"{name}, {what}: {labels[mine]} in {n_so} of {n} seeds ({listed})."


def _figure(finding: PublishedFinding) -> Callable[[RunOutcome], float | None]:
    if finding.key == DISTANCE:
        return lambda run: run.final.distance if run.final else None
    of_curve = _roughness if finding.claim == "noisiest" else _late

    def figure(run: RunOutcome) -> float | None:
        facts = run.curve(finding.key)
        return None if facts is None else of_curve(facts)

    return figure


def _vote(n_so: int, n: int) -> Agreement:
    return "agrees" if n_so == n else "disagrees" if n_so == 0 else "unclear"


def _early(facts: CurveFacts) -> float:
    return facts.early


def _late(facts: CurveFacts) -> float:
    return facts.late


def _roughness(facts: CurveFacts) -> float:
    return facts.roughness


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
