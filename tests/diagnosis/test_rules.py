"""Each trouble is named when its signs are there, and a healthy course is left alone."""

import numpy as np
import pytest

from gan.config import RunConfig
from gan.diagnosis.catalog import FINDINGS
from gan.diagnosis.findings import diagnose
from gan.diagnosis.history import History, history_of
from gan.diagnosis.rules import RULES
from gan.diagnosis.signs import SIGNS, measure_signs
from gan.diagnosis.thresholds import THRESHOLDS
from gan.keys import METRIC_KEYS

N = 2000
STEPS = np.arange(1, N + 1)
T = STEPS / N
NOISE = np.random.default_rng(0).normal(size=(12, N))


def course(**changed: np.ndarray) -> History:
    """Return a healthy run's numbers, but for the given ones (`quality__distance=…`)."""
    series = {
        "loss/d": 1.0 + 0.1 * NOISE[0],
        "loss/g": 1.0 + 0.1 * NOISE[1],
        "balance/separation": 1.0 + np.exp(-8 * T) + 0.3 * NOISE[2],
        "grad/g_norm": 0.5 * np.exp(0.1 * NOISE[3]),
        "grad/d_norm": 1.0 * np.exp(0.1 * NOISE[4]),
        "samples/diversity": 0.4 + 0.4 * T,
        "samples/drift": 0.3 + 0.02 * NOISE[5],
        "quality/distance": 400 * np.exp(-2 * T) + 50,
        "quality/recall": 0.4 * T,
        "quality/novelty": 1.3 + 0.02 * NOISE[6],
    }
    series |= {key.replace("__", "/"): value for key, value in changed.items()}
    chunks = []
    for key, values in series.items():
        rare = slice(99, None, 100) if key.startswith("quality/") else slice(None)
        chunks.append(((key,), STEPS[rare], values[rare, None]))
    return history_of(chunks)


def names(history: History) -> set[str]:
    return {finding.name for finding in diagnose(history, RunConfig())}


FLAT = np.full(N, 300.0)
POOR = np.zeros(N)
BROKEN = {
    "exploding-gradient": {
        "grad__g_norm": 0.5 * np.exp(6 * T), "grad__d_norm": np.exp(6 * T),
    },
    "mode-collapse": {"samples__diversity": 0.6 - 0.55 * T},
    "vanishing-gradient": {
        "grad__g_norm": 0.5 * np.exp(-6 * T), "balance__separation": 6.0 + 0.2 * NOISE[0],
    },
    "d-too-strong": {"balance__separation": 2.0 + 6.0 * T},
    "d-too-weak": {
        "balance__separation": 0.05 * NOISE[0], "quality__recall": POOR, "quality__distance": FLAT,
    },
    "oscillation": {
        "balance__separation": 1.5 + 1.2 * np.sin(30 * T) + 0.3 * NOISE[2],
        "quality__recall": POOR,
    },
    "lr-too-high": {
        "samples__drift": 0.8 + 0.05 * NOISE[0], "quality__distance": 300 + 100 * T,
        "quality__recall": POOR,
    },
    "lr-too-low": {"samples__drift": 0.003 + 0 * T, "quality__recall": POOR},
    "stalled": {
        "quality__distance": FLAT, "quality__recall": POOR, "samples__drift": 0.03 + 0 * T,
    },
    "memorising": {"quality__novelty": 1.2 - 0.8 * T},
    "near-equilibrium": {"balance__separation": 0.5 + 0.2 * NOISE[2]},
    "g-loss-rises-quality-improves": {"loss__g": 1.0 + T + 0.1 * NOISE[1]},
}  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_it_is_named_by_its_signs_with_its_evidence(name):
    found = {f.name: f for f in diagnose(course(**BROKEN[name]), RunConfig())}
    assert name in found
    finding = found[name]
    assert 0 <= finding.first_step < finding.last_step == N
    assert set(finding.keys) <= set(METRIC_KEYS)
    assert finding.evidence.endswith(".") and any(c.isdigit() for c in finding.evidence)


@pytest.mark.parametrize("until", [10, 100, 300, 700, N])
def test_a_healthy_course_alarms_nobody(until):
    assert names(course().until(until)) <= {"near-equilibrium"}


def test_what_was_only_begun_or_is_over_is_no_finding():
    begun = course(**{"samples__diversity": np.where(T < 0.95, 0.6, 0.01)})
    assert "mode-collapse" not in names(begun)
    over = course(**{"samples__diversity": np.where(T < 0.5, 0.01, 0.6)})
    assert "mode-collapse" not in names(over)
    assert "mode-collapse" in names(over.until(0.5 * N))


def test_a_rule_without_its_numbers_is_silent():
    blind = History({k: c for k, c in course().curves.items() if k.startswith("loss/")})
    assert names(blind) == set()


def test_the_stretch_begins_where_it_began():
    history = course(**{"balance__separation": np.where(T < 0.6, 1.0, 9.0)})
    (found,) = [f for f in diagnose(history, RunConfig()) if f.name == "d-too-strong"]
    assert 0.5 * N <= found.first_step <= 0.75 * N


def test_after_divergence_the_numbers_before_it_are_judged():
    broken = course(**BROKEN["exploding-gradient"])
    curve = broken.curve("loss/d")
    curve.values[-1] = np.nan
    assert {"divergence", "exploding-gradient"} <= names(broken)


def test_rules_thresholds_and_words_belong_together():
    assert set(RULES) == set(THRESHOLDS) == set(FINDINGS) - {"divergence"}
    for name, rule in RULES.items():
        assert set(rule.signs) == set(THRESHOLDS[name]) <= set(SIGNS)
    assert set(measure_signs(course())) == set(SIGNS)
