"""Reading CIFAR-10 as published: five pickled batches in a folder, or still in their archive.

Maths layer: numpy, no torch. A pickle may name any function to be called while it is read, so a
foreign one is never given to `pickle.load`. The unpickler here knows four names, those by which
Python 2 stored numpy arrays, and puts inert records in their place: nothing of the file is run.

Source: https://www.cs.toronto.edu/~kriz/cifar.html; https://docs.python.org/3/library/pickle.html,
"Restricting globals".
"""

import io
import math
import pickle
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gan.data.catalog import CIFAR_BATCHES
from gan.errors import DataError

CHANNELS, SIZE_PX, N_CLASSES = 3, 32, 10
_N_BYTES = CHANNELS * SIZE_PX * SIZE_PX
_MAX_BATCH_BYTES = 2**27  # a published batch has 31 MB


def read_cifar(path: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Read the five training batches.

    Args:
        path: the folder that holds `data_batch_1` to `data_batch_5`, or `cifar-10-python.tar.gz`.

    Returns:
        images `[N, 3, 32, 32]` uint8 and labels `[N]` int64, 0 to 9.

    Raises:
        DataError: a batch is missing, damaged or of another kind.
    """
    images, labels = [], []
    for where, raw in _stored_batches(path):
        some_images, some_labels = _parse(where, raw)
        images.append(some_images)
        labels.append(some_labels)
    return np.concatenate(images), np.concatenate(labels)


def _stored_batches(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what to call each batch in a message, and its bytes, first to last."""
    if path.is_dir():
        for name in CIFAR_BATCHES:
            yield str(path / name), _stored(path / name)
        return
    try:
        with tarfile.open(path, "r:*") as archive:
            found = {}
            for member in archive:
                name = member.name.rsplit("/", 1)[-1]
                if name in CIFAR_BATCHES and member.isfile():
                    found[name] = _limited(archive.extractfile(member), f"{name} in {path}")
    except DataError:
        raise
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise DataError(f"{path} is a damaged archive ({error}): fetch it again.") from None
    for name in CIFAR_BATCHES:
        if name not in found:
            raise DataError(f"{path} lacks {name}: fetch it again.")
        yield f"{name} in {path}", found[name]


def _stored(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return _limited(file, str(path))
    except FileNotFoundError:
        raise DataError(
            f"{path.parent} lacks {path.name}: unpack {', '.join(CIFAR_BATCHES)} into it."
        ) from None
    except DataError:
        raise
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}).") from None


def _limited(file: Any, where: str) -> bytes:
    raw: bytes = file.read(_MAX_BATCH_BYTES + 1)
    if len(raw) > _MAX_BATCH_BYTES:
        raise DataError(f"{where} is larger than a batch of CIFAR-10 can be: fetch it again.")
    return raw


def _parse(where: str, raw: bytes) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    try:
        batch = _Unpickler(io.BytesIO(raw), encoding="latin1").load()
    except pickle.UnpicklingError as error:
        raise DataError(f"{where} is no batch of CIFAR-10 ({error}): fetch it again.") from None
    except Exception as error:  # a damaged pickle can fail in any way
        raise DataError(
            f"{where} is damaged ({type(error).__name__} while reading): fetch it again."
        ) from None
    batch = {_text(key): value for key, value in batch.items()} if isinstance(batch, dict) else {}
    stored, labels = batch.get("data"), batch.get("labels")
    if not isinstance(stored, _StoredArray) or not isinstance(labels, list):
        raise DataError(f"{where} has no data and labels: it is no batch of CIFAR-10.")
    data = stored.array(where)
    if data.ndim != 2 or data.shape[1] != _N_BYTES or len(data) == 0:
        shape = " × ".join(map(str, data.shape))
        raise DataError(f"{where} holds an array of {shape}, not of images × {_N_BYTES} bytes.")
    if len(labels) != len(data):
        raise DataError(f"{where} has {len(labels)} labels for {len(data)} images.")
    for label in labels:
        if type(label) is not int or not 0 <= label < N_CLASSES:
            raise DataError(f"{where} has a label {label!r}, and CIFAR-10 has 0 to 9.")
    images = data.reshape(-1, CHANNELS, SIZE_PX, SIZE_PX)
    return images, np.array(labels, dtype=np.int64)


def _text(key: object) -> str:
    return key.decode("latin1") if isinstance(key, bytes) else str(key)


class _StoredArray:
    """What a pickle says of an array: shape, type and bytes."""

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, self.shape, self.dtype, self.is_fortran, self.raw = state

    def array(self, where: str) -> npt.NDArray[np.uint8]:
        """Return the array. Raises DataError if it is not one of bytes."""
        raw = self.raw.encode("latin1") if isinstance(self.raw, str) else self.raw
        is_bytes = isinstance(self.dtype, _StoredType) and self.dtype.code in ("u1", "|u1")
        fits = isinstance(raw, bytes) and len(raw) == math.prod(self.shape)
        if not is_bytes or self.is_fortran or not fits:
            raise DataError(f"{where} holds another array than one of bytes: fetch it again.")
        return np.frombuffer(raw, dtype=np.uint8).reshape(self.shape)


class _StoredType:
    """What a pickle says of an array's type."""

    def __init__(self, code: str, *_: Any) -> None:
        self.code = code

    def __setstate__(self, state: object) -> None:
        """Byte order and the like, which bytes do not have."""


def _make_array(*_: Any) -> _StoredArray:
    return _StoredArray()


def _encode(text: str, _encoding: str) -> bytes:
    return text.encode("latin1")


_NAMES = {
    ("numpy.core.multiarray", "_reconstruct"): _make_array,
    ("numpy._core.multiarray", "_reconstruct"): _make_array,
    ("numpy", "ndarray"): _StoredArray,
    ("numpy", "dtype"): _StoredType,
    ("_codecs", "encode"): _encode,  # by which Python 3 stores bytes in Python 2's format
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Return the stand-in for a name. Raises UnpicklingError for all others."""
        if (module, name) not in _NAMES:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return _NAMES[module, name]
