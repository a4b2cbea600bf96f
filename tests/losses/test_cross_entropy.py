"""Cross-entropy against Goodfellow et al. 2014: closed forms, theorem 1, soft labels."""

import math

import pytest
import torch

from gan.losses.cross_entropy import (
    cross_entropy_d_loss,
    non_saturating_g_loss,
    saturating_g_loss,
)

LOG_2 = math.log(2)
REAL = torch.tensor([[0.5], [0.25]], dtype=torch.float64)  # what D makes of each picture
FAKE = torch.tensor([[0.2], [0.6]], dtype=torch.float64)


def logit(probability):
    return torch.logit(torch.as_tensor(probability, dtype=torch.float64))


def test_values_by_hand():
    terms = cross_entropy_d_loss(logit(REAL), logit(FAKE))
    on_real = (math.log(2) + math.log(4)) / 2
    on_fake = -(math.log(0.8) + math.log(0.4)) / 2
    assert terms["d_real"].item() == pytest.approx(on_real)
    assert terms["d_fake"].item() == pytest.approx(on_fake)
    assert terms["d"].item() == pytest.approx(on_real + on_fake)
    non_saturating = -(math.log(0.2) + math.log(0.6)) / 2
    assert non_saturating_g_loss(None, logit(FAKE))["g"].item() == pytest.approx(non_saturating)
    assert saturating_g_loss(None, logit(FAKE))["g"].item() == pytest.approx(-on_fake)


def test_at_zero_logits_everything_is_log_two():
    zero = torch.zeros(5, 1)
    terms = cross_entropy_d_loss(zero, zero)
    assert [terms[key].item() for key in ("d_real", "d_fake", "d")] == pytest.approx(
        [LOG_2, LOG_2, 2 * LOG_2]
    )
    assert non_saturating_g_loss(None, zero)["g"].item() == pytest.approx(LOG_2)
    assert saturating_g_loss(None, zero)["g"].item() == pytest.approx(-LOG_2)


def value(p, q, logits):
    """V(D, G) of two distributions over the same few pictures, D given for each picture."""
    losses = [cross_entropy_d_loss(one, one) for one in logits]
    on_real = sum(w * loss["d_real"] for w, loss in zip(p, losses, strict=True))
    on_fake = sum(w * loss["d_fake"] for w, loss in zip(q, losses, strict=True))
    return -(on_real + on_fake)


def kl(p, q):
    return torch.where(p > 0, p * (p / q).log(), 0.0).sum()


def test_value_of_the_best_d_is_the_jensen_shannon_divergence():
    """V(D*, G) = −2 log 2 + 2 JSD(p ‖ q), D* = p / (p + q): proposition 1, theorem 1."""
    p = torch.tensor([0.5, 0.3, 0.2, 0.0], dtype=torch.float64)
    q = torch.tensor([0.1, 0.3, 0.2, 0.4], dtype=torch.float64)
    best = logit((p / (p + q)).clamp(1e-12, 1 - 1e-12))
    middle = (p + q) / 2
    jsd = (kl(p, middle) + kl(q, middle)) / 2
    assert jsd > 0.05
    expected = -2 * LOG_2 + 2 * jsd.item()
    assert value(p, q, best).item() == pytest.approx(expected, abs=1e-9)
    for seed in range(5):  # no other D reaches more
        rng = torch.Generator().manual_seed(seed)
        other = best.clamp(-9, 9) + 0.3 * torch.randn(4, dtype=torch.float64, generator=rng)
        assert value(p, q, other).item() < expected
    assert value(p, p, torch.zeros(4, dtype=torch.float64)).item() == pytest.approx(-2 * LOG_2)


def test_gradient_descent_on_d_finds_the_best_d():
    p = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)
    q = torch.tensor([0.1, 0.3, 0.6], dtype=torch.float64)
    logits = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([logits], max_iter=200, tolerance_grad=1e-9, tolerance_change=0)

    def closure():
        optimiser.zero_grad()
        loss = -value(p, q, logits)
        loss.backward()
        return loss

    optimiser.step(closure)
    torch.testing.assert_close(torch.sigmoid(logits), p / (p + q), atol=1e-6, rtol=0)


def test_saturating_gradient_is_weak_where_d_rejects_and_the_other_is_not():
    """d/dl: −D for the saturating loss, −(1 − D) for the non-saturating one."""
    confidence = 1 / (1 + math.exp(6.0))
    for g_loss, expected in (
        (saturating_g_loss, -confidence),
        (non_saturating_g_loss, -(1 - confidence)),
    ):
        fake = torch.tensor([-6.0], requires_grad=True)
        g_loss(None, fake)["g"].backward()
        assert fake.grad.item() == pytest.approx(expected, rel=1e-4)


def test_soft_target_is_the_weighted_sum_of_the_hard_ones():
    real = logit(REAL)
    soft = cross_entropy_d_loss(real, None, real_target=0.9)["d"]
    called_real = cross_entropy_d_loss(real, None)["d"]
    called_fake = cross_entropy_d_loss(None, real)["d"]
    assert soft.item() == pytest.approx((0.9 * called_real + 0.1 * called_fake).item())


@pytest.mark.parametrize("target", [0.1, 0.5, 0.9])
def test_soft_target_is_what_d_learns_to_say(target):
    best = logit(target).reshape(1, 1).requires_grad_(True)
    loss = cross_entropy_d_loss(best, None, real_target=target)["d"]
    loss.backward()
    assert best.grad.item() == pytest.approx(0.0, abs=1e-12)
    entropy = -(target * math.log(target) + (1 - target) * math.log(1 - target))
    assert loss.item() == pytest.approx(entropy)
    for away in (-0.5, 0.5):
        worse = cross_entropy_d_loss(best.detach() + away, None, real_target=target)["d"]
        assert worse.item() > loss.item()


def test_hard_targets_lose_no_digit_of_a_confident_d():
    """softplus(−l) holds e^−l where log(1 + e^−l) taken as a difference would give 0."""
    real = torch.tensor([[18.0]])
    assert cross_entropy_d_loss(real, None)["d"].item() == pytest.approx(math.exp(-18.0), rel=1e-4)
