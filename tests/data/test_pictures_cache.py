"""Prepared pictures: the same whoever makes them, made once, and never half."""

import json
import os
import shutil
import sys
import threading
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.data.pictures import store
from gan.data.pictures.cache import find_cache, prepare_pictures, preview
from gan.data.pictures.making import StoppedError
from gan.errors import ConfigError, DataError

RNG = np.random.default_rng(1)
N = 60


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = tmp_path / "source"
    for i in range(N):
        path = root / ("cats" if i % 3 else "dogs") / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        size = (8 + i % 5, 8 + i % 7, 3)
        Image.fromarray(RNG.integers(0, 256, size, dtype=np.uint8)).save(path)
    (root / "dogs" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    (root / "dogs" / "text.png").write_text("I am a text.")
    return root


class Calls:
    """Records progress: whoever decodes tells it."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def __call__(self, done: int, total: int) -> None:
        self.seen.append((done, total))


def prepare(source: Path, root: Path, **changes):
    options = {"size_px": 8, "channels": 3, "fit": "crop", "background": "white"}
    return prepare_pictures(source, **(options | {"cache_root": root} | changes))


def find(source: Path, root: Path, **changes):
    options = {"size_px": 8, "channels": 3, "fit": "crop", "background": "white"}
    return find_cache(source, **(options | {"cache_root": root} | changes))


def test_everything_is_there(source, tmp_path):
    calls = Calls()
    cache = prepare(source, tmp_path / "c", progress=calls)
    assert calls.seen[-1] == (N + 2, N + 2)
    assert cache.images.shape == (N, 3, 8, 8)
    assert cache.images.dtype == np.uint8
    assert isinstance(cache.images, np.memmap)
    assert (cache.n_images, cache.channels, cache.size_px) == (N, 3, 8)
    assert cache.classes == ("cats", "dogs")
    assert cache.labels.dtype == np.int64
    assert np.bincount(cache.labels).tolist() == [40, 20]
    assert cache.labels[:6].tolist() == [0, 1, 0, 1, 0, 1]
    assert cache.n_skipped == 2
    assert sorted(item.name for item in cache.skipped) == ["dogs/broken.png", "dogs/text.png"]
    assert sorted(p.name for p in (tmp_path / "c").rglob("*") if p.is_file()) == [
        "images.npy", "index.json", "labels.npy",
    ]  # fmt: skip
    first = np.asarray(Image.open(source / "cats" / "1.png").convert("RGB"))
    side = min(first.shape[:2])
    top, left = (first.shape[0] - side) // 2, (first.shape[1] - side) // 2
    assert (
        side > 8
        or (cache.images[0].transpose(1, 2, 0) == first[top : top + 8, left : left + 8]).all()
    )


def test_no_classes_no_labels(source, tmp_path):
    shutil.rmtree(source / "dogs")
    cache = prepare(source, tmp_path / "c", channels=1, fit="pad")
    assert cache.labels is None
    assert cache.classes == ()
    assert cache.images.shape == (40, 1, 8, 8)


def test_the_number_of_workers_changes_nothing(source, tmp_path):
    made = [prepare(source, tmp_path / str(n), n_workers=n) for n in (1, 2, 5)]
    for other in made[1:]:
        assert other.fingerprint == made[0].fingerprint
        np.testing.assert_array_equal(other.images, made[0].images)
        np.testing.assert_array_equal(other.labels, made[0].labels)
        assert other.skipped == made[0].skipped


def test_fingerprint_is_the_data_layers(source, tmp_path):
    torch = pytest.importorskip("torch")
    from gan.data.dataset import make_fingerprint

    cache = prepare(source, tmp_path / "c")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        images = torch.from_numpy(cache.images)
    assert make_fingerprint(images, torch.from_numpy(cache.labels)) == cache.fingerprint
    shutil.rmtree(source / "dogs")
    bare = prepare(source, tmp_path / "d")
    assert make_fingerprint(torch.from_numpy(bare.images), None) == bare.fingerprint


def test_writing_to_the_images_never_reaches_the_file(source, tmp_path):
    cache = prepare(source, tmp_path / "c")
    before = (cache.folder / "images.npy").read_bytes()
    images = cache.images
    images[:] = 0
    assert (cache.folder / "images.npy").read_bytes() == before
    assert cache.images.any()


def test_decoded_once(source, tmp_path):
    assert find(source, tmp_path / "c") is None
    made = prepare(source, tmp_path / "c")
    calls = Calls()
    again = prepare(source, tmp_path / "c", progress=calls)
    found = find(source, tmp_path / "c")
    assert calls.seen == []
    for other in (again, found):
        assert other.folder == made.folder
        assert other.fingerprint == made.fingerprint
        assert other.skipped == made.skipped
        np.testing.assert_array_equal(other.labels, made.labels)


@pytest.mark.parametrize(
    "change", [{"size_px": 9}, {"channels": 1}, {"fit": "pad"}, {"background": "black"}]
)
def test_options_are_kept_apart(source, tmp_path, change):
    prepare(source, tmp_path / "c")
    assert find(source, tmp_path / "c", **change) is None
    prepare(source, tmp_path / "c", **change)
    assert find(source, tmp_path / "c") is not None
    assert find(source, tmp_path / "c", **change) is not None


def touch_later(source: Path) -> None:
    os.utime(source / "cats" / "1.png", ns=(1, 1))


def add(source: Path) -> None:
    shutil.copy(source / "cats" / "1.png", source / "cats" / "new.png")


def take_away(source: Path) -> None:
    (source / "cats" / "1.png").unlink()


def rename(source: Path) -> None:
    (source / "cats").rename(source / "lions")


@pytest.mark.parametrize("change", [touch_later, add, take_away, rename])
def test_a_changed_source_is_prepared_anew(source, tmp_path, change):
    old = prepare(source, tmp_path / "c")
    kept = prepare(source, tmp_path / "c", size_px=9)
    change(source)
    assert find(source, tmp_path / "c") is None
    calls = Calls()
    new = prepare(source, tmp_path / "c", progress=calls)
    assert calls.seen
    assert new.folder != old.folder
    assert not old.folder.exists()  # nobody will ask for it again
    assert kept.folder.exists()


def test_a_zip_is_known_by_its_content(source, tmp_path):
    path = tmp_path / "pictures.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(source.rglob("*.png")):
            archive.write(file, file.relative_to(tmp_path))
    cache = prepare(path, tmp_path / "c")
    assert cache.fingerprint == prepare(source, tmp_path / "c").fingerprint
    moved = path.rename(tmp_path / "moved.zip")
    os.utime(moved, (1, 1))
    assert find(moved, tmp_path / "c").folder == cache.folder


def cut(folder: Path) -> None:
    data = (folder / "images.npy").read_bytes()
    (folder / "images.npy").write_bytes(data[:-1])


def overwrite(folder: Path) -> None:
    with (folder / "images.npy").open("r+b") as file:
        file.seek(200)
        file.write(b"damage")


def wrong_shape(folder: Path) -> None:
    np.save(folder / "images.npy", np.zeros((3, 3, 8, 8), np.uint8))


def no_images(folder: Path) -> None:
    (folder / "images.npy").unlink()


def no_labels(folder: Path) -> None:
    (folder / "labels.npy").unlink()


def other_labels(folder: Path) -> None:
    np.save(folder / "labels.npy", np.zeros(N, np.int64))


def no_index(folder: Path) -> None:
    (folder / "index.json").unlink()


def rubbish_index(folder: Path) -> None:
    (folder / "index.json").write_bytes(b"\xff\0{")


def list_for_index(folder: Path) -> None:
    (folder / "index.json").write_text("[1, 2]")


def later_version(folder: Path) -> None:
    index = json.loads((folder / "index.json").read_text())
    (folder / "index.json").write_text(json.dumps(index | {"version": store.VERSION + 1}))


def half_an_index(folder: Path) -> None:
    index = json.loads((folder / "index.json").read_text())
    del index["fingerprint"]
    (folder / "index.json").write_text(json.dumps(index))


@pytest.mark.parametrize(
    "damage",
    [cut, overwrite, wrong_shape, no_images, no_labels, other_labels, no_index, rubbish_index,
     list_for_index, later_version, half_an_index],
)  # fmt: skip
def test_a_damaged_cache_is_made_anew(source, tmp_path, damage):
    made = prepare(source, tmp_path / "c")
    damage(made.folder)
    assert find(source, tmp_path / "c") is None
    again = prepare(source, tmp_path / "c")
    assert again.fingerprint == made.fingerprint
    assert find(source, tmp_path / "c") is not None


def assert_nothing_left(root: Path) -> None:
    assert list(root.iterdir()) == []
    assert not any(t.name.startswith("pictures") for t in threading.enumerate())


@pytest.mark.parametrize("n_workers", [1, 3])
def test_stopping_leaves_nothing(source, tmp_path, n_workers):
    answers = iter([False] * 20)
    with pytest.raises(StoppedError, match="was stopped"):
        prepare(
            source, tmp_path / "c", n_workers=n_workers, is_stopping=lambda: next(answers, True)
        )
    assert_nothing_left(tmp_path / "c")


@pytest.mark.parametrize("n_workers", [1, 3])
def test_ctrl_c_leaves_nothing(source, tmp_path, n_workers):
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare(source, tmp_path / "c", n_workers=n_workers, progress=interrupt)
    assert_nothing_left(tmp_path / "c")


def test_what_a_killed_preparation_left_is_cleared(source, tmp_path):
    cache = prepare(source, tmp_path / "c")
    partial = cache.folder.with_name(f"{cache.folder.name}.partial")
    cache.folder.rename(partial)
    assert prepare(source, tmp_path / "c").fingerprint == cache.fingerprint
    assert not partial.exists()


def test_two_at_once_decode_once(source, tmp_path):
    started = threading.Event()
    may_go_on = threading.Event()
    decoded = []
    results = []

    def work(name: str) -> None:
        def progress(done: int, total: int) -> None:
            if name not in decoded:
                decoded.append(name)
                started.set()
                may_go_on.wait(5)

        results.append(prepare(source, tmp_path / "c", progress=progress))

    first = threading.Thread(target=work, args=("first",))
    second = threading.Thread(target=work, args=("second",))
    first.start()
    assert started.wait(5)
    second.start()
    second.join(0.3)
    assert second.is_alive()  # it waits
    may_go_on.set()
    first.join(10)
    second.join(10)
    assert decoded == ["first"]
    assert results[0].fingerprint == results[1].fingerprint
    assert [p.name for p in (tmp_path / "c").iterdir()] == [results[0].folder.name]


def test_waiting_can_be_stopped(source, tmp_path):
    from filelock import FileLock

    cache = prepare(source, tmp_path / "c")
    shutil.rmtree(cache.folder)
    with FileLock(cache.folder.with_name(f"{cache.folder.name}.lock")):
        answers = iter([False, False])
        with pytest.raises(StoppedError):
            prepare(source, tmp_path / "c", is_stopping=lambda: next(answers, True))


def test_too_few_usable_pictures(tmp_path):
    root = tmp_path / "source"
    root.mkdir()
    Image.new("RGB", (8, 8)).save(root / "good.png")
    for i in range(5):
        (root / f"{i}.png").write_text("I am a text.")
    with pytest.raises(DataError, match=r"one picture that can be used \(0.png is not.*; and 2 mo"):
        prepare(root, tmp_path / "c")
    assert_nothing_left(tmp_path / "c")


def test_a_disk_that_cannot_be_written(source, tmp_path):
    (tmp_path / "c").write_text("a file where the folder should be")
    with pytest.raises(DataError, match="cannot be written"):
        prepare(source, tmp_path / "c")


def test_a_full_disk(source, tmp_path):
    with pytest.raises(DataError, match="free some, or choose a smaller picture size"):
        store.check_space(tmp_path, 10**18)
    if sys.platform == "win32":
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, before[1]))
    try:
        with pytest.raises(DataError, match="cannot be written"):
            prepare(source, tmp_path / "c")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert_nothing_left(tmp_path / "c")
    with pytest.raises(DataError, match="is full"), store.disk_errors(tmp_path):
        raise OSError(28, "No space left on device")


def test_files_that_have_gone_are_told(source, tmp_path):
    cache = prepare(source, tmp_path / "c")
    shutil.rmtree(cache.folder)
    with pytest.raises(DataError, match="prepare them again"):
        _ = cache.images


def test_missing_source(tmp_path):
    assert find(tmp_path / "nowhere", tmp_path / "c") is None
    with pytest.raises(DataError, match="There is no folder or zip"):
        prepare(tmp_path / "nowhere", tmp_path / "c")
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize(
    "change",
    [{"size_px": 0}, {"size_px": 9999}, {"channels": 2}, {"fit": "x"}, {"background": "x"}],
)
def test_options_out_of_range(source, tmp_path, change):
    with pytest.raises(ConfigError):
        prepare(source, tmp_path / "c", **change)


def test_preview_is_spread_over_classes_and_files(source):
    options = {"size_px": 16, "channels": 1, "fit": "pad", "background": "black"}
    pictures, names, problems = preview(source, **options, n=10)
    assert pictures.shape == (10, 16, 16, 1)
    assert pictures.dtype == np.uint8
    assert sum(name.startswith("cats/") for name in names) == 5
    assert len(set(names)) == 10
    assert problems == []
    everything, names, problems = preview(source, **options, n=1000)
    assert len(everything) == len(names) == N
    assert sorted(problems)[0].startswith("dogs/broken.png is damaged")
    assert len(problems) == 2


def test_preview_shows_what_is_learnt(source, tmp_path):
    options = {"size_px": 8, "channels": 3, "fit": "crop", "background": "white"}
    cache = prepare(source, tmp_path / "c")
    pictures, _, _ = preview(source, **options, n=1000)
    # The cache takes classes in turn, the preview one after another.
    learnt = np.concatenate([cache.images[cache.labels == label] for label in (0, 1)])
    np.testing.assert_array_equal(pictures.transpose(0, 3, 1, 2), learnt)


def test_preview_of_rubbish(tmp_path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_text("I am a text.")
    pictures, names, problems = preview(
        tmp_path, size_px=8, channels=3, fit="crop", background="white"
    )
    assert pictures.shape == (0, 8, 8, 3)
    assert names == []
    assert len(problems) == 2
