"""What all objectives share: parts that add up, and labels that fit the logits.

Maths layer.
"""

from torch import Tensor


def with_total(parts: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return D's parts (`d_real`, `d_fake` or both) and their sum under `d`.

    Raises:
        ValueError: there is no part, since neither real nor fake logits were given.
    """
    if not parts:
        raise ValueError(
            "D's loss got None for real_logits and for fake_logits: give at least one."
        )
    first, *rest = parts.values()
    return {**parts, "d": sum(rest, start=first)}


def check_target(target: Tensor | float, logits: Tensor) -> None:
    """See to it that labels suit logits `[N, ...]`: a number in [0, 1], or one label a logit.

    A tensor's values are not looked at, since that would make a GPU wait.

    Raises:
        ValueError: a number outside [0, 1], or a tensor that would stretch the logits: labels
            `[N]` beside logits `[N, 1]` would silently compare each label with all logits.
    """
    if not isinstance(target, Tensor):
        if not 0.0 <= target <= 1.0:
            raise ValueError(f"The label is {target}: it must lie between 0 and 1.")
        return
    has_its_dimensions = target.dim() in (0, logits.dim())
    fits = zip(target.shape, logits.shape, strict=False)
    if not has_its_dimensions or any(mine not in (1, its) for mine, its in fits):
        raise ValueError(
            f"Labels {list(target.shape)} do not fit logits {list(logits.shape)}: give each "
            "picture's label as many dimensions as the logits have, such as [N, 1]."
        )
