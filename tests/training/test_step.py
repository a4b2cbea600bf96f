"""One step against the plain algorithm of each published loop, and what each option does."""

import copy

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from gan.data.dataset import scale
from gan.training.trainer import Trainer


def ones(like: torch.Tensor, value: float = 1.0) -> torch.Tensor:
    return torch.full_like(like, value)


def pair_of(trainer: Trainer):
    """Return copies of the networks, and plain optimisers like the trainer's."""
    g, d = copy.deepcopy((trainer.players.generator, trainer.players.discriminator))
    d.requires_grad_(True)
    adam = lambda net: torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999))  # noqa: E731
    return g, d, adam(g), adam(d)


def record_batches(module: torch.nn.Module) -> list[int]:
    """Return a list that grows by the batch size of each forward pass."""
    seen: list[int] = []
    module.register_forward_pre_hook(lambda _m, args: seen.append(len(args[0])))
    return seen


def test_simultaneous_updates_take_both_gradients_at_the_old_weights(tiny_config, tiny_data):
    config = tiny_config.with_changes({"train.order": "simultaneous"})
    trainer, other = Trainer(config, tiny_data), Trainer(config, tiny_data)
    g, d, _, _ = pair_of(trainer)
    real, noise = other.supply.real(), other.supply.noise(8)
    fake = g(noise.z)
    on_real, on_fake = d(real.images), d(fake)
    d_loss = bce(on_real, ones(on_real)) + bce(on_fake, ones(on_fake, 0.0))
    g_loss = bce(on_fake, ones(on_fake))
    g_grads = torch.autograd.grad(g_loss, list(g.parameters()), retain_graph=True)
    d_grads = torch.autograd.grad(d_loss, list(d.parameters()))

    row = trainer.advance()[0].metrics
    assert row["loss/g"] == pytest.approx(g_loss.item(), rel=1e-5)
    assert row["loss/d"] == pytest.approx(d_loss.item(), rel=1e-5)
    for net, grads in (
        (trainer.players.generator, g_grads),
        (trainer.players.discriminator, d_grads),
    ):
        for p, grad in zip(net.parameters(), grads, strict=True):
            torch.testing.assert_close(p.grad, grad, rtol=1e-4, atol=1e-6)


def test_full_fakes_stand_beside_a_short_batch(tiny_config, tiny_data):
    """20 images in batches of 8: the third batch has 4 reals, and D judges 4 + 8."""
    for full, expected in ((True, [16, 16, 12]), (False, [16, 16, 8])):
        config = tiny_config.with_changes({"train.order": "simultaneous", "train.full_fakes": full})
        trainer = Trainer(config, tiny_data)
        seen = record_batches(trainer.players.discriminator)
        for _ in range(3):
            trainer._update("both")
        assert seen == expected


def test_two_updates_of_d_are_two_whole_ones_and_their_mean_is_reported(tiny_config, tiny_data):
    config = tiny_config.with_changes(
        {"train.separate_d_updates": True, "train.share_z": False, "loss.real_label": 0.9}
    )
    trainer, other = Trainer(config, tiny_data), Trainer(config, tiny_data)
    g, d, _, d_opt = pair_of(trainer)
    real, noise = other.supply.real(), other.supply.noise(8)
    with torch.no_grad():
        fake = g(noise.z)
    losses = []
    for images, label in ((real.images, 0.9), (fake, 0.0)):
        logits = d(images)
        loss = bce(logits, ones(logits, label))
        d_opt.zero_grad()
        loss.backward()
        d_opt.step()
        losses.append(loss.item())

    (record,) = trainer.advance("d")
    assert record.metrics["loss/d_real"] == pytest.approx(losses[0], rel=1e-5)
    assert record.metrics["loss/d_fake"] == pytest.approx(losses[1], rel=1e-5)
    assert record.metrics["loss/d"] == pytest.approx(sum(losses) / 2, rel=1e-5)
    for mine, theirs in zip(
        trainer.players.discriminator.parameters(), d.parameters(), strict=True
    ):
        torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-6)


def test_g_first_meets_the_old_d_and_its_partner_stands_in_eval_mode(tiny_config, tiny_data):
    config = tiny_config.with_changes(
        {"train.order": "g-first", "train.idle_mode": "eval", "train.share_z": False}
    )
    trainer, other = Trainer(config, tiny_data), Trainer(config, tiny_data)
    g, d, g_opt, _ = pair_of(trainer)
    noise = other.supply.noise(8)
    logits = d.eval()(g.train()(noise.z))
    g_loss = bce(logits, ones(logits))
    g_loss.backward()
    g_opt.step()
    d.zero_grad()
    real, noise = other.supply.real(), other.supply.noise(8)
    with torch.no_grad():
        fake = g.eval()(noise.z)  # running statistics, and they do not move
    on_real, on_fake = d(real.images), d(fake)
    d_loss = bce(on_real, ones(on_real)) + bce(on_fake, ones(on_fake, 0.0))

    report = trainer.advance()[0]  # a grid is due after the first step, and so a report
    assert report.metrics["loss/g"] == pytest.approx(g_loss.item(), rel=1e-5)
    assert report.metrics["loss/d"] == pytest.approx(d_loss.item(), rel=1e-4)
    for key, value in g.state_dict().items():
        if "running" in key or "num_batches" in key:
            torch.testing.assert_close(
                trainer.players.generator.state_dict()[key].float(), value.float()
            )


def test_idle_networks_in_train_mode_move_their_statistics(tiny_config, tiny_data):
    for mode, moves in (("train", True), ("eval", False)):
        config = tiny_config.with_changes({"train.idle_mode": mode})
        trainer = Trainer(config, tiny_data)
        stats = {k: v.clone() for k, v in trainer.players.generator.named_buffers()}
        trainer.advance("d")
        changed = [
            not torch.equal(v, stats[k]) for k, v in trainer.players.generator.named_buffers()
        ]
        assert stats and any(changed) == moves


def test_half_batches_give_d_half_and_g_a_whole_one(tiny_config, tiny_data):
    config = tiny_config.with_changes({"train.half_batch": True, "train.share_z": False})
    trainer = Trainer(config, tiny_data)
    of_g = record_batches(trainer.players.generator)
    of_d = record_batches(trainer.players.discriminator)
    trainer._update("both")
    assert of_g == [4, 8] and of_d == [4 + 4, 8]
    assert trainer.images_seen == 4


def test_drawing_with_replacement_has_full_batches_and_repeats_images(tiny_config, tiny_data):
    config = tiny_config.with_changes({"train.sampling": "replacement"})
    trainer = Trainer(config, tiny_data)
    batches = [trainer.supply.order.batch(i) for i in range(3)]
    assert [len(b) for b in batches] == [8, 8, 8] and trainer.steps_per_epoch == 3
    assert len(torch.cat(batches).unique()) < 20  # 24 draws of 20 images: some twice, some never
    assert torch.equal(trainer.supply.order.batch(1), batches[1])


def test_smoothed_labels_change_the_real_part_alone(tiny_config, tiny_data):
    plain = Trainer(tiny_config, tiny_data).advance("d")[0].metrics
    smooth_config = tiny_config.with_changes({"loss.real_label": 0.9})
    trainer = Trainer(smooth_config, tiny_data)
    logits = trainer.players.discriminator(Trainer(smooth_config, tiny_data).supply.real().images)
    expected = bce(logits, ones(logits, 0.9)).item()
    smooth = trainer.advance("d")[0].metrics
    assert smooth["loss/d_fake"] == plain["loss/d_fake"]
    assert smooth["loss/d_real"] == pytest.approx(expected, rel=1e-5)


def test_flipped_labels_come_as_often_as_asked(tiny_config, tiny_data):
    config = tiny_config.with_changes({"loss.label_flip": 0.25})
    trainer = Trainer(config, tiny_data)
    targets: list[torch.Tensor] = []
    loss = trainer.players.objective.d_loss

    def spy(real_logits, fake_logits, **given):
        targets.append(given["real_target"])
        return loss(real_logits, fake_logits, **given)

    object.__setattr__(trainer.players.objective, "d_loss", spy)
    try:
        for _ in range(100):
            trainer.advance("d")
    finally:
        object.__setattr__(trainer.players.objective, "d_loss", loss)
    share = 1.0 - torch.cat(targets).mean().item()
    assert share == pytest.approx(0.25, abs=0.06)


def test_lazy_penalties_are_as_strong_on_average(tiny_config, tiny_data):
    """SGD's first update moves D by the gradient: N times the penalty, then none at all."""
    plain = tiny_config.with_changes({"d_opt.name": "sgd", "d_opt.lr": 0.1})

    def first_move(changes, update: int):
        trainer = Trainer(plain.with_changes(changes), tiny_data)
        for _ in range(update):
            trainer.advance("d")
        before = torch.cat(
            [p.detach().flatten() for p in trainer.players.discriminator.parameters()]
        )
        trainer.advance("d")
        after = torch.cat(
            [p.detach().flatten() for p in trainer.players.discriminator.parameters()]
        )
        return after - before

    none = first_move({}, 0)
    whole = first_move({"loss.r1_gamma": 1.0}, 0)
    lazy = first_move({"loss.r1_gamma": 1.0, "loss.penalty_every": 4}, 0)
    torch.testing.assert_close(lazy - none, 4 * (whole - none), rtol=1e-3, atol=1e-6)
    trainer = Trainer(
        plain.with_changes({"loss.r1_gamma": 1.0, "loss.penalty_every": 3}), tiny_data
    )
    seen = [trainer.advance("d")[0].metrics["penalty/r1"] for _ in range(5)]
    assert seen[0] == seen[1] == seen[2] != seen[3] == seen[4]


def test_gradients_are_shortened_to_the_limit(tiny_config, tiny_data):
    config = tiny_config.with_changes(
        {"d_opt.name": "sgd", "d_opt.lr": 1.0, "train.grad_clip": 0.01}
    )
    trainer = Trainer(config, tiny_data)
    before = [p.detach().clone() for p in trainer.players.discriminator.parameters()]
    (record,) = trainer.advance("d")
    moved = torch.cat(
        [
            (p - q).flatten()
            for p, q in zip(trainer.players.discriminator.parameters(), before, strict=True)
        ]
    )
    assert record.metrics["grad/d_norm"] > 0.01  # reported as it was
    assert moved.norm().item() == pytest.approx(0.01, rel=1e-3)


def test_clipped_weights_stay_in_their_box(tiny_config, tiny_data):
    config = tiny_config.with_changes({"loss.name": "wasserstein", "loss.weight_clip": 0.02})
    trainer = Trainer(config, tiny_data)
    list(trainer.run(3))
    assert max(p.abs().max() for p in trainer.players.discriminator.parameters()) <= 0.02


def test_raw_scores_are_reported_where_d_gives_no_probability(tiny_config, tiny_data):
    config = tiny_config.with_changes({"loss.name": "hinge"})
    keys = Trainer(config, tiny_data).advance("d")[0].metrics.keys()
    assert {"logit/real", "logit/fake"} <= keys and "score/real" not in keys


def test_instance_noise_fades_and_reaches_d_alone(tiny_config, tiny_data):
    config = tiny_config.with_changes({"loss.instance_noise": 0.5, "loss.instance_noise_steps": 2})
    trainer = Trainer(config, tiny_data)
    shown: list[torch.Tensor] = []
    trainer.players.discriminator.register_forward_pre_hook(
        lambda _m, args: shown.append(args[0].detach())
    )
    clean = Trainer(config, tiny_data).supply
    spread = []
    for _ in range(3):
        shown.clear()
        trainer.advance()
        real = clean.real().images
        spread.append((shown[0][: len(real)] - real).std().item())
    assert spread[0] == pytest.approx(0.5, abs=0.05)
    assert spread[1] == pytest.approx(0.25, abs=0.03)
    assert spread[2] == 0.0


def test_mirroring_shows_half_of_the_pictures_reversed(tiny_config, tiny_data):
    config = tiny_config.with_changes({"data.flip": True, "train.batch_size": 20})
    trainer = Trainer(config, tiny_data)
    indices = trainer.supply.order.batch(0)
    plain = scale(tiny_data.images[indices])
    shown = trainer.supply.real().images
    kept = [torch.equal(a, b) for a, b in zip(shown, plain, strict=True)]
    flipped = [torch.equal(a, b.flip(-1)) for a, b in zip(shown, plain, strict=True)]
    assert all(a != b for a, b in zip(kept, flipped, strict=True))
    assert 3 <= sum(flipped) <= 17


def test_a_schedule_moves_the_rates_and_reports_them(tiny_config, tiny_data):
    config = tiny_config.with_changes({"train.lr_schedule": "linear", "g_opt.lr": 1e-3})
    trainer = Trainer(config, tiny_data)
    rates = []
    for record in trainer.run():
        rows = getattr(record, "rows", None)
        if rows:
            rates += rows.values[:, rows.keys.index("lr/g")].tolist()
    assert rates == pytest.approx([1e-3 * (1 - i / 11) for i in range(12)], abs=1e-9)
    trainer = Trainer(config, tiny_data)
    trainer.advance()
    trainer.change_live(g_lr=2e-3)
    trainer.advance()
    assert trainer.players.g_opt.param_groups[0]["lr"] == pytest.approx(2e-3 * 10 / 11)


def test_fresh_grids_differ_and_change_no_training_number(tiny_config, tiny_data):
    fixed, fresh = (
        Trainer(tiny_config.with_changes({"output.sample_z": kind}), tiny_data)
        for kind in ("fixed", "fresh")
    )
    first = fresh.draw_samples()
    for trainer in (fixed, fresh):
        list(trainer.run(2))
    assert torch.equal(*(next(t.players.generator.parameters()) for t in (fixed, fresh)))
    assert torch.equal(fresh.draw_samples().images, fresh.draw_samples().images)
    assert not torch.equal(first.images, fresh.draw_samples().images)


def test_a_state_of_version_one_goes_on(tiny_config, tiny_data):
    trainer = Trainer(tiny_config, tiny_data)
    list(trainer.run(3))
    state = copy.deepcopy(trainer.state_dict())
    old = {k: v for k, v in state.items() if k not in ("streams", "penalties", "image", "classes")}
    old |= {"version": 1, "z_stream": state["streams"]["z"]}
    resumed = Trainer(tiny_config, tiny_data)
    resumed.load_state_dict(old)
    for t in (trainer, resumed):
        list(t.run())
    assert torch.equal(*(next(t.players.generator.parameters()) for t in (trainer, resumed)))
