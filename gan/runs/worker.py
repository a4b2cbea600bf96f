"""The worker: trains one run from its folder, obeys commands, and records everything.

Memory layer. The terminal's `train` and the background process are this same class; it consumes
`Trainer.run()` as any notebook loop does.
"""

import logging
import os
import platform
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from gan.config import RunConfig
from gan.data.dataset import ImageData, load_data
from gan.errors import CheckpointError, ConfigError, GanError, StoreError
from gan.runs.commands import check_command
from gan.runs.folder import Home, RunFolder
from gan.runs.recorder import Recorder, newest_checkpoint
from gan.runs.rows import Command
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.training.records import Diverged, Record, SamplesReady, StepDone
from gan.training.trainer import Trainer

log = logging.getLogger(__name__)

POLL_INTERVAL_S = 0.05
BEAT_INTERVAL_S = 1.0
RETRY_INTERVAL_S = 2.0
Watcher = Callable[[Record], None]


class Worker:
    """Trains one run; `work()` returns the state in which it ended."""

    def __init__(
        self,
        home: Home,
        folder: RunFolder,
        *,
        n_threads: int | None = None,
        watch: Watcher | None = None,
        images: ImageData | None = None,
    ) -> None:
        self.home = home
        self.folder = folder
        self.config = RunConfig.from_json(folder.config_path.read_text(encoding="utf-8"))
        self._n_threads = self.config.train.n_threads or n_threads
        self._watch = watch
        self._images = images
        self._stop_reason: str | None = None
        self._next_poll = 0.0
        self._pause_asked = False
        self._trouble: Diverged | None = None

    def ask_to_stop(self, reason: str) -> None:
        """Stop between two steps, with a checkpoint; safe to call from a signal handler."""
        self._stop_reason = reason

    def work(self) -> RunState:
        """Train until the end, a stop or trouble.

        Raises:
            StoreError: another worker holds the run, or it is not queued.
        """
        with self.folder.lock(), RunStore.open(self.folder.db_path) as self.store:
            self.attempt = self.store.begin_attempt(
                now=time.time(), pid=os.getpid(), info=self._info()
            )
            with _heartbeat(self.folder.db_path):
                state, message = self._train_guarded()
            self.store.end_attempt(self.attempt, now=time.time(), state=state, message=message)
        log.info("Run %s ended: %s %s", self.folder.id, state, message)
        return state

    # ---- the course of an attempt --------------------------------------------------------

    def _train_guarded(self) -> tuple[RunState, str]:
        try:
            return self._train()
        except GanError as error:
            log.error("%s", error)
            return RunState.FAILED, str(error)
        except Exception as error:
            log.exception("The run failed.")
            return RunState.FAILED, f"{type(error).__name__}: {error} (details in worker.log)."

    def _train(self) -> tuple[RunState, str]:
        if self._n_threads:
            torch.set_num_threads(self._n_threads)
        self._phase("Reading the images")
        data = self._load_images()
        self._phase("Building the networks")
        self.trainer = Trainer(self.config, data)
        self.recorder = Recorder(self.folder, self.store, self.attempt, self.config.output)
        self._start_or_resume(data)
        self._phase("")
        self._last_save = time.monotonic()
        records = self.trainer.run()
        pace = Pace()
        while self._trouble is None:
            self._obey()
            if self._stop_reason is not None:
                return self._end(RunState.STOPPED, self._stop_reason)
            record = next(records, None)
            if record is None:
                return self._end(RunState.COMPLETED, "")
            self._record(record)
            if isinstance(record, StepDone):
                self._save_if_due()
                self._keep_pace(pace)
        return self._end_diverged(self._trouble)

    def _load_images(self) -> ImageData:
        if self._images is not None:
            return self._images
        return load_data(
            self.config.data,
            download_folder=self.home.workspace_dir / "data",
            progress=self._phase,
        )

    def _start_or_resume(self, data: ImageData) -> None:
        state, problems = newest_checkpoint(self.folder, self.store)
        if state is not None:
            self.trainer.load_state_dict(state)
        for problem in problems:
            self._event("checkpoint-skipped", problem)
        if self.attempt > 1:
            # From the very beginning, the first grid too is drawn anew.
            self.store.supersede_after(self.trainer.tick or -1, self.attempt)
            self._event(
                "resumed", f"Resumed at step {self.trainer.step:,}", marks=self.trainer.tick > 0
            )
        else:
            self._event("started", f"Started on {self.trainer.device}")
        if not self.store.read_samples("real"):
            some = torch.randperm(data.n_images, generator=torch.Generator().manual_seed(0))
            self.recorder.add_real(data.images[some[: self.config.output.n_samples]])
        self.store.set_meta(
            "data",
            {
                "name": data.name,
                "why": data.located.why,
                "kind": data.located.kind,
                "n_images": data.n_images,
                "n_batches": self.trainer.order.n_batches,
            },
        )
        self.store.set_meta("device", str(self.trainer.device))
        asked = self.store.get_meta().get("on_start") or {}
        if asked:
            self._change_live(asked)
            self.store.set_meta("on_start", {})
        self._show_live()

    def _end(self, state: RunState, message: str) -> tuple[RunState, str]:
        self._save()
        if self._trouble is not None:
            return self._end_diverged(self._trouble)
        self._event(str(state), message or str(state).capitalize())
        return state, message

    def _end_diverged(self, record: Diverged) -> tuple[RunState, str]:
        text = (
            f"{record.key} became {record.value} at step {record.step:,}; the state of step "
            f"{record.last_good_step:,} is kept. Lower the learning rate and resume."
        )
        self.recorder.event(
            "diverged", text, step=record.step, tick=record.tick, marks=True, key=record.key
        )
        self._save()
        return RunState.DIVERGED, text

    def _keep_pace(self, pace: "Pace") -> None:
        pace.start_step(self.trainer.live.max_steps_per_s)
        while (wait_s := pace.wait_s()) > 0.0 and self._stop_reason is None:
            time.sleep(min(wait_s, POLL_INTERVAL_S))
            self._obey()
            pace.limit(self.trainer.live.max_steps_per_s)

    # ---- commands ------------------------------------------------------------------------

    def _obey(self) -> None:
        """Carry out what was ordered; while paused, stay here and wait for orders."""
        while self._stop_reason is None:
            now = time.monotonic()
            if now >= self._next_poll:
                self._next_poll = now + POLL_INTERVAL_S
                for command in self.store.pending_commands(self.attempt):
                    self._carry_out(command)
            if not self._pause_asked:
                return
            time.sleep(POLL_INTERVAL_S)

    def _carry_out(self, command: Command) -> None:
        try:
            check_command(command.kind, command.payload)
            match command.kind:
                case "pause":
                    self._pause()
                case "resume":
                    self._unpause()
                case "step":
                    self._single_step(command.payload["update"])
                case "stop":
                    self.ask_to_stop("Stopped by hand.")
                case "save":
                    self._save()
                    self._event("saved", "Saved by hand")
                case "set":
                    self._change_live(command.payload)
                case _:
                    raise ConfigError(f"There is no command {command.kind!r}.")
        except (ConfigError, CheckpointError) as error:
            self._event("refused", str(error))
            note = str(error)
            self.store.finish_command(command.id, outcome="refused", note=note, now=time.time())
        else:
            self.store.finish_command(command.id, outcome="done", now=time.time())

    def _pause(self) -> None:
        if self._pause_asked:
            return
        for record in self.trainer.report():
            self._record(record)
        self._pause_asked = True
        self.store.set_state(RunState.PAUSED, now=time.time())
        self._event("paused", "Paused")

    def _unpause(self) -> None:
        if not self._pause_asked:
            return
        self._pause_asked = False
        self.trainer.restart_clock()
        self.store.set_state(RunState.RUNNING, now=time.time())
        self._event("continued", "Continued")

    def _single_step(self, update: Any) -> None:
        self._pause()
        if self.trainer.is_finished:
            raise ConfigError("The run is at its end: extend it before stepping on.")
        self.trainer.restart_clock()
        records = [*self.trainer.advance(update), *self.trainer.report()]
        if not any(isinstance(record, SamplesReady | Diverged) for record in records):
            records.append(self.trainer.draw_samples())
        for record in records:
            self._record(record)
        if self._trouble is not None:
            self._pause_asked = False
            return
        who = {"both": "One step of D and G", "d": "One update of D", "g": "One update of G"}
        self._event("step", who[update], marks=update != "both", update=update)

    def _change_live(self, changes: dict[str, Any]) -> None:
        before = asdict(self.trainer.live)
        if changes.get("n_steps", self.trainer.step) < self.trainer.step:
            raise ConfigError(
                f"The run is at step {self.trainer.step:,} already, so it cannot end at "
                f"{changes['n_steps']:,}."
            )
        for record in self.trainer.change_live(**changes):
            self._record(record)
        self._show_live()
        for name, value in changes.items():
            if value != before[name]:
                self._event(
                    "changed",
                    _CHANGE_TEXTS[name].format(_shown(before[name]), _shown(value)),
                    marks=name in ("g_lr", "d_lr"),
                    name=name,
                    before=before[name],
                    after=value,
                )

    # ---- recording -----------------------------------------------------------------------

    def _record(self, record: Record) -> None:
        """Write a record; while that fails, training waits and says so."""
        self._insist(lambda: self.recorder.take(record))
        if isinstance(record, Diverged):
            self._trouble = record
        if self._watch is not None:
            self._watch(record)

    def _save(self) -> None:
        for record in self.trainer.report():
            self._record(record)
        trainer = self.trainer
        self._insist(lambda: self.recorder.save(trainer.state_dict(), trainer.step, trainer.tick))
        self._last_save = time.monotonic()

    def _save_if_due(self) -> None:
        out = self.config.output
        by_steps = out.checkpoint_every > 0 and self.trainer.step % out.checkpoint_every == 0
        interval_s = 60.0 * out.checkpoint_interval_min
        by_time = interval_s > 0.0 and time.monotonic() - self._last_save >= interval_s
        if by_steps or by_time:
            self._save()

    def _insist(self, write: Callable[[], None]) -> None:
        """Try until it works or the user gives up; nothing is trained meanwhile."""
        failed = False
        while True:
            try:
                write()
            except (StoreError, CheckpointError) as error:
                log.error("Recording failed, training waits: %s", error)
                if self._stop_reason is not None:
                    raise
                failed = True
                self._phase(f"Training waits, since recording failed: {error}")
                time.sleep(RETRY_INTERVAL_S)
                self._take_stop_orders()
            else:
                if failed:
                    self._phase("")
                    self.trainer.restart_clock()
                return

    def _take_stop_orders(self) -> None:
        try:
            waiting = self.store.pending_commands(self.attempt)
        except StoreError:
            return
        if any(command.kind == "stop" for command in waiting):
            self.ask_to_stop("Stopped by hand while recording failed.")

    def _event(self, kind: str, text: str, *, marks: bool = False, **payload: Any) -> None:
        self.recorder.event(
            kind, text, step=self.trainer.step, tick=self.trainer.tick, marks=marks, **payload
        )

    def _show_live(self) -> None:
        live = asdict(self.trainer.live)
        self.store.update_progress(
            step=self.trainer.step,
            tick=self.trainer.tick,
            epoch=self.trainer.epoch,
            n_steps=self.trainer.live.n_steps,
            live=live,
        )

    def _phase(self, text: str) -> None:
        """Say what is going on while there is no progress to show."""
        try:
            self.store.set_meta("phase", text)
        except StoreError as error:
            log.error("%s", error)

    def _info(self) -> dict[str, Any]:
        return {
            "torch": str(torch.__version__),
            "python": platform.python_version(),
            "host": platform.node(),
            "n_threads": self._n_threads or torch.get_num_threads(),
        }


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


def stop_on_signals(worker: Worker, signals: dict[int, str]) -> None:
    """Let signals end the run between two steps, with a checkpoint."""
    for number, reason in signals.items():
        signal.signal(number, lambda *_, reason=reason: worker.ask_to_stop(reason))


@contextmanager
def _heartbeat(db_path: Path) -> Iterator[None]:
    """Write the time every second from a thread, so that a long step does not look like death."""
    ended = threading.Event()

    def beat() -> None:
        with RunStore.open(db_path) as store:
            while not ended.wait(BEAT_INTERVAL_S):
                try:
                    store.beat(time.time())
                except StoreError as error:
                    log.warning("No heartbeat: %s", error)

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


_CHANGE_TEXTS = {
    "g_lr": "G's learning rate from {} to {}",
    "d_lr": "D's learning rate from {} to {}",
    "n_steps": "Planned end from step {} to {}",
    "max_steps_per_s": "Pace limit from {} to {} steps/s",
}


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:g}"
