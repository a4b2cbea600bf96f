"""Train: before, the settings of a new run; during and after, the run itself."""

import streamlit as st

from gan.errors import GanError
from gan.runs.folder import find_run
from pages.widgets import address
from pages.widgets.frame import begin_page
from pages.widgets.resources import home
from pages.widgets.run.view import draw_run
from pages.widgets.setup import draw_setup


def render() -> None:
    """Draw the run that the address names, or the form for a new one."""
    begin_page()
    run_id = address.open_run_id()
    if run_id is None:
        draw_setup()
        return
    try:
        folder = find_run(home(), run_id)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        if st.button("See all runs", type="primary"):
            st.switch_page(address.RUNS_PAGE)
        return
    draw_run(folder)


render()
