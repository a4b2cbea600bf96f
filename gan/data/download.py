"""Fetching one file from the internet: resumed where it was cut, checked, whole or not there.

Maths layer: the standard library only. What arrives is written to `NAME.part`; a later call goes
on from there (HTTP ranges), and only a file with the published checksum gets its real name.
"""

import hashlib
import http.client
import re
import shutil
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from gan.data.progress import Gauge, Report

TIMEOUT_S = 20.0
"""A server that is silent for so long has failed."""

PAUSES_S = (1.0, 3.0)
"""Waits before a server is asked again after it failed to send anything."""

_BLOCK = 2**18
_SPARE_BYTES = 2**26  # stays free on the disk
_USER_AGENT = "gan-workbench"


@dataclass(frozen=True)
class RemoteFile:
    """A published file.

    Attributes:
        name: what it is called here.
        urls: where it can be had, best first; each is tried.
        md5: its published checksum, hex.
    """

    name: str
    urls: tuple[str, ...]
    md5: str


class DownloadError(OSError):
    """A file could not be had; the message is the reason, half a sentence."""


class _TransientError(DownloadError):
    """The same server may do better when asked again."""


def download_file(
    file: RemoteFile,
    folder: Path,
    report: Report,
    *,
    title: str = "",
    timeout_s: float = TIMEOUT_S,
    pauses_s: Sequence[float] = PAUSES_S,
) -> Path:
    """Fetch a file into a folder, unless it is there; return its path.

    Args:
        file: what, and from where.
        folder: made when the first bytes arrive.
        report: is told how far it is.
        title: what to call it in those notes.
        timeout_s: longest silence of a server.
        pauses_s: waits before repeated attempts that bring nothing.

    Raises:
        DownloadError: no server gave it whole; what arrived is kept for the next attempt.
        OSError: the folder cannot be written.
    """
    target = folder / file.name
    if target.is_file():
        return target
    part = folder / f"{file.name}.part"
    what = f"Downloading {title or file.name}"
    reasons = []
    for url in file.urls:
        job = _Job(url, part, report, what, timeout_s, tuple(pauses_s))
        try:
            _fetch_checked(job, file.md5)
        except DownloadError as error:
            reasons.append(str(error))
        else:
            part.replace(target)
            return target
    raise DownloadError("; ".join(dict.fromkeys(reasons)))


@dataclass(frozen=True)
class _Job:
    """One address, and how it is asked."""

    url: str
    part: Path
    report: Report
    what: str
    timeout_s: float
    pauses_s: tuple[float, ...]

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or self.url

    def have(self) -> int:
        """Return how many bytes there are."""
        try:
            return self.part.stat().st_size
        except FileNotFoundError:
            return 0


def _fetch_checked(job: _Job, md5: str) -> None:
    """Fetch and check; a wrong sum is forgiven once if the beginning came from elsewhere."""
    while True:
        was_begun = job.have() > 0
        _fetch_all(job)
        if _md5(job.part) == md5:
            return
        job.part.unlink()
        if not was_begun:
            raise DownloadError(f"{job.host} gave another file than the published one")


def _fetch_all(job: _Job) -> None:
    """Ask until all is there; give up after a few attempts in a row that brought nothing."""
    n_idle = 0
    while True:
        before = job.have()
        try:
            _fetch(job)
            return
        except _TransientError:
            n_idle = 0 if job.have() > before else n_idle + 1
            if n_idle > len(job.pauses_s):
                raise
        if job.pauses_s:
            time.sleep(job.pauses_s[max(n_idle - 1, 0)])


def _fetch(job: _Job) -> None:
    """Ask once, from where the part ends. Raises DownloadError."""
    have = job.have()
    headers = {"User-Agent": _USER_AGENT, "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(job.url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=job.timeout_s) as response:
            _receive(job, response, have)
    except urllib.error.HTTPError as error:
        _take_refusal(job, error, have)
    except urllib.error.URLError as error:
        raise _unreachable(job.host, error.reason) from None
    except TimeoutError:
        raise _TransientError(f"{job.host} was silent for {job.timeout_s:g} s") from None
    except (http.client.HTTPException, ConnectionError) as error:
        raise _TransientError(f"{job.host} broke off ({type(error).__name__})") from None


def _receive(job: _Job, response: http.client.HTTPResponse, have: int) -> None:
    """Write an answer behind what there is, or from the start if it is the whole file."""
    if response.headers.get_content_type() == "text/html":
        raise DownloadError(f"{job.host} answered with a web page instead of the file")
    have = have if _continues_at(response) == have else 0
    length = response.headers.get("Content-Length")
    total = have + int(length) if length and length.isdigit() else None
    job.part.parent.mkdir(parents=True, exist_ok=True)
    if total is not None:
        _check_room(job.part.parent, total - have)
    gauge = Gauge(job.report, job.what, total, "MB", per_unit=10**6) if total else None
    with job.part.open("ab" if have else "wb") as file:
        size = _copy(response, file, have, gauge)
    if total is not None and size < total:
        raise _TransientError(f"{job.host} broke off after {size:,} of {total:,} bytes")


def _copy(
    response: http.client.HTTPResponse, file: BinaryIO, size: int, gauge: Gauge | None
) -> int:
    """Write what arrives; return the size of the file then."""
    while block := response.read1(_BLOCK):
        file.write(block)
        size += len(block)
        if gauge is not None:
            gauge.move(size)
    return size


def _continues_at(response: http.client.HTTPResponse) -> int:
    """Return the byte at which an answer begins: 0 unless it is the rest of a file."""
    if response.status != 206:
        return 0
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(match.group(1)) if match else 0


def _take_refusal(job: _Job, error: urllib.error.HTTPError, have: int) -> None:
    """Return if the server says that nothing is missing; raise otherwise."""
    if error.code == 416 and have:
        if error.headers.get("Content-Range", "") == f"bytes */{have}":
            return
        job.part.unlink()
        raise _TransientError(f"{job.host} does not have the rest of the file") from None
    reason = f"{job.host} answered {error.code} {error.reason}".rstrip()
    if error.code >= 500 or error.code == 429:
        raise _TransientError(reason) from None
    raise DownloadError(reason) from None


def _unreachable(host: str, reason: object) -> DownloadError:
    if isinstance(reason, socket.gaierror):
        return DownloadError(f"no network, or no server {host}")
    if isinstance(reason, TimeoutError):
        return _TransientError(f"{host} does not answer")
    text = getattr(reason, "strerror", None) or str(reason)
    return DownloadError(f"{host} cannot be reached: {text}")


def _check_room(folder: Path, n_bytes: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < n_bytes + _SPARE_BYTES:
        raise DownloadError(
            f"{n_bytes / 1e6:,.0f} MB are missing and {folder} has room for {free / 1e6:,.0f} MB"
        )


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
