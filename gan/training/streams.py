"""Separate random streams, all derived from one seed.

Motion layer. One stream for each purpose, so that drawing more samples or another augmentation
never shifts the numbers that training sees. The data order needs no stream: it follows from seed
and epoch alone (`gan.data.order`).
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch


def derived_seed(seed: int, purpose: str) -> int:
    """Return a 63-bit seed for one purpose of a run; purposes do not correlate."""
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def make_stream(seed: int, purpose: str, device: torch.device) -> torch.Generator:
    """Return a generator on `device`, seeded for one purpose."""
    return torch.Generator(device).manual_seed(derived_seed(seed, purpose))


@contextmanager
def seeded_init(seed: int) -> Iterator[None]:
    """Make the weights built inside follow from `seed`, leaving the global stream as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(derived_seed(seed, "init"))
        yield
