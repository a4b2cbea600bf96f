"""Finding a data set's files: the order of the search and the sentences that say the outcome."""

import gzip
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from gan.config import DataConfig, DatasetName
from gan.data.faces import FACE_CLASSES
from gan.data.sources import (
    DATASETS,
    DEBIAN_FOLDER,
    IMAGES_FILE,
    find_file,
    find_files,
    get_dataset_info,
    how_to_get,
    identify,
    locate,
    search_roots,
)
from gan.errors import DataError, UnknownNameError


def put(folder: Path, content: bytes = b"anything") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / IMAGES_FILE).write_bytes(content)
    return folder


def real_first_image() -> bytes:
    """Return the published file's header and first image, from Debian's package."""
    if not DEBIAN_FOLDER.is_dir():
        pytest.skip("Debian's package dataset-fashion-mnist is not installed")
    with gzip.open(DEBIAN_FOLDER / f"{IMAGES_FILE}.gz") as file:
        return file.read(16 + 28 * 28)


def test_torch_and_numpy_stay_out() -> None:
    code = "import sys, gan.data.sources; print({'torch', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_every_name_of_the_configuration_is_registered() -> None:
    assert list(DATASETS) == list(get_args(DatasetName))
    for name, info in DATASETS.items():
        assert info.name == name
        assert len(set(info.classes)) == len(info.classes)
        assert info.licence
        assert info.homepage


def test_what_is_downloaded_has_files_and_a_stand_in() -> None:
    for info in DATASETS.values():
        is_ours = info.format in ("drawn", "own")
        assert bool(info.download_mb) == bool(info.files) == bool(info.stand_in) == (not is_ours)
        if info.stand_in:
            assert DATASETS[info.stand_in].format == "drawn"
            assert info.channels <= DATASETS[info.stand_in].channels


def test_classes_are_as_published() -> None:
    assert len(DATASETS["emnist"].classes) == 47
    assert DATASETS["emnist"].classes[36:] == tuple("abdefghnqrt")
    assert DATASETS["cifar-10"].classes[0] == "airplane"
    assert DATASETS["celeba"].classes == DATASETS["own-pictures"].classes == ()
    assert DATASETS["drawn-faces"].classes == FACE_CLASSES
    stacks = DATASETS["stacked-digits"].classes
    assert (len(stacks), stacks[0], stacks[42], stacks[-1]) == (1000, "000", "042", "999")


def test_unknown_names_list_the_valid_ones() -> None:
    with pytest.raises(
        UnknownNameError, match=r"'cifar'.*fashion-mnist, mnist, kmnist, emnist, stacked"
    ):
        get_dataset_info("cifar")


def test_search_roots_in_order(tmp_path: Path) -> None:
    env = {"GAN_DATA": "/mine", "GAN_HOME": "/house", "TORCH_HOME": "/torch"}
    roots = search_roots(env=env, cwd=tmp_path, home=Path("/me"))
    assert roots == [
        Path("/mine"), tmp_path / "data", Path("/house/workspace/data"), DEBIAN_FOLDER,
        Path("/torch"), Path("/torch/datasets"),
    ]  # fmt: skip
    bare = search_roots(env={}, cwd=tmp_path, home=Path("/me"))
    assert bare[:2] == [tmp_path / "data", tmp_path / "workspace" / "data"]
    assert bare[-1] == Path("/me/.cache/torch/datasets")


@pytest.mark.parametrize(
    "below", [".", "fashion-mnist", "FashionMNIST", "FashionMNIST/raw"], ids=str
)
def test_files_are_found_in_a_root_and_in_its_known_subfolders(below: str, tmp_path: Path) -> None:
    folder = put(tmp_path / below)
    located = locate(DataConfig(), search=[tmp_path / "missing", tmp_path])
    assert located.kind == "files"
    assert located.folder == folder
    assert located.why.startswith(f"Fashion-MNIST read from {folder}")


@pytest.mark.parametrize(
    "name",
    [IMAGES_FILE, f"{IMAGES_FILE}.gz", "train-images.idx3-ubyte", "train-images.idx3-ubyte.gz"],
)
def test_spellings_of_a_file(name: str, tmp_path: Path) -> None:
    assert find_file(tmp_path, IMAGES_FILE) is None
    (tmp_path / name).touch()
    assert find_file(tmp_path, IMAGES_FILE) == tmp_path / name


@pytest.mark.parametrize(
    ("dataset", "files", "place"),
    [
        ("kmnist", ["KMNIST/raw/train-images-idx3-ubyte.gz"], "KMNIST/raw"),
        ("emnist", ["EMNIST/raw/emnist-balanced-train-images-idx3-ubyte"], "EMNIST/raw"),
        ("emnist", ["emnist-balanced-train-images-idx3-ubyte.gz"], "."),
        ("cifar-10", ["cifar-10-batches-py/data_batch_1"], "cifar-10-batches-py"),
        ("cifar-10", ["data_batch_1", "data_batch_2"], "."),
        ("cifar-10", ["CIFAR10/cifar-10-python.tar.gz"], "CIFAR10/cifar-10-python.tar.gz"),
        ("svhn", ["train_32x32.mat"], "train_32x32.mat"),
        ("svhn", ["SVHN/train_32x32.mat"], "SVHN/train_32x32.mat"),
        ("celeba", ["celeba/img_align_celeba/000001.jpg"], "celeba/img_align_celeba"),
        ("celeba", ["img_align_celeba/img_align_celeba/000001.jpg"],
         "img_align_celeba/img_align_celeba"),
        ("celeba", ["000001.jpg"], "."),
        ("celeba", ["celeba/img_align_celeba.zip"], "celeba/img_align_celeba.zip"),
    ],
)  # fmt: skip
def test_each_set_has_its_places(
    dataset: str, files: list[str], place: str, tmp_path: Path
) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    info = DATASETS[dataset]
    for config, search in (
        (DataConfig.model_validate({"dataset": dataset}), [tmp_path / "no", tmp_path]),
        (DataConfig.model_validate({"dataset": dataset, "folder": str(tmp_path)}), []),
    ):
        located = locate(config, search=search)
        assert (located.kind, located.folder) == ("files", tmp_path / place)
        assert located.why == f"{info.title} read from {tmp_path / place}."
        assert find_files(info, tmp_path / place)
    for other in DATASETS.values():
        if other.format not in (info.format, "drawn", "own"):
            config = DataConfig.model_validate({"dataset": other.name})
            assert locate(config, search=[tmp_path]).kind == "download"


@pytest.mark.parametrize(
    ("dataset", "name"),
    [("cifar-10", "mine.tar.gz"), ("svhn", "mine.mat"), ("celeba", "faces.zip")],
)
def test_an_archive_may_be_named_itself(dataset: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"x")
    config = DataConfig.model_validate({"dataset": dataset, "folder": str(tmp_path / name)})
    assert locate(config, search=[]).folder == tmp_path / name


def test_how_to_get_the_files_by_hand(tmp_path: Path) -> None:
    for info in DATASETS.values():
        if info.files:
            text = how_to_get(info, tmp_path / info.kept_in)
            assert all(name in text for name in info.files)
            assert text.endswith(f"into {tmp_path / info.kept_in}")
            assert "https://" in text or "http://" in text
            assert how_to_get(info).endswith("name that with --folder, or set $GAN_DATA")


def test_own_pictures_need_a_folder_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No folder is named for your own pictures"):
        locate(DataConfig(dataset="own-pictures"), search=[tmp_path])
    missing = DataConfig(dataset="own-pictures", folder=str(tmp_path / "typo"))
    with pytest.raises(DataError, match=r"There is no folder .*typo"):
        locate(missing, search=[])
    here = DataConfig(dataset="own-pictures", folder=str(tmp_path))
    assert locate(here, search=[]).folder == tmp_path
    for source in ("download", "drawn"):
        with pytest.raises(DataError, match=f"cannot be had by data.source {source}"):
            locate(here.model_copy(update={"source": source}), search=[])


def test_earlier_roots_and_the_named_folder_win(tmp_path: Path) -> None:
    first, second, named = (put(tmp_path / name) for name in ("first", "second", "named"))
    assert locate(DataConfig(), search=[first, second]).folder == first
    assert locate(DataConfig(folder=str(named)), search=[first]).folder == named


def test_files_that_are_not_the_published_ones_are_said_to_be_others(tmp_path: Path) -> None:
    why = locate(DataConfig(), search=[put(tmp_path)]).why
    assert why == f"Fashion-MNIST read from {tmp_path} (other files than the published ones)."


def test_a_folder_with_another_published_set_is_passed_over(tmp_path: Path) -> None:
    folder = put(tmp_path / "unlabelled", real_first_image())
    info = identify(folder / IMAGES_FILE)
    assert info is DATASETS["fashion-mnist"]
    assert locate(DataConfig(), search=[folder]).why == f"Fashion-MNIST read from {folder}."
    assert locate(DataConfig(dataset="mnist"), search=[folder]).kind == "download"
    with pytest.raises(DataError, match="holds Fashion-MNIST, not MNIST: choose the data set"):
        locate(DataConfig(dataset="mnist", folder=str(folder)), search=[])


def test_stacked_digits_are_read_from_mnists_files(tmp_path: Path) -> None:
    files = put(tmp_path / "mnist")
    located = locate(DataConfig(dataset="stacked-digits"), search=[tmp_path])
    assert (located.kind, located.folder) == ("files", files)
    assert located.why.startswith(f"Stacked MNIST read from {files}")
    other = put(tmp_path / "other", real_first_image())  # Fashion-MNIST
    with pytest.raises(DataError, match="holds Fashion-MNIST, not Stacked MNIST"):
        locate(DataConfig(dataset="stacked-digits", folder=str(other)), search=[])


def test_debians_package_is_named() -> None:
    real_first_image()
    assert locate(DataConfig(), search=[DEBIAN_FOLDER]).why == (
        "Fashion-MNIST read from /usr/share/datasets/fashion-mnist "
        "(Debian package dataset-fashion-mnist)."
    )


def test_damaged_files_are_found_nevertheless(tmp_path: Path) -> None:
    (tmp_path / f"{IMAGES_FILE}.gz").write_bytes(b"\x1f\x8b\x08 no more")
    assert locate(DataConfig(), search=[tmp_path]).kind == "files"


def test_auto_without_files_announces_download_and_fallback(tmp_path: Path) -> None:
    located = locate(DataConfig(), search=[tmp_path])
    assert (located.kind, located.folder) == ("download", None)
    assert located.why == (
        "Fashion-MNIST is not on this machine: it will be downloaded (26 MB) or, if that fails, "
        "drawn digits stand in."
    )
    named = locate(DataConfig(folder=str(tmp_path / "typo")), search=[])
    assert f"({tmp_path / 'typo'} does not have it)" in named.why


def test_files_insists(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"apt-get install dataset-fashion-mnist.*--folder"):
        locate(DataConfig(source="files"), search=[tmp_path])
    with pytest.raises(DataError, match="MNIST is not on this machine") as caught:
        locate(DataConfig(dataset="mnist", source="files"), search=[tmp_path])
    assert "apt-get" not in str(caught.value)


def test_download_insists_even_beside_files(tmp_path: Path) -> None:
    located = locate(DataConfig(source="download"), search=[put(tmp_path)])
    assert (located.kind, located.folder) == ("download", None)


def test_drawn_needs_no_files(tmp_path: Path) -> None:
    asked = locate(DataConfig(source="drawn"), search=[put(tmp_path)])
    assert asked.kind == "drawn"
    assert asked.why == "Drawn digits instead of Fashion-MNIST, as asked for."
    faces = locate(DataConfig(dataset="svhn", source="drawn"), search=[])
    assert faces.why == "Drawn faces instead of SVHN, as asked for."
    own = locate(DataConfig(dataset="drawn-digits"), search=[])
    assert own.kind == "drawn"
    assert own.why == "Drawn digits, 20,000 of them, drawn here."
    some = locate(DataConfig(dataset="drawn-digits", n_images=500), search=[])
    assert some.why == "Drawn digits, 500 of them, drawn here."


@pytest.mark.parametrize("source", ["files", "download"])
@pytest.mark.parametrize("dataset", ["drawn-digits", "drawn-faces"])
def test_drawn_sets_have_no_files(dataset: str, source: str) -> None:
    config = DataConfig.model_validate({"dataset": dataset, "source": source})
    with pytest.raises(DataError, match="drawn by GAN Workbench"):
        locate(config, search=[])


def test_a_home_that_nobody_knows_is_no_error(tmp_path: Path) -> None:
    folder = "~nobody-of-that-name/images"
    assert locate(DataConfig(folder=folder), search=[]).kind == "download"
