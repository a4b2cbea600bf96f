"""The generators that a studio holds ready: read once, and the few last used stay.

Memory layer, with torch. A picture is the same whatever it is drawn together with: networks are
always given blocks of the same size, since another size may sum in another order, which can move a
pixel by a grey level.
"""

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gan.config import RunConfig
from gan.data.dataset import to_hwc, to_uint8
from gan.errors import CheckpointError, ConfigError, GanError, StoreError
from gan.models.linear import best_kernel, use_kernel
from gan.models.network import Generator
from gan.runs.folder import Home, RunFolder
from gan.runs.saved_states import read_saved, saved_steps
from gan.runs.store import RunStore
from gan.runs.studio.records import Drawn, Source
from gan.training.judging import Judge, load_judge
from gan.training.saved import SavedGenerator, grid_noise, load_generator

BLOCK = 8
"""z that a network is given together. Larger blocks cost one picture time, smaller ones many."""

MAX_PICTURES = 4_096
"""That one question may ask for."""

_MAX_HELD = 6
_Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, eq=False)
class Held:
    """A generator on the shelf.

    Attributes:
        config: of its run.
        generator: in eval mode.
        judge: the run's discriminator at that moment, None where the state holds none.
        has_average: whether the state holds a moving average.
        dataset: what the run learned from.
        fingerprint: of those pictures; empty where the state does not say.
        grid: z and classes of the run's own sample grid.
    """

    config: RunConfig
    generator: SavedGenerator
    judge: Judge | None
    has_average: bool
    dataset: str
    fingerprint: str
    grid: tuple[Tensor, Tensor | None]

    @property
    def network(self) -> Generator:
        """The network itself."""
        assert isinstance(self.generator.network, Generator)
        return self.generator.network

    @property
    def channels(self) -> int:
        """Of its pictures."""
        return self.network.img_channels

    @property
    def size_px(self) -> int:
        """Of its pictures."""
        return self.network.size_px

    def labels_for(self, n: int, labels: npt.NDArray[Any] | None) -> Tensor | None:
        """Return the classes `[n]` to draw, going round where none are given.

        Raises:
            ConfigError: the labels do not fit the generator.
        """
        n_classes = len(self.generator.classes)
        if n_classes == 0:
            return None
        if labels is None:
            return torch.arange(n) % n_classes
        fits = labels.shape == (n,) and n > 0 and labels.min() >= 0 and labels.max() < n_classes
        if not fits:
            raise ConfigError(
                f"Classes of shape {list(labels.shape)} do not fit {n} pictures of a generator "
                f"with {n_classes} classes: give one number from 0 to {n_classes - 1} for each."
            )
        return torch.from_numpy(labels.astype(np.int64))

    def images(self, z: Tensor, labels: Tensor | None) -> Tensor:
        """Return `[n, C, H, W]` float32 in [-1, 1] of z `[n, latent_dim]`, block by block.

        Raises:
            ConfigError: z does not fit. CheckpointError: the generator draws no numbers.
        """
        self._check(z)
        with torch.no_grad():
            images = torch.cat([
                self.generator.network(part, some)[:n] for part, some, n in _blocks(z, labels)
            ])  # fmt: skip
        if not torch.isfinite(images).all():
            raise CheckpointError(
                f"The generator of step {self.generator.step:,} draws values that are not finite: "
                "choose a checkpoint from before the trouble."
            )
        return images

    def draw(self, z: Tensor, labels: Tensor | None, *, scores: bool = False) -> Drawn:
        """Return pictures as bytes and, if asked for, D's raw scores.

        Raises:
            ConfigError: z does not fit, or there is no discriminator to ask.
            CheckpointError: the generator draws no numbers.
        """
        if scores and self.judge is None:
            raise ConfigError(
                f"The checkpoint of step {self.generator.step:,} holds no discriminator, so there "
                "are no scores: draw without them."
            )
        images = self.images(z, labels)
        said = None
        if scores and self.judge is not None:
            judge = self.judge
            parts = [judge.scores(part, some)[:n] for part, some, n in _blocks(images, labels)]
            said = torch.cat(parts).numpy()
        asked = None if labels is None else labels.numpy()
        return Drawn(to_hwc(to_uint8(images)), asked, said)

    def _check(self, z: Tensor) -> None:
        wanted = self.generator.latent_dim
        if z.ndim != 2 or z.shape[1] != wanted or not 1 <= len(z) <= MAX_PICTURES:
            raise ConfigError(
                f"z of shape {list(z.shape)} does not fit this generator: give from 1 to "
                f"{MAX_PICTURES:,} points of {wanted} numbers each."
            )
        if not torch.isfinite(z).all():
            raise ConfigError("z holds values that are not finite: give ordinary numbers.")


class Shelf:
    """Reads generators when they are asked for and keeps the last few."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._held: OrderedDict[Source, tuple[_Stamp, Held]] = OrderedDict()

    def take(self, source: Source) -> Held:
        """Return a generator; a file that has changed since is read anew.

        Raises:
            GanError: the run or its checkpoint is missing, damaged or of an unknown version.
        """
        folder = self.folder(source)
        stamp = _stamp(folder)
        if self._held.get(source, (None,))[0] != stamp:
            self._held[source] = stamp, _load(folder, source)
        self._held.move_to_end(source)
        while len(self._held) > _MAX_HELD:
            self._held.popitem(last=False)
        return self._held[source][1]

    def steps(self, source: Source) -> tuple[int, ...]:
        """Return all saved steps of a source's run. Raises StoreError."""
        return saved_steps(self.folder(source))

    def folder(self, source: Source) -> RunFolder:
        """Return the run's folder. Raises StoreError if there is none of this id."""
        folder = RunFolder(self._home.runs_dir / source.run_id)
        is_id = Path(source.run_id).name == source.run_id and not source.run_id.startswith(".")
        if not is_id or not folder.db_path.is_file():
            raise StoreError(
                f"There is no run {source.run_id!r} any more: choose another generator, or restore "
                "it from the trash."
            )
        return folder


def _load(folder: RunFolder, source: Source) -> Held:
    state, _ = read_saved(folder, source.step)
    try:
        generator = load_generator(state, use_average=source.average)
        judge = load_judge(state, generator)
        config = RunConfig.from_json(state["config"])
        use_kernel(generator.network, best_kernel(torch.device("cpu")))
        has_average = state["g_ema"] is not None
        grid = grid_noise(state)
    except GanError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise CheckpointError(
            f"The checkpoint of the run {folder.id} holds no generator that this program can read "
            f"({type(error).__name__}: {error}): choose another step."
        ) from error
    fingerprint = str(state.get("data_fingerprint") or "")
    dataset = _dataset(folder, config)
    return Held(config, generator, judge, has_average, dataset, fingerprint, grid)


def _dataset(folder: RunFolder, config: RunConfig) -> str:
    """Return which data the run really learned from; the settings may have asked for others."""
    with RunStore.open(folder.db_path) as store:
        data = store.get_meta().get("data") or {}
    return str(data.get("name") or config.data.dataset)


def _stamp(folder: RunFolder) -> _Stamp:
    """Return a value that changes whenever a checkpoint comes, goes or is written over."""
    stamps = []
    for file in sorted(folder.checkpoints_dir.glob("*.pt")):
        with suppress(FileNotFoundError):  # a worker has just thinned it out
            stat = file.stat()
            stamps.append((file.name, stat.st_mtime_ns, stat.st_size))
    return tuple(stamps)


def _blocks(rows: Tensor, labels: Tensor | None) -> list[tuple[Tensor, Tensor | None, int]]:
    """Return rows `[n, …]` and their labels in blocks of one size, and how many rows count.

    The last block is filled up with its own last row.
    """
    blocks = []
    for first in range(0, len(rows), BLOCK):
        n = min(BLOCK, len(rows) - first)
        where = torch.arange(first, first + BLOCK).clamp(max=first + n - 1)
        blocks.append((rows[where], None if labels is None else labels[where], n))
    return blocks
