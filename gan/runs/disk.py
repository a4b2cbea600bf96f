"""What the disk under the runs does and does not: renames, errors, drives on other machines.

Memory layer. Nothing here knows what a run is.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gan.errors import StoreError

_RENAME_PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8)

# Drives on other machines: processes there do not share the memory that SQLite's WAL needs.
_NETWORK_FILESYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ncpfs", "9p", "vboxsf", "fuse.sshfs"}
    | {"fuse.rclone", "glusterfs", "fuse.glusterfs", "ceph", "lustre", "beegfs", "gpfs"}
)


def move_into_place(source: Path, target: Path) -> None:
    """Rename a file over `target`, or a folder to it, in one step.

    Windows refuses while a virus scanner or an indexer holds something in it open, so this tries
    a few times.

    Raises:
        StoreError: it cannot be renamed.
    """
    for pause_s in _RENAME_PAUSES_S:
        try:
            source.replace(target)
            return
        except PermissionError:
            time.sleep(pause_s)
        except OSError as error:
            raise StoreError(f"{source} cannot be moved to {target} ({error}).") from error
    with os_errors(f"{source} cannot be moved to {target}"):
        source.replace(target)


def filesystem_warning(path: Path, mounts: str | None = None) -> str | None:
    """Return a sentence when `path` is on a drive on which SQLite's WAL does not work, else None.

    Args:
        path: a folder, which need not exist.
        mounts: text like that of `/proc/mounts`; by default this machine's, where it has one.

    Source: https://sqlite.org/wal.html, "All processes using a database must be on the same host".
    """
    if mounts is None:
        try:
            mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
    where = path.resolve()
    best, kind = Path(), ""
    for line in mounts.splitlines():
        _, mount_point, mount_kind, *_ = line.split(" ")
        mounted = Path(mount_point.replace("\\040", " ").replace("\\011", "\t"))
        # Of two mounts at one place the later one covers the earlier.
        if where.is_relative_to(mounted) and len(mounted.parts) >= len(best.parts):
            best, kind = mounted, mount_kind
    if kind not in _NETWORK_FILESYSTEMS:
        return None
    return (
        f"{path} is on a network drive ({kind}), where SQLite's WAL does not work: "
        "keep runs on a local disk."
    )


@contextmanager
def os_errors(what: str) -> Iterator[None]:
    """Turn an OSError inside the `with` block into a StoreError that begins with `what`."""
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(f"{what} ({error}).") from error
