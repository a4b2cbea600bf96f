"""Many pictures decoded at once, their order kept.

Maths layer. Threads, since Pillow lets go of Python's lock while it decodes and resizes, and since
processes started from within Streamlit would run its script again.
"""

import os
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from gan.data.pictures.decode import PictureError, Target, decode
from gan.data.pictures.listing import Entry, Listing
from gan.data.pictures.reading import Reader, open_source

MAX_WORKERS = 8
"""More threads than this wait for Python's lock, and each may hold a whole picture in memory."""

_TASK_FILES = 16
_TASK_BYTES = 2**20
"""A thread takes small files several at a time, since handing one over costs about as much as
decoding it, and large ones singly, so that a pool told to stop does so at once."""

Decoded = tuple[Entry, npt.NDArray[np.uint8] | PictureError]
"""A file and its square `[C, H, W]`, or why there is none."""


def decode_all(
    listing: Listing, entries: Sequence[Entry], target: Target, n_workers: int | None = None
) -> Generator[Decoded, None, None]:
    """Decode files of a listing, in the order in which they are given.

    Close the generator to stop early: pictures being decoded are finished, no others begun.

    Args:
        listing: what the files belong to.
        entries: the files.
        target: what to make of them.
        n_workers: threads; by default one a core, `MAX_WORKERS` at most.

    Raises:
        DataError: a zip can no longer be opened.
    """
    n_workers = max(1, n_workers or min(MAX_WORKERS, _n_cores()))
    with open_source(listing) as read, ThreadPoolExecutor(1, "big-pictures") as big:
        if n_workers == 1:
            for entry in entries:
                yield entry, _decode_one(read, entry, target, big)
            return
        waiting: deque[Future[list[Decoded]]] = deque()
        pool = ThreadPoolExecutor(n_workers, "pictures")
        try:
            for batch in _batches(entries):
                waiting.append(pool.submit(_decode_some, read, batch, target, big))
                if len(waiting) > 2 * n_workers:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    n_bytes = 0
    for entry in entries:
        batch.append(entry)
        n_bytes += entry.n_bytes
        if len(batch) == _TASK_FILES or n_bytes >= _TASK_BYTES:
            yield batch
            batch, n_bytes = [], 0
    if batch:
        yield batch


def _decode_some(
    read: Reader, entries: Sequence[Entry], target: Target, big: Executor
) -> list[Decoded]:
    return [(entry, _decode_one(read, entry, target, big)) for entry in entries]


def _decode_one(
    read: Reader, entry: Entry, target: Target, big: Executor
) -> npt.NDArray[np.uint8] | PictureError:
    try:
        return decode(read(entry), target, big)
    except PictureError as error:
        return PictureError(str(error))  # the one caught holds on to the picture by its traceback


def _n_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
