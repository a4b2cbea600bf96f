"""Files of every kind become squares, pixel for pixel what was promised."""

import io
import struct
import threading
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from gan.data.pictures.decode import PictureError, Target, decode, sniff
from gan.data.pictures.limits import BIG_PIXELS

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (16, 16, 3), dtype=np.uint8)


def encode(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def square(data: bytes, size_px: int = 16, channels: int = 3, fit="crop", background="white"):
    result = decode(data, Target(size_px, channels, fit, background))
    assert result.dtype == np.uint8
    assert result.shape == (channels, size_px, size_px)
    assert result.flags.c_contiguous
    return result


def hwc(chw: np.ndarray) -> np.ndarray:
    return chw.transpose(1, 2, 0)


def png_header(width: int, height: int) -> bytes:
    """Return a PNG of these dimensions by its header, with next to nothing behind it."""
    chunks = b""
    for kind, body in (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0" * 1000)),
        (b"IEND", b""),
    ):
        crc = struct.pack(">I", zlib.crc32(kind + body))
        chunks += struct.pack(">I", len(body)) + kind + body + crc
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_a_square_of_the_right_size_is_left_as_it_is(kind, fit):
    result = square(encode(Image.fromarray(RGB), kind), fit=fit)
    np.testing.assert_array_equal(hwc(result), RGB)


def test_lossless_webp_and_compressed_tiff():
    picture = Image.fromarray(RGB)
    np.testing.assert_array_equal(hwc(square(encode(picture, "WEBP", lossless=True))), RGB)
    np.testing.assert_array_equal(hwc(square(encode(picture, "TIFF", compression="tiff_lzw"))), RGB)


def flat(mode: str, grey: int) -> bytes:
    """Return a file of 12 × 20 grey pixels, stored in that mode."""
    if mode == "I;16":
        return encode(Image.fromarray(np.full((20, 12), grey * 257, dtype=np.uint16)))
    picture = Image.new("RGB", (12, 20), (grey,) * 3)
    if mode in ("P", "PA"):
        picture = picture.quantize(2)
    kind = "TIFF" if mode in ("CMYK", "YCbCr", "RGBX", "PA") else "PNG"
    return encode(picture.convert(mode), kind)


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "I;16", "YCbCr", "RGBX"]
)
def test_every_mode_of_one_flat_colour(mode):
    grey = 255 if mode == "1" else 100
    for channels in (1, 3):
        result = square(flat(mode, grey), 8, channels)
        assert np.abs(result.astype(int) - grey).max() <= 1


def test_sixteen_bits_keep_their_range():
    levels = (np.arange(256, dtype=np.uint16) * 257).reshape(16, 16)
    result = square(encode(Image.fromarray(levels)), channels=1)
    np.testing.assert_array_equal(result[0].reshape(-1), np.arange(256))


def test_cmyk_jpeg_and_grey_jpeg():
    red = encode(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=95)
    assert np.abs(square(red).mean(axis=(1, 2)) - [255, 0, 0]).max() < 4
    grey = encode(Image.new("L", (16, 16), 77), "JPEG", quality=95)
    assert np.abs(square(grey).astype(int) - 77).max() <= 1


def test_thirty_two_bit_pictures_are_refused_with_a_hint():
    data = encode(Image.fromarray(np.ones((8, 8), dtype=np.float32)), "TIFF")
    with pytest.raises(PictureError, match="save it with 8 or 16 bits"):
        square(data)


def test_crop_takes_the_middle():
    wide = np.zeros((16, 40, 3), dtype=np.uint8)
    wide[:, 12:28] = RGB
    np.testing.assert_array_equal(hwc(square(encode(Image.fromarray(wide)))), RGB)
    high = np.ascontiguousarray(wide.transpose(1, 0, 2))
    np.testing.assert_array_equal(
        hwc(square(encode(Image.fromarray(high)))), RGB.transpose(1, 0, 2)
    )


@pytest.mark.parametrize(("background", "value"), [("white", 255), ("black", 0)])
@pytest.mark.parametrize("channels", [1, 3])
def test_pad_keeps_everything_in_the_middle(background, value, channels):
    grey = RGB[:, :8, 0]
    result = square(encode(Image.fromarray(grey)), 16, channels, "pad", background)
    for channel in result:
        np.testing.assert_array_equal(channel[:, 4:12], grey)
        assert (channel[:, :4] == value).all()
        assert (channel[:, 12:] == value).all()


@pytest.mark.parametrize(("background", "value"), [("white", 255), ("black", 0)])
def test_transparency_shows_the_background(background, value):
    rgba = np.dstack([RGB, np.full((16, 16), 255, dtype=np.uint8)])
    rgba[:8, :, 3] = 0
    rgba[8, :, 3] = 128
    result = hwc(square(encode(Image.fromarray(rgba)), background=background))
    assert (result[:8] == value).all()
    np.testing.assert_array_equal(result[9:], RGB[9:])
    half = (RGB[8].astype(float) * 128 + value * 127) / 255
    assert np.abs(result[8] - half).max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_palette_with_a_transparent_colour(kind):
    picture = Image.new("P", (16, 16), 0)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    picture.paste(1, (0, 0, 16, 8))
    result = square(encode(picture, kind, transparency=0))
    np.testing.assert_array_equal(result[:, 0, 0], [0, 255, 0])
    np.testing.assert_array_equal(result[:, 15, 0], [255, 255, 255])


def test_a_palette_with_half_transparent_colours():
    picture = Image.new("P", (16, 16), 0)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    data = encode(picture, transparency=bytes([51, 255]))
    for channels, expected in ((3, [255, 204, 204]), (1, [219])):
        assert np.abs(square(data, channels=channels)[:, 0, 0] - np.array(expected)).max() <= 1


def test_a_transparent_edge_brings_no_hidden_colour_in():
    rgba = np.zeros((64, 64, 4), dtype=np.uint8)  # transparent black beside opaque white
    rgba[:, 31:] = 255
    assert (square(encode(Image.fromarray(rgba)), 16) == 255).all()


STORED = {
    1: lambda upright: upright,
    2: np.fliplr,
    3: lambda upright: np.rot90(upright, 2),
    4: np.flipud,
    5: lambda upright: upright.transpose(1, 0, 2),
    6: np.rot90,
    7: lambda upright: np.rot90(upright, 2).transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}
"""How the pixels lie in a file of each orientation."""


@pytest.mark.parametrize("orientation", STORED)
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_orientation_is_respected(orientation, kind, fit):
    upright = RGB[:, :8]  # 8 wide, 16 high
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](upright)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    size_px = 8 if fit == "crop" else 16
    result = hwc(square(encode(stored, kind, exif=exif), size_px, fit=fit))
    expected = upright[4:12] if fit == "crop" else upright
    np.testing.assert_array_equal(result if fit == "crop" else result[:, 4:12], expected)


def test_orientation_of_a_photo():
    photo = Image.new("RGB", (32, 16), "black")
    photo.paste("white", (0, 0, 16, 16))  # left half white; turned by 90°, the top is
    exif = Image.Exif()
    exif[0x0112] = 6
    result = square(encode(photo, "JPEG", exif=exif, quality=95), 32, 1, "pad", "black")[0]
    assert result[:15, 9:23].min() > 250
    assert result[17:, 9:23].max() < 5


def test_first_frame_of_animations():
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "lime", "blue")]
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        options = {"lossless": True} if kind == "WEBP" else {}
        data = encode(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        np.testing.assert_array_equal(square(data)[:, 3, 3], [255, 0, 0])


def test_small_pictures_grow_by_blocks():
    small = np.ascontiguousarray(RGB[:4, :4])
    result = hwc(square(encode(Image.fromarray(small)), 16))
    np.testing.assert_array_equal(result, small.repeat(4, axis=0).repeat(4, axis=1))
    uneven = hwc(square(encode(Image.fromarray(small[:3, :3])), 16))
    np.testing.assert_array_equal(uneven[0, 0], small[0, 0])
    np.testing.assert_array_equal(uneven[-1, -1], small[2, 2])


def test_shrinking_averages():
    checks = np.indices((256, 256)).sum(axis=0) % 2 * 255
    result = square(encode(Image.fromarray(checks.astype(np.uint8))), 16, 1)
    assert np.abs(result.astype(int) - 127).max() <= 2


def test_a_large_photo_is_decoded_at_a_fraction():
    photo = Image.new("RGB", (1200, 900), "black")
    photo.paste("white", (600, 0, 1200, 900))
    result = square(encode(photo, "JPEG", quality=95), 16, 1)[0]
    assert result[:, :7].max() <= 3
    assert result[:, 9:].min() >= 252
    padded = square(encode(photo, "JPEG", quality=95), 16, 1, "pad")[0]
    assert (padded[:2] == 255).all()
    assert padded[2:14, :7].max() <= 3


def test_big_pictures_are_worked_on_elsewhere():
    data = encode(Image.new("L", (4000, BIG_PIXELS // 4000 + 1), 9), compress_level=1)
    target = Target(16, 3, "crop", "white")
    with ThreadPoolExecutor(1, "elsewhere") as big:
        decode(encode(Image.fromarray(RGB)), target, big)
        assert not any("elsewhere" in thread.name for thread in threading.enumerate())
        assert (decode(data, target, big) == 9).all()
        assert any("elsewhere" in thread.name for thread in threading.enumerate())
        with pytest.raises(PictureError, match="is damaged"):
            decode(data[:400], target, big)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1)])
@pytest.mark.parametrize("fit", ["crop", "pad"])
def test_extreme_shapes_are_no_errors(size, fit):
    square(encode(Image.new("RGB", size, "red")), fit=fit)


DAMAGED = {
    "nothing": (b"", "is not a picture"),
    "text": (b"hello, I am a text", "is not a picture"),
    "web page": (b"<html>not found</html>", "is not a picture"),
    "vector graphics": (b"<svg xmlns=''/>", "is not a picture"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "is not a picture"),
    "sound": (b"RIFF\0\0\0\0WAVEfmt ", "is not a picture"),
    "cut PNG": (encode(Image.fromarray(RGB))[:400], "is damaged"),
    "cut header": (encode(Image.fromarray(RGB))[:20], "is damaged"),
    "cut JPEG": (encode(Image.fromarray(RGB), "JPEG")[:-200], "is damaged"),
    "cut GIF": (encode(Image.fromarray(RGB), "GIF")[:14], "is damaged"),
    "cut WebP": (encode(Image.fromarray(RGB), "WEBP")[:60], "is damaged"),
    "cut BMP": (encode(Image.fromarray(RGB), "BMP")[:100], "is damaged"),
    "cut TIFF": (encode(Image.fromarray(RGB), "TIFF")[:100], "is damaged"),
    "no pixels": (png_header(0, 5), "is damaged"),
    "absurd PNG": (png_header(60_000, 60_000), "has 60000 × 60000 pixels, and 64 million"),
    "large PNG": (png_header(10_000, 9_500), "has 10000 × 9500 pixels, and 64 million"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damage_is_told_and_nothing_is_warned_about(case):
    data, reason = DAMAGED[case]
    with warnings.catch_warnings(), pytest.raises(PictureError) as caught:
        warnings.simplefilter("error")
        square(data)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
    assert " object at " not in str(caught.value)


def test_formats_are_told_by_content():
    assert sniff(encode(Image.fromarray(RGB), "JPEG")[:12]).__name__ == "JpegImageFile"
    assert sniff(b"\0" * 12) is None
    assert sniff(b"") is None
