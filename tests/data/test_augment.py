"""Augmentation: what changes, by how much, from which random numbers, and that G can learn."""

import typing

import pytest
import torch

from gan.config import Augment
from gan.data.augment import (
    POLICIES,
    add_noise,
    augment,
    brightness,
    contrast,
    cutout,
    mirror,
    saturation,
    translation,
)
from gan.errors import UnknownNameError

CHANGING = [name for name in POLICIES if name != "none"]


def stream(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(n: int = 6, channels: int = 3, height: int = 16, width: int = 16) -> torch.Tensor:
    rng = torch.Generator().manual_seed(77)
    return torch.rand(n, channels, height, width, generator=rng) * 2 - 1


def test_policies_are_those_of_the_config() -> None:
    assert set(POLICIES) == set(typing.get_args(Augment))
    with pytest.raises(UnknownNameError, match="translation-cutout"):
        augment(pictures(), "rotation", stream())


def test_none_returns_the_pictures_themselves_and_draws_nothing() -> None:
    images, rng = pictures(), stream()
    before = rng.get_state()
    assert augment(images, "none", rng) is images
    assert torch.equal(rng.get_state(), before)


@pytest.mark.parametrize("policy", CHANGING)
@pytest.mark.parametrize("shape", [(6, 3, 16, 16), (1, 1, 28, 28), (4, 1, 8, 12), (3, 3, 9, 7)])
def test_shape_type_and_input_are_kept(policy: str, shape: tuple[int, ...]) -> None:
    images = pictures(*shape)
    before = images.clone()
    changed = augment(images, policy, stream())
    assert changed.shape == images.shape
    assert changed.dtype == torch.float32
    assert torch.isfinite(changed).all()
    assert torch.equal(images, before)
    assert not torch.equal(changed, images)


@pytest.mark.parametrize("policy", CHANGING)
def test_the_stream_alone_decides(policy: str) -> None:
    first = augment(pictures(), policy, stream(1))
    torch.manual_seed(4)
    before = torch.get_rng_state()
    assert torch.equal(augment(pictures(), policy, stream(1)), first)
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(augment(pictures(), policy, stream(2)), first)
    rng = stream(1)
    assert torch.equal(augment(pictures(), policy, rng), first)
    assert not torch.equal(augment(pictures(), policy, rng), first)  # it moves on


@pytest.mark.parametrize("policy", CHANGING)
def test_gradients_flow_to_the_pictures(policy: str) -> None:
    images = pictures().requires_grad_(True)
    augment(images, policy, stream()).square().sum().backward()
    assert images.grad is not None
    assert torch.isfinite(images.grad).all()
    assert all(one.abs().sum() > 0 for one in images.grad)


@pytest.mark.parametrize("policy", CHANGING)
def test_gradients_equal_finite_differences_twice(policy: str) -> None:
    """Second derivatives too, for a gradient penalty that looks through the augmentation."""
    images = pictures(2, 3, 4, 4).double().requires_grad_(True)

    def changed(x: torch.Tensor) -> torch.Tensor:
        return augment(x, policy, stream()).square()

    assert torch.autograd.gradcheck(changed, (images,))
    assert torch.autograd.gradgradcheck(changed, (images,))


def test_brightness_adds_one_number_to_each_picture() -> None:
    images = pictures(500, 3, 2, 2)
    added = (brightness(images, stream()) - images).flatten(1)
    assert (added.amax(1) - added.amin(1)).max() < 1e-6
    assert added.min() >= -0.5 - 1e-6
    assert added.max() <= 0.5 + 1e-6
    assert added.min() < -0.45
    assert added.max() > 0.45
    assert abs(added.mean()) < 0.05


def test_saturation_keeps_the_grey_and_scales_the_rest() -> None:
    images = pictures(500, 3, 2, 2)
    changed = saturation(images, stream())
    torch.testing.assert_close(changed.mean(1), images.mean(1))
    distance = images - images.mean(1, keepdim=True)
    new = changed - changed.mean(1, keepdim=True)
    factor = (distance * new).sum((1, 2, 3)) / distance.square().sum((1, 2, 3))
    torch.testing.assert_close(new, factor[:, None, None, None] * distance)
    assert -1e-6 <= factor.min() < 0.1
    assert 1.9 < factor.max() <= 2 + 1e-6


def test_grey_pictures_skip_saturation_and_its_random_numbers() -> None:
    images, rng = pictures(channels=1), stream()
    before = rng.get_state()
    assert saturation(images, rng) is images
    assert torch.equal(rng.get_state(), before)


def test_contrast_keeps_the_mean_and_scales_the_rest() -> None:
    images = pictures(500, 3, 4, 4)
    changed = contrast(images, stream())
    torch.testing.assert_close(changed.mean((1, 2, 3)), images.mean((1, 2, 3)), atol=1e-5, rtol=0)
    factor = changed.std((1, 2, 3)) / images.std((1, 2, 3))
    assert 0.5 - 1e-4 <= factor.min() < 0.55
    assert 1.45 < factor.max() <= 1.5 + 1e-4


def test_translation_moves_the_content_and_lets_zeros_in() -> None:
    images = torch.zeros(400, 2, 16, 24)
    images[:, 0, 8, 12] = 1.0
    images[:, 1, 8, 12] = -0.5
    moved = translation(images, stream())
    assert torch.equal(moved.amax((1, 2, 3)), torch.ones(400))
    assert torch.equal(moved[:, 1], -0.5 * moved[:, 0])  # the channels go together
    at = moved[:, 0].flatten(1).argmax(1)
    shifts_y, shifts_x = at // 24 - 8, at % 24 - 12
    assert set(shifts_y.tolist()) == set(range(-2, 3))  # 16 / 8
    assert set(shifts_x.tolist()) == set(range(-3, 4))  # 24 / 8
    ones = translation(torch.ones(400, 1, 16, 24), stream())
    left_in = (16 - shifts_y.abs()) * (24 - shifts_x.abs())
    assert torch.equal(ones.sum((1, 2, 3)), left_in.float())


def test_translation_is_a_plain_shift() -> None:
    images = pictures(40, 1, 16, 16)
    moved = translation(images, stream())
    for before, after in zip(images[:, 0], moved[:, 0], strict=True):
        inner = before[4:12, 4:12]
        found = [
            (y, x)
            for y in range(2, 7)
            for x in range(2, 7)
            if torch.equal(after[y : y + 8, x : x + 8], inner)
        ]
        assert len(found) == 1


@pytest.mark.parametrize("size_px", [16, 9, 28])
def test_cutout_removes_one_square_of_half_the_size(size_px: int) -> None:
    half = (size_px + 1) // 2
    cut = cutout(torch.ones(600, 2, size_px, size_px), stream()) == 0
    assert torch.equal(cut[:, 0], cut[:, 1])
    rows, columns = cut[:, 0].any(2), cut[:, 0].any(1)
    assert torch.equal(cut[:, 0], rows[:, :, None] & columns[:, None, :])  # a rectangle
    for side in (rows.sum(1), columns.sum(1)):
        assert side.max() == half  # whole inside the picture
        assert side.min() == half // 2 + half % 2  # half of it over the edge
    share = rows.float().mean(0)
    torch.testing.assert_close(share, share.flip(0), atol=0.12, rtol=0)  # no side is preferred


def test_mirror_flips_some_and_flips_back() -> None:
    images = pictures(64)
    once = mirror(images, stream(3))
    is_flipped = [torch.equal(now, then.flip(2)) for now, then in zip(once, images, strict=True)]
    is_kept = [torch.equal(now, then) for now, then in zip(once, images, strict=True)]
    assert all(a != b for a, b in zip(is_flipped, is_kept, strict=True))
    assert 16 < sum(is_flipped) < 48
    assert torch.equal(mirror(once, stream(3)), images)


def test_mirror_lets_gradients_through() -> None:
    images = pictures().requires_grad_(True)
    (mirror(images, stream()) * 2).sum().backward()
    assert images.grad is not None
    assert torch.equal(images.grad, torch.full_like(images, 2.0))


def test_noise_has_the_asked_deviation() -> None:
    images = pictures(64, 3, 16, 16)
    added = add_noise(images, 0.25, stream()) - images
    assert added.std().item() == pytest.approx(0.25, rel=0.02)
    assert abs(added.mean().item()) < 0.005
    assert abs((added[:32] * added[32:]).mean().item()) < 0.002  # fresh for each picture
    assert torch.equal(add_noise(images, 0.25, stream()), add_noise(images, 0.25, stream()))


def test_no_noise_returns_the_pictures_themselves_and_draws_nothing() -> None:
    images, rng = pictures(), stream()
    before = rng.get_state()
    assert add_noise(images, 0.0, rng) is images
    assert torch.equal(rng.get_state(), before)
    with pytest.raises(ValueError, match="0 or more"):
        add_noise(images, -0.1, rng)


def test_noise_lets_gradients_through() -> None:
    images = pictures().requires_grad_(True)
    add_noise(images, 0.5, stream()).sum().backward()
    assert images.grad is not None
    assert torch.equal(images.grad, torch.ones_like(images))
