"""Home: what can be done here, in one screen, with the latest runs."""

import streamlit as st

from gan.recipes import RECIPES
from gan.runs.control import summarise_all
from gan.runs.states import is_over
from pages.widgets import address
from pages.widgets.frame import begin_page
from pages.widgets.live_chart import preload
from pages.widgets.resources import home
from pages.widgets.run_list import draw_row
from pages.widgets.setup import launch

POLL_S = 2.0
N_LATEST = 4


def render() -> None:
    """Draw the invitation, the three things to do, and the latest runs."""
    begin_page()
    preload()
    st.title("GAN Workbench")
    st.markdown(
        "Watch two neural networks fight: a **generator** draws pictures from noise, a "
        "**discriminator** tries to tell them from real ones. Each makes the other better."
    )
    _draw_doors()
    st.subheader("Latest runs", divider="gray")
    summaries, _ = summarise_all(home())
    is_moving = any(not is_over(s.status.state) for s in summaries)
    st.fragment(_latest, run_every=POLL_S if is_moving else None)(is_moving)


def _draw_doors() -> None:
    first, second, third = st.columns(3)
    recipe = next(iter(RECIPES.values()))
    with first, st.container(border=True, height="stretch"):
        st.markdown("#### :material/play_circle: Watch one learn")
        st.markdown(f"{recipe.title}, from noise to clothes in a few minutes on this computer.")
        if st.button("Train it now", type="primary", icon=":material/play_arrow:", key="train_now"):
            launch(recipe.build())
    with second, st.container(border=True, height="stretch"):
        st.markdown("#### :material/tune: Set up your own")
        st.markdown("Choose recipe, data, device and learning rates; change them while it trains.")
        if st.button("Choose settings", key="set_up"):
            address.go_to_setup()
    with third, st.container(border=True, height="stretch"):
        st.markdown("#### :material/list: Go back to a run")
        st.markdown("Pause, step, resume, extend, take notes. Nothing is lost when you leave.")
        if st.button("See all runs", key="see_runs"):
            st.switch_page(address.RUNS_PAGE)


def _latest(was_moving: bool) -> None:
    summaries, problems = summarise_all(home())
    for problem in problems:
        st.warning(problem, icon=":material/warning:")
    if not summaries:
        st.caption("None yet. Runs that you start appear here, with their newest samples.")
    for summary in summaries[:N_LATEST]:
        draw_row(home(), summary, actions=False)
    if was_moving and all(is_over(s.status.state) for s in summaries):
        st.rerun()


render()
