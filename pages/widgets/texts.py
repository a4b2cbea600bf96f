"""How numbers and states read, the same on every page."""

import time
from datetime import datetime
from typing import Any

from gan.runs.control import RunSummary
from gan.runs.states import RunState, is_live

STATE_ICONS = {
    RunState.QUEUED: ":material/hourglass_empty:",
    RunState.RUNNING: ":material/play_arrow:",
    RunState.PAUSED: ":material/pause:",
    RunState.STOPPED: ":material/stop:",
    RunState.COMPLETED: ":material/check_circle:",
    RunState.DIVERGED: ":material/trending_up:",
    RunState.FAILED: ":material/error:",
    RunState.INTERRUPTED: ":material/bolt:",
}
STATE_COLOURS = {
    RunState.QUEUED: "gray",
    RunState.RUNNING: "green",
    RunState.PAUSED: "orange",
    RunState.STOPPED: "gray",
    RunState.COMPLETED: "blue",
    RunState.DIVERGED: "red",
    RunState.FAILED: "red",
    RunState.INTERRUPTED: "red",
}
HEARTBEAT_STALE_S = 5.0


def duration(seconds: float) -> str:
    """Return a length of time in words: '45 s', '3 min 20 s', '2 h 5 min', '3 d 4 h'."""
    whole = max(0, round(seconds))
    units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")]
    for (size, name), (small, small_name) in zip(units, [*units[1:], (1, "s")], strict=True):
        if whole >= size > 1:
            rest = whole % size // small
            return f"{whole // size} {name}" + (f" {rest} {small_name}" if rest else "")
    return f"{whole} s"


def size(n_bytes: int) -> str:
    """Return a size with sensible digits: '820 kB', '3.4 MB', '4.5 GB'."""
    if n_bytes < 1_000_000:
        return f"{max(1, round(n_bytes / 1000))} kB"
    if n_bytes >= 1_000_000_000:
        return f"{n_bytes / 1_000_000_000:.1f} GB"
    return f"{n_bytes / 1_000_000:.1f} MB"


def ago(moment: float, now: float | None = None) -> str:
    """Return how long ago something was."""
    age = (time.time() if now is None else now) - moment
    if age < 10:
        return "just now"
    if age > 7 * 86_400:
        return f"{datetime.fromtimestamp(moment):%d %b %Y}"
    return f"{duration(age).split(' ', 2)[0]} {duration(age).split(' ', 2)[1]} ago"


def state_badge(state: RunState) -> str:
    """Return a state as a coloured badge in Markdown; the icon says the same as the colour."""
    return f":{STATE_COLOURS[state]}-badge[{STATE_ICONS[state]} {state}]"


def progress(summary: RunSummary) -> float:
    """Return how much of the run is done, from 0 to 1."""
    status, budget_s = summary.status, summary.meta.get("time_budget_s")
    if status.state is RunState.COMPLETED:  # perhaps by a rule, before its planned end
        return 1.0
    by_steps = status.step / status.n_steps if status.n_steps else 0.0
    return min(1.0, max(by_steps, status.elapsed_s / budget_s if budget_s else 0.0))


def measured(summary: RunSummary) -> tuple[str, dict[str, Any]] | None:
    """Return the run's best distance, else its newest one, and what to call it; None before any."""
    if best := summary.meta.get("best"):
        return "best distance", best
    if newest := summary.meta.get("quality"):
        return "distance", newest
    return None


def tab_title(summary: RunSummary) -> str:
    """Return what the browser's tab says about a run."""
    done = f" {100 * progress(summary):.0f}%" if is_live(summary.status.state) else ""
    return f"{summary.status.state}{done} · {summary.name}"


def time_left(summary: RunSummary, steps_per_s: float | None) -> str:
    """Return the time to the end, as planned or by the time budget, '' if nobody knows."""
    status = summary.status
    if not is_live(status.state) or not steps_per_s:
        return ""
    left_s = (status.n_steps - status.step) / steps_per_s
    budget_s = summary.meta.get("time_budget_s")
    return duration(min(left_s, max(0.0, budget_s - status.elapsed_s)) if budget_s else left_s)


def is_stale(summary: RunSummary) -> bool:
    """Tell whether a live run's worker has not reported for a while."""
    status = summary.status
    beat = status.heartbeat
    return is_live(status.state) and beat is not None and time.time() - beat > HEARTBEAT_STALE_S


def escape(text: str) -> str:
    """Return text that people wrote, such as a run's name, so that Markdown shows it as it is."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|<>~$:" else c for c in text)
