"""Whether a run can train, told before it exists, and the same to everyone who asks."""

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from tiny_runs import tiny

from gan.cli.main import main
from gan.config import RunConfig
from gan.data.arrays import ImageArrays
from gan.data.dataset import load_data
from gan.errors import ConfigError, DataError, GanError
from gan.runs.checking import check_run
from gan.runs.control import new_run
from gan.runs.folder import Home, list_runs
from gan.runs.images import download_folder, load_images
from gan.runs.settings import WorkspaceSettings, save_settings
from gan.training.trainer import Trainer

ROOT = Path(__file__).parents[2]


def write_zip(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for i, name in enumerate(names):
            file = io.BytesIO()
            Image.new("RGB", (9, 9), (9 * i, 50, 90)).save(file, "PNG")
            archive.writestr(name, file.getvalue())
    return path


def own(path: Path, **changes: object) -> RunConfig:
    base = {
        "data__dataset": "own-pictures",
        "data__source": "auto",
        "data__folder": str(path),
        "data__n_images": None,
        "data__size_px": 8,
        "train__batch_size": 4,
    }
    return tiny(**(base | changes))


def prepare(home: Home, config: RunConfig) -> ImageArrays:
    return load_images(home, config.data)


def train_a_step(home: Home, config: RunConfig) -> None:
    data = load_data(config.data, download_folder=download_folder(home))
    list(Trainer(config, data).run(1))


def test_what_fits_is_described_and_trains(home: Home) -> None:
    config = tiny(model__conditional=True)
    facts = check_run(home, config)
    assert (facts.channels, facts.size_px, facts.n_images) == (1, 28, 256)
    assert facts.classes == tuple("0123456789") and facts.is_exact
    train_a_step(home, config)


def test_own_pictures_with_and_without_classes(home: Home, tmp_path: Path) -> None:
    flat = write_zip(tmp_path / "flat.zip", *(f"{i}.png" for i in range(8)))
    sorted_ = write_zip(
        tmp_path / "sorted.zip", *(f"{kind}/{i}.png" for i in range(4) for kind in ("cats", "dogs"))
    )
    assert check_run(home, own(flat)).classes == ()
    assert check_run(home, own(sorted_, model__conditional=True)).classes == ("cats", "dogs")
    config = own(flat, model__conditional=True)
    with pytest.raises(ConfigError) as caught:
        check_run(home, config)
    assert str(caught.value).startswith("model.conditional is on, and Own pictures has no classes")
    for with_classes in (False, True):  # and so it is
        if with_classes:
            train_a_step(home, own(sorted_, model__conditional=True))
        else:
            with pytest.raises(ConfigError, match="has no classes"):
                train_a_step(home, config)


def test_the_networks_must_suit_the_pictures(home: Home) -> None:
    """Five blocks double the picture too often for 28 px; three are right for 32."""
    wrong = tiny(model__name="dcgan", model__g_widths=[8] * 5, model__d_widths=[8])
    with pytest.raises(ConfigError, match=r"model\.g_widths"):
        check_run(home, wrong)
    right = wrong.with_changes({"data.size_px": 32, "model.g_widths": [8] * 3})
    assert check_run(home, right).size_px == 32


def test_one_image_must_not_be_left_over_once_their_number_is_known(
    home: Home, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"257 images in batches of 128 leave .* one image"):
        check_run(home, tiny(data__n_images=257, train__batch_size=128))
    for cure in ({"train__drop_last": True}, {"train__sampling": "replacement"}):
        check_run(home, tiny(data__n_images=257, train__batch_size=128, **cure))
    # Half a batch counts: four of 64 leave one image.
    halves = {"train__half_batch": True, "train__share_z": False, "train__batch_size": 128}
    with pytest.raises(ConfigError, match=r"257 images in batches of 64"):
        check_run(home, tiny(data__n_images=257, **halves))

    names = [f"{i}.png" for i in range(9)]
    config = own(write_zip(tmp_path / "nine.zip", *names))
    facts = check_run(home, config)  # until they are decoded, some may turn out to be broken
    assert facts.n_images == 9 and not facts.is_exact
    prepare(home, config)
    with pytest.raises(ConfigError, match=r"9 images in batches of 4 leave"):
        check_run(home, config)


def test_images_that_cannot_be_had_are_a_data_error(home: Home, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"No folder is named for your own pictures"):
        check_run(home, own(tmp_path, data__folder=None))
    with pytest.raises(DataError, match=r"There is no folder .*nowhere"):
        check_run(home, own(tmp_path / "nowhere"))


def wrong_configs(tmp_path: Path) -> dict[str, RunConfig]:
    flat = write_zip(tmp_path / "flat.zip", "a.png", "b.png")
    return {
        "no classes": own(flat, model__conditional=True),
        "widths": tiny(model__name="dcgan", model__g_widths=[8] * 5, model__d_widths=[8]),
        "one left": tiny(data__n_images=257, train__batch_size=128),
        "no folder": own(flat, data__folder=str(tmp_path / "nowhere")),
    }


@pytest.mark.parametrize("what", ["no classes", "widths", "one left", "no folder"])
def test_the_command_line_says_the_same_and_makes_no_run(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    config = wrong_configs(tmp_path)[what]
    with pytest.raises(GanError) as caught:
        check_run(home, config)
    file = tmp_path / "config.json"
    file.write_text(config.to_json())
    for words in (["train", "--detach"], ["train"]):
        code = main([*words, "--config", str(file), "--home", str(home.root)])
        assert code == (2 if isinstance(caught.value, ConfigError) else 1)
        assert capsys.readouterr().err.strip() == str(caught.value)
    assert list_runs(home) == []


def test_the_page_says_the_same_and_offers_no_start(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAN_HOME", str(home.root))
    save_settings(home, WorkspaceSettings(standby=False))
    monkeypatch.setattr("pages.widgets.resources.start_next", lambda _: [])
    monkeypatch.setattr("gan.runs.probe.request_speed", lambda *_: "busy")
    monkeypatch.setattr("gan.runs.probe.request_devices", lambda *_: "busy")
    config = wrong_configs(tmp_path)["one left"]
    with pytest.raises(GanError) as caught:
        check_run(home, config)
    template = new_run(home, config)
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    app.run()
    app.switch_page("pages/train.py")
    app.query_params["from"] = template.id
    app.run()
    assert not app.exception
    assert str(caught.value) in [error.value for error in app.error]
    assert app.button(key="train").disabled
