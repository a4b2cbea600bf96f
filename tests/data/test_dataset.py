"""Images as tensors: files, downloads (never a real one), drawn digits, and the conversions."""

import os
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_sets import write_cifar, write_idx, write_mnist, write_own

from gan.config import DataConfig
from gan.data.dataset import (
    ImageData,
    load_data,
    make_fingerprint,
    scale,
    to_hwc,
    to_uint8,
)
from gan.data.download import DownloadError
from gan.data.progress import Report
from gan.data.sources import DEBIAN_FOLDER, IMAGES_FILE, LABELS_FILE, DatasetInfo
from gan.errors import DataError


def write_labels(folder: Path, labels: list[int]) -> None:
    write_idx(folder / LABELS_FILE, np.array(labels, dtype=np.uint8))


def no_network(info: DatasetInfo, folder: Path, report: Report) -> None:
    raise DownloadError("no network, or no server one.example")


def good_download(info: DatasetInfo, folder: Path, report: Report) -> None:
    write_mnist(folder / info.kept_in)


def forbidden(info: DatasetInfo, folder: Path, report: Report) -> None:
    raise AssertionError("nothing should be downloaded here")


def load(
    tmp_path: Path, config: DataConfig, *, downloader: object = forbidden, n_roots: int = 1
) -> ImageData:
    return load_data(
        config,
        download_folder=tmp_path / "downloads",
        search=[tmp_path / "files"][:n_roots],
        downloader=downloader,  # type: ignore[arg-type]
    )


def test_files_are_read_whole(tmp_path: Path) -> None:
    images = write_mnist(tmp_path / "files")
    data = load(tmp_path, DataConfig())
    assert data.images.dtype == torch.uint8
    assert data.images.shape == (12, 1, 8, 8)
    np.testing.assert_array_equal(data.images[:, 0].numpy(), images)
    assert data.labels is not None
    assert data.labels.dtype == torch.int64
    assert data.labels.tolist() == [i % 10 for i in range(12)]
    assert (data.n_images, data.channels, data.size_px) == (12, 1, 8)
    assert (data.name, data.classes[9]) == ("fashion-mnist", "Ankle boot")
    assert data.located.kind == "files"


def test_labels_may_be_absent(tmp_path: Path) -> None:
    write_mnist(tmp_path / "files", with_labels=False)
    assert load(tmp_path, DataConfig()).labels is None


def test_first_n_images(tmp_path: Path) -> None:
    images = write_mnist(tmp_path / "files")
    data = load(tmp_path, DataConfig(n_images=5))
    np.testing.assert_array_equal(data.images[:, 0].numpy(), images[:5])
    assert data.labels is not None
    assert len(data.labels) == 5
    with pytest.raises(DataError, match=r"asks for 13 images, and there are 12 in Fashion-MNIST"):
        load(tmp_path, DataConfig(n_images=13))


def test_damaged_files_are_not_passed_over_for_drawn_digits(tmp_path: Path) -> None:
    write_mnist(tmp_path / "files")
    path = tmp_path / "files" / f"{IMAGES_FILE}.gz"
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(DataError, match="cut short"):
        load(tmp_path, DataConfig())


def test_labels_must_fit_the_images_and_the_classes(tmp_path: Path) -> None:
    write_mnist(tmp_path / "files")
    write_labels(tmp_path / "files", [0] * 11)
    with pytest.raises(DataError, match="11 labels for 12 images"):
        load(tmp_path, DataConfig())
    write_labels(tmp_path / "files", [0] * 11 + [10])
    with pytest.raises(DataError, match="label 10, and Fashion-MNIST has 10 classes"):
        load(tmp_path, DataConfig())


def test_download_is_kept_and_found_again(tmp_path: Path) -> None:
    said: list[str] = []
    data = load_data(
        DataConfig(),
        download_folder=tmp_path / "downloads",
        search=[],
        downloader=good_download,
        progress=said.append,
    )
    kept = tmp_path / "downloads" / "FashionMNIST" / "raw"
    assert data.located.kind == "download"
    assert data.located.why == f"Fashion-MNIST downloaded to {kept}."
    assert said == [
        "Downloading Fashion-MNIST (26 MB).",
        f"Reading Fashion-MNIST from {kept}.",
    ]
    for source in ("auto", "files", "download"):
        again = load(tmp_path, DataConfig.model_validate({"source": source}))
        assert again.located.kind == "files"
        assert again.fingerprint == data.fingerprint
    assert [path.name for path in (tmp_path / "downloads").iterdir()] == ["FashionMNIST"]


def test_without_network_drawn_digits_stand_in_and_say_why(tmp_path: Path) -> None:
    data = load(tmp_path, DataConfig(n_images=20), downloader=no_network)
    assert (data.located.kind, data.name, data.n_images) == ("drawn", "drawn-digits", 20)
    assert data.classes == tuple("0123456789")
    assert data.located.why == (
        "Drawn digits stand in for Fashion-MNIST: it is not on this machine and could not be "
        "downloaded (no network, or no server one.example). To have it, install it with `apt-get "
        "install dataset-fashion-mnist`, or put train-images-idx3-ubyte.gz and "
        "train-labels-idx1-ubyte.gz (see https://github.com/zalandoresearch/fashion-mnist) into "
        f"{tmp_path / 'downloads' / 'FashionMNIST' / 'raw'}."
    )


def test_download_insists(tmp_path: Path) -> None:
    write_mnist(tmp_path / "files")
    with pytest.raises(DataError, match=r"could not be downloaded \(no network"):
        load(tmp_path, DataConfig(source="download"), downloader=no_network)


def test_a_download_without_images_is_a_failure(tmp_path: Path) -> None:
    data = load(tmp_path, DataConfig(n_images=10), downloader=lambda info, folder, report: None)
    assert "among the downloaded files" in data.located.why


def test_a_download_folder_that_cannot_be_made_is_a_reason_too(tmp_path: Path) -> None:
    (tmp_path / "downloads").write_text("a file is in the way")
    data = load(tmp_path, DataConfig(n_images=10), downloader=good_download)
    assert data.located.kind == "drawn"


def test_leftovers_of_an_older_download_are_completed(tmp_path: Path) -> None:
    left = tmp_path / "downloads" / "FashionMNIST" / "raw"
    left.mkdir(parents=True)
    write_labels(left, [0])
    data = load(tmp_path, DataConfig(), downloader=good_download)
    assert (data.located.kind, data.n_images) == ("download", 12)


def test_drawn_digits_as_asked_for(tmp_path: Path) -> None:
    data = load(tmp_path, DataConfig(dataset="drawn-digits", n_images=30))
    assert data.images.shape == (30, 1, 28, 28)
    same = load(tmp_path, DataConfig(source="drawn", n_images=30))
    assert same.fingerprint == data.fingerprint
    with pytest.raises(DataError, match="asks for 20001 images, and there are 20000 in Drawn"):
        load(tmp_path, DataConfig(dataset="drawn-digits", n_images=20_001))


def test_to_device_keeps_everything_else(tmp_path: Path) -> None:
    data = load(tmp_path, DataConfig(source="drawn", n_images=10))
    moved = data.to("meta")
    assert moved.images.device.type == "meta"
    assert moved.labels is not None
    assert moved.labels.device.type == "meta"
    assert data.images.device.type == "cpu"
    assert moved.fingerprint == data.fingerprint


def test_fingerprint_sees_shape_bytes_and_labels() -> None:
    images = torch.arange(32, dtype=torch.uint8).reshape(2, 1, 4, 4)
    labels = torch.tensor([0, 1])
    changed = images.clone()
    changed[1, 0, 3, 3] ^= 1
    prints = [
        make_fingerprint(images, labels),
        make_fingerprint(images.reshape(2, 1, 2, 8), labels),
        make_fingerprint(changed, labels),
        make_fingerprint(images, labels.flip(0)),
        make_fingerprint(images, None),
    ]
    assert len(set(prints)) == 5
    assert all(len(text) == 64 for text in prints)
    assert make_fingerprint(images.clone(), labels.clone()) == prints[0]


def test_scale_and_back_is_exact_for_every_grey() -> None:
    greys = torch.arange(256, dtype=torch.uint8).reshape(4, 1, 8, 8)
    scaled = scale(greys)
    assert scaled.dtype == torch.float32
    assert scaled.min() == -1.0
    assert scaled.max() == 1.0
    assert torch.equal(to_uint8(scaled), greys)
    assert torch.equal(greys.flatten(), torch.arange(256, dtype=torch.uint8))
    with pytest.raises(TypeError, match=r"float32"):
        scale(scaled)


def test_to_uint8_clamps_rounds_and_leaves_its_input_alone() -> None:
    images = torch.tensor([-3.0, -1.0, 0.004, 1.0, 7.0], requires_grad=True)
    before = images.detach().clone()
    assert to_uint8(images).tolist() == [0, 0, 128, 255, 255]
    assert torch.equal(images.detach(), before)
    assert to_uint8(before.to(torch.bfloat16)).dtype == torch.uint8


def test_to_hwc_moves_channels_last() -> None:
    images = torch.arange(2 * 3 * 4 * 5, dtype=torch.uint8).reshape(2, 3, 4, 5)
    array = to_hwc(images)
    assert array.shape == (2, 4, 5, 3)
    assert array.flags.c_contiguous
    assert array[1, 2, 3, 0] == images[1, 0, 2, 3]
    with pytest.raises(TypeError, match="to_uint8"):
        to_hwc(images.float())


def test_real_fashion_mnist_from_debians_package(tmp_path: Path) -> None:
    if not DEBIAN_FOLDER.is_dir():
        message = "Debian's package dataset-fashion-mnist is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    data = load_data(DataConfig(source="files"), download_folder=tmp_path, search=[DEBIAN_FOLDER])
    assert data.images.shape == (60_000, 1, 28, 28)
    assert data.labels is not None
    assert torch.bincount(data.labels).tolist() == [6000] * 10
    assert data.labels[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert scale(data.images[:1000]).mean().item() == pytest.approx(-0.43, abs=0.03)
    assert "Debian package" in data.located.why
    assert data.fingerprint.startswith("2b766da2f58be184")


def test_mapped_images_become_tensors_without_a_warning_and_may_be_written(tmp_path: Path) -> None:
    images, labels = write_cifar(tmp_path / "files")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        data = load(tmp_path, DataConfig(dataset="cifar-10"))
        data.images[0] = 0
    again = load(tmp_path, DataConfig(dataset="cifar-10"))
    np.testing.assert_array_equal(again.images.numpy(), images)
    assert again.labels is not None
    assert again.labels.tolist() == labels
    assert again.fingerprint == data.fingerprint == make_fingerprint(again.images, again.labels)
    assert (tmp_path / "cache").is_dir()  # beside the downloads


def test_files_that_were_left_out_are_told(tmp_path: Path) -> None:
    write_own(tmp_path / "mine")
    data = load(tmp_path, DataConfig(dataset="own-pictures", folder=str(tmp_path / "mine")))
    assert (data.n_images, data.channels, data.size_px) == (3, 3, 32)
    assert data.classes == ("cats", "dogs")
    assert data.n_skipped == len(data.skipped) == 1
    assert "broken.jpg" in data.skipped[0]
    assert data.fingerprint == make_fingerprint(data.images, data.labels)
