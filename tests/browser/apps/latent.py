"""A page with the morph player and the map wall, drawn by formulas instead of a generator."""

import time

import numpy as np
import streamlit as st

from pages.widgets.components.map_wall import MapMark, MapWall, map_wall
from pages.widgets.components.morph_player import MorphReel, morph_player

N_FRAMES = 120
SIZE_PX = 28


def main() -> None:
    st.set_page_config(layout="wide")
    st.text(f"runs {st.session_state.setdefault('runs', 0)}")
    st.session_state["runs"] += 1
    st.fragment(play)()
    st.fragment(survey)()


def play() -> None:
    frame = morph_player(reel("first"), key="player")
    st.session_state["player_runs"] = st.session_state.get("player_runs", 0) + 1
    st.text(f"player runs {st.session_state['player_runs']}")
    if frame is not None:
        st.text(f"picked frame {frame}")


def survey() -> None:
    asked = st.session_state.setdefault("asked", [])

    def draw(places):
        asked.append(len(places))
        time.sleep(0.15)
        return rings(np.hypot(*places.T) * 3)

    wall = MapWall(
        "plane", draw, SIZE_PX, 0.125, (0.5, 0.5), [MapMark("A", 0, 0), MapMark("B", 1, 0)],
        ("right", "up"), "Rings",
    )  # fmt: skip
    place = map_wall(wall, key="map")
    st.text(f"asked for {asked}")
    if place is not None:
        st.text(f"picked place {place[0]:g} {place[1]:g}")


@st.cache_data
def reel(token: str) -> MorphReel:
    phases = np.linspace(0, 6, N_FRAMES)
    changes = np.full(N_FRAMES, 5.0)
    changes[0] = np.nan
    scores = 50 + 40 * np.sin(phases)
    return MorphReel(
        token, rings(phases), [0, 60, N_FRAMES - 1], ["A", "B", "C"], changes, scores, True
    )


def rings(phases):
    """Return pictures `[N, H, W, 1]` of rings; no two phases look alike."""
    y, x = np.mgrid[:SIZE_PX, :SIZE_PX] - (SIZE_PX - 1) / 2
    waves = 127 + 127 * np.cos(np.hypot(x, y) * 0.8 - np.asarray(phases)[:, None, None])
    return waves.astype(np.uint8)[..., None]


main()
