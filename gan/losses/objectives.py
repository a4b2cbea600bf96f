"""The adversarial objectives that a run can choose from.

Maths layer. An objective pairs two pure functions of logits; both may look at real and fake
logits (relativistic pairing needs that), and each returns named scalar terms with its total
under `d` or `g`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from gan.errors import UnknownNameError
from gan.losses.catalog import LOSS_INFOS, LossInfo
from gan.losses.cross_entropy import (
    cross_entropy_d_loss,
    non_saturating_g_loss,
    saturating_g_loss,
)


@dataclass(frozen=True)
class Objective:
    """What D and G minimise.

    Attributes:
        d_loss: `(real_logits, fake_logits)` to terms, the total under `d`.
        g_loss: `(real_logits or None, fake_logits)` to terms, the total under `g`.
        g_needs_real: whether `g_loss` looks at the real logits.
    """

    info: LossInfo
    d_loss: Callable[[Tensor, Tensor], dict[str, Tensor]]
    g_loss: Callable[[Tensor | None, Tensor], dict[str, Tensor]]
    g_needs_real: bool = False


def get_objective(name: str) -> Objective:
    """Look an objective up by name. Raises UnknownNameError."""
    try:
        return LOSSES[name]
    except KeyError:
        raise UnknownNameError("loss", name, list(LOSSES)) from None


LOSSES: dict[str, Objective] = {
    "bce": Objective(LOSS_INFOS["bce"], cross_entropy_d_loss, non_saturating_g_loss),
    "minimax": Objective(LOSS_INFOS["minimax"], cross_entropy_d_loss, saturating_g_loss),
}
