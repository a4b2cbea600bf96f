"""Who won, in one honest sentence, and how sure that is.

Maths layer, without torch. The judge is the Fréchet distance that every run measured of itself at
the same steps, in the same features; the pairs are seeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gan.comparing.design import BudgetKind
from gan.comparing.outcomes import (
    JudgedBy,
    RunOutcome,
    VariantOutcome,
    default_goal,
    summarise_variants,
)
from gan.comparing.pairs import Pair, all_pairs, rank
from gan.comparing.statistics import seeds_needed

_MAX_TOLD = 5  # variants that the sentence names one by one


@dataclass(frozen=True)
class Verdict:
    """What a comparison says by now.

    Attributes:
        rows: one a variant that has runs, in the design's order.
        ranking: indices of the variants that have figures, the best first.
        pairs: every two of them; see `gan.comparing.pairs`.
        goal: the distance that `steps_to_goal` and `seconds_to_goal` are about, None without one.
        sentence: who beats whom.
        caution: what so many seeds can tell.
        notes: what else one must know: runs that diverged, collapsed, stopped or are not done.
    """

    rows: tuple[VariantOutcome, ...]
    ranking: tuple[int, ...]
    pairs: tuple[Pair, ...]
    judged_by: JudgedBy
    goal: float | None
    sentence: str
    caution: str
    notes: tuple[str, ...]

    @property
    def best(self) -> int | None:
        """The index of the variant that is best on average."""
        return self.ranking[0] if self.ranking else None

    def against_best(self) -> tuple[Pair, ...]:
        """Return the pairs with the best variant in them, in the order of the ranking."""
        others = {
            pair.second if pair.first == self.best else pair.first: pair
            for pair in self.pairs
            if self.best in (pair.first, pair.second)
        }
        ranked = [index for index in self.ranking if index in others]
        return tuple(others[index] for index in [*ranked, *(set(others) - set(ranked))])


def judge(
    labels: Sequence[str],
    outcomes: Sequence[RunOutcome],
    *,
    budget: BudgetKind = "steps",
    judged_by: JudgedBy = "final",
    goal: float | None = None,
    same_yardstick: bool = True,
) -> Verdict:
    """Return the verdict over what there is by now.

    Args:
        labels: the variants' names by index.
        outcomes: of the runs in the race, whichever there are.
        goal: a distance to reach; None takes the worst variant's best.
        same_yardstick: whether all variants are measured against the same real pictures; see
            `gan.comparing.fairness`. Otherwise no distances are compared.
    """
    labels = [label.replace(", ", " ") for label in labels]  # a sentence lists them with commas
    features = sorted({run.features for run in outcomes if run.features})
    is_comparable = same_yardstick and len(features) <= 1
    pairs = all_pairs(outcomes, judged_by, budget) if is_comparable else ()
    ranking = rank(outcomes, pairs) if is_comparable else ()
    goal = goal if goal is not None or not is_comparable else default_goal(outcomes)
    notes = _notes(labels, outcomes)
    if not same_yardstick:
        notes = ["Variants are measured against other pictures each: none are compared.", *notes]
    elif not is_comparable:
        listed = ", ".join(features)
        notes = [f"Runs were measured in different features ({listed}): none are compared.", *notes]
    return Verdict(
        rows=tuple(summarise_variants(outcomes, goal)),
        ranking=ranking,
        pairs=pairs,
        judged_by=judged_by,
        goal=goal,
        sentence=_sentence(labels, outcomes, ranking, pairs),
        caution=_caution(labels, pairs),
        notes=tuple(notes),
    )


def p_text(p: float) -> str:
    """Return a p-value as it is written: `p = 0.031`, and `p < 0.001` below that."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def join(words: Sequence[str]) -> str:
    """Return `A`, `A and B` or `A, B and C`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _sentence(
    labels: Sequence[str],
    outcomes: Sequence[RunOutcome],
    ranking: Sequence[int],
    pairs: Sequence[Pair],
) -> str:
    names = [labels[index] for index in ranking]
    lost = [i for i in sorted({run.variant for run in outcomes}) if _all_diverged(i, outcomes)]
    fallen = f"{join([labels[i] for i in lost])} diverged in every seed" if lost else ""
    if not ranking:
        if fallen:
            return f"{fallen}."
        yet = "" if any(run.measured for run in outcomes) else " yet"
        return f"There are no quality figures to compare{yet}."
    if len(ranking) == 1:
        rest = f": {fallen}" if fallen else " so far"
        return f"{names[0]} is the only variant with a quality figure{rest}."
    between = {frozenset((pair.first, pair.second)): pair for pair in pairs}
    found = [between.get(frozenset((ranking[0], other))) for other in ranking[1:]]
    if pairs and all(pair.difference.n and not pair.n_decided for pair in pairs):
        text = f"{join(names)} gave exactly the same figures"
    elif all(pair is None or pair.n_seeds < 2 for pair in found):
        text = (
            f"{names[0]} has the smallest distance, but one seed cannot tell luck from merit"
            if any(found)
            else f"{names[0]} has the smallest distance so far, but no seed of two variants can "
            "be compared yet"
        )
    else:
        text = _about_best(names, found)
        if 2 < len(ranking) <= _MAX_TOLD:
            text += _about_others(labels, ranking, between)
    return f"{text}; {fallen}." if fallen else f"{text}."


def _about_best(names: Sequence[str], found: Sequence[Pair | None]) -> str:
    """Say whom the first beats and whom not."""
    beaten = [i for i, pair in enumerate(found) if pair and pair.relation != "open"]
    rest = [names[1 + i] for i in range(len(found)) if i not in beaten]
    if len(found) >= _MAX_TOLD:
        apart = f"{names[0]} is best on average and beats {len(beaten)} of {len(found)} others"
        nearest = f"; not separable from it: {join(rest[:_MAX_TOLD])}" if rest else ""
        more = f" and {len(rest) - _MAX_TOLD} more" if len(rest) > _MAX_TOLD else ""
        return apart + nearest + more
    open_text = f"not separable from {join(rest)}" if rest else ""
    if not beaten:
        return f"{names[0]} has the smallest distance on average, but is {open_text}"
    groups: dict[str, list[str]] = {}
    for i in beaten:
        pair = found[i]
        assert pair is not None
        sure = f" ({p_text(pair.p_holm)})" if pair.relation == "significant" else ""
        how = f"in {pair.n_wins} of {pair.n_decided} seeds{sure}"
        groups.setdefault(how, []).append(names[1 + i])
    text = " and ".join(f"{join(group)} {how}" for how, group in groups.items())
    return f"{names[0]} beats {text}" + (f" and is {open_text}" if open_text else "")


def _about_others(
    labels: Sequence[str], ranking: Sequence[int], between: dict[frozenset[int], Pair]
) -> str:
    """Say how neighbours in the ranking behind the first stand to each other."""
    parts = []
    for one, other in pairwise(ranking[1:]):
        pair = between.get(frozenset((one, other)))
        if pair is None or pair.n_seeds < 2:
            continue
        if pair.relation == "open":
            parts.append(f"{labels[other]} is not separable from {labels[one]}")
        else:
            wins = f"{pair.n_wins} of {pair.n_decided}"
            parts.append(f"{labels[one]} beats {labels[other]} in {wins} seeds")
    return "".join(f"; {part}" for part in parts)


def _caution(labels: Sequence[str], pairs: Sequence[Pair]) -> str:
    """Say what so few seeds can tell."""
    n = max((pair.difference.n for pair in pairs), default=0)
    if n == 0:
        return ""
    needed = seeds_needed(len(pairs))
    among = "" if len(pairs) == 1 else f" among {len(pairs)} pairs of variants"
    if n == 1:
        return (
            f"One seed says nothing about chance; from {needed} on a difference{among} can be "
            "significant."
        )
    if n < needed:
        return (
            f"{n} seeds are too few to tell for sure: they can never give a p-value below "
            f"{2 / 2**n:.2g}, so nothing here can be significant; from {needed} seeds on a "
            f"difference{among} can be."
        )
    sure = [
        f"{labels[pair.first]} over {labels[pair.second]} ({p_text(pair.p_holm)})"
        for pair in pairs
        if pair.relation == "significant"
    ]
    test = "exact test of the signs, corrected for the number of pairs"
    if not sure:
        return f"Over {n} seeds no difference is significant ({test})."
    listed = join(sure[:_MAX_TOLD])
    more = f" and {len(sure) - _MAX_TOLD} more" if len(sure) > _MAX_TOLD else ""
    return f"Significant over {n} seeds ({test}): {listed}{more}."


def _notes(labels: Sequence[str], outcomes: Sequence[RunOutcome]) -> list[str]:
    notes = []
    for index in sorted({run.variant for run in outcomes}):
        runs = [run for run in outcomes if run.variant == index]
        n = len(runs)
        diverged = sum(run.has_diverged for run in runs)
        collapsed = sum(run.has_collapsed for run in runs)
        if diverged:
            notes.append(
                f"{labels[index]} diverged in {diverged} of {n} seeds; each counts as lost and "
                "leaves no figure behind."
            )
        if collapsed:
            notes.append(f"{labels[index]} ended in mode collapse in {collapsed} of {n} seeds.")
        notes += [
            f"{labels[index]}, seed {run.seed}, ended early at step {run.step:,} ({run.ending}): "
            "it is compared there."
            for run in runs
            if run.ending in ("stopped", "failed")
        ]
    going = sum(not run.is_over for run in outcomes)
    if going:
        notes.append(
            f"{going} of {len(outcomes)} runs are not done: this is how it stands at the last step "
            "that both runs of a pair were measured at."
        )
    return notes


def _all_diverged(index: int, outcomes: Sequence[RunOutcome]) -> bool:
    return all(run.has_diverged for run in outcomes if run.variant == index)
