"""How a run's pictures came to be, as one moving picture: GIF, WebP or MP4.

Memory layer, without torch. Each frame is a saved sample grid, enlarged by whole factors with
nearest neighbour, above a line that names its step. Frames are made one at a time, so memory does
not grow with the length of the run.

GIF and lossless WebP keep every pixel (GIF up to 256 colours, the same for all frames, so that
nothing flickers); MP4 is H.264 in yuv420p, which every browser plays, and close to exact.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
from PIL import GifImagePlugin, Image

from gan.errors import ConfigError
from gan.runs.exports import replacing
from gan.runs.film import Film, open_film, saved_grids
from gan.runs.folder import RunFolder
from gan.runs.sheets import Pictures
from gan.runs.store import RunStore

KINDS = ("gif", "webp", "mp4")
MAX_FPS = 50.0  # browsers slow GIFs down that ask for more
Progress = Callable[[int, int], None]

_N_PALETTE_FRAMES = 12
_N_PALETTE_PIXELS = 90_000
_BT709 = 1  # as the standards number it


def write_timelapse(
    folder: RunFolder,
    path: Path,
    *,
    raw: bool = False,
    n_tiles: int = 36,
    fps: float = 10.0,
    hold_s: float = 1.5,
    max_frames: int | None = None,
    progress: Progress | None = None,
) -> int:
    """Write all sample grids of a run in the order of training, and return how many there are.

    Args:
        folder: the run, which may be at work.
        path: the file; its ending says of which kind it is: .gif, .webp or .mp4.
        raw: pictures of the generator itself instead of its average, where there is one.
        n_tiles: the first so many pictures of each grid, as a square.
        fps: grids in a second; a GIF's times are whole hundredths of a second.
        hold_s: how much longer the last grid is shown.
        max_frames: of more grids than this, evenly spaced ones, with the first and the last.
        progress: is told how many grids of how many are written.

    Raises:
        ConfigError: a setting is not legal.
        DataError: there is no grid, or one cannot be read.
        StoreError: the run cannot be read or the file cannot be written.
    """
    kind = timelapse_kind(path)
    _check(n_tiles=n_tiles, fps=fps, hold_s=hold_s, max_frames=max_frames)
    film = open_film(folder, raw=raw, n_tiles=n_tiles, max_frames=max_frames)
    with replacing(path) as partial, partial.open("wb") as file:
        _WRITERS[kind](film, file, fps, hold_s, progress or (lambda _done, _all: None))
    return len(film)


def timelapse_kind(path: Path) -> str:
    """Return what sort of file a name asks for. Raises ConfigError."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise ConfigError(
            f"{path.name!r} is no timelapse: its name must end in .gif, .webp or .mp4."
        )
    return kind


def n_grids(folder: RunFolder, *, raw: bool = False) -> int:
    """Return how many grids a timelapse of a run would show. Raises StoreError."""
    with RunStore.open(folder.db_path) as store:
        return len(saved_grids(store, raw=raw))


def _check(*, n_tiles: int, fps: float, hold_s: float, max_frames: int | None) -> None:
    if n_tiles < 1:
        raise ConfigError(f"A timelapse of {n_tiles} pictures: it needs at least 1.")
    if not 0.1 <= fps <= MAX_FPS:
        raise ConfigError(f"{fps:g} grids in a second: it must be from 0.1 to {MAX_FPS:g}.")
    if not 0.0 <= hold_s <= 60.0:
        raise ConfigError(f"A hold of {hold_s:g} s: it must be from 0 to 60.")
    if max_frames is not None and max_frames < 2:
        raise ConfigError(f"At most {max_frames} grids: it must be 2 or more.")


def _write_gif(film: Film, file: BinaryIO, fps: float, hold_s: float, progress: Progress) -> None:
    """Write frame after frame, of each but the first only what changed.

    Source: Pillow's `getheader` and `getdata`; its `save` would keep all frames in memory.
    """
    frame_ms = 10 * max(2, round(100 / fps))
    palette = _common_palette(film)
    before: npt.NDArray[np.uint8] | None = None
    for i, picture in enumerate(film):
        frame = _indexed(picture, palette)
        indices = np.asarray(frame)
        if before is None:
            header, _ = GifImagePlugin.getheader(frame.copy(), info={"loop": 0})
            file.writelines(header)
        left, top, right, bottom = _changed(before, indices)
        duration = frame_ms + (round(hold_s * 1000) if i == len(film) - 1 else 0)
        part = frame.crop((left, top, right, bottom))
        file.writelines(GifImagePlugin.getdata(part, (left, top), duration=duration, disposal=1))
        before = indices
        progress(i + 1, len(film))
    file.write(b";")


def _common_palette(film: Film) -> Image.Image | None:
    """Return a palette that suits frames from the whole film; None for the 256 greys."""
    if film.n_channels == 1:
        return None
    chosen = np.unique(np.linspace(0, len(film) - 1, _N_PALETTE_FRAMES).round().astype(int))
    pages = [film[int(i)] for i in chosen]
    n_pixels = sum(page.shape[0] * page.shape[1] for page in pages)
    stride = max(1, math.isqrt(n_pixels // _N_PALETTE_PIXELS))
    mosaic = np.concatenate([page[::stride, ::stride] for page in pages])
    # Rare strong colours count as much as the grey of the first steps: coverage, then k-means.
    method = Image.Quantize.MAXCOVERAGE
    return Image.fromarray(mosaic).quantize(256, method=method, kmeans=1)


def _indexed(picture: Pictures, palette: Image.Image | None) -> Image.Image:
    if palette is None:
        return Image.fromarray(picture[..., 0]).convert("P")  # the palette of greys, in order
    return Image.fromarray(picture).quantize(palette=palette, dither=Image.Dither.NONE)


def _changed(
    before: npt.NDArray[np.uint8] | None, now: npt.NDArray[np.uint8]
) -> tuple[int, int, int, int]:
    """Return the box (left, top, right, bottom) outside of which two pictures are equal."""
    if before is None:
        return 0, 0, now.shape[1], now.shape[0]
    differs = before != now
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if len(rows) == 0:
        return 0, 0, 1, 1  # a frame must have a pixel
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _write_webp(film: Film, file: BinaryIO, fps: float, hold_s: float, progress: Progress) -> None:
    ends = np.round(np.arange(1, len(film) + 1) * 1000 / fps)
    ends[-1] += round(1000 * hold_s)
    durations = [int(ends[0]), *(int(b - a) for a, b in pairwise(ends))]
    reel = _Reel(film, progress)
    reel.save(
        file, "WEBP", save_all=True, duration=durations, loop=0, lossless=True, quality=0, method=1
    )


class _Reel(Image.Image):
    """A film as Pillow knows moving pictures: one frame is there, `seek` puts another in place."""

    def __init__(self, film: Film, progress: Progress) -> None:
        super().__init__()
        self.n_frames = len(film)
        self._film = film
        self._progress = progress
        self._at = self._furthest = -1
        self.seek(0)

    def tell(self) -> int:
        """Return which frame is there."""
        return self._at

    def seek(self, frame: int) -> None:
        """Put a frame in place."""
        if frame == self._at:
            return
        picture = self._film[frame]
        image = Image.fromarray(picture[..., 0] if picture.shape[-1] == 1 else picture)
        self._mode, self._size, self.im = "RGB", image.size, image.convert("RGB").im
        self._at = frame
        if frame > self._furthest:  # Pillow goes back to the first at the end
            self._furthest = frame
            self._progress(frame + 1, self.n_frames)


def _write_mp4(film: Film, file: BinaryIO, fps: float, hold_s: float, progress: Progress) -> None:
    """Write H.264 with the index in front; the last grid is repeated for as long as it is held."""
    import av  # noqa: PLC0415  (80 MB of libraries)
    from av.video.reformatter import ColorRange, Colorspace  # noqa: PLC0415

    height, width = film[0].shape[:2]
    rate = Fraction(fps).limit_denominator(1000)
    with av.open(file, "w", format="mp4", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "16"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.colorspace = Colorspace.ITU709
        stream.codec_context.color_primaries = stream.codec_context.color_trc = _BT709
        stream.codec_context.color_range = ColorRange.MPEG
        for i, picture in enumerate(film):
            rgb = np.broadcast_to(picture, (height, width, 3))
            for _ in range(1 + (round(fps * hold_s) if i == len(film) - 1 else 0)):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
                frame = frame.reformat(
                    format="yuv420p",
                    dst_colorspace=Colorspace.ITU709,
                    dst_color_range=ColorRange.MPEG,
                )
                container.mux(stream.encode(frame))
            progress(i + 1, len(film))
        container.mux(stream.encode())


_WRITERS = {"gif": _write_gif, "webp": _write_webp, "mp4": _write_mp4}
