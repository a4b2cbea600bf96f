"""How a worker keeps time: the pace limit, and the heartbeat.

Memory layer.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gan.errors import StoreError
from gan.runs.store import RunStore

log = logging.getLogger(__name__)

BEAT_INTERVAL_S = 1.0


class Pace:
    """Says how long to wait so that a loop keeps to a number of steps a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._step_s = 0.0

    def start_step(self, max_steps_per_s: float | None) -> None:
        """Let the next step begin one interval after this one did, or now if that is past."""
        self._began = max(self._began + self._step_s, self._clock() - self._step_s)
        self.limit(max_steps_per_s)

    def limit(self, max_steps_per_s: float | None) -> None:
        """Change the limit; a wait in progress follows it."""
        self._step_s = 0.0 if max_steps_per_s is None else 1.0 / max_steps_per_s

    def wait_s(self) -> float:
        """Return the seconds until the next step may begin, 0 or less when it may now."""
        return self._began + self._step_s - self._clock()


@contextmanager
def heartbeat(db_path: Path, *, interval_s: float = BEAT_INTERVAL_S) -> Iterator[None]:
    """Write the time every second from a thread, so that a long step does not look like death."""
    ended = threading.Event()
    thread = threading.Thread(
        target=_beat, args=(db_path, interval_s, ended), name="heartbeat", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _beat(db_path: Path, interval_s: float, ended: threading.Event) -> None:
    is_failing = False
    while not ended.is_set():
        try:
            with RunStore.open(db_path) as store:
                while not ended.wait(interval_s):
                    store.beat(time.time())
                    is_failing = False
        except StoreError as error:
            if not is_failing:  # said once: the log should not fill the disk that is full
                log.warning("No heartbeat: %s", error)
            is_failing = True
            ended.wait(interval_s)
