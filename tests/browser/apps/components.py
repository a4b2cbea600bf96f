"""A page with the live chart and the sample wall on numbers that grow by themselves."""

import io
import time

import numpy as np
import streamlit as st
from PIL import Image

from gan.figures.colours import TROUBLE
from gan.figures.series import SeriesBuffer
from pages.widgets.components.live_chart import Band, Line, Mark, chosen_window, live_chart
from pages.widgets.components.sample_wall import Sheet, sample_wall, wanted_step

KEYS = ("loss/d_real", "loss/d_fake", "loss/d", "loss/g")
N_START = 20_000
N_EACH = 50
MARKS = [
    Mark(4_000, "learning rate of D to 1e-4"),
    Mark(4_150, "learning rate of G to 1e-4"),
    Mark(4_300, "paused"),
    Mark(12_000, "2 D steps"),
    Mark(19_500, "one G step"),
]

BANDS = [Band(6_000, 9_000, "Mode collapse", "Diversity fell to 0.1.", TROUBLE)]


def main() -> None:
    st.set_page_config(layout="wide")
    st.title("Components")
    st.button("Run all", key="rerun")
    st.toggle("Empty", key="is_empty")
    feed = st.session_state.setdefault("feed", Feed())
    st.fragment(live, run_every=1)(feed)


class Feed:
    """Losses that look like a GAN's: noise, a slow drift, spikes."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)
        self.series = SeriesBuffer()
        self.refreshes = 0
        self.grow(N_START)

    def grow(self, n: int) -> None:
        steps = np.arange(self.series.n_rows, self.series.n_rows + n)
        noise = self.rng.standard_normal((n, 4)).astype(np.float32)
        spikes = (self.rng.random((n, 4)) < 0.0005) * self.rng.exponential(1.5, (n, 4))
        d_real = 0.62 - 0.2 * np.exp(-steps / 3000) + 0.06 * noise[:, 0] + spikes[:, 0]
        d_fake = 0.60 - 0.3 * np.exp(-steps / 5000) + 0.06 * noise[:, 1] + spikes[:, 1]
        g = 0.95 + 1.4 * np.exp(-steps / 4000) + 0.12 * noise[:, 3] + spikes[:, 3]
        values = np.stack([d_real, d_fake, d_real + d_fake, g, steps / 468, steps / 90], axis=1)
        self.series.append([*KEYS, "time/epoch", "time/elapsed_s"], steps, values)


def live(feed: Feed) -> None:
    feed.refreshes += 1
    feed.grow(N_EACH)
    st.text(f"refreshes {feed.refreshes} at {time.time():.0f}")
    window = chosen_window("losses")
    st.text(f"window {window}")
    series = SeriesBuffer() if st.session_state.get("is_empty") else feed.series
    left, right = st.columns([3, 2], gap="medium")
    with left:
        draw_chart(series, "losses", KEYS, window)
        draw_chart(series, "pair", KEYS[:2], chosen_window("pair"), lines=[Line(0.5, "even")])
    with right:
        draw_wall()


def draw_chart(series: SeriesBuffer, key: str, keys: tuple[str, ...], window, lines=()) -> None:
    traces = series.view(keys, x="step", smoothing=0.6, window=window, max_points=1200)
    if key == "losses":
        shown = (
            sum(1 for x in traces[0].x if window and window[0] <= x <= window[1]) if traces else 0
        )
        st.text(f"rows in window {shown}")
    live_chart(
        traces, key=key, x_title="step", y_title="loss (nats)", height_px=330,
        alt=f"{key} over the course of training", marks=MARKS if key == "losses" else (),
        bands=BANDS if key == "losses" else (), lines=lines,
        empty_text="The first numbers come in a moment.",
    )  # fmt: skip


def draw_wall() -> None:
    steps = list(range(0, 20_001, 500))
    step = wanted_step("wall")
    if step is not None:
        time.sleep(0.2)  # a slow disk
    step = steps[-1] if step is None else step
    st.text(f"wall step {wanted_step('wall')}")
    with_scores = st.toggle("Scores", key="scores")
    levels = [i / 63 for i in range(64)] if with_scores else []
    generated = Sheet(
        png=sheet_of(step), n=64, width_px=28, height_px=28,
        title=f"Generated · step {step:,} · epoch {step / 468:.1f}",
        alt=f"64 generated pictures after step {step:,}", file_name=f"step-{step}.png",
        badges=[f"{level:.0%}" for level in levels], levels=levels,
    )  # fmt: skip
    real = Sheet(sheet_of(-1), 64, 28, 28, "Real", "64 real pictures", "real.png")
    sample_wall(
        generated, key="wall", series="run-1/ema", step=step, steps=steps,
        legend="The number is D's score." if with_scores else "",
    )  # fmt: skip
    sample_wall(real, key="wall-real", series="run-1/real")


@st.cache_data
def sheet_of(step: int) -> bytes:
    """Rings that grow with the step, one phase a tile."""
    y, x = np.mgrid[:28, :28] - 13.5
    radius = np.hypot(x, y)
    tiles = [
        127 + 127 * np.cos(radius * (0.4 + i / 60) - step / 1500) * np.exp(-radius / 14)
        for i in range(64)
    ]
    rows = np.asarray(tiles).reshape(8, 8, 28, 28).transpose(0, 2, 1, 3).reshape(224, 224)
    buffer = io.BytesIO()
    Image.fromarray(rows.astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


main()
