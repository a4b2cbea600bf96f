"""The sliders: directions that mean something, or the numbers of z themselves, move one picture."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from gan.errors import GanError
from gan.latent.methods import METHODS, get_method
from gan.runs.latent.place import Place, encode
from gan.runs.latent.space import OWN, Space
from pages.widgets.components.slider_board import (
    Asked,
    Slider,
    Strips,
    asked_of_board,
    slider_board,
)
from pages.widgets.explore import state
from pages.widgets.explore.keeping import draw_keeping
from pages.widgets.explore.map import draw_here_among_real

RAW = "raw"
PAGE_SIZE = 20
N_FIRST = 5
N_THUMBS = 7
_PAGE = f"{state.KEPT}page"
_SHORT = {
    "ganspace": "Principal components", "sefa": "First weights", "classes": "Classes",
    "factors": "Features of faces", OWN: "Yours", RAW: "z itself",
}  # fmt: skip
_HELP = (
    "Where the sliders come from: directions that were found in the generator, directions that you "
    "kept, or the numbers of z one by one."
)


def draw_sliders(space: Space) -> None:
    """Draw the choice of directions, the board, and what can be kept."""
    method = _choose_method(space)
    try:
        with st.spinner("Looking for directions: a few seconds, once …", show_time=False):
            sliders = _sliders(space, method)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    _draw_about(method)
    if not sliders:
        st.info(
            "You have kept no direction for this generator yet: move sliders, then keep where they "
            "led under a name.",
            icon=":material/bookmark:",
        )
    if space.facts.classes:
        _choose_class(space)
    st.fragment(_draw_board)(space, method, sliders)
    draw_keeping(space)
    draw_here_among_real(space)


def _choose_method(space: Space) -> str:
    found = [m for m in ("factors", *METHODS) if m in space.facts.methods]
    methods = list(dict.fromkeys([*found, OWN, RAW]))
    state.begin_with(state.BY, methods[0], methods)
    return st.segmented_control(
        "Sliders", methods, key=state.BY, format_func=lambda m: _SHORT.get(m, m), required=True,
        help=_HELP, on_change=_new_board,
    )  # fmt: skip


def _new_board() -> None:
    """The sliders are others, and take their values from where one is."""
    st.session_state[state.EPOCH] = state.epoch() + 1


def _draw_about(method: str) -> None:
    if method in METHODS:
        info = get_method(method)
        of = "" if info.source.startswith("as ") else f" Source: {info.source}."
        st.caption(f"{info.why}{of}")
    elif method == RAW:
        st.caption(
            "The numbers that the generator is given, one slider each. One alone rarely means "
            "anything: that is why directions are worth looking for."
        )


def _choose_class(space: Space) -> None:
    run_id = space.source.run_id
    key = f"explore-label-{run_id}-{state.epoch()}"
    st.session_state.setdefault(key, space.label(state.here(run_id)))
    st.pills(
        "Class", range(len(space.facts.classes)), key=key, required=True,
        format_func=lambda i: space.facts.classes[i],
        help="The same z, drawn as another class.",
        on_change=lambda: state.go_to(
            run_id, replace(state.here(run_id), label=int(st.session_state[key]))
        ),
    )  # fmt: skip


# ---- which sliders ------------------------------------------------------------------------------


def _sliders(space: Space, method: str) -> list[Slider]:
    """Return all sliders of a method, as they stand at where one is. Raises GanError."""
    place = state.here(space.source.run_id)
    if method == RAW:
        return _raw_sliders(space, place)
    moves = dict(place.moves)
    if method == OWN:
        return [
            Slider(f"{OWN}.{one.slug}", one.name, moves.get((OWN, one.slug), 0), about=one.about)
            for one in space.own()
        ]
    found = space.found(method)
    ends = found.ends or [("", "")] * len(found.titles)
    about = get_method(method).share_title
    return [
        Slider(
            f"{method}.{i}", title, moves.get((method, str(i)), 0), share=_percent(float(share)),
            about=about[:1].upper() + about[1:], low=low, high=high,
        )
        for i, (title, share, (low, high)) in enumerate(
            zip(found.titles, found.shares, ends, strict=True)
        )
    ]  # fmt: skip


def _raw_sliders(space: Space, place: Place) -> list[Slider]:
    n = space.facts.latent_dim
    first = 0
    if n > PAGE_SIZE:
        pages = range(math.ceil(n / PAGE_SIZE))
        state.begin_with(f"{_PAGE}-{n}", 0)
        page = st.segmented_control(
            "Numbers of z", pages, key=f"{_PAGE}-{n}", required=True,
            format_func=lambda p: f"{p * PAGE_SIZE + 1}–{min(n, (p + 1) * PAGE_SIZE)}",
            on_change=_new_board,
        )  # fmt: skip
        first = page * PAGE_SIZE
    base = space.z(replace(place, coordinates=(), moves=()))
    set_to = dict(place.coordinates)
    zeros = [round(100 * float(x)) for x in base]
    return [
        Slider(f"z.{i}", f"z {i + 1}", set_to.get(i, zeros[i]), zero=zeros[i])
        for i in range(first, min(n, first + PAGE_SIZE))
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.095 else f"{100 * share:.1f} %"


# ---- the board ----------------------------------------------------------------------------------


def _draw_board(space: Space, method: str, sliders: Sequence[Slider]) -> None:
    """Answer what the browser asked for last; the only part that runs while a slider moves."""
    key = f"explore-board-{space.source.run_id}"
    run_id = space.source.run_id
    asked = asked_of_board(key)
    is_new = asked.epoch == state.epoch() and asked.seq > st.session_state.get(f"{key}-seq", 0)
    n_shown = max(N_FIRST, asked.n_shown if asked.epoch == state.epoch() else 0)
    if method == RAW:
        n_shown = PAGE_SIZE
    if is_new:
        st.session_state[f"{key}-seq"] = asked.seq
        state.slid_to(run_id, moved(state.here(run_id), sliders, asked))
    place = state.here(run_id)
    shown = [_standing(slider, place) for slider in sliders[:n_shown]]
    is_settled = asked.settled or not is_new
    try:
        drawn = space.draw([place], scores=True)
        strips = _strips(space, place, shown, asked) if is_settled else None
        z = [float(x) for x in space.z(place)] if is_settled else []
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    score = None if drawn.scores is None else float(drawn.scores[0])
    slider_board(
        drawn.images[0], shown, asked, key=key, epoch=state.epoch(),
        title=state.describe(space, place), alt="The picture that the sliders move",
        truncation=place.truncation, n_more=len(sliders) - len(shown),
        score=_score_text(space, score), z=z, strips=strips,
    )  # fmt: skip
    if is_new and is_settled:
        state.write_address(space)


def moved(place: Place, sliders: Sequence[Slider], asked: Asked) -> Place:
    """Return where a board's sliders lead from a place; what other boards moved stays."""
    if asked.reset:
        place = place.unmoved()
    place = replace(place, truncation=min(100, max(0, int(asked.truncation))))
    for slider in sliders:
        kind, which = slider.id.split(".")
        value = asked.values.get(slider.id)
        if kind == "z":
            place = place.with_coordinate(int(which), None if value is None else int(value))
        else:
            place = place.with_move((kind, which), int(value or 0))
    return place


def _standing(slider: Slider, place: Place) -> Slider:
    kind, which = slider.id.split(".")
    if kind == "z":
        return replace(slider, value=dict(place.coordinates).get(int(which), slider.zero))
    return replace(slider, value=dict(place.moves).get((kind, which), 0))


def _strips(space: Space, place: Place, shown: Sequence[Slider], asked: Asked) -> Strips | None:
    """Return what each slider would make of the picture; None if the browser has it."""
    values = [round(asked.reach * x) for x in np.linspace(-1, 1, N_THUMBS)]
    key = f"{space.key} {encode(place)} {asked.reach} {','.join(slider.id for slider in shown)}"
    if key == asked.has or not shown:
        return None
    places = [_with(place, slider, value) for slider in shown for value in values]
    return Strips(key, values, space.draw(places).images)


def _with(place: Place, slider: Slider, value: int) -> Place:
    kind, which = slider.id.split(".")
    if kind == "z":
        return place.with_coordinate(int(which), value)
    return place.with_move((kind, which), value)


def _score_text(space: Space, score: float | None) -> str:
    if score is None:
        return ""
    if space.facts.score_is_probability:
        return f"D says: real with {100 / (1 + math.exp(-max(-60.0, min(60.0, score)))):.0f} %"
    return f"D's score: {score:.3g}"
