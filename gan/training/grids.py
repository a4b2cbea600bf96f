"""What a sample grid tells between two measurements of quality: variety, and how much G moves.

Motion layer. It costs a few milliseconds a grid and looks at pixels only, so it is no measure of
quality; but a generator that draws one picture 64 times is noticed long before the next one.
"""

import torch
from torch import Tensor

from gan.training.evaluation import some_real

_AT_MOST = 64  # pictures of a grid that are compared
_N_REAL = 512


class GridMeter:
    """Compares the pictures of sample grids with each other, real pictures giving the scale.

    Attributes:
        newest: the `samples/…` numbers of the newest grid, which stand beside those of the steps
            after it.
    """

    def __init__(self, images: Tensor) -> None:
        """Prepare; `images` are all real ones, `[N, C, H, W]` uint8."""
        self.newest: dict[str, float] = {}
        self._images = images
        self._real: dict[int, tuple[float, float]] = {}

    def measure(self, images: Tensor, ema_images: Tensor | None) -> None:
        """Look at a new grid; there are fewer numbers where there is nothing to compare.

        Args:
            images: `[N, C, H, W]` uint8, by the generator.
            ema_images: the same z by the averaged generator, None where there is none.
        """
        n = min(len(images), _AT_MOST)
        self.newest = {}
        if n < 2 or len(self._images) < 2:
            return
        flat = _flat(images[:n])
        nearest, spread = self._about_real(n)
        if nearest > 0.0:
            self.newest["samples/diversity"] = _nearest(flat) / nearest
        if spread > 0.0 and ema_images is not None:
            self.newest["samples/drift"] = _apart(flat, _flat(ema_images[:n])) / spread

    def _about_real(self, n: int) -> tuple[float, float]:
        """Return the mean distance to the nearest of n real pictures, and between any two."""
        if n not in self._real:
            some = _flat(some_real(self._images, _N_REAL).cpu())
            groups = [part for part in torch.split(some, n) if len(part) == n] or [some]
            nearest = sum(_nearest(group) for group in groups) / len(groups)
            self._real[n] = nearest, _apart(some, some.roll(1, 0))
        return self._real[n]


def _flat(images: Tensor) -> Tensor:
    return images.flatten(1).float()


def _nearest(flat: Tensor) -> float:
    """Return the mean distance of each picture `[N, pixels]` to its nearest other."""
    distances = torch.cdist(flat, flat).fill_diagonal_(torch.inf)
    return float(distances.min(1).values.mean())


def _apart(first: Tensor, second: Tensor) -> float:
    return float((first - second).norm(dim=1).mean())
