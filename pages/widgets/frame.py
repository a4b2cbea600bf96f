"""What every page begins with: our spacing, a queue that moves on, a worker kept warm."""

import logging

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from pages.widgets.address import is_presentation
from pages.widgets.resources import bring_shipped, move_the_queue_on, tend_standby

_AT_TOP = "frame_at_top"
_TO_TOP = """<script>
document.querySelector('[data-testid="stMain"]').scrollTo({ top: 0, behavior: "instant" });
</script>"""
log = logging.getLogger(__name__)


def begin_page() -> None:
    """Call first on every page."""
    _insist_on_app()
    st.html(
        _CSS.replace("BACKGROUND", _background()) + (_PRESENTATION_CSS if is_presentation() else "")
    )
    for problem in bring_shipped():
        log.warning("%s", problem)
    move_the_queue_on()
    tend_standby()


def begin_at_top(what: str) -> None:
    """Scroll to the top, once for each thing that a page shows: its answer stands there.

    The browser keeps its place where a page only changes what it is about. Call last on a page.
    """
    if st.session_state.get(_AT_TOP) != what:
        st.session_state[_AT_TOP] = what
        st.html(_TO_TOP, unsafe_allow_javascript=True)


def _background() -> str:
    """Return the page's own colour, which Streamlit gives to no style sheet of ours."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    return str(st.get_option(f"theme.{theme}.backgroundColor"))


def _insist_on_app() -> None:
    """Have `app.py` run, even if a page's own address is the first that this server is asked for.

    Streamlit finds scripts in `pages/` by itself until `st.navigation` has run once; such a first
    visitor, say on a run's address after a restart, would get the page without our navigation.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False  # as st.navigation does
        st.rerun()


_CSS = """
<style>
[data-testid="stMainBlockContainer"] { padding: 4.2rem 2.5rem 3rem; max-width: 1500px; }
/* What Streamlit advertises to developers would lie over a run's buttons. */
[data-testid="stSkillsNudgeAnchor"] { display: none; }
/* The bar with Train stays in sight, on a phone too. */
[data-testid="stLayoutWrapper"]:has(> .st-key-launch) { position: sticky; bottom: 0; z-index: 20; }
.st-key-launch { background: BACKGROUND; padding: 0.7rem 1rem; }
/* A toggle beside fields stands at the height of their boxes, not of their titles. */
[data-testid="stColumn"] .stCheckbox {
  position: relative; top: 0.5rem; min-height: 2.5rem; display: flex; align-items: center;
}
[data-testid="stMain"] h1 { padding-top: 0; }
/* What the numbers say: one line's room when all is well, and as much as it once needed. */
.st-key-findings-calm-line { min-height: 3.2rem; justify-content: center; }
.st-key-findings-calm-grown { min-height: 13rem; }
/* A verdict's sentence and what it leaves open, while it is being found, too. */
.st-key-compare-answer { min-height: 8.6rem; border-left: 6px solid #2f8fd6; }
[class*="st-key-finding-trouble-"] { border-left: 4px solid #d64545; padding-left: 0.9rem; }
[class*="st-key-finding-further-"] { padding-left: 1.15rem; }
@media (max-width: 640px) {
  .st-key-launch [data-testid="stElementContainer"]:has(> .stTextInput) { display: none; }
  .st-key-launch [data-testid="stMarkdownContainer"] p { font-size: 0.875rem; }
  [data-testid="stMainBlockContainer"] { padding: 4rem 1rem 2rem; }
}
</style>
"""

_PRESENTATION_CSS = """
<style>
[data-testid="stHeader"], [data-testid="stSidebar"] { display: none; }
[data-testid="stMainBlockContainer"] { padding: 1rem 1.5rem; max-width: 100%; }
</style>
"""
