"""Separate random streams, all derived from one seed.

Motion layer. One stream for each purpose, so that drawing more samples or another augmentation
never shifts the numbers that training sees. The data order needs no stream: it follows from seed
and place alone (`gan.data.order`).
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

_SUFFIX = "suffix"
"""Stands in a state beside the purposes: what seeds the streams that are not begun yet."""


def derived_seed(seed: int, purpose: str) -> int:
    """Return a 63-bit seed for one purpose of a run; purposes do not correlate."""
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def make_stream(seed: int, purpose: str, device: torch.device) -> torch.Generator:
    """Return a generator on `device`, seeded for one purpose."""
    return torch.Generator(device).manual_seed(derived_seed(seed, purpose))


class Streams:
    """The random streams of a run, by purpose; each begins when it is first asked for."""

    def __init__(self, seed: int, device: torch.device) -> None:
        self._seed = seed
        self._device = device
        self._suffix = ""
        self._made: dict[str, torch.Generator] = {}

    def __getitem__(self, purpose: str) -> torch.Generator:
        if purpose not in self._made:
            self._made[purpose] = make_stream(self._seed, purpose + self._suffix, self._device)
        return self._made[purpose]

    def state_dict(self) -> dict[str, Any]:
        """Return where each stream is, and what the others will begin from."""
        places = {purpose: stream.get_state() for purpose, stream in self._made.items()}
        return places | {_SUFFIX: self._suffix}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned, on the same kind of device.

        A stream object that somebody holds stays the same object.
        """
        places = dict(state)
        self._suffix = places.pop(_SUFFIX, "")  # absent in states of version 1
        self._begin_anew()
        for purpose, where in places.items():
            self[purpose].set_state(where.cpu())

    def start_afresh(self, place: str) -> None:
        """Begin all streams anew, from the seed and a place in the run: for another device."""
        self._suffix = f"/{place}/{self._device.type}"
        self._begin_anew()

    def _begin_anew(self) -> None:
        for purpose, stream in self._made.items():
            stream.manual_seed(derived_seed(self._seed, purpose + self._suffix))


@contextmanager
def seeded_init(seed: int) -> Iterator[None]:
    """Make the weights built inside follow from `seed`, leaving the global stream as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "init"))
        yield
