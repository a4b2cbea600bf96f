"""Runs as a list of rows: thumbnail, state, facts, actions."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from gan.errors import GanError
from gan.recipes import RECIPES
from gan.runs import control
from gan.runs.control import RunSummary
from gan.runs.folder import Home, delete_run, restore_run
from gan.runs.states import RunState, is_live, is_over
from gan.runs.store import RunStore
from pages.widgets import address, texts
from pages.widgets.run.continuing import SHIPPED_BADGE
from pages.widgets.run.findings import trouble_badges
from pages.widgets.thumbnails import thumbnail

_PROBLEM = "runs_problem"
_DELETED = "runs_deleted"


WHOSE = {"yours": False, "comes with the product": True}
"""Whose a run is, for people, and whether it is shipped."""


@dataclass(frozen=True)
class Wanted:
    """What the search box and the filters ask for; an empty one asks for nothing.

    Attributes:
        search: words, all of which a run must have somewhere.
        states: any of these.
        whose: a key of `WHOSE`.
    """

    search: str = ""
    states: tuple[str, ...] = ()
    whose: str = ""

    def fits(self, summary: RunSummary) -> bool:
        """Tell whether a run is wanted."""
        hay = " ".join(
            [
                summary.id,
                summary.name,
                str(summary.meta.get("note") or ""),
                *summary.labels.values(),
                *(summary.meta.get("tags") or []),
            ]
        ).lower()
        return (
            all(word in hay for word in self.search.lower().split())
            and (not self.states or summary.status.state in self.states)
            and (not self.whose or WHOSE[self.whose] is summary.is_shipped)
        )


def draw_row(home: Home, summary: RunSummary, *, actions: bool = True) -> None:
    """Draw one run."""
    with st.container(border=True, key=f"run-row-{summary.id}"):
        picture, words, buttons = st.columns([1, 5, 3], vertical_alignment="center")
        with picture:
            image = thumbnail(summary.folder)
            if image is not None:
                st.image(image, width=84, output_format="PNG")
            else:
                st.markdown(":gray[no picture yet]")
        with words:
            _draw_words(summary)
        with buttons:
            _draw_buttons(home, summary, actions=actions)


def draw_problem_and_undo(home: Home) -> None:
    """Say what went wrong, and offer the way back after a deletion."""
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(problem, icon=":material/error:")
    deleted = st.session_state.get(_DELETED)
    if deleted:
        with st.container(horizontal=True, vertical_alignment="center", key="undo-delete"):
            st.info(f"{deleted[1]} is in the trash.", icon=":material/delete:")
            st.button("Undo", icon=":material/undo:", on_click=_undo, args=(home,), key="undo")


def _draw_words(summary: RunSummary) -> None:
    status = summary.status
    badge = SHIPPED_BADGE if summary.is_shipped else texts.state_badge(status.state)
    st.markdown(f"**{texts.escape(summary.name)}** {badge} {trouble_badges(summary)}")
    recipe = summary.labels.get("recipe", "")
    title = RECIPES[recipe].title if recipe in RECIPES else recipe
    data = summary.data.get("name") or summary.labels.get("dataset", "")
    created = texts.ago(float(summary.meta.get("created_at") or status.changed_at))
    steps = f"step {status.step:,} of {status.n_steps:,}" if status.n_steps else "not started"
    st.caption(f"{title} · {data} · {steps} · {created}")
    losses = [
        f"{label} {status.last_metrics[key]:.2f}"
        for key, label in (("loss/d", "D loss"), ("loss/g", "G loss"))
        if key in status.last_metrics
    ]
    if found := texts.measured(summary):
        label, figure = found  # named with its features: those of others cannot be compared
        losses.append(f"{label} {figure['distance']:.3g} ({figure['features']})")
    note = str(summary.meta.get("note") or "")
    tags = " ".join(f":gray-badge[{texts.escape(t)}]" for t in summary.meta.get("tags") or [])
    extra = " · ".join([*losses, *([texts.escape(note)] if note else [])])
    if extra or tags:
        st.caption(f"{extra} {tags}")


def _draw_buttons(home: Home, summary: RunSummary, *, actions: bool) -> None:
    run_id = summary.id
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button("Open", key=f"open-{run_id}", type="primary"):
            address.go_to_run(run_id)
        if not actions:
            return
        state = summary.status.state
        if is_over(state) and state is not RunState.COMPLETED:
            _button("Resume", f"resume-{run_id}", lambda: control.resume(home, summary.folder))
        elif is_live(state) or state is RunState.QUEUED:
            _button("Stop", f"stop-{run_id}", lambda: control.stop(home, summary.folder))
        with st.popover("More", icon=":material/more_horiz:"):
            _draw_rename(summary)
            if st.button("Change and train", key=f"dup-{run_id}", icon=":material/edit:"):
                address.go_to_setup(template=run_id)
            if is_over(state):
                _button("Delete", f"delete-{run_id}", lambda: _delete(home, summary))


def _draw_rename(summary: RunSummary) -> None:
    key = f"rename-{summary.id}"
    st.text_input(
        "Name", value=summary.name, key=key, max_chars=80, on_change=_rename, args=(summary, key)
    )


def _rename(summary: RunSummary, key: str) -> None:
    name = str(st.session_state[key]).strip()
    if name:
        _guarded(lambda: _set_name(summary, name))


def _set_name(summary: RunSummary, name: str) -> None:
    with RunStore.open(summary.folder.db_path) as store:
        store.set_meta("name", name)


def _delete(home: Home, summary: RunSummary) -> None:
    delete_run(home, summary.folder)
    st.session_state[_DELETED] = (summary.id, summary.name)


def _undo(home: Home) -> None:
    run_id, _ = st.session_state.pop(_DELETED)
    _guarded(lambda: restore_run(home, run_id))


def _button(label: str, key: str, action: Callable[[], object]) -> None:
    st.button(label, key=key, on_click=_guarded, args=(action,))


def _guarded(action: Callable[[], object]) -> None:
    try:
        action()
    except GanError as error:
        st.session_state[_PROBLEM] = str(error)
