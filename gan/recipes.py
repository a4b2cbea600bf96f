"""Named starting points: published training setups, exact to their source.

Vocabulary layer. A recipe is a function that returns a `RunConfig`; a variant is a small edit of
a copy (`config.with_changes`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from gan.config import (
    DataConfig,
    LossConfig,
    ModelConfig,
    OptimizerConfig,
    OutputConfig,
    RunConfig,
    TrainConfig,
)
from gan.errors import UnknownNameError


@dataclass(frozen=True)
class Recipe:
    """A recipe as its card shows it."""

    name: str
    title: str
    summary: str  # one or two sentences for a student
    source: str  # where the setup was published
    notes: str  # what the source leaves open, and where we depart from its printed code
    build: Callable[[], RunConfig]


def get_recipe(name: str) -> Recipe:
    """Look a recipe up by name.

    Raises:
        UnknownNameError: lists the recipes there are.
    """
    try:
        return RECIPES[name]
    except KeyError:
        raise UnknownNameError("recipe", name, list(RECIPES)) from None


def _vanilla_fashion() -> RunConfig:
    adam = OptimizerConfig(name="adam", lr=2e-4, beta1=0.5, beta2=0.999)
    return RunConfig(
        recipe="vanilla-fashion",
        data=DataConfig(dataset="fashion-mnist"),
        model=ModelConfig(
            name="mlp",
            latent_dim=100,
            g_widths=(128, 256, 512, 1024),
            d_widths=(512, 256),
            leaky_slope=0.2,
            # The source writes BatchNorm1d(n, 0.8), whose second argument is eps.
            g_norm_eps=0.8,
            g_norm_momentum=0.1,
        ),
        loss=LossConfig(name="bce"),
        g_opt=adam,
        d_opt=adam,
        train=TrainConfig(epochs=200, batch_size=128, d_steps=1, share_z=True, drop_last=False),
        output=OutputConfig(),
    )


def _vanilla_saturating() -> RunConfig:
    return _vanilla_fashion().with_changes({"recipe": "vanilla-saturating", "loss.name": "minimax"})


RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="vanilla-fashion",
            title="Vanilla GAN on Fashion-MNIST",
            summary="Two fully connected networks learn to draw clothes, 28×28 grey pixels. "
            "The classic first GAN: small enough to watch on any computer.",
            source="Goodfellow et al., Generative Adversarial Nets (2014), in the widely taught "
            "PyTorch form with Adam 2e-4, betas (0.5, 0.999).",
            notes="The printed code runs G twice on the same z in each step; here it runs once. "
            "Gradients are the same; only BatchNorm's running statistics move once a step "
            "instead of twice. D returns a logit and the loss applies the sigmoid, which is the "
            "same function in a numerically stable form.",
            build=_vanilla_fashion,
        ),
        Recipe(
            name="vanilla-saturating",
            title="The same, with the saturating loss",
            summary="The vanilla GAN with the original minimax objective for G. Watch the "
            "generator's gradient fade while the discriminator is sure of itself.",
            source="Goodfellow et al. (2014), equation 1; the remedy, the non-saturating loss, "
            "stands in the same paper, section 3.",
            notes="A teaching variant: only the generator's loss differs from vanilla-fashion.",
            build=_vanilla_saturating,
        ),
    )
}
