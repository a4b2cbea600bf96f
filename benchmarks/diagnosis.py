"""Trains runs whose trouble is known, fits the thresholds of the diagnosis, and says how it does.

    python -m benchmarks.diagnosis record --out DIR [--mnist FOLDER] [--part fit report]
    python -m benchmarks.diagnosis fit --out DIR        prints gan/diagnosis/thresholds.py's table
    python -m benchmarks.diagnosis report --out DIR     writes the table into docs/diagnosis.md

A run's series are kept in DIR, so recording goes on where it was interrupted, and fitting needs no
training. Thresholds see the set `fit` only; the report is on `report`, which shares no seed and no
recipe with it (`benchmarks/diagnosis_cases.py`).
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from benchmarks.diagnosis_cases import HEALTHY, Case, Part, cases
from gan.data.dataset import ImageData, load_data
from gan.diagnosis.catalog import FINDINGS
from gan.diagnosis.findings import diagnose
from gan.diagnosis.history import History, HistoryKeeper
from gan.diagnosis.rules import RULES, Rule
from gan.diagnosis.signs import measure_signs
from gan.diagnosis.thresholds import THRESHOLDS
from gan.metrics.intervals import wilson_interval
from gan.runs.real_facts import remember_in
from gan.training.quality import Remember
from gan.training.records import Diverged, Evaluated, StepDone
from gan.training.trainer import Trainer

TROUBLE = [info.name for info in FINDINGS.values() if info.severity == "trouble"]
DOCS = Path(__file__).resolve().parent.parent / "docs" / "diagnosis.md"
BEGIN, END = "<!-- figures of the benchmark -->", "<!-- end of the figures -->"
_ALARM_COST = 3.0  # false alarms against hits, as shares, when thresholds are fitted
_MIX_COST = 0.1  # the same for runs that are broken in another way, which may be true
_MARGIN_GAIN = 0.3
_LINEAR = {"separation": 0.5, "gain": 0.05, "recall": 0.01, "turns": 1.0}  # others are ratios

# What is tried for each sign's threshold.
_GRIDS: dict[str, list[float]] = {
    "climb": [3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50],
    "variety": [0.1, 0.12, 0.15, 0.18, 0.2, 0.22, 0.25, 0.28, 0.3, 0.33, 0.36],
    "drift": [
        0.006, 0.008, 0.01, 0.012, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15,
        0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7,
    ],
    "moved": [0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25],
    "gradient": [0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5],
    "separation": [
        -0.2, 0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 2.5, 3, 3.25, 3.5, 3.75, 4, 4.5, 5,
    ],
    "recall": [0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05],
    "novelty": [0.6, 0.65, 0.7, 0.75, 0.8, 0.85],  # a perfect generator gets 1
    "gain": [0.0, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.25],
    "swing": [0.05, 0.08, 0.1, 0.12, 0.15, 0.18, 0.2, 0.22, 0.25, 0.3, 0.35],
    "turns": [1, 2, 3, 4, 5, 6],
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["record", "fit", "report"])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--mnist", help="a folder with MNIST's files")
    parser.add_argument("--part", nargs="+", choices=["fit", "report"], default=["fit", "report"])
    parser.add_argument("--verbose", action="store_true", help="name the runs that are missed")
    args = parser.parse_args()
    if args.what == "record":
        record([case for part in args.part for case in cases(part)], args.out, args.mnist)
    elif args.what == "fit":
        fit(args.out)
    else:
        report(args.part, args.out, verbose=args.verbose)


def record(wanted: list[Case], out: Path, mnist: str | None) -> None:
    """Train what is not there yet, one run after the other."""
    out.mkdir(parents=True, exist_ok=True)
    data: dict[str, ImageData] = {}
    for i, case in enumerate(wanted):
        path = out / f"{case.name}.npz"
        if path.exists():
            continue
        section = case.config.data
        if section.dataset == "mnist" and mnist:
            section = section.model_copy(update={"folder": mnist})
        key = section.model_dump_json()
        if key not in data:
            data[key] = load_data(section, download_folder=out / "data")
        began = time.perf_counter()
        arrays = train(case, data[key], remember_in(out))
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, **arrays)
        partial.replace(path)
        print(f"{i + 1}/{len(wanted)} {case.name} {time.perf_counter() - began:.1f} s", flush=True)


def train(case: Case, data: ImageData, remember: Remember) -> dict[str, np.ndarray]:
    """Train one run; return its chunks of numbers in their order, and its last grid."""
    torch.set_num_threads(1)
    trainer = Trainer(case.config, data, remember=remember)
    arrays: dict[str, np.ndarray] = {}
    n = 0
    for entry in trainer.run():
        rows = entry.rows if isinstance(entry, StepDone | Evaluated | Diverged) else None
        if rows is not None:
            arrays[f"keys{n:04d}"] = np.asarray(rows.keys)
            arrays[f"steps{n:04d}"] = rows.steps
            arrays[f"values{n:04d}"] = rows.values
            n += 1
    grid = trainer.draw_samples()
    arrays["grid"] = grid.images.numpy()
    if grid.ema_images is not None:
        arrays["ema_grid"] = grid.ema_images.numpy()
    return arrays


# ---- looking at what was recorded ----------------------------------------------------------------


def looks(path: Path) -> Iterator[History]:
    """Yield a run's history as a worker would have seen it, after each report."""
    keeper = HistoryKeeper()
    with np.load(path) as kept:
        n = sum(name.startswith("keys") for name in kept.files)
        for i in range(n):
            keys = [str(key) for key in kept[f"keys{i:04d}"]]
            keeper.add(keys, kept[f"steps{i:04d}"], kept[f"values{i:04d}"])
            if "loss/d" in keys or i == n - 1:
                yield keeper.history()


def recorded(part: Part, out: Path) -> list[tuple[Case, Path]]:
    """Return the runs of a set that are there."""
    pairs = [(case, out / f"{case.name}.npz") for case in cases(part)]
    return [(case, path) for case, path in pairs if path.exists()]


def fit(out: Path) -> None:
    """Print the thresholds that name most broken runs and alarm the fewest healthy ones."""
    runs = [(case, _sign_table(path)) for case, path in recorded("fit", out)]
    print(f"From {len(runs)} runs.\n\nTHRESHOLDS: dict[str, dict[str, float]] = {{")
    for name, rule in RULES.items():
        if name in TROUBLE:
            broken = [table for case, table in runs if case.truth == name]
            healthy = [table for case, table in runs if case.truth == HEALTHY]
            others = [table for case, table in runs if case.truth not in (name, HEALTHY)]
            chosen, hits, alarms = _best(rule, broken, healthy, others)
            note = f"{hits}/{len(broken)} named, {alarms}/{len(healthy)} healthy alarmed"
        else:
            chosen, note = THRESHOLDS[name], "a definition, not fitted"
        print(f'    "{name}": {chosen},  # {note}'.replace("'", '"'))
    print("}")


def _sign_table(path: Path) -> list[tuple[int, dict[str, float], dict[str, float]]]:
    """Return for each look the step and the signs, now and a tenth of the run before."""
    table = []
    for history in looks(path):
        if not all(curve.is_finite for curve in history.curves.values()):
            break
        step = history.last_step
        earlier = history.until(int(0.9 * step))
        table.append((step, measure_signs(history), measure_signs(earlier)))
    return table


Table = list[tuple[int, dict[str, float], dict[str, float]]]


def _best(
    rule: Rule, broken: list[Table], healthy: list[Table], others: list[Table]
) -> tuple[dict[str, float], int, int]:
    """Return the best thresholds, and how many broken and healthy runs they raise.

    Best is what names most, alarms fewest and leaves the narrowest case a wide margin.
    """
    sides = [[_columns(rule, table) for table in side] for side in (broken, healthy, others)]
    best: tuple[float, tuple[float, ...], int, int] | None = None
    for values in itertools.product(*(_GRIDS[sign] for sign in rule.signs)):
        margins = [np.array([_margin(rule, values, c) for c in side]) for side in sides]
        hits, alarms, mixed = (int((side > 0.0).sum()) for side in margins)
        score = hits / len(broken) - _ALARM_COST * alarms / len(healthy)
        score -= _MIX_COST * mixed / len(others)
        narrowest = min(np.abs(margins[0]).min(), np.abs(margins[1]).min())
        score += _MARGIN_GAIN * min(1.0, float(narrowest))
        if best is None or score > best[0]:
            best = score, values, hits, alarms
    assert best is not None
    return dict(zip(rule.signs, best[1], strict=True)), best[2], best[3]


def _scaled(sign: str, values: np.ndarray) -> np.ndarray:
    """Return values on a scale on which 1 is about as much for every sign."""
    if sign in _LINEAR:
        return values / _LINEAR[sign]
    return np.log2(np.maximum(values, 1e-9))


def _columns(rule: Rule, table: Table) -> np.ndarray:
    """Return scaled signs `[looks, 2, signs]`, now and earlier; missing ones on the right side."""
    missing = [np.inf] * len(rule.below) + [-np.inf] * len(rule.above)
    rows = [
        [
            [signs.get(s, m) for s, m in zip(rule.signs, missing, strict=True)]
            for signs in (now, earlier)
        ]
        for step, now, earlier in table
        if 0.9 * step >= rule.min_step
    ]
    columns = np.array(rows, dtype=float).reshape(len(rows), 2, len(rule.signs))
    for i, sign in enumerate(rule.signs):
        columns[..., i] = _scaled(sign, columns[..., i])
    return columns


def _margin(rule: Rule, values: tuple[float, ...], columns: np.ndarray) -> float:
    """Return by how much the clearest look raises a finding; below 0, by how much none does."""
    limits = np.array([_scaled(s, np.array(v)) for s, v in zip(rule.signs, values, strict=True)])
    n = len(rule.below)
    excess = np.concatenate([limits[:n] - columns[..., :n], columns[..., n:] - limits[n:]], axis=2)
    return float(excess.min(axis=(1, 2)).max(initial=-10.0))


# ---- the report ----------------------------------------------------------------------------------


def report(parts: list[Part], out: Path, *, verbose: bool) -> None:
    """Print how the diagnosis does; with the set `report` alone, write it into the docs."""
    found: list[tuple[Case, set[str]]] = []
    times_ms: list[float] = []
    for case, path in itertools.chain.from_iterable(recorded(part, out) for part in parts):
        names: set[str] = set()
        for history in looks(path):
            began = time.perf_counter()
            names |= {finding.name for finding in diagnose(history, case.config)}
            times_ms.append(1e3 * (time.perf_counter() - began))
        found.append((case, names))
    n_all = sum(len(cases(part)) for part in parts)
    text = f"{len(found)} of the set's {n_all} runs.\n\n{_table(found)}"
    text += (
        f"\nOne look takes {statistics.median(times_ms):.1f} ms (median of {len(times_ms):,}), "
        f"{max(times_ms):.0f} ms at most; the worker looks every 2 s at most.\n"
    )
    print(text)
    if verbose:
        for case, names in found:
            trouble = sorted(names & set(TROUBLE))
            if (case.truth == HEALTHY) == bool(trouble) and case.truth not in names:
                print(f"{case.name}: {', '.join(trouble) or 'nothing'}")
    if parts == ["report"] and DOCS.exists():
        before, _, rest = DOCS.read_text(encoding="utf-8").partition(BEGIN)
        DOCS.write_text(f"{before}{BEGIN}\n{text}{END}{rest.partition(END)[2]}", encoding="utf-8")


def _table(found: list[tuple[Case, set[str]]]) -> str:
    healthy = [names for case, names in found if case.truth == HEALTHY]
    lines = [
        "| finding | named rightly | 95 % | healthy runs with it | 95 % |",
        "|---|---|---|---|---|",
    ]
    total = 0
    for name in TROUBLE:
        broken = [name in names for case, names in found if case.truth == name]
        total += sum(broken)
        alarmed = [name in names for names in healthy]
        lines.append(f"| {FINDINGS[name].title} | {_share(broken)} | {_share(alarmed)} |")
    all_broken = [case.truth in names for case, names in found if case.truth != HEALTHY]
    alarms = [bool(names & set(TROUBLE)) for names in healthy]
    lines.append(f"| **all** | {_share(all_broken)} | {_share(alarms)} |")
    lines += [
        "",
        "| reassuring | of healthy runs | 95 % | of broken runs | 95 % |",
        "|---|---|---|---|---|",
    ]
    for name in (n for n in FINDINGS if n not in TROUBLE):
        sides = [
            [name in names for case, names in found if (case.truth == HEALTHY) == is_healthy]
            for is_healthy in (True, False)
        ]
        lines.append(f"| {FINDINGS[name].title} | {_share(sides[0])} | {_share(sides[1])} |")
    return "\n".join(lines) + "\n"


def _share(hits: list[bool]) -> str:
    if not hits:
        return "– | –"
    interval = wilson_interval(sum(hits), len(hits))
    return f"{sum(hits)} of {len(hits)} | {interval.low:.0%} to {interval.high:.0%}"


if __name__ == "__main__":
    main()
