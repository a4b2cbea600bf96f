"""Which signs make which finding, and how the evidence reads.

Maths layer. A rule holds while all its signs are on the wrong side of their thresholds; a sign that
cannot be had (no average, quality not measured) keeps the rules that need it silent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gan.config import RunConfig
from gan.diagnosis.thresholds import THRESHOLDS

Signs = Mapping[str, float]


@dataclass(frozen=True)
class Rule:
    """How a finding is recognised.

    Attributes:
        below, above: signs that must be below, or above, their thresholds.
        min_step: it is not raised earlier, for a run that has hardly begun looks like many things.
        keys: metric keys whose curves show it.
        evidence: one sentence with the numbers.
    """

    below: tuple[str, ...]
    above: tuple[str, ...]
    min_step: int
    keys: tuple[str, ...]
    evidence: Callable[[Signs, RunConfig], str]

    @property
    def signs(self) -> tuple[str, ...]:
        """All signs that it looks at."""
        return self.below + self.above

    def holds(self, signs: Signs, thresholds: Mapping[str, float]) -> bool:
        """Tell whether all signs are there and on the wrong side of their thresholds."""
        return all(name in signs and signs[name] < thresholds[name] for name in self.below) and all(
            name in signs and signs[name] > thresholds[name] for name in self.above
        )


def holding(signs: Signs, step: int) -> set[str]:
    """Return the names of the rules that hold for a run's signs at a step."""
    return {
        name
        for name, rule in RULES.items()
        if step >= rule.min_step and rule.holds(signs, THRESHOLDS[name])
    }


def _rates(config: RunConfig) -> str:
    g, d = config.g_opt.lr, config.d_opt.lr
    return f"learning rate {g:g}" if g == d else f"learning rates {g:g} (G) and {d:g} (D)"


RULES: dict[str, Rule] = {
    "exploding-gradient": Rule(
        below=(),
        above=("climb",),
        min_step=500,
        keys=("grad/d_norm", "grad/g_norm"),
        evidence=lambda s, _: (
            f"Both gradient norms are {s['climb']:.0f} times those of the very start, or more."
        ),
    ),
    "mode-collapse": Rule(
        below=("variety",),
        above=("moved",),
        min_step=300,
        keys=("samples/diversity", "quality/recall"),
        evidence=lambda s, _: (
            "Each picture of the grid has one that is nearly like it: their "
            f"variety is {s['variety']:.2f} of that of real pictures."
        ),
    ),
    "vanishing-gradient": Rule(
        below=("gradient",),
        above=("separation",),
        min_step=100,
        keys=("grad/g_norm", "balance/separation"),
        evidence=lambda s, _: (
            f"G's gradient norm is {s['gradient']:.2g} of what it was at the start, "
            "while D's scores of real and generated pictures lie "
            f"{s['separation']:.1f} spreads apart."
        ),
    ),
    "d-too-strong": Rule(
        below=(),
        above=("separation",),
        min_step=300,
        keys=("balance/separation", "quality/distance"),
        evidence=lambda s, _: (
            "D's scores of real and generated pictures lie "
            f"{s['separation']:.1f} spreads apart: it mistakes hardly any for the other."
        ),
    ),
    "d-too-weak": Rule(
        below=("separation", "recall", "gain"),
        above=(),
        min_step=500,
        keys=("balance/separation", "quality/recall"),
        evidence=lambda s, _: (
            f"D's scores lie {s['separation']:.2f} spreads apart although the "
            f"samples reach only {s['recall']:.1%} of the real pictures."
        ),
    ),
    "oscillation": Rule(
        below=("recall",),
        above=("swing", "turns"),
        min_step=400,
        keys=("balance/separation", "quality/distance"),
        evidence=lambda s, _: (
            f"D's separation swung to and fro {s['turns']:.0f} times by "
            f"{s['swing']:.0%} of its height."
        ),
    ),
    "lr-too-high": Rule(
        below=("gain", "recall"),
        above=("drift",),
        min_step=300,
        keys=("samples/drift", "quality/distance"),
        evidence=lambda s, config: (
            f"At {_rates(config)} G is {s['drift']:.2f} of the distance between two real pictures "
            "away from its own average, and its samples reach only "
            f"{s['recall']:.1%} of the real ones."
        ),
    ),
    "lr-too-low": Rule(
        below=("drift", "recall"),
        above=("gradient",),
        min_step=300,
        keys=("samples/drift", "quality/recall"),
        evidence=lambda s, config: (
            f"At {_rates(config)} G's pictures are only {s['drift']:.2%} of the distance between "
            "two real pictures away from their own average, though its gradient is there "
            f"({s['gradient']:.2g} of the first)."
        ),
    ),
    "stalled": Rule(
        below=("gain", "drift", "recall"),
        above=(),
        min_step=500,
        keys=("quality/distance", "samples/drift"),
        evidence=lambda s, _: (
            f"The distance has fallen by {s['gain']:.1%} since the middle of the "
            f"run, and samples reach only {s['recall']:.1%} of the real pictures."
        ),
    ),
    "memorising": Rule(
        below=("novelty",),
        above=(),
        min_step=300,
        keys=("quality/novelty",),
        evidence=lambda s, _: (
            "Samples lie nearer to training images than these to each other: "
            f"{s['novelty']:.2f} times as far."
        ),
    ),
    "near-equilibrium": Rule(
        below=("separation",),
        above=("recall",),
        min_step=300,
        keys=("balance/separation", "quality/recall"),
        evidence=lambda s, _: (
            f"D's scores lie only {s['separation']:.2f} spreads apart, and samples "
            f"reach {s['recall']:.0%} of the real pictures."
        ),
    ),
    "g-loss-rises-quality-improves": Rule(
        below=(),
        above=("g_rise", "gain"),
        min_step=300,
        keys=("loss/g", "quality/distance"),
        evidence=lambda s, _: (
            f"G's loss rose by {s['g_rise']:.1f} of its own spreads since the "
            f"middle of the run, while the distance to the real pictures fell by {s['gain']:.0%}."
        ),
    ),
}
