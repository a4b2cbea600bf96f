"""Both networks of a configuration as plain data, and why a configuration cannot be built.

Maths layer, but free of torch, so that a page can draw and check networks without loading it.
One module an architecture says what its networks are made of; `gan.models.registry` builds them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gan.config import ModelConfig
from gan.errors import ConfigError, UnknownNameError
from gan.models.dcgan import dcgan_discriminator, dcgan_generator
from gan.models.layers import (
    LayerPlan,
    NetworkPlan,
    PairPlan,
    Picture,
    Shape,
    Stack,
    shape_text,
)
from gan.models.mlp import mlp_discriminator, mlp_generator
from gan.models.resnet import resnet_discriminator, resnet_generator
from gan.models.upsample import upsample_discriminator, upsample_generator
from gan.models.widths import check_widths, fitting_widths

__all__ = [
    "MODELS",
    "LayerPlan",
    "NetworkPlan",
    "PairPlan",
    "Picture",
    "Shape",
    "fitting_widths",
    "plan_pair",
    "shape_text",
]

MAX_PARAMETERS = 500_000_000
"""Of one network: with gradients and Adam's moments that is 8 GB."""

MAX_CLASSES = 200
"""That a network can be told: one-hot classes grow the first layers with each."""


@dataclass(frozen=True)
class Architecture:
    """How to plan the two networks of one architecture."""

    plan_generator: Callable[[ModelConfig, Sequence[int], Picture], Stack]
    plan_discriminator: Callable[[ModelConfig, Sequence[int], Picture], Stack]


def plan_pair(
    model: ModelConfig, *, img_channels: int, size_px: int, n_classes: int = 0
) -> PairPlan:
    """Plan both networks for square pictures.

    Args:
        model: the model section; widths that are None are chosen by `fitting_widths`.
        img_channels: 1 for grey, 3 for RGB.
        size_px: height and width of a picture.
        n_classes: how many classes the data have; used with `model.conditional` only.

    Raises:
        ConfigError: the settings cannot make networks for such pictures; says what would.
        UnknownNameError: no such architecture.
    """
    architecture = MODELS.get(model.name)
    if architecture is None:
        raise UnknownNameError("architecture", model.name, list(MODELS))
    if model.conditional and n_classes < 2:
        told = f"there are {n_classes}" if n_classes else "these data have none"
        raise ConfigError(
            f"model.conditional is on, which needs at least 2 classes, and {told}: turn it off, "
            "or choose data with classes."
        )
    if model.conditional and n_classes > MAX_CLASSES:
        raise ConfigError(
            f"model.conditional is on, and these data have {n_classes:,} classes, each of which "
            f"would be one more plane of every picture: turn it off, or choose data with at most "
            f"{MAX_CLASSES} classes."
        )
    picture = Picture(img_channels, size_px, n_classes if model.conditional else 0)
    g_widths, d_widths = model.g_widths, model.d_widths
    if g_widths is None or d_widths is None:
        fitting = fitting_widths(model.name, size_px)
        g_widths, d_widths = g_widths or fitting[0], d_widths or fitting[1]
    check_widths(model, g_widths, d_widths, size_px)
    g = architecture.plan_generator(model, g_widths, picture)
    d = architecture.plan_discriminator(model, d_widths, picture)
    pair = PairPlan(
        NetworkPlan("Generator", picture, (model.latent_dim,), tuple(g.layers)),
        NetworkPlan("Discriminator", picture, picture.shape, tuple(d.layers)),
    )
    _check_size("model.g_widths", g_widths, pair.generator)
    _check_size("model.d_widths", d_widths, pair.discriminator)
    return pair


def _check_size(field: str, widths: Sequence[int], network: NetworkPlan) -> None:
    if network.n_parameters > MAX_PARAMETERS:
        raise ConfigError(
            f"{field} {','.join(map(str, widths))} makes a {network.title.lower()} of "
            f"{network.n_parameters / 1e6:,.0f} million numbers, and {MAX_PARAMETERS / 1e6:.0f} "
            "million is the most: give narrower widths, or leave it empty."
        )


MODELS: dict[str, Architecture] = {
    "mlp": Architecture(mlp_generator, mlp_discriminator),
    "dcgan": Architecture(dcgan_generator, dcgan_discriminator),
    "upsample": Architecture(upsample_generator, upsample_discriminator),
    "resnet": Architecture(resnet_generator, resnet_discriminator),
}
