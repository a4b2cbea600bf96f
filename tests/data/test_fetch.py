"""Which files a data set is fetched from, and what happens around a download. No internet."""

import gzip
import hashlib
import re
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from tiny_sets import (
    write_celeba,
    write_cifar_archive,
    write_emnist,
    write_idx,
    write_mnist,
    write_svhn,
)

from gan.data.catalog import DATASETS, DatasetInfo
from gan.data.download import DownloadError, RemoteFile
from gan.data.fetch import _download_all, _unpack, download, obtain, remote_files
from gan.data.progress import Note, Report
from gan.errors import DataError

FETCHED = [name for name, info in DATASETS.items() if info.files]


def quiet(note: Note) -> None:
    """Say nothing."""


@pytest.mark.parametrize("name", FETCHED)
def test_torchvision_knows_every_file(name: str) -> None:
    info = DATASETS[name]
    files = remote_files(info)
    for file in files:
        assert re.fullmatch("[0-9a-f]{32}", file.md5)
        assert file.urls
        assert all(re.match(r"https?://", url) for url in file.urls)
    names = [file.name for file in files]
    assert names == (["gzip.zip"] if name == "emnist" else list(reversed(info.files)))
    if name == "mnist":
        assert len(files[0].urls) >= 2


def test_a_torchvision_that_knows_it_not_is_a_reason() -> None:
    odd = DatasetInfo("x", "X", (), 1, 1, 1, "", "", torchvision_name="NoSuchDataset")
    with pytest.raises(DownloadError, match="torchvision does not say where X is"):
        remote_files(odd)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("fashion-mnist", write_mnist),
        ("kmnist", write_mnist),
        ("emnist", write_emnist),
        ("cifar-10", write_cifar_archive),
        ("svhn", write_svhn),
        ("celeba", lambda folder: write_celeba(folder, as_zip=True)),
    ],
)
def test_what_arrives_in_its_place_is_found(name: str, write: object, tmp_path: Path) -> None:
    info = DATASETS[name]

    def arrive(info: DatasetInfo, folder: Path, report: Report) -> None:
        report(Note("Coming.", 0.5))
        write(folder / info.kept_in)  # type: ignore[operator]

    said: list[str] = []
    located = obtain(info, tmp_path, said.append, insist=True, downloader=arrive)
    assert located.kind == "download"
    assert located.why == f"{info.title} downloaded to {located.folder}."
    assert said == [f"Downloading {info.title} ({info.download_mb} MB).", "Coming."]
    again = obtain(info, tmp_path, said.append, insist=True, downloader=None)
    assert (again.kind, again.folder) == ("files", located.folder)
    assert again.why.endswith("(downloaded before).")


def test_a_failure_names_the_files_and_the_folder(tmp_path: Path) -> None:
    def fail(info: DatasetInfo, folder: Path, report: Report) -> None:
        raise DownloadError("no network, or no server example.org")

    with pytest.raises(DataError) as caught:
        obtain(DATASETS["svhn"], tmp_path, quiet, insist=True, downloader=fail)
    assert str(caught.value) == (
        "SVHN could not be downloaded (no network, or no server example.org): put train_32x32.mat "
        f"(see http://ufldl.stanford.edu/housenumbers/) into {tmp_path / 'SVHN'}."
    )
    located = obtain(DATASETS["svhn"], tmp_path, quiet, insist=False, downloader=fail)
    assert (located.kind, located.folder) == ("drawn", None)
    assert located.why.startswith("Drawn faces stand in for SVHN: it is not on this machine and")


def test_emnists_two_files_are_taken_out_of_the_archive(tmp_path: Path) -> None:
    info = DATASETS["emnist"]
    archive = tmp_path / "gzip.zip"
    with zipfile.ZipFile(archive, "w") as stored:
        for name in (*info.files, "emnist-letters-train-images-idx3-ubyte.gz"):
            stored.writestr(f"gzip/{name}", name)
    _unpack(info, archive)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(info.files)
    assert (tmp_path / info.files[0]).read_text() == info.files[0]
    with zipfile.ZipFile(archive, "w") as stored:
        stored.writestr("other", "")
    with pytest.raises(DownloadError, match="does not hold emnist-balanced"):
        _unpack(info, archive)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that a server in this process offers, and its address."""
    folder = tmp_path / "site"
    folder.mkdir()

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield folder, f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def published(folder: Path, address: str, name: str) -> RemoteFile:
    md5 = hashlib.md5((folder / name).read_bytes()).hexdigest()
    return RemoteFile(name, (f"{address}/{name}",), md5)


def test_a_set_of_two_files_from_its_server(site: tuple[Path, str], tmp_path: Path) -> None:
    folder, address = site
    info = DATASETS["kmnist"]
    write_mnist(folder)
    write_idx(folder / info.files[1], np.zeros(12, dtype=np.uint8))
    files = [published(folder, address, name) for name in reversed(info.files)]
    said: list[str] = []
    kept = tmp_path / info.kept_in
    _download_all(info, files, kept, said.append)
    assert sorted(path.name for path in kept.iterdir()) == sorted(info.files)
    assert said[-1] == "Downloading KMNIST, train-images-idx3-ubyte.gz: 0 of 0 MB."
    (kept / info.files[0]).unlink()  # only what is missing is asked for again
    said.clear()
    _download_all(info, files, kept, said.append)
    assert len(said) == 1


def test_emnist_from_its_server_leaves_no_archive(site: tuple[Path, str], tmp_path: Path) -> None:
    folder, address = site
    info = DATASETS["emnist"]
    write_emnist(folder)
    with zipfile.ZipFile(folder / "gzip.zip", "w") as stored:
        for name in info.files:
            raw = gzip.compress((folder / name.removesuffix(".gz")).read_bytes())
            stored.writestr(f"gzip/{name}", raw)
    kept = tmp_path / info.kept_in
    _download_all(info, [published(folder, address, "gzip.zip")], kept, quiet)
    assert sorted(path.name for path in kept.iterdir()) == sorted(info.files)
    located = obtain(info, tmp_path, quiet, insist=True)
    assert located.folder == kept


def test_of_two_processes_one_downloads_and_the_other_waits(tmp_path: Path) -> None:
    info = DATASETS["mnist"]
    lock = FileLock(tmp_path / ".mnist.lock")
    said: list[str] = []
    waits = threading.Event()

    def report(note: Note) -> None:
        said.append(note)
        waits.set()

    lock.acquire()
    waiter = threading.Thread(target=download, args=(info, tmp_path, report))
    waiter.start()
    try:
        assert waits.wait(20)
        write_mnist(tmp_path / info.kept_in)  # the first one is done
    finally:
        lock.release()
    waiter.join(20)
    assert not waiter.is_alive()
    assert said == ["Another process is downloading MNIST: waiting for it."]
