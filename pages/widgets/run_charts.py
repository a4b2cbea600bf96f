"""The live charts of a run: losses, scores, and below them gradients and speed."""

import streamlit as st

from gan.figures.feed import RunFeed
from gan.figures.series import XAxis
from gan.losses.catalog import LossInfo, get_loss_info
from gan.runs import control
from gan.runs.control import RunSummary
from gan.runs.states import is_over
from pages.widgets import texts
from pages.widgets.live_chart import Line, Mark, chosen_window, live_chart

_X_TITLES: dict[XAxis, str] = {"step": "step", "epoch": "epoch", "time": "training time (s)"}
_LOSS_KEYS = ("loss/d_real", "loss/d_fake", "loss/d", "loss/g")
_MAX_MARKS = 40
_MAX_POINTS = 300


def draw_charts(run_feed: RunFeed, summary: RunSummary, *, large: bool) -> None:
    """Draw the loss chart and the score chart, each with a sentence on how to read it."""
    info = _loss_info(run_feed)
    x, smoothing, log_y = _draw_options()
    marks = _marks(run_feed, x)
    name = summary.id
    empty = (
        "No numbers." if is_over(summary.status.state) else "The first numbers come in a moment."
    )
    _chart(
        run_feed, f"losses-{name}", _LOSS_KEYS, x=x, smoothing=smoothing, marks=marks,
        y_title="loss (nats)", height_px=430 if large else 310, log_y=log_y, large=large,
        alt="Losses of discriminator and generator over the course of training", empty=empty,
        tab_title=texts.tab_title(summary),
    )  # fmt: skip
    st.caption(
        "How badly each network does its job. Healthy losses move and stay in reach of each "
        "other; G's may rise while its pictures improve, so judge it beside the samples."
    )
    if info.output != "probability":
        return
    _chart(
        run_feed, f"scores-{name}", ("score/real", "score/fake"), x=x,
        smoothing=smoothing, marks=marks,
        y_title="probability", height_px=300 if large else 220, y_range=(0.0, 1.0), large=large,
        lines=[Line(0.5, "equilibrium: D is guessing")],
        alt="Mean D of real and of generated images over the course of training", empty=empty,
    )  # fmt: skip
    st.caption(
        "How sure D is that an image is real. Healthy: real above, generated below, both drifting "
        "towards 0.5. At 1 and 0 for long, D has won and G learns little."
    )


def draw_detail_charts(run_feed: RunFeed, summary: RunSummary) -> None:
    """Draw gradient norms and speed."""
    # A toggle and not an expander: what an expander hides is drawn all the same, every second.
    if st.toggle("Show gradients and speed", key="show_details"):
        left, right = st.columns(2, gap="medium")
        x = _x_axis()
        smoothing = float(st.session_state.get("smoothing", 0.6))
        marks = _marks(run_feed, x)
        with left:
            _chart(
                run_feed, f"gradients-{summary.id}", ("grad/d_norm", "grad/g_norm"), x=x,
                smoothing=smoothing, marks=marks, y_title="gradient norm", height_px=280,
                log_y=True,
                alt="Gradient norms of both networks over the course of training", empty="",
            )  # fmt: skip
            st.caption(
                "How hard each network is being pushed. Steady within a factor of ten is healthy; "
                "near zero, a network no longer learns."
            )
        with right:
            _chart(
                run_feed, f"speed-{summary.id}", ("speed/steps_per_s",), x=x, smoothing=0.0,
                marks=(),
                y_title="steps per second", height_px=280,
                alt="Training steps per second", empty="",
            )  # fmt: skip
            st.caption("A drop means that something else is using the machine.")


def _chart(
    run_feed: RunFeed,
    key: str,
    keys: tuple[str, ...],
    *,
    x: XAxis,
    smoothing: float,
    marks: list[Mark] | tuple[()],
    y_title: str,
    height_px: int,
    alt: str,
    empty: str,
    lines: list[Line] | None = None,
    log_y: bool = False,
    y_range: tuple[float, float] | None = None,
    large: bool = False,
    tab_title: str = "",
) -> None:
    with run_feed.lock:
        traces = run_feed.series.view(
            keys, x=x, smoothing=smoothing, window=chosen_window(key), max_points=_MAX_POINTS
        )
    live_chart(
        traces, key=key, x_title=_X_TITLES[x], y_title=y_title, height_px=height_px, alt=alt,
        marks=marks, lines=lines or (), log_y=log_y, y_range=y_range, empty_text=empty,
        file_name=key, large=large, tab_title=tab_title,
    )  # fmt: skip


def _draw_options() -> tuple[XAxis, float, bool]:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="options"):
        x = st.segmented_control(
            "Horizontal axis", list(_X_TITLES), default="step", key="x_axis",
            label_visibility="collapsed",
        )  # fmt: skip
        log_y = st.toggle("Log scale", key="log_y", help="Shows small and large losses together.")
        smoothing = st.slider(
            "Smoothing", 0.0, 1.0, 0.6, 0.1, key="smoothing", width=180,
            help="0 shows the measured curve alone; above, it stays as a faint line behind.",
        )  # fmt: skip
    return x or "step", float(smoothing), bool(log_y)


def _x_axis() -> XAxis:
    return st.session_state.get("x_axis") or "step"


def _marks(run_feed: RunFeed, x: XAxis) -> list[Mark]:
    marking = [event for event in run_feed.events if event.marks][-_MAX_MARKS:]
    with run_feed.lock:
        positions = run_feed.series.positions([event.step for event in marking], x=x)
    return [
        Mark(float(position), event.text)
        for event, position in zip(marking, positions, strict=True)
    ]


def _loss_info(run_feed: RunFeed) -> LossInfo:
    return get_loss_info(control.read_config(run_feed.folder).loss.name)
