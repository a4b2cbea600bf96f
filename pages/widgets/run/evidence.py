"""The stretches of the curves that show what a run's panel says, and the numbers behind it."""

import streamlit as st

from gan.diagnosis.catalog import FINDINGS
from gan.diagnosis.findings import Finding
from gan.figures.colours import SEVERITY_INKS
from gan.figures.feed import RunFeed
from gan.figures.series import XAxis
from gan.keys import METRIC_KEYS
from gan.runs.control import RunSummary
from gan.runs.remedying import current_findings
from pages.widgets.components.live_chart import Band, live_chart

X_TITLES: dict[XAxis, str] = {"step": "step", "epoch": "epoch", "time": "training time (s)"}
Shaded = tuple[Band, Finding]

_MAX_BANDS = 3
_ELSEWHERE = ("loss/", "score/", "logit/", "quality/distance", "time/", "speed/")
"""Numbers that have a chart of their own, or show nothing by themselves."""


def x_axis() -> XAxis:
    """Return what the visitor has chosen to have on the horizontal axis."""
    return st.session_state.get("x_axis") or "step"


def shaded_stretches(run_feed: RunFeed, summary: RunSummary, x: XAxis) -> list[Shaded]:
    """Return the stretches that show the run's findings, trouble first."""
    found = [f for f in current_findings(summary) if f.name in FINDINGS][:_MAX_BANDS]
    ends = [step for finding in found for step in (finding.first_step, finding.last_step)]
    with run_feed.lock:
        xs = run_feed.series.positions(ends, x=x)
    return [(_band(finding, xs[2 * i], xs[2 * i + 1]), finding) for i, finding in enumerate(found)]


def _band(finding: Finding, x0: float, x1: float) -> Band:
    info = FINDINGS[finding.name]
    return Band(x0, x1, info.title, finding.evidence, SEVERITY_INKS[info.severity])


def shown_by(shaded: list[Shaded], keys: tuple[str, ...]) -> list[Band]:
    """Return the bands whose findings these numbers show."""
    return [band for band, finding in shaded if set(finding.keys) & set(keys)]


def draw_evidence(run_feed: RunFeed, summary: RunSummary, *, large: bool) -> None:
    """Draw the numbers that show a finding and stand on no other chart, one chart a unit."""
    x = x_axis()
    shaded = shaded_stretches(run_feed, summary, x)
    keys = [key for _, finding in shaded for key in finding.keys]
    keys = [key for key in keys if key in METRIC_KEYS and not key.startswith(_ELSEWHERE)]
    for unit in dict.fromkeys(METRIC_KEYS[key].unit for key in keys):
        shown = tuple(dict.fromkeys(key for key in keys if METRIC_KEYS[key].unit == unit))
        _draw_chart(run_feed, summary, shown, x, shown_by(shaded, shown), large=large)


def _draw_chart(
    run_feed: RunFeed,
    summary: RunSummary,
    keys: tuple[str, ...],
    x: XAxis,
    bands: list[Band],
    *,
    large: bool,
) -> None:
    with run_feed.lock:
        traces = [trace for trace in run_feed.series.points(keys, x=x) if trace.n_shown]
    if not traces:
        return
    known = [METRIC_KEYS[trace.key] for trace in traces]
    labels = " and ".join(entry.label for entry in known)
    stem = keys[0].replace("/", "-")
    live_chart(
        traces, key=f"evidence-{stem}-{summary.id}", x_title=X_TITLES[x], y_title=known[0].unit,
        height_px=260 if large else 190, bands=bands, large=large,
        file_name=f"{stem}-{summary.id}", alt=f"{labels} over the course of training",
    )  # fmt: skip
    for entry in known:
        healthy = f"{entry.healthy[:1].lower()}{entry.healthy[1:]}"
        st.caption(f"**{entry.label}**. {entry.meaning} Healthy: {healthy}")
