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
from gan.losses.critic import critic_g_loss, hinge_d_loss, wasserstein_d_loss
from gan.losses.cross_entropy import (
    cross_entropy_d_loss,
    non_saturating_g_loss,
    saturating_g_loss,
)
from gan.losses.least_squares import least_squares_d_loss, least_squares_g_loss
from gan.losses.relativistic import relativistic_d_loss, relativistic_g_loss


@dataclass(frozen=True)
class Objective:
    """What D and G minimise.

    Attributes:
        d_loss: `(real_logits, fake_logits)` to `d_real`, `d_fake` and their sum `d`. One side may
            be None, where D learns from real and from fake pictures in separate updates; then
            only the other's part is there, and `d` is that part. Relativistic pairing needs both
            sides and has no parts. If `info.has_labels`, the keywords `real_target` and
            `fake_target` (numbers, or tensors that fit the logits, in [0, 1]) soften or flip the
            labels 1 and 0.
        g_loss: `(real_logits or None, fake_logits)` to terms, the total under `g`.
        g_needs_real: whether `g_loss` looks at the real logits.
    """

    info: LossInfo
    d_loss: Callable[..., dict[str, Tensor]]
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
    "lsgan": Objective(LOSS_INFOS["lsgan"], least_squares_d_loss, least_squares_g_loss),
    "wasserstein": Objective(LOSS_INFOS["wasserstein"], wasserstein_d_loss, critic_g_loss),
    "hinge": Objective(LOSS_INFOS["hinge"], hinge_d_loss, critic_g_loss),
    "relativistic": Objective(
        LOSS_INFOS["relativistic"], relativistic_d_loss, relativistic_g_loss, g_needs_real=True
    ),
}
