"""A chart that is updated in place, so that zoom, hover and hidden curves survive each refresh.

`st.plotly_chart` makes a new DOM node whenever its data change; this component keeps one and
calls `Plotly.react` on it. The script is `live_chart.js`; it draws what `gan.figures.series.pack`
packed and reports the range that the user zoomed into.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from gan.figures.colours import METRIC_INKS, NEUTRAL, Ink
from gan.figures.series import Trace, pack
from gan.keys import METRIC_KEYS
from pages.widgets.components.component import make_component
from pages.widgets.components.plotly_js import plotly_js_url

_component = make_component("live_chart")


@dataclass(frozen=True)
class Mark:
    """Something that changed the training, drawn as a dashed line."""

    x: float
    text: str


@dataclass(frozen=True)
class Band:
    """A stretch of the curves that shows something, drawn as a shade behind them.

    Attributes:
        x0, x1: where it begins and ends.
        label: its name, written into it.
        text: what it shows, for whoever points at the name.
        ink: its colour.
    """

    x0: float
    x1: float
    label: str
    text: str
    ink: Ink


@dataclass(frozen=True)
class Line:
    """A level worth knowing, such as an equilibrium."""

    y: float
    label: str


@dataclass(frozen=True)
class Style:
    """How a curve looks and what it is called, where it is not plainly a metric of one run."""

    label: str
    ink: Ink


def chosen_window(key: str) -> tuple[float, float] | None:
    """Return the range of x that the user has zoomed into, None for all."""
    state = st.session_state.get(key)
    window = state.get("window") if state else None
    return (float(window[0]), float(window[1])) if window else None


def live_chart(
    traces: Sequence[Trace],
    *,
    key: str,
    x_title: str,
    y_title: str,
    height_px: int,
    alt: str,
    marks: Sequence[Mark] = (),
    lines: Sequence[Line] = (),
    bands: Sequence[Band] = (),
    log_y: bool = False,
    y_range: tuple[float, float] | None = None,
    empty_text: str = "No numbers yet.",
    file_name: str = "chart",
    large: bool = False,
    tab_title: str = "",
    styles: Mapping[str, Style] | None = None,
    has_legend: bool = True,
) -> None:
    """Draw curves of metrics, with bands where they are means over several runs.

    Args:
        alt: what the chart shows, for those who cannot see it.
        y_range: fixed limits of y, None lets them follow the curves.
        large: bigger type, for a projector.
        tab_title: what the browser's tab says from now on; empty leaves it alone.
        styles: by the traces' keys; a metric's key has a style of its own.
        has_legend: whether the curves are named, if there are several.
    """
    header: dict[str, Any] = {
        "plotly": plotly_js_url(),
        "x_title": x_title,
        "y_title": y_title,
        "height": height_px,
        "alt": alt,
        "marks": [asdict(mark) for mark in marks],
        "lines": [asdict(line) for line in lines],
        "bands": [asdict(band) for band in bands],
        "log_y": log_y,
        "y_range": y_range,
        "empty": empty_text,
        "file_name": file_name,
        "large": large,
        "tab_title": tab_title,
        "styles": {trace.key: _style(trace.key, styles or {}) for trace in traces},
        "legend": has_legend,
    }
    _component(
        key=key,
        data=pack(traces, header),
        default={"window": None},
        on_window_change=_nothing,
        height=height_px,
    )


def preload() -> None:
    """Have the browser load the chart library, so that a run's first point needs no wait."""
    live_chart(
        (), key="preload", x_title="", y_title="", height_px=1, alt="", empty_text=""
    )  # fmt: skip


def _style(key: str, styles: Mapping[str, Style]) -> dict[str, Any]:
    style = styles.get(key) or Style(METRIC_KEYS[key].label, METRIC_INKS.get(key, NEUTRAL))
    ink = style.ink
    return {"label": style.label, "light": ink.light, "dark": ink.dark, "dash": ink.dash}


def _nothing() -> None:
    """The window is read from the session state; its change needs no action of its own."""
