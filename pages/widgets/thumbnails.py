"""A run's face in lists: a few of its newest samples, enlarged without blur."""

from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from gan.errors import StoreError
from gan.runs.folder import RunFolder
from gan.runs.store import RunStore

_N_SIDE = 3
_WIDTH_PX = 168


def thumbnail(folder: RunFolder) -> Image.Image | None:
    """Return the newest 3×3 samples of a run as one picture, None before there are any."""
    try:
        with RunStore.open(folder.db_path) as store:
            samples = store.read_samples("ema") or store.read_samples("generator")
    except StoreError:
        return None
    if not samples:
        return None
    newest = samples[-1]
    size = int(newest.payload["height_px"]), int(newest.payload["width_px"])
    return _cut(str(folder.path / newest.path), *size)


@st.cache_data(max_entries=256, show_spinner=False)
def _cut(path: str, height_px: int, width_px: int) -> Image.Image | None:
    try:
        sheet = Image.open(Path(path)).convert("RGB")
    except OSError:
        return None
    rows = min(_N_SIDE, sheet.height // height_px)
    columns = min(_N_SIDE, sheet.width // width_px)
    part = np.asarray(sheet)[: rows * height_px, : columns * width_px]
    factor = max(1, _WIDTH_PX // part.shape[1])
    return Image.fromarray(part.repeat(factor, axis=0).repeat(factor, axis=1))
