"""What was reported elsewhere beside what was found here, and quality against a swept number."""

import base64
from html import escape

import streamlit as st

from gan.comparing.checked import AGREEMENTS, Agreement, check_published
from gan.comparing.outcomes import RunOutcome
from gan.comparing.presets import PRESETS
from gan.comparing.sweep import find_sweep
from gan.comparing.verdict import Verdict
from gan.figures.sweep_svg import sweep_svg
from gan.runs.comparisons import Comparison
from pages.widgets import texts

_SWEEP_PX = 760
_ICONS: dict[Agreement, str] = {
    "agrees": ":green-badge[:material/check: {}]",
    "disagrees": ":red-badge[:material/close: {}]",
    "unclear": ":gray-badge[:material/help: {}]",
}


def draw_published(comparison: Comparison, outcomes: list[RunOutcome]) -> None:
    """Draw each finding of the published comparison with ours beside it."""
    preset = PRESETS.get(comparison.design.preset)
    if preset is None or not preset.published:
        return
    st.subheader("Reported, and found here", divider="gray")
    for checked in check_published(preset.published, comparison.design, outcomes):
        left, right = st.columns([2, 3], vertical_alignment="center")
        with left:
            badge = _ICONS[checked.agreement].format(AGREEMENTS[checked.agreement])
            st.markdown(f"**{texts.escape(checked.published.text)}** {badge}")
        with right:
            st.caption(texts.escape(checked.text))
    st.caption(texts.escape(preset.source))


def draw_sweep(comparison: Comparison, verdict: Verdict, outcomes: list[RunOutcome]) -> None:
    """Draw quality against the number that was varied, if one was."""
    sweep = find_sweep(comparison.design, verdict, outcomes)
    if sweep is None:
        return
    st.subheader(f"Distance by {sweep.title[0].lower()}{sweep.title[1:]}", divider="gray")
    st.markdown(texts.escape(sweep.sentence))
    if sweep.verdict is not None:
        st.markdown(
            texts.escape(f"Held against each other at these values: {sweep.verdict.sentence}")
        )
    svg = sweep_svg(sweep, dark=st.context.theme.type == "dark", width=_SWEEP_PX)
    address = base64.b64encode(svg.encode()).decode()
    alt = escape(f"Distance against {sweep.title}. {sweep.sentence}", quote=True)
    st.html(
        f'<img alt="{alt}" style="width:100%;max-width:{_SWEEP_PX}px" '
        f'src="data:image/svg+xml;base64,{address}">'
    )
