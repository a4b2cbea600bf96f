"""Runs: every run with its state, and what can be done with it."""

import time

import streamlit as st

from gan.errors import GanError
from gan.runs.control import RunSummary, summarise_all
from gan.runs.cores import count_cores, slots
from gan.runs.disk import filesystem_warning
from gan.runs.folder import empty_trash, list_trash, restore_run
from gan.runs.launcher import start_next
from gan.runs.settings import load_settings, save_settings
from gan.runs.shipped import bring_back, removed
from gan.runs.states import RunState, is_over
from pages.widgets import address
from pages.widgets.frame import begin_page
from pages.widgets.resources import home
from pages.widgets.run.groups import ComparisonRuns, draw_group, in_groups
from pages.widgets.run.list import WHOSE, Wanted, draw_problem_and_undo, draw_row

POLL_S = 2.0
PAGE_SIZE = 20


def render() -> None:
    """Draw the list, filtered by the search box and the chosen states."""
    begin_page()
    st.title("Runs")
    warning = filesystem_warning(home().runs_dir)
    if warning:
        st.warning(warning, icon=":material/warning:")
    search_column, whose_column, state_column = st.columns([4, 3, 8], vertical_alignment="bottom")
    with search_column:
        search = st.text_input(
            "Search", placeholder="name, recipe, data, note or tag", key="runs_search"
        )
    with whose_column:
        whose = st.pills("Whose", list(WHOSE), default=None, key="runs_whose")
    with state_column:
        states = st.pills(
            "State", [str(s) for s in RunState], selection_mode="multi", key="runs_states"
        )
    summaries, _ = summarise_all(home())
    is_moving = any(not is_over(s.status.state) for s in summaries)
    st.fragment(_list, run_every=POLL_S if is_moving else None)(
        Wanted(search, tuple(states), whose or ""), is_moving
    )
    _draw_settings()
    _draw_trash()
    _draw_removed()


def _list(wanted: Wanted, was_moving: bool) -> None:
    try:
        start_next(home())
    except GanError as error:
        st.error(str(error), icon=":material/error:")
    summaries, problems = summarise_all(home())
    draw_problem_and_undo(home())
    for problem in problems:
        st.warning(problem, icon=":material/warning:")
    if not summaries:
        _draw_empty()
    found = [s for s in summaries if wanted.fits(s)]
    if summaries and not found:
        st.info("No run fits this search.", icon=":material/search_off:")
    for row in _page(in_groups(found)):
        if isinstance(row, ComparisonRuns):
            draw_group(home(), row)
        else:
            draw_row(home(), row)
    if was_moving and all(is_over(s.status.state) for s in summaries):
        st.rerun()


def _page(found: list[RunSummary | ComparisonRuns]) -> list[RunSummary | ComparisonRuns]:
    n_pages = -(-len(found) // PAGE_SIZE)
    if n_pages <= 1:
        return found
    page = st.segmented_control(
        f"{len(found)} rows, page", range(1, n_pages + 1), default=1, key="runs_page"
    )
    start = ((page or 1) - 1) * PAGE_SIZE
    return found[start : start + PAGE_SIZE]


def _draw_empty() -> None:
    st.info("There are no runs yet.", icon=":material/inbox:")
    if st.button("Train the first one", type="primary", icon=":material/play_arrow:"):
        address.go_to_setup()


def _draw_settings() -> None:
    with st.expander("Runs at once", icon=":material/memory:"):
        share = slots(home())
        settings = load_settings(home())
        st.caption(
            f"This machine has {count_cores()} cores. Now {share.n} may train at once, with "
            f"{share.n_threads} threads each; more wait in a queue. Two runs on the same cores "
            "slow each other down far more than twofold, so a run keeps its cores to itself. A "
            "running run keeps its threads when this changes."
        )
        n = st.number_input(
            "Runs at once", value=settings.runs_at_once, min_value=1, max_value=64, step=1,
            placeholder="automatic", key="runs_at_once",
        )  # fmt: skip
        if n != settings.runs_at_once:
            try:
                save_settings(home(), settings.model_copy(update={"runs_at_once": n}))
                start_next(home())
            except GanError as error:
                st.error(str(error), icon=":material/error:")
            else:
                st.rerun()


def _draw_trash() -> None:
    trash = list_trash(home())
    if not trash:
        return
    with st.expander(f"Trash ({len(trash)})", icon=":material/delete:"):
        for folder in trash:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(folder.id)
                if st.button("Restore", key=f"restore-{folder.id}"):
                    restore_run(home(), folder.id)
                    st.rerun()
        if st.button("Empty the trash for good", icon=":material/delete_forever:"):
            empty_trash(home(), 0.0, time.time())
            st.rerun()


def _draw_removed() -> None:
    """Offer the way back for generators that came with the product and were deleted for good."""
    names = removed(home())
    if not names:
        return
    with st.expander(f"Deleted generators ({len(names)})", icon=":material/redeem:"):
        st.caption("They came with the product, and can be had again at any time.")
        for name in names:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(name)
                if st.button("Bring back", key=f"bring-back-{name}"):
                    try:
                        bring_back(home(), name)
                    except GanError as error:
                        st.error(str(error), icon=":material/error:")
                    else:
                        st.rerun()


render()
