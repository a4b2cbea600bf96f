"""Which network suits which pictures, and that what is said of each is so."""

import json

import pytest

from gan.data.catalog import DATASETS
from gan.errors import UnknownNameError
from gan.features import catalog
from gan.features.catalog import (
    FEATURES,
    default_features,
    find_classifier,
    get_feature_info,
    judge_features,
)
from gan.features.classifier import N_FEATURES, PLANS
from gan.features.weights import FOLDER, has_weights, read_card


@pytest.mark.parametrize("name", FEATURES)
def test_an_entry_is_complete(name):
    info = get_feature_info(name)
    assert info.name == name
    assert info.title
    assert info.licence
    assert info.help_text.endswith(".")
    assert {*info.labels_of, *info.default_for} <= set(DATASETS)
    assert not info.judge or info.judge in FEATURES


def test_every_data_set_has_a_default_and_only_one():
    for name in DATASETS:
        assert sum(name in info.default_for for info in FEATURES.values()) == 1


def test_an_unknown_name_is_told_the_valid_ones():
    with pytest.raises(UnknownNameError, match=r"features 'vgg'.*fashion-a, fashion-b, mnist"):
        get_feature_info("vgg")


def test_only_inception_may_be_called_fid():
    titles = {name: info.distance_title for name, info in FEATURES.items()}
    assert titles.pop("inception-v3") == "FID"
    assert not any("FID" in title for title in titles.values())
    assert titles["fashion-a"] == "Fréchet distance (Fashion-MNIST classifier A)"


@pytest.mark.parametrize(
    ("dataset", "channels", "size_px", "expected"),
    [
        ("fashion-mnist", 1, 28, "fashion-a"),
        ("fashion-mnist", 1, 32, "fashion-a"),
        ("fashion-mnist", 1, 64, "imagenet"),  # details that a network of 28 px never sees
        ("fashion-mnist", 3, 28, "imagenet"),  # nor colours
        ("mnist", 1, 28, "mnist"),
        ("drawn-digits", 1, 28, "mnist"),
        ("kmnist", 1, 28, "mnist"),
        ("stacked-digits", 3, 28, "mnist-planes"),
        ("drawn-stacks", 3, 32, "mnist-planes"),
        ("drawn-faces", 3, 32, "faces"),
        ("drawn-faces", 3, 128, "faces"),
        ("drawn-faces", 1, 32, "faces"),
        ("celeba", 3, 64, "imagenet"),
        ("own-pictures", 1, 28, "imagenet"),
        ("nobody's", 3, 32, "imagenet"),
    ],
)
def test_default(dataset, channels, size_px, expected):
    assert default_features(dataset, channels, size_px) == expected


def test_without_any_file_there_is_still_a_network(monkeypatch):
    monkeypatch.setattr(catalog, "has_weights", lambda name: name == "random")
    assert {default_features(name, 1, 28) for name in DATASETS} == {"random"}
    assert find_classifier("mnist") is None


def test_the_judge_chooses_nothing():
    assert judge_features("fashion-mnist", 1, 28) == "fashion-b"
    assert judge_features("mnist", 1, 28) == "mnist"
    judges = {info.judge for info in FEATURES.values()} - {""}
    assert not any(FEATURES[judge].default_for for judge in judges)
    assert PLANS["fashion-a"] != PLANS["fashion-b"]
    assert read_card("fashion-a")["seed"] != read_card("fashion-b")["seed"]


def test_a_classifier_knows_its_labels():
    assert find_classifier("fashion-mnist") == "fashion-a"
    assert find_classifier("drawn-digits") == "mnist"
    assert find_classifier("kmnist") is None
    for info in FEATURES.values():
        for dataset in info.labels_of:
            assert info.n_classes**info.n_parts == len(DATASETS[dataset].classes)


@pytest.mark.parametrize("name", PLANS)
def test_the_catalogue_says_what_the_card_says(name):
    info, card = FEATURES[name], read_card(name)
    assert has_weights(name)
    assert info.accuracy == card["accuracy"]
    assert info.tested_on == card["test"]
    assert card["command"] == f"python -m benchmarks.train_classifiers {name}"
    assert {"data", "licence", "seed", "steps", "sha256"} <= set(card)
    assert (info.n_features, info.channels, info.size_px) == (
        N_FEATURES,
        PLANS[name].channels,
        PLANS[name].size_px,
    )
    assert info.n_classes + info.n_factors == PLANS[name].n_outputs


def test_files_are_small_and_there_are_no_others():
    assert {file.name for file in FOLDER.iterdir()} == {
        f"{name}{suffix}" for name in PLANS for suffix in (".pt", ".json")
    }
    assert all(file.stat().st_size < 2_000_000 for file in FOLDER.iterdir())
    for card in FOLDER.glob("*.json"):
        assert json.loads(card.read_text(encoding="utf-8"))["name"] == card.stem
