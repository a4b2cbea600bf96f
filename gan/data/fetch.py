"""Downloading a published data set, or saying politely why that was not possible.

Maths layer. Which files, from where and with which checksums is read from torchvision's classes
when something is downloaded, and not before: importing them imports torch.
"""

import logging
import shutil
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from gan.config import DataConfig
from gan.data.catalog import DatasetInfo, get_dataset_info
from gan.data.download import DownloadError, RemoteFile, download_file
from gan.data.progress import Note, Report
from gan.data.sources import Located, how_to_get, locate
from gan.errors import DataError, StoppedError

log = logging.getLogger(__name__)

Downloader = Callable[[DatasetInfo, Path, Report], None]
"""Fetches a data set into the folder of all downloads, where it will be found; any exception means
failure."""

_DRIVE = "https://drive.usercontent.google.com/download?export=download&confirm=t&id="
_REASON_CHARS = 200


def obtain(
    info: DatasetInfo,
    folder: Path,
    report: Report,
    *,
    insist: bool,
    downloader: Downloader | None = None,
) -> Located:
    """Download, and return what there is to use now: files, or a drawn set in their place.

    Args:
        info: the data set.
        folder: where downloads are kept.
        report: is told how far it is.
        insist: without it, pictures drawn here stand in for a failed download.
        downloader: fetches the files; `download` by default.

    Raises:
        DataError: the download failed, and `insist`.
    """
    kept = _find_kept(info, folder)
    if kept is not None:
        return Located("files", kept, f"{info.title} read from {kept} (downloaded before).")
    report(Note(f"Downloading {info.title} ({info.download_mb} MB)."))
    try:
        (downloader or download)(info, folder, report)
        kept = _find_kept(info, folder)
        if kept is None:
            raise FileNotFoundError(f"no {info.files[0]} among the downloaded files")
    except StoppedError:
        raise
    except Exception as error:
        reason = _short_reason(error)
        log.info("The download of %s failed.", info.title, exc_info=True)
        by_hand = how_to_get(info, folder / info.kept_in)
        if insist:
            raise DataError(
                f"{info.title} could not be downloaded ({reason}): {by_hand}."
            ) from error
        instead = get_dataset_info(info.stand_in).title
        why = (
            f"{instead} stand in for {info.title}: it is not on this machine and could not be "
            f"downloaded ({reason}). To have it, {by_hand}."
        )
        return Located("drawn", None, why)
    return Located("download", kept, f"{info.title} downloaded to {kept}.")


def download(info: DatasetInfo, folder: Path, report: Report) -> None:
    """Download a data set below `folder`; one process at a time, the others wait.

    Raises:
        DownloadError: a file is not to be had.
        OSError: the folder cannot be written.
    """
    files = remote_files(info)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f".{info.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report(Note(f"Another process is downloading {info.title}: waiting for it."))
        lock.acquire()
    try:
        if _find_kept(info, folder) is None:
            _download_all(info, files, folder / info.kept_in, report)
    finally:
        lock.release()


def remote_files(info: DatasetInfo) -> list[RemoteFile]:
    """Return the files of the training set, as torchvision knows them; the images come last.

    A folder counts as a data set once it has its images.

    Raises:
        DownloadError: torchvision is missing or knows nothing of the kind.
    """
    try:
        from torchvision import datasets  # noqa: PLC0415  (imports torch)

        published = getattr(datasets, info.torchvision_name)
        return _of_class(info, published)
    except (ImportError, AttributeError, KeyError, ValueError) as error:
        raise DownloadError(
            f"the installed torchvision does not say where {info.title} is ({error})"
        ) from None


def _of_class(info: DatasetInfo, published: Any) -> list[RemoteFile]:
    if info.format == "cifar":
        return [RemoteFile(published.filename, (published.url,), published.tgz_md5)]
    if info.format == "svhn":
        url, name, md5 = published.split_list["train"]
        return [RemoteFile(name, (url,), md5)]
    if info.format == "photos":
        by_name = {name: (file_id, md5) for file_id, md5, name in published.file_list}
        file_id, md5 = by_name[info.files[0]]
        return [RemoteFile(info.files[0], (_DRIVE + file_id,), md5)]
    if info.name == "emnist":
        return [RemoteFile("gzip.zip", (published.url,), published.md5)]
    sums = dict(published.resources)
    return [
        RemoteFile(name, tuple(mirror + name for mirror in published.mirrors), sums[name])
        for name in reversed(info.files)
    ]


def _download_all(info: DatasetInfo, files: list[RemoteFile], folder: Path, report: Report) -> None:
    for file in files:
        title = info.title if len(files) == 1 else f"{info.title}, {file.name}"
        path = download_file(file, folder, report, title=title)
        if info.name == "emnist":
            _unpack(info, path)


def _unpack(info: DatasetInfo, archive: Path) -> None:
    """Take the two files that are needed out of an archive of many, and remove it."""
    try:
        with zipfile.ZipFile(archive) as stored:
            members = {name.rsplit("/", 1)[-1]: name for name in stored.namelist()}
            for name in reversed(info.files):
                half = archive.with_name(f"{name}.part")
                with stored.open(members[name]) as source, half.open("wb") as target:
                    shutil.copyfileobj(source, target)
                half.replace(archive.with_name(name))
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise DownloadError(f"{archive} does not hold {' and '.join(info.files)}") from error
    archive.unlink()


def _find_kept(info: DatasetInfo, folder: Path) -> Path | None:
    """Return what of a data set lies among our downloads."""
    config = DataConfig.model_validate({"dataset": info.name})
    located = locate(config, search=[folder / info.kept_in])
    return located.folder if located.kind == "files" else None


def _short_reason(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= _REASON_CHARS else f"{text[: _REASON_CHARS - 1]}…"
