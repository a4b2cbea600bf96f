"""A run's numbers made fewer: peaks stay, files are read without running code."""

import pickle

import numpy as np
import pytest

from gan.errors import CheckpointError
from gan.runs.excerpt import Numbers, gather, in_order, read_numbers, write_numbers
from gan.runs.rows import MetricChunk


def curve(n: int) -> Numbers:
    steps = np.arange(1, n + 1)
    values = np.random.default_rng(0).normal(size=(n, 3)).astype(np.float32)
    values[:, 2] = steps
    return Numbers(("loss/d", "loss/g", "time/elapsed_s"), steps, 2 * steps, values)


def test_peaks_valleys_and_ends_stay():
    whole = curve(5000)
    whole.values[1234, 0], whole.values[4321, 1], whole.values[777, 0] = 99.0, -99.0, np.nan
    few = whole.thinned(300)
    assert 100 < len(few.steps) <= 300
    assert (few.steps[0], few.steps[-1]) == (1, 5000)
    assert {1235, 4322} <= set(few.steps.tolist())
    assert (np.diff(few.steps) > 0).all()
    np.testing.assert_array_equal(few.values[:, 2], few.steps)  # rows stay rows
    assert whole.thinned(5000) is whole


def test_groups_by_keys_end_at_the_shipped_step():
    def chunk(id_, keys, steps, tick):
        values = np.zeros((len(steps), len(keys)), dtype=np.float32)
        return MetricChunk(id_, 1, keys, np.asarray(steps), tick, values)

    chunks = [
        chunk(1, ("loss/d",), [1, 2], 4),
        chunk(2, ("quality/distance",), [2], 4),
        chunk(3, ("loss/d",), [3, 4], 8),
        chunk(4, ("loss/d",), [5, 6], 12),
    ]
    losses, quality = gather(chunks, last_tick=8)
    assert losses.steps.tolist() == [1, 2, 3, 4]
    assert losses.ticks.tolist() == [4, 4, 8, 8]
    assert quality.keys == ("quality/distance",)


def test_pieces_come_in_the_order_of_the_run():
    few = Numbers(
        ("quality/distance",), *(np.asarray([k, 2 * k]) for k in (100, 200)), np.ones((2, 1))
    )
    pieces = list(in_order([curve(450), few], max_rows=100))
    assert np.concatenate([p.steps for p in pieces if len(p.keys) == 3]).tolist() == [
        *range(1, 451)
    ]
    assert [p.keys[0] for p in pieces if p.steps[-1] in (100, 200)] == ["loss/d", few.keys[0]] * 2
    assert all((np.diff(p.ticks) >= 0).all() and len(p.steps) <= 100 for p in pieces)
    ticks = np.concatenate([p.ticks for p in pieces])
    assert (np.diff(ticks) >= 0).all()
    assert list(in_order([])) == []


def test_what_is_written_is_read_back(tmp_path):
    write_numbers(tmp_path / "history.npz", [curve(50), curve(3)])
    first, second = read_numbers(tmp_path / "history.npz")
    np.testing.assert_array_equal(first.values, curve(50).values)
    assert (first.keys, second.steps.tolist()) == (curve(50).keys, [1, 2, 3])


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("code from a file was run",))


@pytest.mark.parametrize("damage", ["nothing", "cut", "objects", "shapes"])
def test_damage_is_one_sentence_and_no_code_runs(tmp_path, damage):
    path = tmp_path / "history.npz"
    write_numbers(path, [curve(50)])
    if damage == "nothing":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:200])
    elif damage == "objects":
        bomb = np.empty(1, dtype=object)
        bomb[0] = Bomb()
        assert pickle.dumps(Bomb())
        one = np.zeros(1, dtype=np.int64)
        np.savez(path, keys0=bomb, steps0=one, ticks0=one, values0=np.zeros((1, 1)))
    else:
        good = curve(50)
        write_numbers(path, [Numbers(good.keys, good.steps[:9], good.ticks, good.values)])
    with pytest.raises(CheckpointError, match=r"history\.npz are damaged"):
        read_numbers(path)
