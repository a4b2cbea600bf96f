"""Two variants against each other, seed by seed, and who comes before whom.

Maths layer, without torch.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from gan.comparing.design import BudgetKind
from gan.comparing.outcomes import JudgedBy, RunOutcome
from gan.comparing.statistics import PairedDifference, holm, paired_difference

LEVEL = 0.05
Relation = Literal["significant", "ahead", "open"]


@dataclass(frozen=True)
class Pair:
    """Two variants over the seeds that both have; the first is the better one on average.

    Attributes:
        first, second: indices in the design.
        n_decided: seeds that one of the two won; a run that diverged has lost to one that did not.
        n_wins: of them, won by the first.
        difference: of the Fréchet distances, first − second, over the seeds in which neither
            diverged.
        p_holm: the exact p-value, corrected for the number of all pairs.
    """

    first: int
    second: int
    n_decided: int
    n_wins: int
    difference: PairedDifference
    p_holm: float = 1.0

    @property
    def n_seeds(self) -> int:
        """Seeds that say something, be it that both are equal."""
        return max(self.n_decided, self.difference.n)

    @property
    def relation(self) -> Relation:
        """`significant`; or `ahead`: in every seed and by an interval without 0; else `open`."""
        if self.p_holm <= LEVEL and self.n_wins > self.n_decided / 2:
            return "significant"
        is_unanimous = self.n_decided > 1 and self.n_wins == self.n_decided
        high = self.difference.high
        is_apart = high is not None and high < 0.0
        only_by_survival = self.difference.n == 0
        return "ahead" if is_unanimous and (is_apart or only_by_survival) else "open"


def all_pairs(
    outcomes: Sequence[RunOutcome], judged_by: JudgedBy, budget: BudgetKind
) -> tuple[Pair, ...]:
    """Return every two variants that have seeds in common, p-values corrected over all of them."""
    variants = sorted({outcome.variant for outcome in outcomes})
    by_place = {(outcome.variant, outcome.seed): outcome for outcome in outcomes}
    seeds = sorted({outcome.seed for outcome in outcomes})
    pairs = []
    for first, second in itertools.combinations(variants, 2):
        shared = [
            (by_place[first, seed], by_place[second, seed])
            for seed in seeds
            if (first, seed) in by_place and (second, seed) in by_place
        ]
        pair = _pair(shared, judged_by, budget)
        if pair.n_decided or pair.difference.n:
            pairs.append(pair)
    corrected = holm([pair.difference.p for pair in pairs])
    return tuple(replace(pair, p_holm=p) for pair, p in zip(pairs, corrected, strict=True))


def rank(outcomes: Sequence[RunOutcome], pairs: Sequence[Pair]) -> tuple[int, ...]:
    """Return the variants that have figures, the best first.

    They are ordered by their mean difference from the others, over the seeds that both have: with
    all runs there, that is the order of the means. Variants more than half of whose seeds diverged
    come last.
    """
    measured = [run for run in outcomes if run.measured and not run.has_diverged]
    variants = sorted({run.variant for run in measured})

    def place(variant: int) -> tuple[bool, float]:
        runs = [run for run in outcomes if run.variant == variant]
        is_frail = 2 * sum(run.has_diverged for run in runs) > len(runs)
        means = [
            pair.difference.mean if pair.first == variant else -pair.difference.mean
            for pair in pairs
            if variant in (pair.first, pair.second) and pair.difference.n
        ]
        return is_frail, math.fsum(means) / len(means) if means else 0.0

    return tuple(sorted(variants, key=place))


def figures_of(
    one: RunOutcome, other: RunOutcome, judged_by: JudgedBy, budget: BudgetKind
) -> tuple[float, float] | None:
    """Return the two distances by which two runs of a seed are compared, None if there are none.

    Under a budget of steps, what counts is the last step that both were measured at, so that runs
    that are not finished can be compared; under one of seconds, both must be over.
    """
    if one.has_diverged or other.has_diverged or not (one.measured and other.measured):
        return None
    if budget == "seconds":
        if not (one.is_over and other.is_over):
            return None
        parts = one.measured, other.measured
    else:
        common = {m.step for m in one.measured} & {m.step for m in other.measured}
        if not common:
            return None
        last = max(common)
        parts = one.until(last), other.until(last)
    if judged_by == "final":
        return parts[0][-1].distance, parts[1][-1].distance
    return min(m.distance for m in parts[0]), min(m.distance for m in parts[1])


def _pair(
    shared: Sequence[tuple[RunOutcome, RunOutcome]], judged_by: JudgedBy, budget: BudgetKind
) -> Pair:
    """Compare two variants. The better one on average is put first."""
    figures = [f for a, b in shared if (f := figures_of(a, b, judged_by, budget)) is not None]
    survived = [(b.has_diverged, a.has_diverged) for a, b in shared]
    n_first = sum(a < b for a, b in figures) + survived.count((True, False))
    n_second = sum(b < a for a, b in figures) + survived.count((False, True))
    difference = paired_difference([a for a, _ in figures], [b for _, b in figures])
    first, second = (shared[0][0].variant, shared[0][1].variant) if shared else (0, 0)
    is_better = difference.mean <= 0 if figures else n_first >= n_second
    if is_better:
        return Pair(first, second, n_first + n_second, n_first, difference)
    turned = paired_difference([b for _, b in figures], [a for a, _ in figures])
    return Pair(second, first, n_first + n_second, n_second, turned)
