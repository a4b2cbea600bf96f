"""What the Explore page remembers, and how it stands in the address.

The session holds it, the address follows; a link, the Back button and another page's "open in
latent space" are read in the other direction, once. Where one is in latent space is kept by run.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import streamlit as st

from gan.errors import GanError
from gan.runs.latent.place import Given, Place, Seeded, decode, encode
from gan.runs.latent.space import Space
from gan.runs.studio import Source
from pages.widgets.explore.points import MAX_PICKED, Point, pick_point, picked_points, set_picked

KEPT = "explore_set_"
"""Widgets whose keys begin so keep their values while another tab or page is shown."""

TAB = "explore_tab"
RUN = "explore_run"
STEP = "explore_step"
AVERAGE = "explore_average"
BY = f"{KEPT}by"
"""Which sliders are shown: a way of finding directions, those that were kept, or z itself."""

KEPT_STEP = -1
"""Stands for the saved state that the run keeps."""

SLIDERS_TAB = "Sliders"

_HERE = "explore_here"
EPOCH = "explore_epoch"
_CODES = "explore_codes"
_BEGUN = "explore_begun"
_N_FIRST = 3
_MAX_CODES = 1000
_MAX_WRITTEN = 50
_WANTED = "explore_wanted"
_WRITTEN = "explore_written"
_PARAMETERS = ("run", "step", "raw", "tab", "by", "at", "p")
_SETTLES_IN_S = 10.0  # by then every refresh that the browser sent before is through


@dataclass(frozen=True)
class Wanted:
    """What an address asks for; checked when it is known which generator there is."""

    run: str = ""
    step: str = ""
    raw: str = ""
    tab: str = ""
    at: str = ""
    p: tuple[str, ...] = ()
    by: str = ""


def adopt_address() -> None:
    """Take over what the address asks for, unless we have written it ourselves. Call first."""
    asked = _read_address()
    newest = next(reversed(_written()), None)
    if RUN not in st.session_state:  # the page was opened just now
        asked = newest or asked if asked == Wanted() else asked
    elif asked in (newest, Wanted()) or _was_on_its_way(asked):
        return
    _note(asked)
    _take_over(asked)


def _take_over(asked: Wanted) -> None:
    st.session_state[_WANTED] = asked
    if asked.run:
        st.session_state[RUN] = asked.run
    st.session_state[STEP] = int(asked.step) if asked.step.isdigit() else KEPT_STEP
    st.session_state[AVERAGE] = asked.raw != "1"
    if asked.tab:
        st.session_state[TAB] = asked.tab
    if asked.by:
        st.session_state[BY] = asked.by


def ask_for(run: str, step: int | None, *, average: bool, at: str) -> None:
    """Ask for a place of another generator, as a link would. Use in the callback of a button."""
    _take_over(
        Wanted(run, "" if step is None else str(step), "" if average else "1", SLIDERS_TAB, at)
    )


def keep_settings() -> None:
    """Have widgets that are not drawn just now keep their values. Call first."""
    for key in list(st.session_state):
        if isinstance(key, str) and key.startswith(KEPT):
            st.session_state[key] = st.session_state[key]


def begin_with(key: str, value: Any, options: Collection[Any] | None = None) -> None:
    """Let a widget begin with a value, and never hold what is not among its options."""
    if key not in st.session_state or (options and st.session_state[key] not in options):
        st.session_state[key] = value


def adopt_places(space: Space) -> list[str]:
    """Take over the places that the address asks for; return what is wrong with them."""
    wanted: Wanted | None = st.session_state.pop(_WANTED, None)
    if wanted is None or wanted.run not in ("", space.source.run_id):
        return []
    problems = []
    if wanted.at:
        try:
            place = decode(wanted.at)
            space.z(place)
            go_to(space.source.run_id, place)
        except GanError as error:
            problems.append(str(error))
    if wanted.p:
        points = []
        for code in wanted.p[:MAX_PICKED]:
            try:
                points.append(point_at(space, decode(code)))
            except GanError as error:
                problems.append(str(error))
        set_picked(space.source.run_id, points)
    return problems


def write_address(space: Space) -> None:
    """Let the address say what is shown now."""
    run_id = space.source.run_id
    codes = _codes()
    now = Wanted(
        run=run_id,
        step="" if space.source.step is None else str(space.source.step),
        raw="" if space.source.average else "1",
        tab=str(st.session_state.get(TAB) or ""),
        by=str(st.session_state.get(BY) or ""),
        at=encode(here(run_id)),
        p=tuple(
            codes.get(point.key) or encode(Place(Given.of(point.z), point.label))
            for point in picked_points(run_id)
        ),
    )
    if now == next(reversed(_written()), None) == _read_address():
        return
    _note(now)
    for name in _PARAMETERS:
        value = getattr(now, name)
        if not value:
            st.query_params.pop(name, None)
        elif st.query_params.get_all(name) != ([value] if isinstance(value, str) else list(value)):
            st.query_params[name] = value if isinstance(value, str) else list(value)


# ---- where one is ------------------------------------------------------------------------------


def here(run_id: str) -> Place:
    """Return the place that the sliders move, at first the first picture of seed 0."""
    place: Place = _places().get(run_id, Place(Seeded(0, 0)))
    return place


def go_to(run_id: str, place: Place) -> None:
    """Make another place the one that the sliders move; they take their values from it."""
    _places()[run_id] = place
    st.session_state[EPOCH] = epoch() + 1


def slid_to(run_id: str, place: Place) -> None:
    """Remember where the sliders went by themselves."""
    _places()[run_id] = place


def epoch() -> int:
    """Return how often something else than the sliders has moved the place."""
    return int(st.session_state.get(EPOCH, 0))


def open_point(run_id: str, point: Point) -> None:
    """Go to a point and show the sliders; the page has to be drawn again afterwards.

    Any part of the page may call it before `st.rerun()`, or in the callback of a button.
    """
    code = _codes().get(point.key)
    go_to(run_id, decode(code) if code else Place(Given.of(point.z), point.label))
    st.session_state["explore_next_tab"] = SLIDERS_TAB


def begin(space: Space) -> None:
    """Pick a few pictures of a run that is new to this session, so that no tab is empty."""
    begun: set[str] = st.session_state.setdefault(_BEGUN, set())
    if space.source.run_id not in begun and not picked_points(space.source.run_id):
        for i in range(_N_FIRST):
            pick(space, Place(Seeded(0, i)))
    begun.add(space.source.run_id)


def next_tab() -> None:
    """Turn to the tab that somebody asked for; call before the choice of tabs is drawn."""
    tab = st.session_state.pop("explore_next_tab", None)
    if tab:
        st.session_state[TAB] = tab


def point_at(space: Space, place: Place, *, origin: str = "") -> Point:
    """Return the point of a place, and remember how one comes there. Raises GanError."""
    point = Point(space.z(place), space.label(place), origin=origin or describe(space, place))
    codes = _codes()
    while len(codes) > _MAX_CODES:
        codes.pop(next(iter(codes)))
    codes[point.key] = encode(place)
    return point


def pick(space: Space, place: Place) -> bool:
    """Add a place to those that were picked; False if it is there or there is no room."""
    return pick_point(space.source.run_id, point_at(space, place))


def describe(space: Space, place: Place) -> str:
    """Return in a few words where a place is."""
    if isinstance(place.base, Seeded):
        words = f"seed {place.base.seed}, picture {place.base.index + 1}"
    elif isinstance(place.base, Given):
        words = "a point of its own"
    else:
        words = f"tile {place.base.index + 1} of the run's wall"
    label = space.label(place)
    of = "" if label is None else f" · {space.facts.classes[label]}"
    return words + of + (" · moved" if place.is_moved else "")


def source_of(run_id: str) -> Source:
    """Return the generator that is chosen of a run."""
    step = st.session_state.get(STEP, KEPT_STEP)
    return Source(
        run_id, None if step == KEPT_STEP else step, bool(st.session_state.get(AVERAGE, True))
    )


def _read_address() -> Wanted:
    values = {name: st.query_params.get(name, "") for name in _PARAMETERS if name != "p"}
    return Wanted(**values, p=tuple(st.query_params.get_all("p")))


def _was_on_its_way(asked: Wanted) -> bool:
    """Tell whether a refresh was sent before we changed the address, and still has the old one."""
    at = _written().get(asked)
    return at is not None and time.monotonic() - at < _SETTLES_IN_S


def _note(address: Wanted) -> None:
    """Remember what stands in the address from now on."""
    written = _written()
    written.pop(address, None)
    written[address] = time.monotonic()
    while len(written) > _MAX_WRITTEN:
        written.pop(next(iter(written)))


def _written() -> dict[Wanted, float]:
    """Return when which addresses stood there, the newest last."""
    return st.session_state.setdefault(_WRITTEN, {})


def _places() -> dict[str, Place]:
    return st.session_state.setdefault(_HERE, {})


def _codes() -> dict[str, str]:
    """Return the texts of places by their points' keys, so that addresses stay short."""
    return st.session_state.setdefault(_CODES, {})
