"""What the networks are given: images with their own labels, noise, classes, and from where."""

from dataclasses import replace

import pytest
import torch

import gan.training.supply as supply_module
from gan.data.dataset import ImageData
from gan.errors import ConfigError
from gan.training.streams import Streams
from gan.training.supply import Batch, Counters, Supply
from gan.training.trainer import Trainer

CPU = torch.device("cpu")
CLASSES = ("one", "two", "three")


@pytest.fixture
def conditional(tiny_config):
    return tiny_config.with_changes({"model.conditional": True})


@pytest.fixture
def labelled(tiny_data):
    """Images whose first pixel is their label, labels in no order."""
    labels = torch.tensor([0, 2, 1, 1, 2] * 4)
    images = tiny_data.images.clone()
    images[:, 0, 0, 0] = labels.to(torch.uint8)
    return replace(tiny_data, images=images, labels=labels, classes=CLASSES)


def make(config, data: ImageData, device: torch.device = CPU) -> Supply:
    return Supply(config, data, device, Streams(config.train.seed, device), Counters())


def weights(trainer: Trainer) -> torch.Tensor:
    return torch.cat([p.detach().flatten().cpu() for p in trainer.players.generator.parameters()])


def test_real_images_come_scaled_in_order_and_are_counted(tiny_config, labelled):
    counters = Counters()
    supply = Supply(tiny_config, labelled, CPU, Streams(0, CPU), counters)
    for i, size in enumerate((8, 8, 4, 8)):
        batch = supply.real()
        assert len(batch) == size and batch.labels is None  # nobody asked for classes
        indices = supply.order.batch(i)
        torch.testing.assert_close((batch.images + 1) * 127.5, labelled.images[indices].float())
    assert counters == Counters(batches_drawn=4, images_seen=28)


def test_labels_are_those_of_their_images(conditional, labelled):
    supply = make(conditional, labelled)
    assert supply.n_classes == 3
    for _ in range(3):
        batch = supply.real()
        first_pixel = ((batch.images[:, 0, 0, 0] + 1) * 127.5).round().long()
        assert batch.labels.dtype == torch.int64
        assert torch.equal(batch.labels, first_pixel)


def test_classes_of_the_noise_are_as_frequent_as_in_the_data(conditional, labelled):
    labels = torch.zeros(20, dtype=torch.int64)
    labels[:3] = 1  # 15 %, and nobody is a three
    supply = make(conditional, replace(labelled, labels=labels))
    noise = supply.noise(4_000)
    share = torch.bincount(noise.labels, minlength=3) / 4_000
    assert share[1].item() == pytest.approx(0.15, abs=0.025)  # more than four deviations
    assert share[2] == 0
    assert not torch.equal(noise.labels, supply.noise(4_000).labels)


def test_drawing_classes_does_not_shift_z(conditional, tiny_config, labelled):
    with_classes, without = make(conditional, labelled), make(tiny_config, labelled)
    for _ in range(2):
        mine, theirs = with_classes.noise(8), without.noise(8)
        assert torch.equal(mine.z, theirs.z) and theirs.labels is None and len(mine) == 8
    assert mine.z.shape == (8, 6)


def test_classes_go_round_in_the_fixed_grid(conditional, tiny_config, labelled):
    supply = make(conditional.with_changes({"output.n_samples": 7}), labelled)
    assert supply.fixed.labels.tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert supply.fixed.z.shape == (7, 6)
    supply.noise(3)
    assert supply.grid_noise() is supply.fixed
    plain = make(tiny_config.with_changes({"output.n_samples": 7}), labelled).fixed
    assert plain.labels is None and torch.equal(plain.z, supply.fixed.z)
    other = make(tiny_config.with_changes({"train.seed": 1, "output.n_samples": 7}), labelled)
    assert not torch.equal(other.fixed.z, plain.z)


def test_a_resumed_runs_z_keeps_the_classes(conditional, labelled):
    supply = make(conditional, labelled)
    z = torch.ones(4, 6)
    supply.fix_z(z)
    assert torch.equal(supply.grid_noise().z, z)
    assert supply.grid_noise().labels.tolist() == [0, 1, 2, 0]


def test_fresh_grids_have_classes_too(conditional, labelled):
    supply = make(conditional.with_changes({"output.sample_z": "fresh"}), labelled)
    assert supply.grid_noise().labels.tolist() == [0, 1, 2, 0]
    assert not torch.equal(supply.grid_noise().z, supply.fixed.z)


@pytest.mark.parametrize(
    "lacking", [{"labels": None}, {"classes": ("one",)}], ids=["no labels", "one class"]
)
def test_conditional_networks_need_classes(conditional, tiny_config, labelled, lacking):
    data = replace(labelled, **lacking)
    with pytest.raises(ConfigError, match=r"noise has no classes: turn it off"):
        make(conditional, data)
    assert make(tiny_config, data).n_classes == 0


@pytest.mark.parametrize("is_small", [True, False])
def test_a_large_set_stays_where_it_is_and_travels_by_batches(
    conditional, labelled, monkeypatch, is_small
):
    """Torch's device `meta` stands for a GPU: it has shapes and no numbers."""
    n_bytes = 20 * 8 * 8
    monkeypatch.setattr(supply_module, "_RESIDENT_BYTES", n_bytes if is_small else n_bytes - 1)
    meta = torch.device("meta")
    supply = make(conditional, labelled, meta)
    home = "meta" if is_small else "cpu"
    assert supply.data.images.device.type == supply.data.labels.device.type == home
    assert (supply.data is labelled) == (not is_small)
    batch = supply.real()
    assert batch.images.device == batch.labels.device == meta
    assert batch.images.shape == (8, 1, 8, 8) and batch.labels.shape == (8,)
    assert supply.fixed.z.device == supply.fixed.labels.device == meta


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def test_a_large_set_trains_the_same_numbers(conditional, labelled, monkeypatch, device):
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    config = conditional.with_changes({"train.device": device})
    resident = Trainer(config, labelled)
    list(resident.run(5))
    monkeypatch.setattr(supply_module, "_RESIDENT_BYTES", 0)
    large = Trainer(config, labelled)
    list(large.run(5))
    assert large.supply.data.images.device == CPU
    assert torch.equal(weights(large), weights(resident))


def test_a_detached_batch_leads_nowhere():
    images = torch.ones(2, 1, 8, 8, requires_grad=True) * 2
    labels = torch.tensor([1, 0])
    batch = Batch(images, labels).detached()
    assert not batch.images.requires_grad and torch.equal(batch.images, images)
    assert batch.labels is labels
