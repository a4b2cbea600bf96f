"""What keeps adversarial training stable, beside the objective: formula, source, setting.

Maths layer, but free of torch, so that a page can explain a setting without loading it. The code
is elsewhere: penalties and clipping in `gan.losses.penalties`, augmentation and noise in
`gan.data.augment`, spectral norm in `gan.models`, the rest in `gan.training`.
"""

from dataclasses import dataclass

from gan.errors import UnknownNameError


@dataclass(frozen=True)
class RegulariserInfo:
    """One regulariser as a page explains it.

    Attributes:
        formula: what it adds or changes, as LaTeX.
        when_to_use: one plain sentence: when it helps and what it costs.
        setting: the configuration's field that turns it on, as `section.field`.
    """

    name: str
    title: str
    formula: str
    summary: str
    source: str
    when_to_use: str
    setting: str


def get_regulariser(name: str) -> RegulariserInfo:
    """Look a regulariser's description up by name. Raises UnknownNameError."""
    try:
        return REGULARISERS[name]
    except KeyError:
        raise UnknownNameError("regulariser", name, list(REGULARISERS)) from None


REGULARISERS: dict[str, RegulariserInfo] = {
    info.name: info
    for info in (
        RegulariserInfo(
            name="r1",
            title="R1 penalty",
            formula=r"\tfrac{\gamma}{2}\;\mathbb{E}_x \lVert \nabla_x D(x) \rVert^2",
            summary="D pays for being steep at real pictures, so that it comes to rest there "
            "instead of circling G.",
            source="Mescheder et al., Which Training Methods for GANs do actually Converge?, "
            "2018, equation 9",
            when_to_use="First remedy for swinging or diverging training, with any objective; an "
            "update of D then costs two to three times as much.",
            setting="loss.r1_gamma",
        ),
        RegulariserInfo(
            name="r2",
            title="R2 penalty",
            formula=r"\tfrac{\gamma}{2}\;\mathbb{E}_z \lVert \nabla_x D(G(z)) \rVert^2",
            summary="D pays for being steep at generated pictures too, where R1 leaves it free.",
            source="Mescheder et al., Which Training Methods for GANs do actually Converge?, "
            "2018, equation 10; Huang et al., R3GAN, NeurIPS 2024",
            when_to_use="Together with R1 under the relativistic objective, which may diverge "
            "with R1 alone.",
            setting="loss.r2_gamma",
        ),
        RegulariserInfo(
            name="gradient-penalty",
            title="Gradient penalty",
            formula=r"\lambda\;\mathbb{E}_{\hat x}"
            r"\left(\lVert \nabla_{\hat x} D(\hat x) \rVert_2 - 1\right)^2,\quad "
            r"\hat x = \epsilon x + (1 - \epsilon)\,G(z)",
            summary="The critic's slope is drawn to 1 on the lines between real and generated "
            "pictures, which bounds it without clipping its weights.",
            source="Gulrajani et al., Improved Training of Wasserstein GANs, 2017, equation 3",
            when_to_use="With the Wasserstein objective, λ = 10; D must not have BatchNorm.",
            setting="loss.gp_weight",
        ),
        RegulariserInfo(
            name="spectral-norm",
            title="Spectral norm",
            formula=r"\bar W = W \,/\, \sigma(W)",
            summary="Each weight matrix of D is divided by its largest singular value, so that no "
            "layer stretches its input.",
            source="Miyato et al., Spectral Normalization for Generative Adversarial Networks, "
            "2018, equation 8",
            when_to_use="With the hinge objective, or where a gradient penalty is too dear: it "
            "costs little.",
            setting="model.spectral_norm",
        ),
        RegulariserInfo(
            name="weight-clipping",
            title="Weight clipping",
            formula=r"w \leftarrow \min(\max(w, -c),\, c)",
            summary="After each update, D's weights are forced into a small box, which bounds its "
            "slope crudely.",
            source="Arjovsky et al., Wasserstein GAN, 2017, algorithm 1",
            when_to_use="To run the Wasserstein GAN as first published (c = 0.01, RMSprop); a "
            "gradient penalty learns better.",
            setting="loss.weight_clip",
        ),
        RegulariserInfo(
            name="label-smoothing",
            title="One-sided label smoothing",
            formula=r"-t \log D(x) - (1 - t) \log\,(1 - D(x)),\quad t = 0.9",
            summary="Real pictures get the label 0.9 instead of 1, so D gains nothing from being "
            "quite sure; the label of generated pictures stays 0.",
            source="Salimans et al., Improved Techniques for Training GANs, 2016, section 3.4",
            when_to_use="When D's answers stick to 0 and 1; only for objectives with labels, and "
            "the loss at equilibrium is then another.",
            setting="loss.real_label",
        ),
        RegulariserInfo(
            name="label-flips",
            title="Label flips",
            formula=r"t \leftarrow 1 - t \;\text{ with probability } p",
            summary="A share of D's labels is swapped at random in each update.",
            source="Chintala et al., How to Train a GAN? Tips and tricks to make GANs work, 2016, "
            "item 6",
            when_to_use="When D is far ahead and smoothing is not enough; a rule of thumb without "
            "theory, so keep the share small, 0.05 for instance.",
            setting="loss.label_flip",
        ),
        RegulariserInfo(
            name="instance-noise",
            title="Instance noise",
            formula=r"D(x + \varepsilon),\; D(G(z) + \varepsilon),\quad "
            r"\varepsilon \sim \mathcal{N}(0, \sigma^2 I)",
            summary="Real and generated pictures get fresh noise before D sees them, so that the "
            "two kinds overlap and D cannot be perfect.",
            source="Sønderby et al., Amortised MAP Inference for Image Super-resolution, 2017; "
            "Arjovsky & Bottou, Towards Principled Methods for Training GANs, 2017",
            when_to_use="When D separates the two kinds at once and G's gradient vanishes; let it "
            "fade, or fine detail stays hidden.",
            setting="loss.instance_noise",
        ),
        RegulariserInfo(
            name="diffaugment",
            title="Differentiable augmentation (DiffAugment)",
            formula=r"D(T(x)),\; D(T(G(z)))",
            summary="Real and generated pictures are shifted, cut and tinted at random before D "
            "sees them, and G learns through that change.",
            source="Zhao et al., Differentiable Augmentation for Data-Efficient GAN Training, "
            "2020, section 3",
            when_to_use="For data sets of a few thousand pictures or less, where D learns the "
            "pictures by heart.",
            setting="train.augment",
        ),
        RegulariserInfo(
            name="gradient-clipping",
            title="Gradient clipping",
            formula=r"g \leftarrow g \cdot \min\left(1,\; c \,/\, \lVert g \rVert\right)",
            summary="A network's gradient that is longer than c is shortened to c before the "
            "optimiser uses it.",
            source="Pascanu et al., On the difficulty of training recurrent neural networks, "
            "2013, algorithm 1",
            when_to_use="When single updates throw a run off; put c a little above the usual "
            "gradient norm. Adam-like optimisers divide by its size and feel clipping less.",
            setting="train.grad_clip",
        ),
        RegulariserInfo(
            name="ema",
            title="Average of the generator (EMA)",
            formula=r"\bar\theta \leftarrow \beta\,\bar\theta + (1 - \beta)\,\theta_G",
            summary="Samples come from a running average of G's weights, which smooths the "
            "swings of the game; training itself does not notice.",
            source="Yazıcı et al., The Unusual Effectiveness of Averaging in GAN Training, 2019",
            when_to_use="Nearly always; keep the half-life short in short runs, or the average "
            "still remembers noise.",
            setting="train.ema",
        ),
    )
}
