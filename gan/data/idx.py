"""Reading idx files, the format in which MNIST and Fashion-MNIST are published.

Maths layer: numpy, no torch. An idx file is two zero bytes, one byte for the element type, one
for the number of dimensions, each dimension as a big-endian uint32, then the elements. Only
unsigned bytes are read here, since that is what image sets are made of.

Source: the format's description at http://yann.lecun.com/exdb/mnist/.
"""

import gzip
import io
import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import numpy.typing as npt

from gan.errors import DataError

MAX_BYTES = 2**30
"""No array larger than this is read: a header that asks for more is taken for damage."""

_UINT8 = 0x08
_TYPE_NAMES = {
    0x08: "uint8", 0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64",
}  # fmt: skip
_GZIP_MAGIC = b"\x1f\x8b"
_MAX_DEFLATE_RATIO = 1032  # deflate cannot shrink data further than this


def read_idx(path: Path, n_dims: int) -> npt.NDArray[np.uint8]:
    """Read one idx file of unsigned bytes, gzipped or plain (told by content, not by name).

    Args:
        path: the file.
        n_dims: how many dimensions it must have: 3 for grey images, 1 for labels.

    Returns:
        A writable uint8 array of the shape that the file declares, values 0 to 255.

    Raises:
        DataError: the file is missing, unreadable, damaged or of another kind; one sentence that
            names it.
    """
    with _opened(path) as (file, limit):
        return _read(file, path, n_dims, limit)


def read_idx_shape(path: Path, n_dims: int) -> tuple[int, ...]:
    """Return the shape that a file declares, without reading what it holds.

    Raises:
        DataError: as `read_idx`, as far as the header tells.
    """
    with _opened(path) as (file, _):
        return _read_header(file, path, n_dims)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Open a file; give its content unpacked and the most bytes that it can hold."""
    try:
        with path.open("rb") as raw:
            is_gzip = raw.read(2) == _GZIP_MAGIC
            raw.seek(0)
            stored_bytes = path.stat().st_size
            if not is_gzip:
                yield raw, stored_bytes
                return
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield cast(BinaryIO, unpacked), stored_bytes * _MAX_DEFLATE_RATIO
    except DataError:
        raise
    except FileNotFoundError:
        raise DataError(f"There is no file {path}.") from None
    except EOFError:
        raise DataError(f"{path} is cut short: fetch it again.") from None
    except (zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} is a damaged gzip file ({error}): fetch it again.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}).") from None


def _read(file: BinaryIO, path: Path, n_dims: int, limit: int) -> npt.NDArray[np.uint8]:
    shape = _read_header(file, path, n_dims)
    n_bytes = math.prod(shape)
    declared = " × ".join(str(size) for size in shape)
    if n_bytes > MAX_BYTES:
        raise DataError(f"{path} claims to hold {declared} bytes, too many to be true.")
    if n_bytes > limit:
        raise DataError(f"{path} is cut short, it should hold {declared} bytes: fetch it again.")
    array = np.empty(shape, dtype=np.uint8)
    n_read = _fill(file, array.reshape(-1).data)
    if n_read < n_bytes:
        raise DataError(
            f"{path} is cut short, it has {n_read} of {declared} bytes of data: fetch it again."
        )
    if file.read(1):  # at the end of a gzip stream this also verifies its checksum
        raise DataError(f"{path} goes on after the {declared} bytes that its header declares.")
    return array


def _read_header(file: BinaryIO, path: Path, n_dims: int) -> tuple[int, ...]:
    magic = file.read(4)
    if not magic:
        raise DataError(f"{path} is empty: fetch it again.")
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPE_NAMES:
        raise DataError(f"{path} is not an idx file: it begins with the bytes {magic.hex(' ')}.")
    if magic[2] != _UINT8:
        raise DataError(f"{path} holds {_TYPE_NAMES[magic[2]]} numbers, and uint8 is needed.")
    if magic[3] != n_dims:
        raise DataError(f"{path} has {magic[3]} dimensions, and {n_dims} are needed.")
    sizes = file.read(4 * n_dims)
    if len(sizes) < 4 * n_dims:
        raise DataError(f"{path} is cut short within its header: fetch it again.")
    shape = struct.unpack(f">{n_dims}I", sizes)
    if 0 in shape:
        raise DataError(f"{path} holds nothing: its shape is {' × '.join(map(str, shape))}.")
    return shape


def _fill(file: BinaryIO, target: memoryview) -> int:
    """Read until the target is full or the file ends; return the number of bytes read."""
    n_read = 0
    while n_read < len(target):
        n_more = cast(io.RawIOBase, file).readinto(target[n_read:])
        if not n_more:
            break
        n_read += n_more
    return n_read
