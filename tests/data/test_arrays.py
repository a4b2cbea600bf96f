"""Every data set by one door: from files of its format, from the cache, drawn in its place."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_sets import (
    N_IDX,
    N_PHOTOS,
    WRITERS,
    noise,
    write_celeba,
    write_cifar,
    write_emnist,
    write_idx,
    write_mnist,
    write_own,
    write_svhn,
)

from gan.config import DataConfig
from gan.data.arrays import ImageArrays, load_arrays
from gan.data.catalog import DATASETS, IMAGES_FILE, DatasetInfo
from gan.data.download import DownloadError
from gan.data.mapped import fingerprint
from gan.data.progress import Note, Report
from gan.errors import DataError


def no_network(info: DatasetInfo, folder: Path, report: Report) -> None:
    raise DownloadError("no network")


def load(
    tmp_path: Path, dataset: str, said: list[Note] | None = None, **settings: Any
) -> ImageArrays:
    if dataset == "own-pictures":
        settings.setdefault("folder", str(tmp_path / "files"))
    return load_arrays(
        DataConfig.model_validate({"dataset": dataset, **settings}),
        download_folder=tmp_path / "downloads",
        search=[tmp_path / "files"],
        progress=(said if said is not None else []).append,
        downloader=no_network,
    )


def cache_of(tmp_path: Path) -> list[str]:
    root = tmp_path / "cache"
    return sorted(path.name for path in root.iterdir()) if root.exists() else []


def test_torch_stays_out(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from gan.config import DataConfig\n"
        "from gan.data.arrays import load_arrays\n"
        "from gan.data.facts import describe\n"
        "config = DataConfig(source='drawn', n_images=5)\n"
        "describe(config); load_arrays(config, download_folder=Path(sys.argv[1]))\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_emnist_stands_upright(tmp_path: Path) -> None:
    upright = write_emnist(tmp_path / "files")
    arrays = load(tmp_path, "emnist")
    np.testing.assert_array_equal(arrays.images[:, 0], upright)
    assert arrays.labels is not None
    assert arrays.classes[arrays.labels[2]] == "b"  # 37: the second small letter of its own
    assert cache_of(tmp_path) == []
    images_file = tmp_path / "files" / "emnist-balanced-train-labels-idx1-ubyte"
    write_idx(images_file, np.full(N_IDX, 47, dtype=np.uint8))
    with pytest.raises(DataError, match=r"label 47, and EMNIST \(balanced\) has 47 classes"):
        load(tmp_path, "emnist")


def test_cifar_and_svhn_at_their_own_size_are_exact(tmp_path: Path) -> None:
    for name, (images, labels) in (
        ("cifar-10", write_cifar(tmp_path / "files")),
        ("svhn", write_svhn(tmp_path / "files")),
    ):
        arrays = load(tmp_path, name)
        np.testing.assert_array_equal(arrays.images, images)
        assert arrays.labels is not None
        assert arrays.labels.tolist() == labels
        assert arrays.fingerprint == fingerprint(images, np.array(labels))


@pytest.mark.parametrize("as_zip", [False, True])
def test_celeba_is_cut_to_its_middle_and_has_no_classes(as_zip: bool, tmp_path: Path) -> None:
    write_celeba(tmp_path / "files", as_zip=as_zip)
    arrays = load(tmp_path, "celeba")
    assert arrays.images.shape == (N_PHOTOS, 3, 64, 64)
    assert (arrays.labels, arrays.classes) == (None, ())
    colours = arrays.images.reshape(N_PHOTOS, 3, -1).astype(int)
    assert np.ptp(colours, axis=2).max() <= 2  # one colour a photo, nothing padded
    assert colours[:, 0, 0].tolist() == pytest.approx([40, 80, 120, 160, 200, 240], abs=4)


@pytest.mark.parametrize("dataset", list(DATASETS))
@pytest.mark.parametrize("colour", ["grey", "rgb"])
@pytest.mark.parametrize("size_px", [8, 48])
def test_every_set_comes_in_every_size_and_colour(
    dataset: str, colour: str, size_px: int, tmp_path: Path
) -> None:
    if dataset in WRITERS:
        WRITERS[dataset](tmp_path / "files")
    n_images = None if dataset in WRITERS else 6
    arrays = load(tmp_path, dataset, size_px=size_px, colour=colour, n_images=n_images)
    assert arrays.images.dtype == np.uint8
    assert arrays.images.shape[1:] == (1 if colour == "grey" else 3, size_px, size_px)
    assert (arrays.channels, arrays.size_px, arrays.name) == (
        arrays.images.shape[1], size_px, dataset,
    )  # fmt: skip
    if arrays.labels is not None:
        assert arrays.labels.dtype == np.int64
        assert len(arrays.labels) == arrays.n_images
        assert 0 <= arrays.labels.min() <= arrays.labels.max() < len(arrays.classes)


def test_the_cache_is_used_again_and_made_anew_when_the_files_change(tmp_path: Path) -> None:
    write_mnist(tmp_path / "files")
    said: list[Note] = []
    first = load(tmp_path, "kmnist", said, size_px=16)
    assert [str(note) for note in said] == [
        f"Reading KMNIST from {tmp_path / 'files'}.",
        "Converting KMNIST to 16 × 16 grey: 12 of 12 images.",
    ]
    (entry,) = cache_of(tmp_path)
    assert entry.startswith("kmnist-16px-grey-")
    said.clear()
    again = load(tmp_path, "kmnist", said, size_px=16)
    assert said == []
    assert isinstance(again.images, np.memmap)
    assert again.fingerprint == first.fingerprint
    write_idx(tmp_path / "files" / f"{IMAGES_FILE}.gz", noise(N_IDX, 8, 8, seed=1))
    changed = load(tmp_path, "kmnist", said, size_px=16)
    assert changed.fingerprint != first.fingerprint
    assert said
    assert len(cache_of(tmp_path)) == 1
    assert cache_of(tmp_path) != [entry]


def test_files_at_their_own_size_need_no_cache(tmp_path: Path) -> None:
    images = write_mnist(tmp_path / "files")
    for settings in ({}, {"size_px": 8}, {"colour": "grey"}):
        arrays = load(tmp_path, "mnist", **settings)
        np.testing.assert_array_equal(arrays.images[:, 0], images)
    assert cache_of(tmp_path) == []


def test_the_first_images_of_a_cached_set(tmp_path: Path) -> None:
    write_cifar(tmp_path / "files")
    whole = load(tmp_path, "cifar-10")
    part = load(tmp_path, "cifar-10", n_images=7)
    np.testing.assert_array_equal(part.images, whole.images[:7])
    assert part.labels is not None
    assert len(part.labels) == 7
    assert len({whole.fingerprint, part.fingerprint}) == 2
    assert part.fingerprint == load(tmp_path, "cifar-10", n_images=7).fingerprint
    assert load(tmp_path, "cifar-10", n_images=20).fingerprint == whole.fingerprint
    with pytest.raises(DataError, match="asks for 21 images, and there are 20 in CIFAR-10"):
        load(tmp_path, "cifar-10", n_images=21)


def test_a_cache_that_cannot_be_written_changes_nothing_but_time(tmp_path: Path) -> None:
    images, _ = write_cifar(tmp_path / "files")
    (tmp_path / "cache").write_text("a file is in the way")
    blocked = load(tmp_path, "cifar-10")
    np.testing.assert_array_equal(blocked.images, images)
    (tmp_path / "cache").unlink()
    assert load(tmp_path, "cifar-10").fingerprint == blocked.fingerprint


@pytest.mark.parametrize("dataset", [name for name, info in DATASETS.items() if info.stand_in])
def test_without_network_a_drawn_set_stands_in_at_the_same_shape(
    dataset: str, tmp_path: Path
) -> None:
    info = DATASETS[dataset]
    arrays = load(tmp_path, dataset, n_images=9)
    assert arrays.name == info.stand_in
    assert arrays.images.shape == (9, info.channels, info.size_px, info.size_px)
    assert arrays.classes == DATASETS[info.stand_in].classes
    instead = DATASETS[info.stand_in].title
    assert arrays.located.why.startswith(f"{instead} stand in for {info.title}")
    assert "no network" in arrays.located.why
    other = load(tmp_path, dataset, n_images=9, source="drawn", size_px=20, colour="grey")
    assert other.images.shape == (9, 1, 20, 20)
    assert "as asked for" in other.located.why


def test_the_same_pictures_are_drawn_whatever_the_number_and_the_reason(tmp_path: Path) -> None:
    faces = load(tmp_path, "drawn-faces", n_images=12)
    np.testing.assert_array_equal(load(tmp_path, "cifar-10", n_images=5).images, faces.images[:5])
    assert faces.images.flags.c_contiguous
    assert cache_of(tmp_path) == []


def test_many_faces_are_drawn_once(tmp_path: Path) -> None:
    said: list[Note] = []
    first = load(tmp_path, "drawn-faces", said, n_images=5000, size_px=8)
    assert said[0] == "Drawing 5,000 faces."
    said.clear()
    again = load(tmp_path, "drawn-faces", said, n_images=5000, size_px=8)
    assert said == []
    np.testing.assert_array_equal(first.images, again.images)
    few = load(tmp_path, "drawn-faces", n_images=20, size_px=8)
    np.testing.assert_array_equal(few.images, again.images[:20])


def test_own_pictures_never_have_a_stand_in(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no folder"):
        load(tmp_path, "own-pictures")
    (tmp_path / "files").mkdir()
    with pytest.raises(DataError):
        load(tmp_path, "own-pictures")
    write_own(tmp_path / "files")
    said: list[Note] = []
    arrays = load(tmp_path, "own-pictures", said, size_px=16)
    assert arrays.labels is not None
    assert arrays.labels.tolist() == [0, 0, 1]
    assert arrays.skipped[0].endswith(".")
    assert said[-1].fraction == 1.0
    assert said[-1].startswith("Preparing Own pictures as 16 × 16 RGB: 4 of 4")


def test_a_page_does_not_download(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="`python -m gan data svhn --prepare`"):
        load_arrays(
            DataConfig(dataset="svhn"),
            download_folder=tmp_path,
            search=[],
            downloader=no_network,
            may_download=False,
        )


def test_files_of_another_set_and_damage_are_errors_not_stand_ins(tmp_path: Path) -> None:
    write_idx(tmp_path / "files" / IMAGES_FILE, noise(4, 8, 9))
    with pytest.raises(DataError, match="8 × 9 pixels, not squares"):
        load(tmp_path, "kmnist")
    write_idx(tmp_path / "files" / IMAGES_FILE, noise(4, 3, 8, 8))
    with pytest.raises(DataError, match="4 dimensions, and 3 are needed"):
        load(tmp_path, "kmnist", size_px=32)
    (tmp_path / "files" / "train_32x32.mat").write_bytes(b"<html>")
    with pytest.raises(DataError, match="no MATLAB file"):
        load(tmp_path, "svhn")
    assert cache_of(tmp_path) == []


def test_real_fashion_mnist_in_colour_at_another_size(tmp_path: Path) -> None:
    from gan.data.sources import DEBIAN_FOLDER

    if not DEBIAN_FOLDER.is_dir():
        message = "Debian's package dataset-fashion-mnist is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    arrays = load_arrays(
        DataConfig(size_px=32, colour="rgb", source="files"),
        download_folder=tmp_path / "downloads",
        search=[DEBIAN_FOLDER],
    )
    assert arrays.images.shape == (60_000, 3, 32, 32)
    assert arrays.labels is not None
    assert np.bincount(arrays.labels).tolist() == [6000] * 10
    assert arrays.images[:1000].mean() == pytest.approx(72.9, abs=4)
