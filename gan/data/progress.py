"""How long jobs say where they are: one sentence, and how much of it is done.

Maths layer, without torch and numpy.
"""

import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)


class Note(str):
    """A sentence that also knows how far the job is.

    It is a `str`, so that whoever only shows sentences takes it as one: `print`, a list's
    `append`, the journal of a run.

    Attributes:
        fraction: share of the job that is done, 0 to 1; None when nobody can tell.
    """

    fraction: float | None

    def __new__(cls, text: str, fraction: float | None = None) -> "Note":
        """Make a sentence with a share."""
        note = super().__new__(cls, text)
        note.fraction = fraction
        return note


Report = Callable[[Note], None]
"""Is told what goes on. A plain `Callable[[str], None]` is one."""


def to_log(note: Note) -> None:
    """Write a note into the log: the report of those who did not name one."""
    log.info("%s", note)


class Gauge:
    """Reports how far a job is, at its end and at most twice a second before."""

    def __init__(
        self,
        report: Report,
        what: str,
        total: int,
        unit: str = "images",
        *,
        per_unit: int = 1,
        interval_s: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; nothing is reported before `move`.

        Args:
            report: is told.
            what: the job, without a full stop: "Downloading MNIST".
            total: the count at which it is done.
            unit: of what is shown.
            per_unit: counts in one unit: 1,000,000 shows bytes as MB.
            interval_s: shortest time between two notes.
            clock: a rising number of seconds.
        """
        self._report = report
        self._what = what
        self._total = total
        self._unit = unit
        self._per_unit = per_unit
        self._interval_s = interval_s
        self._clock = clock
        self._next_s = clock() + interval_s

    def move(self, done: int) -> None:
        """Say that so much is done, unless that was said a moment ago."""
        now = self._clock()
        if now < self._next_s and done < self._total:
            return
        self._next_s = now + self._interval_s
        shown, total = (round(n / self._per_unit) for n in (done, self._total))
        fraction = min(1.0, done / self._total) if self._total else 1.0
        self._report(Note(f"{self._what}: {shown:,} of {total:,} {self._unit}.", fraction))
