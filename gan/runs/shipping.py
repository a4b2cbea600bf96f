"""Making a generator that comes with the product out of a finished run.

Memory layer; imports torch. The folder appears complete or not at all, and its card is read back
before that. What is in such a folder stands in `gan.runs.cards`.
"""

import platform
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gan.config import RunConfig
from gan.data.catalog import get_dataset_info
from gan.data.dataset import to_hwc
from gan.diagnosis.findings import diagnose
from gan.diagnosis.history import history_of
from gan.errors import CheckpointError, StoreError
from gan.models.plan import plan_pair
from gan.runs import cards
from gan.runs.cards import Card, Check, DataUsed, Machine, Measured
from gan.runs.checkpoints import load_checkpoint, save_checkpoint
from gan.runs.control import read_config
from gan.runs.cores import count_cores
from gan.runs.disk import move_into_place, os_errors
from gan.runs.excerpt import MAX_ROWS, Numbers, gather, in_order, write_numbers
from gan.runs.folder import RunFolder
from gan.runs.rows import Attempt, Checkpoint, Sample
from gan.runs.store import RunStore
from gan.runs.story import (
    Grid,
    Story,
    as_grid,
    choose_events,
    n_tiles,
    read_tiles,
    write_grid,
    write_grids,
)
from gan.runs.watching import EVENT_KIND
from gan.training.shipping import draw_fixed, lighten

MAX_HISTORY_BYTES = 300_000

Kept = Literal["best", "last", "chosen"]


@dataclass(frozen=True)
class Figures:
    """How good a generator is.

    Attributes:
        quality, check: for its card.
        as_in_training: the distance that its run would have measured, to stand beside others'.
        features: in which features that is.
    """

    quality: tuple[Measured, ...]
    check: Check
    as_in_training: float
    features: str


Measure = Callable[[dict[str, Any]], Figures]
"""Measures the generator of a light state."""


@dataclass(frozen=True)
class Words:
    """What a card says that the run does not know."""

    name: str
    title: str
    sentence: str
    command: str
    weights_licence: str = "MIT"


def choose_checkpoint(folder: RunFolder, step: str) -> tuple[Checkpoint, Kept]:
    """Return the checkpoint that `best`, `last` or a number of steps means.

    Raises:
        CheckpointError: there is none.
    """
    with RunStore.open(folder.db_path) as store:
        checkpoints = store.list_checkpoints()
        best = (store.get_meta().get("best") or {}).get("tick")
    if not checkpoints:
        raise CheckpointError(f"The run {folder.id} has no checkpoint: train it first.")
    if step == "last":
        return checkpoints[-1], "last"
    if step == "best":
        fitting = [c for c in checkpoints if c.tick == best]
        problem = "the quality was never measured: choose last, or a step"
    else:
        fitting = [c for c in checkpoints if str(c.step) == step]
        problem = f"choose one of {', '.join(str(c.step) for c in checkpoints)}"
    if not fitting:
        raise CheckpointError(f"There is no checkpoint {step} of the run {folder.id}: {problem}.")
    return fitting[-1], "best" if step == "best" else "chosen"


def ship(
    folder: RunFolder,
    out: Path,
    words: Words,
    *,
    step: str,
    measure: Measure,
    replace: bool = False,
) -> Card:
    """Make `out/<name>/` from a run and return its card.

    Args:
        folder: the run.
        out: where generators are kept.
        words: what its card says.
        step: `best`, `last`, or the step of a checkpoint.
        measure: measures what is shipped.
        replace: an older generator of this name goes.

    Raises:
        GanError: the run has nothing to ship, the folder cannot be written, or is there already.
    """
    target = out / words.name
    if target.exists() and not replace:
        raise StoreError(f"{target} exists already: choose another name, or say --replace.")
    checkpoint, kept = choose_checkpoint(folder, step)
    state = lighten(load_checkpoint(folder.path / checkpoint.path))
    config = cards.portable(RunConfig.from_json(state["config"]))
    state |= {"config": config.to_json()}
    half_made = out / f".{words.name}.partial"
    with os_errors(f"{target} cannot be written"):
        shutil.rmtree(half_made, ignore_errors=True)
        half_made.mkdir(parents=True)
        try:
            save_checkpoint(half_made / cards.WEIGHTS, state)
            # From the file, as everybody else will read it.
            figures = measure(load_checkpoint(half_made / cards.WEIGHTS))
            _write_course(folder, checkpoint, state, half_made, figures)
            card = _card(
                folder, checkpoint, state, half_made,
                words=words, kept=kept, figures=figures,
            )  # fmt: skip
            (half_made / cards.CARD).write_text(card.to_json(), encoding="utf-8")
            shutil.rmtree(target, ignore_errors=True)
            move_into_place(half_made, target)
        finally:
            shutil.rmtree(half_made, ignore_errors=True)
    cards.check_files(target, cards.read_card(target))
    return card


def update_table(out: Path) -> bool:
    """Write the table of all cards into `out/README.md`, if it has the two marks for it."""
    readme = out / "README.md"
    try:
        text = readme.read_text(encoding="utf-8")
    except OSError:
        return False
    before, begin, rest = text.partition(cards.TABLE_BEGIN)
    _, end, after = rest.partition(cards.TABLE_END)
    if not (begin and end):
        return False
    found = [cards.read_card(path) for path in cards.card_folders(out)]
    table = f"{cards.cards_table(found)}\n" if found else ""
    with os_errors(f"{readme} cannot be written"):
        readme.write_text(f"{before}{begin}\n{table}{end}{after}", encoding="utf-8")
    return True


def _write_course(
    folder: RunFolder,
    checkpoint: Checkpoint,
    state: dict[str, Any],
    target: Path,
    figures: Figures,
) -> None:
    """Write how it learned: numbers, grids, events, and what was measured where it is shipped."""
    with RunStore.open(folder.db_path) as store:
        groups = gather(store.read_metrics(), last_tick=checkpoint.tick)
        samples, events = store.read_samples(), store.read_events()
    _write_history(target / cards.HISTORY, groups)
    place = {"step": checkpoint.step, "tick": checkpoint.tick}
    story = Story(
        grids=tuple(_write_grids(folder, samples, checkpoint, state, target)),
        events=tuple(choose_events(events, checkpoint.tick)),
        quality={**place, "distance": figures.as_in_training, "features": figures.features},
        last_metrics=_last_metrics(groups),
        live=state["live"],
        findings=tuple(_findings(groups, read_config(folder))),
    )
    (target / cards.STORY).write_text(story.model_dump_json(indent=1) + "\n", encoding="utf-8")


def _write_history(path: Path, groups: list[Numbers]) -> None:
    """Write the numbers, fewer of them until the file is small enough."""
    max_rows = MAX_ROWS
    while True:
        write_numbers(path, [group.thinned(max_rows) for group in groups])
        if path.stat().st_size <= MAX_HISTORY_BYTES or max_rows < 100:
            return
        max_rows = max_rows * 3 // 4


def _write_grids(
    folder: RunFolder,
    samples: list[Sample],
    checkpoint: Checkpoint,
    state: dict[str, Any],
    target: Path,
) -> list[Grid]:
    """Write the real wall, the course of training, and what the shipped weights draw."""
    grids = []
    for real in [s for s in samples if s.kind == "real"][-1:]:
        tiles = read_tiles(folder, real)
        write_grid(target / real.path, tiles)
        grids.append(as_grid(real, len(tiles)))
    kind = "generator" if state["g_ema"] is None else "ema"
    course = [s for s in samples if s.kind == kind and s.tick < checkpoint.tick]
    grids += write_grids(folder, course, target)
    images, scores = draw_fixed(state)
    pictures = to_hwc(images)
    n, height, width, _ = pictures.shape
    last = Sample(
        id=0,
        attempt=0,
        step=checkpoint.step,
        tick=checkpoint.tick,
        at=0.0,
        path=f"samples/{kind}-{checkpoint.step:08d}-{checkpoint.tick:09d}.png",
        kind=kind,
        payload={
            "n": n,
            "height_px": height,
            "width_px": width,
            "scores": [round(float(score), 4) for score in scores],
        },
    )
    kept = n_tiles(last)
    write_grid(target / last.path, pictures[:kept])
    return [*grids, as_grid(last, kept)]


def _findings(groups: list[Numbers], config: RunConfig) -> list[dict[str, Any]]:
    """Return what diagnosis says of the whole numbers: thinned ones look wilder than they were."""
    history = history_of((part.keys, part.steps, part.values) for part in in_order(groups))
    return [finding.to_dict() for finding in diagnose(history, config)]


def _last_metrics(groups: list[Numbers]) -> dict[str, float]:
    found: dict[str, float] = {}
    for group in groups:
        if "loss/d" in group.keys:
            values = zip(group.keys, group.values[-1].tolist(), strict=True)
            found |= {key: value for key, value in values if np.isfinite(value)}
    return found


def _card(
    folder: RunFolder,
    checkpoint: Checkpoint,
    state: dict[str, Any],
    half_made: Path,
    *,
    words: Words,
    kept: Kept,
    figures: Figures,
) -> Card:
    config = RunConfig.from_json(state["config"])
    with RunStore.open(folder.db_path) as store:
        meta, attempts, events = store.get_meta(), store.list_attempts(), store.read_events()
    pair = plan_pair(
        config.model,
        img_channels=state["image"]["channels"],
        size_px=state["image"]["size_px"],
        n_classes=len(state["classes"]) if config.model.conditional else 0,
    )
    counters = state["counters"]
    data = _data_used(meta.get("data") or {}, state)
    return Card(
        name=words.name,
        title=words.title,
        sentence=words.sentence,
        config=_pinned(config, data).model_dump(mode="json"),
        data=data,
        weights_licence=words.weights_licence,
        command=words.command,
        changes=tuple(
            f"step {event.step:,}: {event.text}"
            for event in events
            if event.marks and event.kind != EVENT_KIND and event.tick <= checkpoint.tick
        ),
        kept=kept,
        step=checkpoint.step,
        tick=checkpoint.tick,
        images_seen=counters["images_seen"],
        epoch=round(checkpoint.step / data.steps_per_epoch, 4),
        elapsed_s=round(state["elapsed_s"], 2),
        made_on=_machine(attempts, meta, state),
        n_parameters={
            "generator": pair.generator.n_parameters,
            "discriminator": pair.discriminator.n_parameters,
        },
        quality=figures.quality,
        check=figures.check,
        created_at=float(meta.get("created_at") or checkpoint.at),
        files=cards.file_facts(half_made),
    )


def _pinned(config: RunConfig, data: DataUsed) -> RunConfig:
    """Return settings that find the same images on a machine that has the published ones, too."""
    if data.kind == "drawn" and data.name != config.data.dataset:  # they stood in
        return config.with_changes({"data.source": "drawn"})
    return config


def _data_used(facts: dict[str, Any], state: dict[str, Any]) -> DataUsed:
    info = get_dataset_info(str(facts.get("name")))
    return DataUsed(
        name=info.name,
        title=info.title,
        licence=info.licence,
        kind=facts["kind"],
        n_images=facts["n_images"],
        n_batches=facts["n_batches"],
        steps_per_epoch=facts["steps_per_epoch"],
        channels=state["image"]["channels"],
        size_px=state["image"]["size_px"],
        classes=tuple(state["classes"]),
        fingerprint=state["data_fingerprint"],
    )


def _machine(attempts: list[Attempt], meta: dict[str, Any], state: dict[str, Any]) -> Machine:
    info = attempts[-1].info if attempts else {}
    is_here = info.get("host") == platform.node()
    return Machine(
        processor=_processor() if is_here else "unknown",
        n_cores=count_cores() if is_here else 0,
        n_threads=state["n_threads"],
        device=str(meta.get("device") or "unknown"),
        torch=state["torch_version"],
        python=str(info.get("python") or "unknown"),
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()
