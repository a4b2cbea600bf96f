"""In which order a run sees its images: a function of seed and position, not of any state.

Maths layer. The i-th batch of a run can be named without having drawn the ones before it, so a
resumed run finds its place from one number, and nothing else that draws random numbers can
disturb the order.
"""

import hashlib

import torch

from gan.data.batches import count_batches


def epoch_order(n_images: int, seed: int, epoch: int) -> torch.Tensor:
    """Return the order of one epoch: a permutation of 0 to n_images - 1, int64 on the CPU."""
    return torch.randperm(n_images, generator=_stream(f"data-order/{seed}/{epoch}"))


def _stream(place: str) -> torch.Generator:
    """Return a stream for one place; neighbouring places are hashed, so they are unrelated."""
    digest = hashlib.sha256(place.encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


class BatchOrder:
    """Names the images of every batch of a run.

    Attributes:
        n_images: images in the data set.
        batch_size: images in a full batch.
        n_batches: batches in an epoch.
        images_per_epoch: images that an epoch shows, fewer than `n_images` if the last short
            batch is dropped.
    """

    def __init__(
        self,
        n_images: int,
        batch_size: int,
        drop_last: bool,
        seed: int,
        *,
        replacement: bool = False,
    ) -> None:
        """Plan the epochs; the short last batch takes part unless `drop_last`.

        With `replacement` every batch is full and drawn from all images anew, so that an epoch is
        only a count.

        Raises:
            ConfigError: no full batch is left, or the last batch would be a single image.
        """
        batches = count_batches(n_images, batch_size, drop_last=drop_last, replacement=replacement)
        self.n_images = n_images
        self.batch_size = batch_size
        self.n_batches = batches.n
        self.images_per_epoch = batches.n_images
        self._replacement = replacement
        self._seed = seed
        self._epoch = -1
        self._permutation = torch.empty(0, dtype=torch.int64)

    def batch(self, i: int) -> torch.Tensor:
        """Return the image indices `[n]` (int64, CPU) of the i-th batch of the whole run.

        Batch i belongs to epoch `i // n_batches`; the permutation of the last epoch asked for is
        kept, so going through the batches in order costs one shuffle an epoch.
        """
        if i < 0:
            raise ValueError(f"Batch {i} does not exist: batches count from 0.")
        if self._replacement:
            stream = _stream(f"data-draw/{self._seed}/{i}")
            return torch.randint(self.n_images, (self.batch_size,), generator=stream)
        epoch, within = divmod(i, self.n_batches)
        if epoch != self._epoch:
            self._permutation = epoch_order(self.n_images, self._seed, epoch)
            self._epoch = epoch
        start = within * self.batch_size
        return self._permutation[start : start + self.batch_size]
