"""Wasserstein and hinge: values by hand, the best critic, the margin."""

import pytest
import torch

from gan.losses.critic import critic_g_loss, hinge_d_loss, wasserstein_d_loss

REAL = torch.tensor([[1.5], [-0.5]])
FAKE = torch.tensor([[0.25], [-2.25]])


def test_wasserstein_by_hand():
    terms = wasserstein_d_loss(REAL, FAKE)
    assert {key: term.item() for key, term in terms.items()} == {
        "d_real": -0.5, "d_fake": -1.0, "d": -1.5,
    }  # fmt: skip
    assert critic_g_loss(None, FAKE)["g"].item() == 1.0


def test_wasserstein_does_not_mind_a_constant():
    shifted = wasserstein_d_loss(REAL + 100, FAKE + 100)
    assert shifted["d"].item() == pytest.approx(-1.5, abs=1e-4)
    assert shifted["d_real"].item() == pytest.approx(-100.5, abs=1e-4)


def test_best_critic_gives_the_distance():
    """Between points on a line, the 1-Lipschitz critic D(x) = −x gives W₁ = the mean shift."""
    real = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64)[:, None]
    fake = real + 0.75
    assert -wasserstein_d_loss(-real, -fake)["d"].item() == pytest.approx(0.75)
    for slope in (-1.0, -0.5, 0.3, 0.99):  # no other line of slope up to 1 gives more
        assert -wasserstein_d_loss(slope * real, slope * fake)["d"].item() <= 0.75 + 1e-12
    # One real point at 0, half the fakes on each side: the best critic is a tent, −|x|.
    sides = torch.tensor([[-2.0], [2.0]])
    assert -wasserstein_d_loss(-torch.zeros(1, 1), -sides.abs())["d"].item() == 2.0


def test_hinge_by_hand():
    terms = hinge_d_loss(REAL, FAKE)
    assert {key: term.item() for key, term in terms.items()} == {
        "d_real": 0.75, "d_fake": 0.625, "d": 1.375,
    }  # fmt: skip
    assert hinge_d_loss(torch.zeros(2, 1), torch.zeros(2, 1))["d"].item() == 2.0


def test_hinge_learns_nothing_beyond_the_margin():
    real = torch.tensor([[1.01], [0.99], [-50.0]], requires_grad=True)
    fake = torch.tensor([[-1.01], [-0.99], [50.0]], requires_grad=True)
    hinge_d_loss(real, fake)["d"].backward()
    torch.testing.assert_close(3 * real.grad, torch.tensor([[0.0], [-1.0], [-1.0]]))
    torch.testing.assert_close(3 * fake.grad, torch.tensor([[0.0], [1.0], [1.0]]))
