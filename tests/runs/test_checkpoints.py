"""Checkpoint files: whole or not at all, and never a program."""

import os
import pickle
import random
import zipfile

import pytest
import torch

from gan.errors import CheckpointError
from gan.runs.checkpoints import checkpoint_name, load_checkpoint, save_checkpoint

STATE = {"weights": torch.arange(200.0), "counters": {"step": 3}, "text": "π", "none": None}


class Bomb:
    """Unpickling it would make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "checkpoints" / "a.pt"
    assert save_checkpoint(path, STATE) == path.stat().st_size
    return path


def test_round_trip(path):
    state = load_checkpoint(path)
    assert torch.equal(state.pop("weights"), STATE["weights"])
    assert state == {key: value for key, value in STATE.items() if key != "weights"}
    assert [p.name for p in path.parent.iterdir()] == ["a.pt"]


def test_names_sort_by_place_in_the_run():
    names = [checkpoint_name(step, tick) for step, tick in ((2, 4), (2, 5), (10, 20), (10**8, 9))]
    assert names == sorted(names)


def test_every_damage_is_a_checkpoint_error_or_harmless(path):
    whole = path.read_bytes()
    n_refused = 0
    for seed in range(300):
        rng = random.Random(seed)
        content = bytearray(whole)
        if seed % 3 == 0:
            content = content[: rng.randrange(len(content))]
        for _ in range(rng.choice([1, 5, 50]) if content else 0):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(content)
        try:
            state = load_checkpoint(path)
        except CheckpointError:
            n_refused += 1
        else:  # a bit in the padding or in a date
            assert torch.equal(state["weights"], STATE["weights"])
    assert n_refused > 200


@pytest.mark.parametrize("content", [b"", b"hello", pickle.dumps({"a": 1})])
def test_other_files_are_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"a\.pt"):
        load_checkpoint(path)


def test_other_archives_missing_files_and_other_content_are_refused(path, tmp_path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no tensors")
    for case in (path, tmp_path, tmp_path / "none.pt"):
        with pytest.raises(CheckpointError):
            load_checkpoint(case)
    torch.save([1, 2], path)
    with pytest.raises(CheckpointError, match="holds no state"):
        load_checkpoint(path)


@pytest.mark.parametrize("as_zip", [True, False])
def test_a_file_never_runs_code(path, tmp_path, as_zip):
    crater = tmp_path / "crater"
    torch.save({"a": Bomb(crater)}, path, _use_new_zipfile_serialization=as_zip)
    with pytest.raises(CheckpointError):
        load_checkpoint(path)
    path.write_bytes(pickle.dumps(Bomb(crater)))
    with pytest.raises(CheckpointError):
        load_checkpoint(path)
    assert not crater.exists()
    pickle.loads(path.read_bytes())  # the bomb is a real one
    assert crater.exists()


def test_a_failed_save_leaves_the_old_file_and_no_rubbish(path, tmp_path):
    with pytest.raises((CheckpointError, AttributeError, pickle.PicklingError)):
        save_checkpoint(path, {"a": lambda: None})
    assert load_checkpoint(path)["text"] == "π"
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    with pytest.raises(CheckpointError, match="cannot be written"):
        save_checkpoint(in_the_way / "b.pt", STATE)


def test_a_deleted_run_is_not_made_anew(tmp_path):
    with pytest.raises(CheckpointError):
        save_checkpoint(tmp_path / "gone" / "checkpoints" / "a.pt", STATE)
    assert not (tmp_path / "gone").exists()
