"""Searches for z beside a page: the real command, its notes, its answer on disk."""

import os
from pathlib import Path

import numpy as np
import pytest
from tiny_runs import wait_until

from gan.errors import StoreError
from gan.runs.folder import Home
from gan.runs.inverter import Inverter, read_inverted
from gan.runs.sheets import encode_png
from gan.runs.shipped import install
from gan.runs.studio.records import Source
from gan.runs.studio.shelf import Shelf

TINY = Source("shipped-tiny", 12)


@pytest.fixture(scope="module")
def place(tiny_shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("inverting")).ensure()
    before = os.environ["GAN_SHIPPED"]
    os.environ["GAN_SHIPPED"] = str(tiny_shipped)
    try:
        assert install(home) == []
    finally:
        os.environ["GAN_SHIPPED"] = before
    return home


def wait_for(inverter: Inverter, key: str):
    def look():
        progress, _ = inverter.look(key)
        return progress if progress is not None and progress.is_over else None

    return wait_until(look, 60.0), inverter.look(key)[1]


def test_a_drawn_picture_is_found_again_and_the_answer_stays(place: Home) -> None:
    held = Shelf(place).take(TINY)
    picture = held.draw(held.generator.z_of(3, 5)[2:], None).images[0]
    inverter = Inverter(place)
    key = inverter.start(TINY, encode_png(picture))
    assert inverter.start(TINY, encode_png(picture)) == key  # the same question, one process
    progress, found = wait_for(inverter, key)
    assert not progress.has_failed and progress.fraction == 1.0
    assert found is not None and found.is_final and found.label is None
    assert np.array_equal(found.target, picture)
    assert np.abs(found.image.astype(int) - picture).max() <= 2
    assert found.distance < 0.5 < found.start_distance
    assert np.array_equal(held.draw(_tensor(found.z[None]), None).images[0], found.image)

    notes = place.workspace_dir / "inverting" / key / "notes.jsonl"
    stamp = notes.stat().st_mtime_ns
    another = Inverter(place)  # after a restart of the server
    assert another.start(TINY, encode_png(picture)) == key
    assert notes.stat().st_mtime_ns == stamp  # it was done already
    progress, again = another.look(key)
    assert progress is not None and progress.is_over
    assert again is not None and np.array_equal(again.z, found.z)


def test_what_is_no_picture_fails_with_a_sentence(place: Home) -> None:
    inverter = Inverter(place)
    key = inverter.start(TINY, b"no picture at all")
    progress, found = wait_for(inverter, key)
    assert progress.has_failed and found is None
    assert progress.text.startswith("The picture picture is not a picture")
    assert inverter.look("0" * 20) == (None, None)
    with pytest.raises(StoreError, match="no search"):
        inverter.look("../x")


def test_a_search_can_be_given_up(place: Home) -> None:
    inverter = Inverter(place)
    key = inverter.start(TINY, b"x")
    process = inverter._processes[key]
    inverter.cancel(key)
    assert process.poll() is not None
    assert inverter.look(key) == (None, None)
    inverter.cancel(key)


def test_the_oldest_answers_are_forgotten(place: Home) -> None:
    folder = place.workspace_dir / "inverting"
    for i in range(61):
        (folder / f"old{i}").mkdir(parents=True)
        os.utime(folder / f"old{i}", (i, i))
    inverter = Inverter(place)
    key = inverter.start(TINY, b"y")
    left = {path.name for path in folder.iterdir()}
    assert "old0" not in left and {key, "old60"} <= left
    assert len(left) == 61
    inverter.cancel(key)


def test_a_result_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    path = tmp_path / "found.npz"
    assert read_inverted(path) is None
    path.write_bytes(b"junk")
    assert read_inverted(path) is None
    np.savez(path, z=np.zeros(3))
    assert read_inverted(path) is None


def _tensor(z: np.ndarray):
    import torch

    return torch.from_numpy(z)
