"""What each objective is: formula, source, equilibrium, and the very code that computes it.

Maths layer, but free of torch, so that a page can explain a loss without loading it.
`gan.losses.objectives` has the functions themselves, `gan.losses.regularisers` describes what
keeps them stable.
"""

import ast
from dataclasses import dataclass, field
from pathlib import Path

from gan.errors import UnknownNameError

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class LossInfo:
    """One objective as a page explains it.

    Attributes:
        d_formula, g_formula: what each network minimises, as LaTeX.
        when_to_use: one plain sentence: when it helps and what it needs.
        output: what sigmoid(D's logit) means: a `probability` that the image is real, or
            nothing (`score`: a raw critic value).
        unit: of the loss values: nats, or '' where they have none.
        has_labels: whether `d_loss` takes `real_target` and `fake_target`.
        equilibrium: the value of each metric where the generated pictures are distributed like
            the real ones and D is the best there is, as far as theory tells one, with the labels
            1 and 0.
        module, d_function, g_function: where the code stands.
    """

    name: str
    title: str
    summary: str
    when_to_use: str
    d_formula: str
    g_formula: str
    source: str
    output: str
    unit: str
    has_labels: bool
    module: str
    d_function: str
    g_function: str
    equilibrium: dict[str, float] = field(default_factory=dict)

    def code(self) -> str:
        """Return the source text of the two functions, and of those beside them that they call."""
        text = (_HERE / f"{self.module}.py").read_text(encoding="utf-8")
        functions = {
            node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)
        }
        wanted = {self.d_function, self.g_function}
        for name in (self.d_function, self.g_function):
            called = {node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)}
            wanted |= called & functions.keys()
        parts = [
            ast.get_source_segment(text, functions[name]) for name in functions if name in wanted
        ]
        return "\n\n\n".join(part for part in parts if part)


def get_loss_info(name: str) -> LossInfo:
    """Look an objective's description up by name. Raises UnknownNameError."""
    try:
        return LOSS_INFOS[name]
    except KeyError:
        raise UnknownNameError("loss", name, list(LOSS_INFOS)) from None


_D_CROSS_ENTROPY = r"L_D = -\log D(x) - \log\,(1 - D(G(z)))"
_LOG_2 = 0.6931471805599453

LOSS_INFOS: dict[str, LossInfo] = {
    info.name: info
    for info in (
        LossInfo(
            name="bce",
            title="Cross-entropy, non-saturating",
            summary="D learns to tell real from generated; G learns to be called real.",
            when_to_use="The usual start, for any architecture; when D wins or training swings, "
            "add R1 or lower D's learning rate.",
            d_formula=_D_CROSS_ENTROPY,
            g_formula=r"L_G = -\log D(G(z))",
            source="Goodfellow et al., Generative Adversarial Nets, 2014, section 3",
            output="probability",
            unit="nats",
            has_labels=True,
            module="cross_entropy",
            d_function="cross_entropy_d_loss",
            g_function="non_saturating_g_loss",
            equilibrium={
                "loss/d": 2 * _LOG_2,
                "loss/d_real": _LOG_2,
                "loss/d_fake": _LOG_2,
                "loss/g": _LOG_2,
                "score/real": 0.5,
                "score/fake": 0.5,
            },
        ),
        LossInfo(
            name="minimax",
            title="Cross-entropy, saturating (minimax)",
            summary="The original objective: G lowers D's confidence that fakes are fake. While D "
            "is sure, that curve is flat and G gets almost no gradient.",
            when_to_use="To see why the non-saturating loss replaced it; it needs a D that is "
            "never far ahead.",
            d_formula=_D_CROSS_ENTROPY,
            g_formula=r"L_G = \log\,(1 - D(G(z)))",
            source="Goodfellow et al., Generative Adversarial Nets, 2014, equation 1",
            output="probability",
            unit="nats",
            has_labels=True,
            module="cross_entropy",
            d_function="cross_entropy_d_loss",
            g_function="saturating_g_loss",
            equilibrium={
                "loss/d": 2 * _LOG_2,
                "loss/d_real": _LOG_2,
                "loss/d_fake": _LOG_2,
                "loss/g": -_LOG_2,
                "score/real": 0.5,
                "score/fake": 0.5,
            },
        ),
        LossInfo(
            name="lsgan",
            title="Least squares (LSGAN)",
            summary="D's raw output is pulled to 1 on real and to 0 on generated pictures by "
            "squared distance; G pulls its own to 1, the harder the farther they are.",
            when_to_use="When G starves beside a confident D: its gradient does not fade; it "
            "needs a modest learning rate, since far-off outputs weigh by their square.",
            d_formula=r"L_D = \tfrac12\,(D(x) - 1)^2 + \tfrac12\,D(G(z))^2",
            g_formula=r"L_G = \tfrac12\,(D(G(z)) - 1)^2",
            source="Mao et al., Least Squares Generative Adversarial Networks, 2017, equation 9",
            output="score",
            unit="",
            has_labels=True,
            module="least_squares",
            d_function="least_squares_d_loss",
            g_function="least_squares_g_loss",
            equilibrium={
                "loss/d": 0.25,
                "loss/d_real": 0.125,
                "loss/d_fake": 0.125,
                "loss/g": 0.125,
            },
        ),
        LossInfo(
            name="wasserstein",
            title="Wasserstein",
            summary="The critic spreads the mean scores of real and generated pictures apart; "
            "their gap measures how far the two kinds lie from one another, and G closes it.",
            when_to_use="When the loss should tell progress and modes go missing; it needs a "
            "bounded critic (gradient penalty, clipping or spectral norm) and gains from several "
            "D updates a step.",
            d_formula=r"L_D = D(G(z)) - D(x)",
            g_formula=r"L_G = -D(G(z))",
            source="Arjovsky et al., Wasserstein GAN, 2017, equation 3",
            output="score",
            unit="",
            has_labels=False,
            module="critic",
            d_function="wasserstein_d_loss",
            g_function="critic_g_loss",
            equilibrium={"loss/d": 0.0},
        ),
        LossInfo(
            name="hinge",
            title="Hinge",
            summary="D learns only from pictures inside its margin, where it is not yet sure; G "
            "climbs D's score.",
            when_to_use="With spectral norm in D and β₁ = 0, its usual company; without a bound "
            "on D, scores may run away.",
            d_formula=r"L_D = \max(0,\,1 - D(x)) + \max(0,\,1 + D(G(z)))",
            g_formula=r"L_G = -D(G(z))",
            source="Lim & Ye, Geometric GAN, 2017; Miyato et al., Spectral Normalization for "
            "Generative Adversarial Networks, 2018, equations 16 and 17",
            output="score",
            unit="",
            has_labels=False,
            module="critic",
            d_function="hinge_d_loss",
            g_function="critic_g_loss",
            equilibrium={"loss/d": 2.0},
        ),
        LossInfo(
            name="relativistic",
            title="Relativistic pairing (R3GAN)",
            summary="D says by how much a real picture looks more real than a generated one; G "
            "learns to turn the comparison round.",
            when_to_use="For the widest variety of samples; it needs R1 and R2 together and a D "
            "without BatchNorm.",
            d_formula=r"L_D = -\log \sigma\,(D(x) - D(G(z)))",
            g_formula=r"L_G = -\log \sigma\,(D(G(z)) - D(x))",
            source="Jolicoeur-Martineau, The relativistic discriminator, 2019; Huang et al., The "
            "GAN is dead; long live the GAN!, NeurIPS 2024, equation 2",
            output="score",
            unit="nats",
            has_labels=False,
            module="relativistic",
            d_function="relativistic_d_loss",
            g_function="relativistic_g_loss",
            equilibrium={"loss/d": _LOG_2, "loss/g": _LOG_2},
        ),
    )
}
