"""What the terminal says of a comparison's outcome, and the files that it writes.

Door, without torch.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from gan.cli.output import complain, print_table
from gan.comparing.checked import AGREEMENTS, CheckedFinding, check_published
from gan.comparing.command import repeat_command
from gan.comparing.fairness import judge_fairness
from gan.comparing.outcomes import RunOutcome
from gan.comparing.presets import PRESETS, other_data
from gan.comparing.table import pair_rows, table, to_csv
from gan.comparing.verdict import Verdict
from gan.figures.comparison_html import comparison_report
from gan.runs.comparisons import Comparison
from gan.runs.comparisons.outcomes import judge_comparison, read_outcomes
from gan.runs.disk import os_errors
from gan.runs.folder import Home

_SHOWN = ("final", "best", "steps", "diverged", "collapsed")
_TITLES = ("final distance", "best distance", "steps to goal", "diverged", "collapsed")


def print_verdict(home: Home, comparison: Comparison) -> None:
    """Print who is best, how sure that is, and what was reported elsewhere."""
    outcomes, problems = read_outcomes(home, comparison)
    for problem in problems:
        complain(problem)
    verdict = judge_comparison(comparison, outcomes)
    if not verdict.ranking:
        return
    rows = table(comparison.design, verdict)
    print_table(
        ("variant", *_TITLES),
        [(row.label, *(row.cells[key].text for key in _SHOWN)) for row in rows],
    )
    pairs = pair_rows(comparison.design, verdict.against_best())
    if pairs:
        print_table(
            ("better", "than", "wins", "difference", "95 % interval", "p"),
            [(p.first, p.second, p.wins, p.difference, p.interval, p.p) for p in pairs],
        )
    for sentence in (verdict.sentence, verdict.caution, *verdict.notes):
        if sentence:
            print(sentence)
    for one in _checked(comparison, outcomes):
        print(f"Reported: {one.published.text} {AGREEMENTS[one.agreement]}: {one.text}")


def verdict_facts(home: Home, comparison: Comparison) -> dict[str, Any]:
    """Return the verdict as plain data."""
    outcomes, problems = read_outcomes(home, comparison)
    verdict = judge_comparison(comparison, outcomes)
    keys = [variant.key for variant in comparison.design.variants]
    return {
        "ranking": [keys[index] for index in verdict.ranking],
        "sentence": verdict.sentence,
        "caution": verdict.caution,
        "notes": list(verdict.notes),
        "goal": verdict.goal,
        "variants": [asdict(row) | {"variant": keys[row.variant]} for row in verdict.rows],
        "pairs": [_pair(pair, keys) for pair in verdict.pairs],
        "published": [
            {"text": one.published.text, "agreement": one.agreement, "found": one.text}
            for one in _checked(comparison, outcomes)
        ],
        "problems": problems,
    }


def write_exports(
    home: Home, comparison: Comparison, *, csv_path: Path | None, html_path: Path | None
) -> None:
    """Write what is asked for. Raises StoreError when it cannot be written."""
    if csv_path is not None:
        outcomes, _problems = read_outcomes(home, comparison)
        verdict: Verdict = judge_comparison(comparison, outcomes)
        with os_errors(f"{csv_path} cannot be written"):
            csv_path.write_text(to_csv(comparison.design, outcomes, verdict), encoding="utf-8")
    if html_path is not None:
        fair = judge_fairness(comparison.design)
        notes = [s for s in (other_data(comparison.design), *fair.unequal, *fair.notes) if s]
        command = repeat_command(comparison.design)
        html = comparison_report(home, comparison, notes=notes, command=command)
        with os_errors(f"{html_path} cannot be written"):
            html_path.write_text(html, encoding="utf-8")


def _checked(comparison: Comparison, outcomes: list[RunOutcome]) -> list[CheckedFinding]:
    preset = PRESETS.get(comparison.design.preset)
    return check_published(preset.published, comparison.design, outcomes) if preset else []


def _pair(pair: Any, keys: list[str]) -> dict[str, Any]:
    return asdict(pair) | {"first": keys[pair.first], "second": keys[pair.second]}
