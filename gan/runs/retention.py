"""Which checkpoints of a run to keep: dense where it is recent, ever sparser where it is old.

Memory layer; a pure function of numbers. The answer depends on the checkpoints' ordinals (how many
the run had saved before), never on their place among the survivors: thinning after each save
therefore keeps the same set as thinning once at the end.
"""

from collections.abc import Sequence

from gan.errors import ConfigError


def checkpoints_to_drop(
    ordinals: Sequence[int], *, keep_last: int, keep_every: int, keep_at_most: int
) -> set[int]:
    """Return the ordinals of the checkpoints that are not kept.

    The first stays, and so do the `keep_last` newest. Of those between, the multiples of
    `keep_every` stay, and while these would be more than `keep_at_most`, `keep_every` doubles.

    Args:
        ordinals: of the checkpoints that still exist, ascending.
        keep_last: at least 1.
        keep_every: 0 keeps none of those between.
        keep_at_most: how many of those between may stay.

    Raises:
        ConfigError: a number is out of its range.
    """
    if keep_last < 1 or keep_every < 0 or keep_at_most < 0:
        raise ConfigError(
            f"Cannot keep the last {keep_last}, every {keep_every}th and at most {keep_at_most} "
            "checkpoints: the first number must be at least 1, the others at least 0."
        )
    between = ordinals[1:-keep_last]
    if not between or keep_every == 0:
        return set(between)
    first, newest = ordinals[0], between[-1]
    every = keep_every
    # Counted in the whole history, not among the survivors: doubling must never be taken back.
    while newest // every - first // every > keep_at_most:
        every *= 2
    return {ordinal for ordinal in between if ordinal % every != 0}
