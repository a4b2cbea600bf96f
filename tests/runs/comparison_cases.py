"""Tiny comparisons for tests."""

from typing import Any

from tiny_runs import tiny

from gan.comparing.design import Budget, ComparisonDesign, Factor, Option


def tiny_design(*, seeds=(0, 1), n_steps=24, rates=(0.001, 0.01), **changes: Any):
    """Two learning rates of G on drawn digits, in milliseconds; nothing is measured."""
    base = tiny(**{"train__n_threads": None, **changes})
    options = [Option(label=f"{rate:g}", changes={"g_opt.lr": rate}) for rate in rates]
    return ComparisonDesign(
        name="Rates",
        base=base.model_dump(mode="json"),
        factors=(Factor(title="Learning rate of G", options=tuple(options)),),
        seeds=seeds,
        budget=Budget(kind="steps", amount=n_steps),
        quality_every=1_000_000,
    )
