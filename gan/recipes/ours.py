"""Our own recipes, chosen by measure: `docs/ablation.md` has the candidates and their figures.

Vocabulary layer. They share one idea: small fully connected networks that do many updates a second
on a CPU, and a discriminator whose slope at real pictures is kept small.
"""

from gan.config import (
    DataConfig,
    LossConfig,
    ModelConfig,
    OptimizerConfig,
    OutputConfig,
    RunConfig,
    TrainConfig,
)
from gan.recipes.card import Recipe


def _modern_fashion() -> RunConfig:
    return RunConfig(
        recipe="modern-fashion",
        data=DataConfig(dataset="fashion-mnist"),
        model=ModelConfig(name="mlp", latent_dim=64, g_widths=(256, 256, 256), d_widths=(256, 128)),
        # R1 in each fourth update, four times as strong, costs a quarter and does as much.
        loss=LossConfig(name="bce", r1_gamma=1.0, penalty_every=4),
        g_opt=_adam(1e-3),
        d_opt=_adam(2e-3),
        train=TrainConfig(n_steps=12_000, batch_size=128),
        output=OutputConfig(),
    )


def _modern_fashion_classes() -> RunConfig:
    return _modern_fashion().with_changes(
        {"recipe": "modern-fashion-classes", "model.conditional": True}
    )


def _modern_faces_32() -> RunConfig:
    return _modern_fashion().with_changes(
        {
            "recipe": "modern-faces-32",
            "data.dataset": "drawn-faces",
            "data.size_px": 32,
            "loss.name": "relativistic",
            "loss.r2_gamma": 1.0,
            "train.batch_size": 64,
        }
    )


def _modern_faces_64() -> RunConfig:
    return _modern_fashion().with_changes(
        {
            "recipe": "modern-faces-64",
            "data.dataset": "drawn-faces",
            "data.size_px": 64,
            # A unit beside the picture has 12,288 weights, any other 256.
            "model.g_widths": (256, 256, 128),
            "model.d_widths": (128, 128),
            "train.batch_size": 64,
        }
    )


def _own_pictures_32() -> RunConfig:
    adam = _adam(1e-3)
    return RunConfig(
        recipe="own-pictures-32",
        data=DataConfig(dataset="own-pictures", size_px=32, colour="rgb"),
        model=ModelConfig(
            name="mlp", latent_dim=64, g_widths=(256, 512, 1024), d_widths=(1024, 512, 256)
        ),
        loss=LossConfig(name="relativistic", r1_gamma=1.0, r2_gamma=1.0),
        g_opt=adam,
        d_opt=adam,
        train=TrainConfig(n_steps=10_000, batch_size=64),
        output=OutputConfig(),
    )


def _adam(lr: float) -> OptimizerConfig:
    return OptimizerConfig(name="adam", lr=lr, beta1=0.0, beta2=0.99)


_CHOSEN = (
    "Widths, batch, rates and the penalty's weight and rhythm were chosen by the Fréchet distance "
    "after equal computing time on one core, over several seeds (docs/ablation.md)."
)

OURS = (
    Recipe(
        name="modern-fashion",
        title="Fashion-MNIST in a minute",
        summary="Our own: smaller networks and a penalty on steep discriminators. After seconds it "
        "draws better clothes than the vanilla GAN after minutes.",
        source="Our own, of known parts: the non-saturating loss (Goodfellow et al., 2014) with R1 "
        "(Mescheder et al., 2018), lazily (Karras et al., 2020), and two rates (Heusel et al., "
        "2017).",
        notes=_CHOSEN,
        build=_modern_fashion,
    ),
    Recipe(
        name="modern-fashion-classes",
        title="Fashion-MNIST in a minute, by class",
        summary="The same, told which kind of clothes each picture shows: ask it for a sneaker and "
        "it draws a sneaker.",
        source="Our own, as modern-fashion; classes as in Mirza and Osindero, Conditional "
        "Generative Adversarial Nets (2014).",
        notes=_CHOSEN,
        build=_modern_fashion_classes,
    ),
    Recipe(
        name="modern-faces-32",
        title="Colour faces in a minute, 32×32",
        summary="Our own for small colour pictures, on faces that this program draws itself: "
        "nothing to download, and good after a minute without a graphics card.",
        source="Our own, as modern-fashion, but with relativistic pairing, R1 and R2 (Huang et "
        "al., The GAN is dead; long live the GAN!, 2024).",
        notes=_CHOSEN + " For other 32×32 colour pictures choose another data set, or the recipe "
        "for your own pictures.",
        build=_modern_faces_32,
    ),
    Recipe(
        name="modern-faces-64",
        title="Colour faces in minutes, 64×64",
        summary="The same at 64×64: hair, glasses and smiles can be told apart after a few "
        "minutes without a graphics card.",
        source="Our own, as modern-fashion.",
        notes=_CHOSEN,
        build=_modern_faces_64,
    ),
    Recipe(
        name="own-pictures-32",
        title="Your own pictures, 32×32",
        summary="Bring a zip or a folder. Fully connected networks with a modern, steady "
        "objective show what they learn from a few thousand pictures within minutes, without "
        "a graphics card.",
        source="Our own, after Huang et al., The GAN is dead; long live the GAN! (2024): "
        "relativistic pairing with R1 and R2.",
        notes="Dense layers instead of the paper's convolutions, for speed on a CPU; Adam with "
        "betas (0, 0.99). With a graphics card try the architecture dcgan or resnet at 64 px.",
        build=_own_pictures_32,
    ),
)
