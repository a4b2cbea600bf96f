"""The verdict as a table: the same columns and words on the page, in the terminal and in reports.

Maths layer, without torch.
"""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gan.comparing.design import ComparisonDesign
from gan.comparing.outcomes import RunOutcome, VariantOutcome
from gan.comparing.pairs import Pair
from gan.comparing.statistics import Spread
from gan.comparing.verdict import Verdict, p_text


@dataclass(frozen=True)
class Column:
    """One figure of a variant.

    Attributes:
        better: `lower`, `higher`, or '' where neither is.
    """

    key: str
    title: str
    help_text: str
    better: str = ""


COLUMNS: tuple[Column, ...] = (
    Column(
        "final", "Final distance",
        "Fréchet distance at the end of the runs: mean ± standard deviation over seeds.", "lower",
    ),
    Column(
        "best", "Best distance",
        "The smallest Fréchet distance of each run: mean ± standard deviation over seeds.", "lower",
    ),
    Column(
        "steps", "Steps to goal",
        "Steps until a run first measured a distance as good as the goal.", "lower",
    ),
    Column(
        "seconds", "Seconds to goal",
        "Seconds of training until a run first measured a distance as good as the goal.", "lower",
    ),
    Column(
        "diverged", "Diverged", "Seeds in which a number stopped being finite.", "lower"
    ),
    Column("collapsed", "Collapsed", "Seeds that ended in mode collapse.", "lower"),
    Column(
        "score_real", "D(x)",
        "How probable D finds it at the end that a real picture is real; 0.5 where D is guessing.",
    ),
    Column(
        "score_fake", "D(G(z))",
        "How probable D finds it at the end that a generated picture is real.",
    ),
    Column(
        "images_per_s", "Images per second", "Real pictures a second while it trained.", "higher"
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """A figure to sort by, None where there is none, and as it is read."""

    value: float | None
    text: str


@dataclass(frozen=True)
class TableRow:
    """One variant.

    Attributes:
        rank: its place, 1 is the best; None without figures.
        cells: by column key.
    """

    variant: int
    label: str
    rank: int | None
    cells: dict[str, Cell]

    @property
    def is_best(self) -> bool:
        return self.rank == 1


@dataclass(frozen=True)
class PairRow:
    """One paired difference in words; `first` is the better one on average."""

    first: str
    second: str
    wins: str
    difference: str
    interval: str
    p: str
    reading: str


def table(design: ComparisonDesign, verdict: Verdict) -> list[TableRow]:
    """Return a row for each variant that has runs, in the design's order."""
    labels = [variant.label for variant in design.variants]
    ranks = {variant: i + 1 for i, variant in enumerate(verdict.ranking)}
    return [
        TableRow(row.variant, labels[row.variant], ranks.get(row.variant), _cells(row))
        for row in verdict.rows
    ]


def pair_rows(design: ComparisonDesign, pairs: Sequence[Pair]) -> list[PairRow]:
    """Return paired differences in words."""
    labels = [variant.label for variant in design.variants]
    return [_pair_row(labels, pair) for pair in pairs]


def to_csv(design: ComparisonDesign, outcomes: Sequence[RunOutcome], verdict: Verdict) -> str:
    """Return runs, variants and paired differences as one CSV, told apart by its first column.

    Numbers are in plain units (steps, seconds, images a second), an empty cell means 'none'.
    """
    labels = [variant.label for variant in design.variants]
    text = io.StringIO()
    writer = csv.DictWriter(text, _CSV_FIELDS, restval="", lineterminator="\n")
    writer.writeheader()
    for run in outcomes:
        writer.writerow(_run_fields(run, labels[run.variant], verdict.goal))
    for row in verdict.rows:
        writer.writerow(_variant_fields(row, labels[row.variant]))
    for pair in verdict.pairs:
        writer.writerow(_pair_fields(pair, labels))
    return text.getvalue()


def figure(value: float) -> str:
    """Return a distance with three sensible digits."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _cells(row: VariantOutcome) -> dict[str, Cell]:
    def share(n: int) -> Cell:
        return Cell(n / row.n, f"{n} of {row.n}" if n else "none")

    return {
        "final": _cell(row.final, figure),
        "best": _cell(row.best, figure),
        "steps": _reached(row.steps_to_goal, row.n),
        "seconds": _reached(row.seconds_to_goal, row.n),
        "diverged": share(row.n_diverged),
        "collapsed": share(row.n_collapsed),
        "score_real": _cell(row.score_real, "{:.2f}".format),
        "score_fake": _cell(row.score_fake, "{:.2f}".format),
        "images_per_s": _cell(row.images_per_s, "{:,.0f}".format),
    }


def _cell(found: Spread | None, write: Callable[[float], str]) -> Cell:
    if found is None:
        return Cell(None, "–")
    around = f" ± {write(found.sd)}" if found.sd is not None else ""
    return Cell(found.mean, write(found.mean) + around)


def _reached(found: Spread | None, n: int) -> Cell:
    if found is None:
        return Cell(None, "not reached")
    missing = f" ({found.n} of {n} seeds)" if found.n < n else ""
    digits = 1 if found.mean < 10 else 0
    return Cell(found.mean, f"{found.mean:,.{digits}f}{missing}")


_READINGS = {
    "significant": "significant",
    "ahead": "ahead in every seed",
    "open": "not separable",
}


def _pair_row(labels: Sequence[str], pair: Pair) -> PairRow:
    found = pair.difference
    interval = "–"
    if found.low is not None and found.high is not None:
        interval = f"{found.low:+.3g} to {found.high:+.3g}"
    return PairRow(
        first=labels[pair.first],
        second=labels[pair.second],
        wins=f"{pair.n_wins} of {pair.n_decided}",
        difference=f"{found.mean:+.3g}" if found.n else "–",
        interval=interval,
        p=p_text(pair.p_holm) if found.n else "–",
        reading=_READINGS[pair.relation] if pair.n_seeds > 1 else "one seed only",
    )


_CSV_FIELDS = (
    "row", "variant", "seed", "against", "run", "ending", "step", "seconds", "n_seeds",
    "final_distance", "final_distance_sd", "best_distance", "best_distance_sd", "best_step",
    "steps_to_goal", "seconds_to_goal", "diverged", "collapsed", "d_real", "d_fake",
    "images_per_s", "features", "wins", "decided", "difference", "difference_low",
    "difference_high", "p", "p_corrected",
)  # fmt: skip


def _run_fields(run: RunOutcome, label: str, goal: float | None) -> dict[str, object]:
    reached = run.reached(goal) if goal is not None else None
    return {
        "row": "run",
        "variant": label,
        "seed": run.seed,
        "run": run.run_id,
        "ending": run.ending,
        "step": run.step,
        "seconds": round(run.seconds, 3),
        "final_distance": run.final.distance if run.final else "",
        "best_distance": run.best.distance if run.best else "",
        "best_step": run.best.step if run.best else "",
        "steps_to_goal": reached.step if reached else "",
        "seconds_to_goal": round(reached.seconds, 3) if reached else "",
        "diverged": int(run.has_diverged),
        "collapsed": int(run.has_collapsed),
        "d_real": _plain(run.score_real),
        "d_fake": _plain(run.score_fake),
        "images_per_s": _plain(run.images_per_s),
        "features": run.features,
    }


def _variant_fields(row: VariantOutcome, label: str) -> dict[str, object]:
    return {
        "row": "variant",
        "variant": label,
        "n_seeds": row.n,
        "final_distance": _mean(row.final),
        "final_distance_sd": _sd(row.final),
        "best_distance": _mean(row.best),
        "best_distance_sd": _sd(row.best),
        "steps_to_goal": _mean(row.steps_to_goal),
        "seconds_to_goal": _mean(row.seconds_to_goal),
        "diverged": row.n_diverged,
        "collapsed": row.n_collapsed,
        "d_real": _mean(row.score_real),
        "d_fake": _mean(row.score_fake),
        "images_per_s": _mean(row.images_per_s),
    }


def _pair_fields(pair: Pair, labels: Sequence[str]) -> dict[str, object]:
    found = pair.difference
    return {
        "row": "pair",
        "variant": labels[pair.first],
        "against": labels[pair.second],
        "n_seeds": found.n,
        "wins": pair.n_wins,
        "decided": pair.n_decided,
        "difference": found.mean if found.n else "",
        "difference_low": _plain(found.low),
        "difference_high": _plain(found.high),
        "p": found.p if found.n else "",
        "p_corrected": pair.p_holm if found.n else "",
    }


def _mean(found: Spread | None) -> object:
    return "" if found is None else found.mean


def _sd(found: Spread | None) -> object:
    return "" if found is None or found.sd is None else found.sd


def _plain(value: float | None) -> object:
    return "" if value is None else value
