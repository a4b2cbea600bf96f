"""Real images that a run never trained on: what its samples are compared with to notice copying.

Maths layer: numpy, no torch. The official test split where its file lies beside the others; the
images that a run left out; new ones for sets that are drawn here. Where there is none of these,
there is no honest comparison, and one sentence says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan.config import DataConfig
from gan.data.arrays import default_cache, load_arrays
from gan.data.catalog import DatasetInfo, get_dataset_info
from gan.data.convert import Images, convert
from gan.data.idx import read_idx
from gan.data.painted import draw_others
from gan.data.sources import Located, find_file
from gan.data.wanted import Shape
from gan.errors import DataError

MIN_IMAGES = 50
"""Fewer say nothing about the nearest twentieth of them."""

_MAX_DRAWN = 2000  # drawing takes time


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Images kept apart from training.

    Attributes:
        images: `[N, C, H, W]` uint8; None if there are none.
        why: one sentence: which ones they are, or why there are none.
    """

    images: Images | None
    why: str


def load_held_out(
    config: DataConfig,
    *,
    name: str,
    located: Located,
    shape: Shape,
    n_trained: int,
    n: int,
    download_folder: Path,
    cache_folder: Path | None = None,
    search: Sequence[Path] | None = None,
) -> HeldOut:
    """Return up to `n` real images that a run with this configuration did not train on.

    Args:
        config: what the run asked for.
        name: which data set it really trained on.
        located: where that came from.
        shape: of its images.
        n_trained: how many images it trained on.
        n: how many at most.
        download_folder, cache_folder, search: as for `gan.data.arrays.load_arrays`.

    Raises:
        DataError: files are damaged.
    """
    info = get_dataset_info(name)
    if info.format == "drawn":
        images = draw_others(info, shape, min(n, _MAX_DRAWN))
        return HeldOut(images, f"{len(images):,} {info.title.lower()} of another seed")
    test_split = _test_split(info, located, shape, n)
    if test_split is not None:
        return HeldOut(test_split, f"{len(test_split):,} images of the official test split")
    if config.n_images is not None:
        everything = load_arrays(
            config.model_copy(update={"n_images": None, "source": "auto"}),
            download_folder=download_folder,
            cache_folder=cache_folder or default_cache(download_folder),
            search=search,
            may_download=False,
        ).images
        rest = everything[n_trained:]
        if len(rest) >= MIN_IMAGES:
            chosen = rest[np.linspace(0, len(rest) - 1, min(n, len(rest))).astype(np.int64)]
            return HeldOut(chosen, f"{len(chosen):,} images that the run left out of its training")
    return HeldOut(
        None,
        "Copying was not measured: every picture at hand was trained on, so there is none to "
        "compare with; a run on fewer of them (data.n_images) leaves some out.",
    )


def _test_split(info: DatasetInfo, located: Located, shape: Shape, n: int) -> Images | None:
    """Return images of the test split of a set in MNIST's format, None if its file is not there."""
    if info.format != "idx" or located.folder is None:
        return None
    published = info.images_file
    name = published.replace("-train-", "-test-").replace("train-", "t10k-")
    file = find_file(located.folder, name)
    if file is None:
        return None
    images = read_idx(file, n_dims=3)[:n]
    if not len(images) or images.shape[1] != images.shape[2]:
        raise DataError(f"{file} holds images of {images.shape[1:]} pixels: fetch it again.")
    if info.is_transposed:
        images = images.transpose(0, 2, 1)
    return np.ascontiguousarray(
        convert(images[:, None], size_px=shape.size_px, channels=shape.channels)
    )
