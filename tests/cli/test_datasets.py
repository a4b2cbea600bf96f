"""`data`: what there is, one set, and preparing it with its progress told."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gan.data.catalog import DATASETS
from gan.runs.folder import Home


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with three pictures in two classes and one that is broken."""
    folder = tmp_path / "pictures"
    for name in ("a/1.png", "a/2.png", "b/3.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 20), "red").save(folder / name)
    (folder / "b" / "broken.png").write_bytes(b"no picture")
    return folder


@pytest.fixture
def kmnist(home: Home) -> Path:
    """Four images of KMNIST's format, where downloads are kept."""
    folder = home.workspace_dir / "data" / "KMNIST" / "raw"
    folder.mkdir(parents=True)
    header = struct.pack(">BBBB3I", 0, 0, 8, 3, 4, 28, 28)
    (folder / "train-images-idx3-ubyte").write_bytes(header + bytes(range(196)) * 16)
    return folder


def test_all_sets_are_listed(cli: Callable[..., Any], kmnist: Path) -> None:
    rows = {row["name"]: row for row in cli("data", "--json").json}
    assert list(rows) == list(DATASETS)
    assert rows["drawn-digits"]["kind"] == "drawn"
    assert rows["own-pictures"]["kind"] == "error"
    assert all(row["why"].endswith(".") for row in rows.values())
    small = rows["kmnist"]
    assert (small["kind"], small["n_images"], small["is_exact"]) == ("files", 4, True)
    assert rows["emnist"]["n_classes"] == 47
    text = cli("data").out
    assert all(name in text for name in rows)
    assert "202,599" in text
    assert "3 × 64 × 64" in text


def test_options_change_what_is_told(cli: Callable[..., Any], pictures: Path) -> None:
    rows = cli("data", "--size-px", "48", "--colour", "grey", "--json").json
    assert {(row["channels"], row["size_px"]) for row in rows if row["kind"] != "error"} == {
        (1, 48)
    }
    own = cli("data", "own-pictures", "--folder", pictures, "--json").json
    assert (own["kind"], own["n_images"], own["classes"]) == ("files", 4, ["a", "b"])


def test_one_set_with_its_terms_and_how_to_get_it(cli: Callable[..., Any], home: Home) -> None:
    text = cli("data", "emnist").out
    for part in ("112,800 images of 1 × 28 × 28, 47 classes", "Licence:", "By hand: put emnist-"):
        assert part in text
    assert str(home.workspace_dir / "data" / "EMNIST" / "raw") in text
    assert "No folder is named" in cli("data", "own-pictures").out


def test_preparing_tells_people_how_it_went(
    cli: Callable[..., Any], home: Home, pictures: Path
) -> None:
    answer = cli("data", "own-pictures", "--folder", pictures, "--size-px", "16", "--prepare")
    assert answer.code == 0
    assert "Ready: 3 images of 3 × 16 × 16, 1 files left out." in answer.out
    assert "Left out: b/broken.png" in answer.out
    assert "4 of 4 images. (100%)" in answer.err
    assert (home.workspace_dir / "cache").is_dir()
    again = cli("data", "own-pictures", "--folder", pictures, "--size-px", "16", "--json").json
    assert (again["n_images"], again["is_exact"], again["is_ready"]) == (3, True, True)


def test_preparing_tells_programs_line_by_line(cli: Callable[..., Any], kmnist: Path) -> None:
    answer = cli("data", "kmnist", "--prepare", "--json", "--size-px", "32", "--colour", "rgb")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert len(lines) >= 3
    assert all({"text", "fraction"} <= set(line) for line in lines)
    assert [line.get("done", False) for line in lines] == [False] * (len(lines) - 1) + [True]
    assert lines[0]["fraction"] is None
    assert lines[-2]["text"] == "Converting KMNIST to 32 × 32 RGB: 4 of 4 images."
    last = lines[-1]
    assert (last["n_images"], last["channels"], last["size_px"]) == (4, 3, 32)
    assert answer.err == ""


def test_what_makes_no_sense_is_refused(cli: Callable[..., Any], tmp_path: Path) -> None:
    for words, code, complaint in (
        (["--prepare"], 2, "Name the data set to prepare"),
        (["cifar"], 2, "Unknown data set 'cifar'"),
        (["mnist", "--size-px", "4"], 2, "size_px"),
        (["mnist", "--colour", "blue"], 2, "colour"),
        (["own-pictures", "--prepare"], 1, "No folder is named"),
        (["own-pictures", "--prepare", "--folder", tmp_path / "typo"], 1, "There is no folder"),
        (["svhn", "--source", "files", "--prepare"], 1, "SVHN is not on this machine"),
    ):
        answer = cli("data", *words)
        assert answer.code == code
        assert complaint in answer.complaint
