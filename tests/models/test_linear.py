"""Our Linear against torch's: values, gradients, second derivatives, choice of kernel."""

import pytest
import torch
from torch import nn

from gan.models.linear import Linear, best_kernel, linear, use_kernel

needs_onednn = pytest.mark.skipif(
    not torch.backends.mkldnn.is_available(), reason="torch was built without oneDNN"
)


def pair(n_in=300, n_out=200):
    torch.manual_seed(0)
    ours, theirs = Linear(n_in, n_out), nn.Linear(n_in, n_out)
    theirs.load_state_dict(ours.state_dict())
    use_kernel(ours, "onednn")
    return ours, theirs


@needs_onednn
def test_values_and_gradients_equal_torch():
    ours, theirs = pair()
    x = torch.randn(64, 300, requires_grad=True)
    y = x.detach().clone().requires_grad_(True)
    a, b = ours(x), theirs(y)
    torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
    target = torch.randn_like(a)
    (a * target).sum().backward()
    (b * target).sum().backward()
    torch.testing.assert_close(x.grad, y.grad, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(ours.weight.grad, theirs.weight.grad, rtol=1e-4, atol=1e-3)
    torch.testing.assert_close(ours.bias.grad, theirs.bias.grad, rtol=1e-4, atol=1e-4)


@needs_onednn
def test_second_derivative_equals_torch():
    """A gradient penalty differentiates a gradient."""
    penalties = []
    for net in pair():
        x = torch.linspace(-1, 1, 64 * 300).reshape(64, 300).requires_grad_(True)
        (g,) = torch.autograd.grad(net(x).square().sum(), x, create_graph=True)
        g.square().sum().backward()
        penalties.append(net.weight.grad)
    torch.testing.assert_close(*penalties, rtol=1e-3, atol=1e-1)


@needs_onednn
def test_same_input_same_bits():
    ours, _ = pair()
    x = torch.randn(64, 300)
    assert torch.equal(ours(x), ours(x))


def test_idle_weights_get_no_gradient():
    weight = torch.randn(200, 300)
    x = torch.randn(64, 300, requires_grad=True)
    linear(x, weight, None).sum().backward()
    assert weight.grad is None and x.grad is not None


def test_kernel_follows_the_maker_of_the_processor(tmp_path):
    cpu = torch.device("cpu")
    intel, amd, arm = (tmp_path / name for name in ("intel", "amd", "arm"))
    intel.write_text("vendor_id\t: GenuineIntel\n")
    amd.write_text("vendor_id\t: AuthenticAMD\n")
    arm.write_text("CPU implementer\t: 0x41\n")
    assert best_kernel(cpu, intel) == best_kernel(cpu, arm) == "torch"
    assert best_kernel(cpu, tmp_path / "absent") == "torch"
    assert best_kernel(torch.device("cuda"), amd) == "torch"
    if torch.backends.mkldnn.is_available():
        assert best_kernel(cpu, amd) == "onednn"
