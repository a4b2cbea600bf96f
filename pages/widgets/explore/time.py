"""Through time: the same z, drawn by the generator as it was at each saved step."""

from bisect import bisect_right
from pathlib import Path

import numpy as np
import streamlit as st

from gan.errors import GanError
from gan.runs.folder import RunFolder
from gan.runs.latent.place import Place, Tile
from gan.runs.latent.space import Space
from gan.runs.rows import Sample
from gan.runs.sheets import encode_png, make_sheet
from gan.runs.store import RunStore
from gan.runs.studio import Source
from pages.widgets.components.sample_wall import (
    Picking,
    Sheet,
    clicked_tile,
    sample_wall,
    wanted_step,
)
from pages.widgets.explore import state
from pages.widgets.explore.points import picked_points
from pages.widgets.resources import config_of, home, studio

_TILE_PX = 168
_WALL_PX = 440  # so high that the slider below is in sight


def draw_through_time(space: Space) -> None:
    """Draw current and picked pictures with a slider over the saved steps."""
    if len(space.facts.steps) > 1:
        st.fragment(_draw_steps)(space)
        return
    samples = _samples(space)
    if not samples:
        st.info("Only one state of this run is saved, so there is no way through time.")
        return
    with st.columns([11, 8])[0]:
        st.fragment(_draw_wall)(space, samples)


def _draw_steps(space: Space) -> None:
    run_id = space.source.run_id
    points = picked_points(run_id, space.facts.latent_dim)
    here = state.point_at(space, state.here(run_id))
    points = [here, *(point for point in points if point.key != here.key)]
    key = f"explore-time-{run_id}"
    steps = list(space.facts.steps)
    wanted = wanted_step(key)
    step = steps[-1] if wanted is None else steps[max(0, bisect_right(steps, wanted) - 1)]
    try:
        source = Source(run_id, step, space.source.average)
        labels = [point.label or 0 for point in points] if space.facts.classes else None
        drawn = studio().draw(
            source, np.stack([p.z for p in points]), None if labels is None else np.array(labels)
        )
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    n, height, width, _ = drawn.images.shape
    columns = min(n, 5)
    names = ", ".join(["the sliders' picture", *(point.name for point in points[1:])])
    sample_wall(
        Sheet(
            png=encode_png(make_sheet(drawn.images, columns=columns)), n=n, columns=columns,
            width_px=width, height_px=height, title=f"The same z · step {step:,}",
            alt=f"{n} pictures after step {step:,}: {names}", file_name=f"{run_id}-{step}.png",
        ),
        key=key, step=step, steps=steps, max_scale=max(1, _TILE_PX // width),
        series=f"{run_id}/{space.facts.is_average}/{'.'.join(p.key for p in points)}",
    )  # fmt: skip
    st.caption(
        f"First the sliders' picture, then those that are picked; {len(steps)} saved steps. Watch "
        "when the picture becomes what it is: a generator finds the rough shape early, and may "
        "change its mind."
    )


def _draw_wall(space: Space, samples: list[Sample]) -> None:
    """Draw the run's own wall, which was kept at more steps than the networks were."""
    run_id = space.source.run_id
    key = f"explore-time-wall-{run_id}"
    if (click := clicked_tile(key)) is not None:
        _pick_tile(space, click.tile)
    steps = [sample.step for sample in samples]
    wanted = wanted_step(key)
    sample = samples[-1 if wanted is None else max(0, bisect_right(steps, wanted) - 1)]
    here = state.here(run_id).base
    folder = RunFolder(home().runs_dir / run_id)
    try:
        sample_wall(
            Sheet(
                png=(folder.path / sample.path).read_bytes(), n=int(sample.payload["n"]),
                width_px=int(sample.payload["width_px"]),
                height_px=int(sample.payload["height_px"]),
                title=f"The run's own wall · step {sample.step:,}",
                alt=f"{sample.payload['n']} pictures after step {sample.step:,}",
                file_name=f"{run_id}-{Path(sample.path).name}",
            ),
            key=key, series=f"{run_id}/time", step=sample.step, steps=steps, max_scale=3,
            max_rows=max(2, _WALL_PX // (3 * int(sample.payload["height_px"]))),
            picking=Picking(
                "Move with the sliders: tile",
                current=here.index if isinstance(here, Tile) else None,
            ),
        )  # fmt: skip
    except OSError as error:
        st.warning(f"The pictures cannot be read ({error}).", icon=":material/warning:")
        return
    st.caption(
        f"Only one state of this network is kept, but its wall at {len(steps)} steps: the same z "
        "at each. Click a tile to have its z under the sliders."
    )


def _pick_tile(space: Space, i: int) -> None:
    try:
        place = Place(Tile(i), space.label(Place(Tile(i))))
        point = state.point_at(space, place)
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    state.open_point(space.source.run_id, point)
    st.rerun()


def _samples(space: Space) -> list[Sample]:
    """Return the grids of a run whose z are the same at each step, in the order of training."""
    run_id = space.source.run_id
    try:
        if config_of(run_id).output.sample_z == "fresh":
            return []
        with RunStore.open(RunFolder(home().runs_dir / run_id).db_path) as store:
            return store.read_samples("ema") or store.read_samples("generator")
    except GanError:
        return []
