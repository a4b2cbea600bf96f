"""The bytes of one picture file, from a folder or a zip, and never more than were announced.

Maths layer. What does not begin like a picture is not read on, so a zip full of zeros called
`.png` costs a few bytes a file.
"""

import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from gan.data.pictures.decode import N_SNIFFED_BYTES, PictureError, sniff
from gan.data.pictures.listing import Entry, Listing
from gan.data.pictures.names import FORMATS_TEXT, judge_zip_name
from gan.data.pictures.zips import open_zip

Reader = Callable[[Entry], bytes]
"""Returns a file's bytes; raises PictureError. Several threads may call it at once."""


@contextmanager
def open_source(listing: Listing) -> Iterator[Reader]:
    """Open what was listed, for reading its files.

    Raises:
        DataError: a zip can no longer be opened.
    """
    if listing.kind == "folder":
        yield partial(_read_file, listing.source)
        return
    with open_zip(listing.source) as archive:
        yield partial(_read_member, archive, archive.infolist())


def _read_file(root: Path, entry: Entry) -> bytes:
    try:
        with (root / entry.name).open("rb") as file:
            if os.fstat(file.fileno()).st_size != entry.n_bytes:
                raise PictureError("was changed while it was read")
            return _read(file, entry.n_bytes)
    except OSError as error:
        raise PictureError(f"cannot be read ({error.strerror or error})") from error


def _read_member(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], entry: Entry) -> bytes:
    if entry.index >= len(members):
        raise PictureError("was changed while it was read")
    member = members[entry.index]
    name, _ = judge_zip_name(member.orig_filename)
    if (name, member.file_size, member.CRC) != (entry.name, entry.n_bytes, entry.stamp):
        raise PictureError("was changed while it was read")
    try:
        with archive.open(member) as file:
            return _read(file, entry.n_bytes)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        # NotImplementedError, for packing that nobody uses, is a RuntimeError.
        raise PictureError(f"is damaged within the zip ({str(error)[:80]})") from error


def _read(file: IO[bytes], n_bytes: int) -> bytes:
    head = file.read(N_SNIFFED_BYTES)
    if sniff(head) is None:
        raise PictureError(f"is not a picture ({FORMATS_TEXT}) by its content")
    data = head + file.read(max(0, n_bytes - len(head)))
    if len(data) < n_bytes:
        raise PictureError("is cut short")
    return data
