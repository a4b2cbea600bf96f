"""How good a run's generator is at a saved step: every measure, with its meaning and interval."""

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from gan.errors import GanError
from gan.features.catalog import FEATURES, get_feature_info
from gan.features.weights import has_weights
from gan.figures.colours import GENERATED, REAL
from gan.figures.feed import RunFeed
from gan.metrics.catalog import MEASURES
from gan.runs.control import RunSummary, saved_steps
from gan.runs.evaluations import Question, evaluate_run, read_evaluation
from pages.widgets import texts
from pages.widgets.resources import home

_SUITS = "the one that suits the data"
_MANY = 10_000


def draw_evaluation(run_feed: RunFeed, summary: RunSummary) -> None:
    """Draw the form, and the answer to what it asks if it was asked before."""
    try:
        steps = saved_steps(run_feed.folder)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    if not steps:
        st.caption("There is nothing to measure before the first checkpoint, about a minute in.")
        return
    question = _ask(summary, steps)
    pressed = st.button(
        "Measure", icon=":material/speed:", type="primary", key=f"measure-{summary.id}"
    )
    answer = read_evaluation(run_feed.folder, question)
    if pressed and answer is None:
        try:
            with st.spinner("Measuring in another process; seconds for small grey pictures …"):
                answer = evaluate_run(home(), run_feed.folder, question)
        except GanError as error:
            st.error(str(error), icon=":material/error:")
    if answer is not None:
        _draw_answer(answer)


def _ask(summary: RunSummary, steps: list[int]) -> Question:
    best = (summary.meta.get("best") or {}).get("step")
    left, middle, right = st.columns(3)
    with left:
        step = st.selectbox(
            "Saved at step",
            steps,
            format_func=lambda s: f"{s:,} · best so far" if s == best else f"{s:,}",
            help="Which checkpoint is measured.",
        )
    with middle:
        n = st.number_input(
            "Samples", 100, 100_000, _MANY, step=1000,
            help="As many real pictures are looked at, if there are so many. More samples give "
            "narrower intervals; only figures of equal counts may be compared.",
        )  # fmt: skip
    with right:
        names = [name for name in FEATURES if has_weights(name)]
        features = st.selectbox(
            "Features",
            ["", *names],
            format_func=lambda name: FEATURES[name].title if name else _SUITS,
            help="Which network looks at the pictures. Figures in different features cannot be "
            "compared.",
        )
    return Question(int(step), int(n), str(features))


def _draw_answer(answer: dict[str, Any]) -> None:
    info = get_feature_info(answer["features"])
    st.markdown(
        f"Step **{answer['step']:,}**: {answer['n_fake']:,} samples against {answer['n_real']:,} "
        f"real pictures, as the **{info.title}** sees them ({texts.duration(answer['elapsed_s'])})."
    )
    st.caption(info.help_text)
    rows = [_row(name, figure) for name, figure in answer["figures"].items()]
    st.table(rows, border="horizontal", hide_index=True)  # unlike st.dataframe it wraps sentences
    if answer["classes"]:
        _draw_classes(answer["classes"])


def _row(name: str, figure: dict[str, float | None]) -> dict[str, str]:
    measure = MEASURES[name]
    low, high = figure["low"], figure["high"]
    return {
        "Measure": measure.title,
        "Value": f"{figure['value']:.4g}",
        "95 % interval": "" if low is None or high is None else f"{low:.4g} to {high:.4g}",
        "Better": measure.better + ("" if measure.ideal is None else f" ({measure.ideal:g})"),
        "What it means": measure.meaning,
        "Source": measure.source,
    }


def _draw_classes(classes: dict[str, dict[str, int]]) -> None:
    names = list(classes)
    figure = go.Figure(
        [
            go.Bar(name=title, x=names, y=[classes[n][key] for n in names], marker_color=ink.light)
            for title, key, ink in (
                ("real", "real", REAL),
                ("generated", "generated", GENERATED),
            )
        ]
    )
    figure.update_layout(
        barmode="group", height=300, margin={"l": 10, "r": 10, "t": 10, "b": 10},
        yaxis_title="pictures", xaxis_title="class, as the network sees it",
        legend={"orientation": "h", "y": 1.15},
    )  # fmt: skip
    st.plotly_chart(figure, config={"displayModeBar": False})
    st.caption("Classes that the generator leaves out, or draws too often, stand out here.")
