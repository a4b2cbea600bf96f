"""One comparison: its answer first, then its walls, its curves and all that stands behind them."""

import streamlit as st

from gan.comparing.presets import other_data
from gan.data.catalog import get_dataset_info
from gan.errors import GanError
from gan.runs import comparisons
from gan.runs.comparisons import Comparison, ComparisonProgress
from pages.widgets import address, texts
from pages.widgets.compare.charts import draw_charts
from pages.widgets.compare.details import draw_details
from pages.widgets.compare.findings import draw_published, draw_sweep
from pages.widgets.compare.members import draw_orders, draw_table
from pages.widgets.compare.start import progress_badge
from pages.widgets.compare.verdict import draw_answer, draw_verdict, outcomes_of
from pages.widgets.compare.walls import draw_walls
from pages.widgets.resources import home, look, move_the_queue_on, race_of

_POLL_S = 2.0
_N_ROWS = 8  # a longer table of runs is folded in, so that the pictures are in sight


def draw_comparison(comparison: Comparison) -> None:
    """Draw the page of a comparison; its parts poll while something in it moves."""
    comparison, progress = _look_first(comparison)
    every = _POLL_S if progress.is_live else None
    st.fragment(_draw_top, run_every=every)(comparison.id, progress.is_live)
    st.fragment(_draw_pictures, run_every=every)(comparison.id)
    st.fragment(_draw_curves, run_every=every)(comparison.id)
    if not address.is_presentation():
        st.fragment(_draw_figures, run_every=every and 3 * every)(comparison.id)
        draw_details(comparison)


def _look_first(comparison: Comparison) -> tuple[Comparison, ComparisonProgress]:
    """Have what was interrupted go on, and return where the comparison stands."""
    progress = comparisons.progress(home(), comparison)
    if any(member.stage in ("interrupted", "missing") for member in progress.members):
        try:
            comparison = comparisons.ensure_runs(home(), comparison)
        except GanError as error:
            st.error(str(error), icon=":material/error:")
        progress = comparisons.progress(home(), comparison)
    return comparison, progress


def _draw_top(comparison_id: str, was_live: bool) -> None:
    try:
        comparison, progress = look(comparison_id)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    move_the_queue_on()
    with st.container(horizontal=True, vertical_alignment="center", key="compare-head"):
        st.markdown(
            f"### {texts.escape(comparison.name)} {progress_badge(progress)}", width="content"
        )
        st.space("stretch")
        if not address.is_presentation():
            draw_orders(comparison, progress)
        _draw_view_switch()
    draw_answer(comparison, progress, race_of(comparison))
    share = sum(member.share for member in progress.members) / max(1, len(progress.members))
    st.progress(min(1.0, share))
    st.markdown(" &emsp; ".join(_facts(comparison, progress)))
    st.caption(f":material/database: {texts.escape(_about_data(comparison, progress))}")
    if not address.is_presentation():
        if len(comparison.design.variants) <= _N_ROWS:
            draw_table(comparison, progress)
        else:
            with st.expander(f"The {len(progress.members)} runs", icon=":material/list:"):
                draw_table(comparison, progress)
    if was_live != progress.is_live:
        st.rerun()


def _facts(comparison: Comparison, progress: ComparisonProgress) -> list[str]:
    design = comparison.design
    n_seeds = len(design.seeds)
    facts = [
        f":gray[Runs done] **{progress.n_done} of {len(progress.members)}**",
        f":gray[Seeds] **{n_seeds}**",
        f":gray[Each] **{design.budget.text}**",
    ]
    if progress.is_live and progress.left_s:
        facts.append(f":gray[Left] **about {texts.duration(progress.left_s)}**")
    return facts


def _about_data(comparison: Comparison, progress: ComparisonProgress) -> str:
    """Return what the runs learn from, and whether that is what was published."""
    found = [m.summary.data.get("why") for m in progress.members if m.summary and m.summary.data]
    other = other_data(comparison.design)
    data = get_dataset_info(str(comparison.design.base["data"]["dataset"])).title
    return " ".join(filter(None, (other, str(found[0]) if found else "" if other else data)))


def _draw_view_switch() -> None:
    is_large = address.is_presentation()
    pressed = st.button(
        "Leave presentation" if is_large else "Present",
        icon=":material/close_fullscreen:" if is_large else ":material/present_to_all:",
        type="secondary" if is_large else "tertiary",
        key="compare-present", help="Large, without navigation, for a projector.",
    )  # fmt: skip
    if pressed:
        address.set_presentation(not is_large)
        st.rerun()


def _draw_pictures(comparison_id: str) -> None:
    try:
        comparison, progress = look(comparison_id)
    except GanError:  # said above
        return
    st.subheader("The pictures at the same step", divider="gray")
    draw_walls(comparison, progress, large=address.is_presentation())


def _draw_curves(comparison_id: str) -> None:
    try:
        comparison, _ = look(comparison_id)
    except GanError:
        return
    st.subheader("The race", divider="gray")
    draw_charts(comparison, race_of(comparison), large=address.is_presentation())


def _draw_figures(comparison_id: str) -> None:
    try:
        comparison, _ = look(comparison_id)
    except GanError:
        return
    race = race_of(comparison)
    st.subheader("The figures", divider="gray")
    verdict = draw_verdict(comparison, race)
    outcomes = outcomes_of(comparison, race)
    draw_sweep(comparison, verdict, outcomes)
    draw_published(comparison, outcomes)
