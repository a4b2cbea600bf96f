"""The Python lines that draw a picture of the Explore page again."""

from dataclasses import replace

import streamlit as st

from gan.errors import GanError
from gan.runs.latent.lines import python_lines
from gan.runs.latent.space import Space
from pages.widgets.explore import state


def draw_lines_button(space: Space) -> None:
    """Draw a button that shows the lines."""
    if st.button("Python", icon=":material/code:", key="explore-lines", help="Lines that draw it."):
        _show(space)


@st.dialog("This picture in Python", width="large")
def _show(space: Space) -> None:
    st.caption("In the folder of this workspace; needs the library `gan`, not the app.")
    try:
        place = state.here(space.source.run_id)
        source = replace(space.source, step=space.facts.step)  # training may go on
        lines = python_lines(source, place, space.z(place), space.label(place))
        st.code(lines, language="python")
    except GanError as error:
        st.error(str(error), icon=":material/error:")
