"""How a generator that comes with the product learned: its sample grids, and what happened.

Memory layer, without torch. The grids are the files of its run, thinned out; `story.json` says
which is which.
"""

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gan.errors import CheckpointError, StoreError
from gan.runs.folder import RunFolder
from gan.runs.rows import Event, Sample
from gan.runs.sheets import Pictures, make_sheet, n_columns

MAX_GRIDS = 16
MAX_BYTES = 1_500_000
_MIN_GRIDS = 5
_GRID_BYTES = 400_000  # before packing; of larger pictures fewer are shown
_MAX_EVENTS = 40


class Grid(BaseModel):
    """One picture file, as the store has it; `path` is relative to the folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["real", "ema", "generator"]
    path: str = Field(pattern=r"^samples/[A-Za-z0-9_-][\w.-]*$")
    step: int = Field(ge=0)
    tick: int = Field(ge=0)
    n: int = Field(ge=1)
    width_px: int = Field(ge=1)
    height_px: int = Field(ge=1)
    scores: tuple[float, ...] = ()


class Happened(BaseModel):
    """One event of the run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: int = Field(ge=0)
    tick: int = Field(ge=0)
    at: float
    kind: str
    text: str
    marks: bool
    payload: dict[str, Any] = {}


class Story(BaseModel):
    """Everything about a run's course that is neither a number nor a weight.

    Attributes:
        quality: step, tick, distance and features as its run would have measured it where it is
            shipped, so that it may stand beside other runs' figures.
        last_metrics: the newest numbers at that step, by key.
        live: the live values in force.
        findings: what diagnosis said at that step, from all numbers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    grids: tuple[Grid, ...]
    events: tuple[Happened, ...] = ()
    quality: dict[str, Any] = {}
    last_metrics: dict[str, float] = {}
    live: dict[str, float | int | None]
    findings: tuple[dict[str, Any], ...] = ()


def read_story(path: Path) -> Story:
    """Read `story.json`. Raises CheckpointError."""
    try:
        return Story.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise CheckpointError(
            f"The story in {path.parent.name} is damaged ({type(error).__name__})."
        ) from None


def choose_grids(samples: list[Sample], n: int) -> list[Sample]:
    """Return n grids of a run: dense at the beginning, where most happens, and the last one."""
    if len(samples) <= n:
        return samples
    places = np.geomspace(1.0, len(samples), n)
    chosen = sorted({round(float(place)) - 1 for place in places} | {0, len(samples) - 1})
    return [samples[i] for i in chosen]


def n_tiles(sample: Sample) -> int:
    """Return how many pictures of a grid are kept: all of small ones, a square of large ones."""
    n = int(sample.payload["n"])
    size = int(sample.payload["height_px"]) * int(sample.payload["width_px"]) * 3
    fitting = max(9, _GRID_BYTES // size)
    return n if n <= fitting else int(fitting**0.5) ** 2


def read_tiles(folder: RunFolder, sample: Sample) -> Pictures:
    """Return the pictures of a grid that are kept, `[n, H, W, C]` uint8. Raises StoreError."""
    try:
        with Image.open(folder.path / sample.path) as image:
            sheet = np.asarray(image if image.mode in ("L", "RGB") else image.convert("RGB"))
    except OSError as error:
        raise StoreError(f"The grid {sample.path} cannot be read ({error}).") from error
    sheet = sheet[..., None] if sheet.ndim == 2 else sheet
    height, width = int(sample.payload["height_px"]), int(sample.payload["width_px"])
    columns = n_columns(int(sample.payload["n"]))
    tiles = []
    for i in range(n_tiles(sample)):
        y, x = (i // columns) * height, (i % columns) * width
        tiles.append(sheet[y : y + height, x : x + width])
    return np.stack(tiles)


def write_grid(path: Path, tiles: Pictures) -> int:
    """Write a grid as tightly as PNG can; return its size in bytes."""
    sheet = make_sheet(tiles)
    image = Image.fromarray(sheet[..., 0] if sheet.shape[-1] == 1 else sheet)
    path.parent.mkdir(exist_ok=True)
    image.save(path, format="PNG", optimize=True)
    return path.stat().st_size


def write_grids(run: RunFolder, samples: list[Sample], target: Path) -> list[Grid]:
    """Copy grids of a run into a folder, as many as fit. Raises StoreError."""
    n = MAX_GRIDS
    while True:
        chosen = choose_grids(samples, n)
        grids, total = [], 0
        for sample in chosen:
            tiles = read_tiles(run, sample)
            total += write_grid(target / sample.path, tiles)
            grids.append(as_grid(sample, len(tiles)))
        if total <= MAX_BYTES or n <= _MIN_GRIDS:
            return grids
        for sample in chosen:
            (target / sample.path).unlink()
        n = max(_MIN_GRIDS, n * 2 // 3)


def as_grid(sample: Sample, n: int) -> Grid:
    """Return a picture's row with the first n of its pictures."""
    return Grid(
        kind=sample.kind,  # checked by the model
        path=sample.path,
        step=sample.step,
        tick=sample.tick,
        n=n,
        width_px=int(sample.payload["width_px"]),
        height_px=int(sample.payload["height_px"]),
        scores=tuple(sample.payload.get("scores", ())[:n]),
    )


def choose_events(events: list[Event], last_tick: int) -> list[Happened]:
    """Return what mattered: the starts, the changes and the end; not every save."""
    kinds = ("started", "completed", "stopped", "diverged")
    wanted = [e for e in events if e.tick <= last_tick and (e.marks or e.kind in kinds)]
    return [
        Happened(
            step=event.step,
            tick=event.tick,
            at=event.at,
            kind=event.kind,
            text=event.text,
            marks=event.marks,
            payload=event.payload,
        )
        for event in wanted[-_MAX_EVENTS:]
    ]
