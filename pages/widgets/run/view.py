"""One run, live: state and progress on top, losses beside pictures, details below."""

import streamlit as st

from gan.errors import StoreError
from gan.figures.feed import RunFeed
from gan.runs.control import RunSummary
from gan.runs.folder import RunFolder
from gan.runs.launcher import log_tail, queue_position
from gan.runs.states import RunState, is_live, is_over
from pages.widgets import address, texts
from pages.widgets.resources import feed, home, move_the_queue_on, tend_standby
from pages.widgets.run.charts import draw_charts, draw_detail_charts
from pages.widgets.run.continuing import SHIPPED_BADGE, draw_origin
from pages.widgets.run.controls import draw_controls, has_acted
from pages.widgets.run.details import draw_details
from pages.widgets.run.evidence import draw_evidence
from pages.widgets.run.findings import draw_findings
from pages.widgets.run.walls import draw_walls

POLL_S = 1.0
QUICK_POLL_S = 0.4  # until the first point is there


def draw_run(folder: RunFolder) -> None:
    """Draw the page of one run; it polls while the run is live or waits."""
    run_feed = feed(folder.id)
    try:
        summary = run_feed.refresh()
    except StoreError as error:
        st.error(str(error), icon=":material/error:")
        return
    active = not is_over(summary.status.state)
    poll_s = POLL_S if run_feed.series.n_rows else QUICK_POLL_S
    st.fragment(_live_part, run_every=poll_s if active else None)(run_feed, poll_s, active)
    if not address.is_presentation():
        draw_details(run_feed)


def _live_part(run_feed: RunFeed, poll_s: float, is_polling: bool) -> None:
    """Draw all that moves. Polling begins, ends or slows down only by drawing the page again."""
    try:
        summary = run_feed.refresh(now_please=has_acted())
    except StoreError as error:
        st.error(str(error), icon=":material/error:")
        return
    if summary.status.state is RunState.QUEUED:
        move_the_queue_on()
    tend_standby()
    _draw_head(run_feed, summary)
    _draw_trouble(summary)
    draw_origin(summary)
    wide = address.is_presentation()
    draw_findings(home(), run_feed, summary, short=wide)
    left, right = st.columns(2, gap="large")
    with left:
        draw_charts(run_feed, summary, large=wide)
    with right:
        draw_walls(run_feed, summary, large=wide)
        draw_evidence(run_feed, summary, large=wide)
    if not wide:
        draw_detail_charts(run_feed, summary)
    is_active = not is_over(summary.status.state)
    first_point = poll_s != POLL_S and run_feed.series.n_rows > 0
    if is_active != is_polling or (first_point and is_active):
        st.rerun()


def _draw_head(run_feed: RunFeed, summary: RunSummary) -> None:
    status = summary.status
    with st.container(horizontal=True, vertical_alignment="center", key="run-head"):
        badge = SHIPPED_BADGE if summary.is_shipped else texts.state_badge(status.state)
        st.markdown(f"### {texts.escape(summary.name)} {badge}", width="content")
        st.space("stretch")
        draw_controls(home(), summary)
        _draw_view_switch()
    share = summary.phase_fraction  # of a download, say, which comes before the first step
    st.progress(texts.progress(summary) if share is None else share)
    facts = [f":gray[{label}] **{value}**" for label, value in _facts(run_feed, summary)]
    st.markdown(" &emsp; ".join([*facts, _doing(summary)]))


def _facts(run_feed: RunFeed, summary: RunSummary) -> list[tuple[str, str]]:
    status = summary.status
    steps_per_s = run_feed.series.recent_steps_per_s()
    last = status.last_metrics
    speed = "–"
    if steps_per_s and last.get("speed/steps_per_s"):
        images_per_step = last["speed/images_per_s"] / last["speed/steps_per_s"]
        speed = f"{steps_per_s * images_per_step:,.0f} images/s"
    facts = [
        ("Step", f"{status.step:,} of {status.n_steps:,}" if status.n_steps else "–"),
        ("Epoch", f"{status.epoch:.2f}"),
        ("Speed", speed),
        ("Trained", texts.duration(status.elapsed_s)),
    ]
    if found := texts.measured(summary):
        label, figure = found
        facts.append((label.capitalize(), f"{figure['distance']:.3g} at step {figure['step']:,}"))
    left = texts.time_left(summary, steps_per_s)
    if left:
        facts.append(("Left", left))
    return facts


def _doing(summary: RunSummary) -> str:
    """Return what a run does that makes no progress; its place on the page is always there."""
    state = summary.status.state
    if state is RunState.QUEUED:
        place = queue_position(home(), summary.folder)
        if place == 0:
            return ":material/hourglass_top: starting …"
        return f":material/hourglass_top: waits for a free place, number {place} in the queue"
    if is_live(state) and summary.phase:
        return f":material/hourglass_top: {texts.escape(summary.phase)} …"
    if texts.is_stale(summary):
        return ":warning: the worker has not reported for a while; it may be suspended"
    return ""


def _draw_view_switch() -> None:
    if address.is_presentation():
        switched = st.button(
            "Leave presentation", icon=":material/close_fullscreen:", key="leave-presentation"
        )
    else:
        switched = st.button(
            "Present", icon=":material/present_to_all:", type="tertiary", key="present",
            help="Large, without navigation, for a projector.",
        )  # fmt: skip
    if switched:
        address.set_presentation(not address.is_presentation())
        st.rerun()  # the whole page, not this fragment alone


def _draw_trouble(summary: RunSummary) -> None:
    status = summary.status
    if status.state in (RunState.STOPPED, RunState.COMPLETED) and status.message:
        st.caption(status.message)
    if status.state not in (RunState.FAILED, RunState.DIVERGED, RunState.INTERRUPTED):
        return
    st.error(status.message, icon=texts.STATE_ICONS[status.state])
    lines = log_tail(summary.folder)
    if lines and status.state is not RunState.DIVERGED:
        with st.expander("Last lines of the log", expanded=True):
            st.code("\n".join(lines), language=None)
