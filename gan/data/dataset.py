"""The images of a run as tensors, held as bytes and scaled on the device that trains on them.

Maths layer. What `gan.data.arrays` gives, for torch. Images stay uint8 until a batch of them is
needed: 60,000 grey images of 28 × 28 are 47 MB as bytes and 188 MB as float32; large sets are
mapped from disk.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from gan.config import DataConfig
from gan.data.arrays import load_arrays
from gan.data.convert import Images
from gan.data.fetch import Downloader
from gan.data.mapped import fingerprint
from gan.data.sources import Located


@dataclass(frozen=True, eq=False)
class ImageData:
    """Images to learn, and what they are.

    Attributes:
        images: `[N, C, H, W]` uint8, 0 to 255.
        labels: `[N]` int64, an index into `classes`; None if the files have none.
        classes: names of the labels.
        name: which data set this really is, a key of `gan.data.catalog.DATASETS`.
        located: where it came from; its `why` is the sentence to show.
        fingerprint: sha256 (hex) that differs whenever images or labels do.
        skipped: files that could not be used and why, a sentence each, as far as they are listed.
        n_skipped: how many there are of those.
    """

    images: torch.Tensor
    labels: torch.Tensor | None
    classes: tuple[str, ...]
    name: str
    located: Located
    fingerprint: str
    skipped: tuple[str, ...] = ()
    n_skipped: int = 0

    @property
    def n_images(self) -> int:
        """How many images there are."""
        return self.images.shape[0]

    @property
    def channels(self) -> int:
        """Colour channels of an image: 1 for grey."""
        return self.images.shape[1]

    @property
    def size_px(self) -> int:
        """Height, and width, of an image."""
        return self.images.shape[2]

    def to(self, device: torch.device | str) -> "ImageData":
        """Return the same data with images and labels on a device."""
        labels = None if self.labels is None else self.labels.to(device)
        return replace(self, images=self.images.to(device), labels=labels)


def load_data(
    config: DataConfig,
    *,
    download_folder: Path,
    cache_folder: Path | None = None,
    progress: Callable[[str], None] | None = None,
    search: Sequence[Path] | None = None,
    downloader: Downloader | None = None,
) -> ImageData:
    """Read, download or draw the images that a configuration asks for, on the CPU.

    Everything is as `gan.data.arrays.load_arrays` has it; a `progress` that looks finds the share
    that is done in the `fraction` of its sentences, which are `gan.data.progress.Note`.

    Raises:
        DataError: the data cannot be had or read, or has fewer images than `config.n_images`.
    """
    arrays = load_arrays(
        config,
        download_folder=download_folder,
        cache_folder=cache_folder,
        search=search,
        progress=progress,
        downloader=downloader,
    )
    return ImageData(
        images=torch.from_numpy(_writable(arrays.images)),
        labels=None if arrays.labels is None else torch.from_numpy(arrays.labels),
        classes=arrays.classes,
        name=arrays.name,
        located=arrays.located,
        fingerprint=arrays.fingerprint,
        skipped=arrays.skipped,
        n_skipped=arrays.n_skipped,
    )


def make_fingerprint(images: torch.Tensor, labels: torch.Tensor | None) -> str:
    """Return sha256 (64 hex digits) over shapes and bytes; 47 MB take a few hundredths of a s."""
    return fingerprint(images.cpu().numpy(), None if labels is None else labels.cpu().numpy())


def scale(images: torch.Tensor) -> torch.Tensor:
    """Return uint8 images as float32 in [-1, 1] on the same device, same shape: x / 127.5 - 1."""
    if images.dtype != torch.uint8:
        raise TypeError(f"Images are {images.dtype}: only uint8 images need scaling.")
    return images.to(torch.float32).div_(127.5).sub_(1.0)


def to_uint8(images: torch.Tensor) -> torch.Tensor:
    """Return float images in [-1, 1] as uint8, rounded and clamped; the inverse of `scale`.

    Same shape and device; the input is left as it is. NaN has no grey value and gives any.
    """
    copy = images.detach().to(torch.float32, copy=True)
    return copy.add_(1.0).mul_(127.5).round_().clamp_(0.0, 255.0).to(torch.uint8)


def to_hwc(images: torch.Tensor) -> npt.NDArray[np.uint8]:
    """Return uint8 images `[N, C, H, W]` as a contiguous numpy array `[N, H, W, C]`."""
    if images.dtype != torch.uint8:
        raise TypeError(f"Images are {images.dtype}: convert them with to_uint8 first.")
    array: npt.NDArray[np.uint8] = images.detach().permute(0, 2, 3, 1).contiguous().cpu().numpy()
    return array


def _writable(images: Images) -> Images:
    """Return an array that torch takes without a warning, mapped anew if it may not be written."""
    if images.flags.writeable:
        return images
    if isinstance(images, np.memmap) and images.flags.c_contiguous and images.filename:
        return np.memmap(
            images.filename, images.dtype, mode="c", offset=images.offset, shape=images.shape
        )
    return images.copy()
