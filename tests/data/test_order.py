"""The data order: whole epochs or free drawing, no memory, the same for the same seed."""

import pytest
import torch

from gan.config import TrainConfig
from gan.data.batches import Batches, batches_of, count_batches
from gan.data.order import BatchOrder, epoch_order
from gan.errors import ConfigError


def test_epoch_order_is_a_permutation() -> None:
    order = epoch_order(1000, seed=3, epoch=7)
    assert order.dtype == torch.int64
    assert order.device.type == "cpu"
    assert torch.equal(order.sort().values, torch.arange(1000))


def test_epoch_order_follows_from_seed_and_epoch_alone() -> None:
    first = epoch_order(100, seed=0, epoch=0)
    torch.manual_seed(99)
    torch.rand(10)
    assert torch.equal(epoch_order(100, seed=0, epoch=0), first)
    others = [epoch_order(100, seed=0, epoch=1), epoch_order(100, seed=1, epoch=0)]
    assert not any(torch.equal(first, other) for other in others)
    assert not torch.equal(*others)


def test_epoch_order_leaves_the_global_stream_alone() -> None:
    before = torch.get_rng_state()
    epoch_order(100, seed=0, epoch=0)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("n_images", "batch_size", "drop_last", "sizes"),
    [
        (10, 5, False, [5, 5]),
        (10, 5, True, [5, 5]),
        (12, 5, False, [5, 5, 2]),
        (12, 5, True, [5, 5]),
        (11, 5, True, [5, 5]),
        (3, 5, False, [3]),
    ],
)
def test_batch_sizes(n_images: int, batch_size: int, drop_last: bool, sizes: list[int]) -> None:
    order = BatchOrder(n_images, batch_size, drop_last, seed=0)
    assert order.n_batches == len(sizes)
    assert order.images_per_epoch == sum(sizes)
    for epoch in range(3):
        batches = [order.batch(epoch * len(sizes) + k) for k in range(len(sizes))]
        assert [len(batch) for batch in batches] == sizes
        seen = torch.cat(batches)
        assert len(seen.unique()) == len(seen)
        assert torch.equal(seen, epoch_order(n_images, 0, epoch)[: len(seen)])


def test_any_batch_can_be_asked_for_first() -> None:
    whole = BatchOrder(103, 10, False, seed=5)
    in_order = [whole.batch(i) for i in range(40)]
    for i in (39, 0, 17, 22, 21, 11):
        assert torch.equal(BatchOrder(103, 10, False, seed=5).batch(i), in_order[i])
        assert torch.equal(whole.batch(i), in_order[i])


def test_batch_larger_than_the_set_is_refused_when_short_batches_are_dropped() -> None:
    with pytest.raises(ConfigError, match=r"batch of 128 .* 100 images .*drop_last off"):
        BatchOrder(100, 128, True, seed=0)


def test_a_last_batch_of_one_image_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"257 images in batches of 128 .* one image"):
        BatchOrder(257, 128, False, seed=0)
    assert BatchOrder(257, 128, True, seed=0).n_batches == 2


def test_negative_batches_do_not_exist() -> None:
    with pytest.raises(ValueError, match="count from 0"):
        BatchOrder(10, 5, False, seed=0).batch(-1)


def drawing(n_images: int = 100, batch_size: int = 30, seed: int = 5) -> BatchOrder:
    return BatchOrder(n_images, batch_size, False, seed, replacement=True)


def test_drawn_batches_are_a_function_of_seed_and_place() -> None:
    whole = drawing()
    in_order = [whole.batch(i) for i in range(9)]
    before = torch.get_rng_state()
    for i in (8, 0, 4, 3):
        assert torch.equal(drawing().batch(i), in_order[i])
        assert torch.equal(whole.batch(i), in_order[i])
        assert not torch.equal(drawing(seed=6).batch(i), in_order[i])
    assert torch.equal(torch.get_rng_state(), before)
    assert len({tuple(batch.tolist()) for batch in in_order}) == 9
    assert all(batch.dtype == torch.int64 and batch.shape == (30,) for batch in in_order)
    with pytest.raises(ValueError, match="count from 0"):
        whole.batch(-1)


def test_drawing_with_replacement_favours_no_image() -> None:
    """50,000 draws of 10 images: each comes 5,000 times, give or take four deviations (67)."""
    order = drawing(10, 50)
    counts = torch.bincount(torch.cat([order.batch(i) for i in range(1000)]), minlength=10)
    assert counts.sum() == 50_000
    assert (counts - 5_000).abs().max() < 4 * 67


def test_an_image_may_be_drawn_before_all_were_seen() -> None:
    """After n draws of n images a share of (1 - 1/n)^n, about 1/e, was never seen."""
    order = drawing(10_000, 100)
    seen = torch.cat([order.batch(i) for i in range(order.n_batches)]).unique()
    assert 1 - len(seen) / 10_000 == pytest.approx(0.3679, abs=0.015)


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize(
    ("n_images", "batch_size", "n_batches"),
    [(10, 5, 2), (12, 5, 3), (11, 5, 3), (3, 5, 1), (257, 128, 3)],
)
def test_an_epoch_of_drawing_counts_full_batches_and_refuses_nothing(
    n_images: int, batch_size: int, n_batches: int, drop_last: bool
) -> None:
    expected = Batches(n_batches, n_batches * batch_size)
    assert count_batches(n_images, batch_size, drop_last=drop_last, replacement=True) == expected
    order = BatchOrder(n_images, batch_size, drop_last, 0, replacement=True)
    assert (order.n_batches, order.images_per_epoch) == (n_batches, n_batches * batch_size)
    assert [len(order.batch(i)) for i in range(2 * n_batches)] == [batch_size] * 2 * n_batches
    assert max(int(order.batch(i).max()) for i in range(9)) < n_images


@pytest.mark.parametrize(
    ("settings", "n_images", "expected"),
    [
        ({"batch_size": 8}, 20, Batches(3, 20)),
        ({"batch_size": 8, "drop_last": True}, 20, Batches(2, 16)),
        ({"batch_size": 8, "sampling": "replacement"}, 20, Batches(3, 24)),
        ({"batch_size": 8, "half_batch": True}, 20, Batches(5, 20)),
        ({"batch_size": 8, "half_batch": True, "drop_last": True}, 21, Batches(5, 20)),
        ({"batch_size": 8, "half_batch": True, "sampling": "replacement"}, 21, Batches(6, 24)),
    ],
)
def test_a_run_counts_the_batches_of_real_images(
    settings: dict[str, object], n_images: int, expected: Batches
) -> None:
    assert batches_of(TrainConfig.model_validate(settings), n_images) == expected


def test_refusals_name_what_does_not_fit() -> None:
    with pytest.raises(ConfigError, match=r"batch of 8 images is more than the 7 .* at most 7"):
        batches_of(TrainConfig(batch_size=8, drop_last=True), 7)
    assert batches_of(TrainConfig(batch_size=8, drop_last=True), 8) == Batches(1, 8)
    with pytest.raises(ConfigError, match=r"9 images in batches of 4 leave"):
        batches_of(TrainConfig(batch_size=8, half_batch=True), 9)
