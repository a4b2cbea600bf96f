"""The trainer: order of things, exact resume, divergence, measuring that disturbs nothing."""

import copy
import math

import numpy as np
import pytest
import torch

from gan.errors import CheckpointError, DeviceError
from gan.keys import METRIC_KEYS
from gan.runs.checkpoints import load_checkpoint, save_checkpoint
from gan.training.records import Diverged, SamplesReady, StepDone
from gan.training.schedule import samples_are_due
from gan.training.supply import Counters
from gan.training.trainer import Trainer, train


def weights(trainer: Trainer) -> dict[str, torch.Tensor]:
    nets = {"g": trainer.players.generator, "d": trainer.players.discriminator}
    if trainer.players.ema:
        nets["ema"] = trainer.players.ema.module
    return {
        f"{name}.{key}": value.clone()
        for name, net in nets.items()
        for key, value in net.state_dict().items()
    }


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(a[key], b[key]) for key in a)


def numbers(records) -> np.ndarray:
    """All training numbers of a run; times, speeds and what grids tell are left out."""
    rows = [r.rows for r in records if isinstance(r, StepDone) and r.rows]
    others = ("time/el", "speed/", "samples/")
    columns = [i for i, k in enumerate(rows[0].keys) if not k.startswith(others)]
    return np.concatenate([r.values[:, columns] for r in rows])


def test_generator_yields_each_step_once_and_reports_every_number(tiny_config, tiny_data):
    records = list(train(tiny_config, tiny_data))
    steps = [r for r in records if isinstance(r, StepDone)]
    assert [r.step for r in steps] == list(range(1, 13))
    rows = [r.rows for r in steps if r.rows]
    assert np.concatenate([r.steps for r in rows]).tolist() == list(range(1, 13))
    assert all(len(r.steps) <= tiny_config.output.report_every for r in rows)
    absent = {k for k in METRIC_KEYS if k.startswith(("logit/", "penalty/", "lr/", "quality/"))}
    assert set(rows[0].keys) == set(METRIC_KEYS) - absent
    assert steps[-1].tick == 24
    assert steps[-1].images_seen == 8 + 8 + 4 + 8 + 8 + 4 + 8 + 8 + 4 + 8 + 8 + 4
    assert steps[-1].epoch == pytest.approx(4.0)


def test_totals_are_the_sums_of_their_parts(tiny_config, tiny_data):
    rows = [r.rows for r in train(tiny_config, tiny_data) if isinstance(r, StepDone) and r.rows]
    for r in rows:
        column = {key: r.values[:, i] for i, key in enumerate(r.keys)}
        np.testing.assert_allclose(
            column["loss/d"], column["loss/d_real"] + column["loss/d_fake"], rtol=1e-5
        )


def test_same_seed_same_numbers_other_seed_other_numbers(tiny_config, tiny_data):
    first, second = (numbers(train(tiny_config, tiny_data)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    other = numbers(train(tiny_config.with_changes({"train.seed": 1}), tiny_data))
    assert not np.array_equal(first, other)


def test_reporting_sampling_and_ema_change_no_number(tiny_config, tiny_data):
    quiet = tiny_config.with_changes(
        {"output.report_every": 1, "output.sample_every": 1, "train.ema": False}
    )
    np.testing.assert_array_equal(
        numbers(train(tiny_config, tiny_data)), numbers(train(quiet, tiny_data))
    )


@pytest.mark.parametrize("changes", [{}, {"train.share_z": False}, {"train.d_steps": 3}])
@pytest.mark.parametrize("stop_at", [1, 5, 8])
def test_stop_save_resume_equals_never_stopped(tiny_config, tiny_data, tmp_path, changes, stop_at):
    config = tiny_config.with_changes(changes)
    whole = Trainer(config, tiny_data)
    expected = numbers(whole.run())

    first = Trainer(config, tiny_data)
    part_one = list(first.run(stop_at))
    save_checkpoint(tmp_path / "state.pt", first.state_dict())
    second = Trainer(config, tiny_data)
    second.load_state_dict(load_checkpoint(tmp_path / "state.pt"))
    part_two = list(second.run())

    np.testing.assert_array_equal(np.concatenate([numbers(part_one), numbers(part_two)]), expected)
    assert same(weights(second), weights(whole))
    assert second.tick == whole.tick


def test_abandoning_the_generator_loses_nothing(tiny_config, tiny_data):
    expected = weights_after(Trainer(tiny_config, tiny_data))
    trainer = Trainer(tiny_config, tiny_data)
    for record in trainer.run():
        if isinstance(record, StepDone) and record.step == 5:
            break
    assert same(weights_after(trainer), expected)


def weights_after(trainer: Trainer) -> dict[str, torch.Tensor]:
    list(trainer.run())
    return weights(trainer)


def test_d_update_leaves_g_alone_and_the_reverse(tiny_config, tiny_data):
    trainer = Trainer(tiny_config, tiny_data)
    list(trainer.run(2))
    parameters = lambda net: [p.detach().clone() for p in net.parameters()]  # noqa: E731
    unchanged = lambda net, old: all(  # noqa: E731
        torch.equal(p, q) for p, q in zip(net.parameters(), old, strict=True)
    )
    g, d = parameters(trainer.players.generator), parameters(trainer.players.discriminator)
    trainer.advance("d")
    assert unchanged(trainer.players.generator, g)
    assert not unchanged(trainer.players.discriminator, d)
    g, d = parameters(trainer.players.generator), parameters(trainer.players.discriminator)
    trainer.advance("g")
    assert unchanged(trainer.players.discriminator, d)
    assert not unchanged(trainer.players.generator, g)


def test_lone_updates_are_counted_apart_and_are_no_step(tiny_config, tiny_data):
    trainer = Trainer(tiny_config, tiny_data)
    (d_record,) = trainer.advance("d")
    (g_record,) = trainer.advance("g")
    assert trainer.counters == Counters(d_updates=1, g_updates=1, batches_drawn=1, images_seen=8)
    assert "loss/g" not in d_record.metrics and "loss/d" in d_record.metrics
    assert "loss/d" not in g_record.metrics and "loss/g" in g_record.metrics


def test_no_gradient_is_computed_for_the_idle_network(tiny_config, tiny_data):
    trainer = Trainer(tiny_config, tiny_data)
    trainer.advance("d")
    assert all(p.grad is None for p in trainer.players.generator.parameters())
    for p in trainer.players.discriminator.parameters():
        p.grad = None
    trainer.advance("g")
    assert all(p.grad is None for p in trainer.players.discriminator.parameters())


def test_one_step_is_what_the_formulas_say(tiny_config, tiny_data):
    """The trainer's shared pass, detached fakes and frozen D against the plain algorithm."""
    trainer = Trainer(tiny_config, tiny_data)
    reference = Trainer(tiny_config, tiny_data)
    real = reference.supply.real().images
    z = reference.supply.noise(len(real)).z
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    g, d = reference.players.generator, reference.players.discriminator
    fake = g(z)
    ones, zeros = torch.ones(len(real), 1), torch.zeros(len(real), 1)
    d_loss = bce(d(real), ones) + bce(d(fake.detach()), zeros)
    d_loss.backward()
    reference.players.d_opt.step()
    g.zero_grad()
    g_loss = bce(d(fake), ones)
    g_loss.backward()
    reference.players.g_opt.step()

    row = trainer.advance()[0].metrics
    assert row["loss/d"] == pytest.approx(d_loss.item(), rel=1e-5)
    assert row["loss/g"] == pytest.approx(g_loss.item(), rel=1e-5)
    # Gradients, not weights: Adam blows the rounding of a bias before BatchNorm, whose true
    # gradient is zero, up to a whole step.
    for ours, theirs in zip(trainer.players.generator.parameters(), g.parameters(), strict=True):
        torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-4, atol=1e-6)


def test_samples_come_from_the_same_z_and_disturb_neither_mode_nor_statistics(
    tiny_config, tiny_data
):
    trainer = Trainer(tiny_config, tiny_data)
    list(trainer.run(3))
    before, modes = weights(trainer), trainer.players.generator.training
    first, second = trainer.draw_samples(), trainer.draw_samples()
    assert torch.equal(first.images, second.images)
    assert first.images.shape == (4, 1, 8, 8) and first.images.dtype == torch.uint8
    assert first.scores.shape == (4,) and first.ema_images.shape == first.images.shape
    assert same(weights(trainer), before) and trainer.players.generator.training == modes


def test_sample_schedule_is_dense_at_first_then_regular_then_last():
    due = [s for s in range(0, 471) if samples_are_due(s, 100, 470)]
    assert due == [0, 1, 2, 5, 10, 20, 50, 100, 200, 300, 400, 470]


def test_fresh_run_shows_noise_before_the_first_step(tiny_config, tiny_data):
    first = next(train(tiny_config, tiny_data))
    assert isinstance(first, SamplesReady) and first.step == 0


@pytest.mark.parametrize("bad_step", [1, 3, 4, 6, 12])
@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_divergence_keeps_the_state_before_the_bad_step(tiny_config, tiny_data, bad_step, network):
    """From the bad step on, one network's gradient is not-a-number."""
    expected = Trainer(tiny_config, tiny_data)
    if bad_step > 1:
        list(expected.run(bad_step - 1))

    trainer = Trainer(tiny_config, tiny_data)
    parameter = next(getattr(trainer.players, network).parameters())

    def poison(grad: torch.Tensor) -> torch.Tensor:
        return grad * math.nan if trainer.step == bad_step - 1 else grad

    parameter.register_hook(poison)
    records = list(trainer.run())
    last = records[-1]
    assert isinstance(last, Diverged)
    assert (last.step, last.last_good_step) == (bad_step, bad_step - 1)
    assert last.key == f"grad/{network[0]}_norm" and last.value == "nan"
    assert trainer.diverged and trainer.is_finished
    assert same(weights(trainer), weights(expected))
    assert all(torch.isfinite(w).all() for w in weights(trainer).values())
    reported = [r.rows.steps for r in records if isinstance(r, StepDone) and r.rows]
    assert np.concatenate([*reported, last.rows.steps]).tolist() == list(range(1, bad_step + 1))


def test_learning_rates_change_live_and_moments_stay(tiny_config, tiny_data):
    trainer = Trainer(tiny_config, tiny_data)
    list(trainer.run(4))
    moments = copy.deepcopy(trainer.players.g_opt.state_dict()["state"])
    trainer.change_live(g_lr=1e-5)
    assert trainer.players.g_opt.param_groups[0]["lr"] == 1e-5
    assert trainer.players.d_opt.param_groups[0]["lr"] == tiny_config.d_opt.lr
    now = trainer.players.g_opt.state_dict()["state"]
    assert all(torch.equal(now[i]["exp_avg"], moments[i]["exp_avg"]) for i in moments)


def test_live_values_travel_with_the_checkpoint(tiny_config, tiny_data):
    first = Trainer(tiny_config, tiny_data)
    list(first.run(2))
    first.change_live(d_lr=3e-4, n_steps=20)
    second = Trainer(tiny_config, tiny_data)
    second.load_state_dict(first.state_dict())
    assert second.live.d_lr == second.players.d_opt.param_groups[0]["lr"] == 3e-4
    list(second.run())
    assert second.step == 20


def test_extending_goes_on_where_the_end_was(tiny_config, tiny_data):
    trainer = Trainer(tiny_config, tiny_data)
    list(trainer.run())
    assert trainer.is_finished
    trainer.change_live(n_steps=15)
    more = [r.step for r in trainer.run() if isinstance(r, StepDone)]
    assert more == [13, 14, 15]


def test_other_data_is_refused_on_resume(tiny_config, tiny_data):
    state = Trainer(tiny_config, tiny_data).state_dict() | {"data_fingerprint": "other"}
    with pytest.raises(CheckpointError, match="fingerprint"):
        Trainer(tiny_config, tiny_data).load_state_dict(state)


def test_other_networks_and_versions_are_refused_on_resume(tiny_config, tiny_data):
    state = Trainer(tiny_config, tiny_data).state_dict()
    wider = tiny_config.with_changes({"model.g_widths": [16, 32]})
    with pytest.raises(CheckpointError, match="does not fit"):
        Trainer(wider, tiny_data).load_state_dict(state)
    with pytest.raises(CheckpointError, match="version 99"):
        Trainer(tiny_config, tiny_data).load_state_dict(state | {"version": 99})


def test_absent_device_is_refused_with_the_list_of_those_present(tiny_config, tiny_data):
    config = tiny_config.with_changes({"train.device": "cuda:93"})
    with pytest.raises(DeviceError, match=r"cuda:93.*cpu"):
        Trainer(config, tiny_data)


def test_bfloat16_trains_and_keeps_float32_weights(tiny_config, tiny_data):
    trainer = Trainer(tiny_config.with_changes({"train.precision": "bfloat16"}), tiny_data)
    records = list(trainer.run())
    assert not any(isinstance(r, Diverged) for r in records)
    assert all(p.dtype == torch.float32 for p in trainer.players.generator.parameters())
    assert np.isfinite(numbers(records)).all()
