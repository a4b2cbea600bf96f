"""What grids tell: variety and drift in the scale of real pictures, the same after resuming."""

import pytest
import torch

from gan.training.grids import GridMeter
from gan.training.records import StepDone
from gan.training.trainer import Trainer


@pytest.fixture
def real():
    stream = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (256, 1, 8, 8), dtype=torch.uint8, generator=stream)


def test_real_pictures_are_as_various_as_real_pictures(real):
    meter = GridMeter(real)
    meter.measure(real[:32], real[32:64])
    assert meter.newest["samples/diversity"] == pytest.approx(1.0, abs=0.05)
    assert meter.newest["samples/drift"] == pytest.approx(1.0, abs=0.05)


def test_twins_have_no_variety_and_a_still_generator_no_drift(real):
    meter = GridMeter(real)
    twins = real[:8].repeat(2, 1, 1, 1)
    meter.measure(twins, twins)
    assert meter.newest == {"samples/diversity": 0.0, "samples/drift": 0.0}


def test_where_there_is_nothing_to_compare_nothing_is_said(real):
    meter = GridMeter(real)
    meter.measure(real[:1], real[:1])
    assert meter.newest == {}
    meter.measure(real[:9], None)
    assert set(meter.newest) == {"samples/diversity"}
    GridMeter(real[:1].expand(20, -1, -1, -1)).measure(real[:9], real[:9])  # all alike: no scale


def test_they_stand_beside_the_numbers_also_after_resuming(tiny_config, tiny_data):
    def grid_columns(records):
        rows = [r.rows for r in records if isinstance(r, StepDone) and r.rows]
        return [
            [float(r.values[-1, r.keys.index(k)]) for k in r.keys if k.startswith("samples/")]
            for r in rows
        ]

    whole = grid_columns(Trainer(tiny_config, tiny_data).run())
    assert all(len(row) == 2 for row in whole)
    first = Trainer(tiny_config, tiny_data)
    list(first.run(7))
    second = Trainer(tiny_config, tiny_data)
    second.load_state_dict(first.state_dict())
    assert grid_columns(second.run())[-1] == whole[-1]
