"""Build the optimisers that a configuration names.

Motion layer.
"""

from collections.abc import Callable, Iterable

import torch
from torch import nn

from gan.config import OptimizerConfig
from gan.errors import UnknownNameError

_FUSED_ON = ("cpu", "cuda", "mps")


def build_optimizer(
    config: OptimizerConfig, parameters: Iterable[nn.Parameter], device: torch.device
) -> torch.optim.Optimizer:
    """Return the optimiser, in torch's fused form where the device has one.

    Raises:
        UnknownNameError: no such optimiser.
    """
    try:
        build = OPTIMIZERS[config.name]
    except KeyError:
        raise UnknownNameError("optimiser", config.name, list(OPTIMIZERS)) from None
    return build(config, list(parameters), device.type in _FUSED_ON)


def set_learning_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Change the rate of every parameter group; moments and step counts stay."""
    for group in optimizer.param_groups:
        group["lr"] = lr


def _adam(
    config: OptimizerConfig, parameters: list[nn.Parameter], fused: bool
) -> torch.optim.Optimizer:
    return torch.optim.Adam(
        parameters,
        lr=config.lr,
        betas=(float(config.beta1), float(config.beta2)),
        eps=config.eps,
        fused=fused,
    )


OPTIMIZERS: dict[
    str, Callable[[OptimizerConfig, list[nn.Parameter], bool], torch.optim.Optimizer]
] = {"adam": _adam}
