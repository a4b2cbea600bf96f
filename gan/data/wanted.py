"""What a configuration asks of images, whatever set they come from: size, colours, how many.

Maths layer: numpy, no torch.
"""

import hashlib
from dataclasses import dataclass

from gan.config import DataConfig
from gan.data.mapped import Loaded
from gan.errors import DataError


@dataclass(frozen=True)
class Shape:
    """The shape of one image: channels (1 grey, 3 RGB), height and width."""

    channels: int
    size_px: int

    @property
    def text(self) -> str:
        """In words: '32 × 32 grey'."""
        return f"{self.size_px} × {self.size_px} {'grey' if self.channels == 1 else 'RGB'}"

    @property
    def slug(self) -> str:
        """For names of files: '32px-grey'."""
        return f"{self.size_px}px-{'grey' if self.channels == 1 else 'rgb'}"


def wanted_shape(config: DataConfig, own: Shape) -> Shape:
    """Return the shape that images get whose own is `own`."""
    channels = {"as-is": own.channels, "grey": 1, "rgb": 3}[config.colour]
    return Shape(channels, config.size_px or own.size_px)


def check_count(n_wanted: int | None, n_images: int, title: str) -> None:
    """Raise DataError if more images are asked for than there are."""
    if n_wanted is not None and n_wanted > n_images:
        raise DataError(
            f"data.n_images asks for {n_wanted} images, and there are {n_images} in {title}: "
            f"ask for at most {n_images}, or leave it empty for all."
        )


def first(loaded: Loaded, n_wanted: int | None, title: str) -> Loaded:
    """Return the first images, not copied.

    Their fingerprint follows from that of all and their number: nothing has to be read for it.

    Raises:
        DataError: there are not so many.
    """
    n_images = len(loaded.images)
    check_count(n_wanted, n_images, title)
    if n_wanted is None or n_wanted == n_images:
        return loaded
    digest = hashlib.sha256(f"{loaded.fingerprint}/first/{n_wanted}".encode()).hexdigest()
    labels = None if loaded.labels is None else loaded.labels[:n_wanted]
    return Loaded(loaded.images[:n_wanted], labels, digest)
