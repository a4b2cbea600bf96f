"""Where a sign becomes a finding.

Maths layer. Fitted, not guessed: `python -m benchmarks.diagnosis fit --out DIR` prints this table
from runs that were broken on purpose and from healthy ones; how it does on others, of other recipes
and seeds, stands in `docs/diagnosis.md`.
"""

THRESHOLDS: dict[str, dict[str, float]] = {
    "exploding-gradient": {"climb": 30},
    "mode-collapse": {"variety": 0.18, "moved": 0.25},
    "vanishing-gradient": {"gradient": 0.15, "separation": 4.5},
    "d-too-strong": {"separation": 5},
    "d-too-weak": {"separation": 0.3, "recall": 0.01, "gain": 0.15},
    "oscillation": {"recall": 0.005, "swing": 0.15, "turns": 1},
    "lr-too-high": {"gain": 0.25, "recall": 0.005, "drift": 0.45},
    "lr-too-low": {"drift": 0.01, "recall": 0.03, "gradient": 0.4},
    "stalled": {"gain": 0.08, "drift": 0.15, "recall": 0.005},
    "memorising": {"novelty": 0.85},
    "near-equilibrium": {"separation": 1.0, "recall": 0.1},
    "g-loss-rises-quality-improves": {"g_rise": 1.0, "gain": 0.03},
}
