"""Who is ahead, and in the end who won: one sentence on top, the figures behind it further down."""

from functools import lru_cache
from typing import Any, get_args

import streamlit as st

from gan.comparing.design import BudgetKind, ComparisonDesign
from gan.comparing.fairness import same_yardstick
from gan.comparing.outcomes import JudgedBy, RunOutcome, VariantOutcome
from gan.comparing.statistics import Spread
from gan.comparing.table import pair_rows
from gan.comparing.verdict import Verdict, judge
from gan.figures.race import RaceFeed
from gan.runs.comparisons import Comparison, ComparisonProgress
from pages.widgets import address, texts

_JUDGED_BY: dict[JudgedBy, str] = {"final": "at the end", "best": "at its best"}


def draw_answer(comparison: Comparison, progress: ComparisonProgress, race: RaceFeed) -> None:
    """Draw the sentence that stands on top: who won, or who is ahead so far."""
    verdict = verdict_of(comparison, race)
    with st.container(border=True, key="compare-answer"):
        st.markdown(f"#### {texts.escape(verdict.sentence)}")
        said = [] if progress.is_over else ["So far: not all runs are done."]
        said += [verdict.caution] if verdict.caution else []
        if said:
            st.markdown(texts.escape(" ".join(said)))
        if verdict.notes and not address.is_presentation():
            st.caption(texts.escape(" ".join(verdict.notes)))


def verdict_of(
    comparison: Comparison,
    race: RaceFeed,
    judged_by: JudgedBy = "final",
    goal: float | None = None,
) -> Verdict:
    """Return the verdict over what the runs have come to by now."""
    design = comparison.design
    return _judged(
        tuple(variant.label for variant in design.variants),
        tuple(outcomes_of(comparison, race)),
        design.budget.kind,
        judged_by,
        goal if goal is not None else design.goal,
        is_fair=same_yardstick(design),
    )


def outcomes_of(comparison: Comparison, race: RaceFeed) -> list[RunOutcome]:
    """Return what each run has come to by now; a paused one is not done."""
    index_of = {variant.key: variant.index for variant in comparison.design.variants}
    return race.outcomes({(index_of[key], seed) for key, seed in comparison.paused})


@lru_cache(maxsize=32)
def _judged(
    labels: tuple[str, ...],
    outcomes: tuple[RunOutcome, ...],
    budget: BudgetKind,
    judged_by: JudgedBy,
    goal: float | None,
    *,
    is_fair: bool,
) -> Verdict:
    """Several parts of a page ask for the same verdict, again and again."""
    return judge(
        labels, outcomes, budget=budget, judged_by=judged_by, goal=goal, same_yardstick=is_fair
    )


# ---- the figures ---------------------------------------------------------------------------------


def draw_verdict(comparison: Comparison, race: RaceFeed) -> Verdict:
    """Draw the table of all variants and the differences from the best; return the verdict."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        judged_by = st.segmented_control(
            "Judged by the distance", get_args(JudgedBy), default="final", key="compare_judged_by",
            format_func=lambda each: _JUDGED_BY[each],
            help="At the end, as in a real training; or at its best, as if each had been stopped "
            "in time.",
        )  # fmt: skip
    with right:
        goal = st.number_input(
            "Quality to reach", min_value=0.001, value=None, key=f"compare_goal-{comparison.id}",
            placeholder="the worst variant's best",
            help="A distance. The table says after how many steps and seconds each gets there.",
        )  # fmt: skip
    verdict = verdict_of(comparison, race, judged_by or "final", goal)
    labels = [variant.label for variant in comparison.design.variants]
    rows = [_row(labels, verdict, row) for row in verdict.rows]
    st.dataframe(
        rows, hide_index=True, key=f"compare-table-{comparison.id}",
        column_config={name: _column(name, text) for name, text in _HELP.items()},
        height=38 + 35 * max(1, len(rows)),
    )  # fmt: skip
    reach = f" Quality to reach: {verdict.goal:.3g}." if verdict.goal is not None else ""
    st.caption(
        f"★ is best on average. ± is the standard deviation over seeds.{reach} A click on a title "
        "sorts."
    )
    _draw_pairs(comparison.design, verdict)
    return verdict


_HELP = {
    "Variant": "",
    "Final distance": "Between generated and real pictures at the end; lower is better. Without "
    "runs that diverged.",
    "± final": "Its standard deviation over seeds.",
    "Best distance": "The lowest of the run.",
    "± best": "Its standard deviation over seeds.",
    "Steps to reach": "Steps until the quality to reach, of the seeds that got there.",
    "Seconds to reach": "Seconds of training until the quality to reach.",
    "Reached": "Seeds that got there.",
    "Diverged": "Share of seeds whose numbers stopped being finite.",
    "Collapsed": "Share of seeds that end in mode collapse.",
    "D(x)": "How real D takes real pictures for, at the end.",
    "D(G(z))": "How real D takes generated pictures for, at the end.",
    "Images/s": "Real pictures a second while it trained.",
}


def _column(name: str, text: str) -> Any:
    if name in ("Variant", "Reached"):
        return st.column_config.TextColumn(name, help=text or None, pinned=name == "Variant")
    if name in ("Diverged", "Collapsed"):
        return st.column_config.NumberColumn(name, help=text, format="percent")
    if name in ("Steps to reach", "Seconds to reach", "Images/s"):
        return st.column_config.NumberColumn(name, help=text, format="%,.0f")
    digits = "%.2f" if name.startswith("D(") else "%.4g"
    return st.column_config.NumberColumn(name, help=text, format=digits)


def _row(labels: list[str], verdict: Verdict, row: VariantOutcome) -> dict[str, Any]:
    best = row.variant == verdict.best
    reached = row.steps_to_goal.n if row.steps_to_goal else 0
    return {
        "Variant": f"{'★ ' if best else ''}{labels[row.variant]}",
        "Final distance": _mean(row.final),
        "± final": row.final.sd if row.final else None,
        "Best distance": _mean(row.best),
        "± best": row.best.sd if row.best else None,
        "Steps to reach": _mean(row.steps_to_goal),
        "Seconds to reach": _mean(row.seconds_to_goal),
        "Reached": f"{reached} of {row.n}",
        "Diverged": row.n_diverged / row.n,
        "Collapsed": row.n_collapsed / row.n,
        "D(x)": _mean(row.score_real),
        "D(G(z))": _mean(row.score_fake),
        "Images/s": _mean(row.images_per_s),
    }


def _mean(spread: Spread | None) -> float | None:
    return spread.mean if spread else None


def _draw_pairs(design: ComparisonDesign, verdict: Verdict) -> None:
    pairs = pair_rows(design, verdict.against_best())
    if not pairs or verdict.best is None:
        return
    best = texts.escape(design.variants[verdict.best].label)
    st.markdown(f"**{best}, the best on average, against each other variant**")
    rows = [
        {
            "Better": row.first,
            "Other": row.second,
            "Seeds won": row.wins,
            "Mean difference": row.difference,
            "95 % interval": row.interval,
            "p, corrected": row.p,
            "Reading": row.reading,
        }
        for row in pairs
    ]
    st.dataframe(rows, hide_index=True)
    st.caption(
        "Differences are taken seed by seed, since all variants of a seed began alike; below 0 the "
        "first is better. The interval holds the true mean difference in 95 of 100 comparisons. "
        "p: how often luck alone would give a difference as clear, tested exactly over the signs "
        "and corrected for the number of pairs; below 0.05 it is called significant."
    )
