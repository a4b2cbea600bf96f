"""An evaluation as a report of one page: an HTML file that needs nothing else, for anybody.

Door layer, without Streamlit and without torch.
"""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from numpy.typing import NDArray

from gan.features.catalog import get_feature_info
from gan.figures import quality_html as pieces
from gan.figures.map_svg import how_to_read, map_svg
from gan.figures.quality_html import Side
from gan.figures.walls import WALLS, about_pairs, wall_caption
from gan.runs.sheets import make_sheet


def make_report(answer: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return the report of one evaluation as HTML.

    Args:
        answer, arrays: as `gan.runs.evaluations` has them.
    """
    side = Side(f"{answer['run']} · step {answer['step']:,}", answer, arrays)
    sections = [
        ("At a glance", pieces.about(side) + pieces.headline([side]) + _notes(answer)),
        ("Best and worst", _walls(side)),
        ("Map", _map(side)),
        ("Classes", pieces.classes(side)),
        ("Copying", _copying(side)),
        ("All figures", pieces.all_figures([side])),
        ("How it was measured", _conditions(answer)),
    ]
    body = "".join(f"<h2>{title}</h2>{html}" for title, html in sections if html)
    title = escape(f"{answer['run']}, step {answer['step']:,}: how good is it?")
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title>{pieces.style(dark=False)}<style>{_CSS}</style></head>"
        f'<body class="q-root"><h1>{title}</h1>{body}'
        "<footer>Made by GAN Workbench.</footer></body></html>\n"
    )


def report_name(answer: Mapping[str, Any]) -> str:
    """Return a name for the report's file, without its ending."""
    return f"{answer['id']}-step-{answer['step']}-{answer['features']}-{answer['n_asked']}"


def _notes(answer: Mapping[str, Any]) -> str:
    return "".join(f'<p class="note">{escape(note)}</p>' for note in answer["notes"])


def _walls(side: Side) -> str:
    walls = []
    for name, title in WALLS.items():
        if name in side.arrays:
            pictures = side.arrays[name]
            sheet = make_sheet(pictures, gutter_px=2)
            image = pieces.picture(
                sheet, f"{title}: {len(pictures)} samples", factor=_factor(sheet)
            )
            walls.append(
                f"<figure><figcaption><b>{title}</b></figcaption>{image}"
                f'<p class="q-small">{escape(wall_caption(name, side.answer))}</p></figure>'
            )
    return f'<div class="walls">{"".join(walls)}</div>' if walls else ""


def _map(side: Side) -> str:
    if "map_density" not in side.arrays:
        return ""
    facts = side.answer["map"]
    picture = map_svg(facts, side.arrays, dark=False)
    return f'<p>{escape(how_to_read(facts))}</p><div class="map">{picture}</div>'


def _copying(side: Side) -> str:
    if "pairs" not in side.arrays or not side.answer["copying"]:
        return ""
    sheet = pieces.pair_sheet(side.arrays["pairs"], columns=3)
    image = pieces.picture(
        sheet, "Suspicious samples beside training images", factor=_factor(sheet)
    )
    return f"<p>{escape(about_pairs(side.answer))}</p>{image}"


def _conditions(answer: Mapping[str, Any]) -> str:
    info = get_feature_info(answer["features"])
    accuracy = ""
    if info.accuracy is not None:
        accuracy = f" It classifies {100 * info.accuracy:.1f} % of {info.tested_on} rightly."
    facts = {
        "Run": f"{answer['run']} ({answer['id']}), recipe {answer['recipe'] or 'none'}",
        "Generator": f"step {answer['step']:,}, "
        + ("averaged (EMA)" if answer["generator"] == "ema" else "as trained"),
        "Samples": f"{answer['n_fake']:,}, seed {answer['seed']}",
        "Real pictures": f"{answer['n_real']:,} of {answer['data']['n_images']:,}. "
        f"{answer['data']['why']}",
        "Features": f"{info.title} ({info.name}): {info.n_features} numbers a picture. "
        f"{info.help_text}{accuracy}",
        "Intervals": "hold the true value in 95 of 100 measurements with other samples; the real "
        "pictures are taken as they are.",
        "Time": f"{answer['elapsed_s']:.1f} s",
    }
    rows = "".join(
        f"<tr><th>{name}</th><td>{escape(text)}</td></tr>" for name, text in facts.items()
    )
    settings = escape(json.dumps(answer["settings"], indent=1, ensure_ascii=False))
    return (
        f"<table>{rows}</table><details><summary>Settings of the run</summary>"
        f"<pre>{settings}</pre></details>"
    )


def _factor(sheet: NDArray[Any]) -> int:
    return max(1, 460 // int(sheet.shape[1]))


_CSS = """
body { font-family: system-ui, sans-serif; color: #1a212b; background: #fff; max-width: 62rem;
  margin: 0 auto; padding: 1.5rem 1.2rem 3rem; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.25rem; margin: 2rem 0 .6rem; }
.walls { display: grid; gap: 1.2rem;
  grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); }
figure { margin: 0; } figcaption { margin-bottom: .3rem; }
@media (min-width: 640px) { .q-cards { grid-template-columns: repeat(3, 1fr); } }
.map svg { width: 100%; max-width: 680px; }
.note { border-left: 3px solid #b84a00; padding-left: .7rem; }
table { border-collapse: collapse; } th { text-align: left; vertical-align: top;
  padding: .3rem 1rem .3rem 0; white-space: nowrap; } td { padding: .3rem 0; }
pre { white-space: pre-wrap; font-size: .8rem; } footer { margin-top: 2rem; opacity: .7; }
@media print { .q-row, .q-class, figure { break-inside: avoid; } }
"""
