"""Below the live part of a run: its notes, its loss, what happened, its settings and log."""

import streamlit as st

from gan.errors import GanError
from gan.figures.feed import RunFeed
from gan.keys import METRIC_KEYS
from gan.losses.catalog import get_loss_info
from gan.runs import control
from gan.runs.launcher import log_tail
from gan.runs.remedying import FINDING_EVENT
from gan.runs.store import RunStore
from pages.widgets import texts
from pages.widgets.run.drawing import draw_drawing
from pages.widgets.run.evaluation import draw_evaluation
from pages.widgets.run.exports import draw_exports


def draw_details(run_feed: RunFeed) -> None:
    """Draw the expanders; they are read when the page is drawn, not every second."""
    try:
        config = control.read_config(run_feed.folder)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    with st.expander("Draw new pictures", icon=":material/brush:"):
        draw_drawing(run_feed, run_feed.refresh())
    with st.expander("How good is it?", icon=":material/speed:"):
        draw_evaluation(run_feed, run_feed.refresh())
    with st.expander("Take along", icon=":material/download:"):
        draw_exports(run_feed.folder)
    with st.expander("The loss in use, and its code", icon=":material/function:"):
        draw_loss(config.loss.name)
    with st.expander("What the numbers mean", icon=":material/help:"):
        draw_glossary()
    with st.expander("What happened", icon=":material/history:"):
        _draw_events(run_feed)
    with st.expander("Name, note and tags", icon=":material/sell:"):
        draw_notes(run_feed)
    with st.expander("Settings of this run", icon=":material/settings:"):
        st.caption("These never change; what was changed while training stands under events.")
        st.code(config.to_json(), language="json")
    with st.expander("Log", icon=":material/terminal:"):
        lines = log_tail(run_feed.folder, 60)
        st.code("\n".join(lines) or "The worker has printed nothing.", language=None)
        st.caption(f"Everything about this run is in the folder {run_feed.folder.path}.")


def draw_loss(name: str) -> None:
    """Draw an objective: its formulas, its source and the very code that runs."""
    info = get_loss_info(name)
    st.markdown(f"**{info.title}.** {info.summary} {info.when_to_use}")
    left, right = st.columns(2)
    with left:
        st.latex(info.d_formula)
    with right:
        st.latex(info.g_formula)
    st.code(info.code(), language="python")
    st.caption(f"Source: {info.source}.")


def draw_glossary() -> None:
    """Draw the table of metric keys."""
    st.dataframe(
        [
            {
                "Name": key.label,
                "Unit": key.unit or "–",
                "What it is": key.meaning,
                "Healthy": key.healthy,
                "Key": key.key,
            }
            for key in METRIC_KEYS.values()
        ],
        hide_index=True,
    )


def _draw_events(run_feed: RunFeed) -> None:
    if not run_feed.events:
        st.caption("Nothing yet: starts, pauses, saves and changes are listed here.")
        return
    st.dataframe(
        [
            {
                "Step": event.step,
                "When": texts.ago(event.at),
                "What": event.text,
                "Changes training": event.marks and event.kind != FINDING_EVENT,
                "Start": event.attempt,
            }
            for event in reversed(run_feed.events)
        ],
        hide_index=True,
        column_config={
            "Start": st.column_config.NumberColumn(
                help="Each start of a run is numbered; a resumed run is a further start."
            ),
            "Changes training": st.column_config.CheckboxColumn(
                help="Such events are drawn as dashed lines on the curves."
            ),
        },
    )


def draw_notes(run_feed: RunFeed) -> None:
    """Draw the form with a run's name, note and tags."""
    summary = run_feed.refresh()
    with st.form(f"notes-{summary.id}", border=False):
        name = st.text_input("Name", value=summary.name, max_chars=80)
        note = st.text_area("Note", value=str(summary.meta.get("note") or ""), height=90)
        tags = st.text_input("Tags, with commas", value=", ".join(summary.meta.get("tags") or []))
        if not st.form_submit_button("Save", icon=":material/save:"):
            return
        try:
            with RunStore.open(run_feed.folder.db_path) as store:
                store.set_meta("name", name.strip() or summary.id)
                store.set_meta("note", note)
                store.set_meta("tags", [t.strip() for t in tags.split(",") if t.strip()])
            run_feed.refresh(now_please=True)
        except GanError as error:
            st.error(str(error), icon=":material/error:")
            return
    st.rerun()
