"""What is said to be held equal is equal, and what is said to differ differs, in real trainers."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan.comparing.design import Budget, ComparisonDesign, Factor, Option, may_vary
from gan.comparing.fairness import ASPECTS, UNEQUAL, judge_fairness, unequal_aspects
from gan.comparing.presets import PRESETS
from gan.config import RunConfig
from gan.data.dataset import load_data
from gan.fields import FIELDS, get_value
from gan.training.trainer import Trainer

BASE = {
    "data.dataset": "drawn-digits", "data.source": "drawn", "data.n_images": 20,
    "data.size_px": 8, "model.latent_dim": 4, "model.g_widths": [8, 8], "model.d_widths": [8, 8],
    "train.batch_size": 8, "train.n_steps": 5, "train.device": "cpu", "train.n_threads": 1,
    "output.n_samples": 4, "quality.features": "random",
}  # fmt: skip
FRESH_Z = {"train.share_z": False}
OWN = {"data.dataset": "own-pictures", "data.source": "auto", "data.n_images": None}
BESIDE = {
    "data.folder": OWN,
    "data.fit": OWN,
    "data.background": OWN | {"data.fit": "pad"},
    "model.name": {"model.g_widths": None, "model.d_widths": None},
    "train.order": FRESH_Z,
    "train.half_batch": FRESH_Z,
    "g_opt.nesterov": {"g_opt.name": "sgd", "g_opt.momentum": 0.5},
    "d_opt.nesterov": {"d_opt.name": "sgd", "d_opt.momentum": 0.5},
    "model.g_norm_first": {"model.g_norm": "batch"},
    "model.d_norm_first": {"model.d_norm": "batch"},
    "model.d_head": {
        "model.name": "dcgan",
        "data.size_px": 16,
        "model.g_widths": None,
        "model.d_widths": [8],
    },
}
"""What must stand beside a setting for it to mean something."""

OTHER = {
    "data.dataset": "drawn-faces", "data.n_images": 12, "data.size_px": 16, "data.colour": "rgb",
    "loss.name": "lsgan", "model.name": "dcgan", "model.g_widths": [12], "model.d_widths": [12],
    "train.order": "g-first", "train.batch_size": 4, "g_opt.clip_threshold": 2.0,
    "d_opt.clip_threshold": 2.0,
}  # fmt: skip
MORE = {"data.dataset": {"data.n_images": 12}}
"""What may come with a value of a setting, and differs too."""

VARIED = [path for path in FIELDS if may_vary(path) and path != "data.source"]


def another_value(path, value):
    """A legal value other than the present one."""
    spec = FIELDS[path]
    if path in OTHER:
        return OTHER[path]
    if spec.kind == "bool":
        return not value
    if spec.kind == "choice":
        return next(choice for choice in spec.choices if choice != value)
    low = spec.minimum or 0.0
    high = low + 1.0 if spec.maximum is None else spec.maximum
    if spec.kind == "int":
        return int(value) + 1
    candidates = [(value or 0.0) / 2, low + (high - low) / 4, low + (high - low) / 3]
    return next(c for c in candidates if c != value and (c > low or not spec.minimum_is_open))


def settings_beside(path):
    spec, beside = FIELDS[path], dict(BASE) | BESIDE.get(path, {})
    if spec.when and path not in BESIDE:
        beside[spec.when[0]] = spec.when[1][0]
        if spec.when == ("name", ("dcgan",)) or "dcgan" in spec.when[1][:1]:
            beside |= {"model.g_widths": None, "model.d_widths": None}
    return beside


def weights_of(d):
    """The numbers that it has, and those that it multiplies with."""
    used = [m.weight for m in d.modules() if torch.is_tensor(getattr(m, "weight", None))]
    return [w.detach().numpy().copy() for w in (*d.parameters(), *used)]


def observed(config: RunConfig) -> dict[str, list[np.ndarray]]:
    """What a run starts from and is given over an epoch and a half."""
    data = load_data(config.data, download_folder=Path("nowhere"))
    trainer = Trainer(config, data)
    g, d, supply = trainer.players.generator, trainer.players.discriminator, trainer.supply
    seen = {
        "g_weights": [p.detach().numpy().copy() for p in g.parameters()],
        "d_weights": weights_of(d),
        "fixed_z": [supply.fixed.z.numpy()],
        "yardstick": [np.array([trainer.quality.features, data.fingerprint])],
        "images": [],
        "z": [],
    }
    real, noise = supply.real, supply.noise

    def watched_real():
        batch = real()
        seen["images"].append(batch.images.numpy().copy())
        return batch

    def watched_noise(n):
        drawn = noise(n)
        seen["z"].append(drawn.z.numpy().copy())
        return drawn

    supply.real, supply.noise = watched_real, watched_noise
    for _ in range(5):
        trainer.advance()
    assert trainer.step == 5
    return seen


def same(one, other):
    return len(one) == len(other) and all(map(np.array_equal, one, other))


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two folders of pictures that are neither square nor opaque."""
    made = []
    for at in range(2):
        folder = tmp_path_factory.mktemp("own")
        for i in range(12 + 2 * at):
            rng = np.random.default_rng(100 * at + i)
            pixels = rng.integers(0, 256, (12, 18, 4), dtype=np.uint8)
            Image.fromarray(pixels, "RGBA").save(folder / f"{i}.png")
        made.append(str(folder))
    return made


@pytest.mark.parametrize("path", VARIED)
def test_varying_a_setting_makes_unequal_what_is_said_and_nothing_else(path, folders):
    beside = settings_beside(path)
    if beside["data.dataset"] == "own-pictures":
        beside["data.folder"] = folders[0]
    one = RunConfig().with_changes(beside)
    value = folders[1] if path == "data.folder" else another_value(path, get_value(one, path))
    first, differing = observed(one), set()
    for more in ({}, MORE[path]) if path in MORE else ({},):
        other = one.with_changes({path: value} | more)
        assert get_value(other, path) != get_value(one, path)
        second = observed(other)
        differing |= {aspect for aspect in ASPECTS if not same(first[aspect], second[aspect])}
    assert differing == unequal_aspects(path)


def test_seeds_differ_in_everything_but_the_pictures():
    one = RunConfig().with_changes(BASE)
    first, second = observed(one), observed(one.with_changes({"train.seed": 1}))
    for aspect in set(ASPECTS) - {"yardstick"}:
        assert not same(first[aspect], second[aspect])
    again = observed(one)
    assert all(same(first[aspect], again[aspect]) for aspect in ASPECTS)


@pytest.mark.parametrize("order", ["d-first", "g-first", "simultaneous"])
def test_the_published_variants_are_paired_to_the_number(order):
    """SGD, RMSprop and Adam: same weights, same batches, same z, at every step."""
    design = PRESETS["optimizers-faces-32"].build()
    small = BASE | {"data.dataset": "drawn-faces", "data.colour": "as-is", "train.order": order}
    small |= {"train.share_z": order == "simultaneous", "train.separate_d_updates": False}
    seen = []
    for variant in design.variants:
        config = design.config(variant, 1).with_changes(small | {"train.seed": 1})
        seen.append(observed(config))
    for aspect in ASPECTS:
        assert same(seen[0][aspect], seen[1][aspect])
        assert same(seen[0][aspect], seen[2][aspect])


def test_larger_batches_are_cut_from_the_same_stream_of_pictures():
    one = RunConfig().with_changes(BASE)
    first, second = (
        np.concatenate(observed(one.with_changes({"train.batch_size": n}))["images"])
        for n in (4, 10)
    )
    np.testing.assert_array_equal(first, second[: len(first)])
    many = np.concatenate(observed(one.with_changes({"train.d_steps": 2}))["images"])
    few = np.concatenate(observed(one)["images"])
    np.testing.assert_array_equal(few, many[: len(few)])


def design(*factors, **more):
    base = RunConfig().with_changes(BASE | more.pop("base", {})).model_dump(mode="json")
    budget = more.pop("budget", Budget(amount=5))
    return ComparisonDesign(name="x", base=base, factors=factors, seeds=(0,), budget=budget)


def varied(path, *values):
    options = tuple(Option(label=str(v), changes={path: v}) for v in values)
    return Factor(title=path, options=options)


def test_a_design_is_told_what_differs():
    fair = judge_fairness(design(varied("g_opt.beta1", 0.0, 0.5)))
    assert len(fair.equal) == len(ASPECTS)
    assert fair.unequal == fair.notes == ()
    two = judge_fairness(
        design(varied("train.batch_size", 4, 8), varied("model.g_widths", [8], [9]))
    )
    assert "the z of the sample walls" in two.equal
    assert "the generator's first weights" not in two.equal
    assert len(two.unequal) == 2
    assert "wall time" in two.notes[0]


def test_optimisers_at_their_own_rates_are_named():
    (note,) = judge_fairness(PRESETS["optimizers-faces-32"].build()).notes
    assert "SGD 0.01, RMSprop 0.001, Adam 0.001" in note
    assert judge_fairness(PRESETS["rates-faces-32"].build()).notes == ()


def test_a_time_budget_and_a_schedule_do_not_go_together_unsaid():
    seconds = Budget(kind="seconds", amount=3)
    timed = design(
        varied("g_opt.beta1", 0.0, 0.5), budget=seconds, base={"train.lr_schedule": "cosine"}
    )
    notes = judge_fairness(timed).notes
    assert "same time" in notes[0]
    assert "full value" in notes[1]


def test_the_table_names_settings_that_there_are():
    assert set(UNEQUAL) <= {path for path in FIELDS if may_vary(path)}
    assert all(one.aspects <= set(ASPECTS) and one.text.endswith(".") for one in UNEQUAL.values())
