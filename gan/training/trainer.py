"""The step-wise trainer: steps, reports, samples, and a state that can be saved and resumed.

Motion layer: knows no disk, no chart, no browser. `train(config)` is a generator of records over
a `Trainer`, which owns all state and continues from a saved one exactly as if it had never
stopped. What happens to a batch in one step stands in `gan.training.step`.
"""

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan.config import RunConfig
from gan.data.dataset import ImageData, load_data
from gan.training.devices import resolve_device
from gan.training.grids import GridMeter
from gan.training.meter import Meter, first_non_finite
from gan.training.optimizers import set_learning_rate
from gan.training.players import Players
from gan.training.quality import QualityMeter, Remember, make_anew
from gan.training.records import (
    Diverged,
    Ended,
    Evaluated,
    MetricRows,
    Record,
    SamplesReady,
    StepDone,
)
from gan.training.restoring import STATE_VERSION, checked_state
from gan.training.schedule import LiveValues, rates_due, samples_are_due
from gan.training.step import Update, train_step
from gan.training.stopping import Stopping
from gan.training.streams import Streams
from gan.training.supply import Counters, Supply

SNAPSHOT_INTERVAL_S = 2.0


def train(config: RunConfig, data: ImageData | None = None) -> Iterator[Record]:
    """Train, yielding one small record at a time; only a `StepDone` advances the training.

    Args:
        config: what to train.
        data: the images; None loads what `config.data` names.

    Raises:
        GanError: the device, the data or a setting cannot be used.
    """
    if data is None:
        data = load_data(config.data, download_folder=Path("data"))
    return Trainer(config, data).run()


class Trainer:
    """Owns the networks, optimisers, random streams and counters of one run."""

    def __init__(
        self,
        config: RunConfig,
        data: ImageData,
        *,
        clock: Callable[[], float] = time.perf_counter,
        remember: Remember = make_anew,
    ) -> None:
        """Build everything from the seed.

        Args:
            config: what to train.
            data: the images.
            clock: a rising number of seconds.
            remember: keeps what is known of the real images from one run to the next.

        Raises:
            GanError: the device, the data or a setting cannot be used.
        """
        self.config = config
        self.device = resolve_device(config.train.device)
        if config.train.n_threads is not None:
            torch.set_num_threads(config.train.n_threads)
        self.n_threads = torch.get_num_threads()
        self.counters = Counters()
        self._streams = Streams(config.train.seed, self.device)
        self.supply = Supply(config, data, self.device, self._streams, self.counters)
        self.players = Players(config, self.device, self.supply, self._streams, self.counters)
        self.quality = QualityMeter(
            config, data, self.device, self.supply.n_classes, remember=remember, clock=clock
        )
        self.stopping = Stopping(config.stop)
        self.elapsed_s = 0.0
        self.diverged = False
        self.live = LiveValues(
            g_lr=config.g_opt.lr,
            d_lr=config.d_opt.lr,
            n_steps=config.train.planned_steps(self.steps_per_epoch),
            max_steps_per_s=config.output.max_steps_per_s,
        )
        self._clock = clock
        self._mark = clock()
        self._best: dict[str, Any] | None = None
        self._meter = Meter(self.device, config.output.report_every)
        self._grids = GridMeter(data.images)
        self._report_mark = (0.0, 0, 0)  # elapsed_s, step, images_seen at the last report
        self._snapshot = self._take_snapshot()

    # ---- where the run stands ------------------------------------------------------------

    @property
    def step(self) -> int:
        """Pairs of D and G updates so far."""
        return self.counters.step

    @property
    def tick(self) -> int:
        """Network updates so far."""
        return self.counters.d_updates + self.counters.g_updates

    @property
    def images_seen(self) -> int:
        """Real images drawn so far."""
        return self.counters.images_seen

    @property
    def steps_per_epoch(self) -> float:
        """Steps that see the data once, a fraction with several D updates a step."""
        return self.supply.order.n_batches / self.config.train.d_steps

    @property
    def epoch(self) -> float:
        """Passes over the data so far."""
        return self.images_seen / self.supply.order.images_per_epoch

    @property
    def is_finished(self) -> bool:
        return self.diverged or self.step >= self.live.n_steps or bool(self.stopping.reason)

    # ---- the generator -------------------------------------------------------------------

    def run(self, n_steps: int | None = None) -> Iterator[Record]:
        """Yield records until the planned end, or for `n_steps` more steps.

        Abandoning the generator loses nothing: another call goes on from the same state. Where
        the run keeps its best state, the trainer is back at it in the end.
        """
        end = self.live.n_steps if n_steps is None else self.step + n_steps
        self.restart_clock()
        if self.tick == 0:
            yield self.draw_samples()
        while not self.is_finished and self.step < end:
            for record in self.advance():
                if isinstance(record, Evaluated) and record.step == self.stopping.best_step:
                    self._keep_best()
                yield record
            if n_steps is None:
                end = self.live.n_steps  # may have been extended meanwhile
        yield from self.report()
        if self.is_finished and not self.diverged:
            yield from self._finish()

    def _keep_best(self) -> None:
        if self.stopping.keeps_best:
            self._best = copy.deepcopy(self.state_dict())

    def _finish(self) -> list[Record]:
        """Go back to the best state if that is what the run keeps; say why it is over."""
        end = self.step
        if self._best is not None and self._best["counters"]["step"] < end:
            self.stopping.finish(end)
            self.load_state_dict(self._best | {"stop": self.stopping.state_dict()})
        reason = self.stopping.reason
        return [Ended(end, self.tick, reason, kept_step=self.step)] if reason else []

    def advance(self, update: Update = "both") -> list[Record]:
        """Train one step, or one lone update of D or of G, and return what it produced."""
        records: list[Record] = []
        if update != "both":  # its numbers are not a step's: they get a report of their own
            records += self.report()
        if self.diverged:
            return records
        rates = rates_due(self.config.train, self.step, self.live)
        values = self._update(update)
        now = self._clock()
        self.elapsed_s += now - self._mark
        self._mark = now
        host = {"time/elapsed_s": self.elapsed_s, "time/epoch": self.epoch, **rates}
        self._meter.record(self.step, values, host)
        self._done_since_snapshot.append(update)
        is_last = self.stopping.note_time(self.elapsed_s) or self.step >= self.live.n_steps
        draw = update == "both" and (is_last or self._samples_are_due())
        measure = update == "both" and self.quality.is_due(self.step, is_last=is_last)
        if update != "both" or draw or measure or self._report_is_due():
            records += self.report()
        else:
            records.append(self._step_done(None))
        if draw and not self.diverged:
            records.append(self.draw_samples())
        if measure and not self.diverged:
            records += self._measure_quality(may_draw=not draw)
            self.restart_clock()  # measuring is no training
        return records

    def _update(self, update: Update) -> dict[str, Tensor]:
        """Do the arithmetic of one step at the learning rates that are due."""
        rates = rates_due(self.config.train, self.step, self.live)
        if rates:
            set_learning_rate(self.players.g_opt, rates["lr/g"])
            set_learning_rate(self.players.d_opt, rates["lr/d"])
        return train_step(self.players, self.supply, self.counters, self.config.train, update)

    # ---- reports, samples, divergence ----------------------------------------------------

    def report(self) -> list[Record]:
        """Bring the waiting numbers off the device; empty when none wait."""
        n = len(self._meter)
        if n == 0:
            return []
        elapsed, step, images = self._report_mark
        span_s = max(self.elapsed_s - elapsed, 1e-9)
        rows = self._meter.rows(
            {
                "speed/steps_per_s": (self.step - step) / span_s,
                "speed/images_per_s": (self.images_seen - images) / span_s,
                **self._grids.newest,
            }
        )
        self._meter.clear()
        self._report_mark = (self.elapsed_s, self.step, self.images_seen)
        trouble = first_non_finite(rows)
        if trouble is not None:
            return [self._go_back(rows, *trouble)]
        if self._clock() - self._snapshot_time >= SNAPSHOT_INTERVAL_S:
            self._snapshot = self._take_snapshot()
        return [self._step_done(rows)]

    def draw_samples(self) -> SamplesReady:
        """Draw a grid with G and with its average, in eval mode, disturbing nothing."""
        players = self.players
        noise = self.supply.grid_noise()
        images, scores = players.draw(players.generator, noise)
        ema_images, ema_scores = None, None
        if players.ema is not None:
            ema_images, ema_scores = players.draw(players.ema.module, noise)
        self._grids.measure(images, ema_images)
        return SamplesReady(
            step=self.step,
            tick=self.tick,
            images=images,
            scores=scores,
            ema_images=ema_images,
            ema_scores=ema_scores,
            labels=None if noise.labels is None else noise.labels.cpu(),
        )

    def _measure_quality(self, *, may_draw: bool) -> list[Record]:
        """Measure the averaged generator, or the generator itself where there is no average.

        A grid is drawn after it, if none was, when the figure ends the run.
        """
        players = self.players
        generator = players.ema.module if players.ema is not None else players.generator
        host = {"time/elapsed_s": self.elapsed_s, "time/epoch": self.epoch}
        record = self.quality.evaluate(generator, step=self.step, tick=self.tick, host=host)
        if record is None:
            return []
        ends = self.stopping.note_quality(record.step, record.distance)
        return [record, self.draw_samples()] if ends and may_draw else [record]

    def _report_is_due(self) -> bool:
        interval_s = self.config.output.report_interval_s
        late = interval_s > 0.0 and self.elapsed_s - self._report_mark[0] >= interval_s
        return self._meter.is_full or late or self.step >= self.live.n_steps

    def _samples_are_due(self) -> bool:
        return samples_are_due(self.step, self.config.output.sample_every, self.live.n_steps)

    def _step_done(self, rows: MetricRows | None) -> StepDone:
        return StepDone(
            step=self.step,
            tick=self.tick,
            images_seen=self.images_seen,
            epoch=self.epoch,
            metrics=rows.last() if rows else None,
            rows=rows,
        )

    def _go_back(self, rows: MetricRows, bad_row: int, key: str, value: float) -> Diverged:
        """Return to the snapshot and repeat the good steps since, up to the bad one."""
        bad_step = int(rows.steps[bad_row])
        n_before_report = len(self._done_since_snapshot) - len(rows.steps)
        good = self._done_since_snapshot[: n_before_report + bad_row]
        self.load_state_dict(self._snapshot | {"stop": self.stopping.state_dict()})
        for update in good:
            self._update(update)
        self.diverged = True
        return Diverged(
            step=bad_step,
            key=key,
            value=str(value),
            last_good_step=self.step,
            tick=self.tick,
            rows=MetricRows(rows.keys, rows.steps[: bad_row + 1], rows.values[: bad_row + 1]),
        )

    # ---- live changes --------------------------------------------------------------------

    def change_live(self, **changes: float | None) -> list[Record]:
        """Change learning rates, the planned end or the pace between two steps.

        Returns the report that the change forces, since later steps have other settings. The
        optimisers keep their moments.
        """
        records = self.report()
        self.live = replace(self.live, **changes)  # type: ignore[arg-type]
        if "n_steps" in changes:
            self.stopping.begin_anew(self.elapsed_s)
        self._apply_live()
        self._snapshot = self._take_snapshot()
        return records

    def restart_clock(self) -> None:
        """Leave the time since the last step out of `elapsed_s` (a pause, a measurement)."""
        self._mark = self._clock()

    def _apply_live(self) -> None:
        set_learning_rate(self.players.g_opt, self.live.g_lr)
        set_learning_rate(self.players.d_opt, self.live.d_lr)

    # ---- saving and resuming -------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """Return everything that the future of the run depends on: tensors and plain data."""
        data = self.supply.data
        return {
            "version": STATE_VERSION,
            "config": self.config.to_json(),
            "data_fingerprint": data.fingerprint,
            "image": {"channels": data.channels, "size_px": data.size_px},
            "classes": list(data.classes),
            "device": str(self.device),
            "n_threads": self.n_threads,
            "kernel": self.players.kernel,
            "torch_version": str(torch.__version__),
            "counters": asdict(self.counters),
            "elapsed_s": self.elapsed_s,
            "live": asdict(self.live),
            "stop": self.stopping.state_dict(),
            **self.players.state_dict(),
            "streams": self._streams.state_dict(),
            "fixed_z": self.supply.fixed.z,
            "grid": dict(self._grids.newest),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from what `state_dict` returned.

        The random stream is restored on the same kind of device; on another kind, whose streams
        have another form, it starts afresh from the seed and the place in the run.

        Raises:
            CheckpointError: unknown version, another data set, or weights that do not fit.
        """
        state = checked_state(state, self.supply.data)
        self._use_implementation(state)
        self.players.load_state_dict(state)
        for name, value in state["counters"].items():
            setattr(self.counters, name, value)
        self.elapsed_s = state["elapsed_s"]
        self.live = LiveValues(**state["live"])
        self.stopping.load_state_dict(state.get("stop", {}))
        self._apply_live()
        self.supply.fix_z(state["fixed_z"])
        if torch.device(state["device"]).type == self.device.type:
            self._streams.load_state_dict(state["streams"])
        else:
            self._streams.start_afresh(str(self.tick))
        self.diverged = False
        self._meter.clear()
        self._grids.newest = dict(state.get("grid", {}))  # absent in states of older versions
        self._report_mark = (self.elapsed_s, self.step, self.images_seen)
        self._snapshot = self._take_snapshot()
        self.restart_clock()

    def _use_implementation(self, state: dict[str, Any]) -> None:
        """Sum floats in the order in which they were summed before: same threads, same kernel."""
        if self.device.type != "cpu" or torch.device(state["device"]).type != "cpu":
            return
        torch.set_num_threads(state["n_threads"])
        self.n_threads = state["n_threads"]
        self.players.use_kernel(state["kernel"])

    def _take_snapshot(self) -> dict[str, Any]:
        self._snapshot_time = self._clock()
        self._done_since_snapshot: list[Update] = []
        return copy.deepcopy(self.state_dict())
