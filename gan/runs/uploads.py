"""Pictures that a user brought along, kept in the workspace under the hash of their bytes.

Memory layer, without torch. The same archive brought twice is there once, and a run that names it
finds it as long as the workspace is there.
"""

import hashlib
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import IO

from gan.data.pictures.survey import survey
from gan.errors import DataError
from gan.runs.disk import move_into_place, os_errors
from gan.runs.folder import Home

_CHUNK = 1 << 20


def keep_upload(home: Home, name: str, stream: IO[bytes]) -> Path:
    """Keep an uploaded zip if its pictures can be used, and return where.

    Args:
        home: whose workspace.
        name: what the user called the file; only letters, digits, dots and dashes survive.
        stream: its bytes, read once from the start.

    Raises:
        DataError: it is no zip, breaks a limit, or has fewer than two pictures.
        StoreError: the workspace cannot be written.
    """
    folder = (home.workspace_dir / "uploads").resolve()  # as messages about its files spell it
    digest = hashlib.sha256()
    partial = folder / f".{secrets.token_hex(8)}.zip"
    try:
        with os_errors(f"{folder} cannot be written"):
            folder.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                while chunk := stream.read(_CHUNK):
                    digest.update(chunk)
                    file.write(chunk)
        ending = f"-{digest.hexdigest()[:12]}.zip"
        known = next(folder.glob(f"*{ending}"), None)  # perhaps under another name
        if known is not None:
            return known
        try:
            survey(partial)
        except DataError as error:  # by the name that the user knows
            raise DataError(str(error).replace(str(partial), name or "The zip")) from None
        kept = folder / f"{_safe(name)}{ending}"
        move_into_place(partial, kept)
        return kept
    finally:
        with suppress(OSError):  # which would hide the reason why it could not be written
            partial.unlink()


def _safe(name: str) -> str:
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(name).stem).strip(".-")
    return stem[:60] or "pictures"
