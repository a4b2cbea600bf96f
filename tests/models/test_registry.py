"""Pairs as the trainer uses them: labels, copies, frozen weights, bounded weights, old files."""

import copy

import pytest
import torch
from torch import nn

from gan.config import ModelConfig
from gan.models.dropout import Dropout, use_stream
from gan.models.linear import use_kernel
from gan.models.network import Generator, LabelsError
from gan.models.registry import MODELS, build_pair, n_parameters, uses_batch_statistics

NAMES = list(MODELS)


def pair(name, *, n_classes=0, channels=3, **changes):
    torch.manual_seed(0)
    config = ModelConfig(
        name=name, latent_dim=6, g_widths=(8, 6), d_widths=(6, 8), conditional=n_classes > 0,
        **changes,
    )  # fmt: skip
    return build_pair(config, img_channels=channels, size_px=16, n_classes=n_classes)


@pytest.mark.parametrize("name", NAMES)
def test_modules_keep_the_numbers_that_rebuild_them(name):
    generator, discriminator = pair(name, n_classes=4)
    assert generator.latent_dim == 6
    for network in (generator, discriminator):
        assert (network.img_channels, network.size_px, network.n_classes) == (3, 16, 4)
    assert pair(name)[0].n_classes == 0


def test_keys_of_fully_connected_networks_are_those_of_old_checkpoints():
    config = ModelConfig(latent_dim=5, g_widths=(8, 12), d_widths=(9,))
    generator, discriminator = build_pair(config, img_channels=3, size_px=8)
    norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    assert list(generator.state_dict()) == [
        "layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias",
        *(f"layers.3.{key}" for key in norm), "layers.5.weight", "layers.5.bias",
    ]  # fmt: skip
    assert list(discriminator.state_dict()) == [
        "layers.0.weight", "layers.0.bias", "layers.2.weight", "layers.2.bias",
    ]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_both_networks_learn(name):
    generator, discriminator = pair(name, d_norm="batch", d_dropout=0.2)
    discriminator(generator(torch.randn(4, 6))).square().sum().backward()
    for network in (generator, discriminator):
        assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    assert all(p.grad.any() for n, p in discriminator.named_parameters() if "weight" in n)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spectral_norm", [False, True])
def test_a_gradient_penalty_can_be_differentiated(name, spectral_norm):
    _, discriminator = pair(name, spectral_norm=spectral_norm)
    x = torch.randn(3, 3, 16, 16, requires_grad=True)
    (gradient,) = torch.autograd.grad(discriminator(x).sum(), x, create_graph=True)
    gradient.square().sum().backward()
    assert any(p.grad is not None and p.grad.any() for p in discriminator.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_the_class_changes_what_is_drawn_and_judged(name):
    generator, discriminator = pair(name, n_classes=3)
    generator.eval()
    z = torch.randn(1, 6).expand(2, 6)
    images = generator(z, torch.tensor([0, 2]))
    assert not torch.allclose(images[0], images[1])
    same = images[:1].expand(2, -1, -1, -1)
    logits = discriminator(same, torch.tensor([1, 2]))
    assert logits[0] != logits[1]


def test_the_class_stands_beside_z_as_one_hot_and_beside_pictures_as_planes():
    generator, _ = pair("mlp", n_classes=3)
    joined = generator.layers.join_class(torch.zeros(2, 6), torch.tensor([2, 0]))
    assert joined[:, 6:].tolist() == [[0, 0, 1], [1, 0, 0]]
    _, discriminator = pair("dcgan", n_classes=3)
    planes = discriminator.layers.join_class(torch.zeros(2, 3, 4, 4), torch.tensor([2, 0]))
    assert planes.shape == (2, 6, 4, 4)
    assert planes[0, 5].eq(1).all()
    assert planes[1, 3].eq(1).all()
    assert planes.sum() == 2 * 16


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("labels", "match"),
    [
        (None, "got no labels: pass 2 numbers from 0 to 2"),
        (torch.tensor([0, 3]), "Labels go from 0 to 3"),
        (torch.tensor([-1, 2]), "Labels go from -1 to 2"),
        (torch.tensor([1]), r"shape \[1\] beside a batch of 2"),
    ],
)
def test_conditional_networks_say_what_is_wrong_with_labels(name, labels, match):
    generator, discriminator = pair(name, n_classes=3)
    with pytest.raises(LabelsError, match=match):
        generator(torch.randn(2, 6), labels)
    with pytest.raises(LabelsError, match=match):
        discriminator(torch.randn(2, 3, 16, 16), labels)


@pytest.mark.parametrize("name", NAMES)
def test_other_networks_ignore_labels(name):
    generator, _ = pair(name)
    z, labels = torch.randn(2, 6), torch.tensor([0, 1])
    generator.eval()
    assert torch.equal(generator(z, labels), generator(z))


def weights_of(network):
    return [m.weight for m in network.modules() if isinstance(m, nn.Linear | nn.Conv2d)]


@pytest.mark.parametrize("name", NAMES)
def test_spectral_norm_brings_each_weights_largest_singular_value_to_1(name):
    _, discriminator = pair(name, spectral_norm=True, init="he-uniform")
    x = torch.randn(2, 3, 16, 16)
    with torch.no_grad():
        for _ in range(40):
            discriminator(x)
    discriminator.eval()
    assert len(weights_of(discriminator)) >= 3
    for weight in weights_of(discriminator):
        largest = torch.linalg.svdvals(weight.detach().flatten(1))[0]
        assert largest.item() == pytest.approx(1.0, abs=0.02)


def test_spectral_norm_is_discriminators_alone():
    generator, _ = pair("dcgan", spectral_norm=True)
    assert not any("parametrizations" in key for key in generator.state_dict())


@pytest.mark.parametrize("name", NAMES)
def test_copies_are_equal_and_apart(name):
    for spectral_norm in (False, True):
        for network in pair(name, spectral_norm=spectral_norm, d_dropout=0.3, n_classes=2):
            use_stream(network, torch.Generator().manual_seed(1))
            copied = copy.deepcopy(network).requires_grad_(False).eval()
            network.eval()
            shape = (2, 6) if isinstance(network, Generator) else (2, 3, 16, 16)
            x, labels = torch.randn(shape), torch.tensor([0, 1])
            assert torch.equal(copied(x, labels), network(x, labels))
            assert not any(p.requires_grad for p in copied.parameters())
            assert all(p.requires_grad for p in network.parameters())
            with torch.no_grad():
                next(network.parameters()).add_(1.0)
            assert not torch.equal(next(copied.parameters()), next(network.parameters()))


@pytest.mark.parametrize("name", NAMES)
def test_a_frozen_discriminator_still_tells_the_generator_what_to_do(name):
    generator, discriminator = pair(name, spectral_norm=True)
    discriminator.requires_grad_(False)
    discriminator(generator(torch.randn(3, 6))).sum().backward()
    assert all(p.grad is None for p in discriminator.parameters())
    assert all(p.grad is not None for p in generator.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_saved_networks_go_on_alike(name):
    _, discriminator = pair(name, spectral_norm=True)
    state = copy.deepcopy(discriminator.state_dict())
    x = torch.randn(2, 3, 16, 16)
    first = discriminator(x)
    torch.manual_seed(99)
    _, other = pair(name, spectral_norm=True, init="glorot-uniform")
    other.load_state_dict(state)
    assert torch.equal(other(x), first)


@pytest.mark.parametrize("name", ["mlp", "dcgan", "upsample"])
@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("first", [False, True])
def test_batch_norm_stands_where_it_is_asked_for(name, place, first):
    generator, _ = pair(
        name, g_norm_place=place, g_norm_first=first, g_norm_eps=0.25, g_norm_momentum=0.5
    )
    kinds = [type(layer).__name__ for layer in generator.layers]
    dim = "1d" if name == "mlp" else "2d"
    order = [f"BatchNorm{dim}", "LeakyReLU"]
    order = order if place == "before" else order[::-1]
    hidden = [k for k in kinds if k in order]
    assert hidden == [*(order if first else ["LeakyReLU"]), *order]
    norms = [m for m in generator.layers if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
    assert all((m.eps, m.momentum) == (0.25, 0.5) for m in norms)


@pytest.mark.parametrize("name", ["mlp", "dcgan", "upsample"])
@pytest.mark.parametrize("first", [False, True])
def test_batch_norm_of_d_has_torchs_defaults(name, first):
    _, discriminator = pair(name, d_norm="batch", d_norm_first=first, g_norm_eps=0.5)
    norms = [m for m in discriminator.layers if isinstance(m, nn.BatchNorm1d | nn.BatchNorm2d)]
    assert [(m.num_features, m.eps, m.momentum) for m in norms] == [
        (width, 1e-5, 0.1) for width in ((6, 8) if first else (8,))
    ]


@pytest.mark.parametrize("name", NAMES)
def test_settings_leave_out_what_they_say(name):
    generator, discriminator = pair(name, g_norm="none", g_activation="relu")
    assert not uses_batch_statistics(generator)
    assert not uses_batch_statistics(discriminator)
    assert not any(isinstance(m, nn.LeakyReLU) for m in generator.modules())
    assert uses_batch_statistics(pair(name)[0])
    assert not any(isinstance(m, Dropout) for m in discriminator.modules())


def test_residual_blocks_keep_their_input_for_the_shortcut():
    """An activation in place on the main way would change what the shortcut sees."""
    generator, discriminator = pair("resnet", g_norm="none")
    for block, channels in ((generator.layers[3], 8), (discriminator.layers[1], 6)):
        x = torch.randn(2, channels, 4, 4)
        before = x.clone()
        both = block(x)
        assert torch.equal(x, before)
        torch.testing.assert_close(both, block.branch(x) + block.shortcut(x))


@pytest.mark.parametrize("name", ["mlp", "upsample"])
def test_the_other_kernel_multiplies_the_same(name):
    config = ModelConfig(name=name, latent_dim=64, g_widths=(64,), d_widths=(32,))
    torch.manual_seed(0)
    generator, _ = build_pair(config, img_channels=1, size_px=16)
    z = torch.randn(512, 64)
    expected = generator(z)
    use_kernel(generator, "onednn" if torch.backends.mkldnn.is_available() else "torch")
    out = generator(z)
    torch.testing.assert_close(out, expected, rtol=1e-4, atol=1e-5)
    out.sum().backward()


def test_parameters_are_counted():
    assert n_parameters(nn.Linear(3, 4)) == 16
