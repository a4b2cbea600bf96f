"""Favourites and named directions: kept, replaced, dropped; a damaged file is left alone."""

import threading

import numpy as np
import pytest

from gan.errors import ConfigError, StoreError
from gan.runs.folder import Home
from gan.runs.latent.store import (
    Favourite,
    directions,
    drop_direction,
    drop_favourite,
    favourites,
    keep_direction,
    keep_favourite,
)


def favourite(name: str, **more) -> Favourite:
    z = [float(x) for x in np.array([0.1, -2.5], np.float32)]
    return Favourite(name=name, run="shipped-tiny", place="1~s0.3", z=z, **more)


def test_favourites_are_kept_by_name_to_the_last_bit(tmp_path):
    home = Home(tmp_path)
    assert favourites(home) == []
    keep_favourite(home, favourite("shoe", step=12, label=7))
    keep_favourite(home, favourite("Bag", average=False))
    keep_favourite(home, favourite("shoe", step=40))
    bag, shoe = favourites(home)
    assert (bag.name, bag.average, shoe.step, shoe.label) == ("Bag", False, 40, None)
    assert np.array_equal(np.float32(shoe.z), np.array([0.1, -2.5], np.float32))
    drop_favourite(home, "Bag")
    drop_favourite(home, "never there")
    assert [one.name for one in favourites(home)] == ["shoe"]
    names = {path.name for path in (home.workspace_dir / "latent").iterdir()}
    assert names - {"favourites.lock"} == {"favourites.json"}  # and no half-written file


def test_two_writers_lose_nothing(tmp_path):
    home = Home(tmp_path)
    names = [f"name {i}" for i in range(12)]
    threads = [
        threading.Thread(target=keep_favourite, args=(home, favourite(name))) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {one.name for one in favourites(home)} == set(names)


def test_directions_are_of_length_one_and_belong_to_a_dimension(tmp_path):
    home = Home(tmp_path)
    kept = keep_direction(home, " Big smile! ", np.array([3.0, 4.0]), run="a", about="two sliders")
    assert (kept.name, kept.slug) == ("Big smile!", "big-smile")
    np.testing.assert_allclose(kept.vector, [0.6, 0.8])
    keep_direction(home, "Lächeln", np.ones(3), run="a")
    keep_direction(home, "笑顔", np.ones(2), run="a")
    keep_direction(home, "big  smile", np.array([0.0, -2.0]), run="b")  # the same in an address
    assert [one.name for one in directions(home, 2)] == ["big  smile", "笑顔"]
    assert directions(home, 2)[0].vector == [0.0, -1.0]
    assert directions(home, 4) == []
    drop_direction(home, "big-smile")
    assert [one.name for one in directions(home, 2)] == ["笑顔"]


@pytest.mark.parametrize("name", ["", "   ", "n" * 61])
def test_a_name_is_needed(tmp_path, name):
    with pytest.raises(ConfigError, match="give it 1 to 60"):
        keep_direction(Home(tmp_path), name, np.ones(2), run="a")


def test_a_direction_that_points_nowhere_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="move a slider first"):
        keep_direction(Home(tmp_path), "nothing", np.zeros(2), run="a")


@pytest.mark.parametrize("text", ["", "{", "{}", '[{"name": ""}]', "[1]"])
def test_a_damaged_file_is_told_and_left_alone(tmp_path, text):
    home = Home(tmp_path)
    path = home.workspace_dir / "latent" / "favourites.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    for action in (lambda: favourites(home), lambda: keep_favourite(home, favourite("new"))):
        with pytest.raises(StoreError, match=r"favourites\.json is damaged .* mend it"):
            action()
    assert path.read_text() == text


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    home = Home(tmp_path).ensure()
    (home.workspace_dir / "latent").write_text("a file where the folder belongs")
    with pytest.raises(StoreError, match="cannot be"):
        keep_favourite(home, favourite("shoe"))
