"""The one door to every data set's images, as numpy arrays: for pages, and for `gan.data.dataset`.

Maths layer, without torch. `load_arrays` reads what `gan.data.sources` locates, downloads it, or
draws pictures in its place, and always says which. Whatever takes long to read or to convert is
kept in a cache folder and mapped from there the next time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gan.config import DataConfig
from gan.data.catalog import DatasetInfo, get_dataset_info
from gan.data.convert import Images
from gan.data.converted import load_published
from gan.data.fetch import Downloader, obtain
from gan.data.mapped import Labels, Loaded
from gan.data.painted import load_drawn
from gan.data.photos import load_photos
from gan.data.progress import Report, to_log
from gan.data.published import own_shape
from gan.data.sources import Located, locate, search_roots
from gan.data.wanted import Shape, wanted_shape
from gan.errors import DataError


@dataclass(frozen=True, eq=False)
class ImageArrays:
    """Images to learn, and what they are.

    Attributes:
        images: `[N, C, H, W]` uint8, 0 to 255; may be mapped from disk.
        labels: `[N]` int64, an index into `classes`; None if there are none.
        classes: names of the labels.
        name: which data set this really is, a key of `gan.data.catalog.DATASETS`.
        located: where it came from; its `why` is the sentence to show.
        fingerprint: sha256 (hex) that differs whenever images or labels do.
        skipped: files that could not be used and why, a sentence each, as far as they are listed.
        n_skipped: how many there are of those.
    """

    images: Images
    labels: Labels | None
    classes: tuple[str, ...]
    name: str
    located: Located
    fingerprint: str
    skipped: tuple[str, ...] = ()
    n_skipped: int = 0

    @property
    def n_images(self) -> int:
        """How many images there are."""
        return len(self.images)

    @property
    def channels(self) -> int:
        """Colour channels of an image: 1 for grey."""
        return int(self.images.shape[1])

    @property
    def size_px(self) -> int:
        """Height, and width, of an image."""
        return int(self.images.shape[2])


def load_arrays(
    config: DataConfig,
    *,
    download_folder: Path,
    cache_folder: Path | None = None,
    search: Sequence[Path] | None = None,
    progress: Report | None = None,
    downloader: Downloader | None = None,
    may_download: bool = True,
) -> ImageArrays:
    """Read, download or draw the images that a configuration asks for.

    With `source="auto"` a failed download makes drawn pictures of the same size and colours stand
    in, and `located.why` says so. A file that is there but damaged is an error all the same: it is
    somebody's to mend. One's own pictures never have a stand-in.

    Args:
        config: which data set, from where, how many of its images, at which size.
        download_folder: where downloads are kept, in torchvision's layout; searched as well.
        cache_folder: where converted images are kept; `cache` beside the downloads by default.
        search: folders to search instead of the usual ones.
        progress: is told one short sentence, which knows its share, before and during each thing
            that takes time.
        downloader: fetches the files; `gan.data.fetch.download` by default.
        may_download: False raises DataError where a download would begin, which a page cannot
            wait for.

    Raises:
        DataError: the data cannot be had or read, or has fewer images than `config.n_images`.
    """
    report = progress or to_log
    info = get_dataset_info(config.dataset)
    cache_root = default_cache(download_folder) if cache_folder is None else cache_folder
    roots = search_roots() if search is None else search
    located = locate(config, search=[*roots, download_folder])
    if located.kind == "download":
        if not may_download:
            raise DataError(
                f"{info.title} is not on this machine: fetch it first with "
                f"`python -m gan data {info.name} --prepare`."
            )
        insist = config.source == "download"
        located = obtain(info, download_folder, report, insist=insist, downloader=downloader)
    if located.kind == "drawn":
        drawn = get_dataset_info(info.stand_in or info.name)
        shape = wanted_shape(config, Shape(info.channels, info.size_px))
        loaded = load_drawn(drawn, shape, config.n_images, cache_root=cache_root, report=report)
        return _made(drawn, loaded, located)
    return _read(info, config, located, cache_root, report)


def default_cache(download_folder: Path) -> Path:
    """Return where converted images are kept when nobody says otherwise."""
    return download_folder.parent / "cache"


def _read(
    info: DatasetInfo, config: DataConfig, located: Located, cache_root: Path, report: Report
) -> ImageArrays:
    assert located.folder is not None
    if info.format in ("photos", "own"):
        shape = wanted_shape(config, Shape(info.channels, info.size_px))
        photos = load_photos(
            info, located.folder, config, shape, cache_root=cache_root, report=report
        )
        return ImageArrays(
            images=photos.loaded.images,
            labels=photos.loaded.labels,
            classes=photos.classes,
            name=info.name,
            located=located,
            fingerprint=photos.loaded.fingerprint,
            skipped=photos.skipped,
            n_skipped=photos.n_skipped,
        )
    own = own_shape(info, located.folder)
    shape = wanted_shape(config, Shape(own.channels, own.size_px))
    loaded = load_published(
        info, located.folder, shape, config.n_images, cache_root=cache_root, report=report
    )
    return _made(info, loaded, located)


def _made(info: DatasetInfo, loaded: Loaded, located: Located) -> ImageArrays:
    return ImageArrays(
        images=loaded.images,
        labels=loaded.labels,
        classes=info.classes,
        name=info.name,
        located=located,
        fingerprint=loaded.fingerprint,
    )
