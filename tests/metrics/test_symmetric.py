"""Eigenvalues on one thread, and the threads given back."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import ThreadpoolController

from gan.metrics.symmetric import eigenvalues, eigenvectors, square_root


def threads():
    pools = ThreadpoolController().select(internal_api="openblas").info()
    return [pool["num_threads"] for pool in pools]


def test_by_hand():
    matrix = np.array([[2.0, 1.0], [1.0, 2.0]])
    np.testing.assert_allclose(eigenvalues(matrix), [1, 3])
    values, vectors = eigenvectors(matrix)
    np.testing.assert_allclose(matrix @ vectors, vectors * values)
    root = square_root(matrix)
    np.testing.assert_allclose(root @ root, matrix)
    np.testing.assert_array_equal(square_root(np.zeros((3, 3))), np.zeros((3, 3)))


def test_threads_come_back_after_many_at_once():
    before = threads()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: eigenvalues(np.eye(40) * i), range(40)))
    assert threads() == before
