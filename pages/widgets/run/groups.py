"""The runs of a comparison as one row of a list, to be opened where each is wanted."""

from collections import Counter
from dataclasses import dataclass, field

import streamlit as st

from gan.errors import StoreError
from gan.runs.comparisons import open_comparison
from gan.runs.control import RunSummary
from gan.runs.folder import Home
from pages.widgets import address, texts
from pages.widgets.run.list import draw_row


@dataclass
class ComparisonRuns:
    """Those runs of a comparison that a list has, in the list's order."""

    comparison_id: str
    summaries: list[RunSummary] = field(default_factory=list)


def in_groups(summaries: list[RunSummary]) -> list[RunSummary | ComparisonRuns]:
    """Return a list of runs in which those of a comparison stand where its first one stood."""
    rows: list[RunSummary | ComparisonRuns] = []
    groups: dict[str, ComparisonRuns] = {}
    for summary in summaries:
        comparison_id = str((summary.meta.get("comparison") or {}).get("id") or "")
        if not comparison_id:
            rows.append(summary)
            continue
        if comparison_id not in groups:
            groups[comparison_id] = ComparisonRuns(comparison_id)
            rows.append(groups[comparison_id])
        groups[comparison_id].summaries.append(summary)
    return rows


def draw_group(home: Home, group: ComparisonRuns, *, actions: bool = True) -> None:
    """Draw a comparison's row, and its runs below it if they are asked for."""
    key = group.comparison_id
    with st.container(border=True, key=f"group-row-{key}"):
        words, buttons = st.columns([6, 3], vertical_alignment="center")
        with words:
            st.markdown(
                f"**{texts.escape(_name(home, key))}** "
                f":violet-badge[:material/flag: comparison of {len(group.summaries)} runs]"
            )
            counts = Counter(str(summary.status.state) for summary in group.summaries)
            st.caption(" · ".join(f"{n} {state}" for state, n in counts.items()))
        with buttons, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
            if st.button("Open", key=f"open-group-{key}", type="primary"):
                address.go_to_comparison(key)
            shown = actions and st.toggle("Its runs", key=f"group-shown-{key}")
    if shown:
        for summary in group.summaries:
            draw_row(home, summary)


def _name(home: Home, comparison_id: str) -> str:
    try:
        return open_comparison(home, comparison_id).name
    except StoreError:
        return f"Comparison {comparison_id}"
