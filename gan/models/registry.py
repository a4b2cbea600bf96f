"""Build the two networks that a configuration names.

Maths layer.
"""

from collections.abc import Callable

from torch import nn

from gan.config import ModelConfig
from gan.errors import UnknownNameError
from gan.models.mlp import MLPDiscriminator, MLPGenerator

Pair = tuple[nn.Module, nn.Module]


def build_pair(config: ModelConfig, *, img_channels: int, size_px: int) -> Pair:
    """Return (generator, discriminator) for square images of the given size, on the CPU.

    Weights come from torch's global random stream: seed it first.

    Raises:
        UnknownNameError: no such architecture.
    """
    try:
        build = MODELS[config.name]
    except KeyError:
        raise UnknownNameError("architecture", config.name, list(MODELS)) from None
    return build(config, img_channels, size_px)


def n_parameters(module: nn.Module) -> int:
    """Return how many trainable numbers a network has."""
    return sum(p.numel() for p in module.parameters())


def uses_batch_statistics(module: nn.Module) -> bool:
    """Tell whether a network's answer for one image depends on the others in its batch."""
    return any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in module.modules())


def _mlp(config: ModelConfig, img_channels: int, size_px: int) -> Pair:
    generator = MLPGenerator(
        config.latent_dim,
        config.g_widths,
        img_channels=img_channels,
        size_px=size_px,
        leaky_slope=config.leaky_slope,
        norm_eps=config.g_norm_eps,
        norm_momentum=config.g_norm_momentum,
    )
    discriminator = MLPDiscriminator(
        config.d_widths,
        img_channels=img_channels,
        size_px=size_px,
        leaky_slope=config.leaky_slope,
    )
    return generator, discriminator


MODELS: dict[str, Callable[[ModelConfig, int, int], Pair]] = {"mlp": _mlp}
