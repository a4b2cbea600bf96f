"""What a configuration's images will be like, told without reading them: for forms and tables.

Maths layer, without torch. `gan.data.arrays.load_arrays` then returns what is said here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gan.config import DataConfig
from gan.data import painted
from gan.data.catalog import DatasetInfo, get_dataset_info
from gan.data.converted import cache_key
from gan.data.mapped import find_cached
from gan.data.photos import photo_facts
from gan.data.published import own_shape
from gan.data.sources import Located, find_file, locate
from gan.data.wanted import Shape, check_count, wanted_shape


@dataclass(frozen=True)
class DataFacts:
    """Images that are to be learned, before they are there.

    Attributes:
        name: which data set, a key of `gan.data.catalog.DATASETS`.
        title: its name for people.
        channels: 1 for grey, 3 for RGB.
        size_px: height and width.
        n_available: images that there are; the most there can be for pictures not yet decoded, as
            published for files not yet read.
        n_images: of these, how many are used.
        classes: names of the labels.
        is_exact: the counts and classes are certain. They are not while a download may fail, for
            then a drawn set stands in, nor before files of some formats were read once. Channels
            and size are always certain.
        is_ready: loading is quick: nothing to download, decode or convert first.
        located: where the images come from; its `why` is the sentence to show.
    """

    name: str
    title: str
    channels: int
    size_px: int
    n_available: int
    n_images: int
    classes: tuple[str, ...]
    is_exact: bool
    is_ready: bool
    located: Located


def describe(
    config: DataConfig,
    *,
    search: Sequence[Path] | None = None,
    cache_folder: Path | None = None,
) -> DataFacts:
    """Say what images a configuration would give here and now.

    Args:
        config: the data section.
        search: folders to search instead of the usual ones; downloads' among them.
        cache_folder: where converted images are kept; None looks at none.

    Raises:
        DataError: as `load_arrays` would, as far as that is known without reading.
    """
    info = get_dataset_info(config.dataset)
    located = locate(config, search=search)
    if located.kind == "drawn":
        facts = _of_drawn(info, config, located, cache_folder)
    elif located.kind == "download":
        shape = wanted_shape(config, Shape(info.channels, info.size_px))
        certain = config.source == "download"
        facts = _facts(info, shape, info.n_images, located, is_exact=certain, is_ready=False)
    elif info.format in ("photos", "own"):
        facts = _of_photos(info, config, located, cache_folder)
    else:
        facts = _of_published(info, config, located, cache_folder)
    check_count(config.n_images, facts.n_available, facts.title)
    return replace(facts, n_images=config.n_images or facts.n_available)


def _of_drawn(
    info: DatasetInfo, config: DataConfig, located: Located, cache: Path | None
) -> DataFacts:
    drawn = get_dataset_info(info.stand_in or info.name)
    shape = wanted_shape(config, Shape(info.channels, info.size_px))
    n_images = config.n_images or drawn.n_images
    key = painted.cache_key(drawn, shape, n_images)
    is_ready = key is None or (cache is not None and find_cached(cache, key) is not None)
    return _facts(drawn, shape, drawn.n_images, located, is_exact=True, is_ready=is_ready)


def _of_photos(
    info: DatasetInfo, config: DataConfig, located: Located, cache: Path | None
) -> DataFacts:
    assert located.folder is not None
    shape = wanted_shape(config, Shape(info.channels, info.size_px))
    known = photo_facts(info, located.folder, config, shape, cache)
    facts = _facts(
        info, shape, known.n_images, located, is_exact=known.is_exact, is_ready=known.is_exact
    )
    return replace(facts, classes=known.classes)


def _of_published(
    info: DatasetInfo, config: DataConfig, located: Located, cache: Path | None
) -> DataFacts:
    assert located.folder is not None
    own = own_shape(info, located.folder)
    shape = wanted_shape(config, Shape(own.channels, own.size_px))
    key = cache_key(info, located.folder, shape)
    found = None if key is None or cache is None else find_cached(cache, key)
    n_images = len(found.images) if found is not None else own.n_images
    return _facts(
        info,
        shape,
        info.n_images if n_images is None else n_images,
        located,
        is_exact=n_images is not None,
        is_ready=key is None or found is not None,
        has_labels=info.format != "idx" or find_file(located.folder, info.labels_file) is not None,
    )


def _facts(
    info: DatasetInfo,
    shape: Shape,
    n_available: int,
    located: Located,
    *,
    is_exact: bool,
    is_ready: bool,
    has_labels: bool = True,
) -> DataFacts:
    return DataFacts(
        name=info.name,
        title=info.title,
        channels=shape.channels,
        size_px=shape.size_px,
        n_available=n_available,
        n_images=n_available,
        classes=info.classes if has_labels else (),
        is_exact=is_exact,
        is_ready=is_ready,
        located=located,
    )
