"""Random streams: apart from each other, and exactly resumable, begun or not."""

import copy

import pytest
import torch

from gan.runs.checkpoints import load_checkpoint, save_checkpoint
from gan.training.streams import Streams, derived_seed, make_stream, seeded_init
from gan.training.trainer import Trainer

CPU = torch.device("cpu")


def draw(streams: Streams, purpose: str, n: int = 4) -> list[float]:
    return torch.rand(n, generator=streams[purpose]).tolist()


def test_seeds_suit_torch_and_differ_by_seed_and_purpose() -> None:
    seeds = [derived_seed(seed, purpose) for seed in range(50) for purpose in ("z", "init", "/0")]
    assert len(set(seeds)) == 150
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert derived_seed(1, "1/z") != derived_seed(11, "/z")  # nothing runs together


def test_a_stream_begins_at_the_seed_of_its_purpose_whatever_others_drew() -> None:
    alone = Streams(3, CPU)
    expected = torch.rand(4, generator=make_stream(3, "z", CPU)).tolist()
    assert draw(alone, "z") == expected
    busy = Streams(3, CPU)
    draw(busy, "augment", 100)
    torch.rand(5)
    assert draw(busy, "z") == expected
    assert draw(Streams(4, CPU), "z") != expected
    assert draw(Streams(3, CPU), "augment") != expected


@pytest.mark.parametrize("moved", [False, True])
def test_resuming_is_exact_also_for_streams_that_begin_later(moved, tmp_path) -> None:
    whole = Streams(3, CPU)
    if moved:
        whole.start_afresh("120")
    draw(whole, "z", 7)
    save_checkpoint(tmp_path / "state.pt", {"streams": whole.state_dict()})
    expected = {purpose: draw(whole, purpose) for purpose in ("z", "labels")}

    resumed = Streams(3, CPU)
    resumed.load_state_dict(load_checkpoint(tmp_path / "state.pt")["streams"])
    assert {purpose: draw(resumed, purpose) for purpose in ("labels", "z")} == expected
    plain = Streams(3, CPU)
    assert (draw(plain, "labels") == expected["labels"]) == (not moved)


def test_going_back_rewinds_streams_that_began_since() -> None:
    streams = Streams(3, CPU)
    first = draw(streams, "labels")
    fresh = Streams(3, CPU)
    streams.load_state_dict(fresh.state_dict())
    assert draw(streams, "labels") == first


def test_going_back_before_a_move_undoes_it() -> None:
    streams = Streams(3, CPU)
    state = copy.deepcopy(streams.state_dict())
    streams.start_afresh("120")
    streams.load_state_dict(state)
    assert draw(streams, "z") == draw(Streams(3, CPU), "z")


def test_a_saved_state_does_not_move_on_with_the_run() -> None:
    streams = Streams(3, CPU)
    draw(streams, "z")
    state = streams.state_dict()
    expected = draw(streams, "z")
    streams.load_state_dict(state)
    assert draw(streams, "z") == expected


def test_afresh_means_other_numbers_that_follow_from_seed_and_place() -> None:
    begun, untouched = Streams(3, CPU), Streams(3, CPU)
    before = draw(begun, "z")
    for streams in (begun, untouched):  # whether a stream had begun makes no difference
        streams.start_afresh("120")
    after = draw(begun, "z")
    assert draw(untouched, "z") == after
    elsewhere = Streams(3, CPU)
    elsewhere.start_afresh("121")
    assert len({tuple(before), tuple(after), tuple(draw(elsewhere, "z"))}) == 3


def test_whoever_holds_a_stream_draws_from_the_resumed_one() -> None:
    """Dropout layers hold theirs."""
    streams = Streams(3, CPU)
    held = streams["dropout"]
    state = streams.state_dict()
    expected = draw(streams, "dropout")
    for back in (lambda: streams.load_state_dict(state), lambda: streams.start_afresh("7")):
        back()
        assert streams["dropout"] is held
    streams.load_state_dict(state)
    assert torch.rand(4, generator=held).tolist() == expected
    streams.load_state_dict({})  # a state of version 1 knows no such stream
    assert streams["dropout"] is held
    assert torch.rand(4, generator=held).tolist() == expected


def test_a_run_that_came_from_another_device_resumes_exactly(tiny_config, tiny_data, tmp_path):
    """Saved right after the move, when no stream of the new device has drawn anything."""
    config = tiny_config.with_changes({"train.augment": "translation", "loss.label_flip": 0.2})
    first = Trainer(config, tiny_data)
    list(first.run(4))
    on_gpu = copy.deepcopy(first.state_dict()) | {"device": "cuda:0"}
    whole = Trainer(config, tiny_data)
    whole.load_state_dict(on_gpu)
    save_checkpoint(tmp_path / "state.pt", whole.state_dict())
    resumed = Trainer(config, tiny_data)
    resumed.load_state_dict(load_checkpoint(tmp_path / "state.pt"))
    for trainer in (first, whole, resumed):
        list(trainer.run())
    weights = [
        torch.cat([p.detach().flatten() for p in t.players.generator.parameters()])
        for t in (first, whole, resumed)
    ]
    assert torch.equal(weights[2], weights[1])
    assert not torch.equal(weights[1], weights[0])


def test_initial_weights_follow_from_the_seed_and_leave_the_global_stream_alone() -> None:
    torch.manual_seed(99)
    before = torch.get_rng_state()
    with seeded_init(5):
        first = torch.rand(4)
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    with seeded_init(5):
        assert torch.equal(torch.rand(4), first)
    with seeded_init(6):
        assert not torch.equal(torch.rand(4), first)
