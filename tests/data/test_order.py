"""The data order: whole epochs, no memory, the same for the same seed."""

import pytest
import torch

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
