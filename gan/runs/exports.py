"""What a user takes along from a run: numbers as CSV, the whole run or its TensorBoard log as zip.

Memory layer, without torch: the terminal and the pages offer the same files. Every file appears
complete or not at all. Pictures that move are made in `gan.runs.moving`.
"""

import csv
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gan.errors import GanError, StoreError
from gan.keys import METRIC_KEYS
from gan.runs.disk import move_into_place, os_errors
from gan.runs.folder import RunFolder, copy_run
from gan.runs.rows import MetricChunk
from gan.runs.store import RunStore
from gan.runs.tensorboard import TensorBoardLog

Row = dict[str, str]


def write_csv(folder: RunFolder, path: Path) -> int:
    """Write one row a step, without superseded ones, and return how many. Raises StoreError.

    Where a step has several reports (after a lone update of one network) the newest counts.
    """
    with RunStore.open(folder.db_path) as store:
        rows = _rows(store.read_metrics())
    present = {key for row in rows.values() for key in row}
    keys = [key for key in METRIC_KEYS if key in present]
    keys += sorted(present - set(keys))
    with replacing(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["step", *keys], restval="")
        writer.writeheader()
        writer.writerows({"step": step, **rows[step]} for step in sorted(rows))
    return len(rows)


def write_zip(folder: RunFolder, path: Path) -> None:
    """Write a copy of the run, which may be at work, as one archive. Raises StoreError."""
    with _scratch_beside(path) as scratch:
        copy_run(folder, scratch / folder.id)
        _pack(scratch, folder.id, path)


def write_settings(folder: RunFolder, path: Path) -> None:
    """Write a copy of the run's configuration. Raises StoreError."""
    with replacing(path) as partial:
        partial.write_bytes(folder.config_path.read_bytes())


def write_tensorboard_zip(folder: RunFolder, path: Path) -> None:
    """Write a TensorBoard log of the run as one archive, to be unpacked. Raises StoreError."""
    with _scratch_beside(path) as scratch:
        log_path = scratch / folder.id
        with TensorBoardLog(folder, log_path) as log:
            log.update()
        log.forget_place()  # whoever unpacks the archive has no use for it
        _pack(scratch, folder.id, path)


def file_bytes(write: Callable[[Path], object], suffix: str) -> bytes:
    """Return what `write(path)` writes, for a browser to download. Raises what `write` raises.

    Args:
        write: one of this module's functions, or the like.
        suffix: the ending that the file's name must have, such as '.zip'.
    """
    with os_errors("A temporary folder cannot be made"):
        scratch = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with scratch as name:
        path = Path(name) / f"export{suffix}"
        write(path)
        with os_errors(f"{path} cannot be read"):
            return path.read_bytes()


def size_bytes(folder: RunFolder) -> int:
    """Return how large the files are that a zip of the run holds."""
    files = [folder.config_path, folder.db_path, folder.log_path]
    files += [*folder.samples_dir.glob("**/*"), *folder.checkpoints_dir.glob("**/*")]
    total = 0
    for path in files:
        with suppress(FileNotFoundError):  # the worker may drop a file while we look
            total += path.stat().st_size
    return total


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a hidden name beside `path`; what is written there takes its place at the end.

    Raises:
        StoreError: it cannot be written; then nothing is left behind.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        try:
            yield partial
        except GanError:  # one about what is read meanwhile says it better
            raise
        except OSError as error:
            raise StoreError(f"{path} cannot be written ({error}).") from error
        move_into_place(partial, path)
    finally:
        with os_errors(f"{partial} cannot be removed"):
            if partial.parent.is_dir():
                partial.unlink(missing_ok=True)


@contextmanager
def _scratch_beside(path: Path) -> Iterator[Path]:
    """Yield a new folder on the drive of `path` that vanishes at the end."""
    with os_errors(f"{path} cannot be written"):
        scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.absolute().parent))
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _pack(scratch: Path, name: str, path: Path) -> None:
    archive = shutil.make_archive(str(scratch / "archive"), "zip", root_dir=scratch, base_dir=name)
    move_into_place(Path(archive), path)


def _rows(chunks: list[MetricChunk]) -> dict[int, Row]:
    rows: dict[int, Row] = {}
    for chunk in chunks:
        for step, values in zip(chunk.steps.tolist(), chunk.values, strict=True):
            texts = (str(value) for value in values)  # a float32's shortest text
            rows.setdefault(step, {}).update(zip(chunk.keys, texts, strict=True))
    return rows
