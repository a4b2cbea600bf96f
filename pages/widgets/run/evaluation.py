"""How good a run's generator is, in short: what was measured last, and the way to measure more."""

import streamlit as st

from gan.figures import quality_html as pieces
from gan.figures.feed import RunFeed
from gan.figures.quality_html import Side
from gan.runs.control import RunSummary
from gan.runs.evaluations import kept_questions, read_evaluation
from pages.widgets import address


def draw_evaluation(run_feed: RunFeed, summary: RunSummary) -> None:
    """Draw the newest answer's headline, and the door to the Evaluate page."""
    for question in kept_questions(run_feed.folder):
        answer = read_evaluation(run_feed.folder, question)
        if answer is not None:
            side = Side(f"{summary.name} · step {question.step:,}", answer)
            dark = st.context.theme.type == "dark"
            html = pieces.about(side) + pieces.headline([side])
            st.html(f'{pieces.style(dark=dark)}<div class="q-root">{html}</div>')
            break
    else:
        st.caption(
            "Every measure with its interval, the best and the worst samples, a map of real and "
            "generated pictures, classes, and whether training pictures were copied."
        )
    if st.button(
        "Measure on the Evaluate page", icon=":material/speed:", key=f"evaluate-{summary.id}"
    ):
        address.go_to_evaluation(summary.id)
