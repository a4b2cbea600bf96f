"""A comparison as a report of one page: an HTML file that needs nothing else, for anybody.

Door layer, without Streamlit and without torch.
"""

import base64
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape

from gan.comparing.checked import AGREEMENTS, CheckedFinding, check_published
from gan.comparing.design import ComparisonDesign
from gan.comparing.fairness import judge_fairness
from gan.comparing.outcomes import RunOutcome
from gan.comparing.presets import PRESETS, other_data
from gan.comparing.sweep import Sweep, find_sweep
from gan.comparing.table import COLUMNS, figure, pair_rows, table
from gan.comparing.verdict import Verdict
from gan.errors import StoreError
from gan.figures.chart_svg import SvgLine, chart_svg
from gan.figures.colours import VARIANT_INKS
from gan.figures.race import RaceFeed, Racer
from gan.figures.race_curves import BANDS, RaceCurve
from gan.figures.sweep_svg import sweep_svg
from gan.keys import METRIC_KEYS
from gan.runs.comparisons.outcomes import judge_comparison
from gan.runs.comparisons.store import Comparison, run_of
from gan.runs.folder import Home
from gan.runs.rows import Sample
from gan.runs.store import RunStore

_CHARTS = ("quality/distance", "loss/d_real", "loss/d_fake", "loss/g")
_SMOOTHING = 0.6
_MAX_WALL_STEPS = 4
_MANY = 6  # variants from which on only the last walls are shown


@dataclass(frozen=True)
class Wall:
    """The sample grids of one variant: by the step that is shown, whose grid it is and its PNG.

    A run that ended early shows its last grid from then on.
    """

    variant: int
    grids: dict[int, tuple[int, bytes]]


def comparison_report(
    home: Home, comparison: Comparison, *, notes: Sequence[str] | None = None, command: str = ""
) -> str:
    """Return the report of a comparison as it is now, as HTML of at most a few megabytes.

    Args:
        notes: what to keep in mind about what is held equal; None takes what
            `gan.comparing.fairness` says.
        command: the line that repeats it in a terminal.
    """
    racers = [
        Racer(variant.index, seed, run_of(home, comparison.members[variant.key, seed]))
        for variant, seed in comparison.places()
        if (variant.key, seed) in comparison.members
    ]
    feed = RaceFeed(racers)
    feed.refresh()
    index = {variant.key: variant.index for variant in comparison.design.variants}
    outcomes = feed.outcomes({(index[key], seed) for key, seed in comparison.paused})
    verdict = judge_comparison(comparison, outcomes)
    curves = [feed.curves(key, smoothing=_SMOOTHING) for key in _CHARTS]
    return make_report(
        comparison.design, outcomes, verdict, [found for found in curves if found],
        _walls(racers), created_at=comparison.created_at, notes=notes, command=command,
    )  # fmt: skip


def make_report(
    design: ComparisonDesign,
    outcomes: Sequence[RunOutcome],
    verdict: Verdict,
    charts: Sequence[Sequence[RaceCurve]],
    walls: Sequence[Wall],
    *,
    created_at: float,
    notes: Sequence[str] | None = None,
    command: str = "",
) -> str:
    """Return the report as HTML.

    Args:
        charts: for each chart one metric's curves, one a variant.
        walls: of one seed, a variant each.
    """
    preset = PRESETS.get(design.preset)
    checked = check_published(preset.published, design, outcomes) if preset else []
    sweep = find_sweep(design, verdict, outcomes)
    sections = [
        ("The verdict", _verdict(design, verdict)),
        ("Reported elsewhere, and found here", _checked(checked)),
        ("Quality against " + (sweep.title if sweep else ""), _sweep(sweep)),
        ("The race", _race(design, charts)),
        ("Pictures", _pictures(design, walls)),
        ("What was held equal", _equal(design, notes)),
        ("Repeat it", f"<pre>{escape(command)}</pre>" if command else ""),
        ("Runs", _runs(design, outcomes)),
        ("Settings", _settings(design)),
    ]
    body = "".join(f"<h2>{escape(title)}</h2>{html}" for title, html in sections if html)
    day = time.strftime("%d %B %Y", time.localtime(created_at))
    lead = f"{len(design.variants)} variants, {len(design.seeds)} seeds, {design.budget.text} each"
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(design.name)}</title><style>{_CSS}</style></head>"
        f"<body><h1>{escape(design.name)}</h1><p>{lead}, begun on {day}.</p>{body}"
        "<footer>Made by GAN Workbench.</footer></body></html>\n"
    )


def report_name(comparison: Comparison) -> str:
    """Return a name for the report's file, without its ending."""
    return f"comparison-{comparison.id}"


def _verdict(design: ComparisonDesign, verdict: Verdict) -> str:
    head = "".join(
        f'<th title="{escape(column.help_text, quote=True)}">{escape(column.title)}</th>'
        for column in COLUMNS
    )
    rows = []
    for row in sorted(table(design, verdict), key=lambda r: (r.rank is None, r.rank or 0)):
        cells = "".join(f"<td>{escape(row.cells[column.key].text)}</td>" for column in COLUMNS)
        best = ' <span class="best">best</span>' if row.is_best else ""
        rows.append(f"<tr><th>{_key(row.variant)} {escape(row.label)}{best}</th>{cells}</tr>")
    goal = ""
    if verdict.goal is not None:
        goal = f'<p class="small">The goal is a distance of {figure(verdict.goal)}. '
        goal += "Mean ± standard deviation over seeds; smaller distances are better.</p>"
    notes = [other_data(design), *verdict.notes]
    listed = "".join(f'<p class="note">{escape(note)}</p>' for note in notes if note)
    return (
        f'<p class="sentence">{escape(verdict.sentence)}</p><p>{escape(verdict.caution)}</p>'
        f'{listed}<div class="wide"><table><tr><th>Variant</th>{head}</tr>{"".join(rows)}</table>'
        f"</div>{goal}{_pairs(design, verdict)}"
    )


def _pairs(design: ComparisonDesign, verdict: Verdict) -> str:
    rows = [
        f"<tr><th>{escape(row.first)}</th><th>{escape(row.second)}</th><td>{row.wins}</td>"
        f"<td>{row.difference}</td><td>{row.interval}</td><td>{row.p}</td><td>{row.reading}</td></tr>"
        for row in pair_rows(design, verdict.pairs)
    ]
    if not rows:
        return ""
    return (
        f"<details {'open' if len(rows) <= _MANY else ''}><summary>Paired differences, seed by "
        'seed</summary><div class="wide"><table><tr><th>Better</th><th>Other</th>'
        "<th>Seeds won</th><th>Mean difference</th><th>95 % interval</th>"
        f"<th>p, corrected</th><th>Reading</th></tr>{''.join(rows)}</table></div>"
        '<p class="small">Difference of Fréchet distances, better − other, over seeds; interval by '
        "Student; p by the exact test of signs, corrected for the number of pairs (Holm).</p>"
        "</details>"
    )


def _checked(checked: Sequence[CheckedFinding]) -> str:
    if not checked:
        return ""
    rows = "".join(
        f'<tr class="{one.agreement}"><td>{escape(one.published.text)}</td>'
        f"<td><b>{AGREEMENTS[one.agreement]}</b></td><td>{escape(one.text)}</td></tr>"
        for one in checked
    )
    return (
        '<div class="wide"><table><tr><th>Reported</th><th></th><th>Here</th></tr>'
        f"{rows}</table></div>"
    )


def _sweep(sweep: Sweep | None) -> str:
    if sweep is None:
        return ""
    own = f"<p>{escape(sweep.verdict.sentence)}</p>" if sweep.verdict else ""
    return (
        f'<p class="sentence">{escape(sweep.sentence)}</p>{own}'
        f'<div class="chart">{sweep_svg(sweep, dark=False)}</div>'
        '<p class="small">Each point is the mean over seeds, the shade reaches from the lowest to '
        "the highest; the best of each line is ringed.</p>"
    )


def _race(design: ComparisonDesign, charts: Sequence[Sequence[RaceCurve]]) -> str:
    if not charts:
        return ""
    drawn = "".join(_chart(design, curves) for curves in charts)
    n = len(design.seeds)
    band = f"; the shade reaches {BANDS['range'].text} (n = {n})" if n > 1 else ""
    return (
        f'<p>Each line is the mean over seeds{band}. Losses are smoothed.</p>'
        f'<div class="charts">{drawn}</div>'
    )  # fmt: skip


def _chart(design: ComparisonDesign, curves: Sequence[RaceCurve]) -> str:
    key = METRIC_KEYS[curves[0].key]
    lines = [
        SvgLine(
            design.variants[curve.variant].label, VARIANT_INKS[curve.variant], curve.x, curve.mean,
            curve.low, curve.high,
        )
        for curve in curves
    ]  # fmt: skip
    label = f"Loss: {key.label}" if key.key.startswith("loss/") else key.label
    unit = f" ({key.unit})" if key.unit else ""
    chart = chart_svg(
        lines, x_title="step", y_title=label + unit, alt=f"{label} of all variants by step",
        log_y=_is_wide(curves),
    )  # fmt: skip
    return f"<figure><figcaption><b>{escape(label)}</b></figcaption>{chart}</figure>"


def _is_wide(curves: Sequence[RaceCurve]) -> bool:
    """Tell whether the curves differ so much that small ones would lie on the floor."""
    least = min(float(curve.mean.min()) for curve in curves)
    most = max(float(curve.mean.max()) for curve in curves)
    return least > 0 and most / least > 30


def _pictures(design: ComparisonDesign, walls: Sequence[Wall]) -> str:
    steps = sorted({step for wall in walls for step in wall.grids})
    if not steps:
        return ""
    blocks = []
    for step in steps:
        figures = "".join(
            _picture(wall, step, design.variants[wall.variant].label)
            for wall in walls
            if step in wall.grids
        )
        blocks.append(f'<h3>Step {step:,}</h3><div class="walls">{figures}</div>')
    return f"<p>The same z for all variants; the first seed.</p>{''.join(blocks)}"


def _picture(wall: Wall, step: int, label: str) -> str:
    its_step, png = wall.grids[step]
    width_px = int.from_bytes(png[16:20], "big")  # of the PNG's header
    address = base64.b64encode(png).decode()
    early = f" (its last, step {its_step:,})" if its_step < step else ""
    alt = escape(f"Samples of {label} after step {its_step:,}", quote=True)
    return (
        f"<figure><figcaption>{_key(wall.variant)} {escape(label)}{early}</figcaption>"
        f'<img class="pixels" alt="{alt}" style="width:{width_px * max(1, 300 // width_px)}px" '
        f'src="data:image/png;base64,{address}"></figure>'
    )


def _equal(design: ComparisonDesign, notes: Sequence[str] | None) -> str:
    varied = "; ".join(
        f"{factor.title}: {', '.join(option.label for option in factor.options)}"
        for factor in design.factors
    )
    fairness = judge_fairness(design)
    said = [*fairness.unequal, *fairness.notes] if notes is None else notes
    listed = "".join(f'<p class="note">{escape(note)}</p>' for note in said)
    return (
        f"<p>Varied: {escape(varied)}. For one seed, all variants have in common: "
        f"{escape(', '.join(fairness.equal))}; and every other setting.</p>{listed}"
    )


def _runs(design: ComparisonDesign, outcomes: Sequence[RunOutcome]) -> str:
    rows = "".join(
        f"<tr><th>{_key(run.variant)} {escape(design.variants[run.variant].label)}</th>"
        f"<td>{run.seed}</td><td>{run.ending}</td><td>{run.step:,}</td><td>{run.seconds:,.0f}</td>"
        f"<td>{figure(run.final.distance) if run.final else '–'}</td>"
        f"<td>{figure(run.best.distance) if run.best else '–'}</td><td>{run.run_id}</td></tr>"
        for run in outcomes
    )
    return (
        '<div class="wide"><table><tr><th>Variant</th><th>Seed</th><th>State</th><th>Steps</th>'
        "<th>Seconds</th><th>Final distance</th><th>Best distance</th><th>Run</th></tr>"
        f"{rows}</table></div>"
    )


def _settings(design: ComparisonDesign) -> str:
    text = json.dumps(design.model_dump(mode="json"), indent=1, ensure_ascii=False)
    return f"<details><summary>The whole design</summary><pre>{escape(text)}</pre></details>"


def _key(variant: int) -> str:
    return f'<i class="key" style="background:{VARIANT_INKS[variant].light}"></i>'


def _walls(racers: Sequence[Racer]) -> list[Wall]:
    """Read a few sample grids of the first seed, of the averaged generator where there is one."""
    found = {racer: _samples(racer) for racer in racers if racer.seed == racers[0].seed}
    steps = sorted({step for by_step in found.values() for step in by_step})
    n = 1 if len(found) > _MANY else min(_MAX_WALL_STEPS, len(steps))
    # Evenly over the run, the last one included, so that progress is seen.
    chosen = [steps[-1 - i * (len(steps) - 1) // n] for i in range(n)] if steps else []
    return [_wall(racer, by_step, chosen) for racer, by_step in found.items()]


def _samples(racer: Racer) -> dict[int, Sample]:
    try:
        with RunStore.open(racer.folder.db_path) as store:
            samples = store.read_samples("ema") or store.read_samples("generator")
    except StoreError:
        return {}
    return {sample.step: sample for sample in samples if sample.step > 0}


def _wall(racer: Racer, by_step: dict[int, Sample], steps: Sequence[int]) -> Wall:
    grids = {}
    for step in steps:
        its_step = max((s for s in by_step if s <= step), default=None)
        if its_step is not None:
            with suppress(OSError):
                png = (racer.folder.path / by_step[its_step].path).read_bytes()
                grids[step] = its_step, png
    return Wall(racer.variant, grids)


_CSS = """
body { font-family: system-ui, sans-serif; color: #1a212b; background: #fff; max-width: 72rem;
  margin: 0 auto; padding: 1.5rem 1.2rem 3rem; line-height: 1.45; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.25rem; margin: 2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1rem 0 .4rem; }
.sentence { font-size: 1.15rem; font-weight: 600; }
.note { border-left: 3px solid #b84a00; padding-left: .7rem; }
.small { font-size: .85rem; opacity: .85; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0;
  border-top: 1px solid rgba(128,140,155,.3); }
tr:first-child > th { border-top: 0; font-size: .85rem; }
th, td { white-space: nowrap; } tr[class] td { white-space: normal; }
tr.agrees b { color: #1f7a33; } tr.disagrees b { color: #c62828; } tr.unclear b { color: #5a6472; }
.best { font-size: .8rem; border: 1px solid currentColor; border-radius: .3rem;
  padding: 0 .3rem; }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px;
  vertical-align: -1px; }
.charts { display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); }
.walls { display: flex; flex-wrap: wrap; gap: 1rem; }
.chart svg { max-width: 720px; } svg { width: 100%; height: auto; }
figure { margin: 0; } figcaption { margin-bottom: .3rem; }
.pixels { image-rendering: pixelated; display: block; max-width: 100%; height: auto; }
pre { white-space: pre-wrap; font-size: .85rem; background: #f3f5f7; padding: .7rem; }
footer { margin-top: 2rem; opacity: .7; }
@media print { figure, tr { break-inside: avoid; } }
"""
