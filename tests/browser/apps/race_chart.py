"""A page with the live chart on means and bands over seeds, as a comparison draws them."""

import time

import numpy as np
import streamlit as st

from gan.comparing.course import Course
from gan.comparing.thinned import StepMeans
from gan.figures.colours import VARIANT_INKS
from gan.figures.race_curves import RaceRun, dense_curves
from pages.widgets.components.live_chart import Style, live_chart

KEYS = ("loss/g", "time/elapsed_s")
LABELS = ("SGD", "RMSprop", "Adam")


def main() -> None:
    st.set_page_config(layout="wide")
    st.title("Race")
    st.toggle("Log scale", key="log_y")
    runs = st.session_state.setdefault("runs", make_runs())
    st.fragment(live, run_every=1)(runs)


def make_runs() -> list[RaceRun]:
    return [RaceRun(i // 3, Course(StepMeans(KEYS))) for i in range(9)]


def live(runs: list[RaceRun]) -> None:
    rng = np.random.default_rng(0)
    for i, run in enumerate(runs):
        first = run.course.numbers.last_step + 1
        last = first + (1999 if first == 1 else 99)
        if i == 1 and last > 1500:  # a seed that diverged
            last = 1500
        steps = np.arange(first, last + 1)
        level = (0.7, 1.1, 2.0)[run.variant] + 0.15 * (i % 3)
        losses = level * np.exp(-steps / 4000) + 0.1 * rng.standard_normal(len(steps))
        run.course.numbers.add(KEYS, steps, np.stack([losses, steps / 50], axis=1))
    curves = dense_curves(runs, "loss/g", smoothing=0.6)
    st.text(f"drawn at {time.time():.0f}")
    names = [LABELS[curve.variant] for curve in curves]
    live_chart(
        [curve.trace(name) for curve, name in zip(curves, names, strict=True)],
        key="race", x_title="step", y_title="loss of G (nats)", height_px=400,
        alt="Loss of G of three variants", log_y=bool(st.session_state.get("log_y")),
        styles={n: Style(n, VARIANT_INKS[c.variant]) for c, n in zip(curves, names, strict=True)},
    )  # fmt: skip


main()
