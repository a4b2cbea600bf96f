"""One file's bytes become one square picture.

Maths layer: numpy and Pillow. Whole pictures are checked by their header before they are decoded.
Formats are told by their first bytes and opened by their own plugin rather than by `Image.open`,
which would try every format there is, and warn on stderr about sizes that are refused here anyhow.
"""

import math
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import (
    BmpImagePlugin,
    ExifTags,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from gan.config.data import Fit
from gan.data.pictures.limits import BIG_PIXELS, MAX_PIXELS
from gan.data.pictures.names import FORMATS_TEXT

Background = Literal["white", "black"]

N_SNIFFED_BYTES = 12
"""So many first bytes tell a file's format."""

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation."""


class PictureError(Exception):
    """One picture cannot be used; the message goes on where the picture's name left off."""


@dataclass(frozen=True)
class Target:
    """What every picture is made into.

    Attributes:
        size_px: height and width.
        channels: 1 (grey) or 3 (RGB).
        fit: "crop" keeps the square in the middle, "pad" the whole picture on the background.
        background: what lies behind transparent and padded parts.
    """

    size_px: int
    channels: int
    fit: Fit
    background: Background


def sniff(head: bytes) -> type[ImageFile.ImageFile] | None:
    """Return what opens a file of these first bytes, None if it is not a picture we read."""
    if head.startswith(b"RIFF"):
        return WebPImagePlugin.WebPImageFile if head[8:12] == b"WEBP" else None
    for magic, plugin in _PLUGINS.items():
        if head.startswith(magic):
            return plugin
    return None


def decode(data: bytes, target: Target, big: Executor | None = None) -> npt.NDArray[np.uint8]:
    """Decode a file's bytes (of an animation the first frame) and make the picture a square.

    Args:
        data: the whole file.
        target: size, channels, fit and background.
        big: where pictures of more than `BIG_PIXELS` are worked on; None for here.

    Returns:
        `[C, size_px, size_px]` uint8, 0 to 255, contiguous.

    Raises:
        PictureError: it is not a picture, damaged, or too large.
    """
    plugin = sniff(data[:N_SNIFFED_BYTES])
    if plugin is None:
        raise PictureError(f"is not a picture ({FORMATS_TEXT}) by its content")
    try:
        picture = plugin(BytesIO(data))
        n_pixels = picture.width * picture.height
        if n_pixels > MAX_PIXELS:
            raise PictureError(
                f"has {picture.width} × {picture.height} pixels, and "
                f"{MAX_PIXELS / 1e6:.0f} million are allowed"
            )
        if big is not None and n_pixels > BIG_PIXELS:
            return big.submit(_to_square, picture, target).result()
        return _to_square(picture, target)
    except PictureError:
        raise
    except Exception as error:  # damaged files make Pillow raise nearly anything
        detail = str(error) or type(error).__name__
        raise PictureError(f"is damaged or of an unusual kind ({detail[:80]})") from error


def _to_square(picture: ImageFile.ImageFile, target: Target) -> npt.NDArray[np.uint8]:
    with closing(picture):
        if isinstance(picture, JpegImagePlugin.JpegImageFile):
            _draft(picture, target)
        picture.load()
        orientation = _orientation(picture)
        plain = _flatten(picture, target)
        scaled = _crop(plain, target.size_px) if target.fit == "crop" else _shrink(plain, target)
    if orientation in _TURNS:  # afterwards, when the picture is small
        scaled = scaled.transpose(_TURNS[orientation])
    if target.fit == "pad":
        scaled = _pad(scaled, target)
    pixels = np.asarray(scaled, dtype=np.uint8).reshape(target.size_px, target.size_px, -1)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))  # [H, W, C] -> [C, H, W]


def _draft(picture: JpegImagePlugin.JpegImageFile, target: Target) -> None:
    """Let libjpeg decode a large photo at 1/2, 1/4 or 1/8, still at least twice the wanted size."""
    side = min(picture.size) if target.fit == "crop" else max(picture.size)
    scale = 2 * target.size_px / side
    if scale < 1:
        width, height = (max(1, math.ceil(length * scale)) for length in picture.size)
        picture.draft(None, (width, height))


def _orientation(picture: ImageFile.ImageFile) -> int:
    """Return the EXIF orientation, 1 (upright) if there is none. TIFF was turned by loading it."""
    try:
        return int(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # damaged metadata does not spoil the pixels
        return 1


def _flatten(picture: Image.Image, target: Target) -> Image.Image:
    """Return the picture in mode L or RGB, as the target has it, without transparency."""
    mode = "L" if target.channels == 1 else "RGB"
    if picture.mode.startswith("I;16"):
        grey = (np.asarray(picture) >> 8).astype(np.uint8)  # Pillow's own convert would clip
        return Image.fromarray(grey).convert(mode)
    if picture.mode in ("I", "F"):
        raise PictureError("has 32 bits a pixel of unknown range: save it with 8 or 16 bits")
    if picture.has_transparency_data:
        layer = _in_mode(picture, "RGBA")
        canvas = Image.new("RGB", picture.size, target.background)
        canvas.paste(layer, mask=layer)
        return _in_mode(canvas, mode)
    if picture.mode == "P" and mode == "L":
        return picture.convert("RGB").convert("L")
    return _in_mode(picture, mode)


def _in_mode(picture: Image.Image, mode: str) -> Image.Image:
    """Convert, but make no copy of what has the mode already: large photos have 250 MB."""
    return picture if picture.mode == mode else picture.convert(mode)


def _crop(picture: Image.Image, size_px: int) -> Image.Image:
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return _resize(picture, (left, top, left + side, top + side), (size_px, size_px))


def _shrink(picture: Image.Image, target: Target) -> Image.Image:
    scale = target.size_px / max(picture.size)
    width, height = (max(1, round(length * scale)) for length in picture.size)
    return _resize(picture, (0, 0, *picture.size), (width, height))


def _pad(picture: Image.Image, target: Target) -> Image.Image:
    size_px = target.size_px
    canvas = Image.new(picture.mode, (size_px, size_px), target.background)
    canvas.paste(picture, ((size_px - picture.width) // 2, (size_px - picture.height) // 2))
    return canvas


def _resize(
    picture: Image.Image, box: tuple[int, int, int, int], size: tuple[int, int]
) -> Image.Image:
    """Bring what is in the box (left, top, right, bottom) to a size (width, height).

    Smoothly; but from twice the size on pixels stay visible blocks, as pixel art wants. Blocks are
    exact for whole factors; for others their edges are averaged over the area.
    """
    width, height = box[2] - box[0], box[3] - box[1]
    if (width, height) == size:
        return picture.crop(box)
    factor = max(size) / max(width, height)
    if factor < 2:
        # First by whole factors to three times the size: as good, and quick for large photos.
        return picture.resize(size, Image.Resampling.LANCZOS, box, reducing_gap=3.0)
    n = math.ceil(factor)
    blocks = picture.resize((width * n, height * n), Image.Resampling.NEAREST, box)
    return blocks if blocks.size == size else blocks.resize(size, Image.Resampling.BOX)


_PLUGINS: dict[bytes, type[ImageFile.ImageFile]] = {
    b"\x89PNG\r\n\x1a\n": PngImagePlugin.PngImageFile,
    b"\xff\xd8\xff": JpegImagePlugin.JpegImageFile,
    b"GIF87a": GifImagePlugin.GifImageFile,
    b"GIF89a": GifImagePlugin.GifImageFile,
    b"BM": BmpImagePlugin.BmpImageFile,
    b"II*\0": TiffImagePlugin.TiffImageFile,
    b"MM\0*": TiffImagePlugin.TiffImageFile,
}
"""What opens a file, by its first bytes; the allow-list of formats. WebP has its own rule."""
