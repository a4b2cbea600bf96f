"""Three competitors' walls on one slider: one is ahead, one stopped early, one has no pictures."""

import io

import numpy as np
import streamlit as st
from PIL import Image

from gan.figures.colours import DISCRIMINATOR, GENERATOR, REAL
from pages.widgets.components.linked_walls import Wall, linked_walls

N_TILES, SIZE_PX = 36, 16


def main() -> None:
    st.set_page_config(layout="wide")
    st.fragment(live, run_every=1)()


def live() -> None:
    state = st.session_state
    state["refreshes"] = state.get("refreshes", 0) + 1
    state.setdefault("read", [])
    st.text(f"refreshes {state['refreshes']}")
    steps = list(range(0, 1001, 100))
    if st.toggle("Grown", key="grown"):
        steps.append(1100)
    walls = [
        wall("adam", "Adam", REAL, steps),
        wall("sgd", "SGD", DISCRIMINATOR, [s for s in steps if s <= 450], "diverged at step 450"),
        Wall("late", "Late", GENERATOR, "late/ema", ()),
    ]
    linked_walls(walls, read, key="walls", file_name="race")
    st.text("read " + " ".join(state["read"]))


def wall(key: str, label: str, ink, steps, note: str = "") -> Wall:
    return Wall(key, label, ink, f"{key}/ema", steps, N_TILES, SIZE_PX, SIZE_PX, note)


def read(key: str, step: int) -> bytes:
    st.session_state["read"].append(f"{key}:{step}")
    level = step // 10 + (100 if key == "sgd" else 0)
    sheet = np.full((6 * SIZE_PX, 6 * SIZE_PX), level, dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "PNG")
    return buffer.getvalue()


main()
