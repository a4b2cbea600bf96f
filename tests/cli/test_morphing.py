"""`morph` from the terminal, its files decoded again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan.runs.folder import Home, RunFolder
from gan.runs.studio.records import Source
from gan.runs.studio.shelf import Shelf


def frames_of(path: Path) -> list[np.ndarray]:
    with Image.open(path) as film:
        frames = []
        for i in range(film.n_frames):
            film.seek(i)
            frames.append(np.asarray(film.convert("L")))
        return frames


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_a_film_begins_and_ends_with_the_pictures(
    cli: Callable[..., Any], run: RunFolder, home: Home, tmp_path: Path, kind: str
) -> None:
    out = tmp_path / f"morph.{kind}"
    words = ["--seed", 3, "--pictures", "4,0", "--frames", 9, "--out", out, "--json"]
    answer = cli("morph", run.id, *words)
    assert answer.json == {
        "id": run.id, "step": 12, "seed": 3, "pictures": [4, 0], "class": None, "n": 9,
        "out": str(out),
    }  # fmt: skip
    frames = frames_of(out)
    assert len(frames) == 9
    held = Shelf(home).take(Source(run.id))
    ends = held.draw(held.generator.z_of(5, 3)[[4, 0]], None).images[..., 0]
    factor = frames[0].shape[0] // 28
    for frame, end in ((frames[0], ends[0]), (frames[-1], ends[1])):
        assert np.array_equal(frame[::factor, ::factor][:28, :28], end)


def test_a_strip_of_one_class(cli: Callable[..., Any], tiny: list[str], tmp_path: Path) -> None:
    made = cli("train", "vanilla-fashion", *tiny, "--conditional", "--n-steps", 3, "--json")
    out = tmp_path / "strip.png"
    asked = ["morph", made.json["id"], "--frames", 6, "--loop", "--way", "smooth", "--out", out]
    answer = cli(*asked, "--class", "7", "--json")
    assert answer.json["class"] == "7"
    first = np.asarray(Image.open(out))
    assert cli(*asked, "--json").json["class"] == "0"  # as the first picture
    assert not np.array_equal(np.asarray(Image.open(out)), first)
    answer = cli(*asked, "--class", "eleven")
    assert answer.code == 2 and "no class 'eleven'" in answer.complaint


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--pictures", "1"], "give from 2 to 8 numbers"),
        (["--pictures", "1,x"], "give from 2 to 8 numbers"),
        (["--frames", "2"], "from 3 to 1,000"),
        (["--seed", "-1"], "--seed is -1"),
        (["--out", "morph.txt"], "must end in .gif"),
        (["--class", "3"], "without classes"),
    ],
)
def test_refusals_are_one_line(
    cli: Callable[..., Any], run: RunFolder, words: list[str], sentence: str
) -> None:
    answer = cli("morph", run.id, *words)
    assert answer.code == 2 and sentence in answer.complaint
