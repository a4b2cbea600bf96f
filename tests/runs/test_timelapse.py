"""Sample grids as a moving picture: every file is decoded and looked at."""

import time
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace
from PIL import Image

from gan.errors import ConfigError, DataError, StoreError
from gan.runs.film import GUTTER_PX, open_film
from gan.runs.folder import Home, RunFolder, create_run
from gan.runs.moving import KINDS
from gan.runs.sheets import Pictures, save_sheet
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.runs.timelapse import n_grids, write_timelapse

RNG = np.random.default_rng(0)


def tiles(n: int = 9, size_px: int = 8, channels: int = 1) -> Pictures:
    return RNG.integers(0, 256, (n, size_px, size_px, channels), dtype=np.uint8)


def add_grid(
    store: RunStore,
    folder: RunFolder,
    pictures: Pictures,
    *,
    step: int,
    kind: str = "ema",
    attempt: int = 1,
) -> None:
    name = f"{kind}-{attempt}-{step:08d}.png"
    save_sheet(folder.samples_dir / name, pictures)
    n, height, width, _ = pictures.shape
    store.add_sample(
        attempt,
        step=step,
        tick=2 * step,
        now=1000.0 + step,
        path=f"samples/{name}",
        kind=kind,
        payload={"n": n, "height_px": height, "width_px": width},
    )


def run_of(home: Home, grids: Sequence[Pictures], steps: Sequence[int]) -> RunFolder:
    folder = create_run(home, "{}", name="film")
    with RunStore.open(folder.db_path) as store:
        store.begin_attempt(now=time.time(), pid=1, info={})
        for pictures, step in zip(grids, steps, strict=True):
            add_grid(store, folder, pictures, step=step)
            add_grid(store, folder, 255 - pictures, step=step, kind="generator")
        store.add_metrics(1, ["time/epoch"], [500, 1000, 2000], 4000, [[1.0], [2.0], [4.0]])
        store.end_attempt(1, now=time.time(), state=RunState.STOPPED)
    return folder


@pytest.fixture
def grey(home: Home) -> RunFolder:
    return run_of(home, [tiles() for _ in range(4)], [0, 10, 500, 1200])


@pytest.fixture
def coloured(home: Home) -> RunFolder:
    return run_of(home, [tiles(channels=3) for _ in range(3)], [0, 10, 20])


def frames_of(path: Path) -> tuple[list[np.ndarray], list[int]]:
    """Return all frames as RGB and how many ms each is shown."""
    if path.suffix == ".mp4":
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            assert stream.codec_context.name == "h264"
            assert stream.codec_context.pix_fmt == "yuv420p"
            rate = stream.average_rate
            decoded = list(container.decode(stream))
        pictures = [
            f.reformat(format="rgb24", src_colorspace=Colorspace.ITU709).to_ndarray()
            for f in decoded
        ]
        times = [float(f.pts * f.time_base) for f in decoded]
        assert rate is not None
        times.append(times[-1] + 1 / float(rate))
        return pictures, [round(1000 * ms) for ms in np.diff(times)]
    pictures, durations = [], []
    with Image.open(path) as image:
        assert image.info["loop"] == 0
        for i in range(image.n_frames):
            image.seek(i)
            image.load()
            durations.append(int(image.info["duration"]))
            pictures.append(np.asarray(image.convert("RGB")))
    return pictures, durations


def rgb(picture: Pictures) -> np.ndarray:
    return np.broadcast_to(picture, (*picture.shape[:2], 3))


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_shows_every_grid_at_its_time(kind: str, grey: RunFolder, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    seen: list[tuple[int, int]] = []
    n = write_timelapse(grey, path, fps=5, hold_s=1.0, progress=lambda i, n: seen.append((i, n)))
    assert n == 4
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    pictures, durations = frames_of(path)
    expected = [rgb(picture) for picture in open_film(grey, raw=False, n_tiles=36, max_frames=None)]
    if kind == "mp4":
        expected += [expected[-1]] * 5
        assert durations == [200] * 9
    else:
        assert durations == [200, 200, 200, 1200]
    assert len(pictures) == len(expected)
    for picture, wanted in zip(pictures, expected, strict=True):
        assert picture.shape == wanted.shape
        difference = np.abs(picture.astype(int) - wanted)
        if kind == "mp4":  # within a tile nearly exact; less so where noise meets noise
            assert difference[35, 35].max() <= 3
            assert difference.mean() <= 3
        else:
            assert difference.max() == 0
    assert list(tmp_path.glob(".a*")) == []


def test_a_frame_is_the_grid_enlarged_by_a_whole_factor(home: Home) -> None:
    pictures = tiles(9)
    folder = run_of(home, [pictures], [1200])
    (frame,) = open_film(folder, raw=False, n_tiles=4, max_frames=None)
    factor = 40
    side = 8 * factor
    assert frame.shape[0] % 2 == frame.shape[1] % 2 == 0
    assert frame.shape[1] == 2 * side + GUTTER_PX
    for i, (y, x) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        top, left = y * (side + GUTTER_PX), x * (side + GUTTER_PX)
        shown = frame[top : top + side, left : left + side]
        assert (shown == pictures[i].repeat(factor, 0).repeat(factor, 1)).all()
    assert (frame[side : side + GUTTER_PX, :side] == 255).all()
    caption = frame[2 * side + GUTTER_PX :]
    assert 20 < caption.shape[0] < 80
    assert (caption < 100).any()


def test_captions_name_step_and_epoch(grey: RunFolder, home: Home) -> None:
    film = open_film(grey, raw=False, n_tiles=4, max_frames=None)
    assert film.captions == [
        "step 0 · epoch 0.0", "step 10 · epoch 0.0", "step 500 · epoch 1.0",
        "step 1,200 · epoch 2.4",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_colours_are_kept(kind: str, coloured: RunFolder, tmp_path: Path) -> None:
    path = tmp_path / f"a.{kind}"
    write_timelapse(coloured, path, hold_s=0)
    pictures, _ = frames_of(path)
    assert len(pictures) == 3
    # 576 random colours in 256 places, or halved colour resolution at the edges of tiles.
    tolerance = {"webp": 0, "gif": 14, "mp4": 6}[kind]
    for picture, wanted in zip(
        pictures, open_film(coloured, raw=False, n_tiles=36, max_frames=None), strict=True
    ):
        assert np.abs(picture.astype(int) - wanted).mean() <= tolerance


def test_a_gif_has_one_palette_for_all_frames(coloured: RunFolder, tmp_path: Path) -> None:
    write_timelapse(coloured, tmp_path / "a.gif")
    data = (tmp_path / "a.gif").read_bytes()
    assert data[10] & 0b1000_0111 == 0b1000_0111  # a global table of 256 colours
    position = 13 + 3 * 256
    n_pictures = 0
    while data[position] != ord(";"):
        if data[position] == ord(","):
            assert data[position + 9] & 0b1000_0000 == 0  # no table of its own
            n_pictures += 1
            position += 11
        else:
            position += 2
        while data[position]:
            position += 1 + data[position]
        position += 1
    assert n_pictures == 3


def test_what_stays_is_not_written_again_but_shown(home: Home, tmp_path: Path) -> None:
    first = tiles(4)
    second = first.copy()
    second[3] = 255 - second[3]
    folder = run_of(home, [first, second, second], [0, 1, 1])
    write_timelapse(folder, tmp_path / "a.gif", hold_s=0)
    pictures, durations = frames_of(tmp_path / "a.gif")
    film = list(open_film(folder, raw=False, n_tiles=36, max_frames=None))
    assert durations == [100, 100, 100]
    for picture, wanted in zip(pictures, film, strict=True):
        assert (picture == wanted).all()


def test_raw_shows_the_generator_itself(grey: RunFolder, home: Home, tmp_path: Path) -> None:
    averaged = open_film(grey, raw=False, n_tiles=36, max_frames=None)[0]
    raw = open_film(grey, raw=True, n_tiles=36, max_frames=None)[0]
    assert (raw[:50, :50] == 255 - averaged[:50, :50]).all()
    assert n_grids(grey) == n_grids(grey, raw=True) == 4


def test_without_an_average_the_generator_is_shown(home: Home, tmp_path: Path) -> None:
    folder = create_run(home, "{}", name="no average")
    with RunStore.open(folder.db_path) as store:
        store.begin_attempt(now=time.time(), pid=1, info={})
        add_grid(store, folder, tiles(), step=0, kind="generator")
    assert write_timelapse(folder, tmp_path / "a.webp") == 1
    with Image.open(tmp_path / "a.webp") as image:
        assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_single_grid_is_a_film_of_one_frame(kind: str, home: Home, tmp_path: Path) -> None:
    folder = run_of(home, [tiles()], [3])
    assert write_timelapse(folder, tmp_path / f"a.{kind}", hold_s=0) == 1
    (wanted,) = open_film(folder, raw=False, n_tiles=36, max_frames=None)
    if kind == "mp4":
        (picture,), _ = frames_of(tmp_path / "a.mp4")
    else:
        with Image.open(tmp_path / f"a.{kind}") as image:
            picture = np.asarray(image.convert("RGB"))
    assert np.abs(picture.astype(int) - wanted).mean() < 3


def test_superseded_grids_are_left_out(home: Home, tmp_path: Path) -> None:
    folder = create_run(home, "{}", name="resumed")
    with RunStore.open(folder.db_path) as store:
        store.begin_attempt(now=time.time(), pid=1, info={})
        for step in (0, 10, 20, 30):
            add_grid(store, folder, tiles(), step=step)
        store.end_attempt(1, now=time.time(), state=RunState.STOPPED)
        store.set_state(RunState.QUEUED, now=time.time())
        second = store.begin_attempt(now=time.time(), pid=1, info={})
        store.supersede_after(20, second)  # a tick: step 10
        add_grid(store, folder, tiles(), step=20, attempt=second)
    film = open_film(folder, raw=False, n_tiles=9, max_frames=None)
    assert film.captions == ["step 0", "step 10", "step 20"]
    assert [sample.attempt for sample in film.samples] == [1, 1, 2]
    assert write_timelapse(folder, tmp_path / "a.gif") == 3


def test_fewer_frames_are_evenly_spaced_with_both_ends(home: Home) -> None:
    folder = run_of(home, [tiles(1, 2) for _ in range(11)], range(11))
    film = open_film(folder, raw=False, n_tiles=1, max_frames=3)
    assert [sample.step for sample in film.samples] == [0, 5, 10]
    assert len(open_film(folder, raw=False, n_tiles=1, max_frames=11)) == 11


def test_tiles_of_another_size_fill_the_same_place(home: Home, tmp_path: Path) -> None:
    small, large = tiles(4, 4), tiles(4, 8)
    folder = run_of(home, [small, large], [0, 10])
    first, last = open_film(folder, raw=False, n_tiles=4, max_frames=None)
    assert first.shape == last.shape
    assert (first[:320, :320] == small[0].repeat(80, 0).repeat(80, 1)).all()
    assert write_timelapse(folder, tmp_path / "a.gif") == 2


def test_large_pictures_are_not_shrunk(home: Home) -> None:
    folder = run_of(home, [tiles(4, 400)], [0])
    (frame,) = open_film(folder, raw=False, n_tiles=4, max_frames=None)
    assert frame.shape[1] == 802


@pytest.mark.parametrize(
    "settings",
    [{"n_tiles": 0}, {"fps": 0.0}, {"fps": 51.0}, {"hold_s": -1.0}, {"max_frames": 1}],
)
def test_settings_that_make_no_sense(
    settings: dict[str, float], grey: RunFolder, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError):
        write_timelapse(grey, tmp_path / "a.gif", **settings)  # type: ignore[arg-type]


def test_what_cannot_be_made_is_said_and_leaves_nothing(
    grey: RunFolder, home: Home, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    target.mkdir()
    with pytest.raises(ConfigError, match=r"must end in \.gif, \.webp or \.mp4"):
        write_timelapse(grey, target / "a.avi")
    empty = create_run(home, "{}", name="empty")
    with pytest.raises(DataError, match="no sample grid yet"):
        write_timelapse(empty, target / "a.gif")
    with pytest.raises(StoreError, match="cannot be written"):
        write_timelapse(grey, target / "no" / "a.gif")
    with RunStore.open(grey.db_path) as store:
        second = store.read_samples("ema")[1]
    (grey.path / second.path).write_bytes(b"no picture")
    for kind in KINDS:
        with pytest.raises(DataError, match=r"cannot be read"):
            write_timelapse(grey, target / f"a.{kind}")
    assert list(target.iterdir()) == []
