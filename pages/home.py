"""Home: a trained generator to look at, what can be done here, and the latest runs."""

from typing import Literal

import streamlit as st

from gan.recipes import RECIPES
from gan.runs.control import summarise_all
from gan.runs.states import is_over
from pages.widgets import address
from pages.widgets.components.live_chart import preload
from pages.widgets.frame import begin_page
from pages.widgets.resources import bring_shipped, home
from pages.widgets.run.groups import ComparisonRuns, draw_group, in_groups
from pages.widgets.run.list import draw_row
from pages.widgets.setup import launch
from pages.widgets.showcase import draw_showcase

POLL_S = 2.0
N_LATEST = 4


def render() -> None:
    """Draw the invitation, a trained generator, the things to do, and the latest runs."""
    begin_page()
    preload()
    st.title("GAN Workbench")
    st.markdown(
        "Watch two neural networks fight: a **generator** draws pictures from noise, a "
        "**discriminator** tries to tell them from real ones. Each makes the other better."
    )
    summaries, _ = summarise_all(home())
    shipped = [summary for summary in summaries if summary.is_shipped]
    for problem in bring_shipped():
        st.warning(problem, icon=":material/warning:")
    if shipped:
        left, right = st.columns([11, 8], gap="large")
        with left:
            draw_showcase(home(), shipped)
        with right:
            for draw_door in _DOORS:
                draw_door("content")
    else:
        for column, draw_door in zip(st.columns(len(_DOORS)), _DOORS, strict=True):
            with column:
                draw_door("stretch")
    st.subheader("Your latest runs", divider="gray")
    is_moving = any(not is_over(s.status.state) for s in summaries)
    st.fragment(_latest, run_every=POLL_S if is_moving else None)(is_moving)


def _draw_watch(height: Literal["content", "stretch"]) -> None:
    recipe = next(iter(RECIPES.values()))
    with st.container(border=True, height=height):
        st.markdown("#### :material/play_circle: Watch one learn")
        st.markdown(f"{recipe.title}, from noise to clothes in a few minutes on this computer.")
        if st.button("Train it now", type="primary", icon=":material/play_arrow:", key="train_now"):
            launch(recipe.build())


def _draw_set_up(height: Literal["content", "stretch"]) -> None:
    with st.container(border=True, height=height):
        st.markdown("#### :material/tune: Set up your own")
        st.markdown("Choose recipe, data, device and learning rates; change them while it trains.")
        if st.button("Choose settings", key="set_up"):
            address.go_to_setup()


def _draw_go_back(height: Literal["content", "stretch"]) -> None:
    with st.container(border=True, height=height):
        st.markdown("#### :material/list: Go back to a run")
        st.markdown("Pause, step, resume, extend, take notes. Nothing is lost when you leave.")
        if st.button("See all runs", key="see_runs"):
            st.switch_page(address.RUNS_PAGE)


def _draw_compare(height: Literal["content", "stretch"]) -> None:
    with st.container(border=True, height=height):
        st.markdown("#### :material/flag: Let settings race")
        st.markdown("Which optimiser draws best? Same start, same pictures, several seeds.")
        if st.button("Compare", key="see_comparisons"):
            st.switch_page(address.COMPARE_PAGE)


_DOORS = (_draw_watch, _draw_set_up, _draw_compare, _draw_go_back)


def _latest(was_moving: bool) -> None:
    summaries, problems = summarise_all(home())
    for problem in problems:
        st.warning(problem, icon=":material/warning:")
    own = [summary for summary in summaries if not summary.is_shipped]
    if not own:
        st.caption("None yet. Runs that you start appear here, with their newest samples.")
    for row in in_groups(own)[:N_LATEST]:
        if isinstance(row, ComparisonRuns):
            draw_group(home(), row, actions=False)
        else:
            draw_row(home(), row, actions=False)
    if was_moving and all(is_over(s.status.state) for s in summaries):
        st.rerun()


render()
