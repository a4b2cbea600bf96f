"""Preparing a cache: every picture decoded, checked, written and counted, or nothing kept.

Maths layer. Pictures are written one after another as they are decoded, not into a map of a file
of the final size: a full disk is then an error to report, where a map would crash the process.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from filelock import FileLock, Timeout

from gan.data.pictures import store
from gan.data.pictures.decode import PictureError, Target
from gan.data.pictures.listing import Entry, Listing, check_enough
from gan.data.pictures.names import Refusals
from gan.data.pictures.pool import decode_all
from gan.errors import StoppedError

Progress = Callable[[int, int], None]
"""Is told how many files are done, of how many."""

_PROGRESS_EVERY_S = 0.05
_LOCK_PATIENCE_S = 0.2


@dataclass(frozen=True)
class Job:
    """What is to be prepared.

    Attributes:
        listing: the source's files.
        target: what to make of each.
        folder: where the result goes; its name is the cache's key.
        n_workers: threads that decode, None for the usual number.
        progress: told how far it is, from the calling thread.
        is_stopping: asked whether to give up.
    """

    listing: Listing
    target: Target
    folder: Path
    n_workers: int | None = None
    progress: Progress | None = None
    is_stopping: Callable[[], bool] | None = None

    def check_going(self) -> None:
        """Raise StoppedError if the job is to be given up."""
        if self.is_stopping is not None and self.is_stopping():
            raise StoppedError("The preparation of the pictures was stopped; nothing was kept.")


@contextmanager
def locked(job: Job) -> Iterator[None]:
    """Be the only one on this machine who works on a job's folder; waiting can be stopped."""
    job.folder.parent.mkdir(parents=True, exist_ok=True)
    path = job.folder.with_name(f"{job.folder.name}.lock")
    lock = FileLock(path)
    while True:
        job.check_going()
        try:
            lock.acquire(timeout=_LOCK_PATIENCE_S)
            break
        except Timeout:
            continue
    try:
        yield
    finally:
        with suppress(OSError):  # those who wait see that the file has gone and make a new one
            path.unlink()
        lock.release()


def make(job: Job) -> None:
    """Write the job's folder, whole or not at all. The caller holds its lock.

    Raises:
        DataError: fewer than two pictures can be used, or there is no room on the disk.
        StoppedError: the job was given up.
    """
    partial = job.folder.with_name(f"{job.folder.name}.partial")
    store.remove(partial)  # of somebody who was killed
    listing, target = job.listing, job.target
    n_bytes = len(listing.entries) * target.channels * target.size_px**2
    store.check_space(job.folder.parent, n_bytes)
    partial.mkdir()
    try:
        skipped = Refusals(list(listing.refused), listing.n_refused)
        used = _write_images(job, partial / store.IMAGES, skipped)
        check_enough(listing.source, len(used), skipped.listed, skipped.n)
        labels = None
        if listing.classes:
            labels = np.array([entry.label for entry in used], dtype=np.int64)
            np.save(partial / store.LABELS, labels, allow_pickle=False)
        _write_index(job, partial, labels, skipped)
        store.publish(partial, job.folder)
    finally:
        store.remove(partial)


def _write_images(job: Job, path: Path, skipped: Refusals) -> list[Entry]:
    """Write the pictures in the listing's order and return whose they are."""
    entries, target = job.listing.entries, job.target
    shape = (target.channels, target.size_px, target.size_px)
    used: list[Entry] = []
    last_told_s = 0.0
    with (
        path.open("wb") as file,
        closing(decode_all(job.listing, entries, target, job.n_workers)) as results,
    ):
        n_header = store.write_header(file, (len(entries), *shape))
        for n_done, (entry, result) in enumerate(results, start=1):
            job.check_going()
            if isinstance(result, PictureError):
                skipped.add(entry.name, str(result))
            else:
                file.write(result.data)
                used.append(entry)
            now_s = time.monotonic()
            is_due = n_done == len(entries) or now_s - last_told_s >= _PROGRESS_EVERY_S
            if job.progress is not None and is_due:
                job.progress(n_done, len(entries))
                last_told_s = now_s
        file.seek(0)
        n_header_now = store.write_header(file, (len(used), *shape))
        assert n_header_now == n_header, "numpy leaves room for the first number of a shape"
    return used


def _write_index(
    job: Job, partial: Path, labels: npt.NDArray[np.int64] | None, skipped: Refusals
) -> None:
    images = store.open_images(partial)
    digest = store.Fingerprint(images.shape)
    for chunk in store.chunks(images):
        job.check_going()
        digest.add(chunk)
    shape = list(images.shape)
    del images  # Windows renames no folder with an open map in it
    status = (partial / store.IMAGES).stat()
    index: dict[str, Any] = {
        "version": store.VERSION,
        "key": job.folder.name,
        "source": str(job.listing.source),
        "options": asdict(job.target),
        "shape": shape,
        "classes": job.listing.classes,
        "labels_sha256": None if labels is None else store.digest_array(labels),
        "fingerprint": digest.finish(labels),
        "images_file": [status.st_size, status.st_mtime_ns],
        "skipped": [[item.name, item.reason] for item in skipped.listed],
        "n_skipped": skipped.n,
    }
    (partial / store.INDEX).write_text(json.dumps(index, indent=1), encoding="utf-8")
