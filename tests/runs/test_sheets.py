"""Sheets: where each picture lands, and files that are whole."""

import io

import numpy as np
import pytest
from PIL import Image

from gan.errors import StoreError
from gan.runs.sheets import encode_png, make_sheet, n_columns, save_sheet


def pictures(n, channels=1, height=2, width=3):
    """Picture i is filled with the value i."""
    return np.broadcast_to(
        np.arange(n, dtype=np.uint8)[:, None, None, None], (n, height, width, channels)
    )


@pytest.mark.parametrize(("n", "columns"), [(1, 1), (2, 2), (4, 2), (5, 3), (64, 8), (65, 9)])
def test_the_grid_is_nearly_square(n, columns):
    assert n_columns(n) == columns


def test_pictures_lie_row_by_row_and_empty_places_are_white():
    sheet = make_sheet(pictures(5), columns=3)
    assert sheet.shape == (4, 9, 1)
    assert [int(sheet[y, x, 0]) for y in (0, 2) for x in (0, 3, 6)] == [0, 1, 2, 3, 4, 255]


def test_gutters_are_white_and_only_between():
    sheet = make_sheet(pictures(4, channels=3), gutter_px=1)
    assert sheet.shape == (5, 7, 3)
    assert (sheet[2] == 255).all()
    assert (sheet[:, 3] == 255).all()
    assert (sheet[3:, 4:] == 3).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_holds_the_very_pixels(channels):
    sheet = make_sheet(pictures(4, channels))
    image = Image.open(io.BytesIO(encode_png(sheet)))
    assert np.array_equal(np.asarray(image).reshape(sheet.shape), sheet)


def test_a_file_is_whole_or_not_there(tmp_path):
    path = tmp_path / "samples" / "a.png"
    save_sheet(path, pictures(4))
    save_sheet(path, pictures(9))
    assert Image.open(path).size == (9, 6)
    assert [p.name for p in path.parent.iterdir()] == ["a.png"]
    with pytest.raises(StoreError, match="cannot be written"):
        save_sheet(tmp_path / "gone" / "samples" / "a.png", pictures(1))
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        save_sheet(tmp_path / "file" / "a.png", pictures(1))
