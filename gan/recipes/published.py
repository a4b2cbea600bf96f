"""Published training setups, exact to their source. Vocabulary layer."""

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

_ADAM = OptimizerConfig(name="adam", lr=2e-4, beta1=0.5, beta2=0.999)  # the DCGAN paper's


def _vanilla_fashion() -> RunConfig:
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
        g_opt=_ADAM,
        d_opt=_ADAM,
        train=TrainConfig(epochs=200, batch_size=128, d_steps=1, share_z=True, drop_last=False),
        output=OutputConfig(),
    )


def _vanilla_saturating() -> RunConfig:
    return _vanilla_fashion().with_changes({"recipe": "vanilla-saturating", "loss.name": "minimax"})


def _vanilla_fashion_tf() -> RunConfig:
    return _vanilla_fashion().with_changes(
        {
            "recipe": "vanilla-fashion-tf",
            "model.init": "he-uniform",
            "model.g_norm_momentum": 0.9,  # Keras counts the old share, 0.1
            "g_opt.eps": 1e-7,
            "d_opt.eps": 1e-7,
            "train.order": "simultaneous",
            "train.full_fakes": True,
        }
    )


def _dcgan_32() -> RunConfig:
    return RunConfig(
        recipe="dcgan-32",
        data=DataConfig(dataset="cifar-10"),
        model=ModelConfig(
            name="dcgan",
            latent_dim=100,
            g_widths=(256, 128, 64),
            d_widths=(64, 128, 256),
            g_activation="relu",
            g_norm_first=True,
            d_norm="batch",
            d_norm_first=True,
            d_dropout=0.25,
            init="dcgan",
        ),
        loss=LossConfig(name="bce"),
        g_opt=_ADAM,
        d_opt=_ADAM,
        train=TrainConfig(epochs=10, batch_size=64, share_z=True),
        output=OutputConfig(sample_every=50),
    )


def _optimizers_faces_32() -> RunConfig:
    adam = OptimizerConfig(name="adam", lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-7)
    return RunConfig(
        recipe="optimizers-faces-32",
        data=DataConfig(dataset="celeba", size_px=32, n_images=5_000),
        model=ModelConfig(
            name="mlp",
            latent_dim=100,
            g_widths=(256, 512, 1024),
            d_widths=(512, 256),
            g_norm_first=True,
            g_norm_place="after",
            g_norm_eps=1e-3,
            g_norm_momentum=0.01,
            init="glorot-uniform",
        ),
        loss=LossConfig(name="bce"),
        g_opt=adam,
        d_opt=adam,
        train=TrainConfig(n_steps=5_000, batch_size=32, share_z=False, separate_d_updates=True),
        output=OutputConfig(),
    )


def _linear_mnist() -> RunConfig:
    return RunConfig(
        recipe="linear-mnist",
        data=DataConfig(dataset="mnist"),
        model=ModelConfig(
            name="mlp",
            latent_dim=100,
            g_widths=(32, 64, 128),
            d_widths=(128, 64, 32),
            g_norm_first=True,
        ),
        loss=LossConfig(name="bce"),
        g_opt=_ADAM,
        d_opt=_ADAM,
        train=TrainConfig(
            epochs=50, batch_size=128, order="g-first", idle_mode="eval", share_z=False
        ),
        output=OutputConfig(),
    )


def _dcgan_faces_64() -> RunConfig:
    return RunConfig(
        recipe="dcgan-faces-64",
        data=DataConfig(dataset="celeba", size_px=64),
        model=ModelConfig(
            name="dcgan",
            latent_dim=100,
            g_widths=(1024, 512, 256, 128),
            d_widths=(128, 256, 512),
            g_activation="relu",
            d_norm="batch",
            d_norm_first=True,
            d_head="map",
            init="dcgan",
        ),
        loss=LossConfig(name="bce"),
        g_opt=_ADAM,
        d_opt=_ADAM,
        train=TrainConfig(epochs=20, batch_size=64, share_z=False),
        output=OutputConfig(),
    )


def _upsample_mnist() -> RunConfig:
    adam = OptimizerConfig(name="adam", lr=2e-4, beta1=0.5, beta2=0.999, eps=1e-7)
    steps_in_ten_epochs = 10 * 235
    return RunConfig(
        recipe="upsample-mnist",
        data=DataConfig(dataset="mnist"),
        model=ModelConfig(
            name="upsample",
            latent_dim=100,
            g_widths=(128, 64),
            d_widths=(64, 128),
            g_norm_first=True,
            g_norm_place="after",
            g_norm_eps=1e-3,
            g_norm_momentum=0.01,
            init="glorot-uniform",
        ),
        loss=LossConfig(name="bce", real_label=0.9),
        g_opt=adam,
        d_opt=adam,
        train=TrainConfig(
            n_steps=5 * steps_in_ten_epochs,
            batch_size=256,
            half_batch=True,
            sampling="replacement",
            separate_d_updates=True,
            idle_mode="eval",
            share_z=False,
        ),
        output=OutputConfig(
            sample_every=steps_in_ten_epochs,
            n_samples=100,
            sample_z="fresh",
            checkpoint_every=steps_in_ten_epochs,
        ),
    )


PUBLISHED = (
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
    Recipe(
        name="vanilla-fashion-tf",
        title="The same, as TensorFlow's tutorials train it",
        summary="Both networks learn from one and the same forward pass: the generator never "
        "meets the updated discriminator. Another algorithm under the same name.",
        source="The widely taught TensorFlow 2 form of the vanilla GAN, with two gradient "
        "tapes in one training step.",
        notes="Weights start as U(±√(6 / fan_in)) with biases 0; 128 fakes stand beside the "
        "last 96 reals of an epoch; BatchNorm has eps 0.8 and Keras' momentum 0.1, which is "
        "0.9 in PyTorch's convention; Adam's eps is 1e-7.",
        build=_vanilla_fashion_tf,
    ),
    Recipe(
        name="linear-mnist",
        title="A tiny GAN on MNIST",
        summary="The smallest networks here, on handwritten digits. The generator learns "
        "first in each step, and whoever does not learn stands in evaluation mode.",
        source="A widely taught fully connected PyTorch GAN on MNIST.",
        notes="Free in the source and chosen here: Adam 2e-4, betas (0.5, 0.999), batches of "
        "128, 50 epochs.",
        build=_linear_mnist,
    ),
    Recipe(
        name="upsample-mnist",
        title="Convolutional GAN on MNIST",
        summary="The generator doubles a 7×7 picture twice and convolves it; the "
        "discriminator halves it twice. Its labels for real digits are 0.9, so that it never "
        "becomes too sure.",
        source="A widely taught Keras GAN on MNIST; label smoothing from Salimans et al. "
        "(2016), section 3.4.",
        notes="50 epochs of 235 steps: D learns from 128 reals, drawn with replacement, and "
        "from 128 fakes in an update of its own; G learns from 256 fresh z. Counted by real "
        "images that is 25 passes over the data, and that is what the epoch shows here. "
        "Keras' defaults (BatchNorm eps 1e-3 and momentum 0.99, Glorot weights, Adam eps "
        "1e-7, padding 'same') are kept; each network has an optimiser of its own.",
        build=_upsample_mnist,
    ),
    Recipe(
        name="optimizers-faces-32",
        title="Small dense GAN on faces, made to compare optimisers",
        summary="Three dense blocks draw 32×32 faces. D learns from real and from generated "
        "faces in two separate updates, so three losses stand apart. Change the optimiser "
        "and see what happens.",
        source="A published comparison of SGD, RMSprop and Adam on 5,000 CelebA faces.",
        notes="Free in the source and chosen here: 32×32 pixels, widths (256, 512, 1024) and "
        "(512, 256), LeakyReLU, Tanh, Keras' defaults for weights, BatchNorm and Adam (rate "
        "0.001). Its '5,000 epochs' are read as 5,000 updates. For SGD and RMSprop take "
        "Keras' rates 0.01 and 0.001.",
        build=_optimizers_faces_32,
    ),
    Recipe(
        name="dcgan-32",
        title="DCGAN on 32×32 colour pictures",
        summary="Transposed convolutions against strided ones: the design that made GANs "
        "draw in colour. Takes a while without a graphics card.",
        source="Radford, Metz and Chintala, Unsupervised Representation Learning with Deep "
        "Convolutional GANs (2016), in a taught form with dropout in D.",
        notes="Free in the source and chosen here: CIFAR-10, widths (256, 128, 64) and (64, "
        "128, 256), dropout 0.25, slope 0.2, the paper's Adam and initial weights. Real and "
        "fake pass D apart, since its BatchNorm would otherwise mix them.",
        build=_dcgan_32,
    ),
    Recipe(
        name="dcgan-faces-64",
        title="DCGAN on 64×64 faces",
        summary="A large DCGAN whose discriminator judges 25 overlapping parts of each face "
        "instead of the whole. For a graphics card, or patience.",
        source="A widely taught PyTorch DCGAN on CelebA, after Radford et al. (2016).",
        notes="The discriminator's last layer gives a 5×5 map of logits; every one is trained "
        "against the label. Free in the source and chosen here: the DCGAN paper's Adam and "
        "initial weights, batches of 64, 20 epochs, D first.",
        build=_dcgan_faces_64,
    ),
)
