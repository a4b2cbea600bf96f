"""Downloads against a server in this process: cut, resumed, wrong, absent. No internet."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gan.data.download import DownloadError, RemoteFile, download_file
from gan.data.progress import Note

CONTENT = bytes(range(256)) * 4000  # 1 MB
MD5 = hashlib.md5(CONTENT).hexdigest()


@dataclass
class Server:
    """What the server does, and what it was asked."""

    address: str = ""
    content: bytes = CONTENT
    cuts: list[int] = field(default_factory=list)  # the n-th answer breaks off after so many bytes
    codes: list[int] = field(default_factory=list)  # the n-th answer is this error instead
    has_ranges: bool = True
    claimed: int | None = None  # bytes that it says it sends
    content_type: str = "application/octet-stream"
    asked: list[str | None] = field(default_factory=list)

    def url(self, path: str = "file.gz") -> str:
        return f"{self.address}/{path}"


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.asked.append(wanted)
            code = state.codes.pop(0) if state.codes else 0
            if code:
                self.send_error(code)
                return
            start = int(wanted[6:-1]) if wanted and state.has_ranges else 0
            total = len(state.content)
            if start and start >= total:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{total}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            body = state.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Type", state.content_type)
            self.send_header("Content-Length", str(state.claimed or len(body)))
            if start:
                self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
            self.end_headers()
            if state.cuts:
                body = body[: state.cuts.pop(0)]
                self.close_connection = True
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield state
    httpd.shutdown()
    httpd.server_close()
    thread.join()


def fetch(
    folder: Path, *urls: str, md5: str = MD5, said: list[Note] | None = None, timeout_s: float = 5
) -> Path:
    file = RemoteFile("file.gz", urls, md5)
    report = (said if said is not None else []).append
    return download_file(file, folder, report, title="It", timeout_s=timeout_s, pauses_s=(0, 0))


def test_a_file_arrives_whole_and_the_way_is_told(server: Server, tmp_path: Path) -> None:
    said: list[Note] = []
    path = fetch(tmp_path / "a" / "b", server.url(), said=said)
    assert path == tmp_path / "a" / "b" / "file.gz"
    assert path.read_bytes() == CONTENT
    assert list(path.parent.iterdir()) == [path]
    assert said[-1] == "Downloading It: 1 of 1 MB."
    assert said[-1].fraction == 1.0
    assert fetch(tmp_path / "a" / "b", "http://nowhere.invalid/") == path  # it is there


def test_a_cut_connection_is_taken_up_where_it_broke(server: Server, tmp_path: Path) -> None:
    server.cuts = [300_000, 400_000]
    assert fetch(tmp_path, server.url()).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=300000-", "bytes=700000-"]


def test_what_a_killed_process_left_is_taken_up(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.gz.part").write_bytes(CONTENT[:123_456])
    assert fetch(tmp_path, server.url()).read_bytes() == CONTENT
    assert server.asked == ["bytes=123456-"]


def test_a_part_that_was_whole_only_needs_its_name(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.gz.part").write_bytes(CONTENT)
    assert fetch(tmp_path, server.url()).read_bytes() == CONTENT


def test_a_part_of_another_file_is_thrown_away_once(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.gz.part").write_bytes(b"other" * 1000)
    assert fetch(tmp_path, server.url()).read_bytes() == CONTENT
    assert server.asked == ["bytes=5000-", None]


def test_a_part_longer_than_the_file_is_thrown_away(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.gz.part").write_bytes(CONTENT + b"more")
    assert fetch(tmp_path, server.url()).read_bytes() == CONTENT


def test_a_server_without_ranges_begins_again(server: Server, tmp_path: Path) -> None:
    server.has_ranges = False
    server.cuts = [300_000]
    assert fetch(tmp_path, server.url()).read_bytes() == CONTENT


def test_a_wrong_sum_leaves_nothing(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1 gave another file than the published"):
        fetch(tmp_path, server.url(), md5="0" * 32)
    assert list(tmp_path.iterdir()) == []


def test_the_next_mirror_is_tried(server: Server, tmp_path: Path) -> None:
    server.codes = [404]
    assert fetch(tmp_path, server.url("gone"), server.url()).read_bytes() == CONTENT


def test_absent_is_absent_and_busy_is_asked_again(server: Server, tmp_path: Path) -> None:
    server.codes = [404]
    with pytest.raises(DownloadError, match="answered 404"):
        fetch(tmp_path, server.url())
    assert len(server.asked) == 1
    server.codes = [503, 429]
    assert fetch(tmp_path, server.url()).read_bytes() == CONTENT
    server.codes = [500] * 10
    with pytest.raises(DownloadError, match="answered 500"):
        fetch(tmp_path / "other", server.url())
    assert len(server.codes) == 7
    assert not (tmp_path / "other").exists()


def test_a_web_page_is_not_the_file(server: Server, tmp_path: Path) -> None:
    server.content_type = "text/html; charset=utf-8"
    with pytest.raises(DownloadError, match="web page instead of the file"):
        fetch(tmp_path, server.url())


def test_a_server_that_breaks_off_again_and_again_is_given_up(
    server: Server, tmp_path: Path
) -> None:
    server.cuts = [200_000, 0, 0, 0, 0]
    with pytest.raises(DownloadError, match="broke off after 200,000 of 1,024,000 bytes"):
        fetch(tmp_path, server.url())
    assert (tmp_path / "file.gz.part").stat().st_size == 200_000


def test_no_network_is_one_reason(tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"^no network, or no server nowhere.invalid$"):
        fetch(tmp_path, "http://nowhere.invalid/file.gz")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(DownloadError, match="cannot be reached: Connection refused"):
        fetch(tmp_path, f"http://127.0.0.1:{port}/file.gz")
    assert list(tmp_path.iterdir()) == []


def test_silence_ends(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(DownloadError, match=r"127.0.0.1"):
            fetch(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}/file", timeout_s=0.2)


def test_a_full_disk_is_noticed_beforehand(server: Server, tmp_path: Path) -> None:
    server.claimed = 10**18
    with pytest.raises(
        DownloadError, match=r"1,000,000,000,000 MB are missing and .* has room for"
    ):
        fetch(tmp_path, server.url())
