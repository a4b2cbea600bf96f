"""What the numbers of a run say about it: calm, a word of comfort, or trouble with what helps.

The panel has one line's room and keeps it; only trouble makes it grow, and then it stays as large
while the page is open, so that a finding that comes and goes moves nothing.
"""

from pathlib import Path

import streamlit as st

from gan.diagnosis.catalog import FINDINGS, FindingInfo
from gan.diagnosis.findings import Finding
from gan.diagnosis.remedies import Remedy, remedies
from gan.errors import GanError
from gan.fields import FIELDS
from gan.figures.feed import RunFeed
from gan.runs.control import RunSummary
from gan.runs.folder import Home
from gan.runs.launcher import has_room
from gan.runs.remedying import (
    FINDING_EVENT,
    Change,
    Way,
    applied_remedies,
    apply_remedy,
    changes_of,
    current_findings,
    origin_of,
    way_of,
)
from gan.runs.rows import Event
from gan.runs.states import RunState, is_live
from pages.widgets import address, texts
from pages.widgets.fields_form import value_label
from pages.widgets.resources import config_of, standby_keeper

ICONS = {
    "good": ":material/verified:",
    "notice": ":material/info:",
    "trouble": ":material/warning:",
}
COLOURS = {"good": "green", "notice": "blue", "trouble": "red"}
_N_FIRST = 3  # remedies in sight; the others are a click away
_N_CHANGES = 3
_N_TROUBLES = 3
_PROBLEM = "remedy_problem"
_WAYS: dict[Way, str] = {
    "live": "In this run, at its next step",
    "resume": "Resumes this run",
    "beside": "In a new run",
    "instead": "In a new run, for which this one stops",
}
_WAY_ICONS: dict[Way, str] = {
    "live": ":material/bolt:",
    "resume": ":material/play_arrow:",
    "beside": ":material/content_copy:",
    "instead": ":material/content_copy:",
}


def draw_findings(home: Home, run_feed: RunFeed, summary: RunSummary, *, short: bool) -> None:
    """Draw the panel; `short` leaves out what a class cannot read from the back row."""
    found = [f for f in current_findings(summary) if f.name in FINDINGS]
    troubles = [f for f in found if FINDINGS[f.name].severity == "trouble"]
    with st.container(key="findings", gap="xsmall"):
        _draw_origin(summary, found)
        if troubles:
            st.session_state[_grown_key(summary)] = True
            _draw_trouble(home, summary, troubles[0], short=short)
            for finding in troubles[1:_N_TROUBLES]:
                _draw_further(home, summary, finding, short=short)
            _draw_comforts([finding for finding in found if finding not in troubles][:1])
        else:
            _draw_calm(summary, found, run_feed.events)
        _draw_applied(summary)
        problem = st.session_state.pop(_PROBLEM, None)
        if problem:
            st.error(problem, icon=":material/error:")


def trouble_badges(summary: RunSummary) -> str:
    """Return the troubles of a run as badges in Markdown; '' for a healthy one."""
    titles = [
        FINDINGS[f.name].title
        for f in current_findings(summary)
        if f.name in FINDINGS and FINDINGS[f.name].severity == "trouble"
    ]
    return " ".join(f":red-badge[{ICONS['trouble']} {title}]" for title in titles[:2])


def _draw_calm(summary: RunSummary, found: list[Finding], events: list[Event]) -> None:
    """Draw a word of comfort where there is one, else that nothing is wrong any more, or at all."""
    was_grown = st.session_state.get(_grown_key(summary), False)
    height = "grown" if was_grown else "line"
    with st.container(key=f"findings-calm-{height}"):
        if not found:
            st.markdown(_calm_text(summary))
        _draw_comforts(found[:2])
        past = _past_text(events, found)
        if past:
            st.caption(past)


def _draw_comforts(found: list[Finding]) -> None:
    for finding in found:
        info = FINDINGS[finding.name]
        st.markdown(f"{_badge(info)} {texts.escape(finding.evidence)} :gray[{info.meaning}]")


def _past_text(events: list[Event], found: list[Finding]) -> str:
    """Say which trouble there was earlier in the run, the newest two."""
    now = {finding.name for finding in found}
    first = {
        str(event.payload.get("name")): event.step
        for event in events
        if event.kind == FINDING_EVENT
    }
    past = [
        f"{FINDINGS[name].title.lower()} (noticed at step {step:,})"
        for name, step in first.items()
        if name in FINDINGS and name not in now and FINDINGS[name].severity == "trouble"
    ]
    return f":material/history: Earlier in this run: {' and '.join(past[-2:])}." if past else ""


def _calm_text(summary: RunSummary) -> str:
    status = summary.status
    if not status.step and not status.last_metrics:
        return ":gray[:material/monitor_heart: What goes wrong is said here, with what helps.]"
    if status.state in (RunState.FAILED, RunState.DIVERGED):
        return ""  # the page says why, in red
    watched = sum(info.severity == "trouble" for info in FINDINGS.values())
    return (
        f":green[:material/verified:] :gray[Nothing is wrong as far as the numbers tell; "
        f"{watched} kinds of trouble are watched for.]"
    )


def _draw_trouble(home: Home, summary: RunSummary, finding: Finding, *, short: bool) -> None:
    """Draw a trouble with its evidence, its meaning, and what can be done with one click."""
    info = FINDINGS[finding.name]
    with st.container(key=f"finding-trouble-{finding.name}", gap="xsmall"):
        st.markdown(f"{_badge(info)} {_steps(finding)} {texts.escape(finding.evidence)}")
        if not short:
            st.caption(info.meaning)
        _draw_remedies(home, summary, finding, short=short)


def _draw_further(home: Home, summary: RunSummary, finding: Finding, *, short: bool) -> None:
    """Draw a further trouble in one line, its remedies behind a click."""
    info = FINDINGS[finding.name]
    with st.container(
        horizontal=True, vertical_alignment="center", key=f"finding-further-{finding.name}"
    ):
        st.markdown(
            f"{_badge(info)} {_steps(finding)} {texts.escape(finding.evidence)}", width="stretch"
        )
        if not short:
            with st.popover("What helps", icon=":material/healing:"):
                st.markdown(info.meaning)
                _draw_remedies(home, summary, finding, short=False)


def _draw_remedies(home: Home, summary: RunSummary, finding: Finding, *, short: bool) -> None:
    config = config_of(summary.id)
    offers = remedies(finding.name, config, summary.status.live)
    if not offers:
        return
    first, more = offers[: 1 if short else _N_FIRST], offers[_N_FIRST:]
    columns = st.columns([3] * _N_FIRST + [1])
    for column, remedy in zip(columns, first, strict=False):
        with column, st.container(gap="xxsmall"):
            _draw_remedy(home, summary, finding, remedy)
    if more and not short:
        with columns[-1], st.popover("More", icon=":material/more_horiz:"):
            for remedy in more:
                _draw_remedy(home, summary, finding, remedy)


def _draw_remedy(home: Home, summary: RunSummary, finding: Finding, remedy: Remedy) -> None:
    """Draw one button; what it does and changes stands below it before it is pressed."""
    way = way_of(summary, remedy, is_room=_is_room(str(home.root)))
    changes = changes_of(config_of(summary.id), summary, remedy)
    words = [_change_text(change) for change in changes]
    if st.button(
        remedy.label,
        icon=_WAY_ICONS[way],
        # Its label is in the key: a list that has changed meanwhile applies nothing else.
        key=f"remedy-{summary.id}-{finding.name}-{remedy.label}",
        help=" ".join([remedy.why, *(f"{word}." for word in words)]),
        width="stretch",
    ):
        _apply(home, summary, finding, remedy)
    rest = f" and {len(words) - _N_CHANGES} more" if len(words) > _N_CHANGES else ""
    st.caption(f"{_WAYS[way]}: {'; '.join(words[:_N_CHANGES])}{rest}.")


@st.cache_data(ttl=2.0, show_spinner=False)
def _is_room(root: str) -> bool:
    """Tell whether one more run could train; asked for each button, and it looks at all runs."""
    return has_room(Home(Path(root)))


def _apply(home: Home, summary: RunSummary, finding: Finding, remedy: Remedy) -> None:
    try:
        folder = apply_remedy(home, summary, finding.name, remedy)
    except GanError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    standby_keeper().hold_back(15.0)
    if folder.id != summary.id:
        address.go_to_run(folder.id)


def _draw_applied(summary: RunSummary) -> None:
    """Say which remedies were applied to this run, the newest alone."""
    applied = applied_remedies(summary)
    if not applied:
        return
    last = applied[-1]
    title = FINDINGS[last.finding].title if last.finding in FINDINGS else last.finding
    where = "applied to this run" if last.run == summary.id else "tried in a new run"
    said = (
        f":material/healing: **{texts.escape(last.label)}** against {title.lower()}, {where} at "
        f"step {last.step:,}."
    )
    _draw_with_way_to(said, last.run, summary, "Open the new run")


def _draw_origin(summary: RunSummary, found: list[Finding]) -> None:
    """Say of which run's trouble this run is the remedy, and whether the trouble has come back."""
    origin = origin_of(summary)
    if origin is None or origin.finding not in FINDINGS:
        return
    title = FINDINGS[origin.finding].title
    is_back = any(finding.name == origin.finding for finding in found)
    step = summary.status.step
    if is_back:
        outcome = f":red[:material/warning: {title} is here again.]"
    elif step > origin.noticed or (step and not is_live(summary.status.state)):
        outcome = f":green[:material/check_circle: It has not come back by step {step:,}.]"
    else:
        outcome = f"There it was noticed at step {origin.noticed:,}; this run is at step {step:,}."
    label = texts.escape(origin.label)
    said = f":material/healing: **{label}** is the remedy for {title.lower()} of another run."
    _draw_with_way_to(f"{said} {outcome}", origin.run, summary, "Open that run")


def _draw_with_way_to(said: str, run_id: str, summary: RunSummary, label: str) -> None:
    """Draw a sentence and, if it is about another run, a way to that run."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(said, width="content")
        if run_id != summary.id and st.button(
            label, icon=":material/arrow_forward:", type="tertiary", key=f"open-remedy-{run_id}"
        ):
            address.go_to_run(run_id)


def _change_text(change: Change) -> str:
    title = FIELDS[change.path].title
    before, after = (value_label(change.path, v) for v in (change.before, change.after))
    return f"{title} {before} → {after}"


def _badge(info: FindingInfo) -> str:
    return f":{COLOURS[info.severity]}-badge[{ICONS[info.severity]} {info.title}]"


def _steps(finding: Finding) -> str:
    if finding.first_step == finding.last_step:
        return f":gray[step {finding.last_step:,}]"
    return f":gray[steps {finding.first_step:,}–{finding.last_step:,}]"


def _grown_key(summary: RunSummary) -> str:
    return f"findings-grown-{summary.id}"
