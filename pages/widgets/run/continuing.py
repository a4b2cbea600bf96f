"""Where a run comes from, and going on from it as a run of its own."""

import streamlit as st

from gan.errors import GanError
from gan.runs import forking
from gan.runs.control import RunSummary, saved_steps
from gan.runs.folder import Home
from pages.widgets import address, texts
from pages.widgets.resources import standby_keeper

SHIPPED_BADGE = ":violet-badge[:material/redeem: comes with the product]"


def draw_origin(summary: RunSummary) -> None:
    """Say what a generator is that comes with the product, or which run a copy goes on from."""
    shipped = summary.meta.get("shipped") or {}
    if shipped:
        st.caption(
            f"{texts.escape(shipped['sentence'])} It stays as it is: what you train on is a copy. "
            f"{texts.escape(shipped['licences'])}"
        )
    origin = summary.meta.get("forked_from") or {}
    if origin:
        st.caption(
            f":material/fork_right: Continued from {texts.escape(origin['name'])} at step "
            f"{origin['step']:,}."
        )


def draw_continue(home: Home, summary: RunSummary, *, place: str) -> None:
    """Draw the form that makes a copy and trains it; `place` tells several on a page apart.

    The copy goes on from the newest saved step, or from one that the user chooses.
    """
    key = f"{place}-{summary.id}"
    try:
        steps = saved_steps(summary.folder)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    if not steps:
        st.caption("There is no saved step to go on from.")
        return
    step = steps[0]
    if len(steps) > 1:
        step = st.selectbox(
            "From step", steps, format_func=lambda n: f"{n:,}", key=f"from-{key}",
            help="Saved steps; the copy has the curves and pictures up to it.",
        )  # fmt: skip
    epochs = st.number_input(
        "Epochs more", value=5.0, min_value=0.1, step=1.0, format="%g", key=f"epochs-{key}",
        help="How often the copy sees all real pictures once more.",
    )  # fmt: skip
    if summary.is_shipped:
        st.caption(forking.LIGHT_TEXT)
    if st.button(
        "Train a copy on", type="primary", icon=":material/fork_right:", key=f"fork-{key}"
    ):
        _launch(home, summary, step, epochs)


def _launch(home: Home, summary: RunSummary, step: int, epochs: float) -> None:
    try:
        n_more = forking.steps_in(summary.folder, epochs)
        made = forking.launch_fork(home, summary.folder, n_more=n_more, step=step)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    standby_keeper().hold_back(15.0)
    address.go_to_run(made.id)
