"""A sweep finds each one's best value, and says when it lies at the edge of what was tried."""

import pytest

from gan.comparing.design import Budget, ComparisonDesign, Factor, Option
from gan.comparing.outcomes import Measurement, RunOutcome
from gan.comparing.presets import both, get_preset
from gan.comparing.sweep import find_sweep, numbers_of
from gan.comparing.verdict import judge
from gan.config import RunConfig
from gan.figures.sweep_svg import sweep_svg

RATES = (0.0001, 0.001, 0.01)


def design(*factors):
    return ComparisonDesign(
        name="Sweep", base=RunConfig().model_dump(mode="json"), factors=factors, seeds=(0, 1),
        budget=Budget(amount=100),
    )  # fmt: skip


def optimisers():
    return Factor(
        title="Optimiser",
        options=tuple(Option(label=n, changes=both(name=n)) for n in ("sgd", "adam")),
    )


def rates(values=RATES):
    return Factor(
        title="Rate", options=tuple(Option(label=f"{v:g}", changes=both(lr=v)) for v in values)
    )


def outcomes(table, diverged=()):
    return [
        RunOutcome(
            variant, seed, f"{variant}-{seed}",
            "diverged" if (variant, seed) in diverged else "completed",
            100, 1.0, (Measurement(100, 1.0, distance + seed),), "x",
        )
        for variant, distance in enumerate(table)
        for seed in (0, 1)
    ]  # fmt: skip


def swept(design, runs):
    labels = [variant.label for variant in design.variants]
    return find_sweep(design, judge(labels, runs), runs)


def test_each_series_has_its_own_best():
    sweep = swept(design(optimisers(), rates()), outcomes([90, 80, 50, 70, 20, 40]))
    sgd, adam = sweep.series
    assert (sgd.label, [p.x for p in sgd.points]) == ("sgd", list(RATES))
    assert (sgd.best.x, sgd.best.mean, sgd.best.low, sgd.best.high) == (0.01, 50.5, 50.0, 51.0)
    assert (adam.best.x, adam.best.mean) == (0.001, 20.5)
    assert sweep.is_log
    assert sweep.sentence == (
        "Each at its own best: adam at 0.001 (distance 20.5) and sgd at 0.01 (distance 50.5). "
        "The best tried for sgd is the largest one: try larger ones, too."
    )
    assert {row.variant for row in sweep.verdict.rows} == {2, 4}
    assert "adam 0.001 beats sgd 0.01 in 2 of 2 seeds" in sweep.verdict.sentence


def test_a_single_number_makes_one_line_in_ascending_order():
    sweep = swept(design(rates((0.01, 0.0001, 0.001))), outcomes([50, 70, 20]))
    (only,) = sweep.series
    assert [p.x for p in only.points] == [0.0001, 0.001, 0.01]
    assert (only.best.variant, sweep.verdict) == (2, None)
    assert sweep.sentence == "Best at 0.001 (distance 20.5)."


def test_what_mostly_diverged_is_not_the_best():
    runs = outcomes([50, 70, 5], diverged={(2, 0), (2, 1)})
    (only,) = swept(design(rates()), runs).series
    assert only.points[2].mean is None
    assert only.points[2].n_diverged == 2
    assert only.best.x == 0.0001


def test_what_is_no_number_is_no_sweep():
    runs = outcomes([50, 20])
    assert swept(design(optimisers()), runs) is None
    mixed = Factor(
        title="Both",
        options=(
            Option(label="a", changes={"g_opt.lr": 0.1, "d_opt.lr": 0.2}),
            Option(label="b", changes={"g_opt.lr": 0.2, "d_opt.lr": 0.2}),
        ),
    )
    assert numbers_of(mixed) == {}
    assert numbers_of(rates()) == {"0.0001": 0.0001, "0.001": 0.001, "0.01": 0.01}


def test_nothing_measured_yet():
    sweep = swept(design(rates()), [])
    assert sweep.sentence == "No value has a quality figure yet."
    assert "No numbers." in sweep_svg(sweep, dark=True)


@pytest.mark.parametrize("dark", [False, True])
def test_the_preset_sweep_is_drawn_with_its_best_points_ringed(dark):
    preset = get_preset("rates-faces-32").build()
    runs = outcomes([100 - 5 * v if v % 4 else 300 for v in range(12)])
    sweep = swept(preset, runs)
    assert len(sweep.series) == 3
    svg = sweep_svg(sweep, dark=dark)
    assert svg.count('fill="none" stroke=') >= 3
    assert svg.count('r="7"') == 3
    assert "Learning rate of both networks" in svg
