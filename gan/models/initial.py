"""The four ways in which a network's weights begin.

Maths layer. All draw from torch's global stream: seed it first.
"""

from collections.abc import Callable
from typing import TypeGuard

import torch
from torch import nn

from gan.errors import UnknownNameError

_DCGAN_DEVIATION = 0.02


def initialise(network: nn.Module, name: str) -> None:
    """Give every layer its first weights.

    Args:
        network: built, not yet trained; with `torch` it keeps what its layers drew themselves.
        name: one of `INITS`.

    Raises:
        UnknownNameError: no such way.
    """
    if name not in INITS:
        raise UnknownNameError("initial weights", name, list(INITS))
    with torch.no_grad():
        for layer in network.modules():
            INITS[name](layer)


def keep(layer: nn.Module) -> None:
    """torch's own: U(±1 / √fan_in) for weights and biases, 1 and 0 for BatchNorm."""


def dcgan(layer: nn.Module) -> None:
    """Weights N(0, 0.02), BatchNorm's N(1, 0.02), biases 0.

    The authors' convolutions have no biases, which is what biases of 0 begin as.

    Source: Radford et al., 2016 (arXiv:1511.06434), section 4; weights_init of their code.
    """
    if isinstance(layer, nn.modules.batchnorm._BatchNorm):
        nn.init.normal_(layer.weight, 1.0, _DCGAN_DEVIATION)
        nn.init.zeros_(layer.bias)
    elif _has_weights(layer):
        nn.init.normal_(layer.weight, 0.0, _DCGAN_DEVIATION)
        _zero_bias(layer)


def he_uniform(layer: nn.Module) -> None:
    """U(±√(6 / fan_in)), biases 0.

    Source: He et al., Delving Deep into Rectifiers, 2015 (arXiv:1502.01852), equation 10.
    """
    if _has_weights(layer):
        nn.init.kaiming_uniform_(layer.weight, mode="fan_in", nonlinearity="relu")
        _zero_bias(layer)


def glorot_uniform(layer: nn.Module) -> None:
    """U(±√(6 / (fan_in + fan_out))), biases 0; a fan counts channels × kernel height × width.

    Of a transposed convolution torch calls Keras' fan_in fan_out and the other way round; the
    sum is the same.

    Source: Glorot & Bengio, 2010, equation 16; the default of Keras' layers.
    """
    if _has_weights(layer):
        nn.init.xavier_uniform_(layer.weight)
        _zero_bias(layer)


def _has_weights(layer: nn.Module) -> TypeGuard[nn.Linear | nn.Conv2d | nn.ConvTranspose2d]:
    return isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d)


def _zero_bias(layer: nn.Linear | nn.Conv2d | nn.ConvTranspose2d) -> None:
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


INITS: dict[str, Callable[[nn.Module], None]] = {
    "torch": keep,
    "dcgan": dcgan,
    "he-uniform": he_uniform,
    "glorot-uniform": glorot_uniform,
}
