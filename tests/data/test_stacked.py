"""Stacks of digits: every plane a digit of its own, labels that spell them, always the same."""

from pathlib import Path

import numpy as np
from tiny_sets import write_mnist

from gan.config import DataConfig
from gan.data.arrays import ImageArrays, load_arrays
from gan.data.drawn import draw_digits
from gan.data.stacked import stack_digits


def numbered(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures that are all of one grey, which is their label."""
    labels = np.arange(n, dtype=np.int64) % 10
    return np.tile(labels.astype(np.uint8)[:, None, None, None], (1, 1, 4, 4)), labels


def load(tmp_path: Path, **settings: object) -> ImageArrays:
    config = DataConfig.model_validate({"dataset": "stacked-digits", **settings})
    return load_arrays(config, download_folder=tmp_path / "downloads", search=[tmp_path / "files"])


def test_labels_spell_what_the_planes_show() -> None:
    images, labels = numbered(200)
    stacks, numbers = stack_digits(images, labels)
    assert stacks.shape == (200, 3, 4, 4) and stacks.dtype == np.uint8
    red, green, blue = stacks[:, :, 0, 0].astype(int).T
    assert numbers is not None
    np.testing.assert_array_equal(numbers, 100 * red + 10 * green + blue)


def test_every_digit_is_used_once_in_each_plane_and_in_another_order() -> None:
    images = np.arange(60, dtype=np.uint8)[:, None, None, None]
    stacks, numbers = stack_digits(images, None)
    assert numbers is None
    planes = stacks[:, :, 0, 0].T
    assert all(sorted(plane) == list(range(60)) for plane in planes)
    assert len({tuple(plane) for plane in planes}) == 3
    again, _ = stack_digits(images, None)
    np.testing.assert_array_equal(stacks, again)


def test_enough_digits_make_all_thousand_classes() -> None:
    images, labels = numbered(20_000)
    _, numbers = stack_digits(images[:, :, :1, :1], labels)
    assert len(np.unique(numbers)) == 1000


def test_files_are_stacked_once_and_then_mapped(tmp_path: Path) -> None:
    digits = write_mnist(tmp_path / "files")
    first, again = load(tmp_path), load(tmp_path)
    assert (first.name, first.images.shape) == ("stacked-digits", (12, 3, 8, 8))
    assert sorted(first.images[:, 1].tobytes()) == sorted(digits.tobytes())
    assert isinstance(again.images, np.memmap)
    assert again.fingerprint == first.fingerprint
    assert first.labels is not None and first.labels.max() < 1000
    assert load(tmp_path, n_images=5).images.tobytes() == first.images[:5].tobytes()


def test_drawn_stacks_go_round_all_classes_and_say_what_they_are(tmp_path: Path) -> None:
    few, many = (load(tmp_path, source="drawn", n_images=n) for n in (20, 124))
    assert many.name == "drawn-stacks"
    assert many.located.why == "Drawn stacks of digits instead of Stacked MNIST, as asked for."
    np.testing.assert_array_equal(few.images, many.images[:20])
    assert many.labels is not None and many.labels.tolist() == list(range(124))
    assert many.classes[123] == "123"
    blue, labels = draw_digits(124, 3)  # whose own labels go round as the last digit does
    np.testing.assert_array_equal(many.images[:, 2], blue)
    np.testing.assert_array_equal(labels, many.labels % 10)
