"""Every measure refuses what it cannot measure, in one sentence, and never alters its input."""

import numpy as np
import pytest

from gan.errors import GanError
from gan.metrics.checks import MetricError, check_features
from gan.metrics.diversity import effective_samples, measure_diversity
from gan.metrics.frechet import frechet_distance
from gan.metrics.kernel import kernel_distance
from gan.metrics.manifold import manifold_measures
from gan.metrics.memorising import measure_memorising
from gan.metrics.moments import measure_moments
from gan.metrics.neighbours import nearest_distances, nearest_neighbours
from gan.metrics.plane import fit_plane

PAIRS = {
    "frechet": frechet_distance,
    "kernel": kernel_distance,
    "manifold": manifold_measures,
    "nearest_distances": nearest_distances,
    "memorising": lambda real, fake: measure_memorising(fake, real, real),
    "memorising held-out": lambda real, fake: measure_memorising(real, real, fake),
}
SINGLES = {
    "moments": measure_moments,
    "neighbours": lambda x: nearest_neighbours(x, 1),
    "diversity": measure_diversity,
    "effective": effective_samples,
    "plane": fit_plane,
    "project": lambda x: fit_plane(np.eye(4)).project(x),
}
BAD = {
    "NaN": lambda x: np.where(np.arange(len(x))[:, None] == 7, np.nan, x),
    "infinity": lambda x: np.where(np.arange(len(x))[:, None] == 7, np.inf, x),
    "integers": lambda x: x.astype(np.int32),
    "half precision": lambda x: x.astype(np.float16),
    "images": lambda x: x.reshape(len(x), 4, -1),
    "nothing": lambda x: x[:0],
    "no features": lambda x: x[:, :0],
}


def one_sentence(caught):
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 250
    return text


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("side", [0, 1])
def test_pairs_refuse(name, bad, side, real, fake):
    sets = [real, fake]
    sets[side] = BAD[bad](sets[side])
    with pytest.raises(MetricError) as caught:
        PAIRS[name](*sets)
    one_sentence(caught)


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", SINGLES)
def test_singles_refuse(name, bad, real):
    with pytest.raises(MetricError) as caught:
        SINGLES[name](BAD[bad](real))
    one_sentence(caught)


@pytest.mark.parametrize("name", PAIRS)
def test_pairs_refuse_other_features(name, real, fake):
    with pytest.raises(MetricError, match="same network"):
        PAIRS[name](real, fake[:, :5])


@pytest.mark.parametrize("name", ["frechet", "kernel", "manifold"])
def test_one_sample_is_too_few(name, real, fake):
    with pytest.raises(MetricError) as caught:
        PAIRS[name](real, fake[:1])
    one_sentence(caught)


@pytest.mark.parametrize("name", ["moments", "neighbours", "diversity", "plane"])
def test_one_sample_alone_is_too_few(name, real):
    with pytest.raises(MetricError) as caught:
        SINGLES[name](real[:1])
    one_sentence(caught)


@pytest.mark.parametrize("name", [*PAIRS, *SINGLES])
def test_inputs_stay_as_they_are(name, real, fake):
    sets = [real[:, :4].copy(), fake[:, :4].copy()]
    before = [x.copy() for x in sets]
    for x in sets:
        x.flags.writeable = False
    PAIRS[name](*sets) if name in PAIRS else SINGLES[name](sets[0])
    assert all(np.array_equal(a, b) for a, b in zip(sets, before, strict=True))


@pytest.mark.parametrize("name", [*PAIRS, *SINGLES])
@pytest.mark.parametrize("size", [1e18, 1e30, 1e307, 1e-30, 1e-160])
def test_extreme_sizes_give_a_number_or_a_sentence(name, size, real, fake):
    sets = [x[:60, :4].astype(np.float64) * size for x in (real, fake)]
    if size > 1e20:
        with pytest.raises(MetricError, match="diverged"):
            PAIRS[name](*sets) if name in PAIRS else SINGLES[name](sets[0])
        return
    result = PAIRS[name](*sets) if name in PAIRS else SINGLES[name](sets[0])
    values = getattr(result, "value", result)
    if isinstance(values, (float, np.ndarray)):
        assert np.isfinite(values).all()


def test_message_counts_and_points():
    features = np.zeros((5, 2), dtype=np.float32)
    features[[2, 4], 1] = np.nan
    with pytest.raises(MetricError, match=r"2 of 5 real samples .* first sample 2"):
        check_features(features, "real")


def test_error_is_ours_and_a_value_error():
    assert issubclass(MetricError, GanError)
    assert issubclass(MetricError, ValueError)
