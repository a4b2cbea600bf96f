"""How many batches an epoch has, and which combinations cannot work.

Maths layer, without torch, so that a form can refuse them before a run is started.
"""

from dataclasses import dataclass

from gan.config import TrainConfig
from gan.errors import ConfigError


@dataclass(frozen=True)
class Batches:
    """An epoch, counted.

    Attributes:
        n: batches in it.
        n_images: images that it shows, fewer than there are if the last short batch is dropped.
    """

    n: int
    n_images: int


def batches_of(train: TrainConfig, n_images: int) -> Batches:
    """Count the real batches of an epoch of a run. Raises ConfigError as `count_batches` does."""
    return count_batches(
        n_images,
        train.real_batch_size,
        drop_last=train.drop_last,
        replacement=train.sampling == "replacement",
    )


def count_batches(
    n_images: int, batch_size: int, *, drop_last: bool, replacement: bool = False
) -> Batches:
    """Count the batches of an epoch over `n_images`; drawn with replacement, all are full.

    Raises:
        ConfigError: no full batch is left, or the last batch would be a single image.
    """
    n_full, n_rest = divmod(n_images, batch_size)
    if replacement:
        n = n_full + (n_rest > 0)
        return Batches(n, n * batch_size)
    if drop_last and n_full == 0:
        raise ConfigError(
            f"A batch of {batch_size} images is more than the {n_images} images there are: "
            f"make train.batch_size at most {n_images} or turn train.drop_last off."
        )
    if not drop_last and n_rest == 1:
        raise ConfigError(
            f"{n_images} images in batches of {batch_size} leave a last batch of one image, "
            "which BatchNorm cannot take: turn train.drop_last on or change train.batch_size."
        )
    if drop_last or n_rest == 0:
        return Batches(n_full, n_full * batch_size)
    return Batches(n_full + 1, n_images)
