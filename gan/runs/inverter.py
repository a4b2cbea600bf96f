"""Looking for the z of a picture beside a page, by another process that shows how near it is.

Memory layer, without torch. A page hands a picture's file to an `Inverter`, which starts
`python -m gan invert`, and looks now and then at the best picture so far; it lies in a folder of
the workspace that is named after the question, where the answer stays.
"""

import hashlib
import json
import shutil
import subprocess
import threading
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gan.errors import StoreError
from gan.runs.disk import os_errors
from gan.runs.exports import replacing
from gan.runs.folder import Home
from gan.runs.launcher import spawn
from gan.runs.notes import Progress, read_progress
from gan.runs.studio.records import Pictures, Points, Source

_END_S = 5.0
_KEPT = 60  # answers in the workspace
_NOT_A_LABEL = -1


@dataclass(frozen=True, eq=False)
class Inverted:
    """The nearest picture so far, and its z.

    Attributes:
        target: `[H, W, C]` uint8, what was looked for, as the generator would draw it.
        image: `[H, W, C]` uint8, what the generator draws from `z`.
        z: `[D]` float32.
        label: the class that it is drawn of; None for a generator without classes.
        distance: root of the mean square of the pixels' differences, in grey levels of 255.
        start_distance: that of the nearest of the random z that the search began with.
        is_final: whether the search is over.
    """

    target: Pictures
    image: Pictures
    z: Points
    label: int | None
    distance: float
    start_distance: float
    is_final: bool


def write_inverted(path: Path, found: Inverted) -> None:
    """Write a result to an `.npz`; it appears complete or not at all. Raises StoreError."""
    label = _NOT_A_LABEL if found.label is None else found.label
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez(
            file,
            target=found.target,
            image=found.image,
            z=found.z,
            label=np.int64(label),
            distance=np.float64(found.distance),
            start_distance=np.float64(found.start_distance),
            is_final=np.bool_(found.is_final),
        )


def read_inverted(path: Path) -> Inverted | None:
    """Return a result; None if there is none that can be read."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            label = int(arrays["label"])
            return Inverted(
                target=arrays["target"],
                image=arrays["image"],
                z=arrays["z"],
                label=None if label == _NOT_A_LABEL else label,
                distance=float(arrays["distance"]),
                start_distance=float(arrays["start_distance"]),
                is_final=bool(arrays["is_final"]),
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


class Inverter:
    """Starts searches, one process for each question, and remembers how they went."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self, source: Source, picture: bytes, *, label: int | None = None, seed: int = 0
    ) -> str:
        """Start looking unless it is being done or was done already, and return the search's key.

        Args:
            source: the generator; name its step, or a newer one may answer another time.
            picture: a whole PNG, JPEG, WebP … file; it is cut square and brought to the
                generator's size and colours.
            label: the class to draw; None to try all.
            seed: for the random z to begin with.

        Raises:
            StoreError: the workspace cannot be written, or the process cannot be started.
        """
        key = _key(source, picture, label, seed)
        folder = self._folder(key)
        with self._lock:
            process = self._processes.get(key)
            is_running = process is not None and process.poll() is None
            if is_running or _is_done(folder):
                return key
            self._forget_old()
            with os_errors(f"{folder} cannot be written"):
                folder.mkdir(parents=True, exist_ok=True)
                (folder / "picture").write_bytes(picture)
                (folder / "found.npz").unlink(missing_ok=True)
                log_file = (folder / "notes.jsonl").open("wb")
            words = ["invert", source.run_id, "--image", str(folder / "picture")]
            words += ["--out", str(folder / "found.npz"), "--seed", str(seed), "--notes"]
            words += [] if source.step is None else ["--step", str(source.step)]
            words += [] if source.average else ["--raw"]
            words += [] if label is None else ["--label", str(label)]
            with log_file:
                self._processes[key] = spawn(
                    words, self._home, stdin=subprocess.DEVNULL, log_file=log_file
                )
        return key

    def look(self, key: str) -> tuple[Progress | None, Inverted | None]:
        """Return how far a search is and the best so far; no progress if nobody is at it."""
        folder = self._folder(key)
        process = self._processes.get(key)
        if process is None:
            found = read_inverted(folder / "found.npz")
            done = Progress("Done.", 1.0, is_over=True)
            return (done, found) if found is not None and found.is_final else (None, None)
        code = process.poll()  # first: then all that it wrote is there
        progress = read_progress(folder / "notes.jsonl", code, "The search")
        return progress, read_inverted(folder / "found.npz")

    def cancel(self, key: str) -> None:
        """End a search that is at work."""
        with self._lock:
            process = self._processes.pop(key, None)
            if process is None or process.poll() is not None:
                return
            process.terminate()
            try:
                process.wait(_END_S)
            except subprocess.TimeoutExpired:
                process.kill()

    def _forget_old(self) -> None:
        """Remove the oldest answers, so that the workspace does not grow for ever."""
        folders = [path for path in self._folder("0").parent.glob("*") if path.is_dir()]
        running = {key for key, process in self._processes.items() if process.poll() is None}
        old = sorted(folders, key=lambda path: path.stat().st_mtime)[: max(0, len(folders) - _KEPT)]
        for path in old:
            if path.name not in running:
                shutil.rmtree(path, ignore_errors=True)

    def _folder(self, key: str) -> Path:
        if not key.isalnum():
            raise StoreError(f"There is no search {key!r}: start it anew.")
        return self._home.workspace_dir / "inverting" / key


def _is_done(folder: Path) -> bool:
    found = read_inverted(folder / "found.npz")
    return found is not None and found.is_final


def _key(source: Source, picture: bytes, label: int | None, seed: int) -> str:
    question = json.dumps([source.to_header(), label, seed]).encode()
    return hashlib.sha256(question + picture).hexdigest()[:20]
