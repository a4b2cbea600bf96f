"""Learning-rate schedules, at the points where they are known."""

import pytest

from gan.config import TrainConfig
from gan.training.schedule import changes_rates, rate_factor


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {0: 1.0, 50: 1.0, 100: 1.0}),
        ({"lr_schedule": "linear"}, {0: 1.0, 50: 0.5, 100: 0.0}),
        ({"lr_schedule": "linear", "lr_final": 0.2}, {0: 1.0, 50: 0.6, 100: 0.2, 500: 0.2}),
        ({"lr_schedule": "cosine"}, {0: 1.0, 50: 0.5, 25: 0.853553, 100: 0.0}),
        ({"lr_warmup_steps": 4}, {0: 0.2, 1: 0.4, 3: 0.8, 4: 1.0, 99: 1.0}),
        ({"lr_warmup_steps": 20, "lr_schedule": "linear"}, {19: 20 / 21, 20: 1.0, 60: 0.5}),
    ],
)
def test_factor(settings, expected):
    train = TrainConfig(**settings)
    for step, factor in expected.items():
        assert rate_factor(train, step, 101) == pytest.approx(factor, abs=1e-6)
    assert changes_rates(train) == bool(settings)


def test_a_run_of_one_step_has_its_full_rate():
    assert rate_factor(TrainConfig(lr_schedule="linear"), 0, 1) == 1.0
