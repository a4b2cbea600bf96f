"""Which generator is explored: a run with a saved state, the step, averaged or as trained."""

from collections import Counter

import streamlit as st

from gan.errors import GanError
from gan.runs.control import RunSummary, saved_steps, summarise_all
from gan.runs.latent.space import Space
from gan.runs.studio import Source
from pages.widgets.explore import state
from pages.widgets.resources import home, studio

_SPACE = "explore_space"


def choose_space() -> Space | None:
    """Draw the choice of generator; return its space, None if there is none to explore.

    A generator that cannot be read gets one sentence, and the choice stays.
    """
    runs = {run.id: run for run in _explorable()}
    if not runs:
        return None
    asked = st.session_state.get(state.RUN)
    if asked not in runs:
        if asked:
            st.warning(
                f"The run {asked!r} is not here, or has no saved step (any more): choose another.",
                icon=":material/warning:",
            )
        st.session_state[state.RUN] = next(iter(runs))
    left, right, switch = st.columns([4, 2, 1.4], vertical_alignment="bottom")
    with left:
        st.selectbox(
            "Generator", list(runs), key=state.RUN, format_func=_names(runs).__getitem__,
            help="One that comes with the product, or any run with a saved step.",
            on_change=_forget_step,
        )  # fmt: skip
    run = runs[st.session_state[state.RUN]]
    with right:
        _choose_step(run)
    space = _open_space(state.source_of(run.id))
    if space is not None and space.facts.has_average:
        with switch:
            _choose_average()
    return space


def _explorable() -> list[RunSummary]:
    """Return the runs with a saved step: those that come along, then others, the newest first."""
    summaries, _ = summarise_all(home())
    runs = [summary for summary in summaries if _steps(summary)]
    shipped = [run for run in runs if run.is_shipped]
    return sorted(shipped, key=lambda run: run.id) + [run for run in runs if not run.is_shipped]


def _names(runs: dict[str, RunSummary]) -> dict[str, str]:
    """Return what each run is called; with its id where others are called so, too."""
    count = Counter(run.name for run in runs.values())
    return {i: run.name if count[run.name] == 1 else f"{run.name} · {i}" for i, run in runs.items()}


def _steps(run: RunSummary) -> list[int]:
    try:
        return saved_steps(run.folder)
    except GanError:
        return []


def _choose_step(run: RunSummary) -> None:
    steps = [state.KEPT_STEP, *_steps(run)]
    if (step := st.session_state.get(state.STEP, state.KEPT_STEP)) not in steps:
        st.warning(
            f"Step {step:,} is not saved (any more): the kept one is shown.",
            icon=":material/warning:",
        )
    state.begin_with(state.STEP, state.KEPT_STEP, steps)
    best = (run.meta.get("best") or {}).get("step")
    st.selectbox(
        "Saved at step", steps, key=state.STEP,
        format_func=lambda s: "kept or newest" if s == state.KEPT_STEP
        else f"{s:,} · best so far" if s == best else f"{s:,}",
        help="Which saved state draws. Picked points stay where they are.",
    )  # fmt: skip


def _choose_average() -> None:
    state.begin_with(state.AVERAGE, True)
    st.toggle(
        "Averaged", key=state.AVERAGE,
        help="Draw with the average of the generator's weights over training (EMA), which is "
        "mostly better than the weights at one moment.",
    )  # fmt: skip


def _open_space(source: Source) -> Space | None:
    """Return the space of a source; kept in the session as long as the saved state is the same."""
    before: Space | None = st.session_state.get(_SPACE)
    try:
        with st.spinner("Starting the studio: a few seconds, once …", show_time=False):
            space = Space(home(), studio(), source)
        if before is not None and (before.source, before.key) == (source, space.key):
            return before
        is_other_state = before is not None and before.key != space.key
        if before is not None and is_other_state and before.source.run_id == source.run_id:
            place = state.here(source.run_id)
            state.go_to(source.run_id, before.frozen(place))
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return None
    st.session_state[_SPACE] = space
    return space


def _forget_step() -> None:
    """Another run has other steps."""
    st.session_state[state.STEP] = state.KEPT_STEP
