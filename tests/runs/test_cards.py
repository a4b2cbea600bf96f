"""Cards of generators that come with the product: what is wrong with one is one clear sentence."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan.errors import CheckpointError
from gan.runs import cards
from gan.runs.cards import card_folders, check_files, read_card, shipped_root


@pytest.fixture
def generator(tmp_path: Path, tiny_shipped: Path) -> Path:
    """The folder of a good generator, to be damaged."""
    return Path(shutil.copytree(tiny_shipped / "tiny", tmp_path / "tiny"))


def edit(folder: Path, **changes: Any) -> None:
    path = folder / cards.CARD
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def complaint(folder: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        check_files(folder, read_card(folder))
    text = str(caught.value)
    assert "\n" not in text and text.endswith(".")
    return text


def test_a_good_one_passes(generator: Path) -> None:
    card = read_card(generator)
    check_files(generator, card)
    assert (card.recipe, card.seed) == ("vanilla-fashion", 0)
    assert card_folders(generator.parent) == [generator]


def test_one_of_a_newer_version_asks_for_an_update(generator: Path) -> None:
    edit(generator, schema_version=2, something_new=True)
    assert "newer version" in complaint(generator) and "update" in complaint(generator)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"title": ""}, "title"),
        ({"surprise": 1}, "surprise"),
        ({"quality": []}, "quality"),
        ({"files": {}}, "files lacks"),
        ({"files": {"../../run.db": {"sha256": "0" * 64, "size_bytes": 1}}}, "files"),
        ({"files": {"/etc/passwd": {"sha256": "0" * 64, "size_bytes": 1}}}, "files"),
        ({"files": {".hidden": {"sha256": "0" * 64, "size_bytes": 1}}}, "files"),
        ({"config": {"recipe": "custom", "magic": {}}}, "config is not one of this program"),
        ({"name": "../other"}, "name"),
    ],
)
def test_a_card_that_breaks_a_rule_says_which(
    generator: Path, changes: dict[str, Any], what: str
) -> None:
    edit(generator, **changes)
    assert "The card of the generator tiny is damaged" in complaint(generator)
    assert what in complaint(generator)


def test_a_card_that_is_no_card(generator: Path) -> None:
    for text in ("", "[1]", "{", "\0\0"):
        (generator / cards.CARD).write_text(text)
        assert "card of the generator tiny" in complaint(generator)


def test_the_card_of_another_generator(generator: Path) -> None:
    edit(generator, name="other")
    assert "is that of the generator other" in complaint(generator)


@pytest.mark.parametrize("name", [cards.WEIGHTS, cards.HISTORY, cards.STORY])
def test_a_file_that_is_cut_exchanged_or_gone(generator: Path, name: str) -> None:
    path = generator / name
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert f"The file {name} of the generator tiny is damaged or another one" in complaint(
        generator
    )
    path.write_bytes((generator / cards.CARD).read_bytes())
    assert "damaged or another one" in complaint(generator)
    path.unlink()
    assert f"The file {name} of the generator tiny cannot be read" in complaint(generator)


def test_the_environment_names_another_folder(tmp_path: Path) -> None:
    assert shipped_root({}) == cards.FOLDER
    assert shipped_root({"GAN_SHIPPED": str(tmp_path)}) == tmp_path
    assert card_folders(tmp_path / "nowhere") == []


def test_folders_without_a_card_are_none(tmp_path: Path, generator: Path) -> None:
    (tmp_path / "features").mkdir()
    (tmp_path / ".half").mkdir()
    (tmp_path / ".half" / cards.CARD).touch()
    assert card_folders(tmp_path) == [generator]


# The real ones.


def test_the_readme_has_the_table_of_the_cards() -> None:
    found = [read_card(folder) for folder in card_folders(cards.FOLDER)]
    text = (cards.FOLDER / "README.md").read_text(encoding="utf-8")
    table = f"{cards.cards_table(found)}\n" if found else ""
    assert f"{cards.TABLE_BEGIN}\n{table}{cards.TABLE_END}" in text


@pytest.mark.parametrize("folder", card_folders(cards.FOLDER), ids=lambda folder: folder.name)
def test_every_generator_is_what_its_card_says(folder: Path) -> None:
    from PIL import Image

    from gan.cli.shipping import LARGE_BYTES
    from gan.data.dataset import to_hwc
    from gan.runs.checkpoints import load_checkpoint
    from gan.runs.excerpt import read_numbers
    from gan.runs.sheets import make_sheet
    from gan.runs.story import MAX_BYTES, read_story
    from gan.training.saved import load_generator
    from gan.training.shipping import draw_fixed

    card = read_card(folder)
    check_files(folder, card)
    on_disk = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert on_disk == {*card.files, cards.CARD}, "a file that no card names"
    assert card.size_bytes <= LARGE_BYTES
    assert (folder / cards.HISTORY).stat().st_size <= 300_000
    story = read_story(folder / cards.STORY)
    assert sum((folder / grid.path).stat().st_size for grid in story.grids) < 2 * MAX_BYTES
    assert read_numbers(folder / cards.HISTORY)
    state = load_checkpoint(folder / cards.WEIGHTS)
    assert state["counters"]["step"] == card.step
    assert state["data_fingerprint"] == card.data.fingerprint
    generator = load_generator(state)
    assert list(generator.draw(2, 0).shape) == [
        2, card.data.channels, card.data.size_px, card.data.size_px,
    ]  # fmt: skip
    last = story.grids[-1]
    assert last.step == card.step
    drawn = make_sheet(to_hwc(draw_fixed(state)[0])[: last.n])
    kept = np.asarray(Image.open(folder / last.path)).reshape(drawn.shape)
    assert np.abs(drawn.astype(int) - kept.astype(int)).mean() < 0.5


@pytest.mark.parametrize("folder", card_folders(cards.FOLDER), ids=lambda folder: folder.name)
def test_every_generator_is_as_good_as_its_card_says(folder: Path, tmp_path: Path) -> None:
    from gan.cli.shipping import N_CHECK, measure_check
    from gan.data.dataset import load_data
    from gan.data.sources import locate
    from gan.runs.checkpoints import load_checkpoint

    card = read_card(folder)
    config = card.run_config.data
    if locate(config).kind == "download":
        pytest.skip(f"{card.data.title} is not on this machine")
    if locate(config).kind == "drawn":  # the others need not be drawn to compare the first ones
        n = min(N_CHECK, card.data.n_images)
        config = config.model_copy(update={"n_images": n})
    data = load_data(config, download_folder=tmp_path)
    state = load_checkpoint(folder / cards.WEIGHTS)
    again = measure_check(state, data, card.check.features)
    assert (again.n_real, again.n_fake) == (card.check.n_real, card.check.n_fake)
    assert again.frechet == pytest.approx(card.check.frechet, rel=0.02)
