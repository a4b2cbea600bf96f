"""Folders and zips: what is used, which classes there are, what is refused before it costs."""

import os
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from gan.data.pictures import limits
from gan.data.pictures.decode import PictureError, Target
from gan.data.pictures.listing import list_pictures
from gan.data.pictures.names import natural_key, shown
from gan.data.pictures.pool import decode_all
from gan.data.pictures.survey import survey
from gan.errors import DataError


def paint(path: Path, colour="red", size=(8, 8)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    return path


def folder(root: Path, *names: str) -> Path:
    for name in names:
        paint(root / name)
    return root


def png(tmp_path: Path) -> bytes:
    return paint(tmp_path / "one" / "picture.png").read_bytes()


def make_zip(path: Path, members: dict[str, bytes], **options) -> Path:
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, options.get("compression"))
    return path


def names(source: Path) -> list[str]:
    return [entry.name for entry in list_pictures(source).entries]


def zipped(root: Path) -> Path:
    target = root.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as archive:
        for file in root.rglob("*"):
            archive.write(file, file.relative_to(root.parent))
    return target


@pytest.mark.parametrize("as_zip", [False, True])
class TestBoth:
    def source(self, root: Path, as_zip: bool) -> Path:
        return zipped(root) if as_zip else root

    def test_natural_order_without_classes(self, tmp_path, as_zip):
        root = folder(tmp_path / "x", "10.png", "9.png", "B1.png", "a2.PNG")
        found = survey(self.source(root, as_zip))
        assert (found.n_files, found.classes, found.n_refused) == (4, (), 0)
        assert found.n_bytes == sum(f.stat().st_size for f in root.iterdir())
        ends = [name.rpartition("/")[2] for name in names(found.source)]
        assert ends == ["9.png", "10.png", "a2.PNG", "B1.png"]

    def test_sub_folders_are_classes_taken_in_turn(self, tmp_path, as_zip):
        root = folder(tmp_path / "x" / "y", "c10/1.png", "c9/1.png", "c9/2.png", "c9/deep/3.png")
        listing = list_pictures(self.source(root.parent, as_zip))
        assert listing.classes == ("c9", "c10")
        assert [entry.label for entry in listing.entries] == [0, 1, 0, 0]

    def test_one_sub_folder_makes_no_classes(self, tmp_path, as_zip):
        root = folder(tmp_path / "x", "a.png", "only/b.png")
        assert survey(self.source(root, as_zip)).classes == ()
        assert survey(self.source(root, as_zip)).n_files == 2

    def test_pictures_beside_the_classes_are_refused(self, tmp_path, as_zip):
        root = folder(tmp_path / "x", "cover.png", "a/1.png", "b/1.png")
        if as_zip:  # without the outer folder that `zipped` adds
            data = (root / "cover.png").read_bytes()
            source = make_zip(tmp_path / "z.zip", dict.fromkeys(names(root), data) | {
                "cover.png": data})  # fmt: skip
        else:
            source = root
        found = survey(source)
        assert found.classes == ("a", "b")
        assert found.n_files == 2
        assert found.refused == ("cover.png lies beside the sub-folders that are the classes.",)

    def test_clutter_is_silent_and_other_files_are_named(self, tmp_path, as_zip):
        root = folder(tmp_path / "x", "a.png", "b.png", ".hidden.png", ".git/c.png")
        folder(root, "__MACOSX/d.png")
        (root / "Thumbs.db").write_bytes(b"x")
        (root / "notes.txt").write_text("x")
        (root / "inner.zip").write_bytes(b"PK")
        (root / "empty.png").write_bytes(b"")
        found = survey(self.source(root, as_zip))
        assert found.n_files == 2
        assert found.n_refused == 3
        text = " ".join(found.refused)
        assert "empty.png is empty." in text
        assert "inner.zip is an archive within: unpack it first." in text
        assert "notes.txt is not a picture (PNG, JPEG, WebP, GIF, BMP or TIFF) by its name" in text

    def test_too_few_are_refused_with_reasons(self, tmp_path, as_zip):
        root = folder(tmp_path / "x", "a.png")
        (root / "notes.txt").write_text("x")
        source = self.source(root, as_zip)
        with pytest.raises(DataError, match=r"holds one picture that can be used \(.*notes.txt"):
            survey(source)

    def test_refusals_are_capped_and_counted(self, tmp_path, as_zip):
        root = folder(tmp_path / "x", "a.png", "b.png")
        for i in range(limits.MAX_LISTED + 5):
            (root / f"{i}.txt").write_text("x")
        found = survey(self.source(root, as_zip))
        assert len(found.refused) == limits.MAX_LISTED
        assert found.n_refused == limits.MAX_LISTED + 5


@pytest.mark.parametrize("path", ["nowhere", "nul\0byte", "~nobody-of-this-name/x", "x" * 5000])
def test_missing_path(tmp_path, path):
    with pytest.raises(DataError, match="There is no folder or zip"):
        survey(Path(path) if path.startswith("~") else tmp_path / path)


def test_empty_folder(tmp_path):
    with pytest.raises(DataError, match="holds no picture that can be used: at least 2"):
        survey(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_out_of_the_folder_are_not_followed(tmp_path):
    root = folder(tmp_path / "x", "a.png", "b.png", "sub/c.png")
    outside = paint(tmp_path / "secret" / "d.png")
    (root / "file.png").symlink_to(outside)
    (root / "folder").symlink_to(outside.parent)
    (root / "inner").symlink_to(root / "sub")
    (root / "loop.png").symlink_to(root / "loop.png")
    (root / "good.png").symlink_to(root / "a.png")
    os.mkfifo(root / "pipe.png")
    found = survey(root)
    assert names(root) == ["a.png", "b.png", "good.png", "sub/c.png"]
    assert found.n_refused == 4
    assert "file.png is a link that leads out of the folder." in found.refused
    link = tmp_path / "link"
    link.symlink_to(root)
    assert survey(link).n_files == 4


def test_control_characters_in_names(tmp_path):
    data = png(tmp_path)
    source = make_zip(tmp_path / "z.zip", {"a\n.png": data, "b.png": data, "c.png": data})
    found = survey(source)
    assert found.n_files == 2
    assert found.refused == ("a\ufffd.png has control characters in its name.",)
    assert len(shown("x" * 5000)) < 120


UNSAFE = ("../../etc/x.png", "/abs.png", "C:\\x.png", "c:x.png", "a/../../b.png", "..\\up.png")


def test_unsafe_names_in_a_zip(tmp_path):
    data = png(tmp_path)
    members = dict.fromkeys([*UNSAFE, "a.png", "./b.png", "sub\\c.png"], data)
    found = list_pictures(make_zip(tmp_path / "z.zip", members))
    assert [entry.name for entry in found.entries] == ["a.png", "b.png", "sub/c.png"]
    assert found.n_refused == len(UNSAFE)
    assert all("name" in item.reason for item in found.refused)


def test_duplicate_names_in_a_zip(tmp_path):
    data = png(tmp_path)
    with (
        pytest.warns(UserWarning, match="Duplicate"),
        zipfile.ZipFile(tmp_path / "z.zip", "w") as archive,
    ):
        for name in ("a.png", "b.png", "a.png"):
            archive.writestr(name, data)
    found = survey(tmp_path / "z.zip")
    assert found.n_files == 2
    assert found.refused == ("a.png is in the zip twice, and the first is used.",)


def test_encrypted_members(tmp_path):
    data = png(tmp_path)
    source = make_zip(tmp_path / "z.zip", {"a.png": data, "b.png": data, "c.png": data})
    raw = bytearray(source.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1  # the flag of the first member
    source.write_bytes(raw)
    found = survey(source)
    assert found.n_files == 2
    assert "a.png is encrypted" in found.refused[0]


def test_unusual_packing(tmp_path):
    data = png(tmp_path)
    source = make_zip(
        tmp_path / "z.zip", {"a.png": data, "b.png": data}, compression=zipfile.ZIP_LZMA
    )
    with pytest.raises(DataError, match="pack it again as an ordinary zip"):
        survey(source)


def test_zip_bombs(tmp_path):
    data = png(tmp_path)
    bomb = bytes(100 * 2**20)
    source = make_zip(
        tmp_path / "z.zip", {"a.png": data, "b.png": data, "bomb.png": bomb},
        compression=zipfile.ZIP_DEFLATED,
    )  # fmt: skip
    found = survey(source)
    assert found.n_files == 2
    assert "bomb.png claims to unpack" in found.refused[0]


def lie(source: Path, *, file_size: int, compress_size: int | None = None) -> Path:
    """Make a zip's table of contents claim sizes for all its members."""
    raw = bytearray(source.read_bytes())
    at = raw.find(b"PK\x01\x02")
    while at >= 0:
        if compress_size is not None:
            struct.pack_into("<I", raw, at + 20, compress_size)
        struct.pack_into("<I", raw, at + 24, file_size)
        at = raw.find(b"PK\x01\x02", at + 4)
    source.write_bytes(raw)
    return source


def test_total_size_is_limited_by_the_number_of_pictures(tmp_path):
    data = png(tmp_path)
    source = make_zip(tmp_path / "z.zip", {f"{i}.png": data for i in range(12)})
    lie(source, file_size=120 * 2**20, compress_size=2**20)
    with pytest.raises(DataError, match=r"claims to unpack to 1\.4 GB for 12 pictures"):
        survey(source)


def test_a_member_too_large(tmp_path):
    data = png(tmp_path)
    source = make_zip(tmp_path / "z.zip", {"a.png": data, "b.png": data})
    lie(source, file_size=200 * 2**20, compress_size=100 * 2**20)
    with pytest.raises(DataError, match=r"a.png has 200 MB, and 128 are allowed"):
        survey(source)


def test_lying_sizes_do_not_read_more_than_announced(tmp_path):
    data = png(tmp_path)
    members = {"a.png": data + bytes(5 * 2**20), "b.png": data + bytes(5 * 2**20)}
    source = make_zip(tmp_path / "z.zip", members, compression=zipfile.ZIP_DEFLATED)
    listing = list_pictures(lie(source, file_size=len(data)))
    results = [result for _, result in decode_all(listing, listing.entries, TARGET)]
    assert all(isinstance(result, PictureError) for result in results)
    assert "Bad CRC" in str(results[0])


TARGET = Target(8, 3, "crop", "white")


def test_what_is_no_picture_is_not_read_on(tmp_path):
    zeros = bytes(900_000)  # small enough for its ratio not to matter
    source = make_zip(
        tmp_path / "z.zip", {"a.png": zeros, "b.png": zeros}, compression=zipfile.ZIP_DEFLATED
    )
    listing = list_pictures(source)
    for _, result in decode_all(listing, listing.entries, TARGET):
        assert "is not a picture" in str(result)


def test_no_zip_at_all(tmp_path):
    path = tmp_path / "z.zip"
    for content in (b"", b"hello", png(tmp_path)):
        path.write_bytes(content)
        with pytest.raises(DataError, match="is neither a folder nor a zip"):
            survey(path)


def test_damaged_zips(tmp_path):
    data = png(tmp_path)
    source = make_zip(tmp_path / "z.zip", {f"{i}.png": data for i in range(9)})
    whole = source.read_bytes()
    for n in range(4, len(whole), 7):  # cut at many places
        source.write_bytes(whole[:n])
        with pytest.raises(DataError, match="damaged or cut short"):
            survey(source)
    make_zip(source, {})
    with pytest.raises(DataError, match="holds no picture"):
        survey(source)


def test_an_absurd_table_of_contents(tmp_path):
    size = limits.MAX_DIRECTORY_BYTES + 100
    path = tmp_path / "z.zip"
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.seek(size + 4)  # a sparse file
        file.write(struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, size, 4, 0))
    with pytest.raises(DataError, match="its table of contents has 67,108,964 bytes"):
        survey(path)


def test_changed_between_listing_and_reading(tmp_path):
    root = folder(tmp_path / "x", "a.png", "b.png")
    listing = list_pictures(root)
    paint(root / "a.png", size=(30, 30))
    (root / "b.png").unlink()
    (_, first), (_, second) = decode_all(listing, listing.entries, TARGET)
    assert "was changed while it was read" in str(first)
    assert "cannot be read (No such file" in str(second)


def test_natural_key():
    wanted = ["", "1", "1a", "02", "2", "10", "A", "a", "a1", "a01b", "a9", "b", "ä"]
    assert sorted(reversed(wanted), key=natural_key) == wanted
    natural_key("9" * 900)


def test_torch_is_not_imported():
    code = (
        "import sys, gan.data.pictures.cache, gan.data.pictures.survey\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
