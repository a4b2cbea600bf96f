"""What to evaluate: a run, a saved step, how many samples, in which features; perhaps another step
beside it. All of it stands in the address, so that a link opens the same."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from gan.data.catalog import DATASETS
from gan.errors import GanError
from gan.features.catalog import FEATURES, default_features
from gan.features.weights import has_weights
from gan.runs.control import RunSummary, saved_steps, summarise_all
from gan.runs.evaluations import Question
from gan.runs.folder import RunFolder
from pages.widgets import address
from pages.widgets.resources import config_of, home

MIN_SAMPLES, MAX_SAMPLES, SAMPLES = 100, 100_000, 10_000


@dataclass(frozen=True)
class Chosen:
    """One thing to evaluate: which checkpoint of which run, and how."""

    folder: RunFolder
    name: str
    question: Question

    @property
    def title(self) -> str:
        return f"{self.name} · step {self.question.step:,}"


def choose() -> list[Chosen] | None:
    """Draw the form; return one choice, or two to stand side by side, None if there is no run."""
    runs = _measurable()
    if not runs:
        return None
    by_id = {summary.id: summary for summary in runs}
    wanted = address.parameter("run")
    if wanted and wanted not in by_id:
        st.warning(
            f"The run {wanted!r} is not here, or has no saved step (any more): choose another.",
            icon=":material/warning:",
        )
    left, right = st.columns([3, 2])
    with left:
        run = _pick_run("Run", by_id, "run")
    with right:
        step = _pick_step("Saved at step", run, "step")
    left, middle, right = st.columns([3, 1.2, 0.8], vertical_alignment="bottom")
    with left:
        features = _pick_features(run)
    with middle:
        n = _pick_n()
    with right:
        compare = st.toggle(
            "Compare", key="eval_compare", value=bool(address.parameter("with")),
            help="Measure a second saved step, of this or another run, in the same features and "
            "from the same number of samples.",
        )  # fmt: skip
    chosen = [Chosen(run.folder, run.name, Question(step, n, features))]
    other_id: str | None = None
    other_step: int | None = None
    if compare:
        left, right = st.columns([3, 2])
        with left:
            other = _pick_run("With run", by_id, "with")
        with right:
            other_step = _pick_step("Saved at step (second)", other, "with_step")
        other_id = other.id
        chosen.append(Chosen(other.folder, other.name, Question(other_step, n, features)))
    address.keep_parameters(
        run=run.id, step=step, n=n, features=features, **{"with": other_id, "with_step": other_step}
    )
    return chosen


def suiting_features(summary: RunSummary) -> str:
    """Return the features that suit a run's pictures."""
    name, channels, size_px = _pictures_of(summary)
    return default_features(name, channels, size_px)


def _measurable() -> list[RunSummary]:
    """Return the runs with a saved step, the newest first."""
    summaries, _ = summarise_all(home())
    return [summary for summary in summaries if _steps(summary.folder)]


def _steps(folder: RunFolder) -> list[int]:
    try:
        return saved_steps(folder)
    except GanError:
        return []


def _pick_run(label: str, by_id: dict[str, RunSummary], name: str) -> RunSummary:
    ids = list(by_id)
    _begin_with(f"eval_{name}", address.parameter(name), ids)
    chosen = st.selectbox(
        label, ids, key=f"eval_{name}", format_func=lambda run_id: _run_label(by_id[run_id]),
        help="Any run with a saved step: finished, or still training.",
    )  # fmt: skip
    return by_id[chosen]


def _run_label(summary: RunSummary) -> str:
    info = DATASETS.get(str(summary.data.get("name") or ""))
    data = f" · {info.title}" if info else ""
    return f"{summary.name}{data} · {summary.status.state}"


def _pick_step(label: str, summary: RunSummary, name: str) -> int:
    steps = _steps(summary.folder)
    best = (summary.meta.get("best") or {}).get("step")
    key = f"eval_{name}_{summary.id}"
    _begin_with(key, address.number_parameter(name), steps)
    step = st.selectbox(
        label, steps, key=key,
        format_func=lambda s: f"{s:,} · best so far" if s == best else f"{s:,}",
        help="Which checkpoint is measured; the best one is that with the lowest distance while "
        "training.",
    )  # fmt: skip
    return int(step)


def _pick_features(summary: RunSummary) -> str:
    suits = suiting_features(summary)
    names = [suits, *(name for name in FEATURES if name != suits and has_weights(name))]
    key = f"eval_features_{summary.id}"
    wanted = address.parameter("features")
    if wanted and wanted not in names and key not in st.session_state:
        st.warning(
            f"The features {wanted!r} are not on this machine: choose others.",
            icon=":material/warning:",
        )
    _begin_with(key, wanted, names)
    return str(
        st.selectbox(
            "Features", names, key=key,
            format_func=lambda name: FEATURES[name].title + (" · suits" if name == suits else ""),
            help="Which network looks at the pictures. Figures in different features cannot be "
            "compared.",
        )
    )  # fmt: skip


def _pick_n() -> int:
    wanted = address.number_parameter("n") or SAMPLES
    if "eval_n" not in st.session_state:
        st.session_state["eval_n"] = min(MAX_SAMPLES, max(MIN_SAMPLES, wanted))
    n = st.number_input(
        "Samples", MIN_SAMPLES, MAX_SAMPLES, step=1000, key="eval_n",
        help="As many real pictures are looked at, if there are so many. More samples give "
        "narrower intervals; only figures of equal counts may be compared.",
    )  # fmt: skip
    return int(n)


def _begin_with(key: str, wanted: Any, options: list[Any]) -> None:
    """Let a list start with what the address says, and never hold what is not in it."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = wanted if wanted in options else options[0]


def _pictures_of(summary: RunSummary) -> tuple[str, int, int]:
    """Return name, channels and size of the pictures that a run learns."""
    config = config_of(summary.id).data
    name = str(summary.data.get("name") or config.dataset)
    info = DATASETS.get(name) or DATASETS[config.dataset]
    channels = {"as-is": info.channels, "grey": 1, "rgb": 3}[config.colour]
    return name, channels, config.size_px or info.size_px
