"""The gallery: what a generator draws from random numbers, to pick from; and what was kept."""

import numpy as np
import streamlit as st

from gan.errors import GanError
from gan.runs.latent.place import Place, Seeded, Tile
from gan.runs.latent.space import Space
from gan.runs.sheets import encode_png, make_sheet
from pages.widgets.components.sample_wall import Picking, Sheet, clicked_tile, sample_wall
from pages.widgets.explore import state
from pages.widgets.explore.favourites import draw_favourites
from pages.widgets.explore.points import MAX_PICKED, drop_point, picked_points

_SEEDED, _WALL = "From a seed", "The run's own wall"
_ALL = "all in turn"
_COUNTS = (36, 64, 100)
_MAX_SEED = 2**31 - 1
_WHICH, _SEED, _COUNT = (f"{state.KEPT}{name}" for name in ("which", "seed", "count"))


def draw_gallery(space: Space) -> None:
    """Draw a wall of pictures that can be picked, beside the favourites."""
    left, right = st.columns([3, 1.3], gap="large")
    with left:
        try:
            _draw_wall(space, _choose_places(space))
        except GanError as error:
            st.error(str(error), icon=":material/error:")
    with right:
        draw_favourites(space)


def _choose_places(space: Space) -> list[Place]:
    """Draw what is to be shown; return the places of the wall's tiles."""
    state.begin_with(_WHICH, _SEEDED)
    state.begin_with(_COUNT, 64)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        which = st.segmented_control(
            "Pictures", [_SEEDED, _WALL], key=_WHICH, required=True,
            help="The run's own wall is the one that you saw while it trained.",
        )  # fmt: skip
        if which == _WALL:
            z, _ = space.grid()
            return [Place(Tile(i), space.label(Place(Tile(i)))) for i in range(len(z))]
        seed = st.number_input(
            "Seed", 0, _MAX_SEED, key=_SEED, width=150,
            help="A seed stands for one sequence of random numbers z: the same seed, the same "
            "pictures.",
        )  # fmt: skip
        st.button("Other ones", icon=":material/casino:", key="explore-reroll", on_click=_reroll)
        n = st.segmented_control("How many", _COUNTS, key=_COUNT, required=True)
        label = _choose_class(space)
    places = [Place(Seeded(int(seed), i), label) for i in range(n)]
    return [Place(place.base, space.label(place)) for place in places]


def _choose_class(space: Space) -> int | None:
    classes = space.facts.classes
    if not classes:
        return None
    name = st.selectbox(
        "Class", [_ALL, *classes], key=f"{state.KEPT}class-{space.source.run_id}", width=190,
        help="What is drawn.",
    )  # fmt: skip
    return None if name == _ALL else classes.index(name)


def _draw_wall(space: Space, places: list[Place]) -> None:
    first = places[0].base
    of = f"seed {first.seed}" if isinstance(first, Seeded) else "the run's own wall"
    labels = "".join(f".{place.label}" for place in {p.label: p for p in places}.values())
    series = f"{space.key}/{of}/{len(places)}{labels}"
    key = f"explore-wall-{space.source.run_id}"
    if (click := clicked_tile(key)) is not None and click.tile < len(places):
        _toggle(space, places[click.tile])
        st.rerun()  # the row of picked ones stands above
    z, png = _drawn(series, space, places)
    sample_wall(
        Sheet(
            png=png, n=len(places), width_px=space.facts.size_px, height_px=space.facts.size_px,
            title=f"Generated · {of} · step {space.facts.step:,}",
            alt=f"{len(places)} generated pictures, {of}",
            file_name=f"{space.source.run_id}-{of.replace(' ', '-')}.png",
        ),
        key=key, series=series, picking=_picking(space, places, z),
    )  # fmt: skip
    st.caption(
        f"Click a picture to pick it, up to {MAX_PICKED}; click again to let it go. The sliders "
        "move the one that you picked last."
    )


def _picking(space: Space, places: list[Place], z: list[bytes]) -> Picking:
    names = {
        (point.z.tobytes(), point.label): point.name for point in picked_points(space.source.run_id)
    }
    keys = [(each, space.label(place)) for each, place in zip(z, places, strict=True)]
    marks = {i: names[key] for i, key in enumerate(keys) if key in names}
    here = state.here(space.source.run_id)
    current = next((i for i, p in enumerate(places) if p == here), None)
    return Picking("Pick picture", marks, current)


def _toggle(space: Space, place: Place) -> None:
    """Pick a place and go there, or let it go if it is picked."""
    run_id = space.source.run_id
    point = state.point_at(space, place)
    if any(one.key == point.key for one in picked_points(run_id)):
        drop_point(run_id, point.key)
        return
    state.go_to(run_id, place)
    if not state.pick(space, place):
        st.toast(f"{MAX_PICKED} are picked already: let one go first.", icon=":material/info:")


def _reroll() -> None:
    st.session_state[_SEED] = int(np.random.default_rng().integers(0, 1_000_000))


@st.cache_data(max_entries=32, show_spinner=False)
def _drawn(
    series: str,  # noqa: ARG001  (what the cache knows the wall by, saved state included)
    _space: Space,
    _places: list[Place],
) -> tuple[list[bytes], bytes]:
    """Return the z of all places, as bytes, and their pictures as one PNG."""
    first = _places[0].base
    if isinstance(first, Seeded):
        z = _space.seeded_z(first.seed, len(_places))
    else:
        z, _ = _space.grid()
    images = _space.draw_z(z, [_space.label(place) or 0 for place in _places]).images
    return [each.tobytes() for each in z], encode_png(make_sheet(images))
