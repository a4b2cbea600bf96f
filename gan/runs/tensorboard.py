"""A run as a TensorBoard log: numbers, sample grids, settings and events.

Memory layer, without torch. One class writes a log in one go, follows a run that trains, and goes
on with a log that another process began: `TensorBoardLog.update()` converts the rows after the
last ones it saw, and `place.json` beside the log says which those were. A worker writes its log
through `gan.runs.tensorboard_live`.

TensorBoard's faster reader keeps one record a step and tag, the newest, so events of the same step
share one text. When rows were superseded the log begins anew in a further file, which tells readers
to forget the one before; `tests/runs/test_tensorboard.py` watches one do so.
"""

import io
import json
import logging
import time
from collections import deque
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from filelock import FileLock, Timeout
from PIL import Image

from gan.errors import StoreError
from gan.runs.disk import move_into_place, os_errors
from gan.runs.folder import RunFolder
from gan.runs.rows import Event, MetricChunk, Sample
from gan.runs.store import RunStore
from gan.runs.walltime import WallClock

if TYPE_CHECKING:
    from gan.runs.tensorboard_records import EventFile

log = logging.getLogger(__name__)

_CHUNKS_AT_ONCE = 4
_SAMPLES_AT_ONCE = 4
_PLACE = "place.json"


@dataclass(frozen=True)
class Written:
    """What an update added; `is_all` says that nothing was left to write."""

    n_rows: int = 0
    n_images: int = 0
    n_events: int = 0
    is_all: bool = True

    def plus(self, more: "Written") -> "Written":
        """Return the sum of two updates, as complete as the later one."""
        return Written(
            self.n_rows + more.n_rows,
            self.n_images + more.n_images,
            self.n_events + more.n_events,
            more.is_all,
        )


@dataclass(frozen=True)
class _Place:
    """How far a log has come: its file and the last rows in it.

    Attributes:
        n_files: how many files this log has begun; the newest is the only one that is kept.
        size_bytes: the length of the file when the rows below were the last ones.
        elapsed_s: the training time at the last number.
    """

    run: str
    generation: int = -1
    n_files: int = 0
    file: str = ""
    size_bytes: int = 0
    chunk: int = 0
    event: int = 0
    sample: int = 0
    elapsed_s: float = 0.0


class TensorBoardLog:
    """The TensorBoard log of one run, in a folder of its own; a context manager that closes it."""

    def __init__(self, folder: RunFolder, path: Path) -> None:
        """Begin a log, or go on with the one that is there.

        Args:
            folder: the run.
            path: the log's folder, which TensorBoard takes as `--logdir`.

        Raises:
            StoreError: it cannot be written, belongs to another run or is being written already,
                or TensorBoard is not installed.
        """
        self.folder = folder
        self.path = path
        self._file: EventFile | None = None
        with os_errors(f"{path} cannot be written"):
            path.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(path / ".lock")
            try:
                self._lock.acquire(timeout=0.1)
            except Timeout:
                raise StoreError(f"Another process writes the log in {path}.") from None
        try:
            with os_errors(f"{path} cannot be read"):
                self._place = self._read_place()
                self._reopen()
        except Exception:
            self._lock.release()
            raise

    def update(self, budget_s: float | None = None) -> Written:
        """Write what is new, or as much of it as there is time for.

        Args:
            budget_s: stop after about so many seconds.

        Raises:
            StoreError: the run cannot be read or the log cannot be written.
        """
        deadline = float("inf") if budget_s is None else time.monotonic() + budget_s
        total = Written()
        with (
            os_errors(f"{self.path} cannot be written"),
            RunStore.open(self.folder.db_path) as store,
        ):
            generation = store.superseded_generation()
            if self._file is None or generation != self._place.generation:
                self._start_over(store, generation)
            before = self._place
            while True:
                written = self._write_some(store)
                total = total.plus(written)
                if written.is_all or time.monotonic() >= deadline:
                    break
            if self._place != before:
                self._keep_place()
        return total

    def close(self) -> None:
        """Close the log, which can be gone on with later."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._lock.release()

    def forget_place(self) -> None:
        """Make a closed log one that stands for itself and is not gone on with."""
        for name in (_PLACE, ".lock"):
            (self.path / name).unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- the place ---------------------------------------------------------------------------

    def _read_place(self) -> _Place:
        path = self.path / _PLACE
        if not path.exists():
            if any(self.path.glob("*tfevents*")):
                raise StoreError(f"{self.path} holds another log: choose an empty folder.")
            return _Place(self.folder.id)
        try:
            place = _Place(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise StoreError(f"{path} is damaged: choose an empty folder.") from error
        if place.run != self.folder.id:
            raise StoreError(
                f"{self.path} holds the log of the run {place.run}: choose another folder."
            )
        return place

    def _keep_place(self) -> None:
        """Write down how far the log has come, after everything before it reached the file."""
        assert self._file is not None
        size_bytes, elapsed_s = self._file.flush(), self._clock.elapsed_s
        self._place = replace(self._place, size_bytes=size_bytes, elapsed_s=elapsed_s)
        partial = self.path / f".{_PLACE}"
        partial.write_text(json.dumps(asdict(self._place)), encoding="utf-8")
        move_into_place(partial, self.path / _PLACE)

    def _reopen(self) -> None:
        """Go on with the newest file, without what a killed writer left behind its place."""
        event_file = _event_file()
        self._clock = WallClock(self._place.elapsed_s)
        self._samples: deque[Sample] = deque()  # read, and still to be written
        path = self.path / self._place.file
        if not self._place.file or not path.exists():
            return
        if path.stat().st_size < self._place.size_bytes:
            return  # not what we left: it is written anew
        self._file = event_file(path, keep_bytes=self._place.size_bytes)
        with RunStore.open(self.folder.db_path) as store:
            self._clock.note(e for e in store.read_events() if e.id <= self._place.event)
            self._clock.note(s for s in store.read_samples() if s.id <= self._place.sample)

    def _start_over(self, store: RunStore, generation: int) -> None:
        """Begin a new file: the first one, or one without rows that were superseded meanwhile."""
        if self._file is not None:
            self._file.close()
        n_files = self._place.n_files + 1
        # TensorBoard reads files in the order of their names, and takes later ones for the newer.
        name = f"events.out.tfevents.{int(time.time()):010d}.{n_files:04d}.{self.folder.id}"
        self._file = _event_file()(self.path / name)
        if n_files > 1:
            self._file.add_restart()
        self._write_facts(store)
        self._clock = WallClock()
        self._samples.clear()
        self._place = _Place(self.folder.id, generation, n_files, name)
        self._keep_place()
        for old in self.path.glob("*tfevents*"):
            if old.name != name:
                _empty(old)

    # ---- the rows ----------------------------------------------------------------------------

    def _write_some(self, store: RunStore) -> Written:
        place = self._place
        chunks = store.read_metrics(place.chunk, limit=_CHUNKS_AT_ONCE)
        # Read after the numbers, so that what happened before a number is known with it.
        events = store.read_events(place.event)
        new_samples = store.read_samples(after_id=self._last_sample())
        self._clock.note(events)
        self._clock.note(new_samples)
        self._samples.extend(new_samples)
        samples = [
            self._samples.popleft() for _ in range(min(_SAMPLES_AT_ONCE, len(self._samples)))
        ]
        for chunk in chunks:
            self._write_chunk(store, chunk)
        if events:
            until = [event for event in store.read_events() if event.id <= events[-1].id]
            self._write_events(until, after_id=place.event)
        n_images = sum(self._write_sample(sample) for sample in samples)
        self._place = replace(
            place,
            chunk=chunks[-1].id if chunks else place.chunk,
            event=events[-1].id if events else place.event,
            sample=samples[-1].id if samples else place.sample,
        )
        n_rows = sum(len(chunk.steps) for chunk in chunks)
        is_all = len(chunks) < _CHUNKS_AT_ONCE and not self._samples
        return Written(n_rows, n_images, len(events), is_all)

    def _last_sample(self) -> int:
        return self._samples[-1].id if self._samples else self._place.sample

    def _write_facts(self, store: RunStore) -> None:
        assert self._file is not None
        meta = store.get_meta()
        try:
            settings = _flat(json.loads(self.folder.config_path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise StoreError(f"{self.folder.config_path} is damaged ({error}).") from error
        self._file.add_settings(
            settings,
            name=str(meta.get("name") or self.folder.id),
            at=float(meta.get("created_at") or time.time()),
        )

    def _write_chunk(self, store: RunStore, chunk: MetricChunk) -> None:
        assert self._file is not None
        times = self._clock.times(chunk, lambda: _started_at(store, chunk.attempt))
        rows = zip(chunk.steps.tolist(), times.tolist(), chunk.values.tolist(), strict=True)
        for step, at, values in rows:
            self._file.add_scalars(step, at, chunk.keys, values)

    def _write_events(self, events: list[Event], after_id: int) -> None:
        """Write each new event together with the earlier ones of its step."""
        assert self._file is not None
        texts: dict[int, list[str]] = {}
        for event in events:
            mark = " (changes the training)" if event.marks else ""
            texts.setdefault(event.step, []).append(f"- **{event.kind}**{mark}: {event.text}")
            if event.id > after_id:
                self._file.add_text("events", event.step, event.at, "\n".join(texts[event.step]))

    def _write_sample(self, sample: Sample) -> bool:
        assert self._file is not None
        try:
            png = (self.folder.path / sample.path).read_bytes()
            with Image.open(io.BytesIO(png)) as picture:
                shape = (picture.height, picture.width, len(picture.getbands()))
        except OSError as error:
            log.warning("A picture is left out: %s", error)
            return False
        self._file.add_png(f"samples/{sample.kind}", sample.step, sample.at, png, shape)
        return True


def _event_file() -> "type[EventFile]":
    """Return the class that writes TensorBoard's records. Raises StoreError without TensorBoard."""
    try:
        from gan.runs.tensorboard_records import EventFile  # noqa: PLC0415
    except ImportError as error:
        raise StoreError(
            f"A TensorBoard log needs: pip install tensorboard google-crc32c ({error})."
        ) from error
    return EventFile


def _empty(path: Path) -> None:
    """Take away what a file holds, but not the file: a reader that has it open would stop there."""
    try:
        path.write_bytes(b"")
    except PermissionError:  # Windows, perhaps; the restart record counts
        log.info("%s is in use and stays.", path)


def _started_at(store: RunStore, attempt: int) -> float:
    starts = {entry.number: entry.started_at for entry in store.list_attempts()}
    return starts.get(attempt, 0.0)


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Return nested settings by dotted names."""
    if not isinstance(value, dict):
        return {name: value}
    flat: dict[str, Any] = {}
    for key, entry in value.items():
        flat |= _flat(entry, f"{name}.{key}" if name else key)
    return flat
