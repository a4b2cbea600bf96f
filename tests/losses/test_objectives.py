"""Objectives against closed forms, and what the catalogue says about them against the code."""

import math
import typing

import pytest
import torch

from gan.config import LossName
from gan.errors import UnknownNameError
from gan.losses.catalog import LOSS_INFOS, get_loss_info
from gan.losses.objectives import LOSSES, get_objective

LOG_2 = math.log(2)


def test_registry_catalogue_and_config_name_the_same_losses():
    assert set(LOSSES) == set(LOSS_INFOS) == set(typing.get_args(LossName))


def test_unknown_loss_lists_the_known_ones():
    with pytest.raises(UnknownNameError, match="bce"):
        get_objective("wgan-typo")
    with pytest.raises(UnknownNameError, match="minimax"):
        get_loss_info("wgan-typo")


@pytest.mark.parametrize("name", LOSSES)
def test_equilibrium_in_the_catalogue_is_what_the_functions_give_at_d_one_half(name):
    objective = get_objective(name)
    logits = torch.zeros(7, 1)
    terms = objective.d_loss(logits, logits) | objective.g_loss(logits, logits)
    claimed = objective.info.equilibrium
    for key, value in terms.items():
        assert value.item() == pytest.approx(claimed[f"loss/{key}"], abs=1e-6)


def test_minimax_value_at_equilibrium_is_minus_two_log_two():
    """V(D*, G*) = −2 log 2 (Goodfellow et al. 2014, theorem 1); D minimises −V."""
    d_total = get_objective("minimax").d_loss(torch.zeros(3), torch.zeros(3))["d"]
    assert -d_total.item() == pytest.approx(-2 * LOG_2, abs=1e-6)


@pytest.mark.parametrize("name", LOSSES)
def test_closed_form_away_from_equilibrium(name):
    real, fake = torch.tensor([1.5, -0.5]), torch.tensor([0.3, -2.0])
    d_real, d_fake = torch.sigmoid(real), torch.sigmoid(fake)
    objective = get_objective(name)
    terms = objective.d_loss(real, fake)
    assert terms["d_real"].item() == pytest.approx(-d_real.log().mean().item(), rel=1e-5)
    assert terms["d_fake"].item() == pytest.approx(-(1 - d_fake).log().mean().item(), rel=1e-5)
    assert terms["d"].item() == pytest.approx((terms["d_real"] + terms["d_fake"]).item())
    expected = {"bce": -d_fake.log().mean(), "minimax": (1 - d_fake).log().mean()}[name]
    assert objective.g_loss(None, fake)["g"].item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_extreme_logits_stay_finite(name):
    objective = get_objective(name)
    big = torch.tensor([-1e4, 1e4])
    terms = objective.d_loss(big, big) | objective.g_loss(None, big)
    assert all(torch.isfinite(term) for term in terms.values())


def test_saturating_gradient_is_weak_where_d_rejects_and_the_other_is_not():
    """d/dl: −D for the saturating loss, −(1 − D) for the non-saturating one."""
    gradients = {}
    for name in ("bce", "minimax"):
        logit = torch.tensor([-6.0], requires_grad=True)
        get_objective(name).g_loss(None, logit)["g"].backward()
        gradients[name] = logit.grad.item()
    confidence = 1 / (1 + math.exp(6.0))
    assert gradients["minimax"] == pytest.approx(-confidence, rel=1e-4)
    assert gradients["bce"] == pytest.approx(-(1 - confidence), rel=1e-4)


@pytest.mark.parametrize("name", LOSS_INFOS)
def test_code_shown_beside_the_chart_is_the_code_that_runs(name):
    info = get_loss_info(name)
    namespace: dict = {"Tensor": torch.Tensor, "softplus": torch.nn.functional.softplus}
    exec(info.code(), namespace)
    logits = torch.tensor([0.7, -1.1])
    shown = namespace[info.g_function](None, logits)["g"]
    assert shown.item() == get_objective(name).g_loss(None, logits)["g"].item()
    assert namespace[info.d_function](logits, logits)["d"].item() == pytest.approx(
        get_objective(name).d_loss(logits, logits)["d"].item()
    )
