"""A run's numbers in a few hundred kilobytes: fewer steps, but every peak and every valley.

Memory layer, without torch. Numbers that were reported together make a group; each group becomes
three arrays in one compressed file, which is read without running code from it.
"""

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gan.errors import CheckpointError
from gan.runs.rows import MetricChunk

MAX_ROWS = 3000
_PEAKS_OF = ("loss/", "score/", "logit/", "quality/", "samples/")
"""Numbers whose extremes are kept; others are read off at the same steps."""
_DAMAGE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile)


@dataclass(frozen=True, eq=False)
class Numbers:
    """Numbers of the same keys, in the order of their steps.

    Attributes:
        steps, ticks: `[n]` int64.
        values: `[n, len(keys)]` float32.
    """

    keys: tuple[str, ...]
    steps: npt.NDArray[np.int64]
    ticks: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]

    def thinned(self, max_rows: int) -> "Numbers":
        """Return at most `max_rows` rows: of each stretch the first, the last and the extremes."""
        if len(self.steps) <= max_rows:
            return self
        rows = _rows_to_keep(self.keys, self.values, max_rows)
        return Numbers(self.keys, self.steps[rows], self.ticks[rows], self.values[rows])


def gather(chunks: Iterable[MetricChunk], *, last_tick: int) -> list[Numbers]:
    """Return a run's numbers by group, without those after `last_tick`."""
    groups: dict[tuple[str, ...], list[MetricChunk]] = {}
    for chunk in chunks:
        if chunk.tick <= last_tick:
            groups.setdefault(chunk.keys, []).append(chunk)
    return [
        Numbers(
            keys,
            np.concatenate([chunk.steps for chunk in group]),
            np.concatenate([np.full(len(chunk.steps), chunk.tick) for chunk in group]),
            np.concatenate([chunk.values for chunk in group]),
        )
        for keys, group in groups.items()
    ]


def in_order(groups: list[Numbers], *, max_rows: int = 500) -> Iterator[Numbers]:
    """Yield the rows of all groups as they came, in pieces: a curve must not go back."""
    if not groups:
        return
    ticks = np.concatenate([group.ticks for group in groups])
    which = np.concatenate([np.full(len(group.ticks), i) for i, group in enumerate(groups)])
    row = np.concatenate([np.arange(len(group.ticks)) for group in groups])
    order = np.lexsort((row, which, ticks))
    which, row = which[order], row[order]
    starts = np.flatnonzero(np.diff(which, prepend=-1))
    for start, end in zip(starts, [*starts[1:], len(which)], strict=True):
        group = groups[which[start]]
        for first in range(start, end, max_rows):
            rows = row[first : min(first + max_rows, end)]
            yield Numbers(group.keys, group.steps[rows], group.ticks[rows], group.values[rows])


def write_numbers(path: Path, groups: list[Numbers]) -> None:
    """Write groups of numbers as one compressed file."""
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for i, group in enumerate(groups):
        arrays[f"keys{i}"] = np.asarray(group.keys, dtype=np.str_)
        arrays[f"steps{i}"] = group.steps.astype(np.int64)
        arrays[f"ticks{i}"] = group.ticks.astype(np.int64)
        arrays[f"values{i}"] = group.values.astype(np.float32)
    np.savez_compressed(path, allow_pickle=False, **arrays)


def read_numbers(path: Path) -> list[Numbers]:
    """Read what `write_numbers` wrote, plain numbers only. Raises CheckpointError."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            n_groups = sum(name.startswith("keys") for name in arrays.files)
            groups = [
                Numbers(
                    tuple(str(key) for key in arrays[f"keys{i}"]),
                    arrays[f"steps{i}"].astype(np.int64),
                    arrays[f"ticks{i}"].astype(np.int64),
                    arrays[f"values{i}"].astype(np.float32),
                )
                for i in range(n_groups)
            ]
    except _DAMAGE as error:
        raise CheckpointError(
            f"The numbers in {path.name} are damaged ({type(error).__name__})."
        ) from None
    for group in groups:
        shape = (len(group.steps), len(group.keys))
        if group.values.shape != shape or group.ticks.shape != group.steps.shape:
            raise CheckpointError(f"The numbers in {path.name} are damaged (shapes do not fit).")
    return groups


def _rows_to_keep(
    keys: tuple[str, ...], values: npt.NDArray[np.float32], max_rows: int
) -> npt.NDArray[np.int64]:
    columns = [i for i, key in enumerate(keys) if key.startswith(_PEAKS_OF)]
    n_rows = len(values)
    n_stretches = max(1, max_rows // (2 + 2 * len(columns)))
    length = -(-n_rows // n_stretches)
    starts = np.arange(0, n_rows, length, dtype=np.int64)
    kept = [starts, np.minimum(starts + length, n_rows) - 1]
    for column in columns:
        padded = np.full(len(starts) * length, np.nan)
        padded[:n_rows] = values[:, column]
        table = padded.reshape(len(starts), length)
        finite = np.isfinite(table)
        for worst, find in ((np.inf, np.argmin), (-np.inf, np.argmax)):
            kept.append(starts + find(np.where(finite, table, worst), axis=1))
    rows: npt.NDArray[np.int64] = np.unique(np.concatenate(kept))
    return rows[rows < n_rows]
