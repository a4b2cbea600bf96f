"""Feature sets that the metrics' tests share."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def real():
    """Correlated features with a mean, like a classifier's: `[400, 16]`, float32."""
    return _cloud(seed=1, n=400)


@pytest.fixture(scope="session")
def fake():
    """The same, a little shifted and flattened."""
    return _cloud(seed=2, n=300) * np.float32(0.9) + np.float32(0.2)


def _cloud(seed, n):
    mixing = np.random.default_rng(0).normal(size=(16, 16)) / 4
    rng = np.random.default_rng(seed)
    return np.maximum(rng.normal(size=(n, 16)) @ mixing + 0.5, 0).astype(np.float32)
