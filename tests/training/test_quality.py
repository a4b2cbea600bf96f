"""Quality while training: disturbs nothing, is remembered, stays in its share of the time."""

from pathlib import Path

import numpy as np
import pytest
import torch

from gan.config import DataConfig, RunConfig
from gan.data.dataset import load_data, scale
from gan.data.facts import describe
from gan.errors import ConfigError
from gan.features.extractor import load_extractor
from gan.metrics.frechet import frechet_distance
from gan.models.registry import build_pair
from gan.training.measuring import stand_in
from gan.training.quality import QualityMeter, _class_counts
from gan.training.records import Evaluated, StepDone
from gan.training.trainer import Trainer

QUALITY = {"quality.every": 4, "quality.n_samples": 100, "quality.features": "random"}
FREE = {"quality.max_share": 1.0}


@pytest.fixture
def config(tiny_config):
    return tiny_config.with_changes(QUALITY | FREE)


def numbers(records) -> np.ndarray:
    rows = [r.rows for r in records if isinstance(r, StepDone) and r.rows]
    columns = [i for i, k in enumerate(rows[0].keys) if not k.startswith(("time/el", "speed/"))]
    return np.concatenate([r.values[:, columns] for r in rows])


def test_it_is_measured_at_its_steps_and_changes_no_number(config, tiny_config, tiny_data):
    records = list(Trainer(config, tiny_data).run())
    found = [r for r in records if isinstance(r, Evaluated)]
    assert [r.step for r in found] == [4, 8, 12]
    assert all(np.isfinite(r.rows.values).all() and r.distance > 0 for r in found)
    assert found[0].features == "random"
    assert {"quality/distance", "quality/precision", "quality/recall"} <= set(found[0].rows.keys)
    silent = tiny_config.with_changes({"quality.every": 0})
    plain = list(Trainer(silent, tiny_data).run())
    assert not any(isinstance(r, Evaluated) for r in plain)
    np.testing.assert_array_equal(numbers(records), numbers(plain))


def test_the_figure_is_the_distance_of_the_averaged_generator(config, tiny_data):
    trainer = Trainer(config, tiny_data)
    records = list(trainer.run(4))
    (found,) = [r for r in records if isinstance(r, Evaluated)]
    extractor = load_extractor("random")
    fake = extractor.features(trainer.quality._draw(trainer.players.ema.module)).numpy()
    real = extractor.features(tiny_data.images).numpy()
    expected = frechet_distance(real, fake, n_groups=0).value
    assert found.distance == pytest.approx(expected, rel=1e-5)
    assert not trainer.players.ema.module.training


def test_what_is_known_of_real_images_is_made_once(config, tiny_data):
    kept: dict[str, dict] = {}
    made: list[str] = []

    def remember(key, make):
        if key not in kept:
            made.append(key)
            kept[key] = make()
        return kept[key]

    first = [r for r in Trainer(config, tiny_data, remember=remember).run()]
    second = [r for r in Trainer(config, tiny_data, remember=remember).run()]
    assert len(made) == 1
    distances = [[r.distance for r in rs if isinstance(r, Evaluated)] for rs in (first, second)]
    assert distances[0] == distances[1]


def test_it_is_left_out_while_it_has_taken_too_much_time(config, tiny_data):
    now = [0.0]
    meter = QualityMeter(
        config.with_changes({"quality.max_share": 0.1}),
        tiny_data,
        torch.device("cpu"),
        0,
        clock=lambda: now[0],
    )
    assert meter.is_due(4) and not meter.is_due(5) and not meter.is_due(0)
    meter._spent_s = 2.0
    now[0] = 19.0
    assert not meter.is_due(8)
    now[0] = 20.0
    assert meter.is_due(8)


def test_the_last_step_is_measured_too_where_there_is_time_for_it(config, tiny_data):
    def steps(**changes):
        changed = config.with_changes({k.replace("__", "."): v for k, v in changes.items()})
        return [r.step for r in Trainer(changed, tiny_data).run() if isinstance(r, Evaluated)]

    assert steps(quality__every=5) == [5, 10, 12]
    assert steps(quality__every=12) == [12]
    assert steps(quality__every=50) == [12]
    assert steps(quality__every=50, quality__max_share=0.5) == []
    assert steps(quality__every=0) == []


def test_measuring_is_no_training_time(config, tiny_data):
    now = [0.0]
    trainer = Trainer(config, tiny_data, clock=lambda: now[0])

    def measure(_generator):
        now[0] += 100.0
        return {"quality/distance": 1.0}

    trainer.quality.measure = measure
    for _ in range(8):
        now[0] += 1.0
        trainer.advance()
    assert now[0] == 208.0
    assert trainer.elapsed_s == 8.0


def test_variety_and_copies_are_measured_against_the_real_images(config, tiny_data):
    class Copier(torch.nn.Module):
        """Draws training images, again and again, or only the first one."""

        def __init__(self, n_different):
            super().__init__()
            self.n_different = n_different

        def forward(self, z, _labels=None):
            return scale(tiny_data.images[torch.arange(len(z)) % self.n_different])

    meter = QualityMeter(config, tiny_data, torch.device("cpu"), 0)
    everything, one = meter.measure(Copier(20)), meter.measure(Copier(1))
    assert everything["quality/novelty"] == one["quality/novelty"] == 0.0
    assert everything["quality/diversity"] == pytest.approx(1.0, abs=0.1)
    assert one["quality/diversity"] == 0.0
    assert "quality/classes_missing" not in one  # nobody knows the classes of noise


def test_classes_that_no_sample_shows_are_counted(tiny_config):
    data = load_data(
        DataConfig(dataset="drawn-digits", source="drawn", n_images=200), download_folder=Path()
    )
    config = tiny_config.with_changes({"quality.n_samples": 100})
    meter = QualityMeter(config, data, torch.device("cpu"), 0)

    class OneDigit(torch.nn.Module):
        def forward(self, z, _labels=None):
            return scale(data.images[data.labels == 3][:1]).expand(len(z), -1, -1, -1)

    assert meter.measure(OneDigit())["quality/classes_missing"] == 9.0


def test_it_says_when_it_begins_and_ends(config, tiny_data):
    trainer = Trainer(config, tiny_data)
    told: list[str] = []
    trainer.quality.tell = told.append
    list(trainer.run(8))
    assert told == ["Measuring quality", "", "Measuring quality", ""]


def test_features_without_weights_are_refused_at_the_start(config, tiny_data, monkeypatch):
    monkeypatch.setattr("gan.training.quality.has_weights", lambda _: False)
    with pytest.raises(ConfigError, match=r"quality\.features is random"):
        Trainer(config, tiny_data)


def test_stacks_of_digits_are_counted_by_the_number_that_they_spell():
    data = stand_in(describe(DataConfig(dataset="drawn-stacks")), 8)
    config = RunConfig().with_changes(
        {
            "data.dataset": "drawn-stacks", "quality.n_samples": 100, "model.latent_dim": 4,
            "model.g_widths": [8], "train.device": "cpu",
        }
    )  # fmt: skip
    meter = QualityMeter(config, data, torch.device("cpu"), 0)
    assert meter.features == "mnist-planes"
    generator, _ = build_pair(config.model, img_channels=3, size_px=28)
    found = meter.measure(generator)
    assert found["quality/distance"] > 0
    # Of a thousand classes a hundred samples must miss most: that would say nothing.
    assert "quality/classes_missing" not in found
    logits = torch.zeros(5, 10, 3)
    for sample, digits in enumerate([(0, 4, 2), (0, 4, 2), (9, 9, 9), (0, 0, 0), (1, 0, 0)]):
        logits[sample, list(digits), [0, 1, 2]] = 1.0
    counts = _class_counts(logits)
    assert (len(counts), counts[42], counts[999], counts[0], counts[100]) == (1000, 2, 1, 1, 1)
