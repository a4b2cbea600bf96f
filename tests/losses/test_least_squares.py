"""Least squares against Mao et al. 2017: values by hand, the best D, soft labels."""

import pytest
import torch

from gan.losses.least_squares import least_squares_d_loss, least_squares_g_loss


def test_values_by_hand():
    real, fake = torch.tensor([[1.0], [3.0]]), torch.tensor([[-1.0], [0.5]])
    terms = least_squares_d_loss(real, fake)
    assert terms["d_real"].item() == pytest.approx(0.5 * (0 + 4) / 2)
    assert terms["d_fake"].item() == pytest.approx(0.5 * (1 + 0.25) / 2)
    assert terms["d"].item() == pytest.approx(1.0 + 0.3125)
    assert least_squares_g_loss(None, fake)["g"].item() == pytest.approx(0.5 * (4 + 0.25) / 2)


def test_zero_logits():
    zero = torch.zeros(3, 1)
    assert least_squares_d_loss(zero, zero)["d"].item() == 0.5
    assert least_squares_g_loss(None, zero)["g"].item() == 0.5


def test_best_d_is_the_share_of_real_pictures():
    """D* = (b p + a q) / (p + q), equation 4; with labels 1 and 0 that is p / (p + q)."""
    for p, q in ((0.5, 0.5), (0.8, 0.2), (0.1, 0.9)):
        best = torch.tensor(p / (p + q), dtype=torch.float64, requires_grad=True)
        terms = least_squares_d_loss(best, best)
        (p * terms["d_real"] + q * terms["d_fake"]).backward()
        assert best.grad.item() == pytest.approx(0.0, abs=1e-12)


def test_soft_target_is_what_d_learns_to_say():
    real = torch.tensor([[0.9]], requires_grad=True)
    loss = least_squares_d_loss(real, None, real_target=0.9)["d"]
    loss.backward()
    assert loss.item() == pytest.approx(0.0, abs=1e-12)
    assert real.grad.item() == pytest.approx(0.0, abs=1e-6)


def test_gradient_grows_with_the_distance():
    fake = torch.tensor([[-9.0], [0.0], [1.0]], requires_grad=True)
    least_squares_g_loss(None, fake)["g"].backward()
    torch.testing.assert_close(3 * fake.grad, torch.tensor([[-10.0], [-1.0], [0.0]]))
