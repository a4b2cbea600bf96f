"""`invert` from the terminal: a training picture, a file, and refusals."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from gan.runs.folder import RunFolder
from gan.runs.inverter import read_inverted


def test_a_training_picture_and_its_answer(
    cli: Callable[..., Any], run: RunFolder, tmp_path: Path
) -> None:
    out = tmp_path / "found.npz"
    answer = cli("invert", run.id, "--real", 3, "--out", out, "--json")
    assert answer.code == 0
    found = read_inverted(out)
    assert found is not None and found.is_final and found.target.shape == (28, 28, 1)
    assert answer.json["z"] == found.z.tolist() and answer.json["step"] == 12
    assert answer.json["distance"] <= answer.json["start_distance"]
    difference = found.image.astype(float) - found.target
    assert abs(np.sqrt(np.mean(difference**2)) - found.distance) < 1.0
    text = cli("invert", run.id, "--real", 3).out
    assert "of 255 grey levels away" in text and f"{found.distance:.2f}" in text


def test_a_file_of_any_size_and_colour(
    cli: Callable[..., Any], run: RunFolder, tmp_path: Path
) -> None:
    picture = tmp_path / "shoe.jpg"
    Image.new("RGB", (90, 50), (200, 30, 30)).save(picture)
    out = tmp_path / "found.npz"
    assert cli("invert", run.id, "--image", picture, "--out", out).code == 0
    found = read_inverted(out)
    assert found is not None and found.target.std() < 2.0  # the red's grey


def test_refusals_are_one_line(cli: Callable[..., Any], run: RunFolder, tmp_path: Path) -> None:
    answer = cli("invert", run.id, "--real", 128)
    assert answer.code == 2 and "from 0 to 127" in answer.complaint
    answer = cli("invert", run.id, "--image", tmp_path / "none.png")
    assert answer.code == 1 and "cannot be read" in answer.complaint
    answer = cli("invert", run.id, "--image", __file__)
    assert answer.code == 1 and "is not a picture" in answer.complaint
    answer = cli("invert", run.id, "--real", 1, "--label", 3)
    assert answer.code == 1 and "leave it out" in answer.complaint
    answer = cli("invert", run.id)
    assert answer.code == 2 and "required" in answer.complaint
