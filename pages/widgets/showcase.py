"""A trained generator on the first screen: its wall, new pictures from it, how it learned."""

import io
import secrets
from bisect import bisect_right
from dataclasses import replace
from pathlib import Path

import streamlit as st
from PIL import Image

from gan.errors import GanError
from gan.runs.control import RunSummary
from gan.runs.drawing import draw_pictures
from gan.runs.folder import Home
from gan.runs.rows import Sample
from gan.runs.sheets import n_columns
from gan.runs.store import RunStore
from pages.widgets import address, texts
from pages.widgets.components.sample_wall import Sheet, sample_wall, wanted_step
from pages.widgets.run.continuing import draw_continue

_WALL_PX = (750, 430)  # about as large as a wall may be for its buttons to stay in sight


def draw_showcase(home: Home, shipped: list[RunSummary]) -> None:
    """Draw one of the generators that come with the product, chosen by the visitor."""
    summary = _choose(shipped)
    st.caption(texts.escape(str((summary.meta.get("shipped") or {}).get("sentence", ""))))
    drawn_key = f"showcase-drawn-{summary.id}"
    wall = st.container(key="showcase-wall")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        pressed = st.button(
            "Draw new ones", icon=":material/brush:", key="showcase-draw",
            help="From new random numbers z: pictures that nobody has seen before.",
        )  # fmt: skip
        if drawn_key in st.session_state and st.button(
            "Back", icon=":material/undo:", key="showcase-back", type="tertiary"
        ):
            st.session_state.pop(drawn_key)
            st.rerun()
        if st.button("Explore", icon=":material/explore:", key="showcase-explore"):
            address.go_to_explore(summary.id)
        if st.button("How it learned", icon=":material/monitoring:", key="showcase-open"):
            address.go_to_run(summary.id)
        with st.popover("Continue training", icon=":material/fork_right:"):
            draw_continue(home, summary, place="showcase")
    with wall:
        if pressed:
            _draw_new(home, summary, drawn_key)
        _draw_wall(summary, drawn_key)


def _choose(shipped: list[RunSummary]) -> RunSummary:
    by_id = {summary.id: summary for summary in sorted(shipped, key=lambda s: s.id)}
    if len(by_id) == 1:
        (summary,) = by_id.values()
        st.markdown(f"#### {texts.escape(summary.name)}")
        return summary
    chosen = st.selectbox(
        "Trained beforehand", list(by_id), format_func=lambda i: by_id[i].name, key="showcase"
    )
    return by_id[chosen]


def _draw_new(home: Home, summary: RunSummary, drawn_key: str) -> None:
    seed = secrets.randbelow(1_000_000)
    try:
        with st.spinner("Drawing: another process loads the network, a few seconds …"):
            n = int(_samples(summary)[-1].payload["n"])
            png = draw_pictures(home, summary.folder, n=n, seed=seed)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.session_state[drawn_key] = (seed, png)
    st.rerun()  # with the button that leads back


def _draw_wall(summary: RunSummary, drawn_key: str) -> None:
    """Draw what was drawn just now, else the course of training with its slider."""
    try:
        samples = _samples(summary)
        if not samples:
            st.caption("It has no pictures.")
            return
        key = f"showcase-wall-{summary.id}"
        max_rows = _rows_in_sight(samples[-1])
        if drawn_key in st.session_state:
            seed, png = st.session_state[drawn_key]
            sample_wall(
                _drawn_sheet(samples[-1], summary, seed, png), key=f"{key}-drawn",
                series=f"{summary.id}/drawn-{seed}", max_rows=max_rows,
            )  # fmt: skip
            return
        steps = [sample.step for sample in samples]
        wanted = wanted_step(key)
        sample = samples[-1 if wanted is None else max(0, bisect_right(steps, wanted) - 1)]
        sample_wall(
            _sheet(sample, summary), key=key, series=f"{summary.id}/showcase", step=sample.step,
            steps=steps, max_rows=max_rows,
        )  # fmt: skip
    except (GanError, OSError) as error:
        st.warning(f"The pictures cannot be read ({error}).", icon=":material/warning:")


def _rows_in_sight(sample: Sample) -> int:
    """Return how many rows of pictures to show, enlarged as the wall will enlarge them."""
    width, height = int(sample.payload["width_px"]), int(sample.payload["height_px"])
    scale = max(1, _WALL_PX[0] // (n_columns(int(sample.payload["n"])) * width))
    return max(2, _WALL_PX[1] // (height * scale))


def _samples(summary: RunSummary) -> list[Sample]:
    with RunStore.open(summary.folder.db_path) as store:
        return store.read_samples("ema") or store.read_samples("generator")


def _sheet(sample: Sample, summary: RunSummary) -> Sheet:
    path = summary.folder.path / sample.path
    epoch = sample.step / float(summary.data.get("steps_per_epoch") or 1.0)
    return Sheet(
        png=_read(str(path)),
        n=int(sample.payload["n"]),
        width_px=int(sample.payload["width_px"]),
        height_px=int(sample.payload["height_px"]),
        title=f"Generated · step {sample.step:,} · epoch {epoch:.1f}",
        alt=f"{sample.payload['n']} generated pictures after step {sample.step:,}",
        file_name=f"{summary.id}-{Path(sample.path).name}",
    )


def _drawn_sheet(sample: Sample, summary: RunSummary, seed: int, png: bytes) -> Sheet:
    """Return new pictures, which are of the size of a sample's."""
    Image.open(io.BytesIO(png)).verify()
    return replace(
        _sheet(sample, summary),
        png=png,
        title=f"Drawn just now · seed {seed}",
        alt=f"{sample.payload['n']} new pictures from random numbers of seed {seed}",
        file_name=f"{summary.id}-seed-{seed}.png",
    )


@st.cache_data(max_entries=64, show_spinner=False)
def _read(path: str) -> bytes:
    return Path(path).read_bytes()
