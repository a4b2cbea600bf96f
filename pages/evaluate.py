"""Evaluate: how good a run's generator is at a saved step, measured by another process."""

import streamlit as st

from gan.runs.evaluations import read_evaluation
from pages.widgets import address
from pages.widgets.evaluate.form import choose
from pages.widgets.evaluate.progress import draw_measuring
from pages.widgets.evaluate.result import draw_result
from pages.widgets.frame import begin_page


def render() -> None:
    """Draw the choice of run and step, the measuring, and what was found."""
    begin_page()
    st.title("Evaluate")
    choice = choose()
    if choice is None:
        _draw_empty()
        return
    answers = [read_evaluation(one.folder, one.question) for one in choice]
    draw_measuring(choice, answers)
    found = [
        (one, answer) for one, answer in zip(choice, answers, strict=True) if answer is not None
    ]
    if found:
        draw_result(found)


def _draw_empty() -> None:
    st.info(
        "There is nothing to measure yet: a run can be measured from its first saved step on, "
        "about a minute in.",
        icon=":material/inbox:",
    )
    if st.button("Train one", type="primary", icon=":material/play_arrow:"):
        address.go_to_setup()


render()
