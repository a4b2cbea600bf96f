"""What a comparison would cost, and how its runs share the cores."""

import pytest
from comparison_cases import tiny_design
from tiny_runs import set_runs_at_once, tiny

from gan.comparing.design import Budget
from gan.comparing.presets import PRESETS
from gan.runs import comparisons, probe
from gan.runs.checking import check_run
from gan.runs.checkpoints import save_checkpoint
from gan.runs.comparisons.company import (
    Company,
    choose,
    company_key,
    first_config,
    read_rates,
    thread_counts,
)
from gan.runs.comparisons.cost import MOMENTS, state_bytes
from gan.runs.cores import count_cores
from gan.runs.probe import DeviceRow, ProbeState, record_devices, record_speed


@pytest.fixture
def known(home):
    """A home that knows that it has no graphics card."""
    record_devices(home, [DeviceRow("cpu", "CPU")])
    return home


def design(n_seeds=3, **more):
    return tiny_design(seeds=tuple(range(n_seeds)), **more)


def test_thread_counts_halve_down_to_one_or_to_what_memory_holds():
    assert thread_counts(1, 100) == [1]
    assert thread_counts(2, 100) == [2, 1]
    assert thread_counts(6, 100) == [6, 3, 2, 1]
    assert thread_counts(64, 4) == [64, 32, 16]


def test_runs_share_the_cores_in_the_way_that_finishes_first(known):
    fast_alone = {4: 100.0, 2: 45.0, 1: 20.0}
    assert choose(known, design(), n_cores=4, rates=fast_alone) == Company(1, 4, 100.0)
    beside = {4: 100.0, 2: 90.0, 1: 70.0}
    assert choose(known, design(), n_cores=4, rates=beside) == Company(4, 1, 70.0)
    # Of five runs the fifth would train alone with one thread of four: two rounds, not three.
    rates = {4: 100.0, 2: 90.0, 1: 50.0}
    six = tiny_design(seeds=(0, 1), rates=(1e-3, 2e-3, 3e-3))
    assert choose(known, six, n_cores=4, rates=rates) == Company(2, 2, 90.0)
    assert choose(known, design(), n_cores=2, rates={}) == Company(2, 1)
    set_runs_at_once(known, 1)
    assert choose(known, design(), n_cores=4, rates=beside) == Company(1, 4, 100.0)


def test_equal_time_is_spent_alone_with_all_cores(known, home):
    timed = design().model_copy(update={"budget": Budget(kind="seconds", amount=5)})
    assert choose(known, timed, n_cores=4, rates={4: 9.0, 1: 9.0}) == Company(1, 4, 9.0)
    cost = comparisons.estimate(home, timed)
    assert (cost.n_at_once, cost.n_threads, cost.state) == (1, count_cores(), ProbeState.READY)
    assert cost.seconds > 6 * 5


def test_a_graphics_card_or_an_unknown_device_trains_one_run_at_a_time(home):
    free = design().base | {"train": design().base["train"] | {"device": "auto"}}
    anywhere = design().model_copy(update={"base": free})
    assert choose(home, anywhere, n_cores=4, rates={}).n_at_once == 1
    record_devices(home, [DeviceRow("cuda:0", "A card"), DeviceRow("cpu", "CPU")])
    assert choose(home, anywhere, n_cores=4, rates={}).n_at_once == 1


def test_an_estimate_follows_what_was_measured(known, monkeypatch):
    asked = []
    monkeypatch.setattr(probe, "spawn", lambda command, *_args, **_options: asked.append(command))
    small = design()
    assert comparisons.estimate(known, small).state is ProbeState.RUNNING
    assert comparisons.estimate(known, small).seconds is None
    assert asked[0][-4:] == ["--device", "cpu", "--side-by-side", "--json"]
    config = first_config(small)
    for n_threads in thread_counts(count_cores(), 64):
        key = company_key(config, n_threads)
        record_speed(known, key, steps_per_s=10.0, steps_per_epoch=1.0, source="measured")
    assert set(read_rates(known, config).values()) == {10.0}
    cost = comparisons.estimate(known, small)
    assert cost.state is ProbeState.READY
    assert cost.n_runs == 6
    longer = comparisons.estimate(known, design(n_steps=240))
    n_rounds = -(-6 // cost.n_at_once)
    assert longer.seconds - cost.seconds == pytest.approx(n_rounds * (240 - 24) / 10.0, rel=0.01)
    assert longer.disk_bytes > cost.disk_bytes
    looking = comparisons.estimate(known, small.model_copy(update={"quality_every": 1}))
    assert looking.seconds > cost.seconds + 10


@pytest.mark.parametrize("name", MOMENTS)
def test_a_checkpoint_is_about_as_large_as_was_said(known, tmp_path, name):
    from gan.data.dataset import load_data
    from gan.training.trainer import Trainer

    config = tiny(**{
        "g_opt__name": name, "d_opt__name": name, "model__g_widths": [128], "model__d_widths": [128]
    })  # fmt: skip
    data = load_data(config.data, download_folder=known.workspace_dir)
    trainer = Trainer(config, data)
    for _ in range(2):
        trainer.advance()
    size = save_checkpoint(tmp_path / "state.pt", trainer.state_dict())
    assert state_bytes(config, check_run(known, config)) == pytest.approx(size, rel=0.15)


def test_the_published_preset_is_told_what_it_costs(known):
    preset = PRESETS["optimizers-faces-32"]
    cost = comparisons.estimate(known, preset.build(preset.stand_in_data), may_measure=False)
    assert cost.n_runs == 9
    assert 1e9 < cost.disk_bytes < 3e9
