"""What each objective is: formula, source, equilibrium, and the very code that computes it.

Maths layer, but free of torch, so that a page can explain a loss without loading it.
`gan.losses.objectives` has the functions themselves.
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
        output: what sigmoid(D's logit) means: a `probability` that the image is real, or
            nothing (`score`: a raw critic value).
        equilibrium: the value of each metric at the theoretical optimum, where one is known.
        module, d_function, g_function: where the code stands.
    """

    name: str
    title: str
    summary: str
    d_formula: str
    g_formula: str
    source: str
    output: str
    module: str
    d_function: str
    g_function: str
    equilibrium: dict[str, float] = field(default_factory=dict)

    def code(self) -> str:
        """Return the source text of the two functions as they stand in the file."""
        text = (_HERE / f"{self.module}.py").read_text(encoding="utf-8")
        wanted = (self.d_function, self.g_function)
        parts = [
            ast.get_source_segment(text, node)
            for node in ast.parse(text).body
            if isinstance(node, ast.FunctionDef) and node.name in wanted
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
            d_formula=_D_CROSS_ENTROPY,
            g_formula=r"L_G = -\log D(G(z))",
            source="Goodfellow et al., Generative Adversarial Nets, 2014, section 3",
            output="probability",
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
            d_formula=_D_CROSS_ENTROPY,
            g_formula=r"L_G = \log\,(1 - D(G(z)))",
            source="Goodfellow et al., Generative Adversarial Nets, 2014, equation 1",
            output="probability",
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
    )
}
