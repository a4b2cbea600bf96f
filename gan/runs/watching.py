"""Watches a run's numbers while it trains and writes down what is found.

Memory layer: between the rows of one attempt and `gan.diagnosis`. What holds at the moment stands
in the run's meta under `findings`; what is found for the first time is an event, too.
"""

import time
from collections.abc import Callable

from gan.config import RunConfig
from gan.diagnosis.catalog import get_finding_info
from gan.diagnosis.findings import Finding, diagnose
from gan.diagnosis.history import HistoryKeeper
from gan.runs.store import RunStore
from gan.training.records import MetricRows

INTERVAL_S = 2.0
EVENT_KIND = "finding"
Raise = Callable[[Finding, str], None]
"""Is told of a finding that is new, with a sentence about it."""


class DiagnosisWatch:
    """Looks at one attempt's numbers now and then."""

    def __init__(self, store: RunStore, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Prepare; the run's earlier numbers are read when the first new ones are there."""
        self._store = store
        self._clock = clock
        self._keeper: HistoryKeeper | None = None
        self._known: set[str] = set()  # findings that have had their event
        self._written: list[dict[str, object]] | None = None
        self._next = clock() + INTERVAL_S
        self._has_news = False

    def take(self, rows: MetricRows) -> None:
        """Take numbers that were written just now. Raises StoreError."""
        if self._keeper is None:
            self._begin()
        else:
            self._keeper.add(rows.keys, rows.steps, rows.values)
        self._has_news = True

    def is_due(self) -> bool:
        """Tell whether there is something new to look at, and the last look was a while ago."""
        return self._has_news and self._clock() >= self._next

    def look(self, config: RunConfig, raise_new: Raise) -> None:
        """Write what is the matter now, if that has changed; calling again after a failure is safe.

        Args:
            config: what the run trains with, learning rates as they are in force.
            raise_new: is told of each finding that is new, inside the same transaction.

        Raises:
            StoreError: it cannot be written.
        """
        if self._keeper is None or not self._has_news:
            return
        found = diagnose(self._keeper.history(), config)
        plain: list[dict[str, object]] = [finding.to_dict() for finding in found]
        new = [finding for finding in found if finding.name not in self._known]
        with self._store.batch():
            if plain != self._written:
                self._store.set_meta("findings", plain)
            for finding in new:
                raise_new(finding, f"{get_finding_info(finding.name).title}: {finding.evidence}")
        self._written = plain
        self._known |= {finding.name for finding in new}
        self._has_news = False
        self._next = self._clock() + INTERVAL_S

    def _begin(self) -> None:
        """Read what earlier attempts left behind that still counts."""
        keeper = HistoryKeeper()
        # Of a run that came with the product only peaks and valleys are there, which mislead.
        thinned = {a.number for a in self._store.list_attempts() if a.info.get("shipped")}
        for chunk in self._store.read_metrics():
            if chunk.attempt not in thinned:
                keeper.add(chunk.keys, chunk.steps, chunk.values)
        events = self._store.read_events()
        self._known = {e.payload["name"] for e in events if e.kind == EVENT_KIND}
        self._written = self._store.get_meta().get("findings")
        self._keeper = keeper
