"""Published data sets at the asked-for size and colours, from the cache where that is quicker.

Maths layer: numpy, no torch. Files of MNIST's kind at their own size are read as they are, in
fractions of a second; everything else is converted once and then mapped.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gan.data.catalog import DatasetInfo
from gan.data.convert import RESIZER, Images, convert
from gan.data.mapped import CacheKey, Loaded, find_cached, fingerprint, keep, make_key
from gan.data.progress import Gauge, Note, Report
from gan.data.published import own_shape, read_published
from gan.data.sources import find_files
from gan.data.stacked import STACK_VERSION
from gan.data.wanted import Shape, check_count, first
from gan.errors import DataError

_CHUNK = 500  # images converted at a time


def load_published(
    info: DatasetInfo,
    folder: Path,
    shape: Shape,
    n_wanted: int | None,
    *,
    cache_root: Path,
    report: Report,
) -> Loaded:
    """Read the files that `gan.data.sources.locate` found, as images of a shape.

    Raises:
        DataError: they are damaged, of another kind, or hold fewer than `n_wanted` images.
    """
    key = cache_key(info, folder, shape)
    if key is None:
        report(Note(f"Reading {info.title} from {folder}."))
        stored = read_published(info, folder)
        check_count(n_wanted, len(stored.images), info.title)
        images = stored.images[:n_wanted]
        labels = None if stored.labels is None else stored.labels[:n_wanted]
        return Loaded(images, labels, fingerprint(images, labels))
    loaded = find_cached(cache_root, key)
    if loaded is None:
        report(Note(f"Reading {info.title} from {folder}."))
        stored = read_published(info, folder)
        count = len(stored.images)
        loaded = keep(
            cache_root,
            key,
            (count, shape.channels, shape.size_px, shape.size_px),
            lambda: convert_all(stored.images, shape, info.title, report),
            stored.labels,
        )
    return first(loaded, n_wanted, info.title)


def cache_key(info: DatasetInfo, folder: Path, shape: Shape) -> CacheKey | None:
    """Return the name of the converted images; None for files that are read as they are.

    Raises:
        DataError: the files cannot be looked at.
    """
    own = own_shape(info, folder)
    if info.format == "idx" and not info.made_of and shape == Shape(own.channels, own.size_px):
        return None
    words = (RESIZER, STACK_VERSION) if info.made_of else (RESIZER,)
    try:
        return make_key(f"{info.name}-{shape.slug}", words, find_files(info, folder))
    except OSError as error:
        raise DataError(f"{folder} cannot be read ({error.strerror or error}).") from None


def convert_all(images: Images, shape: Shape, title: str, report: Report) -> Iterator[Images]:
    """Yield images `[N, C, H, W]` piece by piece in another shape, and say how far that is."""
    gauge = Gauge(report, f"Converting {title} to {shape.text}", len(images))
    for start in range(0, len(images), _CHUNK):
        piece = images[start : start + _CHUNK]
        yield np.ascontiguousarray(convert(piece, size_px=shape.size_px, channels=shape.channels))
        gauge.move(start + len(piece))
