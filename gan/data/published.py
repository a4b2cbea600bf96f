"""Reading published data sets, whatever their format, into one form.

Maths layer: numpy, no torch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gan.data.catalog import DatasetInfo, Format, get_dataset_info
from gan.data.cifar import read_cifar
from gan.data.idx import read_idx, read_idx_shape
from gan.data.sources import find_file
from gan.data.stacked import stack_digits
from gan.data.svhn import read_svhn
from gan.errors import DataError


@dataclass(frozen=True, eq=False)
class Published:
    """A data set as its files hold it.

    Attributes:
        images: `[N, C, H, H]` uint8.
        labels: `[N]` int64, an index into the set's classes; None if the files have none.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64] | None


@dataclass(frozen=True)
class OwnShape:
    """What files say of their images before they are read.

    Attributes:
        n_images: how many; None if only reading tells.
        channels: 1 for grey, 3 for RGB.
        size_px: height and width.
    """

    n_images: int | None
    channels: int
    size_px: int


def read_published(info: DatasetInfo, folder: Path) -> Published:
    """Read the files that `gan.data.sources.locate` found.

    Raises:
        DataError: they are damaged, of another kind, or do not fit each other.
    """
    if info.made_of:
        parts = read_published(get_dataset_info(info.made_of), folder)
        return Published(*stack_digits(parts.images, parts.labels))
    return READERS[info.format](info, folder)


def own_shape(info: DatasetInfo, folder: Path) -> OwnShape:
    """Return the shape of a data set's images without reading them.

    Raises:
        DataError: the files are not what they should be, as far as that is seen so quickly.
    """
    if info.format != "idx":
        return OwnShape(None, info.channels, info.size_px)
    images_file = _images_file(info, folder)
    n_images, height, width = read_idx_shape(images_file, n_dims=3)
    _check_square(images_file, height, width)
    return OwnShape(n_images, info.channels, height)


def _read_idx(info: DatasetInfo, folder: Path) -> Published:
    images_file = _images_file(info, folder)
    images = read_idx(images_file, n_dims=3)
    n_images, height, width = images.shape
    _check_square(images_file, height, width)
    if info.is_transposed:
        images = np.ascontiguousarray(images.transpose(0, 2, 1))
    labels = None
    labels_file = find_file(folder, info.labels_file)
    if labels_file is not None:
        labels = read_idx(labels_file, n_dims=1)
        if len(labels) != n_images:
            raise DataError(f"{labels_file} has {len(labels)} labels for {n_images} images.")
        if labels.max() >= len(info.classes):
            raise DataError(
                f"{labels_file} has a label {labels.max()}, and {info.title} has "
                f"{len(info.classes)} classes, counted from 0."
            )
    return Published(images[:, None], None if labels is None else labels.astype(np.int64))


def _images_file(info: DatasetInfo, folder: Path) -> Path:
    images_file = find_file(folder, info.images_file)
    if images_file is None:
        raise DataError(f"{folder} has no file {info.images_file} (or {info.images_file}.gz).")
    return images_file


def _check_square(images_file: Path, height: int, width: int) -> None:
    if height != width:
        raise DataError(f"{images_file} holds images of {height} × {width} pixels, not squares.")


READERS: dict[Format, Callable[[DatasetInfo, Path], Published]] = {
    "idx": _read_idx,
    "cifar": lambda _info, path: Published(*read_cifar(path)),
    "svhn": lambda _info, path: Published(*read_svhn(path)),
}
"""How each format with its own reader is read."""
