"""Where a data set's files are, told in one plain sentence, without reading an image.

Maths layer, but for pages and the terminal too: imports neither torch nor numpy. `locate` walks
the usual folders; `gan.data.dataset` then reads, downloads or draws what it says.
"""

import gzip
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gan.config import DataConfig
from gan.errors import DataError, UnknownNameError

DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package dataset-fashion-mnist puts its files."""

IMAGES_FILE = "train-images-idx3-ubyte"
LABELS_FILE = "train-labels-idx1-ubyte"


@dataclass(frozen=True)
class DatasetInfo:
    """One data set, as published.

    Attributes:
        name: its slug, a value of `DataConfig.dataset`.
        title: its name for people.
        classes: names of the labels 0, 1, 2 …
        size_px: height and width of an image.
        channels: 1 for grey.
        n_images: images in the training set.
        licence: under which terms it may be used.
        homepage: where it comes from and who to cite, one line.
        torchvision_name: its class and folder in torchvision; empty if it has none.
        download_mb: size of torchvision's download; 0 if it has none.
        first_image_crc32: tells published sets apart, whose files have the same names.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    size_px: int
    channels: int
    n_images: int
    licence: str
    homepage: str
    torchvision_name: str = ""
    download_mb: int = 0
    first_image_crc32: int | None = None


@dataclass(frozen=True)
class Located:
    """Where images come from.

    Attributes:
        kind: read from files, downloaded, or drawn by `gan.data.drawn`.
        folder: the folder that holds the files; None if there is none (yet).
        why: one plain sentence for a page or the terminal.
    """

    kind: Literal["files", "download", "drawn"]
    folder: Path | None
    why: str


def get_dataset_info(name: str) -> DatasetInfo:
    """Return what is known about a data set. Raises UnknownNameError."""
    if name not in DATASETS:
        raise UnknownNameError("data set", name, list(DATASETS))
    return DATASETS[name]


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
            for.
        search: folders to search instead of `search_roots()`. Files may lie in such a folder
            itself, or below it in `<slug>/`, `<TorchvisionName>/` or `<TorchvisionName>/raw/`.

    Raises:
        DataError: `data.source` insists on something that is not to be had, or `data.folder`
            holds another published data set.
    """
    info = get_dataset_info(data.dataset)
    drawn = DATASETS["drawn-digits"]
    if info is drawn:
        if data.source in ("files", "download"):
            raise DataError(
                f"The drawn digits are drawn by GAN Workbench and have no {data.source}: choose "
                "data.source auto or drawn, or another data set."
            )
        return Located("drawn", None, f"{drawn.title}, {drawn.n_images:,} of them, drawn here.")
    if data.source == "drawn":
        return Located("drawn", None, f"Drawn digits instead of {info.title}, as asked for.")
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
        "or, if that fails, drawn digits stand in.",
    )


def find_file(folder: Path, name: str) -> Path | None:
    """Return the idx file of that name in a folder, unpacked or gzipped; None if absent."""
    dotted = name.replace("-idx", ".idx")  # as some archives spell it
    for candidate in (name, f"{name}.gz", dotted, f"{dotted}.gz"):
        try:
            if (folder / candidate).is_file():
                return folder / candidate
        except OSError:  # a folder that we may not look into has nothing for us
            return None
    return None


def how_to_get(info: DatasetInfo) -> str:
    """Return what a person can do to have a data set's files, half a sentence."""
    by_package = (
        "install it with `apt-get install dataset-fashion-mnist`, "
        if info.name == "fashion-mnist"
        else ""
    )
    return f"{by_package}name the folder of its idx files with --folder, or set $GAN_DATA"


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
        if info.first_image_crc32 == crc:
            return info
    return None


def _expand(path: str | Path) -> Path:
    """Return a path with `~` spelled out where this machine knows whose home it is."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def _find_folder(
    info: DatasetInfo, named: str | None, search: Sequence[Path] | None
) -> Path | None:
    if named:
        root = _expand(named)
        other = None
        for folder, found in _holdings(root, info):
            if found is None or found is info:
                return folder
            other = other or DataError(
                f"{folder} holds {found.title}, not {info.title}: choose the data set "
                f"{found.name} or another folder."
            )
        if other is not None:
            raise other
    for root in search_roots() if search is None else search:
        for folder, found in _holdings(root, info):
            if found is None or found is info:
                return folder
    return None


def _holdings(root: Path, info: DatasetInfo) -> Iterator[tuple[Path, DatasetInfo | None]]:
    """Yield each folder at or below root that has image files, and what they are."""
    below = root / info.torchvision_name
    for folder in (root, root / info.name, below, below / "raw"):
        file = find_file(folder, IMAGES_FILE)
        if file is not None:
            yield folder, identify(file)


def _read_from(info: DatasetInfo, folder: Path) -> str:
    if folder == DEBIAN_FOLDER:
        return f"{info.title} read from {folder} (Debian package dataset-fashion-mnist)."
    file = find_file(folder, IMAGES_FILE)
    if file is not None and identify(file) is None:
        return f"{info.title} read from {folder} (other files than the published ones)."
    return f"{info.title} read from {folder}."


_DIGITS = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")

DATASETS: dict[str, DatasetInfo] = {
    "fashion-mnist": DatasetInfo(
        name="fashion-mnist",
        title="Fashion-MNIST",
        classes=(
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
            "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
        ),
        size_px=28,
        channels=1,
        n_images=60_000,
        licence="MIT",
        homepage="https://github.com/zalandoresearch/fashion-mnist (Xiao, Rasul, Vollgraf, 2017)",
        torchvision_name="FashionMNIST",
        download_mb=31,
        first_image_crc32=0xF270BEB5,
    ),
    "mnist": DatasetInfo(
        name="mnist",
        title="MNIST",
        classes=_DIGITS,
        size_px=28,
        channels=1,
        n_images=60_000,
        licence="CC BY-SA 3.0",
        homepage="http://yann.lecun.com/exdb/mnist/ (LeCun, Bottou, Bengio, Haffner, 1998)",
        torchvision_name="MNIST",
        download_mb=12,
        first_image_crc32=0x90A92752,
    ),
    "drawn-digits": DatasetInfo(
        name="drawn-digits",
        title="Drawn digits",
        classes=_DIGITS,
        size_px=28,
        channels=1,
        n_images=20_000,
        licence="MIT",
        homepage="drawn by gan.data.drawn, part of GAN Workbench",
    ),
}  # fmt: skip
"""Every data set by name."""
