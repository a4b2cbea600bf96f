"""A morph taken along: the pictures of a way through latent space as GIF, WebP, MP4 or PNG strip.

Memory layer, without torch: whoever has the pictures, from a page or the terminal, calls it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan.errors import ConfigError, DataError
from gan.runs.exports import file_bytes, replacing
from gan.runs.moving import KINDS as FILM_KINDS
from gan.runs.moving import Progress, check_film, write_film
from gan.runs.sheets import Pictures, encode_png, make_sheet

KINDS = (*FILM_KINDS, "png")
FRAME_PX = 256  # pictures are enlarged to about this size, and never shrunk
GUTTER_PX = 2

_STRIP_PX = 1600


@dataclass(frozen=True, eq=False)
class Morph:
    """The frames of a morph, each enlarged when it is asked for.

    Attributes:
        pictures: `[N, H, W, C]` uint8, in the order of the way.
        there_and_back: go back to the start again; the two ends are shown once.
        factor: how many times larger a frame is, by repeating pixels.
    """

    pictures: Pictures
    there_and_back: bool = False
    factor: int = 1

    @property
    def n_channels(self) -> int:
        """Return 1 for grey or 3."""
        return int(self.pictures.shape[-1])

    def __len__(self) -> int:
        n = len(self.pictures)
        return max(n, 2 * n - 2) if self.there_and_back else n

    def __getitem__(self, i: int) -> Pictures:
        """Return a frame `[H, W, C]` uint8 with even sides."""
        n = len(self.pictures)
        frame = _enlarged(self.pictures[i if i < n else 2 * n - 2 - i], self.factor)
        odd_y, odd_x = frame.shape[0] % 2, frame.shape[1] % 2
        return np.pad(frame, ((0, odd_y), (0, odd_x), (0, 0)), mode="edge")

    def __iter__(self) -> Iterator[Pictures]:
        return (self[i] for i in range(len(self)))


def write_morph(
    pictures: Pictures,
    path: Path,
    *,
    fps: float = 25.0,
    hold_s: float = 0.0,
    there_and_back: bool = False,
    frame_px: int = FRAME_PX,
    n_strip: int = 12,
    progress: Progress | None = None,
) -> int:
    """Write a morph to a file and return how many frames it has.

    Args:
        pictures: `[N, H, W, C]` uint8, at least one, grey or RGB.
        path: the file; its ending says of which kind it is: .gif, .webp, .mp4, or .png for a
            strip, pictures side by side.
        fps: frames in a second; a GIF's times are whole hundredths of a second.
        hold_s: how much longer the last frame is shown.
        there_and_back: go back to the start again; not for a strip.
        frame_px: about how large a frame is, by whole factors; even sides are padded for MP4.
        n_strip: at most so many pictures in a strip, evenly spaced, with the first and the last.
        progress: is told how many frames of how many are written.

    Raises:
        ConfigError: the file's ending or another setting is not legal.
        DataError: there are no pictures.
        StoreError: the file cannot be written.
    """
    if frame_px < 1 or n_strip < 2:
        raise ConfigError(
            f"Frames of {frame_px} px and {n_strip} pictures in a strip: give at least 1 and 2."
        )
    is_strip = path.suffix.lower() == ".png"
    if not is_strip and path.suffix.lower().removeprefix(".") not in KINDS:
        raise ConfigError(
            f"{path.name!r} is no morph: its name must end in .gif, .webp, .mp4 or .png."
        )
    _check(pictures)
    if is_strip:
        return _write_strip(pictures, path, n_strip)
    check_film(path, fps=fps, hold_s=hold_s)
    factor = max(1, round(frame_px / max(pictures.shape[1:3])))
    film = Morph(pictures, there_and_back, factor)
    write_film(film, path, fps=fps, hold_s=hold_s, progress=progress)
    return len(film)


def morph_bytes(
    pictures: Pictures, kind: str, *, fps: float = 25.0, there_and_back: bool = False
) -> bytes:
    """Return the file of a morph, of a kind of `KINDS`. Raises what `write_morph` raises."""
    return file_bytes(
        lambda path: write_morph(pictures, path, fps=fps, there_and_back=there_and_back),
        f".{kind}",
    )


def _write_strip(pictures: Pictures, path: Path, n_strip: int) -> int:
    n = min(len(pictures), n_strip)
    chosen = pictures[np.linspace(0, len(pictures) - 1, n).round().astype(int)]
    factor = max(1, _STRIP_PX // (n * pictures.shape[2]))
    strip = make_sheet(
        np.stack([_enlarged(picture, factor) for picture in chosen]), columns=n, gutter_px=GUTTER_PX
    )
    with replacing(path) as partial:
        partial.write_bytes(encode_png(strip))
    return n


def _enlarged(picture: Pictures, factor: int) -> Pictures:
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def _check(pictures: Pictures) -> None:
    has_shape = pictures.ndim == 4 and pictures.shape[-1] in (1, 3) and pictures.size > 0
    if not has_shape or pictures.dtype != np.uint8:
        raise DataError(
            f"Pictures of shape {list(pictures.shape)} and type {pictures.dtype} make no morph: "
            "give [N, H, W, 1 or 3] uint8."
        )
