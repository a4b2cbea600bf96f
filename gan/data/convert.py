"""Bringing images to the asked-for size and colours, once, when they are loaded.

Maths layer: numpy and Pillow, no torch. Pillow's bicubic filter widens with the reduction, so
small pictures have no aliasing, which a GAN would otherwise learn and a quality measure punish.

Source: Parmar, Zhang, Zhu, "On aliased resizing and surprising subtleties in GAN evaluation",
2022, https://arxiv.org/abs/2104.11222.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

Images = npt.NDArray[np.uint8]

RESIZER = "pillow-bicubic"
"""Names how images are resized; what was resized in another way is not the same data."""


def convert(images: Images, *, size_px: int, channels: int) -> Images:
    """Return images `[N, C, H, W]` uint8 as `[N, channels, size_px, size_px]` uint8.

    Grey becomes RGB by repetition, RGB becomes grey by its luma. What needs no change is returned
    as it is, not copied.
    """
    if images.shape[1] > channels:
        images = to_grey(images)
    images = resize(images, size_px)
    if images.shape[1] < channels:
        images = np.repeat(images, channels, axis=1)
    return images


def to_grey(images: Images) -> Images:
    """Return RGB images `[N, 3, H, W]` as their luma `[N, 1, H, W]`, rounded as Pillow does.

    Source: ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B.
    """
    weights = np.array([19595, 38470, 7471], dtype=np.uint32)  # of 65,536
    luma = np.einsum("nchw,c->nhw", images, weights, dtype=np.uint32, casting="unsafe")
    grey: Images = ((luma + 32768) >> 16).astype(np.uint8)[:, None]
    return grey


def resize(images: Images, size_px: int) -> Images:
    """Return images `[N, C, H, W]` uint8 as `[N, C, size_px, size_px]`, filtered."""
    n_images, channels, height, width = images.shape
    if (height, width) == (size_px, size_px):
        return images
    resized = np.empty((n_images, channels, size_px, size_px), dtype=np.uint8)
    bicubic, shape = Image.Resampling.BICUBIC, (size_px, size_px)
    for i, image in enumerate(images):
        if channels == 1:
            resized[i, 0] = np.asarray(Image.fromarray(image[0]).resize(shape, bicubic))
        else:
            picture = Image.fromarray(np.ascontiguousarray(image.transpose(1, 2, 0)))
            resized[i] = np.asarray(picture.resize(shape, bicubic)).transpose(2, 0, 1)
    return resized
