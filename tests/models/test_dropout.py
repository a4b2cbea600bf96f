"""Dropout with a stream of its own."""

import copy

import pytest
import torch
from torch import nn

from gan.models.dropout import Dropout, use_stream


def stream(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_same_stream_leaves_out_the_same_numbers():
    layer, x = Dropout(0.5), torch.ones(1000)
    results = []
    for seed in (1, 1, 2):
        use_stream(layer, stream(seed))
        results.append(layer(x))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])


def test_a_saved_stream_goes_on_where_it_was():
    layer, x = Dropout(0.5), torch.ones(1000)
    use_stream(layer, stream())
    layer(x)
    state = layer.stream.get_state()
    expected = layer(x)
    layer.stream.manual_seed(99)
    layer.stream.set_state(state)
    assert torch.equal(layer(x), expected)


def test_its_own_stream_leaves_the_global_one_alone():
    layer = Dropout(0.5)
    use_stream(layer, stream())
    before = torch.get_rng_state()
    layer(torch.ones(10))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("has_stream", [True, False])
def test_a_share_is_left_out_and_the_mean_kept(has_stream):
    torch.manual_seed(0)
    layer = Dropout(0.3)
    use_stream(layer, stream() if has_stream else None)
    out = layer(torch.ones(100_000))
    assert (out == 0).float().mean() == pytest.approx(0.3, abs=0.01)
    assert out.mean() == pytest.approx(1.0, abs=0.02)
    torch.testing.assert_close(out.max(), torch.tensor(1 / 0.7))


def test_in_eval_mode_nothing_happens_and_nothing_is_drawn():
    layer = Dropout(0.9).eval()
    use_stream(layer, stream())
    before = layer.stream.get_state()
    x = torch.randn(50)
    assert layer(x) is x
    assert torch.equal(layer.stream.get_state(), before)


def test_gradients_pass_where_numbers_did():
    layer, x = Dropout(0.5), torch.ones(100, requires_grad=True)
    use_stream(layer, stream())
    out = layer(x)
    out.sum().backward()
    assert torch.equal(x.grad, out.detach())


def test_every_dropout_of_a_network_gets_the_stream_and_copies_are_apart():
    network = nn.Sequential(nn.Linear(3, 3), nn.Sequential(Dropout(0.2)), Dropout(0.2))
    own = stream()
    use_stream(network, own)
    assert network[1][0].stream is network[2].stream is own
    copied = copy.deepcopy(network)
    before = own.get_state()
    copied(torch.randn(4, 3))
    assert torch.equal(own.get_state(), before)
