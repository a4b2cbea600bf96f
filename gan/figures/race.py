"""Follows all runs of a comparison for any number of viewers, in space that does not grow.

Door layer, without a page. Of each run only the numbers that a race needs are kept, as means over
stretches of steps (`gan.comparing.course`); `gan.figures.race_curves` makes curves of them.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gan.comparing.course import MEASURED_KEYS
from gan.comparing.outcomes import RunOutcome
from gan.errors import StoreError
from gan.figures.race_curves import (
    BandKind,
    RaceAxis,
    RaceCurve,
    RaceRun,
    Window,
    dense_curves,
    measured_curves,
)
from gan.runs.comparisons.outcomes import outcome_of
from gan.runs.control import RunSummary
from gan.runs.courses import CourseReader
from gan.runs.folder import RunFolder

MIN_INTERVAL_S = 0.3


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
        self._followed: dict[Path, tuple[Racer, CourseReader]] = {}
        self._not_before = float("-inf")
        self.follow(racers)

    def follow(self, racers: Iterable[Racer]) -> None:
        """Follow these runs from now on; what is known of those that stay is kept."""
        with self.lock:
            wanted = {racer.folder.path: racer for racer in racers}
            if {path: racer for path, (racer, _) in self._followed.items()} == wanted:
                return
            readers = {path: reader for path, (_, reader) in self._followed.items()}
            self._followed = {
                path: (racer, readers.get(path) or CourseReader(racer.folder))
                for path, racer in wanted.items()
            }
            ids = {path.name for path in wanted}
            self.summaries = {k: v for k, v in self.summaries.items() if k in ids}
            self.problems = {k: v for k, v in self.problems.items() if k in ids}
            self._not_before = float("-inf")

    @property
    def racers(self) -> list[Racer]:
        """The runs that are followed."""
        return [racer for racer, _ in self._followed.values()]

    def refresh(self, *, now_please: bool = False) -> None:
        """Read what is new; several viewers share one look within 0.3 s.

        A run that cannot be read is left out and named in `problems`.
        """
        with self.lock:
            if not now_please and self._clock() < self._not_before:
                return
            for racer, reader in self._followed.values():
                run_id = racer.folder.id
                try:
                    self.summaries[run_id] = reader.refresh()
                    self.problems.pop(run_id, None)
                except StoreError as error:
                    self.problems[run_id] = str(error)
                    self.summaries.pop(run_id, None)
            self._not_before = self._clock() + MIN_INTERVAL_S

    def outcomes(self, paused: Collection[tuple[int, int]] = ()) -> list[RunOutcome]:
        """Return what each run has come to, as of the last `refresh`.

        Args:
            paused: variant index and seed of the runs that their comparison has waiting.
        """
        with self.lock:
            return [
                outcome_of(
                    racer.variant, racer.seed, summary, reader.course,
                    is_paused=(racer.variant, racer.seed) in paused,
                )
                for racer, reader in self._followed.values()
                if (summary := self.summaries.get(racer.folder.id)) is not None
            ]  # fmt: skip

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
            key: one of `DENSE_KEYS` or `MEASURED_KEYS` in `gan.comparing.course`.
            variants: indices of those wanted, None for all; the places on the horizontal axis are
                the same whichever are asked for.
            x, smoothing, band, window, max_points: as for `gan.figures.race_curves.dense_curves`;
                what is measured now and then is never smoothed.
        """
        with self.lock:
            runs = [RaceRun(racer.variant, r.course) for racer, r in self._followed.values()]
            if key in MEASURED_KEYS:
                found = measured_curves(runs, key, x=x, band=band, max_points=max_points)
            else:
                found = dense_curves(
                    runs, key, x=x, smoothing=smoothing, band=band, window=window,
                    max_points=max_points,
                )  # fmt: skip
        return [curve for curve in found if variants is None or curve.variant in variants]
