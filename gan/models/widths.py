"""How many blocks a picture's size allows, and which widths suit it.

Maths layer, free of torch. A convolutional generator doubles its map once a block, a
discriminator halves it, so that the number of widths and the picture's size must agree.
"""

from collections.abc import Sequence

from gan.config import ModelConfig
from gan.errors import ConfigError, UnknownNameError

Widths = tuple[int, ...]

_MLP = (128, 256, 512, 1024), (512, 256)
_SMALLEST_BASE = 4  # the map that a generator starts from, where the widths are chosen for it
# Channels of the block nearest to the picture, and from how many blocks on half of them do.
_NARROWEST = {"dcgan": (64, 5), "upsample": (64, 4), "resnet": (32, 5)}


def fitting_widths(name: str, size_px: int) -> tuple[Widths, Widths]:
    """Return widths of (generator, discriminator) that suit an architecture and a picture size.

    For convolutional networks as many blocks as leave a base map of at least 4×4, each with half
    as many channels as the map before it, which is twice as high and wide.

    Raises:
        ConfigError: such pictures cannot be halved even once.
        UnknownNameError: no such architecture.
    """
    if name == "mlp":
        return _MLP
    if name not in _NARROWEST:
        raise UnknownNameError("architecture", name, ["mlp", *_NARROWEST])
    sizes = _halvings(size_px, smallest=_SMALLEST_BASE)
    if len(sizes) == 1:  # a tiny picture: any base is better than none
        sizes = _halvings(size_px)
    n = len(sizes) - 1
    if n == 0:
        raise ConfigError(_cannot_halve(name, size_px))
    narrowest, many = _NARROWEST[name]
    if n >= many:
        narrowest //= 2
    rising = tuple(narrowest * 2**i for i in range(n))
    return rising[::-1], rising


def check_widths(
    model: ModelConfig, g_widths: Sequence[int], d_widths: Sequence[int], size_px: int
) -> None:
    """Check that a picture can be doubled and halved as often as there are widths.

    Raises:
        ConfigError: names the field, its value, the rule and fitting widths.
    """
    if model.name == "mlp":
        return
    exact = _halvings(size_px)
    if len(exact) == 1:
        raise ConfigError(_cannot_halve(model.name, size_px))
    suggested_g, suggested_d = fitting_widths(model.name, size_px)
    _check_blocks("model.g_widths", len(g_widths), exact, suggested_g)
    maps = {"resnet": exact, "dcgan": _floor(size_px), "upsample": _ceiling(size_px)}[model.name]
    _check_blocks("model.d_widths", len(d_widths), maps, suggested_d)
    if model.name == "dcgan" and model.d_head == "map" and maps[len(d_widths)] < 4:
        last = maps[len(d_widths)]
        n_most = sum(size >= 4 for size in maps) - 1
        raise ConfigError(
            f"model.d_head is map, whose 4×4 windows do not fit on the {last}×{last} map that "
            f"{_blocks(len(d_widths))} of model.d_widths leave{'s' * (len(d_widths) == 1)} of a "
            f"{size_px} px picture: give at most {_widths(n_most, suggested_d)}, or make "
            "model.d_head single."
        )


def _check_blocks(field: str, n: int, maps: Sequence[int], suggested: Widths) -> None:
    """Compare a number of blocks with the sizes that the picture's map can have."""
    n_most = len(maps) - 1
    if n > n_most:
        raise ConfigError(
            f"{field} has {_blocks(n)}, and a {maps[0]} px picture can be halved only "
            f"{_times(n_most)} ({', '.join(map(str, reversed(maps)))}): give at most "
            f"{_widths(n_most, suggested)}, or leave it empty."
        )


def _halvings(size_px: int, *, smallest: int = 1) -> list[int]:
    """Return the sizes from the picture down, each exactly half of the one before."""
    sizes = [size_px]
    while sizes[-1] % 2 == 0 and sizes[-1] // 2 >= smallest:
        sizes.append(sizes[-1] // 2)
    return sizes


def _floor(size_px: int) -> list[int]:
    """Return the map sizes behind convolutions 4×4, stride 2, padding 1, which round down."""
    sizes = [size_px]
    while sizes[-1] // 2 >= 1:
        sizes.append(sizes[-1] // 2)
    return sizes


def _ceiling(size_px: int) -> list[int]:
    """Return the map sizes behind strided 'same' convolutions, which round up."""
    sizes = [size_px]
    while sizes[-1] > 1:
        sizes.append(-(-sizes[-1] // 2))
    return sizes


def _cannot_halve(name: str, size_px: int) -> str:
    near = sorted({max(8, size_px // 8 * 8), max(8, -(-size_px // 8) * 8)})
    return (
        f"model.name is {name}, whose generator doubles its map, and a {size_px} px picture "
        f"cannot be halved: set data.size_px to {' or '.join(map(str, near))}, or model.name to "
        "mlp."
    )


def _blocks(n: int) -> str:
    return f"{n} block" if n == 1 else f"{n} blocks"


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")


def _widths(n: int, suggested: Widths) -> str:
    example = ",".join(map(str, suggested[-n:] if suggested[0] > suggested[-1] else suggested[:n]))
    return f"{n} width{'s' * (n > 1)} such as {example}"
