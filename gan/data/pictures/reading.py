"""The bytes of one picture file, from a folder or a zip, and never more than were announced.

Maths layer. A zip is never unpacked to disk: its members are read into memory, one at a time.
"""

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gan.data.pictures.limits import MAX_DIRECTORY_BYTES, MAX_FILE_BYTES
from gan.errors import DataError


class PictureError(Exception):
    """One picture cannot be used; the message goes on where its name left off."""


class _BoundedFile(io.FileIO):
    """A file that refuses to be read in absurd gulps, as zipfile does on a lying directory."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_DIRECTORY_BYTES + MAX_FILE_BYTES:
            raise zipfile.BadZipFile("absurd table of contents")
        return super().read(size) or b""


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
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError) as error:
            file.seek(0)
            if file.read(4) == b"PK\x03\x04":
                raise DataError(
                    f"{path} is a zip that is damaged or cut short ({error}): fetch it again."
                ) from None
            raise DataError(
                f"{path} is neither a folder nor a zip: choose a folder of pictures, or a zip."
            ) from None
        except OSError as error:
            raise DataError(f"{path} cannot be read ({error.strerror or error}).") from None
        with archive:
            yield archive
