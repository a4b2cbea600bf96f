"""What an evaluation found, as pieces of HTML that a page and the report share.

Door layer, without Streamlit and without torch. All that people wrote, such as names of classes, is
escaped. Pictures are part of the text (data addresses), so that nothing has to be fetched.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt

from gan.features.catalog import get_feature_info
from gan.figures.colours import GENERATED, REAL
from gan.metrics.catalog import MEASURES
from gan.runs.sheets import encode_png, make_sheet

Figures = Mapping[str, Mapping[str, float | None]]

MAX_CLASSES = 50  # of which each gets a row
HEADLINE = ("frechet", "precision", "recall", "modes_missing", "near_duplicates", "near_training")
_GROUPS = {
    "quality": "Do the pictures look real?",
    "variety": "Are they various?",
    "modes": "Are all classes there?",
    "copying": "Are they copied?",
}
_CAUTION = (
    "Small print beside a figure: its 95 % interval. Figures in other features, from another "
    "number of pictures or against other real ones cannot be compared with these."
)
_ONLY_INCEPTION = {"frechet": "FID", "kernel": "KID"}


@dataclass(frozen=True)
class Side:
    """One evaluation as it is shown, alone or beside another.

    Attributes:
        title: of which run and step: 'vanilla-fashion 1 · step 1,200'.
        answer: as `gan.runs.evaluations` has it.
        arrays: its pictures and map; {} if they are lost.
    """

    title: str
    answer: Mapping[str, Any]
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


def about(side: Side) -> str:
    """Return the sentence that says what was compared with what, as every figure needs it."""
    answer = side.answer
    info = get_feature_info(answer["features"])
    of = "the averaged generator (EMA)" if answer["generator"] == "ema" else "the generator itself"
    return (
        f"<p>{answer['n_fake']:,} samples of {of} at step {answer['step']:,} against "
        f"{answer['n_real']:,} real pictures, as the <b>{escape(info.title)}</b> sees them.</p>"
    )


def headline(sides: Sequence[Side]) -> str:
    """Return the few figures to look at first, each with its interval and its meaning."""
    cards = []
    for name in HEADLINE:
        if any(name in side.answer["figures"] for side in sides):
            measure = MEASURES[name]
            values = "".join(_value(name, side, sides) for side in sides)
            words = f"{escape(measure.meaning)} {_goal(name, sides[0])}"
            cards.append(
                f'<div class="q-card"><div class="q-name">{_title(name, sides[0])}</div>{values}'
                f'<div class="q-small">{words}</div></div>'
            )
    return f'<div class="q-cards">{"".join(cards)}</div><p class="q-small">{_CAUTION}</p>'


def all_figures(sides: Sequence[Side]) -> str:
    """Return every figure by what it is about, with its bias, what it does not see, its source."""
    parts = []
    for group, question in _GROUPS.items():
        rows = [
            _row(name, sides)
            for name, measure in MEASURES.items()
            if measure.group == group and any(name in s.answer["figures"] for s in sides)
        ]
        if rows:
            parts.append(f"<h4>{question}</h4>{''.join(rows)}")
    return "".join(parts)


def classes(side: Side) -> str:
    """Return a row for each class: how often it is made, how well, and examples."""
    found = side.answer["classes"]
    if not found:
        return ""
    if len(found) > MAX_CLASSES:
        return _missing_classes(found)
    most = max((max(f.get("real", 0), f.get("generated", 0)) for f in found.values()), default=1)
    offsets = [0, 0]
    rows = []
    for name, facts in found.items():
        strips = []
        for i, stack in enumerate(("class_real", "class_fake")):
            n = facts.get("n_shown", [0, 0])[i]
            pictures = side.arrays.get(stack)
            what = ("real", "generated")[i]
            strips.append(_strip(pictures, offsets[i], n, f"{what} pictures of class {name}"))
            offsets[i] += n
        rows.append(
            f'<div class="q-class"><div><b>{escape(name)}</b>{_class_bars(facts, most)}</div>'
            f'<div class="q-strips">{"".join(strips)}</div></div>'
        )
    return f'{_legend()}<div class="q-classes">{"".join(rows)}</div>'


def picture(pixels: npt.NDArray[np.uint8], alt: str, *, factor: int, fluid: bool = True) -> str:
    """Return `[H, W, C]` uint8 as an image, enlarged by a whole factor where there is room."""
    address = base64.b64encode(encode_png(pixels)).decode()
    width = pixels.shape[1] * factor
    limit = "max-width:100%;" if fluid else ""
    return (
        f'<img class="q-pixels" alt="{escape(alt, quote=True)}" '
        f'style="width:{width}px;{limit}" src="data:image/png;base64,{address}">'
    )


def pair_sheet(pairs: npt.NDArray[np.uint8], columns: int) -> npt.NDArray[np.uint8]:
    """Return samples `[P, 2, H, W, C]`, each left of what it resembles, as one picture."""
    n, _, height, width, channels = pairs.shape
    tiles = np.full((n, height, 2 * width + 1, channels), 255, dtype=np.uint8)
    tiles[:, :, :width], tiles[:, :, width + 1 :] = pairs[:, 0], pairs[:, 1]
    return make_sheet(tiles, columns=columns, gutter_px=max(3, width // 6))


def style(*, dark: bool) -> str:
    """Return the style sheet of these pieces on a light or a dark background."""
    real, generated = (ink.dark if dark else ink.light for ink in (REAL, GENERATED))
    return f"<style>.q-root {{ --q-real: {real}; --q-fake: {generated}; }} {CSS}</style>"


def number(name: str, value: float | None) -> str:
    """Return a figure with sensible digits and its unit; an absent value is an infinite one."""
    if value is None:
        return "∞"
    unit = MEASURES[name].unit
    if unit == "share":
        return f"{100 * value:.2f} %" if 0 < value < 0.01 else f"{100 * value:.1f} %"
    if unit in ("classes", "samples"):
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _title(name: str, side: Side) -> str:
    is_inception = get_feature_info(side.answer["features"]).is_inception
    return escape(_ONLY_INCEPTION.get(name, "") if is_inception else "") or escape(
        MEASURES[name].title
    )


def _value(name: str, side: Side, sides: Sequence[Side]) -> str:
    figure = side.answer["figures"].get(name)
    whose = f'<span class="q-small">{escape(side.title)}</span><br>' if len(sides) > 1 else ""
    if figure is None:
        return f'<div class="q-value">{whose}–</div>'
    low, high = figure.get("low"), figure.get("high")
    span = ""
    if low is not None and high is not None:
        span = f' <span class="q-small">{number(name, low)} to {number(name, high)}</span>'
    better = ' <span class="q-better">better</span>' if _is_better(name, side, sides) else ""
    return f'<div class="q-value">{whose}{number(name, figure["value"])}{span}{better}</div>'


def _is_better(name: str, side: Side, sides: Sequence[Side]) -> bool:
    """Tell whether a figure beats the other side's beyond doubt: the intervals do not touch."""
    others = [s for s in sides if s is not side]
    if len(others) != 1 or MEASURES[name].better == "level":
        return False
    ends: list[tuple[float, float]] = []
    for one in (side, others[0]):
        figure = one.answer["figures"].get(name)
        if figure is None or figure.get("low") is None or figure.get("high") is None:
            return False
        ends.append((float(figure["low"]), float(figure["high"])))
    (low, high), (other_low, other_high) = ends
    return high < other_low if MEASURES[name].better == "lower" else low > other_high


def _goal(name: str, side: Side) -> str:
    """Return which way is better, and what real pictures get."""
    measure = MEASURES[name]
    figure = side.answer["figures"].get(name) or {}
    words = {"lower": "Lower is better.", "higher": "Higher is better."}.get(measure.better, "")
    level = figure.get("real")
    if level is None and measure.better == "level":
        level = measure.ideal
    if level is not None and measure.better != "lower":
        words += f" Real pictures: {number(name, level)}."
    return f'<span class="q-goal">{words.strip()}</span>'


def _row(name: str, sides: Sequence[Side]) -> str:
    measure = MEASURES[name]
    values = "".join(_value(name, side, sides) for side in sides)
    return (
        f'<div class="q-row"><div><b>{_title(name, sides[0])}</b> '
        f'{_goal(name, sides[0])}<div class="q-small">{escape(measure.meaning)}</div>'
        f'<details class="q-small"><summary>How to read it</summary>Number of samples: '
        f"{escape(measure.bias)} What it misses: {escape(measure.caveat)} "
        f"Source: {escape(measure.source)}.</details></div><div>{values}</div></div>"
    )


def _class_bars(facts: Mapping[str, Any], most: int) -> str:
    bars = []
    for key, ink in (("real", "--q-real"), ("generated", "--q-fake")):
        if key in facts:
            share = 100 * facts[key] / max(1, most)
            bars.append(
                f'<div class="q-bar"><span style="width:{share:.1f}%;background:var({ink})"></span>'
                f"<i>{facts[key]:,}</i></div>"
            )
    words = []
    if facts.get("asked"):
        seen = f", {facts['agree']:,} of them seen as it" if "agree" in facts else ""
        words.append(f"asked for {facts['asked']:,} times{seen}")
    if facts.get("precision"):
        words.append(
            f"precision {100 * facts['precision']['value']:.0f} %, "
            f"density {facts['density']['value']:.2f}"
        )
    else:
        words.append("never made")
    return f'{"".join(bars)}<div class="q-small">{"; ".join(words)}</div>'


def _missing_classes(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Say which of very many classes are never made, if a network saw that."""
    if not any("generated" in facts for facts in found.values()):
        return ""
    made = sum(facts.get("generated", 0) > 0 for facts in found.values())
    missing = [n for n, f in found.items() if f.get("real", 0) and not f.get("generated", 0)]
    some = ", ".join(escape(name) for name in missing[:MAX_CLASSES])
    more = f" and {len(missing) - MAX_CLASSES:,} more" if len(missing) > MAX_CLASSES else ""
    words = f"never made are {some}{more}" if missing else "none of the data's is missing"
    return f"<p>{made:,} of {len(found):,} classes are made; {words}.</p>"


def _strip(pictures: npt.NDArray[np.uint8] | None, start: int, n: int, alt: str) -> str:
    if pictures is None or n == 0:
        return '<span class="q-small">–</span>'
    sheet = make_sheet(pictures[start : start + n], columns=n, gutter_px=1)
    return picture(sheet, f"{n} {alt}", factor=1 if pictures.shape[2] >= 48 else 2)


def _legend() -> str:
    return (
        '<p class="q-small"><span class="q-key" style="background:var(--q-real)"></span> real '
        '<span class="q-key" style="background:var(--q-fake)"></span> generated; bars: how many '
        "pictures the network sees as this class. Examples: real ones first, then generated.</p>"
    )


CSS = """
.q-root { line-height: 1.45; }
.q-root p { margin: 0 0 .6rem; } .q-cards + p { margin-top: .6rem; }
.q-root h4 { margin: 1.2rem 0 .2rem; font-size: 1.05rem; }
.q-cards { display: grid; gap: .8rem;
  grid-template-columns: repeat(auto-fit, minmax(12.5rem, 1fr)); }
.q-card { border: 1px solid rgba(128,140,155,.45); border-radius: .4rem; padding: .8rem 1rem; }
.q-name { font-weight: 600; }
.q-value { font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums;
  line-height: 1.3; }
.q-value .q-small { white-space: nowrap; }
.q-small { font-size: .85rem; font-weight: 400; opacity: .85; }
.q-goal { font-size: .85rem; font-weight: 600; }
.q-better { font-size: .8rem; font-weight: 600; border: 1px solid currentColor;
  border-radius: .3rem; padding: 0 .3rem; }
.q-row { display: grid; grid-template-columns: minmax(0, 1fr) minmax(9rem, auto); gap: 1rem;
  padding: .55rem 0; border-top: 1px solid rgba(128,140,155,.3); }
.q-row .q-value { font-size: 1.15rem; text-align: right; }
.q-row .q-value .q-small { display: block; }
.q-pixels { image-rendering: pixelated; display: block; height: auto; }
.q-class { display: grid;
  grid-template-columns: minmax(11rem, 1fr) minmax(0, 2.7fr); gap: 1rem;
  padding: .5rem 0; border-top: 1px solid rgba(128,140,155,.3); align-items: center; }
.q-strips { display: grid; gap: 3px 1rem; overflow: hidden; align-items: center;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 29rem), 1fr)); }
.q-bar { display: flex; align-items: center; gap: .4rem; height: 1.05rem; }
.q-bar span { display: inline-block; height: .6rem; min-width: 2px; border-radius: 2px; }
.q-bar i { font-style: normal; font-size: .8rem; font-variant-numeric: tabular-nums;
  white-space: nowrap; }
.q-bar span { max-width: calc(100% - 4rem); }
.q-key { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px;
  vertical-align: -1px; }
@media (max-width: 640px) {
  .q-row, .q-class { grid-template-columns: minmax(0, 1fr); gap: .3rem; }
  .q-row .q-value { text-align: left; }
}
"""
