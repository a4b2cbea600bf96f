"""The folder of a prepared set: its files, how they are written, checked and cleaned up.

Maths layer. A cache is a folder named by its key, with `images.npy` (uint8 `[N, C, H, W]`),
`labels.npy` (int64 `[N]`, if there are classes) and `index.json`. It is written under another name
and renamed when whole, so a folder by its key is a finished one, unless somebody damaged it.
"""

import contextlib
import errno
import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from gan.data.pictures.decode import Target
from gan.data.pictures.listing import Listing
from gan.errors import DataError, GanError

VERSION = 1
"""Of the files and of what decoding makes of a picture; raised when either changes."""

IMAGES = "images.npy"
LABELS = "labels.npy"
INDEX = "index.json"

_SPARE_BYTES = 64 * 2**20  # left free on the disk for everybody else
_CHUNK_BYTES = 16 * 2**20
_RENAME_PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8)


def make_key(listing: Listing, target: Target) -> str:
    """Return the name of the cache of these files under these options (24 hex digits)."""
    parts = json.dumps([VERSION, asdict(target), listing.identity()])
    return hashlib.sha256(parts.encode()).hexdigest()[:24]


def read_index(folder: Path, key: str) -> dict[str, Any] | None:
    """Return the index of a cache that is whole and ours, None for any other.

    Images are not read: their size and the date of their last change tell of damage.
    """
    try:
        index: dict[str, Any] = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        if index["version"] != VERSION or index["key"] != key:
            return None
        status = (folder / IMAGES).stat()
        if [status.st_size, status.st_mtime_ns] != index["images_file"]:
            return None
        images = open_images(folder)
        if images.dtype != np.uint8 or list(images.shape) != index["shape"]:
            return None
        if index["classes"]:
            labels = read_labels(folder)
            if digest_array(labels) != index["labels_sha256"] or len(labels) != len(images):
                return None
    except (OSError, ValueError, KeyError, TypeError, EOFError):
        return None
    return index


def open_images(folder: Path) -> npt.NDArray[np.uint8]:
    """Map the images into memory, copy-on-write, so that writing to them never changes the file."""
    path = folder / IMAGES
    try:
        images: npt.NDArray[np.uint8] = np.load(path, mmap_mode="c", allow_pickle=False)
    except (OSError, MemoryError) as error:
        if getattr(error, "errno", errno.ENOMEM) != errno.ENOMEM:
            raise
        # Linux grants a writable map of more than all memory to nobody, a read-only one to all.
        images = np.load(path, mmap_mode="r", allow_pickle=False)
    return images


def read_labels(folder: Path) -> npt.NDArray[np.int64]:
    """Read the labels of a cache."""
    labels: npt.NDArray[np.int64] = np.load(folder / LABELS, allow_pickle=False)
    if labels.dtype != np.int64 or labels.ndim != 1:
        raise ValueError("labels.npy does not hold labels")
    return labels


def write_header(file: IO[bytes], shape: tuple[int, ...]) -> int:
    """Write the head of a .npy file of uint8 and return its length.

    The length does not depend on the first number of the shape, for which numpy leaves room, so
    that pictures can be counted while they are written.
    """
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.tell()


class Fingerprint:
    """Sha256 over shapes and bytes of images and labels, taken in chunk by chunk.

    The same number as `gan.data.dataset.make_fingerprint` gives for the same images and labels.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        """Begin with the shape of all images together."""
        self._digest = hashlib.sha256(f"|u1{shape}".encode())

    def add(self, images: npt.NDArray[np.uint8]) -> None:
        """Take in the next images."""
        self._digest.update(np.ascontiguousarray(images).reshape(-1).data)

    def finish(self, labels: npt.NDArray[np.int64] | None) -> str:
        """Take in the labels and return the fingerprint (64 hex digits)."""
        if labels is None:
            self._digest.update(b"none")
        else:
            self._digest.update(f"{labels.dtype.str}{labels.shape}".encode())
            self._digest.update(labels.data)
        return self._digest.hexdigest()


def chunks(images: npt.NDArray[np.uint8]) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield the images a few MB at a time."""
    n_rows = max(1, _CHUNK_BYTES // max(1, images[:1].nbytes))
    for start in range(0, len(images), n_rows):
        yield images[start : start + n_rows]


def digest_array(array: npt.NDArray[np.int64]) -> str:
    """Return sha256 (hex) over an array's bytes."""
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()


def check_space(folder: Path, n_bytes: int) -> None:
    """Raise DataError if the disk of a folder cannot take so many more bytes."""
    free = shutil.disk_usage(folder).free
    if n_bytes + _SPARE_BYTES > free:
        raise DataError(
            f"The prepared pictures take {n_bytes / 1e6:,.0f} MB, and the disk of {folder} has "
            f"{free / 1e6:,.0f} MB free: free some, or choose a smaller picture size."
        )


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turn an OSError of writing inside the `with` block into a DataError."""
    try:
        yield
    except GanError:  # some of ours are OSErrors too
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
            raise DataError(
                f"The disk of {folder} is full: free some space, or choose a smaller picture size."
            ) from error
        raise DataError(f"{folder} cannot be written ({error.strerror or error}).") from error


def publish(partial: Path, folder: Path) -> None:
    """Give a finished folder its name, in place of a damaged one."""
    remove(folder)
    for pause_s in _RENAME_PAUSES_S:  # Windows refuses while a virus scanner looks at the files
        try:
            partial.replace(folder)
            return
        except PermissionError:
            time.sleep(pause_s)
    partial.replace(folder)


def remove(folder: Path) -> None:
    """Delete a folder as far as it can be deleted; on Windows open files cannot."""
    shutil.rmtree(folder, ignore_errors=True)


def remove_outdated(cache_root: Path, key: str, source: Path, target: Target) -> None:
    """Delete caches that the same source had, under the same options, before it was changed."""
    with contextlib.suppress(OSError):
        for index_file in cache_root.glob(f"*/{INDEX}"):
            if index_file.parent.name == key or index_file.parent.suffix == ".partial":
                continue
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                index = json.loads(index_file.read_text(encoding="utf-8"))
                if index["source"] == str(source) and index["options"] == asdict(target):
                    remove(index_file.parent)
