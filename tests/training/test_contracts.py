"""What every recipe, objective, regulariser, optimiser and network must do, at tiny size."""

import hashlib

import numpy as np
import pytest
import torch

import gan
from gan.config import HYPERPARAMETERS, RunConfig
from gan.data.dataset import ImageData
from gan.data.sources import Located
from gan.keys import METRIC_KEYS
from gan.losses.objectives import LOSSES
from gan.recipes import RECIPES
from gan.runs.checkpoints import load_checkpoint, save_checkpoint
from gan.training.records import Diverged, StepDone
from gan.training.trainer import Trainer

TINY = {
    "model.latent_dim": 5,
    "data.n_images": None,
    "train.batch_size": 8,
    "train.n_steps": 6,
    "train.device": "cpu",
    "train.n_threads": 1,
    "output.n_samples": 4,
    "output.report_every": 3,
    "output.report_interval_s": 0.0,
}
SIZES = {
    "mnist": (1, 28),
    "fashion-mnist": (1, 28),
    "cifar-10": (3, 32),
    "celeba": (3, 64),
    "own-pictures": (3, 32),
    "drawn-faces": (3, 64),
}
MLP = {"model.g_widths": [12, 12], "model.d_widths": [12, 8]}
CONV = {"model.g_widths": [6, 4], "model.d_widths": [4, 6]}
BOUNDED = {"loss.name": "wasserstein", "loss.gp_weight": 10.0}


def noise_images(channels: int, size_px: int, n: int = 20) -> ImageData:
    rng = torch.Generator().manual_seed(1)
    images = torch.randint(
        0, 256, (n, channels, size_px, size_px), dtype=torch.uint8, generator=rng
    )
    return ImageData(
        images=images,
        labels=torch.arange(n) % 3,
        classes=("one", "two", "three"),
        name="noise",
        located=Located("drawn", None, "Random pixels."),
        fingerprint=hashlib.sha256(images.numpy().tobytes()).hexdigest(),
    )


def tiny_recipe(name: str) -> tuple[RunConfig, ImageData]:
    """Return a recipe with as many layers as ever, but narrow, on pictures of its own size."""
    config = RECIPES[name].build()
    channels, size_px = SIZES[config.data.dataset]
    changes = {
        "model.g_widths": [4 + i for i, _ in enumerate(config.model.g_widths)],
        "model.d_widths": [4 + i for i, _ in enumerate(config.model.d_widths)],
    }
    images = noise_images(channels, config.data.size_px or size_px)
    return config.with_changes(TINY | changes), images


def cases():
    for name in RECIPES:
        yield pytest.param(*tiny_recipe(name), id=f"recipe {name}")
    grey = noise_images(1, 8)
    base = RunConfig().with_changes(TINY | MLP)
    for name in LOSSES:
        extra = BOUNDED if name == "wasserstein" else {}
        yield pytest.param(base.with_changes({"loss.name": name} | extra), grey, id=f"loss {name}")
    for name in HYPERPARAMETERS:
        both = {"g_opt.name": name, "d_opt.name": name}
        yield pytest.param(base.with_changes(both), grey, id=f"optimiser {name}")
    colour = noise_images(3, 8)
    for name in ("mlp", "dcgan", "upsample", "resnet"):
        widths = {"model.name": name} | (MLP if name == "mlp" else CONV)
        for kind, more in NETWORK_KINDS.items():
            config = base.with_changes(widths | more)
            yield pytest.param(config, colour, id=f"network {name} {kind}")
    for title, changes in OPTIONS.items():
        yield pytest.param(base.with_changes(changes), grey, id=title)


NETWORK_KINDS = {
    "plain": {},
    "conditional": {"model.conditional": True},
    "spectral": {"model.spectral_norm": True, "loss.name": "hinge"},
}
OPTIONS = {
    "r1": {"loss.r1_gamma": 1.0},
    "r2": {"loss.r2_gamma": 1.0, "loss.name": "relativistic"},
    "both penalties, lazily": {
        "loss.r1_gamma": 1.0,
        "loss.gp_weight": 1.0,
        "loss.penalty_every": 4,
    },
    "clipping": {"loss.name": "wasserstein", "loss.weight_clip": 0.01, "train.d_steps": 2},
    "smooth and flipped labels": {"loss.real_label": 0.9, "loss.label_flip": 0.2},
    "flipped labels, least squares": {"loss.name": "lsgan", "loss.label_flip": 0.2},
    "instance noise": {"loss.instance_noise": 0.5, "loss.instance_noise_steps": 4},
    "augmentation": {"train.augment": "colour-translation-cutout"},
    "mirroring": {"data.flip": True},
    "gradient clipping": {"train.grad_clip": 0.1},
    "schedule": {"train.lr_schedule": "cosine", "train.lr_warmup_steps": 2},
    "dropout": {"model.d_dropout": 0.3, "model.d_norm": "batch"},
    "fresh grids": {"output.sample_z": "fresh"},
    "bfloat16": {"train.precision": "bfloat16", "loss.gp_weight": 1.0},
    "at once": {"train.order": "simultaneous", "train.full_fakes": True},
    "at once, relativistic": {"train.order": "simultaneous", "loss.name": "relativistic"},
    "g first": {"train.order": "g-first", "train.share_z": False, "train.idle_mode": "eval"},
    "g first, relativistic": {
        "train.order": "g-first",
        "train.share_z": False,
        "loss.name": "relativistic",
    },
    "shared z, idle in eval": {"train.idle_mode": "eval"},
    "half batches": {"train.half_batch": True, "train.share_z": False},
}
CASES = list(cases())


def numbers(records) -> np.ndarray:
    rows = [r.rows for r in records if isinstance(r, StepDone) and r.rows]
    columns = [i for i, k in enumerate(rows[0].keys) if not k.startswith(("time/el", "speed/"))]
    return np.concatenate([r.values[:, columns] for r in rows])


def weights(net: torch.nn.Module) -> list[torch.Tensor]:
    return [p.detach().clone() for p in net.parameters()]


def equal(a: list[torch.Tensor], b: list[torch.Tensor]) -> bool:
    return all(torch.equal(p, q) for p, q in zip(a, b, strict=True))


@pytest.mark.parametrize(("config", "data"), CASES)
def test_it_trains_with_finite_known_numbers_and_resumes_exactly(config, data, tmp_path):
    whole = Trainer(config, data)
    records = list(whole.run())
    assert whole.step == 6 and not any(isinstance(r, Diverged) for r in records)
    expected = numbers(records)
    assert np.isfinite(expected).all() and len(expected) == 6
    keys = {k for r in records if isinstance(r, StepDone) and r.rows for k in r.rows.keys}
    assert keys <= set(METRIC_KEYS)

    first = Trainer(config, data)
    part_one = list(first.run(3))
    save_checkpoint(tmp_path / "state.pt", first.state_dict())
    second = Trainer(config, data)
    second.load_state_dict(load_checkpoint(tmp_path / "state.pt"))
    part_two = list(second.run())
    np.testing.assert_array_equal(np.concatenate([numbers(part_one), numbers(part_two)]), expected)
    for name in ("generator", "discriminator"):
        mine, theirs = (getattr(t.players, name).state_dict() for t in (second, whole))
        assert all(torch.equal(mine[key], value) for key, value in theirs.items())


@pytest.mark.parametrize(("config", "data"), CASES)
def test_a_d_update_leaves_g_alone_and_the_reverse(config, data):
    trainer = Trainer(config, data)
    list(trainer.run(1))
    g, d = weights(trainer.players.generator), weights(trainer.players.discriminator)
    trainer.advance("d")
    assert equal(weights(trainer.players.generator), g)
    assert not equal(weights(trainer.players.discriminator), d)
    d = weights(trainer.players.discriminator)
    trainer.advance("g")
    assert equal(weights(trainer.players.discriminator), d)
    assert not equal(weights(trainer.players.generator), g)


def test_every_recipe_is_reachable_by_name_from_the_library():
    assert set(RECIPES) >= {
        "vanilla-fashion", "vanilla-fashion-tf", "dcgan-32", "optimizers-faces-32",
        "linear-mnist", "dcgan-faces-64", "upsample-mnist",
    }  # fmt: skip
    for name in RECIPES:
        config, data = tiny_recipe(name)
        steps = [r for r in gan.train(config, data) if isinstance(r, StepDone)]
        assert steps[-1].step == 6
