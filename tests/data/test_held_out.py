"""Images that a run never saw: the test split, what it left out, new drawings, or a sentence."""

import numpy as np
import pytest
from tiny_sets import noise, write_idx, write_mnist, write_own

from gan.config import DataConfig
from gan.data.arrays import load_arrays
from gan.data.catalog import get_dataset_info
from gan.data.held_out import HeldOut, load_held_out
from gan.data.wanted import Shape
from gan.errors import DataError

N = 200


@pytest.fixture
def find(tmp_path):
    def find(n: int = N, **settings) -> tuple[HeldOut, np.ndarray]:
        """Return what is held out, and what was trained on."""
        config = DataConfig(**settings)
        places = {"download_folder": tmp_path / "none", "search": [tmp_path / "files"]}
        trained = load_arrays(config, cache_folder=tmp_path / "cache", **places)
        held_out = load_held_out(
            config,
            name=trained.name,
            located=trained.located,
            shape=Shape(trained.channels, trained.size_px),
            n_trained=trained.n_images,
            n=n,
            cache_folder=tmp_path / "cache",
            **places,
        )
        return held_out, trained.images

    return find


def test_the_official_test_split_is_taken_where_its_file_is(find, tmp_path):
    write_mnist(tmp_path / "files", 60)
    test = noise(70, 8, 8, seed=5)
    write_idx(tmp_path / "files" / "t10k-images-idx3-ubyte.gz", test)
    found, _ = find(n=65, dataset="kmnist", source="files")
    np.testing.assert_array_equal(found.images[:, 0], test[:65])
    assert found.why == "65 images of the official test split"


def test_it_is_brought_to_the_runs_size_and_colours_and_set_upright(find, tmp_path):
    info = get_dataset_info("emnist")
    folder = tmp_path / "files"
    write_idx(folder / info.images_file, noise(60, 28, 28))
    test = noise(60, 28, 28, seed=5)
    name = info.images_file.replace("train", "test")
    write_idx(folder / name, np.ascontiguousarray(test.transpose(0, 2, 1)))
    found, _ = find(dataset="emnist", source="files", colour="rgb")
    np.testing.assert_array_equal(found.images[:, 2], test)
    found, _ = find(dataset="emnist", source="files", size_px=16)
    assert found.images.shape == (60, 1, 16, 16)


def test_else_what_the_run_left_out(find, tmp_path):
    images = write_mnist(tmp_path / "files", 160)
    found, trained = find(dataset="kmnist", source="files", n_images=40)
    assert len(trained) == 40
    np.testing.assert_array_equal(found.images[:, 0], images[40:])
    assert found.why == "120 images that the run left out of its training"


@pytest.mark.parametrize("n_images", [None, 120])
def test_where_nothing_is_left_out_one_sentence_says_so(find, tmp_path, n_images):
    write_mnist(tmp_path / "files", 160)
    found, _ = find(dataset="kmnist", source="files", n_images=n_images)
    assert found.images is None
    assert "data.n_images" in found.why and found.why.count(".") == 2  # one of them in that name


def test_own_pictures_have_none_unless_some_were_left_out(find, tmp_path):
    write_own(tmp_path / "mine")
    found, _ = find(dataset="own-pictures", folder=str(tmp_path / "mine"))
    assert found.images is None


@pytest.mark.parametrize("name", ["drawn-digits", "drawn-faces", "drawn-stacks"])
def test_drawn_sets_get_new_drawings(find, name):
    found, trained = find(n=60, dataset=name, n_images=60)
    assert found.images.shape == trained.shape
    assert found.images.dtype == np.uint8
    known = {image.tobytes() for image in trained}
    assert not any(image.tobytes() in known for image in found.images)
    assert "another seed" in found.why


def test_a_damaged_test_split_is_named(find, tmp_path):
    write_mnist(tmp_path / "files", 60)
    (tmp_path / "files" / "t10k-images-idx3-ubyte.gz").write_bytes(b"\x1f\x8b no")
    with pytest.raises(DataError, match="t10k-images"):
        find(dataset="kmnist", source="files")
