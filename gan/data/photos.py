"""Piles of pictures, CelebA's or a user's own, by way of `gan.data.pictures`, which keeps them.

Maths layer: numpy and Pillow, no torch.
"""

from dataclasses import dataclass
from pathlib import Path

from gan.config import DataConfig
from gan.data.catalog import DatasetInfo
from gan.data.mapped import Loaded
from gan.data.pictures.cache import PictureCache, find_cache, prepare_pictures
from gan.data.pictures.survey import survey
from gan.data.progress import Gauge, Note, Report
from gan.data.wanted import Shape, first

FOLDER = "pictures"
"""Where below the cache folder they are kept."""


@dataclass(frozen=True, eq=False)
class Photos:
    """Pictures to learn.

    Attributes:
        loaded: images, labels and fingerprint.
        classes: names of the labels.
        skipped: files that were not used and why, a sentence each, as far as they are listed.
        n_skipped: how many there are of those.
    """

    loaded: Loaded
    classes: tuple[str, ...]
    skipped: tuple[str, ...]
    n_skipped: int


@dataclass(frozen=True)
class PhotoFacts:
    """What is known of pictures without decoding them.

    Attributes:
        n_images: how many; the most there can be, unless `is_exact`.
        classes: names of the labels.
        is_exact: whether they were decoded before, and so are certain.
    """

    n_images: int
    classes: tuple[str, ...]
    is_exact: bool


def load_photos(
    info: DatasetInfo,
    source: Path,
    config: DataConfig,
    shape: Shape,
    *,
    cache_root: Path,
    report: Report,
) -> Photos:
    """Decode the pictures of a folder or a zip, or find them decoded before.

    CelebA has no classes, whatever folders its photos lie in.

    Raises:
        DataError: there are none that can be used, or fewer than `config.n_images`.
    """
    report(Note(f"Reading {info.title} from {source}."))
    cache = _prepare(info, source, config, shape, cache_root=cache_root, report=report)
    has_classes = info.format == "own"
    loaded = Loaded(cache.images, cache.labels if has_classes else None, cache.fingerprint)
    return Photos(
        loaded=first(loaded, config.n_images, info.title),
        classes=tuple(cache.classes) if has_classes else (),
        skipped=tuple(file.sentence for file in cache.skipped),
        n_skipped=cache.n_skipped,
    )


def photo_facts(
    info: DatasetInfo, source: Path, config: DataConfig, shape: Shape, cache_root: Path | None
) -> PhotoFacts:
    """Say how many pictures there are and which classes they form.

    CelebA's are not counted before they are decoded, since there are so many: it is taken as
    published. Raises DataError if there are no pictures.
    """
    cache = None if cache_root is None else _find(source, config, shape, cache_root)
    if info.format == "photos":
        return PhotoFacts(cache.n_images if cache else info.n_images, (), cache is not None)
    if cache is not None:
        return PhotoFacts(cache.n_images, tuple(cache.classes), True)
    found = survey(source)
    return PhotoFacts(found.n_files, tuple(found.classes), False)


def _find(source: Path, config: DataConfig, shape: Shape, cache_root: Path) -> PictureCache | None:
    return find_cache(
        source,
        size_px=shape.size_px,
        channels=shape.channels,
        fit=config.fit,
        background=config.background,
        cache_root=cache_root / FOLDER,
    )


def _prepare(
    info: DatasetInfo,
    source: Path,
    config: DataConfig,
    shape: Shape,
    *,
    cache_root: Path,
    report: Report,
) -> PictureCache:
    gauge: Gauge | None = None

    def progress(done: int, total: int) -> None:
        nonlocal gauge
        if gauge is None:
            gauge = Gauge(report, f"Preparing {info.title} as {shape.text}", total)
        gauge.move(done)

    return prepare_pictures(
        source,
        size_px=shape.size_px,
        channels=shape.channels,
        fit=config.fit,
        background=config.background,
        cache_root=cache_root / FOLDER,
        progress=progress,
    )
