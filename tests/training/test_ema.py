"""The average generator: closed-form decay, convergence, buffers."""

import pytest
import torch
from torch import nn

from gan.training.ema import Ema


def test_half_life_is_a_half_life():
    ema = Ema(nn.Linear(2, 2), halflife_images=1000, ramp=0.0)
    assert ema.decay(1000, images_seen=10**9) == pytest.approx(0.5)
    assert ema.decay(2000, images_seen=10**9) == pytest.approx(0.25)


def test_ramp_shortens_the_half_life_early():
    ema = Ema(nn.Linear(2, 2), halflife_images=1000, ramp=0.1)
    assert ema.decay(10, images_seen=100) == pytest.approx(0.5)
    assert ema.decay(1000, images_seen=10**6) == pytest.approx(0.5)


def test_one_update_is_a_weighted_mean():
    source = nn.Linear(1, 1, bias=False)
    nn.init.constant_(source.weight, 0.0)
    ema = Ema(source, halflife_images=10, ramp=0.0)
    nn.init.constant_(source.weight, 8.0)
    ema.update(source, batch_images=10, images_seen=10)
    assert ema.module.weight.item() == pytest.approx(4.0)
    assert source.weight.item() == 8.0


def test_average_converges_and_copies_buffers():
    source = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    ema = Ema(source, halflife_images=8, ramp=0.0)
    source(torch.randn(16, 3))
    nn.init.constant_(source[0].weight, 0.25)
    for i in range(200):
        ema.update(source, batch_images=8, images_seen=8 * i)
    torch.testing.assert_close(ema.module[0].weight, source[0].weight)
    assert torch.equal(ema.module[1].running_mean, source[1].running_mean)
    assert ema.module[1].num_batches_tracked == source[1].num_batches_tracked
    assert not any(p.requires_grad for p in ema.module.parameters())
