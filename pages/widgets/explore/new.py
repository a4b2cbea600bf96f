"""Is it new? The training pictures that are nearest to what a generator drew."""

from html import escape

import numpy as np
import streamlit as st

from gan.data.catalog import DATASETS
from gan.errors import GanError
from gan.features.catalog import FEATURES
from gan.figures import quality_html as pieces
from gan.runs.latent.space import Space
from gan.runs.sheets import Pictures
from gan.runs.studio.records import Neighbours
from pages.widgets.explore import state
from pages.widgets.explore.points import picked_points
from pages.widgets.resources import studio

N_NEAREST = 6
COPY, CLOSE = 0.5, 1.0
"""Shares of the typical distance below which a picture is called a copy, or close."""

_PICTURE_PX = 84


def draw_is_it_new(space: Space) -> None:
    """Draw the current picture, and those that are picked, beside their nearest real ones."""
    here = state.here(space.source.run_id)
    try:
        current = state.point_at(space, here)
        points = picked_points(space.source.run_id, space.facts.latent_dim)
        points = [point for point in points if point.key != current.key]
        drawn = space.draw([here]).images
        names = [f"The sliders' picture: {state.describe(space, here)}"]
        if points:
            others = space.draw_z([p.z for p in points], [p.label or 0 for p in points]).images
            names += [f"{point.name}: {point.origin}" for point in points]
        pictures = [drawn[0], *(others if points else [])]
        with st.spinner("Looking through the training pictures …", show_time=False):
            found = studio().nearest(space.source, np.stack(pictures), N_NEAREST)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    for i, name in enumerate(names):
        _draw_one(name, pictures[i], found, i)
    info = DATASETS.get(space.facts.dataset)
    data = info.title if info else space.facts.dataset
    all_ = "all" if found.n_searched == found.n_trained else f"{found.n_searched:,} of"
    st.caption(
        f"Searched: {all_} {found.n_trained:,} training pictures of {data}, as the "
        f"{FEATURES[found.features].title} sees them. 1.0 is how far a training picture typically "
        f"is from the training picture nearest to it: a picture much nearer than that, below "
        f"{COPY}, is one that the generator has learned by heart."
    )


def verdict(distance: float, typical: float) -> tuple[str, str]:
    """Return how far away a picture is, in typical distances, and in words."""
    share = distance / typical if typical > 0 else float("inf")
    if share < COPY:
        return f"{share:.2f}", "nearly a copy of a training picture"
    if share < CLOSE:
        return f"{share:.2f}", "close to a training picture, as two training pictures may be"
    return f"{share:.2f}", "new: no training picture is as near as they are to each other"


def _draw_one(name: str, picture: Pictures, found: Neighbours, i: int) -> None:
    factor = max(1, _PICTURE_PX // picture.shape[1])
    share, words = verdict(float(found.distances[i, 0]), found.typical)
    cells = [_cell(picture, "drawn", factor, f"Drawn: {name}", is_real=False)]
    cells += [
        _cell(real, f"{distance / found.typical:.2f}", factor, "Training picture", is_real=True)
        for real, distance in zip(found.images[i], found.distances[i], strict=True)
    ]
    st.html(
        f"{pieces.style(dark=st.context.theme.type == 'dark')}<div class='q-root'>"
        f"<p style='margin:0 0 6px'><b>{escape(name)}</b> · {share} · {words}</p>"
        f"<div style='display:flex;flex-wrap:wrap;gap:10px'>{''.join(cells)}</div></div>"
    )


def _cell(picture: Pictures, text: str, factor: int, alt: str, *, is_real: bool) -> str:
    ink = "var(--q-real)" if is_real else "var(--q-fake)"
    edge = "margin-right:14px;" if not is_real else ""
    return (
        f"<figure style='margin:0;{edge}text-align:center'>"
        f"<div style='border-bottom:3px solid {ink};line-height:0'>"
        f"{pieces.picture(picture, alt, factor=factor, fluid=False)}</div>"
        f"<figcaption style='font-size:0.9em'>{text}</figcaption></figure>"
    )
