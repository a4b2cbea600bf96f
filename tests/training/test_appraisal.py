"""A saved generator appraised: what is measured, shown, and said where something is missing."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from prdc import compute_prdc
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

import gan
from gan.config import DataConfig
from gan.data.catalog import get_dataset_info
from gan.data.dataset import ImageData, load_data
from gan.data.held_out import HeldOut
from gan.data.painted import draw_others
from gan.data.wanted import Shape
from gan.errors import CheckpointError, GanError
from gan.metrics.catalog import MEASURES
from gan.training.appraisal import appraise
from gan.training.evaluation import K
from gan.training.trainer import Trainer

N = 120


@pytest.fixture(scope="module")
def digits(tmp_path_factory) -> ImageData:
    config = DataConfig(dataset="drawn-digits", n_images=300)
    return load_data(config, download_folder=tmp_path_factory.mktemp("none"))


@pytest.fixture(scope="module")
def others() -> HeldOut:
    info = get_dataset_info("drawn-digits")
    return HeldOut(draw_others(info, Shape(1, 28), 100), "100 drawn digits of another seed")


def state_of(data: ImageData, **changes) -> dict:
    base = {
        "data.dataset": "drawn-digits", "data.n_images": 300, "model.latent_dim": 6,
        "model.g_widths": [16], "model.d_widths": [16], "train.batch_size": 32,
        "train.device": "cpu", "train.n_threads": 1, "quality.every": 0,
    }  # fmt: skip
    config = gan.RunConfig().with_changes(base | changes)
    trainer = Trainer(config, data)
    list(trainer.run(2))
    return copy.deepcopy(trainer.state_dict())


@pytest.fixture(scope="module")
def state(digits) -> dict:
    return state_of(digits)


def test_everything_is_measured_and_shown(state, digits, others):
    notes = []
    found = appraise(state, digits, lambda: others, features="mnist", n=N, report=notes.append)
    answer, arrays = found.answer, found.arrays
    assert set(answer["figures"]) <= set(MEASURES)
    expected = {"frechet", "kernel", "coverage", "exact_duplicates", "near_training", "copying"}
    assert expected <= set(answer["figures"])
    assert answer["figures"]["effective_n"]["real"] > 1
    assert (answer["n_fake"], answer["n_real"], answer["step"]) == (N, N, 2)
    assert answer["copying"]["n_train"] == answer["copying"]["n_trained"] == 300
    assert "another seed" in answer["copying"]["held_out"]
    for name in ("best_score", "worst_score", "best_density", "worst_density"):
        wall, about = arrays[name], answer["walls"][name]
        assert wall.dtype == np.uint8 and wall.shape[1:] == (28, 28, 1)
        assert len(wall) == len(about["rows"]) == len(about["values"])
    best, worst = (answer["walls"][f"{x}_score"]["values"] for x in ("best", "worst"))
    assert best == sorted(best, reverse=True) and worst == sorted(worst) and best[0] >= worst[0]
    dense = [answer["walls"][f"{x}_density"]["values"] for x in ("best", "worst")]
    assert min(dense[0]) >= max(dense[1]) or max(dense[0]) == max(dense[1])
    assert list(answer["classes"]) == list("0123456789")
    assert sum(c["generated"] for c in answer["classes"].values()) == N
    n_shown = np.sum([c["n_shown"] for c in answer["classes"].values()], axis=0)
    assert [len(arrays["class_real"]), len(arrays["class_fake"])] == n_shown.tolist()
    assert answer["map"]["kind"] == "ring" and len(answer["map"]["labels"]) == 10
    assert arrays["map_points"].shape == (N, 2)
    assert sum(array.nbytes for array in arrays.values()) < 2_000_000
    shares = [note.fraction for note in notes]
    assert shares == sorted(shares) and shares[-1] == 1.0


def test_its_figures_are_the_references_on_the_same_features(state, digits, others, capsys):
    found = appraise(state, digits, lambda: others, features="mnist", n=N).evaluation
    real, fake = found.real_features, found.fake_features  # fewer samples than features
    stats = [fid_features_to_statistics(torch.from_numpy(x)) for x in (real, fake)]
    theirs = fid_statistics_to_metric(*stats, verbose=False)["frechet_inception_distance"]
    assert found.value("frechet") == pytest.approx(theirs, rel=1e-3)
    others = compute_prdc(real, fake, nearest_k=K)
    capsys.readouterr()  # it prints
    for name, value in others.items():
        assert found.value(name) == pytest.approx(value, rel=1e-3), name


def test_a_copier_is_caught_and_its_pairs_are_equal(digits, others, state, monkeypatch):
    """A generator that returns training images, and an honest one that draws new digits."""
    draws = {"copies": digits.images[:N], "new": torch.from_numpy(
        draw_others(get_dataset_info("drawn-digits"), Shape(1, 28), 100 + N)[100:]
    )}  # fmt: skip
    found = {}
    for name, images in draws.items():
        pictures = images.float() / 127.5 - 1

        def batches(self, n, seed, class_name=None, pictures=pictures):
            yield pictures, None

        monkeypatch.setattr("gan.training.saved.SavedGenerator.batches", batches)
        found[name] = appraise(state, digits, lambda: others, features="mnist", n=N)
    copies, new = (found[name].answer["figures"] for name in ("copies", "new"))
    assert copies["near_training"]["value"] == 1.0 and copies["copying"]["value"] < -3
    assert new["near_training"]["value"] < 0.2 and abs(new["copying"]["value"]) < 3
    pairs = found["copies"].arrays["pairs"]
    np.testing.assert_array_equal(pairs[:, 0], pairs[:, 1])
    assert (np.array(found["copies"].answer["walls"]["pairs"]["values"]) < 1e-3).all()
    assert not (found["new"].arrays["pairs"][:, 0] == found["new"].arrays["pairs"][:, 1]).all()


def test_mirrored_copies_are_found_where_the_run_mirrors(digits, others, monkeypatch):
    state = state_of(digits, **{"data.flip": True})
    pictures = digits.images[:N].flip(3).float() / 127.5 - 1

    def batches(self, n, seed, class_name=None):
        yield pictures, None

    monkeypatch.setattr("gan.training.saved.SavedGenerator.batches", batches)
    found = appraise(state, digits, lambda: others, features="mnist", n=N)
    np.testing.assert_array_equal(found.arrays["pairs"][:, 0], found.arrays["pairs"][:, 1])


def test_a_conditional_generator_is_held_to_what_was_asked(digits, others):
    found = appraise(
        state_of(digits, **{"model.conditional": True}), digits, lambda: others,
        features="mnist", n=N,
    )  # fmt: skip
    classes = found.answer["classes"].values()
    assert [c["asked"] for c in classes] == [N // 10] * 10
    agreement = found.answer["figures"]["class_agreement"]
    assert agreement["value"] == sum(c["agree"] for c in classes) / N
    assert agreement["low"] <= agreement["value"] <= agreement["high"]
    assert [c["n_shown"] for c in classes] == [[8, 8]] * 10
    assert not any("equally often" in note for note in found.answer["notes"])


def test_uneven_classes_asked_for_evenly_are_said(digits, others):
    uneven = replace(digits, labels=torch.where(digits.labels == 3, 4, digits.labels))
    state = state_of(uneven, **{"model.conditional": True})
    found = appraise(state, uneven, lambda: others, features="mnist", n=N)
    assert any("equally often" in note for note in found.answer["notes"])


def test_without_unseen_images_the_figure_is_absent_and_a_note_says_why(state, digits):
    nothing = HeldOut(None, "Copying was not measured: there is none to compare with.")
    found = appraise(state, digits, lambda: nothing, features="mnist", n=N)
    assert not {"near_training", "copying"} & set(found.answer["figures"])
    assert found.answer["copying"] is None and "pairs" not in found.arrays
    assert nothing.why in found.answer["notes"]


def test_a_generator_packed_up_without_its_discriminator_has_no_scores(state, digits, others):
    found = appraise(
        state | {"discriminator": None}, digits, lambda: others, features="random", n=N
    )
    assert "best_score" not in found.arrays and "best_density" in found.arrays
    assert found.answer["score"] is None
    assert any("no discriminator" in note for note in found.answer["notes"])


def test_changed_data_and_few_samples_are_said(state, digits, others):
    found = appraise(
        state | {"data_fingerprint": "other"}, digits, lambda: others, features="mnist", n=N
    )
    first, second = found.answer["notes"]
    assert "changed since" in first and "no more pictures than features" in second
    assert np.isfinite(found.evaluation.value("frechet"))


def test_pictures_without_known_classes_get_principal_components(state, digits, others):
    unknown = ImageData(digits.images, None, (), "own-pictures", digits.located, digits.fingerprint)
    found = appraise(state, unknown, lambda: others, features="random", n=N)
    assert found.answer["classes"] is None and found.answer["map"]["kind"] == "plane"
    assert len(found.answer["map"]["explained"]) == 2


def test_a_collapsed_generator_has_defined_figures(digits, others, state):
    collapsed = copy.deepcopy(state)
    for weights in (collapsed["generator"], collapsed["g_ema"]):
        for name in weights:
            if weights[name].is_floating_point():
                weights[name] = torch.zeros_like(weights[name])
    found = appraise(collapsed, digits, lambda: others, features="mnist", n=N)
    values = {name: figure["value"] for name, figure in found.answer["figures"].items()}
    assert all(np.isfinite(value) for value in values.values())
    assert values["exact_duplicates"] == values["near_duplicates"] == 1.0
    assert values["effective_n"] == pytest.approx(1.0)
    assert values["modes_missing"] == 9
    assert np.isfinite(found.arrays["map_points"]).all()


def test_identical_sets_are_at_distance_zero(digits, others, state, monkeypatch):
    pictures = digits.images.float() / 127.5 - 1

    def batches(self, n, seed, class_name=None):
        yield pictures, None

    monkeypatch.setattr("gan.training.saved.SavedGenerator.batches", batches)
    found = appraise(state, digits, lambda: others, features="mnist", n=300).evaluation
    assert found.value("frechet") == pytest.approx(0, abs=1e-4)
    assert found.value("precision") == found.value("recall") == found.value("coverage") == 1.0
    assert found.value("modes_kl") == 0.0


def test_weights_that_are_not_finite_get_one_sentence(state, digits, others):
    broken = copy.deepcopy(state)
    next(iter(broken["g_ema"].values())).fill_(float("nan"))
    with pytest.raises(CheckpointError, match="step 2 draws values that are not finite"):
        appraise(broken, digits, lambda: others, features="mnist", n=N)


def test_missing_weights_of_a_network_get_one_sentence(state, digits, others, monkeypatch):
    monkeypatch.setattr("gan.features.weights.find_weights", lambda *_, **__: None)
    with pytest.raises(GanError, match="restore the folder"):
        appraise(state, digits, lambda: others, features="mnist", n=N)
