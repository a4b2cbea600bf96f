"""GAN Workbench: the list of pages. Start it with `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

_ICON = Path(__file__).parent / "docs" / "images" / "icon.png"

st.set_page_config(page_title="GAN Workbench", page_icon=_ICON, layout="wide")
st.navigation(
    [
        st.Page("pages/home.py", title="Home", icon=":material/home:", default=True),
        st.Page("pages/train.py", title="Train", icon=":material/play_circle:"),
        st.Page("pages/runs.py", title="Runs", icon=":material/list:"),
        st.Page("pages/explore.py", title="Explore", icon=":material/explore:"),
        st.Page("pages/compare.py", title="Compare", icon=":material/flag:"),
        st.Page("pages/evaluate.py", title="Evaluate", icon=":material/speed:"),
    ],
    position="top",
).run()
