"""Relativistic pairing: only differences between partners count."""

import math

import pytest
import torch

from gan.losses.relativistic import relativistic_d_loss, relativistic_g_loss

REAL = torch.tensor([[1.0], [-2.0]], dtype=torch.float64)
FAKE = torch.tensor([[0.5], [1.0]], dtype=torch.float64)


def test_values_by_hand():
    d = (math.log1p(math.exp(-0.5)) + math.log1p(math.exp(3.0))) / 2
    g = (math.log1p(math.exp(0.5)) + math.log1p(math.exp(-3.0))) / 2
    assert relativistic_d_loss(REAL, FAKE)["d"].item() == pytest.approx(d)
    assert relativistic_g_loss(REAL, FAKE)["g"].item() == pytest.approx(g)


def test_equal_scores_give_log_two():
    assert relativistic_d_loss(REAL, REAL)["d"].item() == pytest.approx(math.log(2))
    assert relativistic_g_loss(REAL, REAL)["g"].item() == pytest.approx(math.log(2))


def test_g_plays_d_with_the_roles_swapped():
    assert (
        relativistic_g_loss(REAL, FAKE)["g"].item() == relativistic_d_loss(FAKE, REAL)["d"].item()
    )


def test_a_constant_does_not_matter():
    assert relativistic_d_loss(REAL + 7, FAKE + 7)["d"].item() == pytest.approx(
        relativistic_d_loss(REAL, FAKE)["d"].item()
    )


def test_partners_stand_at_the_same_place_and_the_longer_batch_loses_its_rest():
    longer = torch.cat([FAKE, torch.full((3, 1), 99.0, dtype=torch.float64)])
    whole = relativistic_d_loss(REAL, FAKE)["d"].item()
    assert relativistic_d_loss(REAL, longer)["d"].item() == whole
    assert relativistic_g_loss(longer, REAL)["g"].item() == relativistic_g_loss(FAKE, REAL)["g"]
    assert relativistic_d_loss(REAL, FAKE.flip(0))["d"].item() != pytest.approx(whole)


def test_a_missing_side_is_an_error():
    for real, fake in ((REAL, None), (None, FAKE)):
        with pytest.raises(ValueError, match="give both"):
            relativistic_d_loss(real, fake)
    with pytest.raises(ValueError, match="give both"):
        relativistic_g_loss(None, FAKE)


def test_logits_of_different_shape_are_not_stretched():
    with pytest.raises(ValueError, match=r"\[4\].*\[4, 1\]"):
        relativistic_d_loss(torch.zeros(4), torch.zeros(4, 1))
