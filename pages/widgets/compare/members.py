"""How far each run of a comparison is, and what can be done with one, with some or with all."""

from collections.abc import Callable
from html import escape

import streamlit as st

from gan.comparing.design import MAX_SEEDS, Variant
from gan.errors import GanError
from gan.runs import comparisons
from gan.runs.comparisons import Comparison, ComparisonProgress, MemberProgress
from pages.widgets import address, texts
from pages.widgets.compare.marks import mark
from pages.widgets.resources import home, look_anew

_PROBLEM = "compare_problem"
_ALL_VARIANTS = "all variants"
_ALL_SEEDS = "all seeds"
_GO_ON = ("paused", "stopped", "interrupted", "failed", "missing")
_STAGES = {
    "missing": ("?", "has no run yet"),
    "queued": ("…", "waits"),
    "running": ("▶", ""),
    "paused": ("⏸", "paused"),
    "stopped": ("■", "stopped"),
    "completed": ("✓", "done"),
    "diverged": ("⚡", "diverged"),
    "failed": ("✗", "failed"),
    "interrupted": ("✗", "interrupted"),
}


def draw_orders(comparison: Comparison, progress: ComparisonProgress) -> None:
    """Draw the buttons for the whole comparison, and the way to single variants and seeds."""
    stages = {member.stage for member in progress.members}
    if stages & {"running", "queued"}:
        _button(
            "Pause", ":material/pause:", "compare-pause",
            lambda: comparisons.pause(home(), comparison),
            "All runs save what they have and wait; the machine is free meanwhile.",
        )  # fmt: skip
    if stages & set(_GO_ON):
        _button(
            "Go on", ":material/play_arrow:", "compare-resume",
            lambda: comparisons.resume(home(), comparison),
            "What was paused or interrupted goes on where it was; what ended stays.",
        )  # fmt: skip
    with st.popover("Change", icon=":material/tune:", key="compare-change"):
        _draw_change(comparison, progress)
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(problem, icon=":material/error:")


def _draw_change(comparison: Comparison, progress: ComparisonProgress) -> None:
    variants = {variant.label: variant for variant in comparison.design.variants}
    label = st.selectbox("Which", [_ALL_VARIANTS, *variants], key="compare_which")
    seed_text = st.selectbox(
        "of", [_ALL_SEEDS, *(f"seed {s}" for s in comparison.design.seeds)], key="compare_of_seed"
    )
    variant = variants.get(label)
    seed = None if seed_text == _ALL_SEEDS else int(seed_text.removeprefix("seed "))
    meant = _meant(progress, variant, seed)
    where = {"variant": variant.key if variant else None, "seed": seed}
    stages = {member.stage for member in meant}
    with st.container(horizontal=True):
        _button(
            "Pause", ":material/pause:", "one-pause",
            lambda: comparisons.pause(home(), comparison, **where),
            disabled=not stages & {"running", "queued"},
        )  # fmt: skip
        _button(
            "Go on", ":material/play_arrow:", "one-resume",
            lambda: comparisons.resume(home(), comparison, **where),
            disabled=not stages & set(_GO_ON),
        )  # fmt: skip
        _button(
            "Stop", ":material/stop:", "one-stop",
            lambda: comparisons.stop(home(), comparison, **where),
            "Ends here and counts with what it reached.",
            disabled=not stages & {"running", "queued", "paused"},
        )  # fmt: skip
    if variant is not None:
        _draw_drop(comparison, variant)
    _draw_more_seeds(comparison)
    _draw_delete(comparison)


def _meant(
    progress: ComparisonProgress, variant: Variant | None, seed: int | None
) -> list[MemberProgress]:
    return [
        member
        for member in progress.members
        if (variant is None or member.variant.key == variant.key) and seed in (None, member.seed)
    ]


def _draw_drop(comparison: Comparison, variant: Variant) -> None:
    if variant.key in comparison.dropped:
        _button(
            f"Take {variant.label} back", ":material/undo:", "one-restore",
            lambda: comparisons.restore_variant(home(), comparison, variant.key),
        )  # fmt: skip
    else:
        _button(
            f"Drop {variant.label}", ":material/remove_circle:", "one-drop",
            lambda: comparisons.drop_variant(home(), comparison, variant.key),
            "Takes it out of the race and the verdict; its runs are kept.",
        )  # fmt: skip


def _draw_more_seeds(comparison: Comparison) -> None:
    seeds = comparison.design.seeds
    if len(seeds) >= MAX_SEEDS:
        return
    n = st.number_input(
        "More seeds", 1, MAX_SEEDS - len(seeds), 3 if len(seeds) <= MAX_SEEDS - 3 else 1, 1,
        key="compare_more", help="Every variant trains once more for each. From six seeds on a "
        "difference can be called significant.",
    )  # fmt: skip
    first = max(seeds) + 1
    _button(
        "Add seeds", ":material/add:", "add-seeds",
        lambda: comparisons.add_seeds(home(), comparison, list(range(first, first + int(n)))),
    )  # fmt: skip


def _draw_delete(comparison: Comparison) -> None:
    with_runs = st.toggle(
        "with its runs", value=True, key="compare_with_runs",
        help="They go to the trash; otherwise they stay as ordinary runs.",
    )  # fmt: skip
    if st.button("Delete the comparison", icon=":material/delete:", key="compare-delete"):
        try:
            comparisons.delete(home(), comparison, with_runs=bool(with_runs))
        except GanError as error:
            st.error(str(error), icon=":material/error:")
            return
        address.go_to_comparisons()


def _button(
    label: str,
    icon: str,
    key: str,
    action: Callable[[], object],
    help_text: str = "",
    *,
    disabled: bool = False,
) -> None:
    st.button(
        label, icon=icon, key=key, on_click=_guarded, args=(action,), help=help_text or None,
        disabled=disabled,
    )  # fmt: skip


def _guarded(action: Callable[[], object]) -> None:
    try:
        action()
    except GanError as error:
        st.session_state[_PROBLEM] = str(error)
    look_anew()


# ---- the table of runs ---------------------------------------------------------------------------


def draw_table(comparison: Comparison, progress: ComparisonProgress) -> None:
    """Draw every run's state, share, rate and time left: a row a variant, a column a seed."""
    by_place = {(m.variant.key, m.seed): m for m in progress.members}
    seeds = comparison.design.seeds
    head = "".join(f"<th>seed {seed}</th>" for seed in seeds)
    rows = "".join(
        f"<tr{' class=is-out' if variant.key in comparison.dropped else ''}>"
        f"<th scope=row>{mark(variant)}</th>"
        + "".join(_cell(by_place.get((variant.key, seed))) for seed in seeds)
        + "</tr>"
        for variant in comparison.design.variants
    )
    st.html(f"{_CSS}<div class=race-runs><table><tr><th></th>{head}</tr>{rows}</table></div>")


def _cell(member: MemberProgress | None) -> str:
    if member is None:
        return "<td>dropped</td>"
    sign, word = _STAGES[member.stage]
    percent = int(100 * member.share)
    parts = [word] if word else [f"{percent} %"]
    if member.stage == "running" and member.steps_per_s:
        parts.append(f"{member.steps_per_s:,.0f} steps/s")
        if member.left_s:
            parts.append(f"{texts.duration(member.left_s)} left")
    elif member.stage in ("paused", "stopped", "diverged", "interrupted", "failed"):
        parts.append(f"step {member.step:,}")
    text = f"{sign} {' · '.join(parts)}"
    title = escape(member.message or f"step {member.step:,}", quote=True)
    if member.summary is not None:
        text = f'<a href="train?run={member.summary.id}" target="_self">{text}</a>'
    bar = f'<div class="bar"><i class="{member.stage}" style="width:{percent}%"></i></div>'
    return f'<td title="{title}">{text}{bar}</td>'


_CSS = """
<style>
.race-runs { overflow-x: auto; }
.race-runs table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
.race-runs th, .race-runs td { text-align: left; padding: 4px 14px 4px 0; white-space: nowrap;
  font-size: 0.9rem; }
.race-runs td { min-width: 11.5rem; }
.race-runs th { font-weight: 600; }
.race-runs tr.is-out { opacity: 0.5; }
.race-runs a { color: inherit; text-decoration: none; }
.race-runs a:hover, .race-runs a:focus-visible { text-decoration: underline; }
.race-runs .bar { height: 4px; border-radius: 2px; background: rgba(128, 140, 155, 0.28); }
.race-runs .bar i { display: block; height: 4px; border-radius: 2px; background: #2f8fd6; }
.race-runs .bar i.diverged, .race-runs .bar i.failed, .race-runs .bar i.interrupted {
  background: #d64545; }
.race-runs .bar i.paused, .race-runs .bar i.stopped { background: #8794a3; }
</style>
"""
