"""Which code and which machine this is: a warm worker never serves code of another day.

Memory layer, without torch.
"""

import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parent.parent


def torch_version() -> str:
    """Return the installed version without importing it; 'none' if it is missing."""
    try:
        return version("torch")
    except PackageNotFoundError:
        return "none"


def machine_facts() -> dict[str, Any]:
    """Return what a run should remember about where it was trained."""
    return {
        "torch": torch_version(),
        "python": platform.python_version(),
        "host": platform.node(),
    }


def code_fingerprint(package: Path = _PACKAGE) -> str:
    """Return a text that changes when any module of the library on disk changes."""
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        try:
            stat = path.stat()
        except FileNotFoundError:  # an editor is just replacing it
            continue
        digest.update(f"{path.relative_to(package)} {stat.st_mtime_ns} {stat.st_size}\n".encode())
    return digest.hexdigest()[:16]
