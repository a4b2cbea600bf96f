"""The TensorBoard log that a worker writes while it trains.

Memory layer, without torch.
"""

import logging
import time
from collections.abc import Callable

from gan.errors import GanError
from gan.runs.folder import RunFolder
from gan.runs.tensorboard import TensorBoardLog

log = logging.getLogger(__name__)


class LiveLog:
    """The log that a worker writes beside its run: cheap, and never a reason to stop.

    It lives in `tensorboard/` in the run folder. The first trouble is told once and ends it.
    """

    def __init__(
        self,
        folder: RunFolder,
        on_problem: Callable[[str], None],
        *,
        interval_s: float = 1.0,
        budget_s: float = 0.03,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; nothing is read or written before the first `update()`.

        Args:
            folder: the run.
            on_problem: is told in one sentence why the log ends early.
            interval_s: the time between two updates that do something.
            budget_s: about how long such an update may take.
            clock: tells the time in seconds.
        """
        self._folder = folder
        self._on_problem = on_problem
        self._interval_s = interval_s
        self._budget_s = budget_s
        self._clock = clock
        self._not_before = float("-inf")
        self._log: TensorBoardLog | None = None
        self._is_over = False

    def update(self) -> None:
        """Write what is new, if it is time; call this at every report."""
        if not self._is_over and self._clock() >= self._not_before:
            self._guarded(lambda opened: opened.update(self._budget_s))
            self._not_before = self._clock() + self._interval_s

    def close(self) -> None:
        """Write the rest and close the log; call this when the run's last event is written."""
        if not self._is_over:
            self._guarded(lambda opened: opened.update())
            self._end()

    def _guarded(self, act: Callable[[TensorBoardLog], object]) -> None:
        try:
            if self._log is None:
                self._log = TensorBoardLog(self._folder, self._folder.path / "tensorboard")
            act(self._log)
        except GanError as error:
            self._give_up(str(error))
        except Exception as error:  # a log must not end the training, whatever is wrong with it
            log.exception("The TensorBoard log failed.")
            self._give_up(f"{type(error).__name__}: {error}.")

    def _give_up(self, reason: str) -> None:
        self._end()
        self._on_problem(f"The TensorBoard log ends here: {reason}")

    def _end(self) -> None:
        self._is_over = True
        if self._log is not None:
            try:
                self._log.close()
            except OSError as error:
                log.warning("The TensorBoard log was not closed: %s", error)
            self._log = None
