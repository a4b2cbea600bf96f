"""Points of latent space on the Explore page, and those that were picked from a generator.

A point is all that a generator needs to draw one picture. Picked points are kept in the session, by
run: the same z goes through all saved steps of a run.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import streamlit as st

MAX_PICKED = 8
_PICKED = "explore_picked"


@dataclass(frozen=True, eq=False)
class Point:
    """One z and what it is called.

    Attributes:
        z: `[latent_dim]` float32, as the generator takes it.
        label: index of the class to draw; None for a generator without classes.
        name: a few words for people, such as 'A' or 'smiling'.
        origin: where it comes from, such as 'seed 3, picture 12'.
    """

    z: npt.NDArray[np.float32]
    label: int | None = None
    name: str = ""
    origin: str = ""

    def __post_init__(self) -> None:
        z = np.ascontiguousarray(self.z, dtype=np.float32).reshape(-1).copy()
        z.flags.writeable = False
        object.__setattr__(self, "z", z)

    @property
    def key(self) -> str:
        """Return eight characters that are the same for the same z and class."""
        text = self.z.astype("<f4").tobytes() + str(self.label).encode()
        return hashlib.sha256(text).hexdigest()[:8]


def picked_points(run_id: str, latent_dim: int | None = None) -> list[Point]:
    """Return what was picked from a run's generator, in order.

    Args:
        run_id: of the run.
        latent_dim: leave out points that are not this long.
    """
    points: list[Point] = _shelf().get(run_id, [])
    return [p for p in points if latent_dim is None or len(p.z) == latent_dim]


def pick_point(run_id: str, point: Point) -> bool:
    """Add a point at the end and name it A, B, … unless it has a name.

    Returns False, and adds nothing, if it is there already or there are `MAX_PICKED`.
    """
    points = picked_points(run_id)
    if len(points) >= MAX_PICKED or any(p.key == point.key for p in points):
        return False
    _shelf()[run_id] = [*points, point if point.name else replace(point, name=_free_name(points))]
    return True


def drop_point(run_id: str, key: str) -> None:
    """Take a point out again; nothing happens if it is not there."""
    _shelf()[run_id] = [p for p in picked_points(run_id) if p.key != key]


def set_picked(run_id: str, points: Sequence[Point]) -> None:
    """Replace everything that is picked, by no more than `MAX_PICKED` points."""
    _shelf()[run_id] = []
    for point in points:
        pick_point(run_id, point)


def _shelf() -> dict[str, list[Point]]:
    """Return the picked points of all runs in this session."""
    shelf: dict[str, list[Point]] = st.session_state.setdefault(_PICKED, {})
    return shelf


def _free_name(points: list[Point]) -> str:
    taken = {point.name for point in points}
    return next(name for name in "ABCDEFGHIJ" if name not in taken)
