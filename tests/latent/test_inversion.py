"""The way back: a picture that a generator drew is found again; others come as near as they can."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from gan.config import ModelConfig
from gan.data.dataset import scale, to_uint8
from gan.latent.inversion import invert
from gan.latent.points import LatentError
from gan.models.registry import build_pair


def generator_of(name: str, *, n_classes: int = 0):
    torch.manual_seed(1)
    config = ModelConfig(name=name, latent_dim=6, conditional=n_classes > 0, g_widths=None)
    if name == "mlp":
        config = config.model_copy(update={"g_widths": (32, 48)})
    generator = build_pair(config, img_channels=1, size_px=8, n_classes=n_classes)[0].eval()
    with torch.no_grad():  # untrained weights draw nearly the same grey everywhere
        for parameter in generator.parameters():
            parameter.mul_(3.0)
    return generator


@torch.no_grad()
def drawn(generator, z: np.ndarray, label: int | None) -> torch.Tensor:
    labels = None if label is None else torch.tensor([label])
    return generator(torch.from_numpy(z[None]), labels)[0]


@pytest.mark.parametrize("name", ["mlp", "dcgan", "upsample"])
@pytest.mark.parametrize("n_classes", [0, 3])
def test_a_generated_picture_is_recovered(name, n_classes):
    generator = generator_of(name, n_classes=n_classes)
    z = np.random.default_rng(4).standard_normal(6).astype(np.float32)
    label = 2 if n_classes else None
    target = scale(to_uint8(drawn(generator, z, label)))
    steps = list(invert(generator, target, n_starts=128, n_steps=40, n_polish=30))
    found = steps[-1]
    assert found.distance < 0.5 < steps[0].distance  # grey levels; bytes are rounded to 0.29
    there = to_uint8(drawn(generator, found.z, found.label)).int()
    assert (there - to_uint8(target).int()).abs().max() <= 3
    assert found.label == label and found.fraction == 1.0
    assert {step.stage for step in steps} == {"search", "approach", "polish"}
    assert len([step for step in steps if step.stage == "search"]) == 2
    assert all(a.fraction <= b.fraction for a, b in pairwise(steps))
    polished = [step.distance for step in steps if step.stage == "polish"]
    assert polished == sorted(polished, reverse=True)


def test_what_was_never_drawn_comes_nearer_and_z_stays_where_z_live():
    generator = generator_of("mlp")
    before = {key: value.clone() for key, value in generator.state_dict().items()}
    target = torch.rand(1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    steps = list(invert(generator, target, n_starts=64, n_steps=40, n_polish=20))
    assert steps[-1].distance < steps[0].distance
    difference = (drawn(generator, steps[-1].z, None) - target).square().mean().sqrt()
    assert float(difference) * 127.5 == pytest.approx(steps[-1].distance, rel=1e-3)
    border = math.sqrt(6 + 3 * math.sqrt(12))
    assert all(np.linalg.norm(step.z) <= border + 1e-4 for step in steps)
    again = list(invert(generator, target, n_starts=64, n_steps=40, n_polish=20))
    assert np.array_equal(again[-1].z, steps[-1].z)
    assert all(torch.equal(value, before[key]) for key, value in generator.state_dict().items())
    assert all(parameter.grad is None for parameter in generator.parameters())


def test_a_class_that_is_asked_for_is_kept():
    generator = generator_of("mlp", n_classes=3)
    target = torch.zeros(1, 8, 8)
    steps = list(invert(generator, target, label=1, n_starts=16, n_steps=5, n_polish=2))
    assert {step.label for step in steps} == {1}


def test_the_least_work_is_legal_and_what_does_not_fit_is_one_sentence():
    generator = generator_of("mlp")
    target = torch.zeros(1, 8, 8)
    steps = list(invert(generator, target, n_starts=1, n_steps=0, n_polish=0))
    assert [step.stage for step in steps] == ["search", "polish"]
    assert steps[0].distance == pytest.approx(steps[1].distance)
    for wrong in (
        lambda: invert(generator, torch.zeros(3, 8, 8)),
        lambda: invert(generator, torch.full((1, 8, 8), float("nan"))),
        lambda: invert(generator, target, label=0),
        lambda: invert(generator, target, n_starts=0),
    ):
        with pytest.raises(LatentError, match=r"give|leave"):
            next(wrong())
