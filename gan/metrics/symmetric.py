"""Eigenvalues of symmetric matrices, and nothing less safe.

Maths layer. LAPACK's many small steps wait for each other: on two threads beside another busy
program one 512 × 512 matrix was seen to take 2.6 s instead of 0.02 s. So they run on one thread,
which costs nothing at these sizes.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from gan.metrics.checks import Float64s

_LOCK = threading.Lock()  # the limit is one for the process: two threads must not restore it twice


def eigenvalues(matrix: Float64s) -> Float64s:
    """Return the eigenvalues of a symmetric, finite matrix `[F, F]`, ascending."""
    with one_thread():
        values = np.linalg.eigvalsh(matrix)
    return np.asarray(values, dtype=np.float64)


def eigenvectors(matrix: Float64s) -> tuple[Float64s, Float64s]:
    """Return eigenvalues `[F]`, ascending, and their vectors as columns `[F, F]`."""
    with one_thread():
        values, vectors = np.linalg.eigh(matrix)
    return values, vectors


def square_root(matrix: Float64s) -> Float64s:
    """Return the symmetric root of a covariance `[F, F]`; values below 0 by rounding count as 0."""
    values, vectors = eigenvectors(matrix)
    root: Float64s = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    return root


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep numpy's linear algebra to one thread inside the block; torch keeps its own."""
    with _LOCK, ThreadpoolController().select(internal_api="openblas").limit(limits=1):
        yield
