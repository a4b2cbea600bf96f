"""What is known of real images in a network's features, kept from one run to the next.

Memory layer: numpy arrays in a file, written whole or not at all. The key names the features and
the images, so a file is never out of date.
"""

import logging
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

log = logging.getLogger(__name__)

Arrays = dict[str, npt.NDArray[np.generic]]


def remember_in(cache: Path) -> Callable[[str, Callable[[], Arrays]], Arrays]:
    """Return a function that looks a key up in a folder, and makes and keeps what is not there.

    A file that cannot be read is made anew; one that cannot be written is only not kept.
    """

    def remember(key: str, make: Callable[[], Arrays]) -> Arrays:
        path = cache / "quality" / f"{key}.npz"
        try:
            with np.load(path, allow_pickle=False) as kept:
                return {name: kept[name] for name in kept.files}
        except FileNotFoundError:
            pass
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            log.warning("%s is made anew (%s).", path, error)
        arrays = make()
        _keep(path, arrays)
        return arrays

    return remember


def _keep(path: Path, arrays: Arrays) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.npz")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(partial, **arrays)  # type: ignore[arg-type]
        partial.replace(path)
    except OSError as error:
        log.warning("%s is not kept (%s).", path, error)
        partial.unlink(missing_ok=True)
