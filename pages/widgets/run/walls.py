"""The walls of a run: samples from the same z at every step, beside real pictures."""

import math
from bisect import bisect_right
from dataclasses import replace
from pathlib import Path

import streamlit as st

from gan.errors import StoreError
from gan.figures.feed import RunFeed
from gan.losses.catalog import get_loss_info
from gan.runs.control import RunSummary, saved_steps
from gan.runs.rows import Sample
from pages.widgets import address, texts
from pages.widgets.components.sample_wall import (
    Picking,
    Sheet,
    clicked_tile,
    sample_wall,
    wanted_step,
)
from pages.widgets.resources import config_of

_KINDS = {"ema": "averaged (EMA)", "generator": "as trained"}
_MAX_STEPS = 1500  # positions of the slider
_PROBABILITY_LEGEND = (
    "The number is D's score: how probably D takes the picture for real. The thicker the frame, "
    "the better it fools D."
)
_SCORE_LEGEND = (
    "The number is D's raw score, no probability with this loss. The thicker the frame, the higher "
    "the score among these pictures."
)


def draw_walls(run_feed: RunFeed, summary: RunSummary, *, large: bool) -> None:
    """Draw the newest sample grid, or the one that the slider rests on, beside real pictures."""
    kinds = [kind for kind in _KINDS if run_feed.samples.get(kind)]
    if not kinds:
        with st.container(height=560, border=True, vertical_alignment="center"):
            st.markdown(
                ":gray[The first samples come with the first step.]", text_alignment="center"
            )
        return
    kind, with_scores = _draw_options(kinds)
    samples = run_feed.samples[kind]
    key = f"wall-{summary.id}"
    sample = _at_step(samples, wanted_step(key))
    legend = ""
    try:
        generated = _generated_sheet(run_feed, sample, summary)
        if with_scores:
            generated, legend = _with_scores(run_feed, generated, sample.payload.get("scores", []))
        real = _real_sheet(run_feed, summary)
    except OSError as error:
        st.warning(f"The pictures cannot be read ({error}).", icon=":material/warning:")
        return
    steps = _steps_of(run_feed)
    _follow_click(run_feed, key, steps, raw=kind == "generator")
    left, right = st.columns([3.4, 1], gap="small")
    with left:
        sample_wall(
            generated,
            key=key,
            series=f"{summary.id}/{kind}",
            step=sample.step,
            steps=_thin(sorted({s.step for s in samples})),
            legend=legend,
            large=large,
            picking=Picking("Open in latent space: picture") if steps else None,
        )
    if real is not None:
        with right:
            sample_wall(
                real, key=f"{key}-real", series=f"{summary.id}/real", max_rows=8, large=large
            )
    st.caption(
        f"{_same_or_new(run_feed)} Look for variety: many alike pictures mean mode collapse."
        + (" Click one to open it in latent space." if steps else "")
    )
    st.caption(f":material/database: {texts.escape(str(summary.data.get('why', '')))}")


def _steps_of(run_feed: RunFeed) -> list[int]:
    """Return the steps at which the run's networks are saved."""
    try:
        return saved_steps(run_feed.folder)
    except StoreError:
        return []


def _follow_click(run_feed: RunFeed, key: str, steps: list[int], *, raw: bool) -> None:
    """Open a tile that was clicked in latent space: its z, drawn by the nearest saved networks."""
    click = clicked_tile(key)
    if click is None or not steps:
        return
    nearest = min(steps, key=lambda step: abs(step - click.step))
    if nearest != click.step and config_of(run_feed.folder.id).output.sample_z == "fresh":
        st.toast(
            f"The random numbers of step {click.step:,} were not kept: choose a step that was "
            f"saved, such as {nearest:,}.",
            icon=":material/info:",
        )
        return
    address.go_to_explore(run_feed.folder.id, tile=click.tile, step=nearest, raw=raw)


def _same_or_new(run_feed: RunFeed) -> str:
    if config_of(run_feed.folder.id).output.sample_z == "fresh":
        return "New random numbers z for each grid."
    return (
        "The same random numbers z, drawn again as training goes on, so each place shows how one "
        "picture changes."
    )


def _draw_options(kinds: list[str]) -> tuple[str, bool]:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="wall-opts"):
        kind = st.segmented_control(
            "Generator", kinds, format_func=lambda k: _KINDS[k], default=kinds[0],
            key="wall_kind", label_visibility="collapsed",
        )  # fmt: skip
        with_scores = st.toggle(
            "D's score", key="wall_scores", help="Which of these fakes fool the discriminator?"
        )
    return kind or kinds[0], bool(with_scores)


def _at_step(samples: list[Sample], step: int | None) -> Sample:
    """Return the newest sample, or the newest one that is not after `step`."""
    if step is None:
        return samples[-1]
    position = bisect_right([sample.step for sample in samples], step)
    return samples[max(0, position - 1)]


def _with_scores(run_feed: RunFeed, sheet: Sheet, scores: list[float]) -> tuple[Sheet, str]:
    """Write D's scores on the tiles; return with them how to read them."""
    info = get_loss_info(config_of(run_feed.folder.id).loss.name)
    if info.output == "probability":
        levels = [_sigmoid(score) for score in scores]
        badges, legend = [f"{100 * level:.0f}%" for level in levels], _PROBABILITY_LEGEND
    else:
        low, span = min(scores, default=0.0), max(scores, default=0.0) - min(scores, default=0.0)
        levels = [(score - low) / (span or 1.0) for score in scores]
        badges, legend = [f"{score:.2g}" for score in scores], _SCORE_LEGEND
    rounded = tuple(round(level, 3) for level in levels)
    return replace(sheet, badges=tuple(badges), levels=rounded), legend


def _generated_sheet(run_feed: RunFeed, sample: Sample, summary: RunSummary) -> Sheet:
    in_an_epoch = summary.data.get("steps_per_epoch") or summary.data.get("n_batches")
    epoch = f" · epoch {sample.step / in_an_epoch:.1f}" if in_an_epoch else ""
    return Sheet(
        png=_read(str(run_feed.folder.path / sample.path)),
        n=int(sample.payload["n"]),
        width_px=int(sample.payload["width_px"]),
        height_px=int(sample.payload["height_px"]),
        title=f"Generated · step {sample.step:,}{epoch}",
        alt=f"{sample.payload['n']} generated pictures after step {sample.step:,}",
        file_name=f"{summary.id}-{Path(sample.path).name}",
    )


def _real_sheet(run_feed: RunFeed, summary: RunSummary) -> Sheet | None:
    samples = run_feed.samples.get("real")
    if not samples:
        return None
    real = samples[-1]
    name = str(summary.data.get("name") or "the data")
    return Sheet(
        png=_read(str(run_feed.folder.path / real.path)),
        n=int(real.payload["n"]),
        width_px=int(real.payload["width_px"]),
        height_px=int(real.payload["height_px"]),
        title="Real",
        alt=f"Real pictures from {name}",
        file_name=f"{summary.id}-real.png",
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _read(path: str) -> bytes:
    return Path(path).read_bytes()


def _thin(steps: list[int]) -> list[int]:
    if len(steps) <= _MAX_STEPS:
        return steps
    stride = math.ceil(len(steps) / _MAX_STEPS)
    return [*steps[:-1:stride], steps[-1]]


def _sigmoid(score: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, score))))
