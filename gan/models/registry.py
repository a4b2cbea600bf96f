"""Build the two networks that a configuration describes.

Maths layer. `gan.models.plan` says what they are made of, without torch.
"""

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gan.config import ModelConfig
from gan.models.initial import initialise
from gan.models.network import Discriminator, Generator
from gan.models.plan import MODELS, plan_pair

__all__ = [
    "MODELS",
    "Pair",
    "best_layout",
    "build_pair",
    "n_parameters",
    "uses_batch_statistics",
]

Pair = tuple[Generator, Discriminator]


def build_pair(config: ModelConfig, *, img_channels: int, size_px: int, n_classes: int = 0) -> Pair:
    """Return (generator, discriminator) for square images of the given size, on the CPU.

    Weights come from torch's global random stream: seed it first. Each network's depend on that
    seed alone and not on what the other is made of. Only networks that are `conditional` need
    `n_classes` and, when they are called, labels.

    Raises:
        ConfigError: the settings cannot make networks for such images; says what would.
        UnknownNameError: no such architecture.
    """
    plan = plan_pair(config, img_channels=img_channels, size_px=size_px, n_classes=n_classes)
    start = torch.get_rng_state()
    generator = Generator(plan.generator)
    initialise(generator, config.init)
    torch.set_rng_state(start)
    torch.default_generator.manual_seed(int(torch.randint(2**62, ())))
    discriminator = Discriminator(plan.discriminator)
    initialise(discriminator, config.init)
    if config.spectral_norm:
        _bound_weights(discriminator)
    return generator, discriminator


def n_parameters(module: nn.Module) -> int:
    """Return how many trainable numbers a network has."""
    return sum(p.numel() for p in module.parameters())


def uses_batch_statistics(module: nn.Module) -> bool:
    """Tell whether a network's answer for one image depends on the others in its batch."""
    return any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in module.modules())


def best_layout(network: nn.Module, device: torch.device) -> torch.memory_format:
    """Return how a network's pictures lie in memory: channels last where it convolves.

    The convolution kernels of CPUs and CUDA prefer that; the numbers differ by rounding only. A
    rule and not a timing, so that it never varies. `benchmarks/conv_layout.py` has the figures.
    """
    convolves = any(isinstance(m, nn.Conv2d | nn.ConvTranspose2d) for m in network.modules())
    is_liked = convolves and device.type in ("cpu", "cuda")
    return torch.channels_last if is_liked else torch.contiguous_format


def _bound_weights(network: nn.Module) -> None:
    """Divide each weight by its largest singular value, followed by one power step a forward.

    Source: Miyato et al., Spectral Normalization for GANs, 2018 (arXiv:1802.05957), algorithm 1.
    """
    for layer in list(network.modules()):
        if isinstance(layer, nn.Linear | nn.Conv2d):
            spectral_norm(layer)
