"""The frames of a timelapse: saved sample grids, enlarged, each above a line that names its step.

Memory layer, without torch; `gan.runs.timelapse` writes them to files.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gan.errors import DataError
from gan.runs.folder import RunFolder
from gan.runs.rows import MetricChunk, Sample
from gan.runs.sheets import Pictures, make_sheet, n_columns
from gan.runs.store import RunStore

GRID_PX = 640  # grids are enlarged to about this size, and never shrunk
GUTTER_PX = 2
_EPOCH = "time/epoch"


@dataclass(frozen=True)
class Film:
    """The frames of a timelapse, each made when it is asked for; memory holds one at a time.

    Attributes:
        tile_px: height and width of a picture in the film; the same for all frames.
        n_tiles: places in the grid.
        n_channels: 1 or 3.
    """

    folder: RunFolder
    samples: list[Sample]
    captions: list[str]
    tile_px: tuple[int, int]
    n_tiles: int
    n_channels: int

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, i: int) -> Pictures:
        """Return a frame `[H, W, C]` uint8 with even sides."""
        tiles = _read_tiles(self.folder, self.samples[i])[: self.n_tiles]
        height, width = self.tile_px
        page = np.full((self.n_tiles, height, width, self.n_channels), 255, dtype=np.uint8)
        for place, tile in zip(page, tiles, strict=False):
            place[:] = _enlarged(tile, height, width)
        grid = make_sheet(page, gutter_px=GUTTER_PX)
        bar = _caption_bar(self.captions[i], grid.shape[1], self.n_channels)
        frame = np.concatenate([grid, bar])
        odd_y, odd_x = frame.shape[0] % 2, frame.shape[1] % 2
        return np.pad(frame, ((0, odd_y), (0, odd_x), (0, 0)), constant_values=255)

    def __iter__(self) -> Iterator[Pictures]:
        return (self[i] for i in range(len(self)))


def open_film(folder: RunFolder, *, raw: bool, n_tiles: int, max_frames: int | None) -> Film:
    """Return a run's grids as a film; see `write_timelapse`. Raises DataError, StoreError."""
    with RunStore.open(folder.db_path) as store:
        samples = saved_grids(store, raw=raw)
        chunks = store.read_metrics()
    if not samples:
        raise DataError(f"The run {folder.id} has no sample grid yet, so there is no timelapse.")
    if max_frames is not None and len(samples) > max_frames:
        chosen = np.linspace(0, len(samples) - 1, max_frames).round().astype(int)
        samples = [samples[i] for i in chosen]
    last = _read_tiles(folder, samples[-1])
    n_tiles = min(n_tiles, max(sample.payload["n"] for sample in samples))
    height, width, n_channels = last.shape[1:]
    factor = max(1, round(GRID_PX / (n_columns(n_tiles) * max(height, width))))
    return Film(
        folder,
        samples,
        _captions([sample.step for sample in samples], chunks),
        (factor * height, factor * width),
        n_tiles,
        n_channels,
    )


def saved_grids(store: RunStore, *, raw: bool) -> list[Sample]:
    """Return the grids of the averaged generator, or of the raw one, in the order of training."""
    samples = [] if raw else store.read_samples("ema")
    return sorted(samples or store.read_samples("generator"), key=lambda s: (s.tick, s.id))


def _read_tiles(folder: RunFolder, sample: Sample) -> Pictures:
    """Return a grid's pictures `[N, H, W, C]` uint8. Raises DataError."""
    try:
        with Image.open(folder.path / sample.path) as image:
            sheet = np.asarray(image)
    except (OSError, SyntaxError) as error:  # Pillow calls a broken PNG a syntax error
        raise DataError(f"The sample grid {sample.path} cannot be read ({error}).") from error
    height, width, n = (int(sample.payload[key]) for key in ("height_px", "width_px", "n"))
    columns = n_columns(n)
    rows = -(-n // columns)
    if sheet.shape[:2] != (rows * height, columns * width):
        raise DataError(f"The sample grid {sample.path} is not as large as the run says.")
    tiles = sheet.reshape(rows, height, columns, width, -1).swapaxes(1, 2)
    return tiles.reshape(rows * columns, height, width, -1)[:n]


def _enlarged(tile: Pictures, height: int, width: int) -> Pictures:
    """Return a picture `[H, W, C]` in another size; whole factors repeat its pixels."""
    rows = np.arange(height) * tile.shape[0] // height
    columns = np.arange(width) * tile.shape[1] // width
    enlarged: Pictures = tile[rows[:, None], columns]
    return enlarged


def _captions(steps: list[int], chunks: list[MetricChunk]) -> list[str]:
    """Return 'step 1,200 · epoch 2.6' for each step; the epoch only where it was measured."""
    measured = [(c.steps, c.values[:, c.keys.index(_EPOCH)]) for c in chunks if _EPOCH in c.keys]
    texts = [f"step {step:,}" for step in steps]
    if not measured:
        return texts
    at = np.concatenate([[0], *(steps_ for steps_, _ in measured)])
    epochs = np.interp(steps, at, np.concatenate([[0.0], *(values for _, values in measured)]))
    return [f"{text} · epoch {epoch:.1f}" for text, epoch in zip(texts, epochs, strict=True)]


def _caption_bar(text: str, width: int, n_channels: int) -> Pictures:
    """Return black text on white, `[h, width, C]` uint8."""
    size = max(10, min(width // 30, 64))
    image = Image.new("L", (width, size * 8 // 5), 255)
    font = ImageFont.load_default(size)
    draw = ImageDraw.Draw(image)
    draw.text((size // 3, image.height // 2), text, fill=0, font=font, anchor="lm")
    return np.repeat(np.asarray(image)[..., None], n_channels, axis=2)
