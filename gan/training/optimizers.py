"""Build the optimisers that a configuration names.

Motion layer. `gan.config.optimizer` says which hyperparameters each has; `docs/optimizers.md`
why some classes of `torch.optim` are not offered.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

from gan.config import OptimizerConfig
from gan.errors import UnknownNameError

_FUSED_ON = ("cpu", "cuda", "mps")


def build_optimizer(
    config: OptimizerConfig, parameters: Iterable[nn.Parameter], device: torch.device
) -> torch.optim.Optimizer:
    """Return the optimiser, in torch's fused form where class and device have one.

    Where they have none torch chooses: its foreach form on a GPU, a plain loop on the CPU.

    Raises:
        UnknownNameError: no such optimiser.
    """
    try:
        build = OPTIMIZERS[config.name]
    except KeyError:
        raise UnknownNameError("optimiser", config.name, list(OPTIMIZERS)) from None
    return build(config, list(parameters), device)


def set_learning_rate(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Change the rate of every parameter group; moments and step counts stay."""
    for group in optimizer.param_groups:
        group["lr"] = lr


class MuonWithAdamW(torch.optim.Optimizer):
    """Muon for matrices, AdamW for all else: biases, normalisation, convolution kernels.

    Muon makes the step of a weight matrix orthogonal, which has no meaning for other shapes; its
    author lets AdamW learn those, and so does this class. Both use the same rate, Muon's step
    being brought to the size of Adam's. Source: Jordan et al., Muon, 2024; Liu et al., Muon is
    Scalable for LLM Training, 2025, section 2.2.
    """

    def __init__(self, config: OptimizerConfig, parameters: list[nn.Parameter]) -> None:
        matrices = [p for p in parameters if p.ndim == 2]
        others = [p for p in parameters if p.ndim != 2]
        self._parts: list[torch.optim.Optimizer] = []
        if matrices:
            self._parts.append(
                torch.optim.Muon(
                    matrices,
                    lr=config.lr,
                    momentum=_float(config.momentum),
                    nesterov=bool(config.nesterov),
                    eps=_float(config.eps),
                    weight_decay=_float(config.weight_decay),
                    adjust_lr_fn="match_rms_adamw",
                )
            )
        if others:
            self._parts.append(
                torch.optim.AdamW(
                    others,
                    lr=config.lr,
                    betas=(0.5, 0.999),
                    weight_decay=_float(config.weight_decay),
                )
            )
        # Not initialised as an optimiser of its own: everything is the parts' business.
        self.param_groups = [group for part in self._parts for group in part.param_groups]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget all gradients."""
        for part in self._parts:
            part.zero_grad(set_to_none=set_to_none)

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Do one update of all parameters; a closure is not supported."""
        assert closure is None
        for part in self._parts:
            part.step()

    def state_dict(self) -> dict[str, Any]:
        """Return the states of both parts."""
        return {"parts": [part.state_dict() for part in self._parts]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take over what `state_dict` returned."""
        for part, state in zip(self._parts, state_dict["parts"], strict=True):
            part.load_state_dict(state)
        self.param_groups = [group for part in self._parts for group in part.param_groups]


Build = Callable[[OptimizerConfig, list[nn.Parameter], torch.device], torch.optim.Optimizer]

# Where torch calls a hyperparameter otherwise than we do.
_TORCH_NAMES = {
    "initial_accumulator": "initial_accumulator_value",
    "clip_threshold": "d",
    "average_from": "t0",
}


def _from_torch(cls: Callable[..., torch.optim.Optimizer], *, has_fused: bool = False) -> Build:
    def build(
        config: OptimizerConfig, parameters: list[nn.Parameter], device: torch.device
    ) -> torch.optim.Optimizer:
        named = config.model_dump(exclude={"name"})
        if "beta1" in named:
            named["betas"] = (named.pop("beta1"), named.pop("beta2"))
        if config.name == "asgd":
            named["alpha"] = named.pop("power")
        arguments: dict[str, Any] = {_TORCH_NAMES.get(key, key): v for key, v in named.items()}
        if has_fused and device.type in _FUSED_ON:
            try:
                return cls(parameters, **arguments, fused=True)
            except RuntimeError:  # this device has no fused form of it
                pass
        return cls(parameters, **arguments)

    return build


def _float(value: float | None) -> float:
    assert value is not None  # the configuration fills in what its optimiser has
    return value


OPTIMIZERS: dict[str, Build] = {
    "adam": _from_torch(torch.optim.Adam, has_fused=True),
    "adamw": _from_torch(torch.optim.AdamW, has_fused=True),
    "nadam": _from_torch(torch.optim.NAdam),
    "radam": _from_torch(torch.optim.RAdam),
    "adamax": _from_torch(torch.optim.Adamax),
    "rmsprop": _from_torch(torch.optim.RMSprop),
    "sgd": _from_torch(torch.optim.SGD, has_fused=True),
    "adagrad": _from_torch(torch.optim.Adagrad, has_fused=True),
    "adadelta": _from_torch(torch.optim.Adadelta),
    "adafactor": _from_torch(torch.optim.Adafactor),
    "asgd": _from_torch(torch.optim.ASGD),
    "muon": lambda config, parameters, _device: MuonWithAdamW(config, parameters),
}
