"""Follows all runs of a comparison for any number of viewers, in space that does not grow.

Door layer, without a page. Of each run only the numbers that a race needs are kept, as means over
stretches of steps (`gan.figures.thinned`); `gan.figures.race_curves` makes curves of them.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gan.errors import StoreError
from gan.figures.race_curves import (
    ELAPSED,
    BandKind,
    Measured,
    RaceAxis,
    RaceCurve,
    RaceRun,
    Window,
    dense_curves,
    measured_curves,
)
from gan.figures.thinned import StepMeans
from gan.runs.control import RunSummary, summarise
from gan.runs.folder import RunFolder
from gan.runs.rows import MetricChunk
from gan.runs.states import is_over
from gan.runs.store import RunStore

MIN_INTERVAL_S = 0.3
DENSE_KEYS = (
    "loss/d_real", "loss/d_fake", "loss/d", "loss/g", "score/real", "score/fake", "logit/real",
    "logit/fake", "speed/images_per_s", ELAPSED,
)  # fmt: skip
MEASURED_KEYS = ("quality/distance", "quality/precision", "quality/recall")
_CHUNKS_AT_ONCE = 500
_MAX_MEASURED = 4096


@dataclass(frozen=True)
class Racer:
    """One run of a comparison: which variant it is, by its index, with which seed."""

    variant: int
    seed: int
    folder: RunFolder


class RaceFeed:
    """The numbers of a comparison's runs, kept up to date by `follow` and `refresh`.

    Attributes:
        summaries: where each run stands, by its id.
        problems: a sentence for each run that cannot be read, by its id.
    """

    def __init__(
        self, racers: Iterable[Racer] = (), *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.lock = threading.RLock()
        self.summaries: dict[str, RunSummary] = {}
        self.problems: dict[str, str] = {}
        self._clock = clock
        self._followed: dict[Path, _Followed] = {}
        self._not_before = float("-inf")
        self.follow(racers)

    def follow(self, racers: Iterable[Racer]) -> None:
        """Follow these runs from now on; what is known of those that stay is kept."""
        with self.lock:
            wanted = {racer.folder.path: racer for racer in racers}
            if {p: f.racer for p, f in self._followed.items()} == wanted:
                return
            old = self._followed
            self._followed = {
                path: old[path].under(racer) if path in old else _Followed(racer)
                for path, racer in wanted.items()
            }
            ids = {path.name for path in wanted}
            self.summaries = {k: v for k, v in self.summaries.items() if k in ids}
            self.problems = {k: v for k, v in self.problems.items() if k in ids}
            self._not_before = float("-inf")

    @property
    def racers(self) -> list[Racer]:
        """The runs that are followed."""
        return [followed.racer for followed in self._followed.values()]

    def refresh(self, *, now_please: bool = False) -> None:
        """Read what is new; several viewers share one look within 0.3 s.

        A run that cannot be read is left out and named in `problems`.
        """
        with self.lock:
            if not now_please and self._clock() < self._not_before:
                return
            for followed in self._followed.values():
                run_id = followed.racer.folder.id
                try:
                    self.summaries[run_id] = followed.refresh()
                    self.problems.pop(run_id, None)
                except StoreError as error:
                    self.problems[run_id] = str(error)
                    self.summaries.pop(run_id, None)
            self._not_before = self._clock() + MIN_INTERVAL_S

    def curves(
        self,
        key: str,
        *,
        variants: Sequence[int] | None = None,
        x: RaceAxis = "step",
        smoothing: float = 0.0,
        band: BandKind = "range",
        window: Window = None,
        max_points: int = 300,
    ) -> list[RaceCurve]:
        """Return a metric's curve for each variant that has it, in the variants' order.

        Args:
            key: one of `DENSE_KEYS` or `MEASURED_KEYS`.
            variants: indices of those wanted, None for all; the places on the horizontal axis are
                the same whichever are asked for.
            x, smoothing, band, window, max_points: as for `gan.figures.race_curves.dense_curves`;
                what is measured now and then is never smoothed.
        """
        with self.lock:
            runs = [followed.run for followed in self._followed.values()]
            if key in MEASURED_KEYS:
                found = measured_curves(runs, key, x=x, band=band, max_points=max_points)
            else:
                found = dense_curves(
                    runs, key, x=x, smoothing=smoothing, band=band, window=window,
                    max_points=max_points,
                )  # fmt: skip
        return [curve for curve in found if variants is None or curve.variant in variants]


class _Followed:
    """What is known of one run, and how far it was read."""

    def __init__(self, racer: Racer) -> None:
        self.racer = racer
        self.run = RaceRun(racer.variant, StepMeans(DENSE_KEYS), {})
        self._generation = -1
        self._last_chunk = 0
        self._known: tuple[RunSummary, tuple[int, ...]] | None = None

    def under(self, racer: Racer) -> "_Followed":
        """Return the same run as another variant or seed, if it is one now."""
        self.racer = racer
        self.run = RaceRun(racer.variant, self.run.numbers, self.run.measured)
        return self

    def refresh(self) -> RunSummary:
        """Read what is new. Raises StoreError."""
        state = _file_state(self.racer.folder)
        if self._known is not None:
            summary, known_state = self._known
            if is_over(summary.status.state) and state == known_state:
                return summary
        summary = summarise(self.racer.folder)
        with RunStore.open(self.racer.folder.db_path) as store:
            generation = store.superseded_generation()
            if generation != self._generation:
                self._start_over(generation)
            while chunks := store.read_metrics(self._last_chunk, limit=_CHUNKS_AT_ONCE):
                for chunk in chunks:
                    self._take(chunk)
                self._last_chunk = chunks[-1].id
        self._known = (summary, state)
        return summary

    def _take(self, chunk: MetricChunk) -> None:
        measured = [key for key in MEASURED_KEYS if key in chunk.keys]
        if not measured:
            self.run.numbers.add(chunk.keys, chunk.steps, chunk.values)
        columns = dict(zip(chunk.keys, chunk.values.T.tolist(), strict=True)) if measured else {}
        for key in measured:
            into = self.run.measured.setdefault(key, Measured())
            into.steps += chunk.steps.tolist()
            into.seconds += columns[ELAPSED]
            into.values += columns[key]
            if len(into.steps) > _MAX_MEASURED:
                for numbers in (into.steps, into.seconds, into.values):
                    del numbers[1::2]

    def _start_over(self, generation: int) -> None:
        """Rows were superseded by a resumed attempt: what is kept here may be among them."""
        self._generation = generation
        self.run.numbers.clear()
        self.run.measured.clear()
        self._last_chunk = 0


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
