"""How a page's process and the studio talk: frames of a JSON header and raw arrays.

Memory layer, without torch. A frame is the header's length (uint32, little-endian), the header
(JSON in UTF-8) and, one after the other, the bytes of the arrays that its `arrays` lists by name,
dtype and shape. Nothing in a frame is ever run.
"""

import json
import struct
from collections.abc import Mapping
from math import prod
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from gan.errors import StoreError

Arrays = dict[str, npt.NDArray[Any]]

_LENGTH = struct.Struct("<I")
_MAX_HEADER_BYTES = 1 << 22
_MAX_ARRAY_BYTES = 1 << 31
_DTYPES = frozenset({"uint8", "int64", "float32", "float64"})


def write_frame(
    file: BinaryIO, header: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]
) -> None:
    """Write one frame and flush. Raises OSError when nobody reads."""
    parts = [_contiguous(array) for array in arrays.values()]
    listed = [
        {"name": name, "dtype": part.dtype.name, "shape": list(part.shape)}
        for name, part in zip(arrays, parts, strict=True)
    ]
    text = json.dumps({**header, "arrays": listed}, ensure_ascii=False).encode()
    file.write(_LENGTH.pack(len(text)) + text)
    for part in parts:
        file.write(part.tobytes())
    file.flush()


def read_frame(file: BinaryIO) -> tuple[dict[str, Any], Arrays] | None:
    """Read one frame; None where the other side has closed.

    Raises:
        StoreError: what is there is no whole frame.
    """
    start = file.read(_LENGTH.size)
    if not start:
        return None
    try:
        (n_bytes,) = _LENGTH.unpack(start)
        header = json.loads(_exactly(file, n_bytes, _MAX_HEADER_BYTES))
        arrays = {str(entry["name"]): _array(file, entry) for entry in header.pop("arrays")}
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(f"The studio's answer cannot be read ({error}): try again.") from error
    return header, arrays


def _array(file: BinaryIO, entry: Mapping[str, Any]) -> npt.NDArray[Any]:
    if entry["dtype"] not in _DTYPES:
        raise ValueError(f"an array of {entry['dtype']}")
    dtype, shape = np.dtype(entry["dtype"]), [int(n) for n in entry["shape"]]
    raw = _exactly(file, prod(shape) * dtype.itemsize, _MAX_ARRAY_BYTES)
    return np.frombuffer(bytearray(raw), dtype).reshape(shape)  # a copy that may be written to


def _exactly(file: BinaryIO, n_bytes: int, at_most: int) -> bytes:
    if not 0 <= n_bytes <= at_most:
        raise ValueError(f"{n_bytes:,} bytes announced")
    raw = file.read(n_bytes)
    if len(raw) != n_bytes:
        raise ValueError(f"{len(raw):,} of {n_bytes:,} bytes")
    return raw


def _contiguous(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    little = array.dtype.newbyteorder("<")
    return np.asarray(array, dtype=little, order="C")
