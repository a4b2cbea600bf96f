"""What is said beforehand is what is loaded then, for every data set."""

from pathlib import Path
from typing import Any

import pytest
from tiny_sets import WRITERS, write_cifar, write_mnist, write_own

from gan.config import DataConfig
from gan.data.arrays import load_arrays
from gan.data.catalog import DATASETS, DatasetInfo
from gan.data.facts import DataFacts, describe
from gan.data.progress import Report
from gan.errors import DataError


def forbidden(info: DatasetInfo, folder: Path, report: Report) -> None:
    raise AssertionError("nothing should be downloaded here")


def facts_of(tmp_path: Path, config: DataConfig) -> DataFacts:
    return describe(config, search=[tmp_path / "files"], cache_folder=tmp_path / "cache")


@pytest.mark.parametrize("settings", [{}, {"size_px": 16}, {"colour": "rgb"}, {"colour": "grey"}])
@pytest.mark.parametrize("dataset", list(DATASETS))
def test_facts_hold(dataset: str, settings: dict[str, Any], tmp_path: Path) -> None:
    raw = {"dataset": dataset, **settings}
    if dataset in WRITERS:
        WRITERS[dataset](tmp_path / "files")
        raw["folder"] = str(tmp_path / "files")
    else:
        raw["n_images"] = 30
    config = DataConfig.model_validate(raw)
    before = facts_of(tmp_path, config)
    arrays = load_arrays(
        config, download_folder=tmp_path / "downloads", search=[], downloader=forbidden
    )
    after = facts_of(tmp_path, config)
    for facts in (before, after):
        assert (facts.name, facts.channels, facts.size_px, facts.classes, facts.located) == (
            arrays.name, arrays.channels, arrays.size_px, arrays.classes, arrays.located,
        )  # fmt: skip
        assert facts.n_images >= arrays.n_images
        if facts.is_exact:
            assert facts.n_images == arrays.n_images
    assert after.is_exact
    assert after.is_ready


@pytest.mark.parametrize("dataset", [name for name, info in DATASETS.items() if info.stand_in])
def test_what_must_be_downloaded_is_not_certain_but_its_shape_is(
    dataset: str, tmp_path: Path
) -> None:
    info = DATASETS[dataset]
    facts = facts_of(tmp_path, DataConfig.model_validate({"dataset": dataset}))
    assert facts.located.kind == "download"
    assert (facts.channels, facts.size_px) == (info.channels, info.size_px)
    assert (facts.n_images, facts.is_exact, facts.is_ready) == (info.n_images, False, False)
    config = DataConfig.model_validate({"dataset": dataset, "source": "drawn"})
    drawn = facts_of(tmp_path, config)
    assert (drawn.name, drawn.n_images, drawn.is_exact) == (info.stand_in, 20_000, True)
    assert (drawn.channels, drawn.size_px) == (info.channels, info.size_px)


def test_before_and_after_a_set_is_read(tmp_path: Path) -> None:
    config = DataConfig(dataset="cifar-10")
    write_cifar(tmp_path / "files")
    before = facts_of(tmp_path, config)
    assert (before.n_images, before.is_exact, before.is_ready) == (50_000, False, False)
    load_arrays(config, download_folder=tmp_path / "downloads", search=[tmp_path / "files"])
    after = facts_of(tmp_path, config)
    assert (after.n_images, after.is_exact, after.is_ready) == (20, True, True)


def test_own_pictures_are_counted_by_their_names_until_they_were_decoded(tmp_path: Path) -> None:
    write_own(tmp_path / "files")
    config = DataConfig(dataset="own-pictures", folder=str(tmp_path / "files"))
    before = facts_of(tmp_path, config)
    assert (before.n_images, before.classes, before.is_exact) == (4, ("cats", "dogs"), False)
    load_arrays(config, download_folder=tmp_path / "downloads")
    after = facts_of(tmp_path, config)
    assert (after.n_images, after.is_exact) == (3, True)


def test_headers_tell_size_and_number(tmp_path: Path) -> None:
    write_mnist(tmp_path / "files", 20, size_px=12)
    facts = facts_of(tmp_path, DataConfig(dataset="mnist"))
    assert (facts.n_images, facts.size_px, facts.is_exact, facts.is_ready) == (20, 12, True, True)


def test_more_images_than_there_are_is_said_beforehand(tmp_path: Path) -> None:
    write_mnist(tmp_path / "files", 20)
    facts = facts_of(tmp_path, DataConfig(dataset="mnist", n_images=15))
    assert (facts.n_available, facts.n_images) == (20, 15)
    with pytest.raises(DataError, match="asks for 21 images, and there are 20 in MNIST"):
        facts_of(tmp_path, DataConfig(dataset="mnist", n_images=21))


def test_what_cannot_be_had_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No folder is named"):
        facts_of(tmp_path, DataConfig(dataset="own-pictures"))
    with pytest.raises(DataError, match="not on this machine"):
        facts_of(tmp_path, DataConfig(dataset="svhn", source="files"))
