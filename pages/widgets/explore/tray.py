"""The pictures that were picked, in a row above every tab of the Explore page."""

import streamlit as st

from gan.errors import GanError
from gan.runs.latent.space import Space
from gan.runs.sheets import encode_png, make_sheet
from pages.widgets.components.sample_wall import Picking, Sheet, clicked_tile, sample_wall
from pages.widgets.explore import state
from pages.widgets.explore.points import MAX_PICKED, Point, drop_point, picked_points, set_picked

_KEY = "explore-tray"
_TILE_PX = 64


def draw_tray(space: Space) -> None:
    """Draw what was picked; a click makes a picture the one that the sliders move."""
    run_id = space.source.run_id
    points = picked_points(run_id, space.facts.latent_dim)
    click = clicked_tile(_KEY)
    if click is not None and click.tile < len(points):
        state.open_point(run_id, points[click.tile])
        st.rerun()
    with st.container(border=True, key="explore-tray-box"):
        if not points:
            st.caption(
                f"Nothing is picked yet: click pictures in the gallery, up to {MAX_PICKED}. "
                "Sliders move one of them, a morph leads from one to the next."
            )
            return
        left, right = st.columns([6, 1], vertical_alignment="center")
        with left:
            _draw_row(space, points)
        with right, st.popover("Let go", icon=":material/remove_circle:"):
            _draw_letting_go(run_id, points)


def _draw_row(space: Space, points: list[Point]) -> None:
    try:
        images = space.draw_z([p.z for p in points], [p.label or 0 for p in points]).images
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    n, height, width, _ = images.shape
    sample_wall(
        Sheet(
            png=encode_png(make_sheet(images, columns=n)), n=n, columns=n, width_px=width,
            height_px=height, title="Picked · click one to move it",
            alt="Picked: " + ", ".join(f"{p.name}, {p.origin}" for p in points),
            file_name=f"{space.source.run_id}-picked.png",
        ),
        key=_KEY,
        series=f"{space.key}/picked/{'.'.join(p.key for p in points)}",
        max_scale=max(1, _TILE_PX // width),
        picking=Picking(
            "Move with the sliders: picture", {i: p.name for i, p in enumerate(points)}
        ),
    )  # fmt: skip


def _draw_letting_go(run_id: str, points: list[Point]) -> None:
    for point in points:
        st.button(
            f"{point.name} · {point.origin}", key=f"explore-drop-{point.key}",
            on_click=drop_point, args=(run_id, point.key), type="tertiary",
        )  # fmt: skip
    st.button(
        "All of them", key="explore-drop-all", icon=":material/delete_sweep:",
        on_click=set_picked, args=(run_id, []),
    )  # fmt: skip
