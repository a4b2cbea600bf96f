"""The images of a run, held as bytes and scaled on the device that trains on them.

Maths layer. `load_data` reads what `gan.data.sources` locates, downloads it, or draws digits in
its place, and always says which. Images stay uint8 until a batch of them is needed: 60,000 grey
images of 28 × 28 are 47 MB as bytes and 188 MB as float32.
"""

import hashlib
import logging
import re
import shutil
import socket
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from gan.config import DataConfig
from gan.data.drawn import draw_digits
from gan.data.idx import read_idx
from gan.data.sources import (
    IMAGES_FILE,
    LABELS_FILE,
    DatasetInfo,
    Located,
    find_file,
    get_dataset_info,
    how_to_get,
    locate,
    search_roots,
)
from gan.errors import DataError

log = logging.getLogger(__name__)

Downloader = Callable[[DatasetInfo, Path], None]
"""Fetches a data set's idx files into a folder given to it; any exception means failure."""

DOWNLOAD_TIMEOUT_S = 10.0
"""A download that is silent for so long has failed."""


@dataclass(frozen=True, eq=False)
class ImageData:
    """Images to learn, and what they are.

    Attributes:
        images: `[N, C, H, W]` uint8, 0 to 255.
        labels: `[N]` int64, an index into `classes`; None if the files have none.
        classes: names of the labels.
        name: which data set this really is, a key of `gan.data.sources.DATASETS`.
        located: where it came from; its `why` is the sentence to show.
        fingerprint: sha256 (hex) over shapes and bytes of images and labels.
    """

    images: torch.Tensor
    labels: torch.Tensor | None
    classes: tuple[str, ...]
    name: str
    located: Located
    fingerprint: str

    @property
    def n_images(self) -> int:
        """How many images there are."""
        return self.images.shape[0]

    @property
    def channels(self) -> int:
        """Colour channels of an image: 1 for grey."""
        return self.images.shape[1]

    @property
    def size_px(self) -> int:
        """Height, and width, of an image."""
        return self.images.shape[2]

    def to(self, device: torch.device | str) -> "ImageData":
        """Return the same data with images and labels on a device."""
        labels = None if self.labels is None else self.labels.to(device)
        return replace(self, images=self.images.to(device), labels=labels)


def load_data(
    config: DataConfig,
    *,
    download_folder: Path,
    progress: Callable[[str], None] | None = None,
    search: Sequence[Path] | None = None,
    downloader: Downloader | None = None,
) -> ImageData:
    """Read, download or draw the images that a configuration asks for, on the CPU.

    With `source="auto"` a failed download makes the drawn digits stand in, and `located.why` says
    so. A file that is there but damaged is an error all the same: it is somebody's to mend.

    Args:
        config: which data set, from where, how many of its images.
        download_folder: where downloads are kept, in torchvision's layout; searched as well.
        progress: is told one short sentence before each thing that takes time.
        search: folders to search instead of the usual ones.
        downloader: fetches the files; `download_with_torchvision` by default.

    Raises:
        DataError: the data cannot be had or read, or has fewer images than `config.n_images`.
    """
    tell = progress or log.info
    info = get_dataset_info(config.dataset)
    roots = search_roots() if search is None else search
    located = locate(config, search=[*roots, download_folder])
    if located.kind == "download":
        insist = config.source == "download"
        fetch = downloader or download_with_torchvision
        located = _download(info, download_folder, fetch, insist=insist, tell=tell)
    if located.kind == "drawn":
        return _draw(config.n_images, located, tell)
    return _read(info, config.n_images, located, tell)


def download_with_torchvision(info: DatasetInfo, folder: Path) -> None:
    """Download a data set into `folder` by torchvision, which checks the files' MD5 sums.

    While it runs, sockets made anywhere in this process time out after `DOWNLOAD_TIMEOUT_S`.
    """
    from torchvision import datasets  # noqa: PLC0415  (slow to import, and seldom needed)

    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(DOWNLOAD_TIMEOUT_S)
    try:
        getattr(datasets, info.torchvision_name)(folder, train=True, download=True)
    finally:
        socket.setdefaulttimeout(before)


def make_fingerprint(images: torch.Tensor, labels: torch.Tensor | None) -> str:
    """Return sha256 (64 hex digits) over shapes and bytes; 47 MB take a few hundredths of a s."""
    digest = hashlib.sha256()
    for part in (images, labels):
        if part is None:
            digest.update(b"none")
        else:
            array = np.ascontiguousarray(part.cpu().numpy())
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(array.reshape(-1).data)
    return digest.hexdigest()


def scale(images: torch.Tensor) -> torch.Tensor:
    """Return uint8 images as float32 in [-1, 1] on the same device, same shape: x / 127.5 - 1."""
    if images.dtype != torch.uint8:
        raise TypeError(f"Images are {images.dtype}: only uint8 images need scaling.")
    return images.to(torch.float32).div_(127.5).sub_(1.0)


def to_uint8(images: torch.Tensor) -> torch.Tensor:
    """Return float images in [-1, 1] as uint8, rounded and clamped; the inverse of `scale`.

    Same shape and device; the input is left as it is. NaN has no grey value and gives any.
    """
    copy = images.detach().to(torch.float32, copy=True)
    return copy.add_(1.0).mul_(127.5).round_().clamp_(0.0, 255.0).to(torch.uint8)


def to_hwc(images: torch.Tensor) -> npt.NDArray[np.uint8]:
    """Return uint8 images `[N, C, H, W]` as a contiguous numpy array `[N, H, W, C]`."""
    if images.dtype != torch.uint8:
        raise TypeError(f"Images are {images.dtype}: convert them with to_uint8 first.")
    array: npt.NDArray[np.uint8] = images.detach().permute(0, 2, 3, 1).contiguous().cpu().numpy()
    return array


def _read(
    info: DatasetInfo, n_wanted: int | None, located: Located, tell: Callable[[str], None]
) -> ImageData:
    assert located.folder is not None
    images_file = find_file(located.folder, IMAGES_FILE)
    labels_file = find_file(located.folder, LABELS_FILE)
    if images_file is None:
        raise DataError(f"{located.folder} has no file {IMAGES_FILE} (or {IMAGES_FILE}.gz).")
    tell(f"Reading {info.title} from {located.folder}.")
    images = read_idx(images_file, n_dims=3)
    n_images, height, width = images.shape
    if height != width:
        raise DataError(f"{images_file} holds images of {height} × {width} pixels, not squares.")
    labels = None
    if labels_file is not None:
        labels = read_idx(labels_file, n_dims=1)
        if len(labels) != n_images:
            raise DataError(f"{labels_file} has {len(labels)} labels for {n_images} images.")
        if labels.max() >= len(info.classes):
            raise DataError(
                f"{labels_file} has a label {labels.max()}, and {info.title} has "
                f"{len(info.classes)} classes, counted from 0."
            )
    _check_count(n_wanted, n_images, info.title)
    return _make(info, images[:n_wanted], None if labels is None else labels[:n_wanted], located)


def _draw(n_wanted: int | None, located: Located, tell: Callable[[str], None]) -> ImageData:
    info = get_dataset_info("drawn-digits")
    _check_count(n_wanted, info.n_images, info.title)
    n_images = n_wanted or info.n_images
    tell(f"Drawing {n_images:,} digits.")
    images, labels = draw_digits(n_images)
    return _make(info, images, labels, located)


def _make(
    info: DatasetInfo,
    images: npt.NDArray[np.uint8],
    labels: npt.NDArray[np.uint8] | None,
    located: Located,
) -> ImageData:
    image_tensor = torch.from_numpy(images).unsqueeze(1)  # [N, H, W] -> [N, 1, H, W]
    label_tensor = None if labels is None else torch.from_numpy(labels).to(torch.int64)
    return ImageData(
        images=image_tensor,
        labels=label_tensor,
        classes=info.classes,
        name=info.name,
        located=located,
        fingerprint=make_fingerprint(image_tensor, label_tensor),
    )


def _check_count(n_wanted: int | None, n_images: int, title: str) -> None:
    if n_wanted is not None and n_wanted > n_images:
        raise DataError(
            f"data.n_images asks for {n_wanted} images, and there are {n_images} in {title}: "
            f"ask for at most {n_images}, or leave it empty for all."
        )


def _download(
    info: DatasetInfo,
    folder: Path,
    downloader: Downloader,
    *,
    insist: bool,
    tell: Callable[[str], None],
) -> Located:
    """Download, and return what there is to use now: files, or drawn digits in their place."""
    kept = folder / info.torchvision_name / "raw"
    if find_file(kept, IMAGES_FILE) is not None:
        return Located("files", kept, f"{info.title} read from {kept} (downloaded before).")
    tell(f"Downloading {info.title} ({info.download_mb} MB).")
    try:
        _download_whole(info, folder, downloader)
    except Exception as error:
        reason = _short_reason(error)
        log.info("The download of %s failed.", info.title, exc_info=True)
        if insist:
            raise DataError(
                f"{info.title} could not be downloaded ({reason}): {how_to_get(info)}."
            ) from error
        why = (
            f"Drawn digits stand in for {info.title}: it is not on this machine and could not be "
            f"downloaded ({reason}). To have it, {how_to_get(info)}."
        )
        return Located("drawn", None, why)
    return Located("download", kept, f"{info.title} downloaded to {kept}.")


def _download_whole(info: DatasetInfo, folder: Path, downloader: Downloader) -> None:
    """Download to a temporary folder, then move the files: half a download is never found.

    The images go last, since a folder counts as a data set once it has them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    incoming = Path(tempfile.mkdtemp(prefix=".incoming-", dir=folder))
    try:
        downloader(info, incoming)
        arrived = incoming / info.torchvision_name / "raw"
        if find_file(arrived, IMAGES_FILE) is None:
            raise FileNotFoundError(f"no {IMAGES_FILE} among the downloaded files")
        kept = folder / info.torchvision_name / "raw"
        kept.mkdir(parents=True, exist_ok=True)
        for file in sorted(arrived.iterdir(), key=lambda f: f.name.startswith("train-images")):
            file.replace(kept / file.name)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def _short_reason(error: Exception) -> str:
    """Return what went wrong without torchvision's list of mirrors and urllib's wrapping."""
    text = " ".join(str(error).split()) or type(error).__name__
    text = text.rsplit("got: ", 1)[-1]
    text = re.sub(r"<urlopen error (.*)>", r"\1", text)
    text = re.sub(r"\[Errno [^]]*\] ", "", text)
    return text if len(text) <= 160 else f"{text[:159]}…"
