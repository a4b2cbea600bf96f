"""Directions: planted ones are found, orthonormal and in order; scores rise where they should."""

from math import prod

import numpy as np
import pytest
import torch
from torch import nn

from gan.config import ModelConfig
from gan.latent.directions import Directions, ganspace, score_directions, sefa
from gan.latent.methods import METHODS, get_method
from gan.latent.points import LatentError
from gan.models.registry import build_pair

AMPLIFIED = np.array([4.0, 3.0, 2.0, 1.5, 1.0, 0.5])


def generator_of(name: str = "mlp", *, n_classes: int = 0, latent_dim: int = 6, **changes):
    torch.manual_seed(0)
    config = ModelConfig(
        name=name, latent_dim=latent_dim, conditional=n_classes > 0, **{"g_widths": (24,)} | changes
    )
    return build_pair(config, img_channels=1, size_px=8, n_classes=n_classes)[0].eval()


def planted(*, n_classes: int = 0, **changes) -> tuple[nn.Module, np.ndarray]:
    """Return a generator whose first layer amplifies six known axes, and these axes, row by row."""
    generator = generator_of(n_classes=n_classes, g_norm="none", **changes)
    first = next(layer for layer in generator.layers if isinstance(layer, nn.Linear))
    rng = np.random.default_rng(3)
    axes = np.linalg.qr(rng.standard_normal((6, 6)))[0].T
    outs = np.linalg.qr(rng.standard_normal((first.out_features, 6)))[0]
    weight = torch.from_numpy(outs @ np.diag(AMPLIFIED) @ axes).float()
    with torch.no_grad():
        first.weight[:, :6] = weight
        first.bias.fill_(50.0)  # far in the activation's straight part: the layer is linear
    return generator, axes


def quick_ganspace(generator) -> Directions:
    return ganspace(generator, n=600)


def check(found: Directions, k: int, d: int) -> None:
    assert found.basis.shape == (k, d) and found.basis.dtype == np.float32
    assert np.allclose(found.basis @ found.basis.T, np.eye(k), atol=2e-6)
    assert (np.diff(found.shares) <= 0).all() and (found.shares >= 0).all()
    assert found.shares.sum() <= 1 + 1e-6
    largest = np.abs(found.basis).argmax(axis=1)
    assert (found.basis[np.arange(k), largest] > 0).all()


@pytest.mark.parametrize("method", [sefa, ganspace])
@pytest.mark.parametrize("n_classes", [0, 3])
def test_planted_axes_are_found_in_order_with_their_shares(method, n_classes):
    generator, axes = planted(n_classes=n_classes)
    found = method(generator)
    check(found, 6, 6)
    assert np.allclose(np.abs(np.sum(found.basis * axes, axis=1)), 1.0, atol=1e-3)
    assert np.allclose(found.shares, AMPLIFIED**2 / (AMPLIFIED**2).sum(), atol=1e-3)
    assert found.shares.sum() == pytest.approx(1.0, abs=1e-3)  # all of it is linear


def test_ganspace_looks_behind_the_activation_too():
    generator, axes = planted()
    first = next(layer for layer in generator.layers if isinstance(layer, nn.Linear))
    with torch.no_grad():
        first.bias.zero_()  # now half of each feature is cut off
    found = ganspace(generator)
    check(found, 6, 6)
    assert abs(float(found.basis[0] @ axes[0])) > 0.95
    assert found.shares.sum() < 0.95  # and what is not linear is explained by no direction


@pytest.mark.parametrize("method", [sefa, quick_ganspace])
@pytest.mark.parametrize("name", ["mlp", "dcgan", "upsample", "resnet"])
@pytest.mark.parametrize("n_classes", [0, 3])
def test_every_architecture_has_orthonormal_directions_in_order(method, name, n_classes):
    generator = generator_of(name, n_classes=n_classes, g_widths=None)
    before = {key: value.clone() for key, value in generator.state_dict().items()}
    found = method(generator)
    check(found, 6, 6)
    again = method(generator)
    assert np.array_equal(found.basis, again.basis) and np.array_equal(found.shares, again.shares)
    assert all(torch.equal(value, before[key]) for key, value in generator.state_dict().items())


def test_very_many_features_are_decomposed_by_iterating():
    generator = generator_of("dcgan", latent_dim=5, g_widths=(256,))
    weight = next(m for m in generator.modules() if isinstance(m, nn.ConvTranspose2d)).weight
    assert prod(weight.shape[1:]) > 1_024
    many = quick_ganspace(generator)
    check(many, 5, 5)
    assert many.shares[0] > many.shares[-1] > 0


def test_a_generator_that_ignores_part_of_z_gives_it_no_share():
    generator, axes = planted()
    first = next(layer for layer in generator.layers if isinstance(layer, nn.Linear))
    with torch.no_grad():
        first.weight[:] = first.weight @ torch.from_numpy(axes[:2].T @ axes[:2]).float()
    for method in (sefa, ganspace):
        found = method(generator)
        check(found, 6, 6)
        assert found.shares[:2].sum() == pytest.approx(1.0, abs=1e-3)
    with torch.no_grad():
        first.weight.zero_()
    check(sefa(generator), 6, 6)
    check(ganspace(generator), 6, 6)
    assert ganspace(generator).shares.max() < 1e-6


def test_scores_rise_along_their_directions():
    rng = np.random.default_rng(0)
    z = rng.standard_normal((4000, 8))
    true = np.eye(8)[[2, 5]]
    noise = rng.standard_normal(4000)
    scores = np.stack([z @ true[0] + 2 * noise, -3 * z @ true[1], np.full(4000, 7.0)], axis=1)
    found = score_directions(z, scores)
    assert found.order.tolist() == [1, 0, 2]
    assert np.allclose(found.basis[0], -true[1], atol=1e-6)
    assert float(found.basis[1] @ true[0]) > 0.99
    assert np.allclose(found.shares, [1.0, 0.2, 0.0], atol=0.03)
    assert np.allclose(np.linalg.norm(found.basis, axis=1), 1.0, atol=1e-6)
    with pytest.raises(LatentError, match="N above D"):
        score_directions(z[:9], scores[:9])


def test_every_way_is_explained():
    for name, info in METHODS.items():
        assert get_method(name) is info and info.name == name and info.why and info.source
    with pytest.raises(LookupError, match="choose one of ganspace, sefa"):
        get_method("magic")
