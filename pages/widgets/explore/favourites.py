"""Favourites: pictures kept under a name, of this generator and of others."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from gan.errors import GanError
from gan.runs.latent.place import Given, Place, decode, encode
from gan.runs.latent.space import Space
from gan.runs.latent.store import (
    MAX_NAME,
    Favourite,
    checked_name,
    drop_favourite,
    favourites,
    keep_favourite,
)
from gan.runs.sheets import encode_png, make_sheet
from pages.widgets.components.sample_wall import Picking, Sheet, clicked_tile, sample_wall
from pages.widgets.explore import state
from pages.widgets.resources import home

_NAME = "explore-favourite-name"
_PROBLEM = "explore-favourite-problem"


def draw_favourites(space: Space) -> None:
    """Draw the favourites of this run as a small wall, and those of others as a list."""
    st.subheader("Favourites", divider="gray")
    try:
        kept = favourites(home())
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    mine = [one for one in kept if one.run == space.source.run_id and _fits(space, one)]
    others = [one for one in kept if one not in mine]
    if mine:
        _draw_mine(space, mine)
    else:
        st.caption(
            "None of this generator yet. Keep the picture that the sliders show under a name: it "
            "stays here, with everything that you moved."
        )
    _draw_keeping(space)
    if mine:
        with st.popover("Let go", icon=":material/remove_circle:"):
            for one in mine:
                st.button(
                    one.name, key=f"explore-drop-favourite-{one.name}", type="tertiary",
                    on_click=_drop, args=(one.name,),
                )  # fmt: skip
    if others:
        _draw_others(others)


def draw_keep_button(space: Space) -> None:
    """Draw a button that keeps the picture which the sliders show."""
    with st.popover("Keep", icon=":material/star:", help="Keep this picture under a name."):
        _draw_keeping(space)


def _draw_mine(space: Space, mine: list[Favourite]) -> None:
    key = f"explore-favourites-{space.source.run_id}"
    click = clicked_tile(key)
    if click is not None and click.tile < len(mine):
        _open(space, mine[click.tile])
        st.rerun()
    try:
        z = [np.array(one.z, np.float32) for one in mine]
        images = space.draw_z(z, [one.label or 0 for one in mine]).images
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    n, height, width, _ = images.shape
    columns = min(3, n)
    sample_wall(
        Sheet(
            png=encode_png(make_sheet(images, columns=columns)), n=n, columns=columns,
            width_px=width, height_px=height, title=", ".join(one.name for one in mine),
            alt="Favourites: " + ", ".join(one.name for one in mine),
            file_name=f"{space.source.run_id}-favourites.png",
        ),
        key=key, series=f"{space.key}/favourites/{hash(tuple(tuple(one.z) for one in mine))}",
        max_scale=max(1, 84 // width),
        picking=Picking("Open", {i: one.name for i, one in enumerate(mine)}),
    )  # fmt: skip


def _draw_keeping(space: Space) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input("Name", key=_NAME, max_chars=MAX_NAME, placeholder="such as 'tall boot'")
        st.button("Keep", key="explore-keep", icon=":material/star:", on_click=_keep, args=(space,))
    if problem := st.session_state.pop(_PROBLEM, None):
        st.error(problem, icon=":material/error:")


def _draw_others(others: Sequence[Favourite]) -> None:
    with st.expander(f"Of other generators ({len(others)})"):
        for one in others:
            st.button(
                f"{one.name} · {one.run}", key=f"explore-other-{one.name}", type="tertiary",
                on_click=_open_elsewhere, args=(one,),
            )  # fmt: skip


def _fits(space: Space, one: Favourite) -> bool:
    return len(one.z) == space.facts.latent_dim


def _open(space: Space, one: Favourite) -> None:
    """Go to a favourite, with its sliders where they can still be had."""
    run_id = space.source.run_id
    try:
        place = decode(one.place)
        if not np.array_equal(space.z(place), np.array(one.z, np.float32)):
            raise ValueError
    except (GanError, ValueError):  # another saved state, or a direction that is gone
        place = Place(Given.of(np.array(one.z, np.float32)), one.label)
    state.open_point(run_id, state.point_at(space, place, origin=one.name))


def _open_elsewhere(one: Favourite) -> None:
    """Change to the generator that a favourite was kept of."""
    place = Place(Given.of(np.array(one.z, np.float32)), one.label)
    state.ask_for(one.run, one.step, average=one.average, at=encode(place))


def _keep(space: Space) -> None:
    place = state.here(space.source.run_id)
    try:
        favourite = Favourite(
            name=checked_name(str(st.session_state[_NAME])), run=space.source.run_id,
            step=space.source.step, average=space.source.average, place=encode(place),
            z=[float(x) for x in space.z(place)], label=space.label(place),
        )  # fmt: skip
        keep_favourite(home(), favourite)
    except GanError as error:
        st.session_state[_PROBLEM] = str(error)
    else:
        st.session_state[_NAME] = ""


def _drop(name: str) -> None:
    try:
        drop_favourite(home(), name)
    except GanError as error:
        st.session_state[_PROBLEM] = str(error)
