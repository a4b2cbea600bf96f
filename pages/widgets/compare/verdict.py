"""Who is ahead, and in the end who won: one sentence on top, the figures behind it further down."""

from functools import lru_cache
from typing import get_args

import pandas as pd
import streamlit as st

from gan.comparing.design import BudgetKind, ComparisonDesign
from gan.comparing.fairness import same_yardstick
from gan.comparing.outcomes import JudgedBy, RunOutcome
from gan.comparing.table import COLUMNS, pair_rows, table
from gan.comparing.verdict import Verdict, judge
from gan.figures.race import RaceFeed
from gan.runs.comparisons import Comparison, ComparisonProgress
from pages.widgets import address, texts

_BEST = "rgba(47, 143, 214, 0.18)"
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
    _draw_rows(comparison, verdict)
    _draw_pairs(comparison.design, verdict)
    return verdict


def _draw_rows(comparison: Comparison, verdict: Verdict) -> None:
    """Draw a row a variant: each cell is sorted by its number and read as mean and spread."""
    rows = table(comparison.design, verdict)
    titles = {column.key: column.title for column in COLUMNS}
    numbers = pd.DataFrame(
        [
            {"Variant": f"{'★ ' if row.is_best else ''}{row.label}"}
            | {title: row.cells[key].value for key, title in titles.items()}
            for row in rows
        ],
        columns=["Variant", *titles.values()],
    )
    styled = numbers.style
    for i, row in enumerate(rows):
        for key, title in titles.items():
            styled = styled.format(lambda _, text=row.cells[key].text: text, subset=([i], [title]))
    best = [i for i, row in enumerate(rows) if row.is_best]
    styled = styled.set_properties(subset=(best, slice(None)), **{"background-color": _BEST})
    st.dataframe(
        styled, hide_index=True, key=f"compare-table-{comparison.id}",
        height=38 + 35 * max(1, len(rows)), placeholder="–",
        alt="The figures of each variant",
        column_config={
            column.title: st.column_config.Column(column.title, help=column.help_text)
            for column in COLUMNS
        }
        | {"Variant": st.column_config.Column("Variant", pinned=True)},
    )  # fmt: skip
    reach = f" The goal is a distance of {verdict.goal:.3g}." if verdict.goal is not None else ""
    st.caption(f"★ is best on average.{reach} A click on a title sorts.")


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
    st.dataframe(rows, hide_index=True, alt="Differences between the best variant and the others")
    st.caption(
        "Differences are taken seed by seed, since all variants of a seed began alike; below 0 the "
        "first is better. The interval holds the true mean difference in 95 of 100 comparisons. "
        "p: how often luck alone would give a difference as clear, tested exactly over the signs "
        "and corrected for the number of pairs; below 0.05 it is called significant."
    )
