"""Where in a generator's latent space one is, and the short text that says so in a page's address.

Memory layer, without torch: functions of values and arrays. A place says how its z came about (a
seed, a tile of the run's own wall, or the numbers themselves) and what was moved since, so that a
link reopens not only the picture but also the sliders.

The text, `1~s7.12~c3~t80~mpca.0.150~z17.-40`, is the version and then parts in this order:

- `s<seed>.<index>`, `g<index>` or `x<numbers>`: drawn from a seed, a tile of the run's wall, or the
  numbers themselves, little-endian float32 in URL-safe base64;
- `c<class>`: the class that is asked for;
- `t<percent>`: truncation, left out at 100;
- `m<kind>.<which>.<hundredths>`: a move along a direction, in hundredths of z's standard deviation;
- `z<coordinate>.<hundredths>`: what a coordinate was set to.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from gan.errors import ConfigError
from gan.latent.points import truncate

Z = npt.NDArray[np.float32]

VERSION = "1"
MAX_LATENT_DIM = 4096
MAX_AMOUNT = 2000  # hundredths of a standard deviation
_MAX_TEXT = 60_000
_NUMBER = r"(0|-?[1-9][0-9]{0,18})"
_MOVE = re.compile(rf"m([a-z]+)\.([a-z0-9-]{{1,60}})\.{_NUMBER}")
_COORDINATE = re.compile(rf"z{_NUMBER}\.{_NUMBER}")


@dataclass(frozen=True)
class Seeded:
    """The z that `python -m gan sample` draws as its picture number `index` from a seed."""

    seed: int
    index: int


@dataclass(frozen=True)
class Tile:
    """The z of one tile of the run's own sample wall."""

    index: int


@dataclass(frozen=True)
class Given:
    """A z that came about in some other way: its numbers, little-endian float32."""

    numbers: bytes

    @classmethod
    def of(cls, z: Z) -> "Given":
        """Return the base that is this z `[D]`."""
        return cls(np.ascontiguousarray(z, "<f4").tobytes())

    @property
    def z(self) -> Z:
        return np.frombuffer(self.numbers, "<f4").astype(np.float32)


Base = Seeded | Tile | Given


@dataclass(frozen=True)
class Place:
    """A point of latent space, and how one came there.

    Attributes:
        base: where the way begins.
        label: the class that is asked for; None for a generator without classes.
        truncation: percent of z that is kept before anything is moved; 100 is all of it.
        moves: hundredths of a standard deviation by direction, a pair (kind, which).
        coordinates: what single coordinates of z were set to, in hundredths.
    """

    base: Base
    label: int | None = None
    truncation: int = 100
    moves: tuple[tuple[tuple[str, str], int], ...] = ()
    coordinates: tuple[tuple[int, int], ...] = ()

    @property
    def is_moved(self) -> bool:
        """Whether the picture is another than that of the base."""
        return bool(self.moves or self.coordinates) or self.truncation != 100

    def with_move(self, direction: tuple[str, str], amount: int) -> "Place":
        """Return this place moved so far along a direction, instead of as far as before."""
        moves = dict(self.moves) | {direction: amount}
        return replace(self, moves=tuple((d, a) for d, a in moves.items() if a))

    def with_coordinate(self, i: int, value: int | None) -> "Place":
        """Return this place with one coordinate set; None leaves it as the base has it."""
        coordinates = dict(self.coordinates)
        coordinates.pop(i, None)
        if value is not None:
            coordinates[i] = value
        return replace(self, coordinates=tuple(sorted(coordinates.items())))

    def unmoved(self) -> "Place":
        """Return where this place began, with the same class."""
        return Place(self.base, self.label)


def z_at(place: Place, base_z: Z, direction: Callable[[tuple[str, str]], Z]) -> Z:
    """Return the z of a place, `[D]` float32.

    Args:
        place: where.
        base_z: `[D]`, the z of its base.
        direction: gives the unit vector `[D]` of a direction.

    Raises:
        ConfigError: a coordinate or a direction is not one of this space.
    """
    z = truncate(base_z.astype(np.float32), place.truncation / 100)
    for i, value in place.coordinates:
        if i >= len(z):
            raise ConfigError(
                f"There is no coordinate {i} of z: this generator has {len(z)}, from 0."
            )
        z[i] = value / 100
    for which, amount in place.moves:
        vector = direction(which)
        if vector.shape != z.shape:
            raise ConfigError(
                f"The direction {which[1]!r} has {len(vector)} numbers and z has {len(z)}: it "
                "belongs to another generator."
            )
        z = z + np.float32(amount / 100) * vector.astype(np.float32)
    return z


# ---- the text in the address ------------------------------------------------------------------


def encode(place: Place) -> str:
    """Return the text of a place; it needs no escaping in an address."""
    parts = [VERSION, _encode_base(place.base)]
    if place.label is not None:
        parts.append(f"c{place.label}")
    if place.truncation != 100:
        parts.append(f"t{place.truncation}")
    parts += [f"m{kind}.{which}.{amount}" for (kind, which), amount in place.moves]
    parts += [f"z{i}.{value}" for i, value in place.coordinates]
    return "~".join(parts)


def decode(text: str) -> Place:
    """Return the place that a text names.

    Raises:
        ConfigError: the text is of another version, or not one of ours.
    """
    version, *parts = text[:_MAX_TEXT].split("~")
    if version != VERSION or not parts:
        raise ConfigError(
            f"The place {_shortened(text)!r} is not one that this program writes (it would begin "
            f"with {VERSION}~): pick a picture anew."
        )
    try:
        place = Place(_decode_base(parts[0]))
        for part in parts[1:]:
            place = _with_part(place, part)
    except (ValueError, binascii.Error):
        raise ConfigError(
            f"The place {_shortened(text)!r} in the address is damaged: pick a picture anew."
        ) from None
    return place


def _encode_base(base: Base) -> str:
    if isinstance(base, Seeded):
        return f"s{base.seed}.{base.index}"
    if isinstance(base, Tile):
        return f"g{base.index}"
    return "x" + base64.urlsafe_b64encode(base.numbers).decode().rstrip("=")


def _decode_base(part: str) -> Base:
    kind, rest = part[:1], part[1:]
    if kind == "s":
        seed, index = rest.split(".")
        return Seeded(_whole(seed, 2**63 - 1), _whole(index, 10_000))
    if kind == "g":
        return Tile(_whole(rest, 10_000))
    if kind != "x":
        raise ValueError(part)
    numbers = base64.b64decode(rest + "=" * (-len(rest) % 4), altchars=b"-_", validate=True)
    base = Given(numbers)
    if not 4 <= len(numbers) <= 4 * MAX_LATENT_DIM or not np.isfinite(base.z).all():
        raise ValueError(part)
    return base


def _with_part(place: Place, part: str) -> Place:
    if part[:1] == "c":
        return replace(place, label=_whole(part[1:], 10_000))
    if part[:1] == "t":
        return replace(place, truncation=_whole(part[1:], 100))
    if move := _MOVE.fullmatch(part):
        return place.with_move((move[1], move[2]), _amount(move[3]))
    if coordinate := _COORDINATE.fullmatch(part):
        i = _whole(coordinate[1], MAX_LATENT_DIM - 1)
        return place.with_coordinate(i, _amount(coordinate[2]))
    raise ValueError(part)


def _whole(text: str, at_most: int) -> int:
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text) or int(text) > at_most:
        raise ValueError(text)
    return int(text)


def _amount(text: str) -> int:
    if abs(int(text)) > MAX_AMOUNT:
        raise ValueError(text)
    return int(text)


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}…"
