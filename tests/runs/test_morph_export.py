"""A morph as a file: every sort is decoded, and its frames, size and timing are looked at."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_timelapse import frames_of, rgb

from gan.errors import ConfigError, DataError, StoreError
from gan.runs.morph_export import FRAME_PX, GUTTER_PX, KINDS, Morph, morph_bytes, write_morph
from gan.runs.moving import KINDS as FILM_KINDS
from gan.runs.sheets import Pictures

TOLERANCE = {"gif": 0, "webp": 0, "mp4": 3}  # mean difference of a pixel, of 256 greys


def pictures_of(n: int = 5, size_px: int = 8, channels: int = 1) -> Pictures:
    """Smooth pictures, as H.264 expects them, each unlike the others."""
    y, x = np.mgrid[:size_px, :size_px] / size_px
    waves = [128 + 100 * np.sin(3 * x + i) * np.cos(2 * y + i) for i in range(n)]
    grey = np.asarray(waves).astype(np.uint8)[..., None]
    return np.concatenate([grey] * channels, axis=-1)


def enlarged(picture: Pictures, factor: int) -> np.ndarray:
    return rgb(np.kron(picture, np.ones((factor, factor, 1), dtype=np.uint8)))


@pytest.mark.parametrize("kind", FILM_KINDS)
def test_a_file_shows_each_frame_as_long_as_asked(kind: str, tmp_path: Path) -> None:
    pictures = pictures_of()
    path = tmp_path / f"a.{kind}"
    assert write_morph(pictures, path, fps=20, hold_s=0.5) == 5
    shown, durations = frames_of(path)
    n_held = 10 if kind == "mp4" else 0  # a film repeats what it holds
    assert len(shown) == 5 + n_held
    held = [50] * 5 + [50] * n_held if kind == "mp4" else [50, 50, 50, 50, 550]
    assert durations == held
    for picture, wanted in zip(shown, pictures, strict=False):
        assert picture.shape == (FRAME_PX, FRAME_PX, 3)
        assert np.abs(picture.astype(int) - enlarged(wanted, 32)).mean() <= TOLERANCE[kind]


@pytest.mark.parametrize("kind", FILM_KINDS)
def test_there_and_back_shows_the_ends_once(kind: str, tmp_path: Path) -> None:
    pictures = pictures_of(4)
    path = tmp_path / f"a.{kind}"
    assert write_morph(pictures, path, frame_px=8, there_and_back=True) == 6
    shown, durations = frames_of(path)
    assert durations == [40] * 6
    for picture, i in zip(shown, (0, 1, 2, 3, 2, 1), strict=True):
        tolerance = 8 if kind == "mp4" else 0  # tiny and changing: the hardest for H.264
        assert np.abs(picture.astype(int) - rgb(pictures[i])).mean() <= tolerance


def test_one_and_two_frames_have_no_way_back() -> None:
    assert len(Morph(pictures_of(1), there_and_back=True)) == 1
    assert len(Morph(pictures_of(2), there_and_back=True)) == 2


@pytest.mark.parametrize("kind", FILM_KINDS)
def test_odd_sides_are_made_even_by_repeating_the_edge(kind: str, tmp_path: Path) -> None:
    pictures = pictures_of(2, size_px=9, channels=3)
    path = tmp_path / f"a.{kind}"
    write_morph(pictures, path, frame_px=9)
    shown, _ = frames_of(path)
    assert shown[0].shape == (10, 10, 3)
    if kind == "webp":
        assert (shown[0][:9, :9] == pictures[0]).all()
        assert (shown[0][9, :9] == pictures[0][8]).all()


def test_a_strip_has_both_ends_and_gutters(tmp_path: Path) -> None:
    pictures = pictures_of(30, size_px=16)
    path = tmp_path / "strip.png"
    assert write_morph(pictures, path, n_strip=4) == 4
    with Image.open(path) as image:
        strip = np.asarray(image)
    side = 16 * 25
    assert strip.shape == (side, 4 * side + 3 * GUTTER_PX)
    for place, i in enumerate((0, 10, 19, 29)):
        left = place * (side + GUTTER_PX)
        assert (strip[:, left : left + side] == enlarged(pictures[i], 25)[..., 0]).all()
    assert (strip[:, side : side + GUTTER_PX] == 255).all()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_downloaded_is_what_its_name_says(kind: str) -> None:
    data = morph_bytes(pictures_of(3), kind)
    if kind == "mp4":
        assert data[4:8] == b"ftyp"
    else:
        with Image.open(io.BytesIO(data)) as image:
            assert image.format == kind.upper()


def test_what_cannot_be_made_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    pictures = pictures_of(2)
    with pytest.raises(ConfigError, match=r"\.gif, \.webp, \.mp4 or \.png"):
        write_morph(pictures, tmp_path / "a.avi")
    with pytest.raises(ConfigError, match=r"from 0\.1 to 50"):
        write_morph(pictures, tmp_path / "a.gif", fps=60)
    with pytest.raises(ConfigError, match="strip"):
        write_morph(pictures, tmp_path / "a.png", n_strip=1)
    for bad in (pictures[:0], pictures[0], pictures.astype(float), pictures[..., [0, 0]]):
        with pytest.raises(DataError, match="make no morph"):
            write_morph(bad, tmp_path / "a.gif")
    with pytest.raises(StoreError, match="cannot be written"):
        write_morph(pictures, tmp_path / "no" / "a.png")
    assert list(tmp_path.iterdir()) == []
