"""Random changes of pictures, in a way that a generator can learn through.

Maths layer. D judges T(x) and T(G(z)) instead of x and G(z), T drawn anew for each picture. Were
only real pictures changed, G would learn to draw the changes; if both are, it need not (Zhao et
al. 2020, section 3). G gets gradients through T because every change is a differentiable function
of the pixels (a sum, a product, a move to another place) once its random numbers are drawn: the
chain rule carries D's gradient at T(G(z)) back to G(z), and from there to G's weights. What a cut
or a shift has removed from the picture gets none.

All random numbers come from a stream on the pictures' device, so nothing else's draws move.

References:
    Zhao et al., Differentiable Augmentation for Data-Efficient GAN Training (DiffAugment), 2020
        (arXiv:2006.10738).
    DeVries & Taylor, Improved Regularization of CNNs with Cutout, 2017 (arXiv:1708.04552).
    Sønderby et al., Amortised MAP Inference for Image Super-resolution, 2017 (arXiv:1610.04490).
"""

from collections.abc import Callable

import torch
from torch import Generator, Tensor
from torch.nn.functional import pad

from gan.errors import UnknownNameError


def augment(images: Tensor, policy: str, stream: Generator) -> Tensor:
    """Return the pictures, each changed at random as the policy says; 'none' returns them as such.

    Colour may leave [-1, 1], as in the paper, and is not cut back, which would stop gradients.

    Args:
        images: `[N, C, H, W]` float32 in [-1, 1].
        policy: a name in `POLICIES` (`gan.config.Augment`).
        stream: source of all random numbers, on the images' device.

    Raises:
        UnknownNameError: there is no such policy.

    Source: Zhao et al. 2020, section 3, with the strengths of its appendix.
    """
    try:
        changes = POLICIES[policy]
    except KeyError:
        raise UnknownNameError("augmentation", policy, list(POLICIES)) from None
    for change in changes:
        images = change(images, stream)
    return images


def mirror(images: Tensor, stream: Generator) -> Tensor:
    """Return the pictures `[N, C, H, W]`, each flipped left to right with probability ½."""
    is_flipped = _uniform(images, stream, 0.0, 1.0) < 0.5  # [N, 1, 1, 1]
    return torch.where(is_flipped, images.flip(3), images)


def add_noise(images: Tensor, deviation: float, stream: Generator) -> Tensor:
    """Return the pictures with normal noise of this deviation in each pixel (instance noise).

    A deviation of 0 returns them as they are and draws nothing.

    Raises:
        ValueError: the deviation is negative.

    Source: Sønderby et al. 2017; Arjovsky & Bottou 2017 (arXiv:1701.04862), section 3.
    """
    if deviation < 0.0:
        raise ValueError(f"The noise's deviation is {deviation}: it must be 0 or more.")
    if deviation == 0.0:
        return images
    noise = torch.randn(images.shape, generator=stream, device=images.device, dtype=torch.float32)
    return images + deviation * noise


def brightness(images: Tensor, stream: Generator) -> Tensor:
    """Add to each picture one number from ±0.5."""
    return images + _uniform(images, stream, -0.5, 0.5)


def saturation(images: Tensor, stream: Generator) -> Tensor:
    """Scale each pixel's distance from its own grey by 0 to 2; grey pictures have none."""
    if images.shape[1] == 1:
        return images
    grey = images.mean(dim=1, keepdim=True)  # [N, 1, H, W]
    return grey + (images - grey) * _uniform(images, stream, 0.0, 2.0)


def contrast(images: Tensor, stream: Generator) -> Tensor:
    """Scale each picture's distance from its own mean by 0.5 to 1.5."""
    mean = images.mean(dim=(1, 2, 3), keepdim=True)  # [N, 1, 1, 1]
    return mean + (images - mean) * _uniform(images, stream, 0.5, 1.5)


def translation(images: Tensor, stream: Generator) -> Tensor:
    """Shift each picture by whole pixels, up to 1/8 of its size a way (rounded); zeros come in."""
    n, channels, height, width = images.shape
    reach_y, reach_x = (height + 4) // 8, (width + 4) // 8
    padded = pad(images, (reach_x, reach_x, reach_y, reach_y))
    top = _integers(n, 2 * reach_y + 1, images, stream)  # [N, 1]
    left = _integers(n, 2 * reach_x + 1, images, stream)
    rows = top + torch.arange(height, device=images.device)  # [N, H]
    columns = left + torch.arange(width, device=images.device)  # [N, W]
    rows_of_all = rows[:, None, :, None].expand(-1, channels, -1, padded.shape[3])
    columns_of_all = columns[:, None, None, :].expand(-1, channels, height, -1)
    return padded.gather(2, rows_of_all).gather(3, columns_of_all)


def cutout(images: Tensor, stream: Generator) -> Tensor:
    """Set a square of half the size to 0 in each picture; it may reach over the edge."""
    n, _, height, width = images.shape
    rows = _is_cut(n, height, images, stream)[:, None, :, None]
    columns = _is_cut(n, width, images, stream)[:, None, None, :]
    return images.masked_fill(rows & columns, 0.0)


def _is_cut(n: int, size_px: int, images: Tensor, stream: Generator) -> Tensor:
    """Return which places along one side each picture's cut covers, bool `[n, size_px]`.

    The cut's middle lies anywhere on the picture, its edges included.
    """
    length = (size_px + 1) // 2
    # An even cut is centred between two pixels, of which there is one place more.
    middle = _integers(n, size_px + 1 - length % 2, images, stream)  # [n, 1]
    place = torch.arange(size_px, device=images.device) - (middle - length // 2)
    return (place >= 0) & (place < length)


def _uniform(images: Tensor, stream: Generator, low: float, high: float) -> Tensor:
    """Draw one number a picture from [low, high), `[N, 1, 1, 1]` float32."""
    drawn = torch.rand(
        len(images), 1, 1, 1, generator=stream, device=images.device, dtype=torch.float32
    )
    return low + (high - low) * drawn


def _integers(n: int, below: int, images: Tensor, stream: Generator) -> Tensor:
    """Draw `[n, 1]` integers from 0 to below - 1."""
    return torch.randint(below, (n, 1), generator=stream, device=images.device)


Change = Callable[[Tensor, Generator], Tensor]

POLICIES: dict[str, tuple[Change, ...]] = {
    "none": (),
    "translation": (translation,),
    "translation-cutout": (translation, cutout),
    "colour-translation-cutout": (brightness, saturation, contrast, translation, cutout),
}
