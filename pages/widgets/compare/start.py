"""Where comparisons begin: presets, the ones that there are, and the form for a new one."""

import streamlit as st

from gan.comparing.design import ComparisonDesign
from gan.comparing.presets import PRESETS, Preset
from gan.config import DataConfig
from gan.data.catalog import get_dataset_info
from gan.errors import GanError
from gan.recipes import RECIPES
from gan.runs import comparisons
from gan.runs.comparisons import Comparison, ComparisonProgress, Estimate
from gan.runs.probe import ProbeState
from pages.widgets import address, texts
from pages.widgets.compare.designer import draw_designer
from pages.widgets.compare.details import draw_fairness
from pages.widgets.compare.marks import draw_marks
from pages.widgets.data_panel import facts_of
from pages.widgets.resources import home, standby_keeper

_POLL_S = 2.0
_N_COLUMNS = 2
_DATA = "compare_preset_data"


def draw_start() -> None:
    """Draw the presets and the list of comparisons."""
    st.title("Compare")
    st.markdown(
        "Let settings race: the same network, the same pictures and the same luck for all, one "
        "thing different. Then see which one wins, and whether that was more than chance."
    )
    presets = list(PRESETS.values())
    for row in range(0, len(presets), _N_COLUMNS):
        for column, preset in zip(
            st.columns(_N_COLUMNS), presets[row : row + _N_COLUMNS], strict=False
        ):
            with column, st.container(border=True, height="stretch", key=f"preset-{preset.name}"):
                _draw_preset(preset)
    if st.button("Design your own", icon=":material/tune:", key="design-own"):
        address.design_comparison(next(iter(RECIPES)))
        st.rerun()
    st.subheader("Your comparisons", divider="gray")
    found = comparisons.list_comparisons(home())
    if not found:
        st.caption("None yet. Comparisons that you start appear here.")
        return
    is_moving = any(comparisons.progress(home(), one).is_live for one in found)
    st.fragment(_draw_list, run_every=_POLL_S if is_moving else None)(is_moving)


def _draw_preset(preset: Preset) -> None:
    st.markdown(f"#### {preset.title}")
    st.markdown(preset.summary)
    try:
        design = _choose_data(preset)
        draw_marks(design.variants)
        _draw_extent(design)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Start", type="primary", icon=":material/flag:", key=f"start-{preset.name}"):
            start(design)
        if st.button("Change it first", key=f"change-{preset.name}", icon=":material/edit:"):
            st.session_state[_DATA] = design.base["data"]
            address.design_comparison(address.FROM_PRESET + preset.name)
            st.rerun()


def _choose_data(preset: Preset) -> ComparisonDesign:
    """Return the preset on its own data if they are here, else on what stands in or is chosen."""
    if facts_of(preset.data).located.kind == "files":
        return preset.build()
    own, other = get_dataset_info(preset.data.dataset), get_dataset_info(preset.stand_in)
    titles = {"other": f"{other.title} (other data)", "own": f"{own.title} (downloads it first)"}
    chosen = st.selectbox(
        "Pictures", list(titles), format_func=lambda each: titles[each],
        key=f"preset-data-{preset.name}",
        help=f"{own.title} is not on this machine. Your own pictures: 'Change it first'.",
    )  # fmt: skip
    return preset.build() if chosen == "own" else preset.build(preset.stand_in_data)


def _draw_extent(design: ComparisonDesign) -> None:
    data = str(design.base.get("data", {}).get("dataset", ""))
    n_seeds = len(design.seeds)
    st.caption(
        f"{get_dataset_info(data).title} · {design.budget.text} each · "
        f"{n_seeds} seed{'s' if n_seeds > 1 else ''}"
    )
    draw_cost(design)


def start(design: ComparisonDesign) -> None:
    """Make a comparison, have it trained, and go to its page."""
    try:
        with st.spinner("Preparing the runs …"):
            comparison = comparisons.create(home(), design)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    standby_keeper().hold_back(15.0)
    address.go_to_comparison(comparison.id)


# ---- what it costs ------------------------------------------------------------------------------


def draw_cost(design: ComparisonDesign) -> None:
    """Say how many runs it takes, how long and how much disk; asks again while that is measured."""
    try:
        cost = comparisons.estimate(home(), design)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    is_measuring = cost.state is ProbeState.RUNNING or (
        cost.state is ProbeState.BUSY and cost.seconds is None
    )
    st.fragment(_cost_line, run_every=_POLL_S if is_measuring else None)(design)


def _cost_line(design: ComparisonDesign) -> None:
    try:
        cost = comparisons.estimate(home(), design)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.markdown(cost_text(cost))


def cost_text(cost: Estimate) -> str:
    """Return what a comparison costs, in one line."""
    time = "measuring how long it takes …"
    if cost.seconds is not None:
        time = f"about **{texts.duration(_rounded(cost.seconds))}**"
    elif cost.state is ProbeState.FAILED:
        time = "how long it takes could not be measured"
    elif cost.state is ProbeState.BUSY:
        time = "how long it takes is measured when no run is training"
    at_once = f", {cost.n_at_once} at once" if cost.n_at_once > 1 else ", one after another"
    return f"**{cost.n_runs} runs**{at_once} · {time} · about {texts.size(cost.disk_bytes)}"


def _rounded(seconds: float) -> float:
    grain = 1.0 if seconds < 60 else 60.0 if seconds < 3600 else 600.0
    return grain * max(1, round(seconds / grain))


# ---- the list -----------------------------------------------------------------------------------


def _draw_list(was_moving: bool) -> None:
    looks = [
        (one, comparisons.progress(home(), one)) for one in comparisons.list_comparisons(home())
    ]
    for comparison, progress in looks:
        _draw_row(comparison, progress)
    if was_moving and not any(progress.is_live for _, progress in looks):
        st.rerun()


def _draw_row(comparison: Comparison, progress: ComparisonProgress) -> None:
    design = comparison.design
    with st.container(border=True, key=f"comparison-{comparison.id}"):
        words, button = st.columns([6, 1], vertical_alignment="center")
        with words:
            st.markdown(f"**{texts.escape(comparison.name)}** {progress_badge(progress)}")
            draw_marks(design.variants)
            st.caption(
                f"{progress.n_done} of {len(progress.members)} runs done · {design.budget.text} "
                f"each · {texts.ago(comparison.created_at)}"
            )
        with button:
            if st.button("Open", key=f"open-{comparison.id}", type="primary"):
                address.go_to_comparison(comparison.id)


def progress_badge(progress: ComparisonProgress) -> str:
    """Return where a comparison stands, as a coloured badge in Markdown."""
    stages = {member.stage for member in progress.members}
    if "running" in stages:
        return ":green-badge[:material/play_arrow: running]"
    if "queued" in stages:
        return ":gray-badge[:material/hourglass_empty: queued]"
    if "paused" in stages:
        return ":orange-badge[:material/pause: paused]"
    if "interrupted" in stages:
        return ":red-badge[:material/bolt: interrupted]"
    if progress.n_done < len(progress.members):
        return ":red-badge[:material/error: ended with failures]"
    return ":blue-badge[:material/check_circle: done]"


# ---- a new one ----------------------------------------------------------------------------------


def draw_new(origin: str) -> None:
    """Draw the form for a new comparison, and the bar that starts it."""
    st.title("Design a comparison")
    try:
        template, name = _template(origin)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        template, name = None, next(iter(RECIPES))
    if template is not None:
        st.info(f"The design of {template.name}: change what you like.", icon=":material/edit:")
    design = draw_designer(template, name)
    if design is not None:
        draw_fairness(design)
    with (
        st.container(border=True, key="launch"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        with st.container(width="stretch", gap=None):
            if design is not None:
                draw_marks(design.variants)
                draw_cost(design)
        pressed = st.button(
            "Start", type="primary", icon=":material/flag:", width=160, disabled=design is None,
            key="start-design",
        )  # fmt: skip
    if pressed and design is not None:
        start(design)


def _template(origin: str) -> tuple[ComparisonDesign | None, str]:
    """Return the design that a new one starts from, if any, and a name for where it is from."""
    if origin.startswith(address.FROM_PRESET):
        name = origin.removeprefix(address.FROM_PRESET)
        if name in PRESETS:
            data = st.session_state.get(_DATA)
            return PRESETS[name].build(DataConfig.model_validate(data) if data else None), origin
    if origin.startswith(address.FROM_COMPARISON):
        comparison_id = origin.removeprefix(address.FROM_COMPARISON)
        return comparisons.open_comparison(home(), comparison_id).design, origin
    return None, origin
