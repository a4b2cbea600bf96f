"""Opening a zip that nobody vouches for.

Maths layer. A zip is never unpacked to disk: its members are read into memory, one at a time.
"""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gan.data.pictures.limits import MAX_DIRECTORY_BYTES
from gan.errors import DataError


class _BoundedFile(io.FileIO):
    """A file that refuses absurd gulps, since zipfile reads a table of contents in one."""

    max_gulp: int | None = MAX_DIRECTORY_BYTES

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and self.max_gulp is not None and size > self.max_gulp:
            raise zipfile.BadZipFile(f"its table of contents has {size:,} bytes")
        return super().read(-1 if size is None else size) or b""


@contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """Open a zip for reading; several threads may read members of it.

    Raises:
        DataError: it is not a zip, or its table of contents is damaged or absurdly long.
    """
    try:
        file = _BoundedFile(path)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}).") from None
    with file:
        begins_like_zip = file.read(4) == b"PK\x03\x04"
        try:
            archive = zipfile.ZipFile(file)
        except Exception as error:
            if begins_like_zip:
                raise DataError(
                    f"{path} is a zip that is damaged or cut short ({error}): fetch it again."
                ) from error
            raise DataError(
                f"{path} is neither a folder nor a zip: choose a folder of pictures, or a zip."
            ) from error
        file.max_gulp = None
        with archive:
            yield archive
