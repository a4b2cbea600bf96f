"""Archives that somebody brought: kept once, checked first, and never outside their folder."""

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from gan.data.pictures.survey import survey
from gan.errors import DataError, StoreError
from gan.runs.folder import Home
from gan.runs.uploads import keep_upload


def zipped(n_pictures: int = 2, shade: int = 0) -> bytes:
    archive_file, picture = io.BytesIO(), io.BytesIO()
    Image.new("L", (9, 9), shade).save(picture, "PNG")
    with zipfile.ZipFile(archive_file, "w") as archive:
        for i in range(n_pictures):
            archive.writestr(f"{i}.png", picture.getvalue())
    return archive_file.getvalue()


def keep(home: Home, name: str, raw: bytes) -> Path:
    return keep_upload(home, name, io.BytesIO(raw))


def files_in(home: Home) -> list[Path]:
    return sorted(path for path in home.root.rglob("*") if path.is_file())


def test_an_archive_is_kept_whole_and_can_be_used(home: Home) -> None:
    raw = zipped(3)
    kept = keep(home, "holiday.zip", raw)
    assert kept.read_bytes() == raw
    assert kept.parent == home.workspace_dir / "uploads"
    assert kept.name.startswith("holiday-") and kept.suffix == ".zip"
    assert survey(kept).n_files == 3


def test_the_same_bytes_are_kept_once_and_others_beside_them(home: Home) -> None:
    first = keep(home, "holiday.zip", zipped())
    born = first.stat().st_mtime_ns
    assert keep(home, "holiday.zip", zipped()) == first
    assert keep(home, "renamed.zip", zipped()) == first
    assert files_in(home) == [first] and first.stat().st_mtime_ns == born
    other = keep(home, "holiday.zip", zipped(shade=9))
    assert files_in(home) == sorted([first, other])


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"rubbish", "is neither a folder nor a zip"),
        (b"", "is neither a folder nor a zip"),
        (zipped()[:-30], "is a zip that is damaged or cut short"),
        (zipped(1), "holds one picture that can be used"),
        (zipped(0), "holds no picture that can be used"),
    ],
    ids=["rubbish", "empty", "cut short", "one picture", "no picture"],
)
@pytest.mark.parametrize("is_linked", [False, True])
def test_what_cannot_be_used_is_refused_by_the_users_name_and_leaves_nothing(
    home: Home, tmp_path: Path, raw: bytes, reason: str, is_linked: bool
) -> None:
    if is_linked:  # as /tmp is on a Mac
        (tmp_path / "link").symlink_to(home.root)
        home = Home(tmp_path / "link")
    with pytest.raises(DataError) as caught:
        keep(home, "My Holiday (2).zip", raw)
    assert str(caught.value).startswith(f"My Holiday (2).zip {reason}")
    assert str(tmp_path) not in str(caught.value)
    assert files_in(home) == []


def test_a_nameless_upload_is_refused_in_a_whole_sentence(home: Home) -> None:
    with pytest.raises(DataError, match=r"^The zip is neither"):
        keep(home, "", b"rubbish")


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("../../x.zip", "x"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\x.zip", "x"),
        ("C:\\Users\\me\\x.zip", "C-Users-me-x"),
        ("a b/ü.zip", "pictures"),
        ("a b ü c.zip", "a-b-c"),
        ("", "pictures"),
        ("..", "pictures"),
        (".zip", "zip"),
        ("nul\0byte.zip", "nul-byte"),
        ("-rf.zip", "rf"),
        ("x" * 300 + ".zip", "x" * 60),
    ],
)
def test_hostile_names_stay_inside_and_hold_nothing_special(
    home: Home, name: str, stem: str
) -> None:
    kept = keep(home, name, zipped())
    assert files_in(home) == [kept]
    assert kept.resolve().parent == (home.workspace_dir / "uploads").resolve()
    assert kept.name.rpartition("-")[0] == stem
    assert kept.read_bytes() == zipped()


def test_an_upload_that_breaks_off_leaves_nothing(home: Home) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell():
                raise ConnectionError("the browser went away")
            return super().read(8)

    with pytest.raises(StoreError, match="the browser went away"):
        keep_upload(home, "x.zip", Broken(zipped()))
    assert files_in(home) == []


def test_a_workspace_that_cannot_be_written_is_named(home: Home) -> None:
    (home.workspace_dir / "uploads").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match=r"uploads cannot be written"):
        keep(home, "x.zip", zipped())
