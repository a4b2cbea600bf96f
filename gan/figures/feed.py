"""Follows one run for any number of viewers: reads only what is new since the last look.

Door layer, without a page: rows of a run's database in, a `SeriesBuffer` and lists out.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from gan.figures.series import SeriesBuffer
from gan.runs.control import RunSummary, summarise
from gan.runs.folder import RunFolder
from gan.runs.rows import Event, Sample
from gan.runs.store import RunStore

MIN_INTERVAL_S = 0.3


@dataclass
class RunFeed:
    """The numbers, events and sample grids of one run, kept up to date by `refresh`."""

    folder: RunFolder
    clock: Callable[[], float] = time.monotonic
    series: SeriesBuffer = field(default_factory=SeriesBuffer)
    events: list[Event] = field(default_factory=list)
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    summary: RunSummary | None = None

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self._generation = -1
        self._last_chunk = self._last_event = self._last_sample = 0
        self._not_before = float("-inf")

    def refresh(self, *, now_please: bool = False) -> RunSummary:
        """Read what is new and return where the run stands.

        Several viewers share one feed; within 0.3 s they share one look, too.

        Raises:
            StoreError: the run cannot be read.
        """
        with self.lock:
            if self.summary is None or now_please or self.clock() >= self._not_before:
                self.summary = summarise(self.folder)
                self._read_rows()
                self._not_before = self.clock() + MIN_INTERVAL_S
            return self.summary

    def _read_rows(self) -> None:
        with RunStore.open(self.folder.db_path) as store:
            generation = store.superseded_generation()
            if generation != self._generation:
                self._start_over(generation)
            for chunk in store.read_metrics(self._last_chunk):
                self.series.append(chunk.keys, chunk.steps, chunk.values)
                self._last_chunk = chunk.id
            for event in store.read_events(self._last_event):
                self.events.append(event)
                self._last_event = event.id
            for sample in store.read_samples(after_id=self._last_sample):
                self.samples.setdefault(sample.kind, []).append(sample)
                self._last_sample = sample.id

    def _start_over(self, generation: int) -> None:
        """Rows were superseded by a resumed attempt: what is kept here may be among them."""
        self._generation = generation
        self.series.clear()
        self.events.clear()
        self.samples.clear()
        self._last_chunk = self._last_event = self._last_sample = 0
