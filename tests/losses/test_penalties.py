"""Penalties on discriminators whose slope is known, and the slope of the penalties themselves."""

import copy

import pytest
import torch
from torch import nn

from gan.losses.penalties import clip_weights_, gradient_penalty, r1_penalty, r2_penalty

N, SHAPE = 5, (2, 3, 3)


def pictures(seed=0, dtype=torch.float64):
    rng = torch.Generator().manual_seed(seed)
    return torch.rand(N, *SHAPE, generator=rng, dtype=dtype) * 2 - 1


def weights(seed=9):
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(*SHAPE, generator=rng, dtype=torch.float64)


def mixing():
    return torch.linspace(0, 1, N, dtype=torch.float64)


def linear(w, b=0.3):
    return lambda x: (x * w).sum((1, 2, 3))[:, None] + b  # [N, 1]


def test_linear_d_has_the_same_slope_everywhere():
    w = weights()
    norm = w.norm().item()
    for penalty in (r1_penalty, r2_penalty):
        assert penalty(linear(w), pictures()).item() == pytest.approx(norm**2 / 2)
    steep = gradient_penalty(linear(w), pictures(0), pictures(1), mixing())
    assert steep.item() == pytest.approx((norm - 1) ** 2)
    unit = gradient_penalty(linear(w / norm), pictures(0), pictures(1), mixing())
    assert unit.item() == pytest.approx(0.0, abs=1e-12)


def test_quadratic_d_is_as_steep_as_its_picture_is_far():
    """D(x) = ½ a ‖x‖² has the gradient a x."""
    a, real, fake = 3.0, pictures(0), pictures(1)

    def score(x):
        return 0.5 * a * x.square().sum((1, 2, 3))  # [N]

    def length(x):
        return x.flatten(1).norm(dim=1)

    expected = 0.5 * (a * length(real)).square().mean().item()
    assert r1_penalty(score, real).item() == pytest.approx(expected)
    between = torch.stack(
        [m * x + (1 - m) * y for m, x, y in zip(mixing(), real, fake, strict=True)]
    )
    expected = (a * length(between) - 1).square().mean().item()
    assert gradient_penalty(score, real, fake, mixing()).item() == pytest.approx(expected)


def test_mix_one_is_real_and_mix_zero_is_fake():
    seen = []

    def score(x):
        seen.append(x.detach().clone())
        return x.square().sum((1, 2, 3))

    real, fake = pictures(0), pictures(1)
    gradient_penalty(score, real, fake, torch.ones(N))
    gradient_penalty(score, real, fake, torch.zeros(N))
    torch.testing.assert_close(seen[0], real)
    torch.testing.assert_close(seen[1], fake)


def test_a_map_of_logits_counts_by_its_mean():
    w, v = weights(1), weights(2)

    def score(x):
        return torch.cat([linear(w)(x), linear(v)(x)], dim=1)[:, :, None, None]  # [N, 2, 1, 1]

    mean = ((w + v) / 2).norm().item()
    assert r1_penalty(score, pictures()).item() == pytest.approx(mean**2 / 2)


def test_penalties_teach_the_weights():
    """∇_w ½‖w‖² = w, and ∇_w (‖w‖ − 1)² = 2 (‖w‖ − 1) w / ‖w‖."""
    w = weights().requires_grad_(True)
    r1_penalty(linear(w), pictures()).backward()
    torch.testing.assert_close(w.grad, w.detach())
    w.grad = None
    gradient_penalty(linear(w), pictures(0), pictures(1), mixing()).backward()
    norm = w.detach().norm()
    torch.testing.assert_close(w.grad, 2 * (norm - 1) * w.detach() / norm)


@pytest.mark.parametrize("kind", ["r1", "r2", "gp"])
def test_gradients_for_a_real_network_equal_finite_differences(kind):
    real, fake = pictures(0)[:2], pictures(1)[:2]
    w1 = torch.randn(4, 18, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    w2 = torch.randn(1, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(2))

    def penalty(w1, w2):
        def score(x):
            return torch.tanh(x.flatten(1) @ w1.t()) @ w2.t()

        if kind == "gp":
            return gradient_penalty(score, real, fake, mixing()[1:3])
        return {"r1": r1_penalty, "r2": r2_penalty}[kind](score, real)

    assert torch.autograd.gradcheck(penalty, (w1.requires_grad_(True), w2.requires_grad_(True)))


def test_a_flat_d_gives_no_nan():
    w = torch.zeros(SHAPE, dtype=torch.float64, requires_grad=True)
    penalty = gradient_penalty(linear(w), pictures(0), pictures(1), mixing())
    assert penalty.item() == 1.0
    penalty.backward()
    assert torch.equal(w.grad, torch.zeros_like(w))
    w.grad = None
    r1_penalty(linear(w), pictures()).backward()
    assert torch.isfinite(w.grad).all()


def test_inputs_stay_as_they_were_and_g_gets_no_gradient():
    real, fake = pictures(0), pictures(1).requires_grad_(True)
    made_by_g = fake * 1.0
    before = real.clone(), made_by_g.detach().clone(), mixing()
    mix = mixing()
    w = weights().requires_grad_(True)
    total = (
        r1_penalty(linear(w), real)
        + r2_penalty(linear(w), made_by_g)
        + gradient_penalty(linear(w), real, made_by_g, mix)
    )
    total.backward()
    assert fake.grad is None
    assert not real.requires_grad
    for now, then in zip((real, made_by_g, mix), before, strict=True):
        assert torch.equal(now, then)


def test_float32_inside_autocast_and_for_16_bit_pictures():
    torch.manual_seed(0)
    d = nn.Sequential(nn.Flatten(), nn.Linear(18, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
    real, fake = pictures(0, torch.float32), pictures(1, torch.float32)
    dtypes = []

    def score(x):
        logits = d(x)
        dtypes.append(logits.dtype)
        return logits

    plain = r1_penalty(score, real), gradient_penalty(score, real, fake, mixing().float())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = r1_penalty(score, real), gradient_penalty(score, real, fake, mixing().float())
        from_16_bits = r2_penalty(score, fake.bfloat16())
        assert d(real).dtype == torch.bfloat16  # autocast is on again outside
    assert set(dtypes) == {torch.float32}
    assert from_16_bits.dtype == torch.float32
    for one, other in zip(plain, inside, strict=True):
        assert one.item() == other.item()


def test_batches_that_cannot_be_paired_are_refused():
    with pytest.raises(ValueError, match="5 real pictures, 4 generated"):
        gradient_penalty(linear(weights()), pictures(), pictures()[:4], mixing())
    with pytest.raises(ValueError, match="3 mixing numbers"):
        gradient_penalty(linear(weights()), pictures(), pictures(), mixing()[:3])


def test_clipping_bounds_every_parameter_and_leaves_small_ones():
    torch.manual_seed(0)
    d = nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    before = copy.deepcopy(d.state_dict())
    clip_weights_(d, 0.1)
    for name, parameter in d.named_parameters():
        assert parameter.requires_grad
        assert torch.equal(parameter, before[name].clamp(-0.1, 0.1))
    assert any((before[name].abs() > 0.1).any() for name, _ in d.named_parameters())
    with pytest.raises(ValueError, match="above 0"):
        clip_weights_(d, 0.0)
