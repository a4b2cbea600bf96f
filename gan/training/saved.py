"""A generator taken out of a saved state, to draw with.

Motion layer. A state is what `Trainer.state_dict` returned; it says by itself which network it
holds, so nothing of the data is needed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gan.config import RunConfig
from gan.data.sources import get_dataset_info
from gan.errors import CheckpointError, ConfigError
from gan.models.registry import build_pair
from gan.training.restoring import STATE_VERSION
from gan.training.streams import make_stream

_BATCH = 256
_READABLE = (1, STATE_VERSION)


@dataclass(frozen=True)
class SavedGenerator:
    """A generator in eval mode, on the CPU.

    Attributes:
        network: maps z `[N, latent_dim]` (and labels `[N]`) to images in [-1, 1].
        classes: names of the classes it can be asked for; empty for an unconditional one.
        step: of the run, when it was saved.
        is_average: whether it is the moving average (EMA) of the run's generator.
    """

    network: nn.Module
    latent_dim: int
    classes: tuple[str, ...]
    step: int
    is_average: bool

    def draw(self, n: int, seed: int, class_name: str | None = None) -> Tensor:
        """Return `[n, C, H, W]` float32 in [-1, 1]; the first k are the same for any n.

        Without a class, the classes go round.

        Raises:
            ConfigError: there is no such class, or the generator knows none.
        """
        return torch.cat([images for images, _ in self.batches(n, seed, class_name)])

    def batches(
        self, n: int, seed: int, class_name: str | None = None
    ) -> Iterator[tuple[Tensor, Tensor | None]]:
        """Yield what `draw` returns piece by piece, with the classes `[k]` that were asked for.

        z is always drawn in whole blocks, since torch fills another shape in another order.
        """
        labels = self._labels(n, class_name)
        for first, z in zip(range(0, n, _BATCH), self._z_blocks(n, seed), strict=True):
            part = None if labels is None else labels[first : first + _BATCH]
            with torch.no_grad():
                images = self.network(z, part)
            yield images, part

    def z_of(self, n: int, seed: int) -> Tensor:
        """Return the z `[n, latent_dim]` float32 from which `draw` draws."""
        return torch.cat(list(self._z_blocks(n, seed)))

    def _z_blocks(self, n: int, seed: int) -> Iterator[Tensor]:
        rng = torch.Generator().manual_seed(seed)
        for first in range(0, n, _BATCH):
            yield torch.randn(_BATCH, self.latent_dim, generator=rng)[: n - first]

    def class_number(self, class_name: str | None) -> int | None:
        """Return the number of a class by its name; None for none.

        Raises:
            ConfigError: there is no such class, or the generator knows none.
        """
        if class_name is None:
            return None
        if not self.classes:
            raise ConfigError(
                f"The class {class_name!r} cannot be asked for: this generator was trained "
                "without classes (model.conditional)."
            )
        if class_name not in self.classes:
            raise ConfigError(
                f"There is no class {class_name!r}: choose one of {', '.join(self.classes)}."
            )
        return self.classes.index(class_name)

    def _labels(self, n: int, class_name: str | None) -> Tensor | None:
        number = self.class_number(class_name)
        if not self.classes:
            return None
        return torch.arange(n) % len(self.classes) if number is None else torch.full((n,), number)


def load_generator(state: dict[str, Any], *, use_average: bool = True) -> SavedGenerator:
    """Build the generator that a state holds: its moving average, if asked for and there.

    Raises:
        CheckpointError: the state is of another version, or its weights do not fit.
    """
    config = _readable_config(state)
    image = state.get("image")
    if image is None:  # version 1, whose runs knew grey data sets only
        info = get_dataset_info(config.data.dataset)
        image = {"channels": info.channels, "size_px": info.size_px}
    classes = tuple(state.get("classes", ())) if config.model.conditional else ()
    network, _ = build_pair(
        config.model,
        img_channels=image["channels"],
        size_px=image["size_px"],
        n_classes=len(classes),
    )
    is_average = use_average and state["g_ema"] is not None
    try:
        network.load_state_dict(state["g_ema" if is_average else "generator"])
    except (RuntimeError, TypeError, AttributeError) as error:
        raise CheckpointError(
            f"The checkpoint does not fit the run's networks ({str(error).splitlines()[0]})."
        ) from error
    step = state["counters"]["step"]
    return SavedGenerator(network.eval(), config.model.latent_dim, classes, step, is_average)


def grid_noise(state: dict[str, Any]) -> tuple[Tensor, Tensor | None]:
    """Return what the sample grid of a saved moment was drawn from.

    Returns:
        z `[n, latent_dim]` float32 and, for a conditional generator, classes `[n]` int64.

    Raises:
        CheckpointError: the state is of another version.
    """
    config = _readable_config(state)
    z = state["fixed_z"].float().cpu()
    if config.output.sample_z == "fresh":
        at = state["counters"]
        purpose = f"grid_z/{at['d_updates']}/{at['g_updates']}"
        stream = make_stream(config.train.seed, purpose, torch.device("cpu"))
        z = torch.randn(z.shape, generator=stream)
    n_classes = len(state.get("classes", ())) if config.model.conditional else 0
    return z, torch.arange(len(z)) % n_classes if n_classes else None


def _readable_config(state: dict[str, Any]) -> RunConfig:
    if state.get("version") not in _READABLE:
        raise CheckpointError(
            f"The checkpoint has version {state.get('version')!r}, this program reads "
            f"{STATE_VERSION}."
        )
    return RunConfig.from_json(state["config"])
