"""Where a data set's files are, told in one plain sentence, without reading an image.

Maths layer, but for pages and the terminal too: imports neither torch nor numpy. `locate` walks
the usual folders; `gan.data.arrays` then reads, downloads or draws what it says.
"""

import gzip
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gan.config import DataConfig
from gan.data.catalog import (
    CELEBA_ARCHIVE,
    CELEBA_FOLDER,
    CIFAR_ARCHIVE,
    CIFAR_BATCHES,
    CIFAR_FOLDER,
    DATASETS,
    IMAGES_FILE,
    LABELS_FILE,
    SVHN_FILE,
    DatasetInfo,
    get_dataset_info,
)
from gan.errors import DataError

__all__ = [
    "DATASETS",
    "DEBIAN_FOLDER",
    "IMAGES_FILE",
    "LABELS_FILE",
    "DatasetInfo",
    "Located",
    "find_file",
    "find_files",
    "get_dataset_info",
    "how_to_get",
    "identify",
    "locate",
    "search_roots",
]

DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package dataset-fashion-mnist puts its files."""


@dataclass(frozen=True)
class Located:
    """Where images come from.

    Attributes:
        kind: read from files, downloaded, or drawn by `gan.data.drawn` or `gan.data.faces`.
        folder: the folder that holds the files, or the archive; None if there is none (yet).
        why: one plain sentence for a page or the terminal.
    """

    kind: Literal["files", "download", "drawn"]
    folder: Path | None
    why: str


def search_roots(
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    home: Path | None = None,
) -> list[Path]:
    """Return the usual places for data sets, best first; none of them has to exist.

    They are `$GAN_DATA`, `data/` in the current directory, `workspace/data/` (where our own
    downloads go) under `$GAN_HOME` or the current directory, Debian's package, and torch's cache.
    """
    env = os.environ if env is None else env
    cwd = Path.cwd() if cwd is None else cwd
    home = _expand("~") if home is None else home
    roots = [_expand(env["GAN_DATA"])] if env.get("GAN_DATA") else []
    workspace_parent = _expand(env.get("GAN_HOME") or cwd)
    cache = _expand(env.get("XDG_CACHE_HOME") or home / ".cache")
    torch_home = _expand(env.get("TORCH_HOME") or cache / "torch")
    return [
        *roots,
        cwd / "data",
        workspace_parent / "workspace" / "data",
        DEBIAN_FOLDER,
        torch_home,
        torch_home / "datasets",
    ]


def locate(data: DataConfig, *, search: Sequence[Path] | None = None) -> Located:
    """Say where the images would come from; quick, since no image is read.

    Args:
        data: data set, source and folder. The folder is searched first, unless drawing is asked
            for; it may also be the data set's archive itself.
        search: folders to search instead of `search_roots()`. Files may lie in such a folder
            itself, or below it in `<slug>/`, `<TorchvisionName>/` or `<TorchvisionName>/raw/`.

    Raises:
        DataError: `data.source` insists on something that is not to be had, or `data.folder`
            holds another published data set, or there is no folder of one's own pictures.
    """
    info = get_dataset_info(data.dataset)
    if info.format == "own":
        return _locate_own(data)
    if info.format == "drawn":
        if data.source in ("files", "download"):
            raise DataError(
                f"The {info.title.lower()} are drawn by GAN Workbench and have no {data.source}: "
                "choose data.source auto or drawn, or another data set."
            )
        n = min(data.n_images or info.n_images, info.n_images)
        return Located("drawn", None, f"{info.title}, {n:,} of them, drawn here.")
    instead = DATASETS[info.stand_in].title
    if data.source == "drawn":
        return Located("drawn", None, f"{instead} instead of {info.title}, as asked for.")
    folder = None if data.source == "download" else _find_folder(info, data.folder, search)
    if folder is not None:
        return Located("files", folder, _read_from(info, folder))
    note = f" ({_expand(data.folder)} does not have it)" if data.folder else ""
    if data.source == "files":
        raise DataError(f"{info.title} is not on this machine{note}: {how_to_get(info)}.")
    if data.source == "download":
        return Located(
            "download", None, f"{info.title} is downloaded ({info.download_mb} MB), as asked for."
        )
    return Located(
        "download",
        None,
        f"{info.title} is not on this machine{note}: it will be downloaded ({info.download_mb} MB) "
        f"or, if that fails, {instead.lower()} stand in.",
    )


def find_file(folder: Path, name: str) -> Path | None:
    """Return the idx file of that name in a folder, unpacked or gzipped; None if absent."""
    dotted = name.replace("-idx", ".idx")  # as some archives spell it
    for candidate in (name, f"{name}.gz", dotted, f"{dotted}.gz"):
        if _is_there(folder / candidate):
            return folder / candidate
    return None


def find_files(info: DatasetInfo, folder: Path) -> list[Path]:
    """Return the files of a data set that `locate` found, as far as they are there.

    For photos it is the folder or archive as a whole.
    """
    if info.format == "idx":
        found = (find_file(folder, name) for name in (info.images_file, info.labels_file))
        return [file for file in found if file is not None]
    if info.format == "cifar" and folder.is_dir():
        return [folder / name for name in CIFAR_BATCHES if _is_there(folder / name)]
    return [folder]


def how_to_get(info: DatasetInfo, folder: Path | None = None) -> str:
    """Return what a person can do to have a data set's files, half a sentence.

    Args:
        info: the data set.
        folder: where they will be found; by default any folder that is then named.
    """
    by_package = (
        "install it with `apt-get install dataset-fashion-mnist`, or "
        if info.name == "fashion-mnist"
        else ""
    )
    site = info.homepage.split()[0]
    archive = "out of gzip.zip, " if info.name == "emnist" else ""
    what = f"put {' and '.join(info.files)} ({archive}see {site})"
    if folder is not None:
        return f"{by_package}{what} into {folder}"
    return f"{by_package}{what} into a folder and name that with --folder, or set $GAN_DATA"


def identify(images_file: Path) -> DatasetInfo | None:
    """Return which published data set a file of images begins like; None for any other.

    Reads one image. A damaged file is nobody's: whoever reads it whole will say what is wrong.
    """
    try:
        with images_file.open("rb") as raw:
            is_gzip = raw.read(2) == b"\x1f\x8b"
        with gzip.open(images_file) if is_gzip else images_file.open("rb") as file:
            first_image = file.read(16 + 28 * 28)[16:]
    except (OSError, EOFError, zlib.error):
        return None
    crc = zlib.crc32(first_image)
    for info in DATASETS.values():
        if info.first_image_crc32 == crc and not info.made_of:
            return info
    return None


def _locate_own(data: DataConfig) -> Located:
    if data.source in ("download", "drawn"):
        raise DataError(
            f"Your own pictures cannot be had by data.source {data.source}: choose auto or files, "
            "or another data set."
        )
    if not data.folder:
        raise DataError(
            "No folder is named for your own pictures: set data.folder (--folder) to the folder "
            "or the zip that holds them."
        )
    folder = _expand(data.folder)
    if not (folder.is_dir() or _is_there(folder)):
        raise DataError(
            f"There is no folder {folder} with your own pictures: set data.folder (--folder) to "
            "the folder or the zip that holds them."
        )
    return Located("files", folder, f"Own pictures read from {folder}.")


def _expand(path: str | Path) -> Path:
    """Return a path with `~` spelled out where this machine knows whose home it is."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError:  # a folder that we may not look into has nothing for us
        return False


def _find_folder(
    info: DatasetInfo, named: str | None, search: Sequence[Path] | None
) -> Path | None:
    if named:
        root = _expand(named)
        other = None
        for folder, found in _holdings(root, info):
            if found is None or _is_meant(found, info):
                return folder
            other = other or DataError(
                f"{folder} holds {found.title}, not {info.title}: choose the data set "
                f"{found.name} or another folder."
            )
        if other is not None:
            raise other
    for root in search_roots() if search is None else search:
        for folder, found in _holdings(root, info):
            if found is None or _is_meant(found, info):
                return folder
    return None


def _is_meant(found: DatasetInfo, info: DatasetInfo) -> bool:
    return found.name in (info.name, info.made_of)


def _holdings(root: Path, info: DatasetInfo) -> Iterator[tuple[Path, DatasetInfo | None]]:
    """Yield each folder at or below root that has the files, and what they really are if known."""
    if root.suffix in _ARCHIVE_SUFFIXES.get(info.format, ()) and _is_there(root):
        yield root, None
    below = root / info.torchvision_name
    for folder in (root, root / (info.made_of or info.name), below, below / "raw"):
        if info.format == "idx":
            file = find_file(folder, info.images_file)
            if file is not None:
                yield folder, identify(file)
        else:
            place = _PLACES[info.format](folder)
            if place is not None:
                yield place, None


def _find_cifar(folder: Path) -> Path | None:
    for batches in (folder, folder / CIFAR_FOLDER):
        if _is_there(batches / CIFAR_BATCHES[0]):
            return batches
    return folder / CIFAR_ARCHIVE if _is_there(folder / CIFAR_ARCHIVE) else None


def _find_svhn(folder: Path) -> Path | None:
    return folder / SVHN_FILE if _is_there(folder / SVHN_FILE) else None


def _find_celeba(folder: Path) -> Path | None:
    """Return the photos; an archive unpacked by its file manager may lie one folder deeper."""
    below = folder / CELEBA_FOLDER
    for photos in (folder, below, below / CELEBA_FOLDER):
        if _is_there(photos / "000001.jpg"):
            return photos
    return folder / CELEBA_ARCHIVE if _is_there(folder / CELEBA_ARCHIVE) else None


def _read_from(info: DatasetInfo, folder: Path) -> str:
    if folder == DEBIAN_FOLDER:
        return f"{info.title} read from {folder} (Debian package dataset-fashion-mnist)."
    file = find_file(folder, info.images_file) if info.first_image_crc32 is not None else None
    if file is not None and identify(file) is None:
        return f"{info.title} read from {folder} (other files than the published ones)."
    return f"{info.title} read from {folder}."


_PLACES = {"cifar": _find_cifar, "svhn": _find_svhn, "photos": _find_celeba}
_ARCHIVE_SUFFIXES = {"cifar": (".gz", ".tgz"), "svhn": (".mat",), "photos": (".zip",)}
