"""Stacked digits: three digits as the red, green and blue plane of one picture, a thousand classes.

Maths layer: numpy, no torch. Each digit of a set is used three times, once in each plane, in three
random orders that depend on the number of digits alone. The classes are the numbers that the
digits spell, red first, from 000 to 999: the classic data for counting the modes that a generator
leaves out.

Source: Metz, Poole, Pfau, Sohl-Dickstein, Unrolled generative adversarial networks, 2017,
section 3.3.1; Srivastava et al., VEEGAN, 2017, section 4.
"""

import numpy as np
import numpy.typing as npt

N_PLANES = 3
STACK_VERSION = "stacked 1"
"""Changes when the same digits are stacked in another way."""

_SEED = 0


def stack_digits(
    images: npt.NDArray[np.uint8], labels: npt.NDArray[np.int64] | None
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64] | None]:
    """Stack grey digits at random, the same ones for the same number of digits.

    Args:
        images: `[N, 1, H, W]` uint8.
        labels: `[N]`, 0 to 9; None if they are not known.

    Returns:
        images `[N, 3, H, W]` uint8 and their labels `[N]` int64, 0 to 999.
    """
    rng = np.random.default_rng([_SEED, len(images)])
    orders = [rng.permutation(len(images)) for _ in range(N_PLANES)]
    stacks = np.concatenate([images[order] for order in orders], axis=1)
    if labels is None:
        return stacks, None
    red, green, blue = (labels[order].astype(np.int64) for order in orders)
    return stacks, 100 * red + 10 * green + blue
