"""Every optimiser: does what its formula says, saves and resumes, is documented."""

import copy
import inspect
from pathlib import Path

import pytest
import torch
from torch import nn

from gan.config import HYPERPARAMETERS, OptimizerConfig
from gan.errors import UnknownNameError
from gan.training.optimizers import OPTIMIZERS, build_optimizer, set_learning_rate

CPU = torch.device("cpu")
DOC = Path(__file__).resolve().parents[2] / "docs" / "optimizers.md"


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))


def learn(net: nn.Module, optimizer: torch.optim.Optimizer, n: int) -> float:
    x = torch.randn(32, 4, generator=torch.Generator().manual_seed(1))
    for _ in range(n):
        optimizer.zero_grad(set_to_none=True)
        loss = (net(x) - x.sum(1, keepdim=True)).pow(2).mean()
        loss.backward()
        optimizer.step()
    return loss.item()


def test_the_names_are_those_of_the_configuration():
    assert set(OPTIMIZERS) == set(HYPERPARAMETERS)
    broken = OptimizerConfig.model_construct(name="none", lr=1.0)
    with pytest.raises(UnknownNameError, match="adamw"):
        build_optimizer(broken, network().parameters(), CPU)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_it_learns_and_resumes_exactly(name):
    net = network()
    optimizer = build_optimizer(OptimizerConfig(name=name), net.parameters(), CPU)
    before = learn(net, optimizer, 1)
    learn(net, optimizer, 20)
    weights, state = copy.deepcopy((net.state_dict(), optimizer.state_dict()))
    after = learn(net, optimizer, 5)
    assert after < before
    expected = copy.deepcopy(net.state_dict())

    other = network()
    other.load_state_dict(weights)
    resumed = build_optimizer(OptimizerConfig(name=name), other.parameters(), CPU)
    resumed.load_state_dict(state)
    assert learn(other, resumed, 5) == after
    assert all(torch.equal(expected[key], value) for key, value in other.state_dict().items())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_its_hyperparameters_arrive_in_torch(name):
    """Each hyperparameter, set to an odd value, changes the weights or the optimiser's groups."""
    odd = {"eps": 0.01, "average_from": 3.0, "clip_threshold": 2.0, "beta2_decay": -0.5}
    for key, default in HYPERPARAMETERS[name].items():
        changed = (not default) if isinstance(default, bool) else odd.get(key, 0.3)
        extra = {"momentum": 0.5} if key in ("nesterov", "dampening") else {}
        results = []
        for settings in (extra, {**extra, key: changed}):
            net = network()
            config = OptimizerConfig(name=name, **settings)
            learn(net, build_optimizer(config, net.parameters(), CPU), 9)
            results.append(torch.cat([p.detach().flatten() for p in net.parameters()]))
        inert = {"average_from", "amsgrad", "clip_threshold"}  # within so few steps
        if name == "muon":
            inert.add("eps")  # only keeps a zero gradient from dividing by zero
        assert key in inert or not torch.equal(*results), key


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_rate_can_be_changed_and_moments_stay(name):
    net = network()
    optimizer = build_optimizer(OptimizerConfig(name=name), net.parameters(), CPU)
    learn(net, optimizer, 3)
    set_learning_rate(optimizer, 1e-12)
    learn(net, optimizer, 1)  # ASGD's own rate follows an update later
    before = copy.deepcopy(list(net.parameters()))
    learn(net, optimizer, 1)
    assert all(group["lr"] == 1e-12 for group in optimizer.param_groups)
    for old, new in zip(before, net.parameters(), strict=True):
        torch.testing.assert_close(old, new, atol=1e-6, rtol=0)


def test_sgd_and_momentum_are_the_textbook_formulas():
    weight = nn.Parameter(torch.tensor([1.0]))
    config = OptimizerConfig(name="sgd", lr=0.1, momentum=0.5)
    optimizer = build_optimizer(config, [weight], CPU)
    for expected in (1.0 - 0.1 * 2.0, 0.8 - 0.1 * (0.5 * 2.0 + 1.6)):
        weight.grad = 2 * weight.detach()
        optimizer.step()
        assert weight.item() == pytest.approx(expected)


def test_adam_first_step_has_the_length_of_the_rate():
    weight = nn.Parameter(torch.tensor([1.0, -3.0]))
    optimizer = build_optimizer(OptimizerConfig(name="adam", lr=0.01), [weight], CPU)
    weight.grad = torch.tensor([5.0, -1e-3])
    optimizer.step()
    torch.testing.assert_close(weight.detach(), torch.tensor([0.99, -2.99]), rtol=1e-4, atol=0)


def test_muon_steps_matrices_orthogonally_and_leaves_the_rest_to_adam():
    matrix, bias = nn.Parameter(torch.eye(6)), nn.Parameter(torch.zeros(6))
    optimizer = build_optimizer(OptimizerConfig(name="muon", lr=0.1), [matrix, bias], CPU)
    matrix.grad = torch.randn(6, 6, generator=torch.Generator().manual_seed(0))
    bias.grad = torch.ones(6)
    optimizer.step()
    singular = torch.linalg.svdvals(matrix.detach() - torch.eye(6))
    assert singular.max() / singular.min() < 2.0  # five Newton-Schulz rounds are approximate
    torch.testing.assert_close(bias.detach(), torch.full((6,), -0.1), rtol=1e-4, atol=0)


def test_every_class_of_torch_has_a_verdict():
    text = DOC.read_text(encoding="utf-8")
    classes = [
        name
        for name, cls in vars(torch.optim).items()
        if inspect.isclass(cls) and issubclass(cls, torch.optim.Optimizer)
    ]
    assert len(classes) > 10
    for name in classes:
        assert f"| {name} |" in text, f"docs/optimizers.md says nothing about {name}"
    for name in OPTIMIZERS:
        assert f"| `{name}` | Offered" in text
