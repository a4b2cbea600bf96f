"""What a worker writes about an attempt, insisting on every line of it.

Memory layer. A full disk or a folder that cannot be written must lose nothing: training waits,
says what it waits for, and goes on when writing works again.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any, TypeVar

from gan.config import OutputConfig
from gan.diagnosis.findings import Finding
from gan.errors import CheckpointError, StoreError
from gan.runs.folder import RunFolder
from gan.runs.recorder import Recorder
from gan.runs.store import RunStore
from gan.runs.tensorboard_live import LiveLog
from gan.runs.watching import EVENT_KIND, DiagnosisWatch
from gan.training.records import Diverged, Evaluated, Record, StepDone
from gan.training.trainer import Trainer

log = logging.getLogger(__name__)

RETRY_PAUSES_S = (0.1, 0.2, 0.5, 1.0, 2.0)  # the last one again and again
Watcher = Callable[[Record], None]
T = TypeVar("T")


class Journal:
    """The written side of one attempt; `trouble` is the divergence that ended it, if one did."""

    def __init__(
        self,
        folder: RunFolder,
        store: RunStore,
        attempt: int,
        *,
        watch: Watcher | None,
        is_stopping: Callable[[], bool],
    ) -> None:
        """Begin.

        Args:
            folder: the run.
            store: its database, open in this thread.
            attempt: the number of the attempt.
            watch: is shown each record after it was written.
            is_stopping: tells whether the worker was asked to stop; then nothing is insisted on.
        """
        self.folder = folder
        self.store = store
        self.attempt = attempt
        self.trouble: Diverged | None = None
        self._watch = watch
        self._is_stopping = is_stopping
        self._board: LiveLog | None = None

    def open(self, trainer: Trainer, output: OutputConfig) -> None:
        """Write about this trainer from now on."""
        self.trainer = trainer
        trainer.quality.tell = self.phase
        self.recorder = Recorder(self.folder, self.store, self.attempt, output)
        self._diagnosis = DiagnosisWatch(self.store)
        self._last_save = time.monotonic()
        if output.tensorboard:
            self._board = LiveLog(self.folder, lambda text: self.event("tensorboard", text))

    def close(self) -> None:
        """Finish what is written beside the run; its last event is there by now."""
        if self._board is not None:
            self._board.close()

    def record(self, record: Record) -> None:
        """Write a record of the trainer."""
        self.insist(lambda: self.recorder.take(record))
        if self._board is not None:
            self._board.update()
        if isinstance(record, Evaluated) and self.insist(
            lambda: self.recorder.note_quality(record)
        ):
            self.save()
        if isinstance(record, Diverged):
            self.trouble = record
        self._take_numbers(record)
        if self._watch is not None:
            self._watch(record)

    def report(self) -> None:
        """Write the numbers that still wait in the trainer."""
        for record in self.trainer.report():
            self.record(record)
        self._diagnose()

    def _take_numbers(self, record: Record) -> None:
        """Show the diagnosis a record's numbers, and let it look at them if it is time."""
        rows = record.rows if isinstance(record, StepDone | Evaluated | Diverged) else None
        if rows is None:
            return
        self.insist(lambda: self._diagnosis.take(rows))
        if self._diagnosis.is_due() or isinstance(record, Diverged):
            self._diagnose()

    def _diagnose(self) -> None:
        live = self.trainer.live
        config = self.trainer.config.with_changes({"g_opt.lr": live.g_lr, "d_opt.lr": live.d_lr})
        self.insist(lambda: self._diagnosis.look(config, self._raise_finding))

    def _raise_finding(self, finding: Finding, text: str) -> None:
        self.recorder.event(
            EVENT_KIND,
            text,
            step=self.trainer.step,
            tick=self.trainer.tick,
            marks=True,
            name=finding.name,
            first_step=finding.first_step,
            last_step=finding.last_step,
        )

    def save(self) -> None:
        """Write a checkpoint, and before it the numbers that led to it."""
        self.report()
        state, step, tick = self.trainer.state_dict(), self.trainer.step, self.trainer.tick
        self.insist(lambda: self.recorder.save(state, step, tick))
        self._last_save = time.monotonic()

    def keep_best(self) -> str:
        """Make the best checkpoint the run's result and say so; the newest stays, to go on from."""
        kept = self.insist(self.recorder.keep_best)
        if kept is None:
            return ""
        return f"The state of step {kept:,}, the best measured, is kept as the run's result."

    def since_save_s(self) -> float:
        """Return the seconds since the last checkpoint, or since the attempt began."""
        return time.monotonic() - self._last_save

    def event(self, kind: str, text: str, *, marks: bool = False, **payload: Any) -> None:
        """Write that something happened now; `marks` draws it on the curves."""
        step, tick = self.trainer.step, self.trainer.tick
        self.insist(
            lambda: self.recorder.event(kind, text, step=step, tick=tick, marks=marks, **payload)
        )

    def say(self, kind: str, text: str) -> None:
        """Write that something happened, though there may be no trainer yet; not insisted on."""
        with suppress(StoreError):
            at = self.store.get_status()
            self.store.add_event(
                self.attempt, step=at.step, tick=at.tick, now=time.time(), kind=kind, text=text
            )

    def show_live(self) -> None:
        """Write how far the run is and the live values in force."""
        trainer = self.trainer
        self.insist(
            lambda: self.store.update_progress(
                step=trainer.step,
                tick=trainer.tick,
                epoch=trainer.epoch,
                elapsed_s=trainer.elapsed_s,
                n_steps=trainer.live.n_steps,
                live=asdict(trainer.live),
            )
        )
        self.insist(lambda: self.store.set_meta("time_budget_s", trainer.stopping.budget_s))

    def phase(self, text: str) -> None:
        """Say what is going on while nothing is trained; not insisted on.

        A `gan.data.progress.Note` also says which share of it is done.
        """
        try:
            self.store.set_meta("phase", str(text))
            self.store.set_meta("phase_fraction", getattr(text, "fraction", None))
        except StoreError as error:
            log.error("%s", error)

    def insist(self, write: Callable[[], T]) -> T:
        """Try until it works; nothing is trained meanwhile.

        Raises:
            StoreError, CheckpointError: it does not work, and the user gave up or the run is gone.
        """
        n_failed = 0
        while True:
            try:
                result = write()
            except (StoreError, CheckpointError) as error:
                log.error("Recording failed, training waits: %s", error)
                if self._gave_up():
                    raise
                self.phase(f"Training waits, since recording failed: {error}")
                time.sleep(RETRY_PAUSES_S[min(n_failed, len(RETRY_PAUSES_S) - 1)])
                n_failed += 1
            else:
                if n_failed:
                    log.info("Recording works again.")
                    self.phase("")
                    if hasattr(self, "trainer"):
                        self.trainer.restart_clock()
                return result

    def _gave_up(self) -> bool:
        if self._is_stopping() or not self.folder.config_path.exists():
            return True
        with suppress(StoreError):
            waiting = self.store.pending_commands(self.attempt)
            return any(command.kind == "stop" for command in waiting)
        return False
