"""Which files of a folder or a zip are used, in which order and class, without reading one.

Maths layer. The order follows from the names alone, and so does the identity of a listing, which
changes with every file's size and date (in a zip: size and checksum).
"""

import hashlib
import os
import stat
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from gan.data.pictures import limits
from gan.data.pictures.names import (
    FORMATS_TEXT,
    Refusals,
    Skipped,
    is_clutter,
    judge_name,
    judge_zip_name,
    natural_key,
    top_folders,
)
from gan.data.pictures.zips import open_zip
from gan.errors import DataError

_DEFLATE_OR_STORED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_FLAG_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that may be a picture.

    Attributes:
        name: its path in the source, parts joined by `/`.
        n_bytes: its size, unpacked.
        stamp: when it was last changed (ns); in a zip its CRC-32.
        index: its place in the zip's table of contents; 0 in a folder.
        label: an index into the classes; -1 if there are none.
    """

    name: str
    n_bytes: int
    stamp: int
    index: int = 0
    label: int = -1


@dataclass(frozen=True)
class Listing:
    """The files of a source.

    Attributes:
        source: the folder or the zip, as an absolute path.
        kind: which of the two.
        entries: files that may be pictures. In natural order of their names; with classes the
            first of each class, then the second of each …, so that the first N show all classes.
        classes: names of the sub-folders, naturally sorted; empty if they make no classes.
        refused: files that are not used, the first `MAX_LISTED` of them.
        n_refused: how many there are.
    """

    source: Path
    kind: Literal["folder", "zip"]
    entries: tuple[Entry, ...]
    classes: tuple[str, ...]
    refused: tuple[Skipped, ...]
    n_refused: int

    def identity(self) -> str:
        """Return sha256 (hex) over every used file's name, size and stamp."""
        digest = hashlib.sha256(self.kind.encode())
        for entry in self.entries:
            line = f"{entry.name}\0{entry.n_bytes}\0{entry.stamp}\n"
            digest.update(line.encode(errors="surrogatepass"))
        return digest.hexdigest()


def list_pictures(source: Path) -> Listing:
    """List a folder (with its sub-folders) or a zip.

    Hidden files and systems' own clutter are passed over; what else is not used is listed as
    refused. If at least two sub-folders hold pictures they are the classes, and pictures beside
    them are refused; without classes all pictures are used, wherever they lie.

    Raises:
        DataError: there is no such folder or zip, it breaks a limit of `gan.data.pictures.limits`,
            or names alone tell that it holds fewer than two pictures.
    """
    try:
        path = source.expanduser().resolve(strict=True)
        is_folder = path.is_dir()
    except (OSError, RuntimeError, ValueError):  # ValueError: a null character
        raise DataError(
            f"There is no folder or zip {str(source)!r}: check the spelling of its path."
        ) from None
    refusals = Refusals()
    found = _walk(path, refusals) if is_folder else _read_directory(path, refusals)
    entries, classes = _arrange(list(found), refusals)
    check_enough(path, len(entries), refusals.listed, refusals.n)
    return Listing(
        path, "folder" if is_folder else "zip", entries, classes,
        tuple(refusals.listed), refusals.n,
    )  # fmt: skip


def check_enough(source: Path, n_pictures: int, skipped: list[Skipped], n_skipped: int) -> None:
    """Raise DataError, naming the first reasons, if there are too few pictures to learn from."""
    if n_pictures >= limits.MIN_PICTURES:
        return
    count = "one picture" if n_pictures else "no picture"
    reasons = "; ".join(item.sentence.removesuffix(".") for item in skipped[:3])
    more = f"; and {n_skipped - 3:,} more" if n_skipped > 3 else ""
    why = f" ({reasons}{more})" if reasons else ""
    raise DataError(
        f"{source} holds {count} that can be used{why}: at least {limits.MIN_PICTURES} are needed, "
        f"as {FORMATS_TEXT}."
    )


def _walk(root: Path, refusals: Refusals) -> Iterator[Entry]:
    """Yield the files below a folder; links that lead out of it are refused."""
    n_seen = 0
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            children = sorted(os.scandir(root / folder), key=lambda child: child.name)
        except OSError as error:
            refusals.add(folder or ".", f"cannot be looked into ({error.strerror})")
            continue
        for child in children:
            if is_clutter(child.name):
                continue
            name = f"{folder}/{child.name}" if folder else child.name
            if child.is_dir(follow_symlinks=False):
                folders.append(name)
                continue
            n_seen += 1
            _check_count(root, n_seen)
            entry = _judge_file(root, name, child, refusals)
            if entry is not None:
                yield entry


def _judge_file(root: Path, name: str, child: os.DirEntry[str], refusals: Refusals) -> Entry | None:
    try:
        if child.is_symlink():
            if not Path(child.path).resolve().is_relative_to(root):
                refusals.add(name, "is a link that leads out of the folder")
                return None
            if child.is_dir():
                refusals.add(name, "is a link to a folder, and these are not followed")
                return None
        reason = judge_name(name)
        status = child.stat()
        if not stat.S_ISREG(status.st_mode):
            return None  # pipes and devices
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a ring
        refusals.add(name, f"cannot be looked at ({getattr(error, 'strerror', 'a ring of links')})")
        return None
    return _accept(Entry(name, status.st_size, status.st_mtime_ns), reason, refusals)


def _read_directory(path: Path, refusals: Refusals) -> list[Entry]:
    """Return the files of a zip by its table of contents, once it is clear what they cost."""
    with open_zip(path) as archive:
        members = archive.infolist()
    _check_count(path, len(members))
    entries = []
    seen = set()
    n_packed = 0
    for index, member in enumerate(members):
        name, reason = judge_zip_name(member.orig_filename)
        if member.is_dir() or any(is_clutter(part) for part in name.split("/") if part != ".."):
            continue
        if reason is None and name in seen:
            reason = "is in the zip twice, and the first is used"
        reason = reason or judge_name(name) or _judge_member(member)
        entry = Entry(name, member.file_size, member.CRC, index)
        accepted = _accept(entry, reason, refusals)
        if accepted is not None:
            entries.append(accepted)
            seen.add(name)
            n_packed += member.compress_size
    _check_total(path, entries, n_packed)
    return entries


def _judge_member(member: zipfile.ZipInfo) -> str | None:
    if member.flag_bits & _FLAG_ENCRYPTED:
        return "is encrypted: unpack the zip and pack it without a password"
    if member.compress_type not in _DEFLATE_OR_STORED:
        return "is packed in an unusual way: pack it again as an ordinary zip"
    if _is_bomb(member.file_size, member.compress_size):
        return (
            f"claims to unpack {max(member.compress_size, 1):,} bytes to {member.file_size:,}, "
            "as no picture does"
        )
    return None


def _accept(entry: Entry, reason: str | None, refusals: Refusals) -> Entry | None:
    if reason is None and entry.n_bytes == 0:
        reason = "is empty"
    if reason is None and entry.n_bytes > limits.MAX_FILE_BYTES:
        reason = (
            f"has {entry.n_bytes / 2**20:,.0f} MB, and {limits.MAX_FILE_BYTES // 2**20} are allowed"
        )
    if reason is None:
        return entry
    refusals.add(entry.name, reason)
    return None


def _check_count(source: Path, n_files: int) -> None:
    if n_files > limits.MAX_FILES:
        raise DataError(
            f"{source} holds more than {limits.MAX_FILES:,} files: name a folder or a zip of "
            "pictures only, and fewer of them."
        )


def _check_total(source: Path, entries: list[Entry], n_packed: int) -> None:
    total = sum(entry.n_bytes for entry in entries)
    by_count = max(limits.MIN_TOTAL_BYTES, len(entries) * limits.MAX_MEAN_BYTES)
    allowed = min(by_count, limits.MAX_TOTAL_BYTES)
    if total > allowed or (total > limits.MIN_TOTAL_BYTES and _is_bomb(total, n_packed)):
        raise DataError(
            f"{source} claims to unpack to {total / 2**30:,.1f} GB for {len(entries):,} pictures, "
            "too much to be true: pack smaller pictures, or name an unpacked folder."
        )


def _is_bomb(n_bytes: int, n_packed: int) -> bool:
    return n_bytes > limits.MIN_RATIO_BYTES and n_bytes > limits.MAX_RATIO * max(n_packed, 1)


def _arrange(entries: list[Entry], refusals: Refusals) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """Sort the entries and give them their classes."""
    entries = sorted(entries, key=lambda entry: natural_key(entry.name))
    tops = top_folders([entry.name for entry in entries])
    classes = sorted({top for top in tops if top is not None}, key=natural_key)
    if not classes:
        return tuple(entries), ()
    label_of = {name: label for label, name in enumerate(classes)}
    n_before: defaultdict[int, int] = defaultdict(int)
    ranked = []
    for entry, top in zip(entries, tops, strict=True):
        if top is None:
            refusals.add(entry.name, "lies beside the sub-folders that are the classes")
            continue
        label = label_of[top]
        ranked.append((n_before[label], label, replace(entry, label=label)))
        n_before[label] += 1
    ranked.sort(key=lambda item: item[:2])
    return tuple(entry for _, _, entry in ranked), tuple(classes)
