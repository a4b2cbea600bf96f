"""What an evaluation found, alone or beside another: figures first, then pictures, map, classes."""

import json
from collections.abc import Callable
from html import escape

import streamlit as st

from gan.figures import quality_html as pieces
from gan.figures.map_svg import how_to_read, map_image
from gan.figures.quality_html import Side
from gan.figures.report import make_report, report_name
from gan.figures.walls import WALLS, about_pairs, wall_badges, wall_caption
from gan.runs.evaluations import Answer, read_pictures, why_incomparable
from gan.runs.sheets import encode_png, make_sheet
from pages.widgets import texts
from pages.widgets.components.sample_wall import Sheet, sample_wall
from pages.widgets.evaluate.form import Chosen


def draw_result(found: list[tuple[Chosen, Answer]]) -> None:
    """Draw one answer, or two side by side if they may be compared."""
    sides = [
        Side(one.title, answer, read_pictures(one.folder, one.question)) for one, answer in found
    ]
    if len(sides) > 1:
        problem = why_incomparable(sides[0].answer, sides[1].answer)
        if problem:
            st.error(problem, icon=":material/error:")
            sides, found = sides[:1], found[:1]
    _draw_figures(sides)
    if len(sides) == 1:
        _draw_one(sides[0], _key(found[0][0]))
    else:
        _draw_two(sides, [f"{i}-{_key(one)}" for i, (one, _) in enumerate(found)])
    with st.expander("All figures, and how to read them", icon=":material/table_rows:"):
        _html(pieces.all_figures(sides))
    _draw_downloads(found, sides)


def _draw_one(side: Side, key: str) -> None:
    st.subheader("Best and worst", divider="gray")
    _draw_walls(side, key, n_columns=4)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Map: real and generated", divider="gray")
        _draw_map(side)
    with right:
        st.subheader("Copying", divider="gray")
        _draw_copying(side)
    st.subheader("Classes", divider="gray")
    _draw_classes(side)


def _draw_two(sides: list[Side], keys: list[str]) -> None:
    for place, side, key in zip(st.columns(2, gap="large"), sides, keys, strict=True):
        with place:
            st.subheader(texts.escape(side.title), divider="gray")
            _draw_walls(side, key, n_columns=2)
    sections: tuple[tuple[str, Callable[[Side], None]], ...] = (
        ("Map: real and generated", _draw_map),
        ("Copying", _draw_copying),
        ("Classes", _draw_classes),
    )
    for title, draw in sections:
        st.subheader(title, divider="gray")
        for place, side in zip(st.columns(2, gap="large"), sides, strict=True):
            with place:
                draw(side)


def _draw_figures(sides: list[Side]) -> None:
    html = pieces.about(sides[0]) if len(sides) == 1 else ""
    if len(sides) > 1:
        html = "".join(f"<b>{escape(side.title)}</b>{pieces.about(side)}" for side in sides)
    _html(html + pieces.headline(sides))
    for note in dict.fromkeys(note for side in sides for note in side.answer["notes"]):
        st.info(note, icon=":material/info:")


def _draw_walls(side: Side, key: str, n_columns: int) -> None:
    walls = [name for name in WALLS if name in side.arrays]
    if not walls:
        st.caption("The pictures of this measurement are lost: measure again.")
        return
    for start in range(0, len(walls), n_columns):
        row = walls[start : start + n_columns]
        for place, name in zip(st.columns(n_columns), row, strict=False):
            with place:
                _draw_wall(side, name, key)


def _draw_wall(side: Side, name: str, key: str) -> None:
    pictures = side.arrays[name]
    n, height, width, _ = pictures.shape
    sample_wall(
        Sheet(
            png=encode_png(make_sheet(pictures)),
            n=n,
            width_px=width,
            height_px=height,
            title=WALLS[name],
            alt=f"{WALLS[name]}: {n} samples of {side.title}",
            file_name=f"{report_name(side.answer)}-{name}.png",
            badges=wall_badges(name, side.answer),
        ),
        key=f"wall-{name}-{key}",
        series=f"{key}/{name}/{side.answer['elapsed_s']}",
        max_scale=4,
    )
    st.caption(wall_caption(name, side.answer))


def _draw_map(side: Side) -> None:
    if "map_density" not in side.arrays:
        st.caption("The map of this measurement is lost: measure again.")
        return
    facts = side.answer["map"]
    _html(map_image(facts, side.arrays, dark=_is_dark()))
    st.caption(how_to_read(facts))


def _draw_classes(side: Side) -> None:
    html = pieces.classes(side)
    if html:
        _html(html)
    else:
        st.caption("No network on this machine knows the classes of these pictures.")


def _draw_copying(side: Side) -> None:
    if "pairs" not in side.arrays or not side.answer["copying"]:
        st.caption("There is nothing to show: see the note above.")
        return
    sheet = pieces.pair_sheet(side.arrays["pairs"], columns=3)
    factor = max(1, 560 // sheet.shape[1])
    _html(pieces.picture(sheet, "Suspicious samples beside training pictures", factor=factor))
    st.caption(about_pairs(side.answer))


def _draw_downloads(found: list[tuple[Chosen, Answer]], sides: list[Side]) -> None:
    with st.container(horizontal=True, key="evaluation-downloads"):
        for i, ((one, answer), side) in enumerate(zip(found, sides, strict=True)):
            of = f" · {one.title}" if len(found) > 1 else ""
            name = report_name(answer)
            st.download_button(
                f"Report (HTML){of}", lambda side=side: make_report(side.answer, side.arrays),
                f"{name}.html", "text/html", icon=":material/download:", type="primary",
                key=f"report-{i}-{name}", on_click="ignore",
            )  # fmt: skip
            st.download_button(
                f"Figures (JSON){of}", json.dumps(answer, ensure_ascii=False, indent=1),
                f"{name}.json", "application/json", icon=":material/download:",
                key=f"json-{i}-{name}", on_click="ignore",
            )  # fmt: skip
    for one, _ in found:
        st.caption(f"Kept in {one.folder.evaluations_dir}.")


def _key(one: Chosen) -> str:
    return f"{one.folder.id}-{one.question.file_name}"


def _html(html: str) -> None:
    st.html(f'{pieces.style(dark=_is_dark())}<div class="q-root">{html}</div>')


def _is_dark() -> bool:
    return st.context.theme.type == "dark"
