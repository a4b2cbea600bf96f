"""Where a sign becomes a finding.

Maths layer. Fitted, not guessed: `python -m benchmarks.diagnosis fit --out DIR` prints this table
from runs that were broken on purpose and from healthy ones; how it does on others, of other recipes
and seeds, stands in `docs/diagnosis.md`.
"""

THRESHOLDS: dict[str, dict[str, float]] = {
    "exploding-gradient": {"climb": 30},
    "mode-collapse": {"variety": 0.18, "moved": 0.2},
    "vanishing-gradient": {"gradient": 0.15, "separation": 2.5},
    "d-too-strong": {"separation": 5},
    "d-too-weak": {"separation": 0.25, "recall": 0.01},
    "oscillation": {"swing": 0.18, "turns": 1},
    "lr-too-high": {"gain": 0.0, "recall": 0.01, "drift": 0.35},
    "lr-too-low": {"drift": 0.008, "recall": 0.01, "gradient": 0.4},
    "stalled": {"gain": 0.08, "drift": 0.06, "recall": 0.01},
    "memorising": {"novelty": 0.85},
    "near-equilibrium": {"separation": 1.0, "recall": 0.1},
    "g-loss-rises-quality-improves": {"g_rise": 1.0, "gain": 0.03},
}
