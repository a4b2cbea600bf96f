"""One run's database: what its worker writes and what everybody reads.

Memory layer, without a notion of what is being trained. `RunStore` is all that other modules need:
state and commands come from `gan.runs.lifecycle`, the file itself from `gan.runs.database`; here
is what a run produces: numbers, events, pictures and checkpoints.

Reads that follow a run take the id of the last row seen. Rows that a later attempt superseded are
not read any more; `superseded_generation` tells a reader that keeps rows when to start over.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from gan.errors import StoreError
from gan.runs.database import only_column
from gan.runs.lifecycle import RunLifecycle
from gan.runs.rows import (
    Checkpoint,
    Event,
    MetricChunk,
    Sample,
    encode_json,
    encode_steps,
    encode_values,
)
from gan.runs.states import RunState

_SUPERSEDABLE = ("metrics", "events", "samples", "checkpoints")


class RunStore(RunLifecycle):
    """The database of one run, open in one thread; a context manager that closes it.

    Every method raises StoreError, in one sentence, when the database cannot be read or written.
    """

    @classmethod
    def create(cls, path: Path, meta: Mapping[str, Any], *, now: float | None = None) -> Self:
        """Make the database of a new run, which is queued.

        Raises:
            StoreError: the file exists already, or the drive cannot hold such a database.
        """
        store = cls.create_file(path)
        with store.batch():
            store._execute(
                "INSERT INTO status (id, state, changed_at) VALUES (1, ?, ?)",
                (RunState.QUEUED, time.time() if now is None else now),
            )
            for key, value in meta.items():
                store.set_meta(key, value)
        return store

    # Numbers.

    def add_metrics(
        self,
        attempt: int,
        keys: Sequence[str],
        steps: npt.ArrayLike,
        tick: int,
        values: npt.ArrayLike,
    ) -> int:
        """Write the numbers of consecutive steps and return the chunk's id.

        Args:
            attempt: the attempt that measured them.
            keys: `k` metric keys.
            steps: `[n]` step numbers, at least one.
            tick: updates done at the end of the chunk.
            values: `[n, k]`, kept as float32; NaN and infinities are kept as they are.

        Raises:
            StoreError: the shapes do not fit, or there is no such attempt.
        """
        step_array, value_array = np.asarray(steps), np.asarray(values)
        n = len(step_array)
        if n == 0 or step_array.ndim != 1 or value_array.shape != (n, len(keys)):
            raise StoreError(
                f"Numbers of shape {value_array.shape} do not fit steps of shape "
                f"{step_array.shape} and {len(keys)} keys."
            )
        return self._insert(
            "INSERT INTO metrics (attempt, first_step, last_step, tick, keys, steps, numbers) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                attempt,
                int(step_array.min()),
                int(step_array.max()),
                tick,
                encode_json(list(keys)),
                encode_steps(step_array),
                encode_values(value_array),
            ),
        )

    def read_metrics(self, after_id: int = 0, *, limit: int | None = None) -> list[MetricChunk]:
        """Return the chunks written after the one with this id, oldest first."""
        return self._read(
            MetricChunk.from_row,
            f"SELECT {MetricChunk.columns} FROM metrics "
            "WHERE id > ? AND superseded_by IS NULL ORDER BY id LIMIT ?",
            (after_id, -1 if limit is None else limit),
        )

    def metrics_between(self, first_step: int, last_step: int) -> list[MetricChunk]:
        """Return the numbers of these steps, both included, oldest first."""
        chunks = self._read(
            MetricChunk.from_row,
            f"SELECT {MetricChunk.columns} FROM metrics "
            "WHERE last_step >= ? AND first_step <= ? AND superseded_by IS NULL ORDER BY id",
            (first_step, last_step),
        )
        trimmed = [chunk.between(first_step, last_step) for chunk in chunks]
        return [chunk for chunk in trimmed if len(chunk.steps)]

    # Events.

    def add_event(
        self,
        attempt: int,
        *,
        step: int,
        tick: int,
        now: float,
        kind: str,
        text: str,
        payload: Mapping[str, Any] | None = None,
        marks: bool = False,
    ) -> int:
        """Write what happened and return its id; `marks` says that it changed the training."""
        return self._insert(
            "INSERT INTO events (attempt, step, tick, at, kind, text, payload, marks) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (attempt, step, tick, now, kind, text, encode_json(payload or {}), marks),
        )

    def read_events(self, after_id: int = 0) -> list[Event]:
        """Return the events after the one with this id, oldest first."""
        return self._read(
            Event.from_row,
            f"SELECT {Event.columns} FROM events "
            "WHERE id > ? AND superseded_by IS NULL ORDER BY id",
            (after_id,),
        )

    # Files in the run folder: pictures and checkpoints.

    def add_sample(
        self,
        attempt: int,
        *,
        step: int,
        tick: int,
        now: float,
        path: str,
        kind: str,
        payload: Mapping[str, Any] | None = None,
    ) -> int:
        """Write that a picture file exists and return its id; `path` is relative to the folder."""
        return self._insert(
            "INSERT INTO samples (attempt, step, tick, at, path, kind, payload) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (attempt, step, tick, now, path, kind, encode_json(payload or {})),
        )

    def read_samples(self, kind: str | None = None, after_id: int = 0) -> list[Sample]:
        """Return the pictures after the one with this id, of one kind or of all, oldest first."""
        where = "id > ?" if kind is None else "id > ? AND kind = ?"
        return self._read(
            Sample.from_row,
            f"SELECT {Sample.columns} FROM samples "
            f"WHERE {where} AND superseded_by IS NULL ORDER BY id",
            (after_id,) if kind is None else (after_id, kind),
        )

    def add_checkpoint(
        self, attempt: int, *, step: int, tick: int, now: float, path: str, size_bytes: int
    ) -> int:
        """Write that a checkpoint file exists and return its id."""
        return self._insert(
            "INSERT INTO checkpoints (attempt, step, tick, at, path, size_bytes) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (attempt, step, tick, now, path, size_bytes),
        )

    def list_checkpoints(self, *, superseded: bool = False) -> list[Checkpoint]:
        """Return the checkpoints not dropped yet, by tick: the valid or the superseded ones."""
        return self._read(
            Checkpoint.from_row,
            f"SELECT {Checkpoint.columns} FROM checkpoints WHERE dropped = 0 "
            "AND (superseded_by IS NOT NULL) = ? ORDER BY tick, id",
            (superseded,),
        )

    def drop_checkpoint(self, checkpoint_id: int) -> None:
        """Write that a checkpoint's file is gone."""
        self._execute("UPDATE checkpoints SET dropped = 1 WHERE id = ?", (checkpoint_id,))

    # Going on from an earlier place.

    def supersede_after(self, tick: int, attempt: int) -> None:
        """Mark what older attempts wrote after `tick`, from where `attempt` goes on.

        Chunks count whole, so a worker writes its numbers before it saves a checkpoint. A tick of
        -1 marks everything, for an attempt that starts over.
        """
        with self.batch():
            n_changed = sum(
                self._execute(
                    f"UPDATE {table} SET superseded_by = ? "
                    "WHERE tick > ? AND attempt < ? AND superseded_by IS NULL",
                    (attempt, tick, attempt),
                ).rowcount
                for table in _SUPERSEDABLE
            )
            if n_changed:
                self._execute("UPDATE status SET superseded_generation = superseded_generation + 1")

    def superseded_generation(self) -> int:
        """Return a number that grows whenever rows were superseded.

        A reader that keeps rows asks first, and starts over when the number is a new one.
        """
        (generation,) = self._read(only_column, "SELECT superseded_generation FROM status")
        return int(generation)


def backup(source: Path, target: Path) -> None:
    """Copy a database that may be in use to a new file, as it is at one moment.

    Raises:
        StoreError: the source is no run's database, or the target exists already.
    """
    with RunStore.open(source) as store:
        store.copy_to(target)
