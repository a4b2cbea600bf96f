"""What the networks are given: batches of real images and of random numbers.

Motion layer. Which images come when follows from the seed and the place in the run; z, classes
and mirroring come from streams of their own.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from gan.config import RunConfig
from gan.data.augment import mirror
from gan.data.dataset import ImageData, scale
from gan.data.order import BatchOrder
from gan.errors import ConfigError
from gan.training.streams import Streams, make_stream

_RESIDENT_BYTES = 2 << 30
"""Larger data sets stay on the CPU, perhaps on disk, and travel to a GPU batch by batch."""


@dataclass
class Counters:
    """How far a run is; a checkpoint carries them.

    Attributes:
        step: pairs of D and G updates.
        d_updates, g_updates: updates of each network, lone ones included.
        batches_drawn, images_seen: real batches, and the images in them.
    """

    step: int = 0
    d_updates: int = 0
    g_updates: int = 0
    batches_drawn: int = 0
    images_seen: int = 0


@dataclass(frozen=True)
class Batch:
    """Images `[N, C, H, W]` float32 in [-1, 1]; labels `[N]` int64 for conditional networks."""

    images: Tensor
    labels: Tensor | None

    def __len__(self) -> int:
        return len(self.images)

    def detached(self) -> "Batch":
        """Return the same images without the graph that made them."""
        return Batch(self.images.detach(), self.labels)


@dataclass(frozen=True)
class Noise:
    """What a generator draws from: z `[N, latent_dim]`; labels `[N]` for conditional networks."""

    z: Tensor
    labels: Tensor | None

    def __len__(self) -> int:
        return len(self.z)


class Supply:
    """Draws real batches and noise for one run.

    Attributes:
        data: the images, on the device unless they are too many.
        order: which of them come when.
        n_classes: 0 unless the networks are conditional.
        fixed: the noise of the sample grids, its classes going round.
    """

    def __init__(
        self,
        config: RunConfig,
        data: ImageData,
        device: torch.device,
        streams: Streams,
        counters: Counters,
    ) -> None:
        """Prepare; nothing is drawn.

        Raises:
            ConfigError: the networks want classes that the data does not have, or a batch does
                not suit the number of images.
        """
        is_small = data.images.numel() <= _RESIDENT_BYTES
        self.data = data.to(device) if is_small else data
        self.order = BatchOrder(
            data.n_images,
            config.train.real_batch_size,
            drop_last=config.train.drop_last,
            seed=config.train.seed,
            replacement=config.train.sampling == "replacement",
        )
        self.n_classes = 0
        if config.model.conditional:
            if data.labels is None or len(data.classes) < 2:
                raise ConfigError(
                    f"model.conditional is on, and {data.name} has no classes: turn it off, or "
                    "put your pictures into one sub-folder a class."
                )
            self.n_classes = len(data.classes)
        self._config = config
        self._device = device
        self._streams = streams
        self._counters = counters
        self.fixed = self._noise_for_grids("fixed_z")

    def real(self) -> Batch:
        """Return the next batch of real images, mirrored at random if the run does so."""
        counters = self._counters
        indices = self.order.batch(counters.batches_drawn).to(self.data.images.device)
        counters.batches_drawn += 1
        counters.images_seen += len(indices)
        images = scale(self.data.images[indices].to(self._device))
        if self._config.data.flip:
            images = mirror(images, self._streams["mirror"])
        labels = None
        if self.n_classes and self.data.labels is not None:
            labels = self.data.labels[indices].to(self._device)
        return Batch(images, labels)

    def noise(self, n: int) -> Noise:
        """Return n new z and, for conditional networks, classes as frequent as in the data."""
        z = torch.randn(
            n,
            self._config.model.latent_dim,
            generator=self._streams["z"],
            device=self._device,
        )
        labels = None
        if self.n_classes and self.data.labels is not None:
            which = torch.randint(
                self.data.n_images, (n,), generator=self._streams["classes"], device=self._device
            )
            labels = self.data.labels[which.to(self.data.labels.device)].to(self._device)
        return Noise(z, labels)

    def fix_z(self, z: Tensor) -> None:
        """Draw the grids from a resumed run's z."""
        self.fixed = Noise(z.to(self._device), self.fixed.labels)

    def grid_noise(self) -> Noise:
        """Return what the next sample grid is drawn from: always the same, or new each time."""
        if self._config.output.sample_z == "fixed":
            return self.fixed
        at = self._counters
        return self._noise_for_grids(f"grid_z/{at.d_updates}/{at.g_updates}")

    def _noise_for_grids(self, purpose: str) -> Noise:
        n = self._config.output.n_samples
        stream = make_stream(self._config.train.seed, purpose, torch.device("cpu"))
        z = torch.randn(n, self._config.model.latent_dim, generator=stream).to(self._device)
        labels = torch.arange(n, device=self._device) % self.n_classes if self.n_classes else None
        return Noise(z, labels)
