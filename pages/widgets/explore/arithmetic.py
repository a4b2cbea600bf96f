"""Arithmetic: sums, differences and means of picked points, as they are and back on the shell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from gan.errors import GanError
from gan.figures.shell_svg import NormMark, shell_image
from gan.latent.points import Floats, analogy, mean, total
from gan.runs.studio.records import GeneratorFacts, Source
from pages.widgets.explore.figures import figure_html
from pages.widgets.explore.points import MAX_PICKED, Point, pick_point
from pages.widgets.explore.settings import Setting
from pages.widgets.resources import studio

_PICTURE_PX = 132


@dataclass(frozen=True)
class Operation:
    """What can be done with points.

    Attributes:
        title: as it stands on its button.
        signs: what stands before each operand; one for each that it takes, of any number if empty.
        compute: `(points [N, D], keep_norm) -> z [D]`.
        lesson: why the result lies where it does.
    """

    title: str
    signs: tuple[str, ...]
    compute: Callable[[Floats, bool], Floats]
    lesson: str


OPERATIONS = {
    "sum": Operation(
        "A + B",
        ("", "+"),
        lambda z, keep: total(z, keep_norm=keep),
        "Two z at random stand nearly at right angles, so their sum is √2 times as far from 0 as "
        "each: outside the shell where z live, at a place the generator never saw while it "
        "learned. It exaggerates what both have; back on the shell it mixes them.",
    ),
    "analogy": Operation(
        "A − B + C",
        ("", "−", "+"),
        lambda z, keep: analogy(z[0], z[1], z[2], keep_norm=keep),
        "What A has and B has not is given to C. Three z at random add up to a point √3 times as "
        "far from 0, outside the shell where z live; it works best where A and B differ in one "
        "thing only, and with the mean of several pictures for each letter.",
    ),
    "mean": Operation(
        "Mean",
        (),
        lambda z, keep: mean(z, keep_norm=keep),
        "The mean of n z at random is √n times nearer to 0 than they are: inside the shell where "
        "z live, near the middle that belongs to no picture in particular, so it looks bland. "
        "Back on the shell it is a picture like others that has something of all.",
    ),
}

_OPERATION = Setting("operation", "sum", tuple(OPERATIONS))


def draw_arithmetic(source: Source, picked: list[Point]) -> None:
    """Draw the choice of operation and points, the results, and where they lie."""
    if len(picked) < 2:
        st.info(
            "Arithmetic takes two or more picked pictures: pick them in the gallery.",
            icon=":material/calculate:",
        )
        return
    st.fragment(_draw_sum)(source, picked)


def _draw_sum(source: Source, picked: list[Point]) -> None:
    name, operands = _choose(picked)
    operation = OPERATIONS[name]
    points = np.stack([point.z for point in operands])
    try:
        facts = studio().describe(source)
        results = [operation.compute(points, keep) for keep in (False, True)]
        z = np.concatenate([points, np.stack(results)])
        label = operands[0].label
        labels = [*(point.label for point in operands), label, label]
        given = np.array(labels, dtype=np.int64) if facts.classes and None not in labels else None
        drawn = studio().draw(source, z, given, scores=facts.has_discriminator)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    captions = [*(point.name for point in operands), "as it is", "back on the shell"]
    figures = [
        figure_html(
            image,
            caption,
            _words(float(np.linalg.norm(each)), _score(facts, drawn.scores, i)),
            size_px=_PICTURE_PX,
        )
        for i, (image, caption, each) in enumerate(zip(drawn.images, captions, z, strict=True))
    ]
    st.html(_equation(operation, figures))
    _draw_buttons(source, _expression(operation, operands), results, label)
    st.markdown(operation.lesson)
    _draw_shell(operands, results)
    st.caption(
        "The grey hill is where a normal z of this many numbers lies: its distance from 0 hardly "
        "varies, which is why people speak of a shell. Grey marks are the points that went in."
        + (" The class is that of the first point." if given is not None else "")
    )


def _choose(picked: list[Point]) -> tuple[str, list[Point]]:
    names = [name for name, each in OPERATIONS.items() if len(picked) >= max(2, len(each.signs))]
    _OPERATION.begin(names)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name: str = st.segmented_control(
            "Operation", names, key=_OPERATION.key, required=True,
            format_func=lambda each: OPERATIONS[each].title,
            help="A − B + C needs three picked pictures.",
        )  # fmt: skip
        _OPERATION.write()
        signs = OPERATIONS[name].signs
        if not signs:
            chosen = st.multiselect(
                "Of", range(len(picked)), list(range(len(picked))), key=f"mean-{_keys(picked)}",
                format_func=lambda i: picked[i].name, max_selections=MAX_PICKED,
            )  # fmt: skip
            return name, [picked[i] for i in chosen] or picked
        operands = []
        for place, letter in enumerate("ABC"[: len(signs)]):
            i = st.selectbox(
                f"{signs[place]} {letter}".strip(), range(len(picked)), place, width=150,
                key=f"operand-{letter}-{_keys(picked)}", format_func=lambda i: picked[i].name,
            )  # fmt: skip
            operands.append(picked[i])
    return name, operands


def _keys(picked: list[Point]) -> str:
    return "".join(point.key[:3] for point in picked)


def _score(facts: GeneratorFacts, scores: Floats | None, i: int) -> str:
    if scores is None:
        return ""
    value = float(scores[i])
    if facts.score_is_probability:
        return f"D: {100 / (1 + np.exp(-value)):.0f} % real"
    return f"D's score {value:.2f}"


def _words(norm: float, score: str) -> str:
    return f"|z| = {norm:.1f}" + (f"<br>{score}" if score else "")


def _equation(operation: Operation, figures: list[str]) -> str:
    """Return the operands with their signs, an equals sign, and both results."""
    operands = figures[:-2]
    signs = operation.signs or ("mean of", *["and"] * (len(operands) - 1))
    top = _PICTURE_PX // 2 - 18
    sign = f'<span style="font-size:1.6rem;padding-top:{top}px">'
    parts = []
    for each, figure in zip(signs, operands, strict=True):
        size = ";font-size:1rem" if len(each) > 1 else ""
        parts.append(f'{sign[:-2]}{size}">{each}</span>{figure}' if each else figure)
    parts += [f"{sign}=</span>{figures[-2]}", f"{sign}or</span>{figures[-1]}"]
    groups = (f'<div style="display:flex;gap:12px">{part}</div>' for part in parts)
    return f'<div style="display:flex;flex-wrap:wrap;gap:14px 12px">{"".join(groups)}</div>'


def _expression(operation: Operation, operands: Sequence[Point]) -> str:
    """Return such as 'A − B + C', with the points' own names."""
    if not operation.signs:
        return f"mean of {', '.join(point.name for point in operands)}"
    words = [f"{s} {p.name}" for s, p in zip(operation.signs, operands, strict=True)]
    return " ".join(words).strip()


def _draw_buttons(
    source: Source, expression: str, results: Sequence[Floats], label: int | None
) -> None:
    with st.container(horizontal=True):
        for z, how in zip(results, ("as it is", "back on the shell"), strict=True):
            if st.button(f"Pick it {how}", icon=":material/add:", key=f"pick-{how}"):
                point = Point(z.astype(np.float32), label, "", f"{expression}, {how}")
                if pick_point(source.run_id, point):
                    st.rerun()
                st.caption("It is picked already, or there is no room: take one out first.")


def _draw_shell(operands: Sequence[Point], results: Sequence[Floats]) -> None:
    marks = [NormMark(point.name, float(np.linalg.norm(point.z))) for point in operands]
    for z, name in zip(results, ("as it is", "on the shell"), strict=True):
        marks.append(NormMark(name, float(np.linalg.norm(z)), is_result=True))
    st.html(shell_image(len(results[0]), marks, dark=st.context.theme.type == "dark"))
