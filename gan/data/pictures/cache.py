"""A person's pictures decoded once, kept in a file that is mapped into memory.

Maths layer, without torch: pages call `find_cache` and `preview`, whoever starts a run calls
`prepare_pictures`. `torch.from_numpy(cache.images)` is a tensor that takes no memory of its own,
so a data set may be larger than memory.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from gan.config.data import Fit
from gan.data.pictures import store
from gan.data.pictures.decode import Background, PictureError, Target
from gan.data.pictures.listing import Entry, Listing, list_pictures
from gan.data.pictures.making import Job, Progress, locked, make
from gan.data.pictures.names import Skipped, shown
from gan.data.pictures.pool import decode_all
from gan.errors import ConfigError, DataError

MAX_SIZE_PX = 512
"""Four times what a configuration may ask for; results of larger size would fill memory."""


@dataclass(frozen=True, eq=False)
class PictureCache:
    """Pictures ready to be learnt from.

    Attributes:
        folder: where they are kept.
        labels: `[N]` int64, an index into `classes`; None if there are none.
        classes: names of the sub-folders that are the classes.
        n_images: how many pictures there are.
        channels: 1 (grey) or 3 (RGB).
        size_px: height and width.
        fingerprint: sha256 (hex) over shapes and bytes of images and labels, the same as
            `gan.data.dataset.make_fingerprint` gives.
        skipped: files that are not used, the first `MAX_LISTED` of them.
        n_skipped: how many there are.
    """

    folder: Path
    labels: npt.NDArray[np.int64] | None
    classes: tuple[str, ...]
    n_images: int
    channels: int
    size_px: int
    fingerprint: str
    skipped: tuple[Skipped, ...]
    n_skipped: int

    @property
    def images(self) -> npt.NDArray[np.uint8]:
        """The pictures `[N, C, H, W]`, uint8, mapped anew at each call: keep what you are given.

        The map is copy-on-write: writing to it is allowed and never reaches the file.

        Raises:
            DataError: the files have gone.
        """
        try:
            return store.open_images(self.folder)
        except (OSError, ValueError) as error:
            raise DataError(
                f"The prepared pictures in {self.folder} cannot be read ({error}): prepare them "
                "again."
            ) from error


def prepare_pictures(
    source: Path,
    *,
    size_px: int,
    channels: int,
    fit: Fit,
    background: Background,
    cache_root: Path,
    progress: Progress | None = None,
    n_workers: int | None = None,
    is_stopping: Callable[[], bool] | None = None,
) -> PictureCache:
    """Decode the pictures of a folder or a zip, unless that was done before.

    The result does not depend on the number of workers. Whoever asks for the same pictures
    meanwhile waits here until they are done. However this ends, no half-written file is left.

    Args:
        source: the folder or the zip.
        size_px: height and width of the results.
        channels: 1 (grey) or 3 (RGB).
        fit: "crop" takes the square in the middle, "pad" all of a picture.
        background: what lies behind transparent and padded parts.
        cache_root: the folder of all caches; made if need be.
        progress: is called from this thread, a few times a second and at the end.
        n_workers: threads that decode; by default one a core, 8 at most.
        is_stopping: asked now and then whether to give up.

    Raises:
        DataError: the source cannot be read or has fewer than two usable pictures, or the disk is
            full.
        StoppedError: `is_stopping` said so.
        ConfigError: an option is out of range.
    """
    target = _check_target(size_px, channels, fit, background)
    listing = list_pictures(source)
    key = store.make_key(listing, target)
    folder = cache_root / key
    done = _load(folder, key)
    if done is not None:
        return done
    job = Job(listing, target, folder, n_workers, progress, is_stopping)
    with store.disk_errors(cache_root), locked(job):
        done = _load(folder, key)  # somebody else may have made it while we waited
        if done is None:
            make(job)
            done = _load(folder, key)
    if done is None:
        raise DataError(f"{folder} was changed while pictures were prepared: try again.")
    store.remove_outdated(cache_root, key, listing.source, target)
    return done


def find_cache(
    source: Path,
    *,
    size_px: int,
    channels: int,
    fit: Fit,
    background: Background,
    cache_root: Path,
) -> PictureCache | None:
    """Return the prepared pictures if there are any and the source is still the same.

    Lists the source's files, and decodes nothing. A source that cannot be listed has no cache:
    `prepare_pictures` and `survey` say what is wrong with it.

    Raises:
        ConfigError: an option is out of range.
    """
    target = _check_target(size_px, channels, fit, background)
    try:
        listing = list_pictures(source)
    except DataError:
        return None
    key = store.make_key(listing, target)
    return _load(cache_root / key, key)


def preview(
    source: Path,
    *,
    size_px: int,
    channels: int,
    fit: Fit,
    background: Background,
    n: int = 24,
) -> tuple[npt.NDArray[np.uint8], list[str], list[str]]:
    """Decode a few pictures as they would be learnt, spread over files and classes.

    Returns:
        The pictures `[n, H, W, C]` uint8, their names, and a sentence for each that failed. There
        are fewer than `n` if files fail or are too few.

    Raises:
        DataError: the source cannot be read or has fewer than two files that may be pictures.
        ConfigError: an option is out of range.
    """
    target = _check_target(size_px, channels, fit, background)
    listing = list_pictures(source)
    pictures, names, problems = [], [], []
    with closing(decode_all(listing, _spread(listing, n), target)) as results:
        for entry, result in results:
            if isinstance(result, PictureError):
                problems.append(Skipped(entry.name, str(result)).sentence)
            else:
                pictures.append(result.transpose(1, 2, 0))  # [C, H, W] -> [H, W, C]
                names.append(shown(entry.name))
    empty = np.zeros((0, size_px, size_px, channels), dtype=np.uint8)
    return (np.ascontiguousarray(pictures) if pictures else empty), names, problems


def _check_target(size_px: int, channels: int, fit: Fit, background: Background) -> Target:
    if not 1 <= size_px <= MAX_SIZE_PX:
        raise ConfigError(f"Pictures of {size_px} px cannot be made: choose 1 to {MAX_SIZE_PX}.")
    if channels not in (1, 3):
        raise ConfigError(f"Pictures of {channels} channels cannot be made: choose 1 or 3.")
    if fit not in ("crop", "pad"):
        raise ConfigError(f"There is no fit {fit!r}: choose crop or pad.")
    if background not in ("white", "black"):
        raise ConfigError(f"There is no background {background!r}: choose white or black.")
    return Target(size_px, channels, fit, background)


def _load(folder: Path, key: str) -> PictureCache | None:
    index = store.read_index(folder, key)
    if index is None:
        return None
    try:
        n_images, channels, size_px, _ = index["shape"]
        return PictureCache(
            folder=folder,
            labels=store.read_labels(folder) if index["classes"] else None,
            classes=tuple(index["classes"]),
            n_images=n_images,
            channels=channels,
            size_px=size_px,
            fingerprint=index["fingerprint"],
            skipped=tuple(Skipped(name, reason) for name, reason in index["skipped"]),
            n_skipped=index["n_skipped"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _spread(listing: Listing, n: int) -> list[Entry]:
    """Pick n files, the classes in turn, and within each evenly from first to last."""
    groups: dict[int, list[Entry]] = {}
    for entry in listing.entries:
        groups.setdefault(entry.label, []).append(entry)
    ordered = [groups[label] for label in sorted(groups)]
    quotas = [0] * len(ordered)
    for _ in range(min(n, len(listing.entries))):
        free = [i for i, group in enumerate(ordered) if quotas[i] < len(group)]
        quotas[min(free, key=lambda i: quotas[i])] += 1
    return [
        group[i * len(group) // quota]
        for group, quota in zip(ordered, quotas, strict=True)
        for i in range(quota)
    ]
