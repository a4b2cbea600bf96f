"""New pictures from a run: how many, from which seed, of which class, at which step."""

import io

import streamlit as st
from PIL import Image

from gan.errors import GanError
from gan.figures.feed import RunFeed
from gan.runs.control import RunSummary, saved_steps
from gan.runs.drawing import draw_pictures
from pages.widgets.resources import home

_ALL = "all in turn"
_NEWEST = "newest"


def draw_drawing(run_feed: RunFeed, summary: RunSummary) -> None:
    """Draw the form and, below it, what was drawn last."""
    key = f"drawn-{summary.id}"
    try:
        steps = saved_steps(run_feed.folder)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    if not steps:
        st.caption("There is nothing to draw from before the first checkpoint, about a minute in.")
        return
    classes = list(summary.data.get("classes") or [])
    with st.form(f"draw-{summary.id}", border=False):
        columns = st.columns(4 if classes else 3)
        with columns[0]:
            n = st.number_input("Pictures", 1, 256, 36, help="How many are drawn.")
        with columns[1]:
            seed = st.number_input(
                "Seed", 0, 2**31 - 1, 0, help="Another seed gives other random numbers z."
            )
        with columns[2]:
            step = st.selectbox("Saved at step", [_NEWEST, *steps], help="Which checkpoint draws.")
        class_name = _ALL
        if classes:
            with columns[3]:
                class_name = st.selectbox("Class", [_ALL, *classes], help="What is drawn.")
        pressed = st.form_submit_button("Draw", icon=":material/brush:", type="primary")
    if pressed:
        try:
            with st.spinner("Drawing: another process loads the network, a few seconds …"):
                st.session_state[key] = draw_pictures(
                    home(),
                    run_feed.folder,
                    n=int(n),
                    seed=int(seed),
                    class_name=None if class_name == _ALL else class_name,
                    step=None if step == _NEWEST else int(step),
                )
        except GanError as error:
            st.error(str(error), icon=":material/error:")
    png = st.session_state.get(key)
    if png:
        _show(png, summary)


def _show(png: bytes, summary: RunSummary) -> None:
    picture = Image.open(io.BytesIO(png))
    factor = max(1, 700 // picture.width)
    size = (picture.width * factor, picture.height * factor)
    st.image(picture.resize(size, Image.Resampling.NEAREST), output_format="PNG")
    st.download_button(
        "PNG, as drawn", png, f"{summary.id}-drawn.png", "image/png", icon=":material/download:"
    )
