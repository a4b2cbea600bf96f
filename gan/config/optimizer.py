"""One network's optimiser, and which hyperparameters each optimiser has. Vocabulary layer.

`docs/optimizers.md` says for each class of `torch.optim` whether it is offered, and why not.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import SerializerFunctionWrapHandler, model_serializer, model_validator

from gan.config.base import Section, setting

OptimizerName = Literal[
    "adam", "adamw", "nadam", "radam", "adamax", "rmsprop", "sgd", "adagrad", "adadelta",
    "adafactor", "asgd", "muon",
]  # fmt: skip

_ADAM: dict[str, Any] = {
    "lr": 2e-4, "beta1": 0.5, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0,
}  # fmt: skip

HYPERPARAMETERS: dict[str, dict[str, Any]] = {
    "adam": {**_ADAM, "amsgrad": False},
    "adamw": {**_ADAM, "weight_decay": 0.01, "amsgrad": False},
    "nadam": {**_ADAM, "momentum_decay": 0.004},
    "radam": _ADAM,
    "adamax": _ADAM,
    "rmsprop": {
        "lr": 1e-3, "alpha": 0.99, "eps": 1e-8, "momentum": 0.0, "centered": False,
        "weight_decay": 0.0,
    },
    "sgd": {"lr": 0.01, "momentum": 0.0, "nesterov": False, "dampening": 0.0, "weight_decay": 0.0},
    "adagrad": {
        "lr": 0.01, "lr_decay": 0.0, "initial_accumulator": 0.0, "eps": 1e-10, "weight_decay": 0.0,
    },
    "adadelta": {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0.0},
    "adafactor": {
        "lr": 0.01, "beta2_decay": -0.8, "clip_threshold": 1.0, "weight_decay": 0.0,
    },
    "asgd": {"lr": 0.01, "lambd": 1e-4, "power": 0.75, "average_from": 1e6, "weight_decay": 0.0},
    "muon": {"lr": 1e-3, "momentum": 0.95, "nesterov": True, "eps": 1e-7, "weight_decay": 0.0},
}  # fmt: skip
"""What each optimiser can be told, with its defaults: torch's, but for GANs' usual Adam (rate
2e-4, β₁ 0.5) in Adam's family, Keras' rate for RMSprop and SGD, and no weight decay in Muon."""


def _hyper(name: str, title: str, help_text: str, **rules: Any) -> Any:
    owners = tuple(owner for owner, its in HYPERPARAMETERS.items() if name in its)
    return setting(None, title, help_text, when=("name", owners), **rules)


class OptimizerConfig(Section):
    """One network's optimiser.

    A hyperparameter that is left out takes the optimiser's default (`HYPERPARAMETERS`); one that
    the optimiser does not have is refused, and is None here and absent in the JSON.
    """

    title: ClassVar[str] = "Optimiser"

    name: OptimizerName = setting(
        "adam", "Optimiser",
        "How gradients become steps. Adam and its family adapt the step of every weight; SGD "
        "walks straight down; RMSprop divides by the recent size of the gradient.",
        level="basic",
    )  # fmt: skip
    lr: float = setting(
        2e-4, "Learning rate", "Step size of each update.", level="basic", live=True, gt=0.0, le=1.0
    )
    beta1: float | None = _hyper(
        "beta1", "β₁", "Memory of the mean gradient: 0 forgets at once.", ge=0.0, lt=1.0
    )
    beta2: float | None = _hyper(
        "beta2", "β₂", "Memory of the mean squared gradient.", ge=0.0, lt=1.0
    )
    momentum: float | None = _hyper(
        "momentum", "Momentum", "Share of the last step that carries on.", ge=0.0, lt=1.0
    )
    nesterov: bool | None = _hyper(
        "nesterov", "Nesterov", "Take the gradient where the momentum would lead."
    )
    dampening: float | None = _hyper(
        "dampening", "Dampening", "Share of the gradient that momentum leaves out.", ge=0.0, le=1.0
    )
    alpha: float | None = _hyper(
        "alpha", "α", "Memory of the mean squared gradient.", ge=0.0, lt=1.0
    )
    centered: bool | None = _hyper(
        "centered", "Centred", "Divide by the gradient's deviation instead of its size."
    )
    rho: float | None = _hyper(
        "rho", "ρ", "Memory of squared gradients and squared steps.", ge=0.0, lt=1.0
    )
    amsgrad: bool | None = _hyper(
        "amsgrad", "AMSGrad", "Divide by the largest mean squared gradient so far."
    )
    momentum_decay: float | None = _hyper(
        "momentum_decay", "Momentum decay", "How fast NAdam's momentum reaches its full value.",
        ge=0.0, le=1.0,
    )  # fmt: skip
    lr_decay: float | None = _hyper(
        "lr_decay", "Rate decay", "The rate is divided by 1 + decay × updates.", ge=0.0, le=1.0
    )
    initial_accumulator: float | None = _hyper(
        "initial_accumulator", "First accumulator", "Start of the sum of squared gradients.",
        ge=0.0, le=100.0,
    )  # fmt: skip
    beta2_decay: float | None = _hyper(
        "beta2_decay", "β₂ decay", "β₂ is 1 − updates to this power.", ge=-2.0, lt=0.0
    )
    clip_threshold: float | None = _hyper(
        "clip_threshold", "Clipping threshold", "Largest root mean square of a step.",
        ge=1.0, le=100.0,
    )  # fmt: skip
    lambd: float | None = _hyper(
        "lambd", "λ", "How fast weights shrink and the rate falls.", ge=0.0, le=1.0
    )
    power: float | None = _hyper("power", "Power", "Power by which the rate falls.", ge=0.0, le=2.0)
    average_from: float | None = _hyper(
        "average_from", "Average from", "Update at which averaging begins.", unit="updates",
        ge=0.0, le=1e9,
    )  # fmt: skip
    eps: float | None = _hyper(
        "eps", "ε", "Added to the denominator so that it is never zero, in float32 either.",
        ge=1e-30, le=1.0,
    )  # fmt: skip
    weight_decay: float | None = _hyper(
        "weight_decay", "Weight decay", "Pull of every weight towards zero.", ge=0.0, le=1.0
    )

    @model_validator(mode="before")
    @classmethod
    def _has_its_own(cls, raw: Any) -> Any:
        name = raw.get("name", "adam") if isinstance(raw, Mapping) else None
        if name not in HYPERPARAMETERS:
            return raw  # the name's own rule says what is wrong
        own = HYPERPARAMETERS[name]
        given = {key: value for key, value in raw.items() if value is not None}
        for key, value in given.items():
            if key != "name" and key in cls.model_fields and key not in own:
                raise ValueError(f"{key} is {value!r}, and {name} has no {key}: leave it out")
        return {**own, **given}

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Self:
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov is on without momentum: give momentum, such as 0.9")
        if self.name == "sgd" and self.nesterov and self.dampening:
            raise ValueError(f"dampening is {self.dampening:g}: with nesterov it must be 0")
        return self

    @model_serializer(mode="wrap")
    def _without_the_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in handler(self).items() if value is not None}
