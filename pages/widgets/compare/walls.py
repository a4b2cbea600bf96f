"""The walls of all variants at the same step, from the same z."""

from functools import partial
from pathlib import Path

import streamlit as st

from gan.comparing.fairness import ASPECTS, judge_fairness
from gan.errors import StoreError
from gan.runs.comparisons import Comparison, ComparisonProgress, MemberProgress
from gan.runs.rows import Sample
from gan.runs.store import RunStore
from pages.widgets.compare.marks import ink_of
from pages.widgets.components.linked_walls import Wall, linked_walls

_KINDS = {"ema": "averaged (EMA)", "generator": "as trained"}


def draw_walls(comparison: Comparison, progress: ComparisonProgress, *, large: bool) -> None:
    """Draw one wall a variant, of the seed and the generator that are chosen."""
    seeds = comparison.design.seeds
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        seed = seeds[0]
        if len(seeds) > 1:
            chosen = st.segmented_control(
                "Seed", seeds, default=seeds[0], key="compare_walls_seed",
                format_func=lambda each: f"seed {each}", label_visibility="collapsed",
                help="All variants of a seed began alike and see the same pictures and the same z.",
            )  # fmt: skip
            seed = seeds[0] if chosen is None else chosen
        members = [member for member in progress.members if member.seed == seed]
        samples = {member.variant.key: _samples(member) for member in members}
        kind = _choose_kind(samples)
    paths = {
        key: {s.step: s for s in of_kinds.get(kind) or next(iter(of_kinds.values()), [])}
        for key, of_kinds in samples.items()
    }
    linked_walls(
        [_wall(member, kind, paths[member.variant.key]) for member in members],
        partial(_read, members, paths),
        key=f"compare-walls-{comparison.id}-{seed}-{kind}",
        legend=_legend(comparison),
        file_name=f"{comparison.id}-seed-{seed}",
        large=large,
    )


def _legend(comparison: Comparison) -> str:
    if ASPECTS["fixed_z"] in judge_fairness(comparison.design).equal:
        return "The same random numbers z at the same place of every wall."
    return "The varied setting changes z itself, so the same place shows different z here."


def _choose_kind(samples: dict[str, dict[str, list[Sample]]]) -> str:
    kinds = [kind for kind in _KINDS if any(kind in of_kinds for of_kinds in samples.values())]
    if len(kinds) < 2:
        return kinds[0] if kinds else "generator"
    kind = st.segmented_control(
        "Generator", kinds, format_func=lambda k: _KINDS[k], default=kinds[0],
        key="compare_walls_kind", label_visibility="collapsed",
    )  # fmt: skip
    return kind or kinds[0]


def _samples(member: MemberProgress) -> dict[str, list[Sample]]:
    """Return a run's saved sample grids by their kind, oldest first; none if it has no run yet."""
    if member.summary is None:
        return {}
    found: dict[str, list[Sample]] = {}
    try:
        with RunStore.open(member.summary.folder.db_path) as store:
            for sample in store.read_samples():
                if sample.kind in _KINDS:
                    found.setdefault(sample.kind, []).append(sample)
    except StoreError:
        return {}
    return found


def _wall(member: MemberProgress, kind: str, samples: dict[int, Sample]) -> Wall:
    variant = member.variant
    newest = samples[max(samples)] if samples else None
    run_id = member.summary.id if member.summary else ""
    return Wall(
        key=variant.key,
        label=variant.label,
        ink=ink_of(variant.index),
        series=f"{run_id}/{newest.kind if newest else kind}",
        steps=sorted(samples),
        n=int(newest.payload["n"]) if newest else 0,
        width_px=int(newest.payload["width_px"]) if newest else 1,
        height_px=int(newest.payload["height_px"]) if newest else 1,
        note=_note(member),
    )


def _note(member: MemberProgress) -> str:
    match member.stage:
        case "diverged":
            return f"Diverged at step {member.step:,}."
        case "failed" | "stopped" | "interrupted":
            return f"{member.stage.capitalize()} at step {member.step:,}."
        case "queued":
            return "Waits for its turn."
        case _:
            return ""


def _read(
    members: list[MemberProgress], paths: dict[str, dict[int, Sample]], key: str, step: int
) -> bytes | None:
    member = next(member for member in members if member.variant.key == key)
    if member.summary is None:
        return None
    try:
        return _bytes(str(member.summary.folder.path / paths[key][step].path))
    except OSError:
        return None


@st.cache_data(max_entries=256, show_spinner=False)
def _bytes(path: str) -> bytes:
    return Path(path).read_bytes()
