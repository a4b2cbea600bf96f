"""Pictures that move, as files that ordinary viewers open: GIF, WebP or MP4.

Memory layer, without torch. Frames are asked for one at a time, so memory does not grow with their
number. GIF and lossless WebP keep every pixel (GIF up to 256 colours, the same for all frames, so
that nothing flickers); MP4 is H.264 in yuv420p, which every browser plays, and close to exact.
"""

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np
import numpy.typing as npt
from PIL import GifImagePlugin, Image

from gan.errors import ConfigError
from gan.runs.exports import replacing
from gan.runs.sheets import Pictures

KINDS = ("gif", "webp", "mp4")
MAX_FPS = 50.0  # browsers slow GIFs down that ask for more
Progress = Callable[[int, int], None]

_N_PALETTE_FRAMES = 12
_N_PALETTE_PIXELS = 90_000
_BT709 = 1  # as the standards number it


class Frames(Protocol):
    """Frames `[H, W, C]` uint8 of one size with even sides; there is at least one."""

    @property
    def n_channels(self) -> int:
        """Return 1 for grey or 3."""

    def __len__(self) -> int: ...

    def __getitem__(self, i: int, /) -> Pictures: ...

    def __iter__(self) -> Iterator[Pictures]: ...


def write_film(
    film: Frames, path: Path, *, fps: float, hold_s: float = 0.0, progress: Progress | None = None
) -> None:
    """Write frames as a moving picture that runs on and on.

    Args:
        film: the frames.
        path: the file; its ending says of which kind it is: .gif, .webp or .mp4.
        fps: frames in a second; a GIF's times are whole hundredths of a second.
        hold_s: how much longer the last frame is shown.
        progress: is told how many frames of how many are written.

    Raises:
        ConfigError: the file's ending, or a time, is not legal.
        StoreError: the file cannot be written.
    """
    kind = check_film(path, fps=fps, hold_s=hold_s)
    with replacing(path) as partial, partial.open("wb") as file:
        _WRITERS[kind](film, file, fps, hold_s, progress or (lambda _done, _all: None))


def check_film(path: Path, *, fps: float, hold_s: float = 0.0) -> str:
    """Return what sort of file a name asks for. Raises ConfigError, for the times too."""
    kind = film_kind(path)
    if not 0.1 <= fps <= MAX_FPS:
        raise ConfigError(f"{fps:g} frames in a second: it must be from 0.1 to {MAX_FPS:g}.")
    if not 0.0 <= hold_s <= 60.0:
        raise ConfigError(f"A hold of {hold_s:g} s: it must be from 0 to 60.")
    return kind


def film_kind(path: Path) -> str:
    """Return what sort of file a name asks for. Raises ConfigError."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise ConfigError(
            f"{path.name!r} is no moving picture: its name must end in .gif, .webp or .mp4."
        )
    return kind


def _write_gif(film: Frames, file: BinaryIO, fps: float, hold_s: float, progress: Progress) -> None:
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


def _common_palette(film: Frames) -> Image.Image | None:
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


def _write_webp(
    film: Frames, file: BinaryIO, fps: float, hold_s: float, progress: Progress
) -> None:
    ends = np.round(np.arange(1, len(film) + 1) * 1000 / fps)
    ends[-1] += round(1000 * hold_s)
    durations = [int(ends[0]), *(int(b - a) for a, b in pairwise(ends))]
    reel = _Reel(film, progress)
    reel.save(
        file, "WEBP", save_all=True, duration=durations, loop=0, lossless=True, quality=0, method=1
    )


class _Reel(Image.Image):
    """A film as Pillow knows moving pictures: one frame is there, `seek` puts another in place."""

    def __init__(self, film: Frames, progress: Progress) -> None:
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


def _write_mp4(film: Frames, file: BinaryIO, fps: float, hold_s: float, progress: Progress) -> None:
    """Write H.264 with the index in front; the last frame is repeated for as long as it is held."""
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
