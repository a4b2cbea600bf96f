"""A grid of equal pictures as one PNG: what a sample wall shows and the terminal saves.

Memory layer.
"""

import io
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from gan.runs.disk import move_into_place, os_errors

Pictures = npt.NDArray[np.uint8]


def n_columns(n_pictures: int) -> int:
    """Return how wide a nearly square grid of so many pictures is."""
    return max(1, math.ceil(math.sqrt(n_pictures)))


def make_sheet(pictures: Pictures, *, columns: int | None = None, gutter_px: int = 0) -> Pictures:
    """Lay `[N, H, W, C]` uint8 pictures out row by row as one `[rows·H, columns·W, C]` picture.

    Places that no picture fills, and the gutters, are white. There is at least one picture.
    """
    n, height, width, channels = pictures.shape
    columns = columns or n_columns(n)
    rows = math.ceil(n / columns)
    step_y, step_x = height + gutter_px, width + gutter_px
    sheet = np.full(
        (rows * step_y - gutter_px, columns * step_x - gutter_px, channels), 255, dtype=np.uint8
    )
    for i, picture in enumerate(pictures):
        y, x = (i // columns) * step_y, (i % columns) * step_x
        sheet[y : y + height, x : x + width] = picture
    return sheet


def encode_png(sheet: Pictures) -> bytes:
    """Return `[H, W, C]` uint8, one or three channels, as the bytes of a PNG file."""
    image = Image.fromarray(sheet[..., 0] if sheet.shape[-1] == 1 else sheet)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=1)
    return buffer.getvalue()


def save_sheet(path: Path, pictures: Pictures, *, gutter_px: int = 0) -> None:
    """Write pictures `[N, H, W, C]` as one PNG; the file appears complete or not at all.

    Raises:
        StoreError: the file cannot be written.
    """
    partial = path.with_name(f".{path.name}")
    with os_errors(f"{path} cannot be written"):
        path.parent.mkdir(exist_ok=True)  # not its parents: a run that was deleted stays so
        partial.write_bytes(encode_png(make_sheet(pictures, gutter_px=gutter_px)))
    move_into_place(partial, path)
