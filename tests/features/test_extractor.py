"""Features: constant, independent of batches, true to their cards, and made without a trace."""

import os
import socket
from pathlib import Path

import pytest
import torch

from gan.config import DataConfig
from gan.data.drawn import draw_digits
from gan.data.faces import FACTORS, draw_faces, face_classes
from gan.data.idx import read_idx
from gan.data.sources import find_file, locate
from gan.errors import ConfigError, DataError, StoppedError, UnknownNameError
from gan.features.catalog import FEATURES
from gan.features.extractor import load_extractor
from gan.features.inception import InceptionV3
from gan.features.weights import has_weights, read_card

LOADABLE = [name for name in FEATURES if has_weights(name)]
SMALL = [name for name in LOADABLE if FEATURES[name].size_px <= 64]
MNIST_FOLDERS = [os.environ.get("GAN_DATA"), str(Path(__file__).parents[3] / "shared/data/mnist")]


@pytest.fixture(scope="module")
def extractors():
    return {name: load_extractor(name) for name in LOADABLE}


def noise(n_images: int, channels: int = 1, size_px: int = 28, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    shape = (n_images, channels, size_px, size_px)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def digits(n_images: int, seed: int = 5) -> tuple[torch.Tensor, torch.Tensor]:
    images, labels = draw_digits(n_images, seed)
    return torch.from_numpy(images)[:, None], torch.from_numpy(labels).long()


def faces(n_images: int, size_px: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    images, factors = draw_faces(n_images, 7, size_px=size_px)
    labels = torch.from_numpy(face_classes(factors)).long()
    return torch.from_numpy(images).permute(0, 3, 1, 2), labels, torch.from_numpy(factors)


def official_test(dataset: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the official test split, which the product itself never reads; skip if it is away."""
    for named in [None, *MNIST_FOLDERS]:
        try:
            found = locate(DataConfig(dataset=dataset, source="files", folder=named)).folder
        except DataError:
            continue
        parts = [find_file(found, f"t10k-{part}-ubyte") for part in ("images-idx3", "labels-idx1")]
        if None not in parts:
            return (
                torch.from_numpy(read_idx(parts[0], 3))[:, None],
                torch.from_numpy(read_idx(parts[1], 1)).long(),
            )
    pytest.skip(f"the test split of {dataset} is not on this machine")


@pytest.mark.parametrize("name", ["fashion-a", "fashion-b", "mnist"])
def test_the_card_tells_the_true_accuracy(extractors, name):
    images, labels = official_test(FEATURES[name].labels_of[0])
    accuracy = (extractors[name].classes(images) == labels).double().mean().item()
    assert accuracy == pytest.approx(read_card(name)["accuracy"], abs=4e-4)


def test_mnists_network_reads_drawn_digits(extractors):
    images, labels = digits(1_000)
    accuracy = (extractors["mnist"].classes(images) == labels).double().mean().item()
    assert accuracy == pytest.approx(read_card("mnist")["accuracy_drawn_digits"], abs=0.008)


def test_each_plane_of_a_stack_is_read_by_itself(extractors):
    images, labels = digits(90)
    stacks = torch.cat([images[:30], images[30:60], images[60:]], dim=1)  # [30, 3, 28, 28]
    whole, planes = extractors["mnist"], extractors["mnist-planes"]
    read = planes.classes(stacks)
    assert torch.equal(read, whole.classes(images).view(3, 30).T)
    assert (read == labels.view(3, 30).T).double().mean() > 0.9
    parts = whole.features(images).view(3, 30, -1).transpose(0, 1).flatten(1)
    assert torch.allclose(planes.features(stacks), parts, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("size_px", [32, 64])
def test_faces_are_read_at_both_sizes(extractors, size_px):
    images, labels, factors = faces(400, size_px)
    found = extractors["faces"].extract(images)
    card = read_card("faces")
    suffix = "" if size_px == 64 else "_32px"
    accuracy = (found.logits.argmax(1) == labels).double().mean().item()
    assert accuracy == pytest.approx(card[f"accuracy{suffix}"], abs=0.05)
    share = 1 - (found.factors - factors).square().mean(0) / factors.var(0)
    expected = torch.tensor([card[f"factor_r2{suffix}"][name] for name in FACTORS])
    assert torch.allclose(share, expected, atol=0.08)


@pytest.mark.parametrize("name", LOADABLE)
def test_what_comes_out(extractors, name):
    info, found = FEATURES[name], extractors[name].extract(noise(3))
    assert found.features.shape == (3, info.n_features)
    assert found.features.dtype == torch.float32
    assert found.features.isfinite().all()
    assert not found.features.requires_grad
    assert (found.logits is not None) == (info.n_classes > 0)
    assert (found.factors is not None) == (info.n_factors > 0)
    if found.logits is not None:
        parts = (info.n_parts,) if info.n_parts > 1 else ()
        assert found.logits.shape == (3, info.n_classes, *parts)


@pytest.mark.parametrize("name", LOADABLE)
def test_the_same_pictures_have_the_same_features(extractors, name):
    images = noise(4, channels=3, size_px=20)
    before = images.clone()
    features = extractors[name].features(images)
    assert torch.equal(images, before)
    assert torch.equal(features, extractors[name].features(images))
    assert torch.equal(features, load_extractor(name).features(images))


@pytest.mark.parametrize("name", LOADABLE)
def test_batches_do_not_matter(extractors, name):
    images = torch.cat([digits(6)[0], noise(5)])
    together = extractors[name].features(images)
    for batch_size in (1, 4, 100):
        apart = extractors[name].features(images, batch_size)
        assert torch.allclose(together, apart, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", LOADABLE)
def test_no_pictures_have_no_features(extractors, name):
    assert extractors[name].features(noise(0)).shape == (0, FEATURES[name].n_features)


@pytest.mark.parametrize("name", LOADABLE)
def test_grey_and_rgb_of_the_same_picture_agree(extractors, name):
    grey = digits(4)[0]
    coloured = extractors[name].features(grey.expand(-1, 3, -1, -1))
    assert torch.allclose(extractors[name].features(grey), coloured, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", SMALL)
def test_other_data_lies_further_away_than_more_of_the_same(extractors, name):
    extractor = extractors[name]
    one, more = (extractor.features(digits(200, seed)[0]).mean(0) for seed in (1, 2))
    other = extractor.features(noise(200)).mean(0)
    assert (one - other).norm() > 10 * (one - more).norm()


def test_the_imagenet_network_tells_a_blur(extractors):
    images = faces(24, 64)[0]
    blurred = torch.nn.functional.avg_pool2d(images.float(), 3, 1, 1).round().to(torch.uint8)
    features = extractors["imagenet"].features(images)
    moved = (features.mean(0) - extractors["imagenet"].features(blurred).mean(0)).norm()
    halves = (features[:12].mean(0) - features[12:].mean(0)).norm()
    assert moved > halves


@pytest.mark.parametrize("name", LOADABLE)
def test_no_trace_is_left(name, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    state, n_threads = torch.get_rng_state(), torch.get_num_threads()
    extractor = load_extractor(name)
    extractor.features(noise(2))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == n_threads
    assert torch.is_grad_enabled()


def test_speed_settings_of_the_caller_do_not_matter(extractors):
    images = noise(3)
    features = extractors["mnist"].features(images)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(extractors["mnist"].features(images), features)


def test_a_long_job_tells_how_far_it_is_and_can_be_given_up(extractors):
    told: list[tuple[int, int]] = []
    extractors["mnist"].features(noise(5), 2, lambda done, total: told.append((done, total)))
    assert told == [(2, 5), (4, 5), (5, 5)]

    def give_up(_done: int, _total: int) -> None:
        raise StoppedError("Enough.")

    with pytest.raises(StoppedError):
        extractors["mnist"].features(noise(5), 2, give_up)


def test_what_cannot_be_is_said(extractors):
    with pytest.raises(UnknownNameError, match="features 'vgg'"):
        load_extractor("vgg")
    with pytest.raises(ConfigError, match="has no classes"):
        extractors["random"].logits(noise(1))
    with pytest.raises(ConfigError, match="batch_size 1 or more"):
        extractors["random"].features(noise(1), 0)
    with pytest.raises(DataError, match="have no features"):
        extractors["random"].features(noise(1)[0])


def test_inception_takes_torchvisions_weights_over():
    from torchvision.models import inception_v3

    with torch.random.fork_rng():
        torch.manual_seed(0)
        published = inception_v3(weights=None, init_weights=False)
        network = InceptionV3()
    network.load_published(published.state_dict())
    images = noise(1, channels=3, size_px=299).float() / 127.5 - 1
    with torch.no_grad():
        features = network.features(images)
        assert features.shape == (1, FEATURES["inception-v3"].n_features)
        assert torch.allclose(network.logits(features), published.eval()(images), atol=1e-5)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", LOADABLE)
def test_a_gpu_gives_the_same_features(extractors, name):
    images = digits(8)[0]
    on_gpu = load_extractor(name, "cuda").features(images)
    assert torch.allclose(extractors[name].features(images), on_gpu, rtol=1e-3, atol=1e-3)
