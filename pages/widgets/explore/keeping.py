"""What can be done with the picture that the sliders show: pick it, keep it, take it along."""

import streamlit as st

from gan.errors import GanError
from gan.runs.latent.space import Space
from gan.runs.latent.store import MAX_NAME, drop_direction, keep_direction
from pages.widgets.explore import state
from pages.widgets.explore.favourites import draw_keep_button
from pages.widgets.explore.lines import draw_lines_button
from pages.widgets.resources import home

_NAME = "explore-direction-name"
_PROBLEM = "explore-direction-problem"


def draw_keeping(space: Space) -> None:
    """Draw the buttons below the board."""
    with st.container(horizontal=True, gap="small", key="explore-keeping"):
        st.button(
            "Pick", icon=":material/add:", key="explore-pick", on_click=_pick, args=(space,),
            help="Add this picture to those in the row above, for a morph or for arithmetic.",
        )  # fmt: skip
        draw_keep_button(space)
        with st.popover(
            "Keep the direction", icon=":material/north_east:",
            help="From the picture as it was picked to the one that the sliders show.",
        ):  # fmt: skip
            _draw_keeping_direction(space)
        draw_lines_button(space)


def _pick(space: Space) -> None:
    try:
        if not state.pick(space, state.here(space.source.run_id)):
            st.toast("It is picked already, or there is no room.", icon=":material/info:")
    except GanError as error:
        st.session_state[_PROBLEM] = str(error)


def _draw_keeping_direction(space: Space) -> None:
    st.text_input("Name", key=_NAME, max_chars=MAX_NAME, placeholder="such as 'longer sleeves'")
    st.button("Keep", key="explore-keep-direction", on_click=_keep_direction, args=(space,))
    if problem := st.session_state.pop(_PROBLEM, None):
        st.error(problem, icon=":material/error:")
    try:
        own = space.own()
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    for one in own:
        st.button(
            f"Forget '{one.name}'", key=f"explore-forget-{one.slug}", type="tertiary",
            on_click=_forget, args=(one.slug,),
        )  # fmt: skip


def _keep_direction(space: Space) -> None:
    place = state.here(space.source.run_id)
    try:
        vector = space.z(place) - space.z(place.unmoved())
        keep_direction(
            home(), str(st.session_state[_NAME]), vector, run=space.source.run_id,
            about=f"Kept from {space.source.run_id}, step {space.facts.step:,}",
        )  # fmt: skip
    except GanError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    st.session_state[_NAME] = ""
    st.toast("Kept: it is a slider under 'Yours'.", icon=":material/bookmark:")


def _forget(slug: str) -> None:
    try:
        drop_direction(home(), slug)
    except GanError as error:
        st.session_state[_PROBLEM] = str(error)
