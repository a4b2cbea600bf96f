"""The studio: a real process that draws for pages, from a generator as they come with the product
and from a tiny run with classes."""

import io
import os
import shutil
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_runs import tiny, wait_until

from gan.data.dataset import to_hwc, to_uint8
from gan.errors import CheckpointError, ConfigError, GanError, StoreError
from gan.runs.checkpoints import load_checkpoint, save_checkpoint
from gan.runs.control import new_run
from gan.runs.folder import Home, RunFolder
from gan.runs.launcher import claim_for_this_process
from gan.runs.shipped import install
from gan.runs.store import RunStore
from gan.runs.studio import Source, Studio
from gan.runs.studio.frames import read_frame, write_frame
from gan.runs.studio.shelf import BLOCK, Shelf
from gan.runs.worker import Worker
from gan.training.saved import load_generator

TINY = Source("shipped-tiny")


@pytest.fixture(scope="module")
def place(tiny_shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, RunFolder]:
    """A home with the shipped generator `tiny`, and a run with classes, saved at steps 6 and 12."""
    home = Home(tmp_path_factory.mktemp("studio")).ensure()
    before = os.environ["GAN_SHIPPED"]
    os.environ["GAN_SHIPPED"] = str(tiny_shipped)
    try:
        assert install(home) == []
    finally:
        os.environ["GAN_SHIPPED"] = before
    changes = {"model__conditional": True, "train__n_steps": 12, "output__checkpoint_every": 6}
    folder = new_run(home, tiny(**changes))
    assert claim_for_this_process(home, folder) is not None
    Worker(home, folder).work()
    return home, folder


@pytest.fixture(scope="module")
def studio(place: tuple[Home, RunFolder]) -> Iterator[Studio]:
    studio = Studio(place[0])
    studio.warm()
    yield studio
    studio.close()


def pid_of(studio: Studio) -> int:
    process = studio._quick._process
    assert process is not None
    return process.pid


def state_of(folder: RunFolder, step: int) -> dict:
    with RunStore.open(folder.db_path) as store:
        (saved,) = (c for c in store.list_checkpoints() if c.step == step)
    return load_checkpoint(folder.path / saved.path)


def test_what_a_generator_is_like(studio: Studio, place: tuple[Home, RunFolder]) -> None:
    facts = studio.describe(TINY)
    assert (facts.latent_dim, facts.classes, facts.channels, facts.size_px) == (4, (), 1, 28)
    assert (facts.step, facts.steps, facts.dataset) == (12, (12,), "drawn-digits")
    assert facts.is_average and facts.has_average and facts.has_discriminator
    assert facts.score_is_probability
    facts = studio.describe(Source(place[1].id, 6, average=False))
    assert (facts.step, facts.steps, facts.is_average) == (6, (6, 12), False)
    assert facts.classes == tuple("0123456789")


def test_it_draws_what_the_sample_command_draws(
    studio: Studio, place: tuple[Home, RunFolder]
) -> None:
    folder = place[1]
    for step in (6, 12):
        source = Source(folder.id, step)
        z = studio.z_of(source, 20, 3)
        drawn = studio.draw(source, z)
        expected = to_hwc(to_uint8(load_generator(state_of(folder, step)).draw(20, 3)))
        assert drawn.images.shape == (20, 28, 28, 1)
        assert np.abs(drawn.images.astype(int) - expected).max() <= 1  # rounding
        assert drawn.labels is not None and drawn.labels.tolist() == [*range(10)] * 2
    assert np.array_equal(studio.z_of(source, 3, 3), z[:3])
    assert not np.array_equal(studio.z_of(source, 3, 4), z[:3])


def test_a_picture_does_not_depend_on_its_company(studio: Studio) -> None:
    z = studio.z_of(TINY, 2 * BLOCK + 3, 0)
    together = studio.draw(TINY, z, scores=True)
    for i in (0, BLOCK - 1, BLOCK, 2 * BLOCK + 2):
        alone = studio.draw(TINY, z[i : i + 1], scores=True)
        assert np.array_equal(alone.images[0], together.images[i])
        assert alone.scores is not None and together.scores is not None
        assert alone.scores[0] == together.scores[i]


def test_a_class_can_be_asked_for(studio: Studio, place: tuple[Home, RunFolder]) -> None:
    source = Source(place[1].id)
    z = np.repeat(studio.z_of(source, 1, 0), 10, axis=0)
    every = studio.draw(source, z, np.arange(10))
    assert len({image.tobytes() for image in every.images}) == 10
    three = studio.draw(source, z[:1], np.array([3])).images[0]
    assert np.array_equal(three, every.images[3])
    with pytest.raises(GanError, match="one number from 0 to 9 for each"):
        studio.draw(source, z, np.full(10, 10))


def test_the_walls_own_z(studio: Studio, place: tuple[Home, RunFolder]) -> None:
    folder = place[1]
    source = Source(folder.id, 12)
    z, labels = studio.grid_z(source)
    assert np.array_equal(z, state_of(folder, 12)["fixed_z"].numpy())
    assert labels is not None and labels.tolist() == [0, 1, 2, 3]
    with RunStore.open(folder.db_path) as store:
        sample = store.read_samples("ema")[-1]
    from PIL import Image

    wall = np.asarray(Image.open(folder.path / sample.path))
    tile = studio.draw(source, z, labels).images[1, ..., 0]
    assert np.abs(tile.astype(int) - wall[:28, 28:56]).max() <= 1


def test_scores_are_the_discriminators(studio: Studio, place: tuple[Home, RunFolder]) -> None:
    from gan.training.judging import load_judge

    source = Source(place[1].id, 12)
    state = state_of(place[1], 12)
    generator = load_generator(state)
    judge = load_judge(state, generator)
    assert judge is not None
    z, labels = studio.grid_z(source)
    with torch.no_grad():
        fake = generator.network(torch.from_numpy(z), torch.from_numpy(labels))
    drawn = studio.draw(source, z, labels, scores=True)
    assert np.allclose(drawn.scores, judge.scores(fake, torch.from_numpy(labels)), atol=1e-5)
    assert studio.draw(source, z, labels).scores is None


def test_refusals_are_one_sentence_and_the_studio_goes_on(
    studio: Studio, place: tuple[Home, RunFolder], tmp_path: Path
) -> None:
    folder = place[1]
    with pytest.raises(GanError, match=r"^There is no run 'gone' any more"):
        studio.describe(Source("gone"))
    with pytest.raises(GanError, match=r"^There is no run '../x' any more"):
        studio.describe(Source("../x"))
    with pytest.raises(GanError, match=r"no checkpoint at step 5: choose one of 6, 12\.$"):
        studio.describe(Source(folder.id, 5))
    with pytest.raises(GanError, match=r"4 numbers each"):
        studio.draw(TINY, np.zeros((2, 5)))
    with pytest.raises(GanError, match=r"4 numbers each"):
        studio.draw(TINY, np.zeros((0, 4)))
    with pytest.raises(GanError, match=r"not finite"):
        studio.draw(TINY, np.full((1, 4), np.nan))
    with pytest.raises(GanError, match=r"from 1 to 4,096"):
        studio.z_of(TINY, 5000, 0)
    with pytest.raises(GanError, match=r"seed is -1"):
        studio.z_of(TINY, 1, -1)
    pid = pid_of(studio)
    assert studio.describe(TINY).step == 12 and pid_of(studio) == pid


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lambda path, state: path.unlink(), r"No checkpoint of the run .* can be read: restore"),
        (lambda path, state: path.write_bytes(b"junk" * 99), r"No checkpoint of the run"),
        (lambda path, state: save_checkpoint(path, state | {"version": 99}), r"version 99, this"),
        (lambda path, state: save_checkpoint(path, {"version": 2}), r"holds no generator that"),
        (
            lambda path, state: save_checkpoint(path, state | {"generator": {}, "g_ema": {}}),
            r"does not fit the run's networks",
        ),
    ],
)
def test_missing_damaged_and_unknown_files_get_one_sentence(
    place: tuple[Home, RunFolder], tmp_path: Path, harm, sentence: str
) -> None:
    home = Home(tmp_path).ensure()
    shutil.copytree(place[0].runs_dir / "shipped-tiny", home.runs_dir / "shipped-tiny")
    (path,) = (home.runs_dir / "shipped-tiny" / "checkpoints").glob("*.pt")
    harm(path, load_checkpoint(path))
    with pytest.raises(CheckpointError, match=sentence) as caught:
        Shelf(home).take(TINY)
    assert "\n" not in str(caught.value)


def test_a_generator_without_discriminator_draws_without_scores(
    place: tuple[Home, RunFolder], tmp_path: Path
) -> None:
    home = Home(tmp_path).ensure()
    shutil.copytree(place[0].runs_dir / "shipped-tiny", home.runs_dir / "shipped-tiny")
    (path,) = (home.runs_dir / "shipped-tiny" / "checkpoints").glob("*.pt")
    shelf = Shelf(home)
    assert shelf.take(TINY) is shelf.take(TINY)
    before = shelf.take(TINY)
    save_checkpoint(path, load_checkpoint(path) | {"discriminator": None})
    held = shelf.take(TINY)  # the file has changed, so it is read anew
    assert held is not before and held.judge is None
    z = torch.zeros(1, 4)
    assert held.draw(z, None).images.shape == (1, 28, 28, 1)
    with pytest.raises(ConfigError, match="holds no discriminator"):
        held.draw(z, None, scores=True)


def test_one_that_was_killed_is_started_again(studio: Studio) -> None:
    z = studio.z_of(TINY, 2, 0)
    before, pid = studio.draw(TINY, z).images, pid_of(studio)
    os.kill(pid, signal.SIGKILL)
    assert np.array_equal(studio.draw(TINY, z).images, before)
    assert pid_of(studio) != pid


def test_many_threads_get_each_their_own_answer(studio: Studio) -> None:
    z = studio.z_of(TINY, 12, 0)
    expected = studio.draw(TINY, z).images
    got: dict[int, np.ndarray] = {}

    def ask(i: int) -> None:
        for _ in range(5):
            got[i] = studio.draw(TINY, z[i : i + 1]).images[0]

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(got[i], expected[i]) for i in range(12))


def test_the_process_ends_with_its_parent(place: tuple[Home, RunFolder]) -> None:
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from gan.runs.folder import Home\n"
        "from gan.runs.studio import Studio, Source\n"
        "studio = Studio(Home(Path(sys.argv[1])))\n"
        "studio.describe(Source('shipped-tiny'))\n"
        "print(studio._quick._process.pid, flush=True)\n"
        "os._exit(1)\n"  # dies without a word
    )
    words = [sys.executable, "-c", code, str(place[0].root)]
    pid = int(subprocess.run(words, capture_output=True, text=True, check=False).stdout)

    def is_gone() -> bool:
        try:
            os.kill(pid, 0)
            return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"
        except OSError:
            return True

    wait_until(is_gone)


def test_one_that_cannot_work_says_why(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\necho "no such torch" >&2\nexit 3\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(StoreError, match=r"ended in the middle of its work \(no such torch\): try"):
        Studio(home).describe(TINY)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    with pytest.raises(StoreError, match=r"cannot be started .*nowhere"):
        Studio(home).describe(TINY)
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(StoreError, match=r"took longer than"):
        Studio(home)._quick.ask("describe", {}, timeout_s=0.2)


def test_frames_come_back_as_they_went() -> None:
    arrays = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3)[:, ::-1],
        "b": np.zeros((0, 4), dtype=np.uint8),
        "c": np.array(7, dtype=np.int64),
    }
    file = io.BytesIO()
    write_frame(file, {"call": "draw", "text": "größer"}, arrays)
    write_frame(file, {}, {})
    file.seek(0)
    frame = read_frame(file)
    assert frame is not None
    assert frame[0] == {"call": "draw", "text": "größer"}
    assert {n: (a.dtype, a.tolist()) for n, a in frame[1].items()} == {
        n: (a.dtype, a.tolist()) for n, a in arrays.items()
    }
    assert frame[1]["a"].flags.writeable
    assert read_frame(file) == ({}, {})
    assert read_frame(file) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"\x01",
        struct.pack("<I", 10) + b"{}",
        struct.pack("<I", 1 << 31),
        struct.pack("<I", 2) + b"{]",
        struct.pack("<I", 2) + b"{}",
        struct.pack("<I", 2) + b"[]",
        b'L\x00\x00\x00{"arrays": [{"name": "a", "dtype": "object", "shape": [1]}]}'.ljust(80),
        struct.pack("<I", 57) + b'{"arrays": [{"name":"a","dtype":"uint8","shape":[9000]}]}',
    ],
)
def test_what_is_no_frame_is_refused(raw: bytes) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        read_frame(io.BytesIO(raw))


def test_directions_of_a_generator(studio: Studio, place: tuple[Home, RunFolder]) -> None:
    assert studio.describe(TINY).methods == ("ganspace", "sefa", "classes")
    for method in ("ganspace", "sefa"):
        found = studio.directions(TINY, method, 3)
        assert np.allclose(found.basis @ found.basis.T, np.eye(3), atol=2e-6)
        assert found.titles == ("Direction 1", "Direction 2", "Direction 3")
        assert found.is_orthogonal and found.shares.sum() <= 1.0 + 1e-6
        assert (np.diff(found.shares) <= 0).all()
        assert len(studio.directions(TINY, method, 99).basis) == 4
    for source in (TINY, Source(place[1].id)):
        towards = studio.directions(source, "classes", 99)
        assert sorted(towards.titles) == sorted("0123456789") and not towards.is_orthogonal
    with pytest.raises(GanError, match="need a network that knows what drawn-digits shows"):
        studio.directions(TINY, "factors", 3)
    with pytest.raises(GanError, match="choose one of ganspace, sefa"):
        studio.directions(TINY, "magic", 3)


def test_a_training_picture_is_its_own_nearest(studio: Studio) -> None:
    images, rows = studio.real(TINY, 5, seed=1)
    assert images.shape == (5, 28, 28, 1) and len(set(rows.tolist())) == 5
    near = studio.nearest(TINY, images, 3)
    assert near.images.shape == (5, 3, 28, 28, 1)
    assert np.array_equal(near.images[:, 0], images)
    assert near.rows[:, 0].tolist() == rows.tolist()
    assert (near.distances[:, 0] < 1e-4).all() and (near.distances[:, 1] > 1e-3).all()
    assert (near.n_searched, near.n_trained, near.features) == (128, 128, "mnist")
    assert near.typical > 0 and near.note == ""
    made = studio.nearest(TINY, studio.draw(TINY, studio.z_of(TINY, 2, 0)).images, 1)
    assert (made.distances > 0).all()
    with pytest.raises(GanError, match="not this generator's"):
        studio.nearest(TINY, images[:, :14], 1)
    with pytest.raises(GanError, match="from 1 to 24"):
        studio.nearest(TINY, images, 0)


def test_the_map_and_the_current_point_on_it(studio: Studio) -> None:
    about = studio.plane(TINY)
    assert about.kind == "ring" and [label["name"] for label in about.labels] == [*"0123456789"]
    assert about.density.shape == (len(about.y), len(about.x)) and about.density.max() > 0
    assert about.real.shape == (128, 2) and about.generated.shape[1] == 2
    first = studio.draw(TINY, studio.z_of(TINY, 3, 0)).images
    assert np.allclose(studio.place(TINY, first), about.generated[:3], atol=1e-5)


def test_data_that_are_not_here_or_have_changed(
    place: tuple[Home, RunFolder], tmp_path: Path
) -> None:
    from dataclasses import replace

    from gan.runs.studio.study import Study

    held, study = Shelf(place[0]).take(TINY), Study(place[0])
    images = study.real(held, 2, 0)[0]
    other = replace(held, fingerprint="another")
    assert "data have changed" in study.nearest(other, images, 1).note
    with pytest.raises(GanError, match=r"EMNIST.* not on this machine: .*gan data emnist"):
        study.real(replace(held, dataset="emnist"), 2, 0)


def test_the_readmes_example_runs(place: tuple[Home, RunFolder]) -> None:
    text = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    (example,) = (part for part in text.split("```python\n") if "make_path" in part)
    code = example.partition("```")[0].replace("shipped-modern-fashion", TINY.run_id)
    done = subprocess.run(
        [sys.executable, "-c", code + "print(frames.shape, found.basis.shape)"],
        env=os.environ | {"GAN_HOME": str(place[0].root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "(60, 28, 28, 1) (4, 4)", done.stderr
