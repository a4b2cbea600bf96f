"""Places in latent space: a text gives back its place, and nothing else is taken for one."""

import numpy as np
import pytest

from gan.errors import ConfigError
from gan.runs.latent.place import Given, Place, Seeded, Tile, decode, encode, z_at

Z = np.array([0.5, -1.25, 3e-39, 2.0], np.float32)
PLACES = [
    Place(Seeded(0, 0)),
    Place(Seeded(2**63 - 1, 9_999), label=3),
    Place(Tile(63), truncation=0),
    Place(Given.of(Z), label=0, truncation=70),
    Place(
        Seeded(7, 12),
        moves=((("pca", "0"), 150), (("own", "big-smile"), -2000), (("class", "9"), 5)),
        coordinates=((0, -40), (99, 0)),
    ),
]


@pytest.mark.parametrize("place", PLACES)
def test_a_text_gives_back_the_very_place(place):
    text = encode(place)
    assert decode(text) == place
    assert text.strip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-~") == ""


def test_the_text_is_short_and_stays_as_it_is():
    place = Place(Seeded(7, 12), label=3, truncation=80)
    place = place.with_move(("pca", "0"), 150).with_coordinate(17, -40)
    assert encode(place) == "1~s7.12~c3~t80~mpca.0.150~z17.-40"


def test_numbers_come_back_to_the_last_bit():
    z = np.random.default_rng(0).standard_normal(128).astype(np.float32)
    place = decode(encode(Place(Given.of(z))))
    assert np.array_equal(z_at(place, place.base.z, lambda _: z), z)


@pytest.mark.parametrize(
    "text",
    [
        "", "1", "1~", "2~s0.0", "s0.0", "1~s0", "1~s-1.0", "1~s00.0", "1~s9223372036854775808.0",
        "1~g10001", "1~x", "1~xAA", "1~x====", "1~xAACAfw", "1~q1", "1~s0.0~c-1", "1~s0.0~t101",
        "1~s0.0~mpca.0.2001", "1~s0.0~mpca.0.1e3", "1~s0.0~mpca..1", "1~s0.0~mPCA.0.1",
        "1~s0.0~z-1.5", "1~s0.0~z4096.5", "1~s0.0~", "1~s0.0~z1.-0", "1~x" + "A" * 70_000,
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_short_sentence(text):
    with pytest.raises(ConfigError, match="pick a picture anew") as error:
        decode(text)
    assert len(str(error.value)) < 200


def test_what_was_moved_back_is_not_moved():
    place = Place(Tile(1), label=2)
    moved = place.with_move(("sefa", "1"), 30).with_move(("pca", "0"), 5).with_move(("pca", "0"), 0)
    assert moved.moves == ((("sefa", "1"), 30),)
    assert moved.is_moved and not moved.with_move(("sefa", "1"), 0).is_moved
    assert place.with_coordinate(3, 0).is_moved
    assert place.with_coordinate(3, 0).with_coordinate(3, None) == place
    assert moved.unmoved() == place


def test_z_is_truncated_then_set_then_moved():
    place = Place(Seeded(0, 0), truncation=50).with_coordinate(1, -300).with_move(("pca", "2"), 200)
    base = Z.copy()
    axis = np.array([0, 0, 0, 1], np.float32)
    z = z_at(place, base, {("pca", "2"): axis}.__getitem__)
    assert z.dtype == np.float32
    np.testing.assert_allclose(z, [0.25, -3.0, 0.0, 3.0], atol=1e-6)
    assert np.array_equal(base, Z)


def test_a_place_of_another_space_is_refused():
    with pytest.raises(ConfigError, match="no coordinate 4 of z"):
        z_at(Place(Tile(0)).with_coordinate(4, 1), Z, lambda _: Z)
    with pytest.raises(ConfigError, match="belongs to another generator"):
        z_at(Place(Tile(0)).with_move(("own", "smile"), 1), Z, lambda _: np.ones(3, np.float32))
