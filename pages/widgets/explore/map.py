"""Map: a plane of latent space as a wall of pictures, and where pictures lie among real ones."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from gan.errors import GanError
from gan.figures.map_svg import how_to_read, map_image
from gan.latent.planes import LatentPlane, plane_along
from gan.runs.latent.space import Space
from gan.runs.sheets import Pictures
from gan.runs.studio.records import GeneratorFacts, Source
from pages.widgets.components.map_wall import MapMark, MapWall, map_wall
from pages.widgets.explore import state
from pages.widgets.explore.points import MAX_PICKED, Point, pick_point
from pages.widgets.explore.settings import Setting
from pages.widgets.resources import studio
from pages.widgets.texts import escape

_THREE, _TWO = "points", "directions"
_TITLES = {_THREE: "through three picked points", _TWO: "along two directions"}
_KIND = Setting("plane", _THREE, (_THREE, _TWO))
_SHELL = Setting("shell", False)
_AMONG = "explore_among"
_FOLLOW_S = 0.7
_N_DIRECTIONS = 12
_LESSONS = {
    (_THREE, False): "The plane cuts through the shell where z live: inside the triangle pictures "
    "are bland, since there z is nearer to 0 than the generator is used to, and far outside they "
    "are exaggerated.",
    (_THREE, True): "Bent along the shell, the plane stays where the generator has learned: every "
    "picture is as good as those at the three points.",
    (_TWO, False): "Left and right the first direction changes, up and down the second. Where "
    "directions do their work apart, each row keeps what the other one changes.",
    (_TWO, True): "The same two directions, with every z brought back to its first distance from "
    "0: far out the picture turns into another instead of being exaggerated.",
}


@dataclass(frozen=True, eq=False)
class LatentWall:
    """What is on the wall."""

    plane: LatentPlane
    labels: tuple[int, ...] | None
    spacing: float
    centre: tuple[float, float]
    marks: tuple[MapMark, ...]
    names: tuple[str, str]
    words: str

    def labels_at(self, places: npt.NDArray[np.float64]) -> npt.NDArray[np.int64] | None:
        """Return the class at each place `[N, 2]`: that of the corner that has most to say."""
        if self.labels is None:
            return None
        u, v = places.T
        nearest = np.stack([1.0 - u - v, u, v]).argmax(axis=0)
        return np.asarray(self.labels, dtype=np.int64)[nearest % len(self.labels)]


def draw_map(source: Source, picked: list[Point]) -> None:
    """Draw the choice of plane, its wall, and the map of real and generated pictures."""
    try:
        facts = studio().describe(source)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.fragment(_draw_plane)(source, facts, picked)
    st.fragment(_draw_among_real)(source, picked)


def _draw_plane(source: Source, facts: GeneratorFacts, picked: list[Point]) -> None:
    _KIND.begin(at=_THREE if len(picked) >= 3 else _TWO)
    _SHELL.begin()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Plane", (_THREE, _TWO), key=_KIND.key, required=True,
            format_func=lambda each: _TITLES[each],
            help="Two dimensions of the many that z has.",
        )  # fmt: skip
        keep_norm = st.toggle(
            "Stay on the shell", key=_SHELL.key,
            help="Bring every z to the distance from 0 where z live. Without it the plane is flat.",
        )  # fmt: skip
        _KIND.write()
        _SHELL.write()
        try:
            plane = _through(picked) if kind == _THREE else _along(source, facts, picked)
        except GanError as error:
            st.error(str(error), icon=":material/error:")
            return
    if plane is None:
        st.info(
            f"A plane goes through three points and you have picked {len(picked)}: pick three in "
            "the gallery, or look along two directions.",
            icon=":material/grid_on:",
        )
        return
    try:
        _draw_wall(source, facts, plane, keep_norm)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    several = plane.labels is not None and len(set(plane.labels)) > 1
    st.caption(
        _LESSONS[kind, keep_norm]
        + (" Each place is drawn as the class of the nearest of the three points." * several)
    )


def _draw_wall(source: Source, facts: GeneratorFacts, plane: LatentWall, keep_norm: bool) -> None:
    def draw(places: npt.NDArray[np.float64]) -> Pictures:
        z = plane.plane.z(places, keep_norm=keep_norm)
        return studio().draw(source, z, plane.labels_at(places)).images

    words = (source, facts.step, keep_norm, plane.labels, plane.plane.points.tobytes())
    wall = MapWall(
        token=hashlib.sha256(repr(words).encode()).hexdigest()[:16],
        draw=draw,
        size_px=facts.size_px,
        spacing=plane.spacing,
        centre=plane.centre,
        marks=plane.marks,
        names=plane.names,
        alt=f"Pictures of a plane {plane.words}; arrow keys move, plus and minus zoom, Enter picks",
    )
    place = map_wall(wall, key=f"map-{source.run_id}")
    if place is None:
        return
    z = plane.plane.z(np.array([place]), keep_norm=keep_norm)[0]
    u, v = place
    labels = plane.labels_at(np.array([place]))
    label = None if labels is None else int(labels[0])
    point = Point(z, label, "", f"map {plane.words}, {u:.3g} and {v:.3g}")
    if pick_point(source.run_id, point):
        st.rerun()
    st.toast(f"It is picked already, or there are {MAX_PICKED}: take one out first.")


def _through(picked: list[Point]) -> LatentWall | None:
    """Return the plane of the first three points; None if there are not so many."""
    if len(picked) < 3:
        return None
    chosen = [picked[_choose_one(picked, letter, place)] for place, letter in enumerate("ABC")]
    labels = [point.label for point in chosen if point.label is not None]
    first, second, third = (point.name for point in chosen)
    corners = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
    return LatentWall(
        LatentPlane(np.stack([point.z for point in chosen])),
        tuple(labels) if len(labels) == len(chosen) else None,
        spacing=0.125,
        centre=(0.5, 0.5),
        marks=tuple(MapMark(p.name, u, v) for p, (u, v) in zip(chosen, corners, strict=True)),
        names=(f"towards {second}", f"towards {third}"),
        words=f"through {first}, {second} and {third}",
    )


def _choose_one(picked: list[Point], letter: str, place: int) -> int:
    keys = "".join(point.key[:3] for point in picked)
    where = {"A": "Corner", "B": "To the right", "C": "Upwards"}[letter]
    chosen = st.selectbox(
        where, range(len(picked)), place, key=f"map-{letter}-{keys}", width=130,
        format_func=lambda i: picked[i].name,
    )  # fmt: skip
    return int(chosen)


def _along(source: Source, facts: GeneratorFacts, picked: list[Point]) -> LatentWall:
    """Return the plane at the first picked point, or at 0. Raises GanError."""
    with st.spinner("Finding directions …", show_time=True):
        found = studio().directions(source, facts.methods[0], _N_DIRECTIONS)
    titles = [
        f"{title} ({100 * share:.0f} %)"
        for title, share in zip(found.titles, found.shares, strict=True)
    ]
    second = min(1, len(titles) - 1)
    across = st.selectbox(
        "Across",
        range(len(titles)),
        0,
        key="map-across",
        format_func=lambda i: titles[i],
        width=230,
    )
    up = st.selectbox(
        "Upwards", range(len(titles)), second, key="map-up", format_func=lambda i: titles[i],
        width=230, help="In brackets: which share of the pictures' variety it explains.",
    )  # fmt: skip
    point = picked[0] if picked else Point(np.zeros(facts.latent_dim, np.float32), None, "0")
    labels = (point.label or 0,) if facts.classes else None
    return LatentWall(
        plane_along(point.z, found.basis[across], found.basis[up]),
        labels,
        spacing=0.5,
        centre=(0.0, 0.0),
        marks=(MapMark(point.name, 0.0, 0.0),),
        names=(found.titles[across], found.titles[up]),
        words=f"from {point.name} along {found.titles[across]} and {found.titles[up]}",
    )


# ---- among real pictures -------------------------------------------------------------------------


def _draw_among_real(source: Source, picked: list[Point]) -> None:
    if st.toggle(
        "Where do they lie among real pictures?", key=f"{state.KEPT}map_among",
        help="A map of real pictures as a network sees them, with the picked ones on it. Making it "
        "takes some seconds, once.",
    ):  # fmt: skip
        _show_among_real(source, picked)


def draw_here_among_real(space: Space) -> None:
    """Offer the map with the point that the sliders move; it follows them."""
    if st.toggle(
        "Where does it lie among real pictures?", key=f"{state.KEPT}map_here",
        help="A map of real pictures as a network sees them. The point follows the sliders; making "
        "the map takes some seconds, once.",
    ):  # fmt: skip
        st.fragment(_follow_here, run_every=_FOLLOW_S)(space)


def _follow_here(space: Space) -> None:
    place = state.here(space.source.run_id)
    try:
        point = Point(space.z(place), space.label(place), "here")
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    _show_among_real(space.source, [point])


def _show_among_real(source: Source, points: list[Point]) -> None:
    """Draw the map, anew only when another point or generator is asked for."""
    dark = st.context.theme.type == "dark"
    asked = (source, dark, tuple(point.key + point.name for point in points))
    last = st.session_state.get(_AMONG)
    if last is None or last[0] != asked:
        try:
            with st.spinner("Laying pictures out: some seconds the first time …", show_time=False):
                last = (asked, among_real(source, points, dark=dark))
        except GanError as error:
            st.error(str(error), icon=":material/error:")
            return
        st.session_state[_AMONG] = last
    svg, words = last[1]
    left, right = st.columns([2, 1], gap="large")
    with left:
        st.html(svg)
    with right:
        st.markdown(words)


def among_real(source: Source, points: list[Point], *, dark: bool) -> tuple[str, str]:
    """Return the map of real and generated pictures with points on it, and how to read it.

    The map is HTML, the reading Markdown. Raises GanError.
    """
    found = studio().plane(source)
    facts = {"kind": found.kind, "labels": found.labels, "n_points": len(found.generated)}
    arrays = {
        "map_x": found.x,
        "map_y": found.y,
        "map_density": found.density,
        "map_points": found.generated,
    }
    marks = []
    if points:
        given = [point.label for point in points]
        labels = None if None in given else np.array(given, dtype=np.int64)
        drawn = studio().draw(source, np.stack([point.z for point in points]), labels)
        places = studio().place(source, drawn.images)
        marks = [(p.name, float(x), float(y)) for p, (x, y) in zip(points, places, strict=True)]
    reading = [how_to_read(facts), found.note]
    if marks:
        names = ", ".join(f"**{escape(name)}**" for name, _, _ in marks)
        reading.insert(1, f"The ringed {'dots' if len(marks) > 1 else 'dot'}: {names}.")
    return map_image(facts, arrays, dark=dark, marks=marks), "\n\n".join(filter(None, reading))
