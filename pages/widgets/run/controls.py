"""The buttons by which a run is steered; each writes one command for the worker."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from gan.errors import GanError
from gan.runs import control
from gan.runs.commands import CommandKind, send
from gan.runs.control import RunSummary
from gan.runs.folder import Home
from gan.runs.states import RunState, is_live
from pages.widgets.address import go_to_run, go_to_setup
from pages.widgets.resources import standby_keeper
from pages.widgets.run.continuing import draw_continue

_PROBLEM = "control_problem"
_ACTED = "control_acted"


def draw_controls(home: Home, summary: RunSummary) -> None:
    """Draw the row of buttons that fits the run's state."""
    if is_live(summary.status.state):
        _draw_live(summary)
    elif summary.status.state is RunState.QUEUED:
        _button("Take out of the queue", "stop", lambda: control.stop(home, summary.folder))
    else:
        _draw_ended(home, summary)
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(problem, icon=":material/error:")


def _draw_live(summary: RunSummary) -> None:
    paused = summary.status.state is RunState.PAUSED
    with st.container(horizontal=True, gap="small", width="content"):
        if paused:
            _command(summary, "Resume", "play_arrow", "resume", kind="primary")
        else:
            _command(summary, "Pause", "pause", "pause")
        _command(
            summary, "Step", "skip_next", "step", help_text="One step of both, then pause.",
            update="both",
        )  # fmt: skip
        _command(
            summary, "D", "skip_next", "step", update="d",
            help_text="Update the discriminator alone, then pause.",
        )  # fmt: skip
        _command(
            summary, "G", "skip_next", "step", update="g",
            help_text="Update the generator alone, then pause.",
        )  # fmt: skip
        _command(summary, "Save", "save", "save", help_text="Write a checkpoint now.")
        _command(summary, "Stop", "stop", "stop", help_text="Save and end; the run can be resumed.")
        with st.popover("Change", icon=":material/tune:", help="What may change while it trains"):
            draw_live_settings(summary)


def draw_live_settings(summary: RunSummary) -> None:
    """Draw the settings that take effect at the next step."""
    live = summary.status.live
    with st.form(f"live-{summary.id}", border=False):
        st.caption("Takes effect at the next step and keeps the optimisers' memory.")
        g_lr = st.number_input(
            "Learning rate of G", value=float(live.get("g_lr", 0.0)), format="%.6g", step=1e-5
        )
        d_lr = st.number_input(
            "Learning rate of D", value=float(live.get("d_lr", 0.0)), format="%.6g", step=1e-5
        )
        pace = st.number_input(
            "Pace limit (steps/s)",
            value=live.get("max_steps_per_s"),
            placeholder="full speed",
            min_value=0.01,
            help="Slows training down so that a class can follow; empty means full speed.",
        )
        more = st.number_input(
            "Train longer by (epochs)", value=0.0, min_value=0.0, step=1.0, format="%g"
        )
        if st.form_submit_button("Apply", type="primary", icon=":material/check:"):
            wanted = {"g_lr": g_lr, "d_lr": d_lr, "max_steps_per_s": pace}
            changes = {name: value for name, value in wanted.items() if value != live.get(name)}
            _guarded(lambda: _apply(summary, changes, more))


def _apply(summary: RunSummary, changes: dict[str, Any], more_epochs: float) -> None:
    if changes:
        send(summary.folder, "set", **changes)
    if more_epochs > 0:
        control.extend(Home(summary.folder.path.parents[1]), summary.folder, more_epochs)


def _draw_ended(home: Home, summary: RunSummary) -> None:
    folder = summary.folder
    with st.container(horizontal=True, gap="small", width="content"):
        if summary.status.state is not RunState.COMPLETED:
            _button(
                "Resume", "play_arrow", lambda: _queue_again(home, summary), kind="primary",
                help_text="Go on from the last checkpoint, exactly where it was.",
            )  # fmt: skip
        if summary.is_shipped:
            with st.popover("Continue training", icon=":material/fork_right:"):
                draw_continue(home, summary, place="run")
        else:
            _draw_longer(home, summary)
        if st.button(
            "Start over", icon=":material/replay:", key=f"over-{folder.id}",
            help="A new run with the same settings and the same seed.",
        ):  # fmt: skip
            _go_to_new(lambda: control.start_over(home, folder).id)
        if st.button(
            "Change and train", icon=":material/edit:", key=f"dup-{folder.id}",
            help="A new run that begins with this one's settings.",
        ):  # fmt: skip
            go_to_setup(template=folder.id)
        if summary.status.state is RunState.DIVERGED:
            _draw_lower_rates(home, summary)


def _draw_longer(home: Home, summary: RunSummary) -> None:
    """Offer to go on with the run itself, or with a copy from any saved step."""
    folder = summary.folder
    with st.popover("Train longer", icon=":material/add:"):
        more = st.number_input(
            "Further epochs", value=5.0, min_value=0.1, step=1.0, format="%g",
            key=f"more-{folder.id}",
        )  # fmt: skip
        _button("Extend", "add", lambda: control.extend(home, folder, more), kind="primary")
        if st.toggle(
            "As a copy instead", key=f"copy-{folder.id}",
            help="A new run that goes on from any saved step; this one stays as it is.",
        ):  # fmt: skip
            draw_continue(home, summary, place="run")


def _draw_lower_rates(home: Home, summary: RunSummary) -> None:
    live = summary.status.live
    if not live:
        return
    rates = {name: live[name] / 10 for name in ("g_lr", "d_lr")}
    _button(
        "Resume at a tenth of the learning rates", "healing",
        lambda: control.resume(home, summary.folder, **rates),
    )  # fmt: skip


def _queue_again(home: Home, summary: RunSummary) -> None:
    control.resume(home, summary.folder)
    standby_keeper().hold_back(15.0)


def _command(
    summary: RunSummary,
    label: str,
    icon: str,
    command: CommandKind,
    *,
    kind: str = "secondary",
    help_text: str | None = None,
    **payload: Any,
) -> None:
    _button(
        label,
        icon,
        lambda: send(summary.folder, command, **payload),
        kind=kind,
        help_text=help_text,
        key=f"{command}-{payload.get('update', '')}",
    )


def _button(
    label: str,
    icon: str,
    action: Callable[[], object],
    *,
    kind: str = "secondary",
    help_text: str | None = None,
    key: str | None = None,
) -> None:
    st.button(
        label,
        icon=f":material/{icon}:",
        key=f"control-{key or label}",
        type=kind,  # type: ignore[arg-type]
        help=help_text,
        on_click=_guarded,
        args=(action,),
    )


def _guarded(action: Callable[[], object]) -> None:
    """Do what a button says; what cannot be done is said in one sentence under the buttons."""
    st.session_state[_ACTED] = True
    try:
        action()
    except GanError as error:
        st.session_state[_PROBLEM] = str(error)


def has_acted() -> bool:
    """Tell once whether a button was pressed, after which the run is another than a moment ago."""
    return bool(st.session_state.pop(_ACTED, False))


def _go_to_new(make: Callable[[], str]) -> None:
    try:
        run_id = make()
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    go_to_run(run_id)
