"""The worker: trains one run from its folder and obeys commands.

Memory layer. The terminal's `train` and the background process are this same class. It asks the
trainer for whole steps (`Trainer.advance`), so that it obeys, saves and ends only when everything
that a step produced is written: then nothing is lost and nothing is there twice.
"""

import logging
import os
import time
from dataclasses import asdict
from typing import Any, Literal

import torch

from gan.config import RunConfig
from gan.data.dataset import ImageData, load_data
from gan.errors import ConfigError, GanError, StoppedError, StoreError
from gan.runs.code import machine_facts
from gan.runs.commands import (
    MARKED_CHANGES,
    STEP_TEXTS,
    change_text,
    check_command,
    live_values,
)
from gan.runs.folder import Home, RunFolder
from gan.runs.images import cache_folder
from gan.runs.journal import Journal, Watcher
from gan.runs.launcher import start_next
from gan.runs.pace import Pace, heartbeat
from gan.runs.probe import record_run_speed, speed_key
from gan.runs.real_facts import remember_in
from gan.runs.recorder import newest_checkpoint
from gan.runs.rows import Command
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.training.records import Diverged, SamplesReady
from gan.training.trainer import Trainer

log = logging.getLogger(__name__)

POLL_INTERVAL_S = 0.05


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
        """Prepare; nothing is read before `work()`.

        Args:
            home: where the run is.
            folder: the run, which is queued.
            n_threads: the launcher's share of the cores, unless the configuration says otherwise.
            watch: is shown each record after it was written.
            images: train on these instead of what the configuration names.
        """
        self.home = home
        self.folder = folder
        self._n_threads = n_threads
        self._info = machine_facts() | {"n_threads": n_threads}
        self._watch = watch
        self._images = images
        self._stop_reason: str | None = None
        self._next_poll = 0.0
        self._is_paused = False
        self._has_unsaved_change = False

    def ask_to_stop(self, reason: str) -> None:
        """Stop between two steps, with a checkpoint; safe to call from a signal handler."""
        self._stop_reason = reason

    def work(self) -> RunState:
        """Train until the end, a stop or trouble, and return the state in which the run ended.

        Raises:
            StoreError: another worker holds the run, or it is not queued.
        """
        with self.folder.lock(), RunStore.open(self.folder.db_path) as store:
            attempt = store.begin_attempt(now=time.time(), pid=os.getpid(), info=self._info)
            log.info("Run %s: attempt %d, process %d", self.folder.id, attempt, os.getpid())
            self.journal = Journal(
                self.folder, store, attempt, watch=self._watch, is_stopping=self._is_stopping
            )
            with heartbeat(self.folder.db_path):
                state, message = self._train_guarded()
                self.journal.phase("")
                self.journal.close()
                self.journal.insist(
                    lambda: store.end_attempt(
                        attempt, now=time.time(), state=state, message=message
                    )
                )
        log.info("Run %s ended: %s %s", self.folder.id, state, message)
        return state

    # ---- the course of an attempt --------------------------------------------------------

    def _train_guarded(self) -> tuple[RunState, str]:
        try:
            self.config = RunConfig.from_json(self.folder.config_path.read_text(encoding="utf-8"))
            self._prepare()
            return self._train()
        except StoppedError as stop:
            self.journal.say("stopped", str(stop))
            return RunState.STOPPED, str(stop)
        except GanError as error:
            log.error("%s", error)
            message = str(error)
        except Exception as error:
            log.exception("The run failed.")
            message = f"{type(error).__name__}: {error} (details in worker.log)."
        self.journal.say("failed", message)
        return RunState.FAILED, message

    def _tell(self, note: str) -> None:
        """Say how far the images are. Raises StoppedError when the run is to stop meanwhile."""
        self.journal.phase(note)
        for command in self._pending():
            if command.kind == "stop":
                self._carry_out(command)
        if self._stop_reason is not None:
            raise StoppedError(self._stop_reason)

    def _prepare(self) -> None:
        """Read the images, build the networks, and go to where the run last was."""
        if n_threads := self.config.train.n_threads or self._n_threads:
            torch.set_num_threads(n_threads)
        self.journal.phase("Reading the images")
        data = self._images or load_data(
            self.config.data,
            download_folder=self.home.workspace_dir / "data",
            progress=self._tell,
        )
        self.journal.phase("Building the networks")
        self.trainer = Trainer(self.config, data, remember=remember_in(cache_folder(self.home)))
        self.journal.open(self.trainer, self.config.output)
        self._start_or_resume(data)
        self.journal.phase("")

    def _train(self) -> tuple[RunState, str]:
        """Train step by step; orders are obeyed between two steps, and once more at the end."""
        trainer, pace = self.trainer, Pace()
        self._began = trainer.step, trainer.elapsed_s
        trainer.restart_clock()
        if trainer.tick == 0:
            self.journal.record(trainer.draw_samples())
        while True:
            if trainer.is_finished:
                self._next_poll = 0.0
            self._obey()
            if self._stop_reason is not None:
                return self._end(RunState.STOPPED, self._stop_reason)
            if trainer.is_finished:
                return self._end(RunState.COMPLETED, trainer.stopping.reason)
            for record in trainer.advance():
                self.journal.record(record)
            self._save_if_due()
            self._keep_pace(pace)

    def _start_or_resume(self, data: ImageData) -> None:
        journal, trainer = self.journal, self.trainer
        state, problems = newest_checkpoint(self.folder, journal.store)
        if state is not None:
            trainer.load_state_dict(state)
        journal.insist(lambda: self._take_over(data))
        for problem in problems:
            journal.event("checkpoint-skipped", problem)
        n_threads = torch.get_num_threads()
        where = f"on {trainer.device}, threads: {n_threads}"
        if journal.attempt == 1:
            journal.event("started", f"Started {where}", n_threads=n_threads)
        else:
            text = f"Resumed at step {trainer.step:,} {where}"
            journal.event("resumed", text, marks=trainer.tick > 0, n_threads=n_threads)
        journal.show_live()
        self._apply_on_start()
        if state is not None and trainer.tick == 0:
            journal.save()  # its row was superseded with the first grid, which is drawn anew

    def _take_over(self, data: ImageData) -> None:
        """Leave the folder as if nothing had happened after the place where this attempt begins."""
        store, trainer, recorder = self.journal.store, self.trainer, self.journal.recorder
        if self.journal.attempt > 1:
            # From the very beginning, the first grid too is drawn anew.
            store.supersede_after(trainer.tick or -1, self.journal.attempt)
            recorder.forget_quality_after(trainer.tick)
            recorder.clean_up()
        if not store.read_samples("real"):
            some = torch.randperm(data.n_images, generator=torch.Generator().manual_seed(0))
            recorder.add_real(data.images[some[: self.config.output.n_samples]])
        facts = {
            "name": data.name,
            "why": data.located.why,
            "kind": data.located.kind,
            "n_images": data.n_images,
            "n_batches": trainer.supply.order.n_batches,
            "steps_per_epoch": trainer.steps_per_epoch,
            "classes": list(data.classes) if trainer.supply.n_classes else [],
        }
        store.set_meta("data", facts)
        store.set_meta("device", str(trainer.device))

    def _apply_on_start(self) -> None:
        """Make the changes with which the run was queued again."""
        store = self.journal.store
        asked = self.journal.insist(store.get_meta).get("on_start")
        if not asked:
            return
        try:
            self._change_live(asked)
        except ConfigError as error:
            self.journal.event("refused", str(error))
        self._save_change()
        self.journal.insist(lambda: store.set_meta("on_start", {}))

    def _end(self, state: RunState, message: str) -> tuple[RunState, str]:
        """Save and say goodbye; the last report may still tell of a divergence."""
        self.journal.report()
        if self.journal.trouble is not None:
            return self._end_diverged(self.journal.trouble)
        self.journal.save()
        if state is RunState.COMPLETED and self.trainer.stopping.keeps_best:
            message = f"{message} {self.journal.keep_best()}".strip()
        self.journal.event(str(state), message or str(state).capitalize())
        self._note_speed()
        return state, message

    def _note_speed(self) -> None:
        """Let later estimates learn from this run, if it trained at full speed."""
        trainer = self.trainer
        step, elapsed_s = self._began
        if trainer.live.max_steps_per_s is not None:
            return
        try:
            record_run_speed(
                self.home,
                speed_key(self.config, str(trainer.device), trainer.n_threads),
                n_steps=trainer.step - step,
                seconds=trainer.elapsed_s - elapsed_s,
                steps_per_epoch=trainer.steps_per_epoch,
            )
        except StoreError as error:
            log.warning("The speed was not kept: %s", error)

    def _end_diverged(self, record: Diverged) -> tuple[RunState, str]:
        text = (
            f"{record.key} became {record.value} at step {record.step:,}; the state of step "
            f"{record.last_good_step:,} is kept. Lower the learning rate and resume."
        )
        self.journal.save()
        self.journal.event("diverged", text, marks=True, key=record.key, bad_step=record.step)
        return RunState.DIVERGED, text

    def _save_if_due(self) -> None:
        out = self.config.output
        by_steps = out.checkpoint_every > 0 and self.trainer.step % out.checkpoint_every == 0
        interval_s = 60.0 * out.checkpoint_interval_min
        if by_steps or 0.0 < interval_s <= self.journal.since_save_s():
            self.journal.save()

    def _keep_pace(self, pace: Pace) -> None:
        pace.start_step(self.trainer.live.max_steps_per_s)
        while (wait_s := pace.wait_s()) > 0.0 and not self._is_over():
            time.sleep(min(wait_s, POLL_INTERVAL_S))
            self._obey()
            pace.limit(self.trainer.live.max_steps_per_s)

    # ---- commands ------------------------------------------------------------------------

    def _obey(self) -> None:
        """Carry out what was ordered; while paused, stay here and wait for orders."""
        while not self._is_over():
            now = time.monotonic()
            if now >= self._next_poll:
                self._next_poll = now + POLL_INTERVAL_S
                for command in self._pending():
                    self._carry_out(command)
            if not self._is_paused:
                return
            time.sleep(POLL_INTERVAL_S)

    def _is_over(self) -> bool:
        return self._is_stopping() or self.trainer.diverged

    def _is_stopping(self) -> bool:
        return self._stop_reason is not None

    def _pending(self) -> list[Command]:
        store, attempt = self.journal.store, self.journal.attempt
        return self.journal.insist(lambda: store.pending_commands(attempt))

    def _carry_out(self, command: Command) -> None:
        outcome: Literal["done", "refused"] = "done"
        note = ""
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
                    self.journal.save()
                    self.journal.event("saved", "Saved by hand")
                case "set":
                    self._change_live(command.payload)
                    self._save_change()
                case _:
                    raise ConfigError(f"There is no command {command.kind!r}.")
        except ConfigError as error:
            outcome, note = "refused", str(error)
            self.journal.event("refused", note)
        finish = self.journal.store.finish_command
        self.journal.insist(lambda: finish(command.id, outcome=outcome, note=note, now=time.time()))

    def _pause(self) -> None:
        if self._is_paused:
            return
        self.journal.report()
        if self.trainer.diverged:
            return
        self._set_state(RunState.PAUSED)
        self._is_paused = True
        self.journal.event("paused", "Paused")
        try:
            start_next(self.home)  # our cores are free now
        except StoreError as error:
            log.error("The next run was not started: %s", error)

    def _unpause(self) -> None:
        if not self._is_paused:
            return
        self._set_state(RunState.RUNNING)
        self._is_paused = False
        self.journal.event("continued", "Continued")
        self.trainer.restart_clock()

    def _set_state(self, state: RunState) -> None:
        store = self.journal.store
        self.journal.insist(lambda: store.set_state(state, now=time.time()))

    def _single_step(self, update: Any) -> None:
        self._pause()
        if self.trainer.is_finished:
            raise ConfigError("The run is at its end: extend it before stepping on.")
        self.trainer.restart_clock()
        records = [*self.trainer.advance(update), *self.trainer.report()]
        if not any(isinstance(record, SamplesReady | Diverged) for record in records):
            records.append(self.trainer.draw_samples())
        for record in records:
            self.journal.record(record)
        if not self.trainer.diverged:
            marks = update != "both"
            self.journal.event("step", STEP_TEXTS[update], marks=marks, update=update)

    def _change_live(self, asked: dict[str, Any]) -> None:
        changes = live_values(asked)
        before = asdict(self.trainer.live)
        end, step = changes.get("n_steps"), self.trainer.step
        if end is not None and end < step:
            raise ConfigError(f"The run is at step {step:,} already, so it cannot end at {end:,}.")
        self.journal.report()
        self.trainer.change_live(**changes)
        self.journal.show_live()
        for name, value in changes.items():
            if value != before[name]:
                self._has_unsaved_change = True
                self.journal.event(
                    "changed",
                    change_text(name, before[name], value),
                    marks=name in MARKED_CHANGES,
                    name=name,
                    before=before[name],
                    after=value,
                )

    def _save_change(self) -> None:
        """Save after live changes, so that a run that is killed resumes with what it shows."""
        if self._has_unsaved_change:
            self.journal.save()
            self._has_unsaved_change = False
