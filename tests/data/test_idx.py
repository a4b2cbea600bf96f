"""idx files: what is well formed is read exactly, what is not is refused in one sentence."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from gan.data.idx import read_idx, read_idx_shape
from gan.errors import DataError

IMAGES = np.arange(3 * 4 * 4, dtype=np.uint8).reshape(3, 4, 4)


def idx_bytes(array: np.ndarray, type_code: int = 0x08) -> bytes:
    """Return an array as an idx file, written out by the format's description."""
    header = struct.pack(">BBBB", 0, 0, type_code, array.ndim)
    return header + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write(folder: Path, content: bytes, name: str = "some-idx3-ubyte") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_plain_file_is_read_exactly(tmp_path: Path) -> None:
    array = read_idx(write(tmp_path, idx_bytes(IMAGES)), n_dims=3)
    assert array.dtype == np.uint8
    assert array.flags.writeable
    np.testing.assert_array_equal(array, IMAGES)


def test_gzip_is_told_by_content_not_by_name(tmp_path: Path) -> None:
    packed = write(tmp_path, gzip.compress(idx_bytes(IMAGES)), "packed")
    plain = write(tmp_path, idx_bytes(IMAGES), "plain.gz")
    np.testing.assert_array_equal(read_idx(packed, n_dims=3), IMAGES)
    np.testing.assert_array_equal(read_idx(plain, n_dims=3), IMAGES)


def test_labels_have_one_dimension(tmp_path: Path) -> None:
    labels = np.array([3, 1, 2], dtype=np.uint8)
    path = write(tmp_path, idx_bytes(labels))
    np.testing.assert_array_equal(read_idx(path, n_dims=1), labels)


WHOLE = idx_bytes(IMAGES)
PACKED = gzip.compress(WHOLE)
HUGE = struct.pack(">BBBBIII", 0, 0, 8, 3, 2**31, 2**31, 2**31)
LARGE = struct.pack(">BBBBIII", 0, 0, 8, 3, 1000, 1000, 1000)

DAMAGED = {
    "zero bytes": (b"", "is empty"),
    "three bytes": (b"\0\0\x08", "not an idx file"),
    "wrong magic": (b"PK\x03\x04" + WHOLE[4:], "not an idx file: it begins with the bytes 50 4b"),
    "unknown type": (b"\0\0\x42\x03" + WHOLE[4:], "not an idx file"),
    "another type": (b"\0\0\x0d\x03" + WHOLE[4:], "holds float32 numbers"),
    "wrong dims": (idx_bytes(IMAGES[0]), "has 2 dimensions, and 3 are needed"),
    "cut header": (WHOLE[:9], "cut short within its header"),
    "cut data": (WHOLE[:-1], "cut short"),
    "extra data": (WHOLE + b"\0", "goes on after"),
    "no images": (idx_bytes(IMAGES[:0]), "holds nothing: its shape is 0 × 4 × 4"),
    "absurd size": (HUGE, "too many to be true"),
    "size without data": (LARGE, "cut short, it should hold 1000 × 1000 × 1000"),
    "packed zero bytes": (gzip.compress(b""), "is empty"),
    "packed cut data": (gzip.compress(WHOLE[:-1]), "47 of 3 × 4 × 4 bytes"),
    "packed extra data": (gzip.compress(WHOLE + b"\0"), "goes on after"),
    "packed size without data": (gzip.compress(LARGE), "cut short"),
    "truncated gzip": (PACKED[:-12], "cut short"),
    "gzip without its end": (PACKED[:-4], "cut short"),
    "gzip magic only": (b"\x1f\x8b", "cut short"),
    "gzip with a wrong checksum": (
        PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:],
        "damaged gzip",
    ),
    "gzip with damaged content": (PACKED[:10] + b"\xff" * 8 + PACKED[18:], "damaged gzip"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damage_is_refused_in_one_sentence_naming_the_file(case: str, tmp_path: Path) -> None:
    content, expected = DAMAGED[case]
    path = write(tmp_path, content)
    with pytest.raises(DataError, match=expected) as caught:
        read_idx(path, n_dims=3)
    message = str(caught.value)
    assert str(path) in message
    assert message.endswith(".")
    assert "\n" not in message


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no file .*nowhere"):
        read_idx(tmp_path / "nowhere", n_dims=3)
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path, n_dims=3)


def test_the_shape_is_known_without_reading_what_follows(tmp_path: Path) -> None:
    raw = idx_bytes(IMAGES)
    for content in (raw, gzip.compress(raw), raw[:16]):
        assert read_idx_shape(write(tmp_path, content), n_dims=3) == IMAGES.shape
    with pytest.raises(DataError, match="not an idx file"):
        read_idx_shape(write(tmp_path, b"<html>"), n_dims=3)
    with pytest.raises(DataError, match="There is no file"):
        read_idx_shape(tmp_path / "missing", n_dims=3)
