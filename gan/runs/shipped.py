"""Generators that come with the product, as ordinary runs of a home.

Memory layer, without torch. On first use each becomes a run folder like any other, complete at
once or not at all, with the id `shipped-<name>`: so its page, its walls, drawing, evaluating and
exporting need no special case. `workspace/shipped.json` remembers which ones were made, so that
one that the user deleted stays deleted.
"""

import json
import logging
import os
import shutil
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from gan.errors import GanError, StoreError
from gan.runs.cards import (
    HISTORY,
    STORY,
    WEIGHTS,
    Card,
    card_folders,
    check_files,
    read_card,
    shipped_root,
)
from gan.runs.disk import move_into_place, os_errors
from gan.runs.excerpt import Numbers, in_order, read_numbers
from gan.runs.folder import Home, RunFolder, half_made
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.runs.story import Story, read_story

log = logging.getLogger(__name__)

PREFIX = "shipped-"
_LOCK_TIMEOUT_S = 30.0


def install(home: Home, root: Path | None = None) -> list[str]:
    """Make runs of the generators that this home has not had yet.

    Cheap when there is nothing to do, and safe when several processes do it at once.

    Args:
        home: where.
        root: the folder with the generators, by default the product's or `$GAN_SHIPPED`.

    Returns:
        One sentence for each generator that cannot be used; the others are there.

    Raises:
        StoreError: the home cannot be written.
    """
    folders = card_folders(shipped_root() if root is None else root)
    if not _missing(home, folders):
        return []
    home.ensure()
    problems = []
    lock = FileLock(home.workspace_dir / "shipped.lock")
    try:
        with os_errors(f"{lock.lock_file} cannot be locked"), lock.acquire(_LOCK_TIMEOUT_S):
            for folder in _missing(home, folders):  # another process may have been quicker
                try:
                    _install_one(home, folder)
                except GanError as error:
                    problems.append(str(error))
    except Timeout:
        raise StoreError(f"Another process has held {lock.lock_file} for long.") from None
    return problems


def removed(home: Home, root: Path | None = None) -> list[str]:
    """Return the names of the generators that the user deleted for good."""
    folders = card_folders(shipped_root() if root is None else root)
    return [f.name for f in folders if f.name in _known(home) and not _is_there(home, f.name)]


def bring_back(home: Home, name: str, root: Path | None = None) -> RunFolder:
    """Make the run of one generator anew, though it was deleted, for good even.

    Raises:
        GanError: there is no such generator, it is damaged, or its run is there.
    """
    folders = card_folders(shipped_root() if root is None else root)
    fitting = [folder for folder in folders if folder.name == name]
    if not fitting:
        names = ", ".join(folder.name for folder in folders) or "none comes with this copy"
        raise StoreError(f"There is no generator {name!r}: choose one of {names}.")
    if _is_there(home, name):
        raise StoreError(f"The run {PREFIX}{name} is there already, or in the trash.")
    home.ensure()
    _install_one(home, fitting[0])
    return RunFolder(home.runs_dir / f"{PREFIX}{name}")


def _missing(home: Home, folders: list[Path]) -> list[Path]:
    known = _known(home)
    return [folder for folder in folders if folder.name not in known]


def _is_there(home: Home, name: str) -> bool:
    """Tell whether a generator's run is among the runs or in the trash."""
    return any((place / f"{PREFIX}{name}").exists() for place in (home.runs_dir, home.trash_dir))


def _install_one(home: Home, folder: Path) -> None:
    card = read_card(folder)
    target = home.runs_dir / f"{PREFIX}{card.name}"
    if not _is_there(home, card.name):
        check_files(folder, card)
        story, numbers = read_story(folder / STORY), read_numbers(folder / HISTORY)
        with half_made(target) as run:
            _fill(run, folder, card, story, numbers)
    _remember(home, card.name)


def _fill(run: RunFolder, source: Path, card: Card, story: Story, numbers: list[Numbers]) -> None:
    run.config_path.write_text(card.run_config.to_json(), encoding="utf-8")
    run.samples_dir.mkdir()
    run.checkpoints_dir.mkdir()
    for grid in story.grids:
        shutil.copyfile(source / grid.path, run.path / grid.path)
    checkpoint = f"checkpoints/step-{card.step:08d}-tick-{card.tick:09d}.pt"
    shutil.copyfile(source / WEIGHTS, run.path / checkpoint)
    run.log_path.write_text(
        f"This run comes with the product. It was trained with:\n{card.command}\n",
        encoding="utf-8",
    )
    began, ended = card.created_at, card.created_at + card.elapsed_s
    with RunStore.create(run.db_path, _meta(card, story), now=began) as store, store.batch():
        info = card.made_on.model_dump() | {"shipped": card.name}
        attempt = store.begin_attempt(now=began, pid=0, info=info)
        _add_rows(store, attempt, card, story, numbers)
        store.add_checkpoint(
            attempt,
            step=card.step,
            tick=card.tick,
            now=ended,
            path=checkpoint,
            size_bytes=card.files[WEIGHTS].size_bytes,
        )
        _add_progress(store, card, story)
        store.end_attempt(attempt, now=ended, state=RunState.COMPLETED, message="")


def _add_rows(
    store: RunStore, attempt: int, card: Card, story: Story, numbers: list[Numbers]
) -> None:
    for part in in_order(numbers):
        store.add_metrics(attempt, part.keys, part.steps, int(part.ticks[-1]), part.values)
    for grid in story.grids:
        size = {"n": grid.n, "height_px": grid.height_px, "width_px": grid.width_px}
        store.add_sample(
            attempt,
            step=grid.step,
            tick=grid.tick,
            now=card.created_at,
            path=grid.path,
            kind=grid.kind,
            payload=size | ({"scores": list(grid.scores)} if grid.scores else {}),
        )
    for event in story.events:
        store.add_event(
            attempt,
            step=event.step,
            tick=event.tick,
            now=event.at,
            kind=event.kind,
            text=event.text,
            payload=event.payload,
            marks=event.marks,
        )


def _add_progress(store: RunStore, card: Card, story: Story) -> None:
    store.update_progress(
        step=card.step,
        n_steps=card.step,
        tick=card.tick,
        epoch=card.epoch,
        elapsed_s=card.elapsed_s,
        last_metrics=story.last_metrics,
        live=story.live,
    )


def _meta(card: Card, story: Story) -> dict[str, Any]:
    config, data = card.run_config, card.data
    return {
        "name": card.title,
        "note": "",
        "tags": [],
        "labels": {"recipe": config.recipe, "dataset": config.data.dataset},
        "created_at": card.created_at,
        "device": card.made_on.device,
        "data": {
            "name": data.name,
            "why": f"{data.title}, {data.n_images:,} images ({data.licence}).",
            "kind": data.kind,
            "n_images": data.n_images,
            "n_batches": data.n_batches,
            "steps_per_epoch": data.steps_per_epoch,
            "classes": list(data.classes) if config.model.conditional else [],
        },
        "quality": story.quality,
        # Where the last state is shipped, or a chosen one, the curve may show better ones.
        "best": story.quality if card.kept == "best" else {},
        "findings": list(story.findings),
        "shipped": {
            "name": card.name,
            "sentence": card.sentence,
            "command": card.command,
            "licences": f"Data {data.licence}, weights {card.weights_licence}.",
        },
    }


def _known(home: Home) -> set[str]:
    try:
        known = json.loads(_register(home).read_text(encoding="utf-8"))
        return {str(name) for name in known["installed"]}
    except FileNotFoundError:
        return set()
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s cannot be read: %s", _register(home), error)
        return set()


def _remember(home: Home, name: str) -> None:
    path = _register(home)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with os_errors(f"{path} cannot be written"):
        known = sorted(_known(home) | {name})
        partial.write_text(json.dumps({"installed": known}, indent=1), encoding="utf-8")
    move_into_place(partial, path)


def _register(home: Home) -> Path:
    return home.workspace_dir / "shipped.json"
