"""Explore: move through what a generator has learned."""

from collections.abc import Callable

import streamlit as st

from gan.runs.latent.space import Space
from gan.runs.studio.records import Source
from pages.widgets import address
from pages.widgets.explore import state
from pages.widgets.explore.arithmetic import draw_arithmetic
from pages.widgets.explore.find import draw_find
from pages.widgets.explore.gallery import draw_gallery
from pages.widgets.explore.map import draw_map
from pages.widgets.explore.morph import draw_morph
from pages.widgets.explore.new import draw_is_it_new
from pages.widgets.explore.points import Point, picked_points
from pages.widgets.explore.sliders import draw_sliders
from pages.widgets.explore.source import choose_space
from pages.widgets.explore.time import draw_through_time
from pages.widgets.explore.tray import draw_tray
from pages.widgets.frame import begin_page


def _with_picked(draw: Callable[[Source, list[Point]], None]) -> Callable[[Space], None]:
    """Return a tab that is drawn from what was picked."""

    def tab(space: Space) -> None:
        draw(space.source, picked_points(space.source.run_id, space.facts.latent_dim))

    return tab


# What can be done with a generator; only the chosen one is drawn.
TABS: dict[str, Callable[[Space], None]] = {
    "Gallery": draw_gallery,
    state.SLIDERS_TAB: draw_sliders,
    "Morph": _with_picked(draw_morph),
    "Arithmetic": _with_picked(draw_arithmetic),
    "Map": _with_picked(draw_map),
    "Is it new?": draw_is_it_new,
    "Through time": draw_through_time,
    "Find": _with_picked(draw_find),
}


def render() -> None:
    """Draw the choice of generator, what was picked, and the chosen tab."""
    begin_page()
    state.keep_settings()
    state.adopt_address()
    heading, choice = st.columns([1, 5], vertical_alignment="center")
    with heading:
        st.title("Explore")
    with choice:
        space = choose_space()
    if space is None:
        _draw_empty()
        return
    for problem in state.adopt_places(space):
        st.warning(problem, icon=":material/warning:")
    state.begin(space)
    state.next_tab()
    state.begin_with(state.TAB, next(iter(TABS)), TABS)
    st.segmented_control(
        "What to do", list(TABS), key=state.TAB, label_visibility="collapsed", required=True
    )
    draw_tray(space)
    TABS[st.session_state[state.TAB]](space)
    state.write_address(space)


def _draw_empty() -> None:
    if st.session_state.get(state.RUN):  # there are some, and why this one fails was said
        return
    st.info(
        "There is no generator to explore yet: a run has one from its first saved step on, about a "
        "minute in.",
        icon=":material/inbox:",
    )
    if st.button("Train one", type="primary", icon=":material/play_arrow:"):
        address.go_to_setup()


render()
