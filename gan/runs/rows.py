"""What the run store hands out: one small frozen record for each sort of row.

Memory layer, without a database. `from_row` takes the columns in the order of the class's
`columns`; a value that does not fit raises ValueError, which the store reports as damage.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from gan.runs.states import RunState

_STEP_TYPE = np.dtype("<i8")
_VALUE_TYPE = np.dtype("<f4")


@dataclass(frozen=True)
class Status:
    """Where a run stands.

    Attributes:
        attempt: number of the newest start; 0 means that the run was never started.
        heartbeat: when the worker last showed life, seconds since 1970.
        n_steps: the step at which the run is complete; 0 while unknown.
        message: why it failed, what it waits for; empty when there is nothing to say.
        last_metrics: the newest reported numbers by key.
        live: the values in force that may differ from the configuration.
        changed_at: when the state last changed, seconds since 1970.
    """

    columns: ClassVar[str] = (
        "state, attempt, pid, heartbeat, step, n_steps, tick, epoch, elapsed_s, message, "
        "last_metrics, live, changed_at"
    )
    state: RunState
    attempt: int
    pid: int | None
    heartbeat: float | None
    step: int
    n_steps: int
    tick: int
    epoch: float
    elapsed_s: float
    message: str
    last_metrics: dict[str, float]
    live: dict[str, Any]
    changed_at: float

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Build the status from its columns."""
        values = _named(cls.columns, row, "last_metrics", "live")
        values["state"] = RunState(values["state"])
        return cls(**values)


@dataclass(frozen=True)
class Attempt:
    """One start of a run; `state` and `ended_at` are None while it goes on."""

    columns: ClassVar[str] = "number, started_at, pid, info, ended_at, state, message"
    number: int
    started_at: float
    pid: int
    info: dict[str, Any]
    ended_at: float | None
    state: RunState | None
    message: str

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Build the attempt from its columns."""
        values = _named(cls.columns, row, "info")
        if values["state"] is not None:
            values["state"] = RunState(values["state"])
        return cls(**values)


@dataclass(frozen=True, eq=False)  # arrays have no plain equality
class MetricChunk:
    """The numbers of consecutive steps.

    Attributes:
        tick: updates done at the end of the chunk.
        steps: `[n]` int64, read-only; a step may occur twice, the order is that of writing.
        values: `[n, len(keys)]` float32, read-only; NaN and infinities are what was measured.
    """

    columns: ClassVar[str] = "id, attempt, keys, steps, tick, numbers"
    id: int
    attempt: int
    keys: tuple[str, ...]
    steps: npt.NDArray[np.int64]
    tick: int
    values: npt.NDArray[np.float32]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Build the chunk from its columns."""
        id_, attempt, keys_json, steps_blob, tick, values_blob = row
        keys = tuple(json.loads(keys_json))
        steps = np.frombuffer(steps_blob, _STEP_TYPE)
        values = np.frombuffer(values_blob, _VALUE_TYPE).reshape(len(steps), len(keys))
        return cls(id_, attempt, keys, steps, tick, values)

    def between(self, first_step: int, last_step: int) -> "MetricChunk":
        """Return the rows of the steps from the first to the last, both included."""
        inside = (self.steps >= first_step) & (self.steps <= last_step)
        if inside.all():
            return self
        steps, values = self.steps[inside], self.values[inside]
        return MetricChunk(self.id, self.attempt, self.keys, steps, self.tick, values)


@dataclass(frozen=True)
class Event:
    """Something that happened; `marks` says that it changed the training."""

    columns: ClassVar[str] = "id, attempt, step, tick, at, kind, text, payload, marks"
    id: int
    attempt: int
    step: int
    tick: int
    at: float
    kind: str
    text: str
    payload: dict[str, Any]
    marks: bool

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Build the event from its columns."""
        values = _named(cls.columns, row, "payload")
        return cls(**values | {"marks": bool(values["marks"])})


@dataclass(frozen=True)
class Command:
    """An order to the worker; `outcome` is pending, done, refused or expired."""

    columns: ClassVar[str] = "id, attempt, kind, payload, sent_at, outcome, note, finished_at"
    id: int
    attempt: int
    kind: str
    payload: dict[str, Any]
    sent_at: float
    outcome: str
    note: str
    finished_at: float | None

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Build the command from its columns."""
        return cls(**_named(cls.columns, row, "payload"))


@dataclass(frozen=True)
class Sample:
    """A picture file; `path` is relative to the run folder."""

    columns: ClassVar[str] = "id, attempt, step, tick, at, path, kind, payload"
    id: int
    attempt: int
    step: int
    tick: int
    at: float
    path: str
    kind: str
    payload: dict[str, Any]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Build the sample from its columns."""
        return cls(**_named(cls.columns, row, "payload"))


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint file; `path` is relative to the run folder."""

    columns: ClassVar[str] = "id, attempt, step, tick, at, path, size_bytes"
    id: int
    attempt: int
    step: int
    tick: int
    at: float
    path: str
    size_bytes: int

    @property
    def ordinal(self) -> int:
        """How many checkpoints this run had saved before; the number is never used again."""
        return self.id - 1

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Build the checkpoint from its columns."""
        return cls(*row)


def encode_json(value: Mapping[str, Any] | Sequence[Any] | str | float | bool | None) -> str:
    """Return compact JSON text; NaN and infinities keep Python's spelling.

    Raises:
        TypeError: for a value that is not plain data.
    """
    plain = dict(value) if isinstance(value, Mapping) else value
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def encode_steps(steps: npt.ArrayLike) -> bytes:
    """Return step numbers `[n]` as the bytes that the database keeps."""
    return np.ascontiguousarray(steps, _STEP_TYPE).tobytes()


def encode_values(values: npt.ArrayLike) -> bytes:
    """Return numbers `[n, k]` as the bytes that the database keeps."""
    return np.ascontiguousarray(values, _VALUE_TYPE).tobytes()


def _named(columns: str, row: Sequence[Any], *json_columns: str) -> dict[str, Any]:
    values = dict(zip(columns.split(", "), row, strict=True))
    for name in json_columns:
        values[name] = json.loads(values[name])
    return values
