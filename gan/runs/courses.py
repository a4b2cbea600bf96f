"""Follows one run's numbers, reading only what is new: what races and verdicts are made of.

Memory layer, without torch.
"""

from collections.abc import Iterable

import numpy as np

from gan.comparing.course import Course
from gan.runs.control import RunSummary, summarise
from gan.runs.folder import RunFolder
from gan.runs.rows import MetricChunk
from gan.runs.states import is_over
from gan.runs.store import RunStore

_CHUNKS_AT_ONCE = 100


class CourseReader:
    """The course of one run, as far as it was read by `refresh`."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.course = Course()
        self._generation = -1
        self._last_chunk = 0
        self._known: tuple[RunSummary, tuple[int, ...]] | None = None

    def refresh(self) -> RunSummary:
        """Read what is new and return where the run stands; of an ended run, next to nothing.

        Raises:
            StoreError: the run cannot be read.
        """
        state = _file_state(self.folder)
        if self._known is not None:
            summary, known_state = self._known
            if is_over(summary.status.state) and state == known_state:
                return summary
        summary = summarise(self.folder)
        with RunStore.open(self.folder.db_path) as store:
            generation = store.superseded_generation()
            if generation != self._generation:  # what is kept here may be superseded
                self._generation = generation
                self._last_chunk = 0
                self.course.clear()
            while chunks := store.read_metrics(self._last_chunk, limit=_CHUNKS_AT_ONCE):
                for group in _grouped(chunks):
                    steps = np.concatenate([chunk.steps for chunk in group])
                    values = np.concatenate([chunk.values for chunk in group])
                    self.course.add(group[0].keys, steps, values)
                self._last_chunk = chunks[-1].id
        self._known = (summary, state)
        return summary


def _grouped(chunks: Iterable[MetricChunk]) -> Iterable[list[MetricChunk]]:
    """Return chunks of the same keys together: a short chunk takes as long as a long one."""
    groups: dict[tuple[str, ...], list[MetricChunk]] = {}
    for chunk in chunks:
        groups.setdefault(chunk.keys, []).append(chunk)
    return groups.values()


def _file_state(folder: RunFolder) -> tuple[int, ...]:
    """Return numbers that change whenever the run's database is written."""
    found: list[int] = []
    for name in (folder.db_path.name, f"{folder.db_path.name}-wal"):
        try:
            about = (folder.path / name).stat()
            found += [about.st_mtime_ns, about.st_size]
        except OSError:
            found += [0, 0]
    return tuple(found)
