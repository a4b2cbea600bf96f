"""What the names of files say: which are pictures, which are unsafe, which classes they form.

Maths layer. A name here is a path relative to the source, its parts joined by `/`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from gan.data.pictures.limits import MAX_LISTED, MAX_NAME_CHARS

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
)
FORMATS_TEXT = "PNG, JPEG, WebP, GIF, BMP or TIFF"

_ARCHIVES = frozenset({".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst"})
_CLUTTER = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_DIGITS = re.compile("([0-9]+)")
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class Skipped:
    """A file that is not used, and why: `name` and `reason` together read as a sentence."""

    name: str
    reason: str

    @property
    def sentence(self) -> str:
        """The whole sentence, fit for a page."""
        return f"{shown(self.name)} {self.reason}."


@dataclass
class Refusals:
    """Collects skipped files: the first `MAX_LISTED` by name, all of them counted."""

    listed: list[Skipped] = field(default_factory=list)
    n: int = 0

    def add(self, name: str, reason: str) -> None:
        """Count one more."""
        self.n += 1
        if len(self.listed) < MAX_LISTED:
            self.listed.append(Skipped(name, reason))


def is_clutter(part: str) -> bool:
    """Tell hidden files and what systems leave in folders; these are passed over in silence."""
    return part.startswith(".") or part.lower() in _CLUTTER


def judge_name(name: str) -> str | None:
    """Return why a file of this name is not used, None if it may be a picture."""
    if _CONTROL.search(name):
        return "has control characters in its name"
    if len(name) > MAX_NAME_CHARS:
        return f"has a name of {len(name):,} characters, and {MAX_NAME_CHARS:,} are allowed"
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if suffix in _ARCHIVES:
        return "is an archive within: unpack it first"
    if suffix not in SUFFIXES:
        return f"is not a picture ({FORMATS_TEXT}) by its name"
    return None


def judge_zip_name(raw: str) -> tuple[str, str | None]:
    """Return a zip member's name as we spell it, and why it is unsafe (None if it is not).

    Nothing is ever written under such a name; a zip that tries is refused that file all the same,
    since its maker meant no good.
    """
    name = raw.replace("\\", "/")  # as some Windows tools write it
    if name.startswith("/") or _DRIVE.match(name):
        return name, "has an absolute path for a name"
    parts = name.split("/")
    if ".." in parts:
        return name, "has a name that leads out of the zip"
    return "/".join(part for part in parts if part not in ("", ".")), None


def shown(name: str) -> str:
    """Return a name fit for a sentence: printable, and not too long."""
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    return clean if len(clean) <= 100 else f"{clean[:60]}…{clean[-35:]}"


def natural_key(name: str) -> tuple[tuple[str | int, ...], str]:
    """Return a sorting key under which `2.png` comes before `10.png`, whatever the case."""
    # The split alternates text and digits, so equal places always hold equal types.
    parts: list[str | int] = list(_DIGITS.split(name.casefold()))
    parts[1::2] = map(int, parts[1::2])
    return tuple(parts), name


def top_folders(names: Sequence[str]) -> list[str | None]:
    """Return for each name the folder that makes its class; all None if there are no classes.

    A folder that holds everything is stripped, again and again. If what remains has at least two
    top-level folders, they are the classes, and a file beside them has none (None).
    """
    split = [name.split("/") for name in names]
    depth = 0
    while split and all(len(parts) > depth + 1 for parts in split):
        if len({parts[depth] for parts in split}) > 1:
            break
        depth += 1
    tops = [parts[depth] if len(parts) > depth + 1 else None for parts in split]
    return tops if len(set(tops) - {None}) >= 2 else [None] * len(names)
