"""Who is ahead, and in the end who won: one sentence, then the figures behind it."""

import streamlit as st

from gan.figures.race import RaceFeed
from gan.figures.race_curves import RaceCurve
from gan.runs.comparisons import Comparison, ComparisonProgress
from pages.widgets import texts

_QUALITY = "quality/distance"


def draw_answer(comparison: Comparison, progress: ComparisonProgress, race: RaceFeed) -> None:
    """Draw the sentence that stands on top: who won, or who is ahead so far."""
    with st.container(border=True, key="compare-answer"):
        st.markdown(f"#### {_so_far(comparison, race)}")
        if not progress.is_over:
            st.caption("Measured so far; the verdict comes when all runs are done.")


def _so_far(comparison: Comparison, race: RaceFeed) -> str:
    """Return who is ahead at the last step that all variants have reached."""
    curves = race.curves(_QUALITY)
    if len(curves) < len(comparison.variants):
        return "The race is on: the first distances are still being measured."
    step = min(float(curve.x[-1]) for curve in curves)
    ranked = sorted(curves, key=lambda curve: _value_at(curve, step))
    variants = comparison.design.variants
    places = ", ".join(
        f"{texts.escape(variants[curve.variant].label)} {_value_at(curve, step):.3g}"
        for curve in ranked[1:4]
    )
    first = ranked[0]
    name = texts.escape(variants[first.variant].label)
    return f"{name} is ahead at step {step:,.0f}: distance {_value_at(first, step):.3g} ({places})."


def _value_at(curve: RaceCurve, step: float) -> float:
    return float(curve.mean[max(0, int((curve.x <= step).sum()) - 1)])
