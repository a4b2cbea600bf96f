"""Histories: bounded, true to the means, and never hiding what is not finite."""

import numpy as np
import pytest

from gan.diagnosis.history import MAX_POINTS, HistoryKeeper, history_of


def test_a_short_run_is_kept_as_it_is():
    history = history_of([(("loss/d", "loss/g"), [1, 2, 3], [[1, 4], [2, 5], [3, 6]])])
    curve = history.curve("loss/g")
    assert curve.steps.tolist() == [1, 2, 3] and curve.values.tolist() == [4, 5, 6]
    assert len(history.curve("loss/other")) == 0
    assert history.last_step == 3 and history.until(2).curve("loss/d").values.tolist() == [1, 2]


@pytest.mark.parametrize("chunk", [1, 7, 100, 10_000])
def test_a_long_run_stays_small_and_keeps_its_mean(chunk):
    rng = np.random.default_rng(0)
    values = rng.normal(size=10_000)
    keeper = HistoryKeeper()
    for i in range(0, len(values), chunk):
        part = values[i : i + chunk, None]
        keeper.add(("loss/d",), np.arange(i, i + len(part)), part)
    curve = keeper.history().curve("loss/d")
    assert MAX_POINTS / 2 <= len(curve) <= MAX_POINTS + 1
    assert (np.diff(curve.steps) > 0).all() and curve.steps[-1] == len(values) - 1
    length = 32
    whole = len(values) // length * length
    np.testing.assert_allclose(
        curve.values[: whole // length], values[:whole].reshape(-1, length).mean(1), atol=1e-9
    )


def test_what_is_not_finite_stays_so():
    values = np.ones((5_000, 1))
    values[-1] = np.inf
    history = history_of([(("grad/d_norm",), np.arange(5_000), values)])
    curve = history.curve("grad/d_norm")
    assert not curve.is_finite
    assert np.isfinite(curve.values[:-1]).all()
