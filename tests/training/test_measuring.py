"""A measurement by a clock of its own: what counts, and that it always ends."""

import pytest

from gan.config import DataConfig, RunConfig
from gan.data.facts import describe
from gan.errors import ConfigError
from gan.training.measuring import (
    MEASURE_S,
    MIN_STEPS,
    WARM_UP_STEPS,
    measure_speed,
    stand_in,
    steps_per_epoch,
)

TINY = RunConfig().with_changes(
    {
        "model.g_widths": [4],
        "model.d_widths": [4],
        "train.batch_size": 4,
        "train.device": "cpu",
        "train.n_steps": 1,
        "output.max_steps_per_s": 0.01,
    }
)


class Clock:
    """Goes on by the same time whenever it is read."""

    def __init__(self, tick_s: float) -> None:
        self.tick_s = tick_s
        self.now = 0.0

    def __call__(self) -> float:
        self.now += self.tick_s
        return self.now


@pytest.mark.parametrize("tick_s", [0.02, 10.0])
def test_it_measures_for_a_while_or_a_few_slow_steps(tick_s: float) -> None:
    data = stand_in(describe(DataConfig(dataset="drawn-digits")), 4)
    speed = measure_speed(TINY, data, clock=Clock(tick_s))
    assert speed.n_measured >= MIN_STEPS
    assert speed.steps_per_s > 0
    span_s = speed.n_measured / speed.steps_per_s
    assert MEASURE_S <= span_s <= MEASURE_S + 4 * tick_s
    assert WARM_UP_STEPS >= 1


def test_noise_has_the_shape_of_the_data_set() -> None:
    faces = DataConfig(dataset="drawn-faces", size_px=16)
    data = stand_in(describe(faces), 4000)
    assert data.images.shape == (8000, 3, 16, 16)
    assert data.labels is not None and set(data.labels.tolist()) == {0, 1, 2, 3}
    assert data.images.float().std() > 50


def test_steps_of_an_epoch() -> None:
    config = TINY.with_changes({"train.d_steps": 2})
    assert steps_per_epoch(config, 10) == 1.5
    assert steps_per_epoch(config.with_changes({"train.drop_last": True}), 10) == 1.0
    with pytest.raises(ConfigError):
        steps_per_epoch(config, 9)
