"""Outcomes are what the runs' own workers wrote down."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from tiny_runs import tiny
from trained_comparison import train_comparison

from gan.comparing.outcomes import RunOutcome
from gan.figures.comparison_html import comparison_report
from gan.figures.race import RaceFeed, Racer
from gan.runs.comparisons.outcomes import judge_comparison, outcome_of, read_outcomes
from gan.runs.comparisons.store import run_of
from gan.runs.courses import CourseReader
from gan.runs.states import RunState
from gan.runs.store import RunStore


@pytest.fixture(scope="module")
def trained(tmp_path_factory, forge):
    return train_comparison(tmp_path_factory.mktemp("compared"), forge, tiny())


@pytest.fixture(scope="module")
def outcomes(trained) -> list[RunOutcome]:
    found, problems = read_outcomes(*trained)
    assert problems == []
    return found


def stored(trained, outcome: RunOutcome, key: str):
    """All steps and values of a key, as they are in the run's database."""
    home, _ = trained
    with RunStore.open(run_of(home, outcome.run_id).db_path) as store:
        chunks = [c for c in store.read_metrics() if key in c.keys]
    steps = np.concatenate([chunk.steps for chunk in chunks])
    return steps, np.concatenate([c.values[:, c.keys.index(key)] for c in chunks])


def test_every_run_of_the_race_has_an_outcome(outcomes):
    assert [(o.variant, o.seed) for o in outcomes] == [(v, s) for s in (0, 1) for v in (0, 1, 2)]
    assert {o.ending for o in outcomes if o.variant < 2} == {"completed"}
    assert {o.ending for o in outcomes if o.variant == 2} == {"diverged"}
    assert {o.step for o in outcomes if o.variant < 2} == {24}


def test_distances_are_the_measured_ones_at_the_same_steps(trained, outcomes):
    for outcome in outcomes[:2]:
        steps, values = stored(trained, outcome, "quality/distance")
        assert [m.step for m in outcome.measured] == steps.tolist()
        assert [m.distance for m in outcome.measured] == pytest.approx(values.tolist())
        assert outcome.best.distance == pytest.approx(values.min())
        assert outcome.features
    assert outcomes[0].measured[-1].step == 24


def test_late_means_are_those_of_the_last_fifth(trained, outcomes):
    steps, real = stored(trained, outcomes[0], "score/real")
    n = steps.max() + 1
    late = real[steps >= int(0.8 * n)]
    assert outcomes[0].score_real == pytest.approx(late.mean(), rel=1e-5)
    _, losses = stored(trained, outcomes[0], "loss/g")
    facts = outcomes[0].curve("loss/g")
    assert facts.roughness == pytest.approx(np.abs(np.diff(losses)).mean(), rel=1e-4)
    assert facts.early == pytest.approx(losses[steps < 5].mean(), rel=1e-5)


def test_the_verdict_of_a_real_comparison(trained, outcomes):
    verdict = judge_comparison(trained[1], outcomes)
    assert set(verdict.ranking) == {0, 1}
    assert verdict.rows[2].n_diverged == 2
    assert "Wild diverged in every seed" in verdict.sentence
    assert "2 seeds are too few" in verdict.caution


def test_the_feed_tells_the_same_outcomes(trained, outcomes):
    home, _ = trained
    feed = RaceFeed(Racer(o.variant, o.seed, run_of(home, o.run_id)) for o in outcomes)
    feed.refresh()
    assert feed.outcomes() == outcomes
    assert [curve.variant for curve in feed.curves("loss/d_real")] == [0, 1, 2]
    assert [curve.n_seeds for curve in feed.curves("quality/distance")][:2] == [2, 2]


def test_a_run_that_cannot_be_read_is_named(trained):
    home, comparison = trained
    place = (comparison.variants[0].key, 0)
    broken = replace(comparison, members={**comparison.members, place: "gone"})
    outcomes, problems = read_outcomes(home, broken)
    assert len(outcomes) == 5
    assert problems[0].startswith(f"{comparison.variants[0].label}, seed 0:")


@pytest.mark.parametrize(
    ("state", "message", "is_paused", "ending"),
    [
        (RunState.STOPPED, "", False, "stopped"),
        (RunState.STOPPED, "", True, "going"),
        (RunState.INTERRUPTED, "", False, "going"),
        (RunState.QUEUED, "", False, "going"),
        (RunState.FAILED, "no disk", False, "failed"),
        (RunState.DIVERGED, "", True, "diverged"),
    ],
)
def test_how_a_run_ended_follows_its_state(trained, state, message, is_paused, ending):
    home, comparison = trained
    reader = CourseReader(run_of(home, next(iter(comparison.members.values()))))
    summary = reader.refresh()
    summary = replace(summary, status=replace(summary.status, state=state, message=message))
    assert outcome_of(0, 0, summary, reader.course, is_paused=is_paused).ending == ending


def test_collapse_counts_at_the_end_only(trained):
    home, comparison = trained
    reader = CourseReader(run_of(home, next(iter(comparison.members.values()))))
    summary = reader.refresh()
    found = replace(summary, meta={**summary.meta, "findings": [{"name": "mode-collapse"}]})
    assert outcome_of(0, 0, found, reader.course).has_collapsed
    going = replace(found, status=replace(found.status, state=RunState.RUNNING))
    assert not outcome_of(0, 0, going, reader.course).has_collapsed


class Tags(HTMLParser):
    """All tags of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_the_report_of_a_real_comparison_needs_nothing_else(trained):
    home, comparison = trained
    html = comparison_report(home, comparison, command="python -m gan compare <X>")
    page = Tags(html)
    sources = [attrs["src"] for tag, attrs in page.tags if tag == "img"]
    assert len(sources) >= 3
    for source in sources:
        kind, _, data = source.partition("base64,")
        assert kind == "data:image/png;"
        Image.open(io.BytesIO(base64.b64decode(data))).verify()
    assert not re.search(r"(?:src|href)=.https?:|<script|<link|url\(", html)
    assert sum(tag == "svg" for tag, _ in page.tags) == 4
    for words in ("Wild diverged in every seed", "the z of every step", "gan compare <X>",
                  "2 seeds are too few", "Final distance", "its last"):  # fmt: skip
        assert words in page.text
    assert len(html) < 3_000_000
