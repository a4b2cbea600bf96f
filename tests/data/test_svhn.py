"""SVHN's MATLAB file: the digit 0 is called 10 there; damage is told."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat
from tiny_sets import noise, write_svhn

from gan.data.svhn import read_svhn
from gan.errors import DataError


def test_images_and_digits(tmp_path: Path) -> None:
    images, digits = write_svhn(tmp_path)
    got, labels = read_svhn(tmp_path / "train_32x32.mat")
    np.testing.assert_array_equal(got, images)
    assert got.flags.c_contiguous
    assert labels.tolist() == digits
    assert labels[9] == 0


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"X": noise(32, 32, 3, 2)}, "no X and y"),
        ({"X": noise(32, 32, 3, 2), "y": np.uint8([[1], [11]])}, "labels 1 to 11"),
        ({"X": noise(32, 32, 3, 2), "y": np.uint8([[0], [1]])}, "labels 0 to 1"),
        ({"X": noise(32, 32, 3, 2), "y": np.uint8([[1]])}, "1 labels for 2 images"),
        ({"X": noise(28, 28, 3, 2), "y": np.uint8([[1], [2]])}, "28 × 28 × 3 × 2 uint8"),
        ({"X": np.zeros((32, 32, 3, 2)), "y": np.uint8([[1], [2]])}, "float64"),
    ],
)
def test_other_content_is_refused(content: dict[str, object], complaint: str, tmp_path: Path):
    savemat(tmp_path / "train_32x32.mat", content)
    with pytest.raises(DataError, match=complaint):
        read_svhn(tmp_path / "train_32x32.mat")


def test_damage_is_told(tmp_path: Path) -> None:
    path = tmp_path / "train_32x32.mat"
    with pytest.raises(DataError, match="There is no file"):
        read_svhn(path)
    write_svhn(tmp_path)
    raw = path.read_bytes()
    for damaged in (b"", b"<html>moved</html>", raw[: len(raw) // 2], b"x" * 4000):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"damaged or no MATLAB file|other MATLAB version"):
            read_svhn(path)
