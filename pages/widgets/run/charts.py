"""The live charts of a run: losses, scores, and below them gradients and speed."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from gan.config import RunConfig
from gan.diagnosis.catalog import FINDINGS
from gan.features.catalog import get_feature_info
from gan.figures.feed import RunFeed
from gan.figures.series import XAxis
from gan.losses.catalog import LossInfo, get_loss_info
from gan.runs.control import RunSummary
from gan.runs.remedying import FINDING_EVENT
from gan.runs.rows import Event
from gan.runs.states import is_over
from pages.widgets import texts
from pages.widgets.components.live_chart import Band, Line, Mark, chosen_window, live_chart
from pages.widgets.resources import config_of
from pages.widgets.run.evidence import X_TITLES, Shaded, shaded_stretches, shown_by, x_axis

_LOSS_KEYS = ("loss/d_real", "loss/d_fake", "loss/d", "loss/g")
_MAX_MARKS = 40
_MAX_POINTS = 300


def draw_charts(run_feed: RunFeed, summary: RunSummary, *, large: bool) -> None:
    """Draw the loss chart and the score chart, each with a sentence on how to read it."""
    config = config_of(run_feed.folder.id)
    info = get_loss_info(config.loss.name)
    optimum = _optimum(config, info)
    x, smoothing, log_y = _draw_options()
    marks = _marks(run_feed, x)
    bands = shaded_stretches(run_feed, summary, x)
    name = summary.id
    empty = (
        "No numbers." if is_over(summary.status.state) else "The first numbers come in a moment."
    )
    best = optimum.get("loss/d")
    _chart(
        run_feed, f"losses-{name}", _LOSS_KEYS, x=x, smoothing=smoothing, marks=marks,
        y_title=f"loss ({info.unit})" if info.unit else "loss", log_y=log_y, large=large,
        height_px=430 if large else 310,
        lines=_level(best if best is None or best > 0 or not log_y else None, _BEST_TEXT),
        alt="Losses of discriminator and generator over the course of training", empty=empty,
        tab_title=texts.tab_title(summary), bands=[band for band, _ in bands[:2]],
    )  # fmt: skip
    st.caption(
        "How badly each network does its job. Healthy losses move and stay in reach of each "
        "other; G's may rise while its pictures improve, so judge it beside the samples."
    )
    is_probability = info.output == "probability"
    group = "score" if is_probability else "logit"
    level = optimum.get(f"{group}/fake")
    _chart(
        run_feed, f"scores-{name}", (f"{group}/real", f"{group}/fake"), x=x,
        smoothing=smoothing, marks=marks,
        y_title="probability" if is_probability else "raw score",
        y_range=(0.0, 1.0) if is_probability else None,
        height_px=300 if large else 220, large=large,
        lines=_level(level, "equilibrium: D is guessing"),
        alt="Mean D of real and of generated images over the course of training", empty=empty,
        bands=shown_by(bands, (f"{group}/real", f"{group}/fake", "balance/separation")),
    )  # fmt: skip
    st.caption(_PROBABILITY_TEXT if is_probability else _SCORE_TEXT)
    _draw_quality(run_feed, summary, x, marks, bands, large=large)


_BEST_TEXT = "D total at the equilibrium"
_PROBABILITY_TEXT = (
    "How sure D is that an image is real. Healthy: real above, generated below, both drifting "
    "towards 0.5. At 1 and 0 for long, D has won and G learns little."
)
_SCORE_TEXT = (
    "What D gives real and generated images on average; with this loss it is no probability, and "
    "only the distance means something. Healthy: real above, generated below, a gap that shrinks."
)


def _draw_quality(
    run_feed: RunFeed,
    summary: RunSummary,
    x: XAxis,
    marks: list[Mark],
    bands: list[Shaded],
    *,
    large: bool,
) -> None:
    """Draw how far samples and real pictures are apart, once that was measured."""
    figure = summary.meta.get("quality") or {}
    with run_feed.lock:
        traces = run_feed.series.points(("quality/distance",), x=x)
    if not figure or not any(trace.n_shown for trace in traces):
        return
    info = get_feature_info(str(figure["features"]))
    live_chart(
        traces, key=f"quality-{summary.id}", x_title=X_TITLES[x], y_title="Fréchet distance",
        height_px=260 if large else 200, marks=marks, empty_text="", large=large,
        file_name=f"quality-{summary.id}", bands=shown_by(bands, ("quality/distance",)),
        alt="Fréchet distance between samples and real pictures over the course of training",
    )  # fmt: skip
    best = summary.meta.get("best")
    now = f"It is {figure['distance']:.3g} at step {figure['step']:,}."
    if best:
        now = (
            f"Best so far {best['distance']:.3g} at step {best['step']:,}, whose checkpoint is "
            "kept."
        )
    st.caption(
        f"How far samples and real pictures are apart, as the {info.title} sees them: lower is "
        f"better. {now}"
    )


def _level(y: float | None, label: str) -> list[Line]:
    return [] if y is None else [Line(y, label)]


def _optimum(config: RunConfig, info: LossInfo) -> dict[str, float]:
    """Return where theory puts the numbers in the end, for the labels 1 and 0 and one D update."""
    loss = config.loss
    is_plain = loss.real_label == 1.0 and not loss.label_flip
    return info.equilibrium if is_plain and not config.train.separate_d_updates else {}


def draw_detail_charts(run_feed: RunFeed, summary: RunSummary) -> None:
    """Draw gradient norms and speed, and penalties and learning rates where the run has them."""
    # A toggle and not an expander: what an expander hides is drawn all the same, every second.
    if not st.toggle("Show gradients and speed", key="show_details"):
        return
    config = config_of(run_feed.folder.id)
    charts = [_GRADIENTS, _SPEED]
    if config.loss.r1_gamma or config.loss.r2_gamma or config.loss.gp_weight:
        charts.append(_PENALTIES)
    if config.train.lr_schedule != "constant" or config.train.lr_warmup_steps:
        charts.append(_RATES)
    x = x_axis()
    smoothing = float(st.session_state.get("smoothing", 0.6))
    marks = _marks(run_feed, x)
    for row in range(0, len(charts), 2):
        for column, chart in zip(st.columns(2, gap="medium"), charts[row:], strict=False):
            with column:
                _chart(
                    run_feed, f"{chart.name}-{summary.id}", chart.keys, x=x,
                    smoothing=smoothing if chart.is_smoothed else 0.0,
                    marks=marks if chart.is_smoothed else (), y_title=chart.y_title,
                    height_px=280, log_y=chart.log_y, alt=chart.alt, empty="",
                )  # fmt: skip
                st.caption(chart.text)


@dataclass(frozen=True)
class _Detail:
    """A chart among the details."""

    name: str
    keys: tuple[str, ...]
    y_title: str
    alt: str
    text: str
    log_y: bool = False
    is_smoothed: bool = True


_GRADIENTS = _Detail(
    "gradients", ("grad/d_norm", "grad/g_norm"), "gradient norm",
    "Gradient norms of both networks over the course of training",
    "How hard each network is being pushed. Steady within a factor of ten is healthy; near zero, "
    "a network no longer learns.",
    log_y=True,
)  # fmt: skip
_SPEED = _Detail(
    "speed", ("speed/steps_per_s",), "steps per second", "Training steps per second",
    "A drop means that something else is using the machine.",
    is_smoothed=False,
)  # fmt: skip
_PENALTIES = _Detail(
    "penalties", ("penalty/r1", "penalty/r2", "penalty/gp"), "added to D's loss",
    "Gradient penalties over the course of training",
    "What the penalties for a steep D add to its loss. Small beside the loss itself is healthy.",
)  # fmt: skip
_RATES = _Detail(
    "rates", ("lr/g", "lr/d"), "learning rate", "Learning rates over the course of training",
    "The step size of each network's updates, as the schedule moves it.",
    is_smoothed=False,
)  # fmt: skip


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
    bands: Sequence[Band] = (),
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
        traces, key=key, x_title=X_TITLES[x], y_title=y_title, height_px=height_px, alt=alt,
        marks=marks, lines=lines or (), bands=bands, log_y=log_y, y_range=y_range,
        empty_text=empty,
        file_name=key, large=large, tab_title=tab_title,
    )  # fmt: skip


def _draw_options() -> tuple[XAxis, float, bool]:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="options"):
        x = st.segmented_control(
            "Horizontal axis", list(X_TITLES), default="step", key="x_axis",
            label_visibility="collapsed",
        )  # fmt: skip
        log_y = st.toggle("Log scale", key="log_y", help="Shows small and large losses together.")
        smoothing = st.slider(
            "Smoothing", 0.0, 1.0, 0.6, 0.1, key="smoothing", width=180,
            help="0 shows the measured curve alone; above, it stays as a faint line behind.",
        )  # fmt: skip
    return x or "step", float(smoothing), bool(log_y)


def _marks(run_feed: RunFeed, x: XAxis) -> list[Mark]:
    marking = [event for event in run_feed.events if _is_marked(event)][-_MAX_MARKS:]
    with run_feed.lock:
        positions = run_feed.series.positions([event.step for event in marking], x=x)
    return [
        Mark(float(position), _mark_text(event))
        for event, position in zip(marking, positions, strict=True)
    ]


def _is_marked(event: Event) -> bool:
    """Tell whether an event is drawn: what changed the training, and trouble; no good news."""
    if event.kind != FINDING_EVENT:
        return event.marks
    info = FINDINGS.get(str(event.payload.get("name")))
    return info is not None and info.severity == "trouble"


def _mark_text(event: Event) -> str:
    """Return what a mark says: of a finding its name, as its evidence is above the charts."""
    name = event.payload.get("name") if event.kind == FINDING_EVENT else None
    return f"{FINDINGS[name].title} noticed" if name in FINDINGS else event.text
