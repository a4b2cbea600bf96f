"""Quality against a number that was varied, such as the learning rate, for each of the others.

Maths layer, without torch. A fair race gives each optimiser its own best rate: a sweep finds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gan.comparing.design import ComparisonDesign, Factor, factor_paths
from gan.comparing.outcomes import RunOutcome
from gan.comparing.table import figure
from gan.comparing.verdict import Verdict, join, judge
from gan.fields import FIELDS

_MIN_POINTS = 2
_LOG_FROM = 8.0  # a range this many times wide is drawn on a log scale


@dataclass(frozen=True)
class SweepPoint:
    """One value of what was swept.

    Attributes:
        x: the value.
        variant: the index of the variant that has it.
        mean, low, high: the judged distance over seeds: mean, least and greatest; None where no
            seed has one, as when all diverged.
        n_diverged: of `n` seeds.
    """

    x: float
    variant: int
    mean: float | None
    low: float | None
    high: float | None
    n: int
    n_diverged: int


@dataclass(frozen=True)
class SweepSeries:
    """All values under one option of the other factor, by ascending value.

    Attributes:
        index: its place among the options, which decides its colour.
        best: the point with the smallest mean distance, None without figures; one more than half of
            whose seeds diverged is not chosen.
    """

    label: str
    index: int
    points: tuple[SweepPoint, ...]
    best: SweepPoint | None

    @property
    def ends_at_edge(self) -> str:
        """`smaller` or `larger`, if the best value is the end of what was tried; else ''."""
        if self.best is None or len(self.points) < _MIN_POINTS:
            return ""
        if self.best is self.points[0]:
            return "smaller"
        return "larger" if self.best is self.points[-1] else ""


@dataclass(frozen=True)
class Sweep:
    """Quality against one number.

    Attributes:
        title: of the factor that is swept.
        sentence: each series at its own best, and what to try beyond the edges.
        verdict: the series against each other, each at its own best value; None for one series.
    """

    title: str
    is_log: bool
    series: tuple[SweepSeries, ...]
    sentence: str
    verdict: Verdict | None


def find_sweep(
    design: ComparisonDesign, verdict: Verdict, outcomes: Sequence[RunOutcome]
) -> Sweep | None:
    """Return the sweep of a comparison one factor of which is a number; None without one."""
    found = [(i, values) for i, f in enumerate(design.factors) if (values := numbers_of(f))]
    if not found:
        return None
    place, values = found[-1]  # of two numbers, the one that varies fastest
    rows = {row.variant: row for row in verdict.rows}
    points: dict[str, list[SweepPoint]] = {}
    for variant in design.variants:
        levels = list(variant.levels)
        x = values[levels.pop(place)]
        row = rows.get(variant.index)
        if row is None:
            continue
        judged = row.final if verdict.judged_by == "final" else row.best
        point = SweepPoint(
            x=x,
            variant=variant.index,
            mean=judged.mean if judged else None,
            low=judged.low if judged else None,
            high=judged.high if judged else None,
            n=row.n,
            n_diverged=row.n_diverged,
        )
        points.setdefault(", ".join(levels) or "all", []).append(point)
    series = tuple(
        SweepSeries(label, index, ordered := tuple(sorted(of, key=lambda p: p.x)), _best(ordered))
        for index, (label, of) in enumerate(points.items())
    )
    xs = sorted(values.values())
    return Sweep(
        title=design.factors[place].title,
        is_log=xs[0] > 0 and xs[-1] / xs[0] >= _LOG_FROM,
        series=series,
        sentence=_sentence(series),
        verdict=_at_their_best(design, series, outcomes, verdict),
    )


def numbers_of(factor: Factor) -> dict[str, float]:
    """Return the number that each option stands for, by label; {} if the factor is no number.

    It is one when all of its options set the same numeric settings, each all of them to one value.
    """
    paths = factor_paths(factor)
    numbers: dict[str, float] = {}
    if any(FIELDS[path].kind not in _NUMERIC for path in paths):
        return {}
    for option in factor.options:
        values = {option.changes.get(path) for path in paths}
        if len(values) != 1 or not isinstance(value := values.pop(), int | float):
            return {}
        numbers[option.label] = float(value)
    return numbers if len(set(numbers.values())) >= _MIN_POINTS else {}


def _best(points: Sequence[SweepPoint]) -> SweepPoint | None:
    sound = [p for p in points if p.mean is not None and 2 * p.n_diverged <= p.n]
    return min(sound, key=lambda p: p.mean if p.mean is not None else 0.0, default=None)


def _sentence(series: Sequence[SweepSeries]) -> str:
    found = sorted(
        (one for one in series if one.best is not None and one.best.mean is not None),
        key=lambda one: (one.best.mean or 0.0) if one.best else 0.0,
    )
    if not found:
        return "No value has a quality figure yet."
    alone = len(series) == 1
    told = [_told(one, alone) for one in found]
    text = f"Best {join(told)}." if alone else f"Each at its own best: {join(told)}."
    edges: dict[str, list[str]] = {}
    for one in found:
        if one.ends_at_edge:
            edges.setdefault(one.ends_at_edge, []).append("it" if alone else one.label)
    for way, labels in edges.items():
        text += f" The best tried for {join(labels)} is the {_END[way]} one: try {way} ones, too."
    return text


_END = {"smaller": "smallest", "larger": "largest"}


def _told(one: SweepSeries, alone: bool) -> str:
    assert one.best is not None
    assert one.best.mean is not None
    name = "" if alone else f"{one.label} "
    return f"{name}at {one.best.x:g} (distance {figure(one.best.mean)})"


def _at_their_best(
    design: ComparisonDesign,
    series: Sequence[SweepSeries],
    outcomes: Sequence[RunOutcome],
    verdict: Verdict,
) -> Verdict | None:
    """Judge the series against each other, each at its best value."""
    chosen = {one.best.variant for one in series if one.best is not None}
    if len(chosen) < _MIN_POINTS:
        return None
    return judge(
        [variant.label for variant in design.variants],
        [run for run in outcomes if run.variant in chosen],
        budget=design.budget.kind,
        judged_by=verdict.judged_by,
        goal=verdict.goal,
    )


_NUMERIC = ("float", "int")
