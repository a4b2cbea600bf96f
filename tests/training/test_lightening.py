"""Light states: small, still a trainer's, and they draw what the whole ones drew."""

import pytest
import torch

from gan.config import HYPERPARAMETERS
from gan.data.dataset import ImageData
from gan.data.sources import Located
from gan.errors import CheckpointError
from gan.runs.checkpoints import load_checkpoint, save_checkpoint
from gan.training.saved import load_generator
from gan.training.shipping import draw_fixed, lighten
from gan.training.trainer import Trainer


def noise_data() -> ImageData:
    rng = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (20, 3, 8, 8), dtype=torch.uint8, generator=rng)
    labels = torch.arange(20) % 3
    where = Located("drawn", None, "Random pixels.")
    return ImageData(images, labels, ("a", "b", "c"), "noise", where, fingerprint="1" * 64)


def trained(config, n_steps: int = 4) -> Trainer:
    trainer = Trainer(config, noise_data())
    list(trainer.run(n_steps))
    return trainer


@pytest.mark.parametrize("name", HYPERPARAMETERS)
def test_training_goes_on_from_it_with_optimisers_that_remember_nothing(
    tiny_config, tmp_path, name
):
    config = tiny_config.with_changes({"g_opt.name": name, "d_opt.name": name})
    before = trained(config)
    save_checkpoint(tmp_path / "whole.pt", before.state_dict())
    save_checkpoint(tmp_path / "light.pt", lighten(before.state_dict()))
    after = Trainer(config, noise_data())
    after.load_state_dict(load_checkpoint(tmp_path / "light.pt"))
    assert (after.step, after.tick, after.images_seen) == (
        before.step,
        before.tick,
        before.images_seen,
    )
    assert after.is_finished  # it ends where it was taken; going on moves the end
    fresh = Trainer(config, noise_data()).state_dict()
    assert str(after.state_dict()["g_opt"]) == str(fresh["g_opt"])
    after.change_live(n_steps=after.step + 3)
    list(after.run())
    assert after.step == before.step + 3
    assert not after.diverged


def test_half_the_digits_and_none_of_the_memory(tiny_config, tmp_path):
    config = tiny_config.with_changes({"model.g_widths": [256], "model.d_widths": [256]})
    state = trained(config).state_dict()
    whole = save_checkpoint(tmp_path / "whole.pt", state)
    light = save_checkpoint(tmp_path / "light.pt", lighten(state))
    assert light < 0.35 * whole
    kinds = {w.dtype for w in lighten(state)["generator"].values() if w.is_floating_point()}
    assert kinds == {torch.float16}
    assert all(w.dtype != torch.float16 for w in state["generator"].values()), "input unchanged"


@pytest.mark.parametrize("changes", [{}, {"model.conditional": True}, {"train.ema": False}])
def test_it_draws_the_grid_that_the_run_drew(tiny_config, changes):
    trainer = trained(tiny_config.with_changes(changes | {"model.spectral_norm": True}))
    record = trainer.draw_samples()
    images, scores = draw_fixed(lighten(trainer.state_dict()))
    drawn = record.images if record.ema_images is None else record.ema_images
    given = record.scores if record.ema_scores is None else record.ema_scores
    assert images.shape == drawn.shape
    assert (images.int() - drawn.int()).abs().max() <= 2
    torch.testing.assert_close(scores, given, atol=0.02, rtol=0.02)


def test_equal_seeds_draw_nearly_equal_pictures(tiny_config):
    state = trained(tiny_config).state_dict()
    whole, light = (load_generator(s).draw(8, 3) for s in (state, lighten(state)))
    torch.testing.assert_close(light, whole, atol=0.02, rtol=0.0)


def test_weights_too_large_for_half_precision_are_refused(tiny_config):
    state = trained(tiny_config).state_dict()
    name = next(iter(state["discriminator"]))
    state["discriminator"][name] = state["discriminator"][name] + 1e6
    with pytest.raises(CheckpointError, match=f"{name} reach 1e\\+06"):
        lighten(state)


def test_the_average_takes_the_generators_place_and_is_kept_once(tiny_config, tmp_path):
    state = trained(tiny_config.with_changes({"model.g_widths": [256]})).state_dict()
    light = lighten(state)
    assert light["generator"] is light["g_ema"]
    assert not torch.equal(state["generator"]["layers.0.weight"], state["g_ema"]["layers.0.weight"])
    apart = light | {"generator": {name: w.clone() for name, w in light["g_ema"].items()}}
    once = save_checkpoint(tmp_path / "once.pt", light)
    twice = save_checkpoint(tmp_path / "twice.pt", apart)
    assert once < 0.8 * twice
