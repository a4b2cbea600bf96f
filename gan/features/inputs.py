"""Bringing pictures to the size and colours that a network was trained on.

Maths layer. One way for real and generated pictures alike: a measure that resizes them in two ways
measures the resizers. The bicubic filter widens with the reduction (no aliasing), as Pillow's in
`gan.data.convert` does; unlike there, values are not rounded to whole bytes.

Source: Parmar, Zhang, Zhu, "On aliased resizing and surprising subtleties in GAN evaluation",
2022, https://arxiv.org/abs/2104.11222.
"""

import torch
import torch.nn.functional as F

from gan.errors import DataError

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, as in gan.data.convert


def check_images(images: torch.Tensor) -> None:
    """Refuse what is no stack of pictures.

    Raises:
        TypeError: the elements are not uint8.
        DataError: the shape is not `[N, 1 or 3, H, W]`.
    """
    if images.dtype != torch.uint8:
        raise TypeError(f"Images are {images.dtype}: convert them with gan.data.dataset.to_uint8.")
    if images.ndim != 4 or images.shape[1] not in (1, 3) or 0 in images.shape[2:]:
        raise DataError(
            f"Images of shape {list(images.shape)} have no features: give [N, C, H, W] with 1 or "
            "3 channels."
        )


def fit_images(images: torch.Tensor, channels: int, size_px: int) -> torch.Tensor:
    """Return uint8 images `[N, C, H, W]` as float32 `[N, channels, size_px, size_px]`, 0 to 255.

    RGB becomes grey by its luma, grey becomes RGB by repetition.
    """
    fitted = images.to(torch.float32)
    if images.shape[1] > channels:
        weights = torch.tensor(_LUMA, device=images.device).view(1, 3, 1, 1)
        fitted = (fitted * weights).sum(1, keepdim=True)  # [N, 3, H, W] -> [N, 1, H, W]
    if tuple(images.shape[2:]) != (size_px, size_px):
        fitted = F.interpolate(
            fitted, (size_px, size_px), mode="bicubic", align_corners=False, antialias=True
        ).clamp_(0.0, 255.0)
    return fitted.expand(-1, channels, -1, -1)
