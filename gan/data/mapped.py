"""Converted images kept on disk, so that the next start maps them instead of converting again.

Maths layer: numpy, no torch. An entry is a folder with `images.npy`, perhaps `labels.npy`, and
`facts.json`; it is written under another name and then renamed, so it is whole or not there. Its
name ends with a stamp over everything that it depends on: files that changed are other files.
"""

import hashlib
import json
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gan.data.convert import Images
from gan.errors import DataError

log = logging.getLogger(__name__)

Labels = npt.NDArray[np.int64]
Shape = tuple[int, int, int, int]

CACHE_VERSION = 1
"""Changes with what is written into an entry."""

_ABANDONED_S = 3600.0  # a half-made entry that nobody wrote to for so long has lost its writer


@dataclass(frozen=True)
class CacheKey:
    """Which entry is meant.

    Attributes:
        name: what it holds, for people: "cifar-10-64px-grey".
        stamp: 16 hex digits over all that it depends on.
    """

    name: str
    stamp: str

    @property
    def folder(self) -> str:
        """The name of its folder."""
        return f"{self.name}-{self.stamp}"


@dataclass(frozen=True, eq=False)
class Loaded:
    """Images to learn, read and converted.

    Attributes:
        images: `[N, C, H, W]` uint8; if mapped from disk, writing changes memory only.
        labels: `[N]` int64, or None.
        fingerprint: sha256 (hex) that tells other images apart.
    """

    images: Images
    labels: Labels | None
    fingerprint: str


def make_key(name: str, parts: Iterable[str], files: Sequence[Path] = ()) -> CacheKey:
    """Return the key for images that depend on some words and on files, by size and date.

    Raises:
        OSError: a file is not there.
    """
    digest = hashlib.sha256(f"{CACHE_VERSION}".encode())
    for part in parts:
        digest.update(f"\0{part}".encode())
    for file in files:
        stat = file.stat()
        digest.update(f"\0{file.name}\0{stat.st_size}\0{stat.st_mtime_ns}".encode())
    return CacheKey(name, digest.hexdigest()[:16])


def find_cached(root: Path, key: CacheKey) -> Loaded | None:
    """Return an entry; None if it is not there or not whole."""
    folder = root / key.folder
    try:
        facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
        # "c": the array may be written to, as torch demands of its tensors, the file may not.
        images = np.load(folder / "images.npy", mmap_mode="c", allow_pickle=False)
        labels = np.load(folder / "labels.npy", allow_pickle=False) if facts["has_labels"] else None
        fingerprint = str(facts["fingerprint"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s is not whole (%s): it is made anew.", folder, error)
        return None
    if images.dtype != np.uint8 or list(images.shape) != facts.get("shape"):
        return None
    return Loaded(images, labels, fingerprint)


def keep(
    root: Path,
    key: CacheKey,
    shape: Shape,
    chunks: Callable[[], Iterable[Images]],
    labels: Labels | None,
) -> Loaded:
    """Write an entry and return it; where it cannot be written, keep the images in memory.

    Args:
        root: the folder of all entries.
        key: which entry.
        shape: `[N, C, H, W]` of all chunks together.
        chunks: makes the images `[n, C, H, W]` uint8, piece by piece; may be called twice.
        labels: `[N]` int64, or None.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        _sweep(root, key)
        half = root / f".{key.folder}.{os.getpid()}-{secrets.token_hex(4)}"
        half.mkdir()
    except OSError as error:
        log.warning("Converted images are not kept (%s).", error)
        return _gather(shape, chunks, labels)
    try:
        _write(half, shape, chunks, labels)
        cached = _put(root, half, key)
    except DataError:
        raise
    except OSError as error:
        log.warning("Converted images are not kept (%s).", error)
        return _gather(shape, chunks, labels)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    _drop_older(root, key)
    return cached


def fingerprint(images: Images, labels: Labels | None) -> str:
    """Return sha256 (64 hex digits) over shapes and bytes; 47 MB take a few hundredths of a s."""
    digest = _begin(images.shape)
    digest.update(np.ascontiguousarray(images).reshape(-1).data)
    return _finish(digest, labels)


def _begin(shape: tuple[int, ...]) -> "hashlib._Hash":
    return hashlib.sha256(f"|u1{shape}".encode())


def _finish(digest: "hashlib._Hash", labels: Labels | None) -> str:
    if labels is None:
        digest.update(b"none")
    else:
        digest.update(f"{labels.dtype.str}{labels.shape}".encode())
        digest.update(np.ascontiguousarray(labels).data)
    return digest.hexdigest()


def _write(
    folder: Path, shape: Shape, chunks: Callable[[], Iterable[Images]], labels: Labels | None
) -> None:
    digest = _begin(shape)
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    # Not through a map of the file: on a full disk that ends the process instead of failing.
    with (folder / "images.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for chunk in chunks():
            data = np.ascontiguousarray(chunk).reshape(-1).data
            digest.update(data)
            file.write(data)
    if labels is not None:
        np.save(folder / "labels.npy", labels)
    facts = {
        "shape": list(shape),
        "has_labels": labels is not None,
        "fingerprint": _finish(digest, labels),
    }
    (folder / "facts.json").write_text(json.dumps(facts, indent=2), encoding="utf-8")


def _gather(shape: Shape, chunks: Callable[[], Iterable[Images]], labels: Labels | None) -> Loaded:
    images = np.empty(shape, dtype=np.uint8)
    start = 0
    for chunk in chunks():
        images[start : start + len(chunk)] = chunk
        start += len(chunk)
    return Loaded(images, labels, fingerprint(images, labels))


def _put(root: Path, half: Path, key: CacheKey) -> Loaded:
    """Rename the finished entry, unless another process was quicker; return what is there."""
    target = root / key.folder
    try:
        half.rename(target)
    except OSError:
        quicker = find_cached(root, key)
        if quicker is not None:
            return quicker
        shutil.rmtree(target, ignore_errors=True)
        half.rename(target)
    cached = find_cached(root, key)
    if cached is None:
        raise OSError(f"{target} cannot be read back")
    return cached


def _drop_older(root: Path, key: CacheKey) -> None:
    """Remove entries of the same name whose files are no longer what they were."""
    for other in root.glob(f"{key.name}-{'[0-9a-f]' * 16}"):
        if other.name != key.folder:
            shutil.rmtree(other, ignore_errors=True)


def _sweep(root: Path, key: CacheKey) -> None:
    """Remove what writers that were killed left behind."""
    for half in root.glob(f".{key.name}-*"):
        newest = max(file.stat().st_mtime for file in (half, *half.iterdir()))
        if time.time() - newest > _ABANDONED_S:
            shutil.rmtree(half, ignore_errors=True)
