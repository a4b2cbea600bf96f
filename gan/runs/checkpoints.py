"""Checkpoint files: written whole or not at all, read without running code from them.

Memory layer. A checkpoint is a dictionary of tensors and plain data; what the keys mean is the
trainer's business.
"""

import os
import pickle
import time
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from gan.errors import CheckpointError

_DAMAGE = (
    OSError,
    RuntimeError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    MemoryError,
    zlib.error,
    pickle.UnpicklingError,
    zipfile.BadZipFile,
)
_REPLACE_RETRIES = 20  # Windows refuses to replace a file that a virus scanner holds open


def save_checkpoint(path: Path, state: dict[str, Any]) -> int:
    """Write `state` to `path` by way of a temporary file and a rename; return its size in bytes.

    Raises:
        CheckpointError: the disk is full or not writable; an older file at `path` is untouched.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(exist_ok=True)  # not its parents: a run that was deleted stays so
        with temporary.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        _replace(temporary, path)
    except (OSError, RuntimeError) as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise CheckpointError(f"The checkpoint {path.name} cannot be written ({error}).") from error
    return path.stat().st_size


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read a checkpoint onto the CPU, tensors and plain data only (`weights_only`).

    Raises:
        CheckpointError: missing, damaged, or holding more than tensors and plain data.
    """
    try:
        _check_sums(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"The checkpoint {path.name} is not there any more.") from None
    except _DAMAGE as error:
        raise CheckpointError(
            f"The checkpoint {path.name} is damaged or not one of ours "
            f"({type(error).__name__}): choose an earlier one."
        ) from error
    if not isinstance(state, dict):
        raise CheckpointError(f"The checkpoint {path.name} holds no state: choose an earlier one.")
    return state


def _check_sums(path: Path) -> None:
    """Read the file once and compare its sums: `torch.load` takes flipped bits for weights."""
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    if damaged is not None:
        raise zipfile.BadZipFile(f"wrong sum of {damaged}")


def checkpoint_name(step: int, tick: int) -> str:
    """Return a file name that sorts by place in the run."""
    return f"step-{step:08d}-tick-{tick:09d}.pt"


def _replace(source: Path, target: Path) -> None:
    for attempt in range(_REPLACE_RETRIES):
        try:
            source.replace(target)
            return
        except PermissionError:
            if attempt == _REPLACE_RETRIES - 1:
                raise
            time.sleep(0.05)
