"""Every generator that comes with the product, in the studio's hands."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from gan.data.dataset import scale
from gan.latent.inversion import invert
from gan.latent.paths import make_path
from gan.runs.folder import Home
from gan.runs.shipped import PREFIX, install
from gan.runs.studio.records import Source
from gan.runs.studio.shelf import Held, Shelf
from gan.runs.studio.study import Study, methods_for

CHECKPOINTS = Path(__file__).resolve().parents[2] / "checkpoints"
NAMES = sorted(path.parent.name for path in CHECKPOINTS.glob("*/card.json"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home(tmp_path_factory.mktemp("five")).ensure()
    before = os.environ["GAN_SHIPPED"]
    os.environ["GAN_SHIPPED"] = str(CHECKPOINTS)
    try:
        assert install(home) == []
    finally:
        os.environ["GAN_SHIPPED"] = before
    yield home


@pytest.fixture
def held(home: Home, request: pytest.FixtureRequest) -> Held:
    return Shelf(home).take(Source(f"{PREFIX}{request.param}"))


def test_there_are_five() -> None:
    assert len(NAMES) == 5


@pytest.mark.parametrize("held", NAMES, indirect=True)
def test_a_morph_begins_and_ends_with_the_very_pictures(held: Held) -> None:
    points = held.generator.z_of(3, 0)
    label = np.full(21, 1) if held.generator.classes else None
    path = make_path(points.numpy(), 21, "spherical")
    morph = held.draw(torch.from_numpy(path.z), held.labels_for(21, label), scores=True)
    for frame, z in zip(path.keys, points, strict=True):
        alone = held.labels_for(1, None if label is None else label[:1])
        assert np.array_equal(held.draw(z[None], alone).images[0], morph.images[frame])
    assert morph.scores is not None and np.isfinite(morph.scores).all()


@pytest.mark.parametrize("held", NAMES, indirect=True)
def test_directions_are_orthonormal_and_in_order(home: Home, held: Held) -> None:
    study = Study(home)
    assert methods_for(held)[:3] == ("ganspace", "sefa", "classes")
    found = study.directions(held, "sefa", 999)
    assert np.allclose(found.basis @ found.basis.T, np.eye(held.generator.latent_dim), atol=2e-6)
    assert (np.diff(found.shares) <= 0).all() and found.shares.sum() <= 1 + 1e-5


@pytest.mark.parametrize("held", ["modern-fashion-classes", "modern-faces-64"], indirect=True)
def test_a_drawn_picture_is_found_again_to_the_rounding_of_its_bytes(held: Held) -> None:
    label = 7 if held.generator.classes else None
    z = held.generator.z_of(1, 9)
    drawn = held.draw(z, held.labels_for(1, None if label is None else np.array([label]))).images[0]
    target = scale(torch.from_numpy(drawn.transpose(2, 0, 1).copy()))
    found = list(invert(held.network, target))[-1]
    assert found.label == label
    assert found.distance < 0.35  # grey levels; rounding alone makes 0.29
