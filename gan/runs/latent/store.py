"""Favourites and directions that people gave a name: `workspace/latent/`, one JSON file for each.

Memory layer, without torch. Both keep the numbers themselves beside how they came about, so that
they outlive the run's checkpoint, and a direction that a favourite was moved along. A file that
cannot be read is told and left alone: nothing is written over it.
"""

import json
import os
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gan.errors import ConfigError, StoreError
from gan.runs.disk import move_into_place, os_errors
from gan.runs.folder import Home
from gan.runs.latent.place import MAX_LATENT_DIM, Z

MAX_NAME = 60
_LOCK_TIMEOUT_S = 10.0

Numbers = list[float]


class Favourite(BaseModel):
    """A picture worth keeping: the point of latent space that draws it, and by which generator.

    Attributes:
        run: the run's id.
        step: of the saved state; None for the one that the run keeps.
        average: drawn by the averaged generator.
        place: as `gan.runs.latent.place` writes it, with all that was moved.
        z: the point itself.
        label: the class that was asked for.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(min_length=1, max_length=MAX_NAME)
    run: str
    step: int | None = None
    average: bool = True
    place: str
    z: Numbers = Field(min_length=1, max_length=MAX_LATENT_DIM)
    label: int | None = None


class KeptDirection(BaseModel):
    """A direction with a name, such as 'smile'.

    Attributes:
        slug: the name as addresses have it.
        run: the run whose generator it was found with.
        vector: of length 1.
        about: how it was found.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(min_length=1, max_length=MAX_NAME)
    slug: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    run: str
    vector: Numbers = Field(min_length=1, max_length=MAX_LATENT_DIM)
    about: str = ""


_Kept = TypeVar("_Kept", Favourite, KeptDirection)
_FAVOURITES = TypeAdapter(list[Favourite])
_DIRECTIONS = TypeAdapter(list[KeptDirection])


def favourites(home: Home) -> list[Favourite]:
    """Return all favourites, by name. Raises StoreError."""
    return _read(_favourites_path(home), _FAVOURITES)


def keep_favourite(home: Home, favourite: Favourite) -> None:
    """Keep a favourite; one of the same name is replaced. Raises StoreError."""

    def changed(kept: list[Favourite]) -> list[Favourite]:
        return [*(one for one in kept if one.name != favourite.name), favourite]

    _change(home, _favourites_path(home), _FAVOURITES, changed)


def drop_favourite(home: Home, name: str) -> None:
    """Forget a favourite, if there is one of this name. Raises StoreError."""
    _change(
        home,
        _favourites_path(home),
        _FAVOURITES,
        lambda kept: [one for one in kept if one.name != name],
    )


def directions(home: Home, latent_dim: int) -> list[KeptDirection]:
    """Return the kept directions of spaces of this dimension, by name. Raises StoreError."""
    kept = _read(_directions_path(home), _DIRECTIONS)
    return [one for one in kept if len(one.vector) == latent_dim]


def keep_direction(home: Home, name: str, vector: Z, *, run: str, about: str = "") -> KeptDirection:
    """Keep a direction under a name; one of the same name is replaced.

    Args:
        name: what people call it.
        vector: `[D]`, of any length but 0; kept with length 1.
        run: the run whose generator it belongs to.
        about: how it was found.

    Raises:
        ConfigError: the name is empty or too long, or the vector points nowhere.
        StoreError: it cannot be written.
    """
    name = checked_name(name)
    length = float((vector.astype("f8") ** 2).sum() ** 0.5)
    if not 1e-6 < length < float("inf"):
        raise ConfigError(
            f"The direction {name!r} has the length {length:.3g}: move a slider first, so that it "
            "points somewhere."
        )
    numbers = [float(x) for x in vector.astype("f8") / length]
    direction = KeptDirection(name=name, slug=_slug(name), run=run, vector=numbers, about=about)

    def changed(kept: list[KeptDirection]) -> list[KeptDirection]:
        return [*(one for one in kept if one.slug != direction.slug), direction]

    _change(home, _directions_path(home), _DIRECTIONS, changed)
    return direction


def drop_direction(home: Home, slug: str) -> None:
    """Forget a direction, if it is kept. Raises StoreError."""
    _change(
        home,
        _directions_path(home),
        _DIRECTIONS,
        lambda kept: [one for one in kept if one.slug != slug],
    )


def checked_name(name: str) -> str:
    """Return a name without spaces around it. Raises ConfigError if it is empty or too long."""
    name = name.strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise ConfigError(f"The name has {len(name)} letters: give it 1 to {MAX_NAME}.")
    return name


def _slug(name: str) -> str:
    """Return a name as it stands in an address; names without Latin letters get a number."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return plain[:60].strip("-") or f"d{zlib.crc32(name.encode())}"


def _favourites_path(home: Home) -> Path:
    return home.workspace_dir / "latent" / "favourites.json"


def _directions_path(home: Home) -> Path:
    return home.workspace_dir / "latent" / "directions.json"


def _read(path: Path, kind: TypeAdapter[list[_Kept]]) -> list[_Kept]:
    try:
        kept = kind.validate_json(path.read_bytes())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error}).") from error
    except ValidationError:
        raise StoreError(
            f"{path} is damaged or of another version: mend it, or move it away to begin anew."
        ) from None
    return sorted(kept, key=lambda one: one.name.casefold())


def _change(
    home: Home,
    path: Path,
    kind: TypeAdapter[list[_Kept]],
    changed: Callable[[list[_Kept]], list[_Kept]],
) -> None:
    """Write what `changed` makes of a file; a reader finds the old file or the new one."""
    home.ensure()
    with os_errors(f"{path} cannot be written"):
        path.parent.mkdir(exist_ok=True)
        try:
            with FileLock(path.with_suffix(".lock")).acquire(_LOCK_TIMEOUT_S):
                kept = changed(_read(path, kind))
                partial = path.with_name(f".{path.name}.{os.getpid()}")
                plain = [one.model_dump() for one in kept]
                partial.write_text(json.dumps(plain, ensure_ascii=False), encoding="utf-8")
                move_into_place(partial, path)
        except Timeout:
            raise StoreError(f"Another process has held {path} for long.") from None
