"""What a folder or a zip of pictures seems to hold, by its names alone.

Maths layer. Quick enough for a page to call at every keystroke: no picture is decoded.
"""

from dataclasses import dataclass
from pathlib import Path

from gan.data.pictures.listing import list_pictures


@dataclass(frozen=True)
class Survey:
    """A source at a glance.

    Attributes:
        source: the folder or the zip, as an absolute path.
        n_files: files that are pictures by their names.
        classes: names of the sub-folders that are the classes; empty if there are none.
        n_bytes: what the files take, unpacked.
        refused: one sentence for each file that is not used, the first `MAX_LISTED` of them.
        n_refused: how many are not used.
    """

    source: Path
    n_files: int
    classes: tuple[str, ...]
    n_bytes: int
    refused: tuple[str, ...]
    n_refused: int


def survey(source: Path) -> Survey:
    """Count the pictures of a folder or a zip.

    Raises:
        DataError: there is no such folder or zip, it is damaged or breaks a limit, or it has
            fewer than two pictures; one sentence.
    """
    listing = list_pictures(source)
    return Survey(
        source=listing.source,
        n_files=len(listing.entries),
        classes=listing.classes,
        n_bytes=sum(entry.n_bytes for entry in listing.entries),
        refused=tuple(item.sentence for item in listing.refused),
        n_refused=listing.n_refused,
    )
