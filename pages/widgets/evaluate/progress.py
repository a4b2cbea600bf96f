"""The measuring itself: a button, how far the other process is, and a way to end it."""

import streamlit as st

from gan.errors import GanError
from gan.runs.evaluations import Answer
from pages.widgets import texts
from pages.widgets.evaluate.form import Chosen
from pages.widgets.resources import evaluator, home

POLL_S = 0.5


def draw_measuring(choice: list[Chosen], answers: list[Answer | None]) -> None:
    """Draw the button, or the progress of what was asked for."""
    missing = [one for one, answer in zip(choice, answers, strict=True) if answer is None]
    at_work = [one for one in choice if _is_at_work(one)]
    if at_work:
        st.fragment(_follow, run_every=POLL_S)(at_work)
        return
    _draw_failures(missing)
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Measure" if missing else "Measure again", icon=":material/speed:",
            type="primary" if missing else "secondary", key="measure",
        )  # fmt: skip
        st.caption(_what_to_expect(choice, answers))
    if pressed:
        _start(missing or choice)


def _what_to_expect(choice: list[Chosen], answers: list[Answer | None]) -> str:
    done = [answer for answer in answers if answer is not None]
    if len(done) < len(choice):
        return (
            "Seconds for small grey pictures, minutes for large ones; training goes on beside it."
        )
    seconds = sum(answer["elapsed_s"] for answer in done)
    return f"Measured before, in {texts.duration(seconds)}; kept in the run's folder."


def _start(choice: list[Chosen]) -> None:
    try:
        for one in choice:
            evaluator().forget(one.folder, one.question)
        # One at a time: two would take the same cores from each other.
        evaluator().start(home(), choice[0].folder, choice[0].question)
        st.session_state["eval_waiting"] = choice[1:]
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.rerun()


def _follow(at_work: list[Chosen]) -> None:
    """Draw how far it is; when it is over, start the next or draw the whole page again."""
    for one in at_work:
        progress = evaluator().look(home(), one.folder, one.question)
        if progress is None:
            continue
        if progress.is_over:
            _start_waiting()
            st.rerun()
        text = f"{texts.escape(one.title)}: {texts.escape(progress.text)}"
        st.progress(progress.fraction or 0.0, text=text)
    if st.button("Cancel", icon=":material/close:", key="cancel-measuring"):
        for one in at_work:
            evaluator().cancel(one.folder, one.question)
        st.session_state.pop("eval_waiting", None)
        st.rerun()


def _start_waiting() -> None:
    waiting = st.session_state.pop("eval_waiting", [])
    if waiting:
        _start(waiting)


def _is_at_work(one: Chosen) -> bool:
    progress = evaluator().look(home(), one.folder, one.question)
    return progress is not None and not progress.is_over


def _draw_failures(missing: list[Chosen]) -> None:
    for one in missing:
        progress = evaluator().look(home(), one.folder, one.question)
        if progress is not None and progress.has_failed:
            st.error(progress.text, icon=":material/error:")
