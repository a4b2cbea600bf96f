"""The data sets that are drawn here, at the asked-for size and colours.

Maths layer: numpy, no torch. Many faces take seconds to draw and are kept in the cache; a change
in the code that draws makes other pictures, so its text is part of their stamp.
"""

import hashlib
from pathlib import Path

import numpy as np

from gan.data import drawn, faces, painting
from gan.data.catalog import DatasetInfo
from gan.data.convert import RESIZER, Images, convert
from gan.data.converted import convert_all
from gan.data.mapped import CacheKey, Labels, Loaded, find_cached, fingerprint, keep, make_key
from gan.data.progress import Note, Report
from gan.data.wanted import Shape, check_count

SEED = 0
"""Everyone's drawn pictures are the same ones."""

_MIN_KEPT = 5_000  # fewer are drawn in a second or so


def load_drawn(
    info: DatasetInfo,
    shape: Shape,
    n_wanted: int | None,
    *,
    cache_root: Path,
    report: Report,
) -> Loaded:
    """Draw the first `n_wanted` pictures of a set, or all of them, or find them drawn before.

    Raises:
        DataError: the set has fewer.
    """
    check_count(n_wanted, info.n_images, info.title)
    n_images = n_wanted or info.n_images
    key = cache_key(info, shape, n_images)
    loaded = None if key is None else find_cached(cache_root, key)
    if loaded is not None:
        return loaded
    report(Note(f"Drawing {n_images:,} {info.title.removeprefix('Drawn ')}."))
    images, labels = _DRAW[info.name](n_images, shape)
    if key is None:
        images = convert(images, size_px=shape.size_px, channels=shape.channels)
        images = np.ascontiguousarray(images)
        return Loaded(images, labels, fingerprint(images, labels))
    full = (n_images, shape.channels, shape.size_px, shape.size_px)
    return keep(
        cache_root, key, full, lambda: convert_all(images, shape, info.title, report), labels
    )


def cache_key(info: DatasetInfo, shape: Shape, n_images: int) -> CacheKey | None:
    """Return the name under which such pictures are kept; None if they are always drawn anew."""
    is_plain = info.name == "drawn-digits" and shape == Shape(info.channels, info.size_px)
    if is_plain or n_images < _MIN_KEPT:
        return None
    code = [Path(module.__file__ or "") for module in _SOURCES[info.name]]
    texts = [hashlib.sha256(file.read_bytes()).hexdigest() for file in code if file.is_file()]
    return make_key(f"{info.name}-{n_images}-{shape.slug}", (RESIZER, *texts))


def draw_others(info: DatasetInfo, shape: Shape, n_images: int) -> Images:
    """Draw pictures that are in nobody's set, `[N, C, H, W]` uint8: those of another seed."""
    images, _ = _DRAW[info.name](n_images, shape, SEED + 1)
    return np.ascontiguousarray(convert(images, size_px=shape.size_px, channels=shape.channels))


def _draw_digits(n_images: int, _shape: Shape, seed: int = SEED) -> tuple[Images, Labels]:
    images, labels = drawn.draw_digits(n_images, seed)
    return images[:, None], labels.astype(np.int64)


def _draw_stacks(n_images: int, _shape: Shape, seed: int = SEED) -> tuple[Images, Labels]:
    numbers = np.arange(n_images, dtype=np.int64) % 1000
    planes = [
        drawn.draw_digits(n_images, 3 * seed + 1 + plane, labels=digits)[0]
        for plane, digits in enumerate((numbers // 100, numbers // 10 % 10, numbers % 10))
    ]
    return np.stack(planes, axis=1), numbers


def _draw_faces(n_images: int, shape: Shape, seed: int = SEED) -> tuple[Images, Labels]:
    images, factors = faces.draw_faces(n_images, seed, size_px=shape.size_px)
    return images.transpose(0, 3, 1, 2), faces.face_classes(factors).astype(np.int64)


_DRAW = {
    "drawn-digits": _draw_digits,
    "drawn-stacks": _draw_stacks,
    "drawn-faces": _draw_faces,
}
_SOURCES = {
    "drawn-digits": (drawn,),
    "drawn-stacks": (drawn,),
    "drawn-faces": (faces, painting),
}
