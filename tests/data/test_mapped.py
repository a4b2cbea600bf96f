"""The cache of converted images: whole or not there, found again, made anew when stale."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tiny_sets import noise

from gan.data.mapped import CacheKey, Loaded, find_cached, fingerprint, keep, make_key
from gan.errors import DataError

IMAGES = noise(10, 3, 8, 8)
LABELS = np.arange(10)
KEY = make_key("some-8px-rgb", ("a",))


def chunks() -> Iterator[np.ndarray]:
    for start in range(0, 10, 4):
        yield IMAGES[start : start + 4]


def write(root: Path, key: CacheKey = KEY, labels: np.ndarray | None = LABELS) -> Loaded:
    return keep(root, key, IMAGES.shape, chunks, labels)


def test_what_was_kept_is_found(tmp_path: Path) -> None:
    root = tmp_path / "deep" / "cache"
    assert find_cached(root, KEY) is None
    first = write(root)
    again = find_cached(root, KEY)
    for loaded in (first, again):
        assert loaded is not None
        assert isinstance(loaded.images, np.memmap)
        np.testing.assert_array_equal(loaded.images, IMAGES)
        assert loaded.labels is not None
        assert loaded.labels.tolist() == LABELS.tolist()
        assert loaded.fingerprint == fingerprint(IMAGES, LABELS)
    assert [path.name for path in root.iterdir()] == [KEY.folder]


def test_labels_may_be_absent(tmp_path: Path) -> None:
    assert write(tmp_path, labels=None).labels is None
    found = find_cached(tmp_path, KEY)
    assert found is not None
    assert (found.labels, found.fingerprint) == (None, fingerprint(IMAGES, None))


def test_writing_to_the_array_never_reaches_the_file(tmp_path: Path) -> None:
    loaded = write(tmp_path)
    loaded.images[:] = 0
    found = find_cached(tmp_path, KEY)
    assert found is not None
    np.testing.assert_array_equal(found.images, IMAGES)


def test_the_stamp_follows_words_and_files(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12")
    os.utime(file, ns=(5, 5))
    key = make_key("x", ("a", "b"), [file])
    assert key == make_key("x", ("a", "b"), [file])
    assert key != make_key("x", ("ab",), [file])
    os.utime(file, ns=(5, 6))
    assert key.stamp != make_key("x", ("a", "b"), [file]).stamp
    os.utime(file, ns=(5, 5))
    file.write_bytes(b"123")
    os.utime(file, ns=(5, 5))
    assert key.stamp != make_key("x", ("a", "b"), [file]).stamp
    with pytest.raises(OSError, match="missing"):
        make_key("x", (), [tmp_path / "missing"])


def test_an_entry_whose_source_moved_on_is_removed_and_others_stay(tmp_path: Path) -> None:
    write(tmp_path)
    other = make_key("some-8px-grey", ("a",))
    write(tmp_path, other)
    newer = make_key(KEY.name, ("b",))
    write(tmp_path, newer)
    assert {path.name for path in tmp_path.iterdir()} == {other.folder, newer.folder}


@pytest.mark.parametrize("name", ["images.npy", "labels.npy", "facts.json"])
@pytest.mark.parametrize("damage", ["cut", "gone", "other"])
def test_a_damaged_entry_is_made_anew(name: str, damage: str, tmp_path: Path) -> None:
    write(tmp_path)
    file = tmp_path / KEY.folder / name
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-20] if damage == "cut" else b"[]")
    assert find_cached(tmp_path, KEY) is None
    np.testing.assert_array_equal(write(tmp_path).images, IMAGES)
    assert find_cached(tmp_path, KEY) is not None
    assert len(list(tmp_path.iterdir())) == 1


def test_a_place_that_cannot_be_written_costs_memory_not_the_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("a file is in the way")
    with caplog.at_level(logging.WARNING):
        loaded = write(tmp_path / "cache")
    np.testing.assert_array_equal(loaded.images, IMAGES)
    assert loaded.fingerprint == fingerprint(IMAGES, LABELS)
    assert "not kept" in caplog.text


def test_what_the_conversion_raises_is_raised_and_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[np.ndarray]:
        yield IMAGES[:4]
        raise DataError("The file is damaged.")

    with pytest.raises(DataError, match="damaged"):
        keep(tmp_path, KEY, IMAGES.shape, broken, LABELS)
    assert list(tmp_path.iterdir()) == []


def test_whoever_was_quicker_is_believed(tmp_path: Path) -> None:
    def slow() -> Iterator[np.ndarray]:
        yield IMAGES[:4]
        write(tmp_path)  # another process finishes meanwhile
        yield IMAGES[4:]

    loaded = keep(tmp_path, KEY, IMAGES.shape, slow, LABELS)
    np.testing.assert_array_equal(loaded.images, IMAGES)
    assert [path.name for path in tmp_path.iterdir()] == [KEY.folder]


def test_leftovers_of_the_killed_are_swept_and_the_living_spared(tmp_path: Path) -> None:
    dead, living = tmp_path / f".{KEY.folder}.1-a", tmp_path / f".{KEY.folder}.2-b"
    for folder in (dead, living):
        folder.mkdir()
        (folder / "images.npy").write_bytes(b"half")
    for path in (dead / "images.npy", dead):
        os.utime(path, (1, 1))
    write(tmp_path)
    assert not dead.exists()
    assert living.exists()
