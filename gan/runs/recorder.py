"""Writes what a trainer yields into a run folder.

Memory layer: the bridge between records and rows. Every method may be called again after it
failed: rows that belong together are written together, and files before the rows that name them.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from gan.config import OutputConfig
from gan.data.dataset import to_hwc
from gan.errors import CheckpointError
from gan.runs.checkpoints import checkpoint_name, load_checkpoint, save_checkpoint
from gan.runs.disk import os_errors
from gan.runs.folder import RunFolder
from gan.runs.retention import checkpoints_to_drop
from gan.runs.rows import Checkpoint
from gan.runs.sheets import save_sheet
from gan.runs.store import RunStore
from gan.training.records import (
    Diverged,
    Evaluated,
    MetricRows,
    Record,
    SamplesReady,
    StepDone,
)


class Recorder:
    """Records one attempt of one run."""

    def __init__(
        self,
        folder: RunFolder,
        store: RunStore,
        attempt: int,
        output: OutputConfig,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.folder = folder
        self.store = store
        self.attempt = attempt
        self.output = output
        self._now = now

    def take(self, record: Record) -> None:
        """Write one record; a step without a report costs nothing.

        Raises:
            StoreError: it cannot be written, and nothing of it was; calling again is safe.
        """
        match record:
            case StepDone(rows=None):
                return
            case StepDone(rows=rows) if rows is not None:
                with self.store.batch():
                    self._add_rows(rows, record.tick)
                    self.store.update_progress(
                        step=record.step,
                        tick=record.tick,
                        epoch=record.epoch,
                        elapsed_s=record.metrics["time/elapsed_s"] if record.metrics else None,
                        last_metrics=record.metrics,
                    )
            case Diverged():
                self._add_divergence(record)
            case SamplesReady():
                self._add_samples(record)
            case Evaluated():
                self._add_rows(record.rows, record.tick)

    def event(
        self, kind: str, text: str, *, step: int, tick: int, marks: bool = False, **payload: Any
    ) -> None:
        """Write that something happened; `marks` draws it on the curves. Raises StoreError."""
        self.store.add_event(
            self.attempt,
            step=step,
            tick=tick,
            now=self._now(),
            kind=kind,
            text=text,
            payload=payload,
            marks=marks,
        )

    def add_real(self, images: torch.Tensor) -> None:
        """Keep a wall of real images `[N, C, H, W]` uint8 to look at beside the samples."""
        path = self.folder.samples_dir / "real.png"
        save_sheet(path, to_hwc(images))
        self._add_sample("real", path.name, 0, 0, _geometry(images))

    def save(self, state: dict[str, Any], step: int, tick: int) -> None:
        """Write a checkpoint and drop those that the retention rule no longer keeps.

        Saving again at the same tick replaces the file, for live values may have changed.

        Raises:
            CheckpointError, StoreError: it cannot be written; older checkpoints are untouched.
        """
        path = self.folder.checkpoints_dir / checkpoint_name(step, tick)
        size_bytes = save_checkpoint(path, state)
        relative = f"checkpoints/{path.name}"
        if relative not in {c.path for c in self.store.list_checkpoints()}:
            self.store.add_checkpoint(
                self.attempt,
                step=step,
                tick=tick,
                now=self._now(),
                path=relative,
                size_bytes=size_bytes,
            )
        self._thin()

    def note_quality(self, record: Evaluated) -> bool:
        """Remember the newest figure and the best; return whether this is the best so far.

        The best is kept among the checkpoints, so save when it is. Raises StoreError.
        """
        meta = self.store.get_meta()
        best = meta.get("best") or {}
        figure: dict[str, Any] = {
            "step": record.step,
            "tick": record.tick,
            "distance": record.distance,
            "features": record.features,
        }
        is_best = best.get("features") != record.features or record.distance < best["distance"]
        self.store.set_meta("quality", figure)
        if is_best:
            self.store.set_meta("best", figure)
        return is_best

    def keep_best(self) -> int | None:
        """Let the best checkpoint count as the run's result; return its step, None if it is gone.

        Raises StoreError.
        """
        best = self.store.get_meta().get("best") or {}
        kept = [c for c in self.store.list_checkpoints() if c.tick == best.get("tick")]
        if not kept:
            return None
        self.store.set_meta("kept", {"step": kept[0].step, "tick": kept[0].tick})
        return kept[0].step

    def forget_quality_after(self, tick: int) -> None:
        """Forget figures that a resumed run has left behind, and its result. Raises StoreError."""
        meta = self.store.get_meta()
        self.store.set_meta("kept", {})
        for name in ("best", "quality"):
            if (meta.get(name) or {}).get("tick", 0) > tick:
                self.store.set_meta(name, {})

    def clean_up(self) -> None:
        """Drop superseded checkpoints, and files that no row names: a killed worker left them.

        Call before anything is written, and after superseding. Raises StoreError.
        """
        for checkpoint in self.store.list_checkpoints(superseded=True):
            self._drop(checkpoint)
        known = {Path(c.path).name for c in self.store.list_checkpoints()}
        with os_errors(f"Files that a killed worker left in {self.folder.path} cannot be removed"):
            for path in self.folder.checkpoints_dir.glob("step-*.pt"):
                if path.name not in known:
                    path.unlink(missing_ok=True)
            for path in self.folder.checkpoints_dir.glob(".*.tmp"):
                path.unlink(missing_ok=True)

    def _thin(self) -> None:
        kept = self.store.list_checkpoints()
        drop = checkpoints_to_drop(
            [c.ordinal for c in kept],
            keep_last=self.output.keep_last,
            keep_every=self.output.keep_every,
            keep_at_most=self.output.keep_at_most,
        )
        best = (self.store.get_meta().get("best") or {}).get("tick")
        for checkpoint in kept:
            if checkpoint.ordinal in drop and checkpoint.tick != best:
                self._drop(checkpoint)

    def _drop(self, checkpoint: Checkpoint) -> None:
        """Forget, then delete: a crash between the two leaves a file for `clean_up`, no gap."""
        self.store.drop_checkpoint(checkpoint.id)
        with os_errors(f"{checkpoint.path} cannot be removed"):
            (self.folder.path / checkpoint.path).unlink(missing_ok=True)

    def _add_rows(self, rows: MetricRows, tick: int) -> None:
        self.store.add_metrics(self.attempt, rows.keys, rows.steps, tick, rows.values)

    def _add_divergence(self, record: Diverged) -> None:
        """Write the good rows, and the bad one apart, after them: resuming supersedes only it."""
        rows = record.rows
        with self.store.batch():
            if len(rows.steps) > 1:
                good = MetricRows(rows.keys, rows.steps[:-1], rows.values[:-1])
                self._add_rows(good, record.tick)
            bad = MetricRows(rows.keys, rows.steps[-1:], rows.values[-1:])
            self._add_rows(bad, record.tick + 1)
            self.store.update_progress(step=record.last_good_step, tick=record.tick)

    def _add_samples(self, record: SamplesReady) -> None:
        walls = [("generator", record.images, record.scores)]
        if record.ema_images is not None and record.ema_scores is not None:
            walls.append(("ema", record.ema_images, record.ema_scores))
        names = [f"{kind}-{record.step:08d}-{record.tick:09d}.png" for kind, _, _ in walls]
        for name, (_, images, _) in zip(names, walls, strict=True):
            save_sheet(self.folder.samples_dir / name, to_hwc(images))
        with self.store.batch():
            for name, (kind, images, scores) in zip(names, walls, strict=True):
                payload = _geometry(images) | {"scores": [round(float(s), 4) for s in scores]}
                self._add_sample(kind, name, record.step, record.tick, payload)

    def _add_sample(
        self, kind: str, name: str, step: int, tick: int, payload: dict[str, Any]
    ) -> None:
        self.store.add_sample(
            self.attempt,
            step=step,
            tick=tick,
            now=self._now(),
            path=f"samples/{name}",
            kind=kind,
            payload=payload,
        )


def newest_checkpoint(
    folder: RunFolder, store: RunStore
) -> tuple[dict[str, Any] | None, list[str]]:
    """Return the newest state that can be read, and a sentence for each that could not."""
    return _first_readable(folder, list(reversed(store.list_checkpoints())))


def result_checkpoint(
    folder: RunFolder, store: RunStore
) -> tuple[dict[str, Any] | None, list[str]]:
    """Do as `newest_checkpoint`, but prefer the one that the run keeps as its result."""
    kept = (store.get_meta().get("kept") or {}).get("tick")
    newest_first = list(reversed(store.list_checkpoints()))
    return _first_readable(folder, sorted(newest_first, key=lambda c: c.tick != kept))


def _first_readable(
    folder: RunFolder, checkpoints: list[Checkpoint]
) -> tuple[dict[str, Any] | None, list[str]]:
    problems: list[str] = []
    for checkpoint in checkpoints:
        try:
            return load_checkpoint(folder.path / checkpoint.path), problems
        except CheckpointError as error:
            problems.append(str(error))
    return None, problems


def _geometry(images: torch.Tensor) -> dict[str, Any]:
    n, _, height, width = images.shape
    return {"n": n, "height_px": height, "width_px": width}
