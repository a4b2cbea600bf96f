"""The latent space of a real saved generator: places, directions, and lines that draw again."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.errors import ConfigError
from gan.runs.folder import Home
from gan.runs.latent.lines import python_lines
from gan.runs.latent.place import Given, Place, Seeded, Tile
from gan.runs.latent.space import OWN, Space
from gan.runs.latent.store import keep_direction
from gan.runs.shipped import install
from gan.runs.studio import Source, Studio

ROOT = Path(__file__).parents[2]
SOURCE = Source("shipped-tiny")


@pytest.fixture(scope="module")
def home(tmp_path_factory, tiny_shipped) -> Home:
    home = Home(tmp_path_factory.mktemp("space"))
    assert install(home, tiny_shipped) == []
    return home


@pytest.fixture(scope="module")
def studio(home):
    studio = Studio(home)
    yield studio
    studio.close()


@pytest.fixture
def space(home, studio) -> Space:
    return Space(home, studio, SOURCE)


def test_bases_give_the_very_z_of_the_sample_command_and_of_the_runs_wall(space, studio):
    z, _ = studio.grid_z(SOURCE)
    assert np.array_equal(space.z(Place(Tile(2))), z[2])
    assert np.array_equal(space.z(Place(Seeded(3, 1))), studio.z_of(SOURCE, 2, 3)[1])
    assert np.array_equal(space.z(Place(Given.of(z[0]))), z[0])
    assert space.key == "shipped-tiny/12/average"


def test_a_move_along_a_found_direction_is_as_long_as_it_says(space):
    place = Place(Seeded(0, 0))
    moved = space.z(place.with_move(("ganspace", "1"), 150)) - space.z(place)
    np.testing.assert_allclose(moved, 1.5 * space.found("ganspace").basis[1], atol=1e-6)
    with pytest.raises(ConfigError, match="no direction '9' of ganspace"):
        space.z(place.with_move(("ganspace", "9"), 1))


def test_directions_that_people_kept_lead_where_they_led(home, space):
    place = Place(Seeded(0, 0))
    there = place.with_coordinate(0, 100).with_coordinate(2, -100)
    kept = keep_direction(home, "there", space.z(there) - space.z(place), run="shipped-tiny")
    length = round(100 * float(np.linalg.norm(space.z(there) - space.z(place))))
    again = space.z(place.with_move((OWN, kept.slug), length))
    np.testing.assert_allclose(again, space.z(there), atol=0.01)


def test_a_frozen_place_draws_the_same_without_directions(space):
    place = Place(Tile(1), truncation=60).with_move(("sefa", "0"), 80)
    frozen = space.frozen(place)
    assert frozen.moves == () and isinstance(frozen.base, Given)
    assert np.array_equal(space.draw([place]).images, space.draw([frozen]).images)
    assert space.frozen(Place(Seeded(1, 1))) == Place(Seeded(1, 1))


def test_what_is_not_of_this_space_is_refused(space):
    for place, words in [
        (Place(Tile(99)), "no tile 100"),
        (Place(Given.of(np.zeros(7, np.float32))), "has 7 numbers and this generator takes 4"),
        (Place(Seeded(0, 0)).with_move((OWN, "gone"), 1), "No direction is kept as 'gone'"),
        (Place(Seeded(0, 0)).with_coordinate(4, 1), "no coordinate 4"),
    ]:
        with pytest.raises(ConfigError, match=words):
            space.z(place)


def test_the_python_lines_run_and_draw_the_same_picture(home, space, tmp_path):
    places = [Place(Seeded(5, 3)), Place(Seeded(5, 3), truncation=80).with_coordinate(1, 200)]
    for place in places:
        lines = python_lines(space.source, place, space.z(place), space.label(place))
        command = [sys.executable, "-c", lines]
        env = {"PYTHONPATH": str(ROOT), "GAN_HOME": str(home.root), "PATH": ""}
        subprocess.run(command, cwd=tmp_path, env=env, check=True, timeout=120)
        picture = np.asarray(Image.open(tmp_path / "picture.png"))
        assert np.array_equal(picture, space.draw([place]).images[0].squeeze())
