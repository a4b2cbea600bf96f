"""CIFAR-10's batches: as published, from a later Python, and from somebody who means harm."""

import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest
from tiny_sets import cifar_batch, noise, write_cifar, write_cifar_archive

from gan.data.cifar import read_cifar
from gan.errors import DataError


class Harm:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("open('harm-was-done', 'w')",)


def test_the_batches_are_read_first_to_last(tmp_path: Path) -> None:
    images, labels = write_cifar(tmp_path)
    got, digits = read_cifar(tmp_path / "cifar-10-batches-py")
    np.testing.assert_array_equal(got, images)
    assert digits.tolist() == labels
    assert (got.dtype, digits.dtype) == (np.uint8, np.int64)


def test_the_hand_made_batch_is_what_pickle_itself_reads(tmp_path: Path) -> None:
    images = noise(2, 3, 32, 32)
    content = pickle.loads(cifar_batch(images, [3, 4]), encoding="latin1")  # ours, so harmless
    np.testing.assert_array_equal(content["data"], images.reshape(2, -1))
    assert content["labels"] == [3, 4]


def test_the_archive_needs_no_unpacking(tmp_path: Path) -> None:
    images, labels = write_cifar_archive(tmp_path)
    got, digits = read_cifar(tmp_path / "cifar-10-python.tar.gz")
    np.testing.assert_array_equal(got, images)
    assert digits.tolist() == labels


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_pickle_that_calls_functions_is_refused(
    protocol: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_cifar(tmp_path)
    batches = tmp_path / "cifar-10-batches-py"
    (batches / "data_batch_3").write_bytes(pickle.dumps(Harm(), protocol=protocol))
    with pytest.raises(DataError, match=r"data_batch_3 is no batch of CIFAR-10 .*eval"):
        read_cifar(batches)
    assert not (tmp_path / "harm-was-done").exists()


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"", "damaged"),
        (b"not a pickle at all", "no batch|damaged"),
        (cifar_batch(noise(3, 3, 32, 32), [1, 2, 3])[:-500], "no batch|damaged"),
        (cifar_batch(noise(3, 3, 32, 32), [1, 2]), "2 labels for 3 images"),
        (cifar_batch(noise(2, 3, 32, 32), [1, 10]), "label 10, and CIFAR-10 has 0 to 9"),
        (cifar_batch(noise(2, 3, 16, 16), [1, 2]), "array of 2 × 768, not of images × 3072"),
        (pickle.dumps({"data": 1}, 2), "no data and labels"),
        (pickle.dumps([1, 2], 2), "no data and labels"),
        (pickle.dumps({"data": np.zeros((1, 3072)), "labels": [1]}, 2), "one of bytes"),
    ],
    ids=["empty", "text", "short", "labels", "range", "shape", "keys", "list", "float"],
)
def test_damage_is_told_in_one_sentence(raw: bytes, complaint: str, tmp_path: Path) -> None:
    write_cifar(tmp_path)
    batches = tmp_path / "cifar-10-batches-py"
    (batches / "data_batch_2").write_bytes(raw)
    with pytest.raises(DataError, match=complaint) as caught:
        read_cifar(batches)
    assert "data_batch_2" in str(caught.value)


def test_missing_batches_and_damaged_archives(tmp_path: Path) -> None:
    write_cifar(tmp_path)
    batches = tmp_path / "cifar-10-batches-py"
    (batches / "data_batch_4").unlink()
    with pytest.raises(DataError, match="lacks data_batch_4"):
        read_cifar(batches)
    archive = tmp_path / "some.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        file.add(batches / "data_batch_1", "cifar-10-batches-py/data_batch_1")
    with pytest.raises(DataError, match="lacks data_batch_2"):
        read_cifar(archive)
    archive.write_bytes(archive.read_bytes()[:400])
    with pytest.raises(DataError, match="damaged archive"):
        read_cifar(archive)
    archive.write_bytes(b"<html>")
    with pytest.raises(DataError, match="damaged archive"):
        read_cifar(archive)
