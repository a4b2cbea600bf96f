"""Generators out of saved states: which weights, which classes, which refusals."""

import copy
import hashlib

import pytest
import torch

from gan.data.dataset import ImageData, to_uint8
from gan.data.sources import Located
from gan.errors import CheckpointError, ConfigError
from gan.runs.checkpoints import load_checkpoint, save_checkpoint
from gan.training.saved import grid_noise, load_generator
from gan.training.trainer import Trainer

CLASSES = ("one", "two", "three")


def noise_data(channels: int = 3, size_px: int = 8) -> ImageData:
    rng = torch.Generator().manual_seed(1)
    images = torch.randint(
        0, 256, (20, channels, size_px, size_px), dtype=torch.uint8, generator=rng
    )
    return ImageData(
        images=images,
        labels=torch.arange(20) % 3,
        classes=CLASSES,
        name="noise",
        located=Located("drawn", None, "Random pixels."),
        fingerprint=hashlib.sha256(images.numpy().tobytes()).hexdigest(),
    )


def trained(config, data: ImageData, n_steps: int = 4) -> Trainer:
    trainer = Trainer(config, data)
    list(trainer.run(n_steps))
    return trainer


@pytest.fixture
def conditional(tiny_config):
    return trained(tiny_config.with_changes({"model.conditional": True}), noise_data())


def z_of(seed: int, n: int) -> torch.Tensor:
    return torch.randn(256, 6, generator=torch.Generator().manual_seed(seed))[:n]


@torch.no_grad()
def answer(generator, seed: int, labels: list[int]) -> torch.Tensor:
    return generator.network(z_of(seed, len(labels)), torch.tensor(labels))


@pytest.mark.parametrize("use_average", [True, False])
def test_it_draws_what_the_run_itself_drew(tiny_config, tmp_path, use_average):
    fast = tiny_config.with_changes({"g_opt.lr": 0.01})  # else four steps hardly show
    trainer = trained(fast, noise_data())
    save_checkpoint(tmp_path / "state.pt", trainer.state_dict())
    generator = load_generator(load_checkpoint(tmp_path / "state.pt"), use_average=use_average)
    assert (generator.is_average, generator.step, generator.latent_dim) == (use_average, 4, 6)
    assert generator.classes == ()
    drawn = trainer.draw_samples()
    expected = drawn.ema_images if use_average else drawn.images
    with torch.no_grad():
        mine = to_uint8(generator.network(trainer.supply.fixed.z))
    assert (mine.int() - expected.int()).abs().max() <= 1  # rounding
    assert not torch.equal(drawn.images, drawn.ema_images)


def test_without_an_average_the_generator_itself_draws(tiny_config):
    state = trained(tiny_config.with_changes({"train.ema": False}), noise_data()).state_dict()
    generator = load_generator(state)
    assert not generator.is_average
    for key, value in generator.network.state_dict().items():
        assert torch.equal(value, state["generator"][key])


def test_the_first_pictures_are_the_same_for_any_number(tiny_config):
    generator = load_generator(trained(tiny_config, noise_data()).state_dict())
    few, many = generator.draw(3, seed=5), generator.draw(300, seed=5)
    assert few.shape == (3, 3, 8, 8) and many.shape == (300, 3, 8, 8)
    assert few.dtype == torch.float32 and many.abs().max() <= 1.0 and not few.requires_grad
    # Eval mode: what else is in the batch does not matter.
    torch.testing.assert_close(many[:3], few, rtol=1e-4, atol=1e-5)
    with torch.no_grad():
        torch.testing.assert_close(few, generator.network(z_of(5, 3)), rtol=1e-4, atol=1e-5)
    assert len({tuple(image.flatten().tolist()) for image in many}) == 300  # blocks differ too
    assert not torch.allclose(generator.draw(3, seed=6), few)


def test_classes_go_round_or_are_chosen(conditional):
    generator = load_generator(conditional.state_dict())
    assert generator.classes == CLASSES
    round_robin = generator.draw(5, seed=2)
    torch.testing.assert_close(round_robin, answer(generator, 2, [0, 1, 2, 0, 1]))
    for label, name in enumerate(CLASSES):
        chosen = generator.draw(5, seed=2, class_name=name)
        torch.testing.assert_close(chosen, answer(generator, 2, [label] * 5))
    assert not torch.allclose(generator.draw(1, 2, "one"), generator.draw(1, 2, "two"))


def test_classes_go_on_round_beyond_a_block(conditional):
    generator = load_generator(conditional.state_dict())
    many = generator.draw(258, seed=2)
    of_class = [generator.draw(258, seed=2, class_name=name) for name in CLASSES]
    for i in (255, 256, 257):
        torch.testing.assert_close(many[i], of_class[i % 3][i], rtol=1e-4, atol=1e-5)


def test_a_class_that_is_not_there_is_refused(conditional, tiny_config):
    with pytest.raises(ConfigError, match=r"no class 'four': choose one of one, two, three"):
        load_generator(conditional.state_dict()).draw(1, 0, "four")
    plain = load_generator(trained(tiny_config, noise_data()).state_dict())
    with pytest.raises(ConfigError, match=r"'one' cannot be asked for.*without classes"):
        plain.draw(1, 0, "one")


def test_a_state_of_version_one_is_as_large_as_its_data_set(tiny_config):
    state = trained(tiny_config, noise_data(1, 28)).state_dict()
    expected = load_generator(state).draw(2, 0)
    old = {k: v for k, v in state.items() if k not in ("image", "classes", "streams", "penalties")}
    old |= {"version": 1, "z_stream": state["streams"]["z"]}
    drawn = load_generator(old).draw(2, 0)
    assert drawn.shape == (2, 1, 28, 28)
    assert torch.equal(drawn, expected)


@pytest.mark.parametrize("key", ["generator", "g_ema"])
def test_weights_of_other_networks_are_refused(tiny_config, key):
    state = trained(tiny_config, noise_data()).state_dict()
    other = tiny_config.with_changes({"model.g_widths": [16, 12]})
    state[key] = Trainer(other, noise_data()).state_dict()[key]
    with pytest.raises(CheckpointError, match="does not fit the run's networks"):
        load_generator(state, use_average=key == "g_ema")
    state[key] = "no weights"
    with pytest.raises(CheckpointError, match="does not fit the run's networks"):
        load_generator(state, use_average=key == "g_ema")


@pytest.mark.parametrize("version", [3, None])
def test_a_state_of_an_unknown_version_is_refused(tiny_config, version):
    state = copy.deepcopy(Trainer(tiny_config, noise_data()).state_dict()) | {"version": version}
    with pytest.raises(CheckpointError, match=f"has version {version}, this program reads 2"):
        load_generator(state)


@pytest.mark.parametrize("sample_z", ["fixed", "fresh"])
def test_the_noise_of_a_saved_moments_grid(tiny_config, sample_z):
    changes = {"model.conditional": True, "output.sample_z": sample_z}
    trainer = trained(tiny_config.with_changes(changes), noise_data())
    z, labels = grid_noise(trainer.state_dict())
    expected = trainer.supply.grid_noise()
    assert torch.equal(z, expected.z) and torch.equal(labels, expected.labels)


def test_z_is_what_the_pictures_are_drawn_from(conditional):
    generator = load_generator(conditional.state_dict())
    z = generator.z_of(300, 5)
    assert z.shape == (300, 6) and torch.equal(generator.z_of(7, 5), z[:7])
    with torch.no_grad():
        images = generator.network(z[256:], torch.arange(256, 300) % 3)
    assert torch.equal(generator.draw(300, 5)[256:], images)
