"""What holds for every objective in the registry, and what the catalogue says about each."""

import importlib
import math
import typing

import pytest
import torch

from gan.config import LossName
from gan.config.loss import LABELLED
from gan.errors import UnknownNameError
from gan.losses.catalog import LOSS_INFOS, get_loss_info
from gan.losses.objectives import LOSSES, get_objective

# What D gives everywhere at the equilibrium; where theory leaves a constant free, 0.
EQUILIBRIUM_LOGIT = {"lsgan": 0.5}
WITH_PARTS = [name for name in LOSSES if name != "relativistic"]


@pytest.fixture
def logits():
    """Real and fake logits, float64: two batches that differ in length."""
    rng = torch.Generator().manual_seed(5)
    return (
        3 * torch.randn(6, 1, dtype=torch.float64, generator=rng),
        3 * torch.randn(4, 1, dtype=torch.float64, generator=rng),
    )


def test_registry_catalogue_and_config_name_the_same_losses():
    assert set(LOSSES) == set(LOSS_INFOS) == set(typing.get_args(LossName))
    assert {name for name, info in LOSS_INFOS.items() if info.has_labels} == set(LABELLED)
    assert all(LOSSES[name].info is LOSS_INFOS[name] for name in LOSSES)


def test_unknown_loss_lists_the_known_ones():
    with pytest.raises(UnknownNameError, match="bce"):
        get_objective("wgan-typo")
    with pytest.raises(UnknownNameError, match="relativistic"):
        get_loss_info("wgan-typo")


@pytest.mark.parametrize("name", LOSSES)
def test_every_description_is_complete(name):
    info = get_loss_info(name)
    assert info.name == name
    assert info.d_formula.startswith("L_D = ")
    assert info.g_formula.startswith("L_G = ")
    assert any(year in info.source for year in ("2014", "2017", "2018", "2024"))
    assert info.output in ("probability", "score")
    assert info.unit in ("nats", "")
    for sentence in (info.summary, info.when_to_use):
        assert sentence.endswith(".")
        assert len(sentence) > 40
    assert "loss/d" in info.equilibrium


@pytest.mark.parametrize("name", LOSSES)
def test_equilibrium_in_the_catalogue_is_what_the_functions_give(name):
    objective = get_objective(name)
    logit = torch.full((7, 1), EQUILIBRIUM_LOGIT.get(name, 0.0))
    terms = objective.d_loss(logit, logit) | objective.g_loss(logit, logit)
    values = {f"loss/{key}": term.item() for key, term in terms.items()}
    if objective.info.output == "probability":
        values |= {key: torch.sigmoid(logit).mean().item() for key in ("score/real", "score/fake")}
    for key, claimed in objective.info.equilibrium.items():
        assert values[key] == pytest.approx(claimed, abs=1e-6), key


@pytest.mark.parametrize("name", LOSSES)
def test_no_discriminator_does_better_than_the_equilibrium_where_fakes_are_like_real_ones(name):
    """With p = q, D sees the same pictures as real and as fake, whatever it says of them."""
    objective = get_objective(name)
    rng = torch.Generator().manual_seed(0)
    for spread in (0.1, 1.0, 5.0):
        said = spread * torch.randn(50, 1, dtype=torch.float64, generator=rng)
        real, fake = said.repeat_interleave(50, 0), said.repeat(50, 1)  # each beside each
        best = objective.info.equilibrium["loss/d"]
        assert objective.d_loss(real, fake)["d"].item() >= best - 1e-9


@pytest.mark.parametrize("name", LOSSES)
def test_terms_are_scalars_that_move_both_networks_and_spare_the_inputs(name, logits):
    objective = get_objective(name)
    real, fake = (side.clone().requires_grad_(True) for side in logits)
    d_terms, g_terms = objective.d_loss(real, fake), objective.g_loss(real, fake)
    assert set(g_terms) == {"g"}
    assert set(d_terms) == ({"d_real", "d_fake", "d"} if name in WITH_PARTS else {"d"})
    for total in (d_terms["d"], g_terms["g"]):
        assert total.shape == ()
        (gradient,) = torch.autograd.grad(total, fake, retain_graph=True)
        assert gradient.abs().sum() > 0
    for term in d_terms.values():
        assert term.shape == ()
    assert torch.equal(real, logits[0])
    assert torch.equal(fake, logits[1])


@pytest.mark.parametrize("name", LOSSES)
def test_d_falls_as_it_tells_better_and_g_as_it_fools_better(name):
    objective = get_objective(name)
    low, high = torch.full((3, 1), 0.2), torch.full((3, 1), 0.7)
    assert objective.d_loss(high, low)["d"] < objective.d_loss(low, high)["d"]
    assert objective.g_loss(low, high)["g"] < objective.g_loss(low, low)["g"]


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_equal_finite_differences(name, logits):
    objective = get_objective(name)
    real, fake = (side.clone().requires_grad_(True) for side in logits)
    assert torch.autograd.gradcheck(lambda r, f: objective.d_loss(r, f)["d"], (real, fake))
    if objective.g_needs_real:
        assert torch.autograd.gradcheck(lambda r, f: objective.g_loss(r, f)["g"], (real, fake))
    else:
        assert torch.autograd.gradcheck(lambda f: objective.g_loss(None, f)["g"], (fake,))


@pytest.mark.parametrize("name", [name for name in LOSSES if LOSS_INFOS[name].has_labels])
def test_gradients_with_soft_labels_equal_finite_differences(name, logits):
    real, fake = (side.clone().requires_grad_(True) for side in logits)
    targets = torch.linspace(0, 1, 6, dtype=torch.float64)[:, None]

    def total(real, fake):
        return get_objective(name).d_loss(real, fake, real_target=targets, fake_target=0.1)["d"]

    assert torch.autograd.gradcheck(total, (real, fake))


@pytest.mark.parametrize("name", LOSSES)
def test_extreme_logits_stay_finite(name):
    objective = get_objective(name)
    for real_side, fake_side in ((1e4, -1e4), (-1e4, 1e4)):
        real = torch.tensor([[real_side], [0.0]], requires_grad=True)
        fake = torch.tensor([[fake_side], [fake_side]], requires_grad=True)
        terms = objective.d_loss(real, fake) | objective.g_loss(real, fake)
        assert all(torch.isfinite(term) for term in terms.values())
        (terms["d"] + terms["g"]).backward()
        assert torch.isfinite(real.grad).all()
        assert torch.isfinite(fake.grad).all()


@pytest.mark.parametrize("name", WITH_PARTS)
def test_each_side_alone_gives_its_part_of_the_whole(name, logits):
    real, fake = logits
    objective = get_objective(name)
    whole = objective.d_loss(real, fake)
    on_real, on_fake = objective.d_loss(real, None), objective.d_loss(None, fake)
    assert set(on_real) == {"d_real", "d"}
    assert set(on_fake) == {"d_fake", "d"}
    assert on_real["d"].item() == on_real["d_real"].item() == whole["d_real"].item()
    assert on_fake["d"].item() == on_fake["d_fake"].item() == whole["d_fake"].item()
    assert whole["d"].item() == pytest.approx((on_real["d"] + on_fake["d"]).item(), rel=1e-12)


@pytest.mark.parametrize("name", LOSSES)
def test_nothing_to_judge_is_an_error(name):
    with pytest.raises(ValueError, match="give"):
        get_objective(name).d_loss(None, None)


@pytest.mark.parametrize("name", LOSSES)
def test_a_map_of_logits_is_averaged_like_single_ones(name):
    objective = get_objective(name)
    rng = torch.Generator().manual_seed(1)
    real, fake = torch.randn(4, 25, generator=rng), torch.randn(4, 25, generator=rng)
    as_map = objective.d_loss(real, fake) | objective.g_loss(real, fake)
    single = real.reshape(-1, 1), fake.reshape(-1, 1)
    as_single = objective.d_loss(*single) | objective.g_loss(*single)
    for key, term in as_map.items():
        assert term.item() == pytest.approx(as_single[key].item(), rel=1e-5)


def test_only_relativistic_pairing_looks_at_real_logits_for_g(logits):
    real, fake = logits
    for name, objective in LOSSES.items():
        assert objective.g_needs_real == (name == "relativistic")
        if not objective.g_needs_real:
            with_real, without = objective.g_loss(real, fake), objective.g_loss(None, fake)
            assert with_real["g"].item() == without["g"].item()


@pytest.mark.parametrize("name", LABELLED)
def test_flipping_all_labels_swaps_the_roles(name, logits):
    d_loss = get_objective(name).d_loss
    real, fake = logits
    flipped = d_loss(real, fake, real_target=0.0, fake_target=1.0)
    swapped = d_loss(fake, real)
    assert flipped["d"].item() == pytest.approx(swapped["d"].item(), rel=1e-12)
    assert flipped["d_real"].item() == pytest.approx(swapped["d_fake"].item(), rel=1e-12)


@pytest.mark.parametrize("name", LABELLED)
def test_a_label_for_each_picture_counts_for_that_picture(name, logits):
    d_loss = get_objective(name).d_loss
    real, _ = logits
    targets = torch.tensor([1.0, 0.0, 0.9, 1.0, 0.0, 0.5], dtype=torch.float64)[:, None]
    together = d_loss(real, None, real_target=targets)["d"].item()
    alone = [
        d_loss(one[None], None, real_target=target.item())["d"].item()
        for one, target in zip(real, targets, strict=True)
    ]
    assert together == pytest.approx(math.fsum(alone) / 6, rel=1e-12)
    on_a_map = d_loss(real.expand(6, 3), None, real_target=targets)["d"].item()
    assert on_a_map == pytest.approx(together, rel=1e-12)


@pytest.mark.parametrize("name", LABELLED)
def test_labels_that_do_not_fit_are_refused(name):
    d_loss = get_objective(name).d_loss
    logits = torch.zeros(6, 1)
    for bad in (torch.ones(6), torch.ones(5, 1), torch.ones(6, 2), 1.1, -0.1):
        with pytest.raises(ValueError, match=r"[Ll]abel"):
            d_loss(logits, None, real_target=bad)
        with pytest.raises(ValueError, match=r"[Ll]abel"):
            d_loss(None, logits, fake_target=bad)
    with pytest.raises(ValueError, match="Labels"):
        d_loss(torch.zeros(6, 6), None, real_target=torch.ones(6))


@pytest.mark.parametrize("name", LOSSES)
def test_code_shown_beside_the_chart_is_the_code_that_runs(name, logits):
    info = get_loss_info(name)
    shown = info.code()
    assert f"def {info.d_function}(" in shown
    assert f"def {info.g_function}(" in shown
    module = importlib.import_module(f"gan.losses.{info.module}")
    own = {key for key, value in vars(module).items() if callable(value)}
    own = {key for key in own if getattr(vars(module)[key], "__module__", "") == module.__name__}
    namespace = {key: value for key, value in vars(module).items() if key not in own}
    exec(shown, namespace)  # nothing of the module is there but what is shown and its imports
    real, fake = logits
    objective = get_objective(name)
    for key, term in namespace[info.d_function](real, fake).items():
        assert term.item() == objective.d_loss(real, fake)[key].item()
    assert namespace[info.g_function](real, fake)["g"].item() == (
        objective.g_loss(real, fake)["g"].item()
    )
