"""Drawing with any saved generator from a page, which imports no torch.

Memory layer, without torch. A `Studio` starts `python -m gan studio`, a process that holds the last
few generators ready, so that a picture takes milliseconds; it is started when first needed, again
when it has died or the code has changed, and ends with us. Questions that take long, such as
directions, go to a second such process, so that pictures never wait for them. All methods may be
called from any thread; they take and return numpy arrays and raise GanError, in one sentence.
"""

import atexit
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from gan.errors import GanError, StoreError
from gan.runs.code import code_fingerprint
from gan.runs.disk import os_errors
from gan.runs.folder import Home
from gan.runs.launcher import child_environment
from gan.runs.studio.frames import Arrays, read_frame, write_frame
from gan.runs.studio.records import (
    Drawn,
    Found,
    GeneratorFacts,
    Map,
    Neighbours,
    Pictures,
    Points,
    Source,
)

__all__ = ["Drawn", "Found", "GeneratorFacts", "Map", "Neighbours", "Source", "Studio"]

_DRAW_S = 60.0
_STUDY_S = 300.0
_CODE_CHECK_S = 5.0
_END_S = 2.0


class Studio:
    """Draws with the generators of one home."""

    def __init__(self, home: Home) -> None:
        self._quick = _Process(home, "draw")
        self._slow = _Process(home, "study")

    def warm(self) -> None:
        """Start both processes without waiting for them: importing torch takes seconds."""
        self._quick.warm()
        self._slow.warm()

    def close(self) -> None:
        """End what was started; the next question starts it again."""
        self._quick.close()
        self._slow.close()

    def describe(self, source: Source) -> GeneratorFacts:
        """Say what a generator is like."""
        header, _ = self._quick.ask("describe", {"source": source.to_header()})
        return GeneratorFacts.from_header(header)

    def z_of(self, source: Source, n: int, seed: int) -> Points:
        """Return the first n z of a seed, `[n, D]` float32, as `python -m gan sample` draws them.

        The first k are the same for any n, so that seed and place name a picture.
        """
        asked = {"source": source.to_header(), "n": n, "seed": seed}
        return self._quick.ask("z_of", asked)[1]["z"]

    def grid_z(self, source: Source) -> tuple[Points, npt.NDArray[np.int64] | None]:
        """Return z `[n, D]` and classes `[n]`, or None, of the run's own sample grid."""
        _, arrays = self._quick.ask("grid_z", {"source": source.to_header()})
        return arrays["z"], arrays.get("labels")

    def draw(
        self,
        source: Source,
        z: npt.NDArray[Any],
        labels: npt.NDArray[Any] | None = None,
        *,
        scores: bool = False,
    ) -> Drawn:
        """Draw pictures; a picture does not depend on those that it is drawn together with.

        Args:
            source: the generator.
            z: `[n, D]`.
            labels: `[n]`, the class of each, for a generator that knows classes; by default these
                go round. Others heed none.
            scores: also ask the discriminator; see `GeneratorFacts.has_discriminator`.
        """
        arrays = {"z": np.asarray(z, dtype=np.float32)}
        if labels is not None:
            arrays["labels"] = np.asarray(labels, dtype=np.int64)
        asked = {"source": source.to_header(), "scores": scores}
        _, found = self._quick.ask("draw", asked, arrays)
        return Drawn(found["images"], found.get("labels"), found.get("scores"))

    def directions(self, source: Source, method: str, n: int) -> Found:
        """Return the first n directions in z along which the pictures change, fewer if not so many.

        Args:
            source: the generator.
            method: one of `GeneratorFacts.methods`, keys of `gan.latent.methods.METHODS`.
            n: how many. Asking again, for more too, takes no time.
        """
        asked = {"source": source.to_header(), "method": method, "n": n}
        header, arrays = self._slow.ask("directions", asked, timeout_s=_STUDY_S)
        titles = tuple(header["titles"])
        ends = tuple((str(low), str(high)) for low, high in header["ends"])
        values: dict[str, Any] = {**header, **arrays, "titles": titles, "ends": ends}
        return Found(**values)

    def nearest(self, source: Source, images: Pictures, n: int) -> Neighbours:
        """Return the n training pictures nearest to each of some pictures `[M, H, W, C]` uint8.

        The first question about a data set takes seconds, later ones milliseconds.
        """
        asked = {"source": source.to_header(), "n": n}
        header, arrays = self._slow.ask("nearest", asked, {"images": images}, timeout_s=_STUDY_S)
        values: dict[str, Any] = {**header, **arrays}
        return Neighbours(**values)

    def real(self, source: Source, n: int, seed: int = 0) -> tuple[Pictures, npt.NDArray[np.int64]]:
        """Return n training pictures at random `[n, H, W, C]` uint8, and their rows `[n]`."""
        asked = {"source": source.to_header(), "n": n, "seed": seed}
        _, arrays = self._slow.ask("real", asked, timeout_s=_STUDY_S)
        return arrays["images"], arrays["rows"]

    def plane(self, source: Source) -> Map:
        """Lay real and generated pictures out in two dimensions."""
        header, arrays = self._slow.ask("map", {"source": source.to_header()}, timeout_s=_STUDY_S)
        values: dict[str, Any] = {**header, **arrays}
        return Map(**values)

    def place(self, source: Source, images: Pictures) -> npt.NDArray[np.float32]:
        """Return where pictures `[M, H, W, C]` uint8 lie on the map of `plane`, `[M, 2]`."""
        asked = {"source": source.to_header()}
        return self._slow.ask("place", asked, {"images": images}, timeout_s=_STUDY_S)[1]["places"]


class _Process:
    """One studio process: started when needed, asked one question at a time."""

    def __init__(self, home: Home, name: str) -> None:
        self._home = home
        self._name = name
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._code = ""
        self._looked_at = 0.0
        self._is_ready = False
        atexit.register(self.close)

    def warm(self) -> None:
        with self._lock, suppress(GanError):  # whoever asks will be told
            self._ensure()

    def close(self) -> None:
        with self._lock:
            self._end()

    def ask(
        self,
        call: str,
        header: Mapping[str, Any],
        arrays: Mapping[str, npt.NDArray[Any]] | None = None,
        *,
        timeout_s: float = _DRAW_S,
    ) -> tuple[dict[str, Any], Arrays]:
        """Ask, and ask once more if the process has died meanwhile. Raises GanError."""
        with self._lock:
            for attempt in (1, 2):
                was_running = self._ensure()
                answer = self._exchange({"call": call, **header}, arrays or {}, timeout_s)
                if answer is None:
                    self._end()
                if answer is not None or not was_running or attempt == 2:
                    break
        if answer is None:
            raise StoreError(f"The studio ended in the middle of its work{self._last_words()}")
        found, answered = answer
        if not found.pop("ok", False):
            raise GanError(str(found.get("error", "The studio failed.")))
        return found, answered

    def _exchange(
        self, header: dict[str, Any], arrays: Mapping[str, npt.NDArray[Any]], timeout_s: float
    ) -> tuple[dict[str, Any], Arrays] | None:
        """Send a question and return the answer; None if the process is gone."""
        process = self._process
        assert process is not None
        gave_up = threading.Event()

        def give_up() -> None:
            gave_up.set()
            process.kill()

        watch = threading.Timer(timeout_s, give_up)
        watch.daemon = True
        watch.start()
        try:
            if not self._is_ready:
                if self._read(process) is None:
                    return None
                self._is_ready = True
            write_frame(_open(process.stdin), header, arrays)
            return self._read(process)
        except (OSError, StoreError, ValueError):
            return None
        finally:
            watch.cancel()
            if gave_up.is_set():
                self._end()
                raise StoreError(
                    f"The studio took longer than {timeout_s:.0f} s and was given up: try again."
                )

    @staticmethod
    def _read(process: "subprocess.Popen[bytes]") -> tuple[dict[str, Any], Arrays] | None:
        return read_frame(_open(process.stdout))

    def _ensure(self) -> bool:
        """Start the process unless one with today's code runs; tell whether one did."""
        process = self._process
        is_running = process is not None and process.poll() is None
        if is_running and time.monotonic() >= self._looked_at + _CODE_CHECK_S:
            self._looked_at = time.monotonic()
            is_running = code_fingerprint() == self._code
        if is_running:
            return True
        self._end()
        self._start()
        return False

    def _start(self) -> None:
        folder = self._home.workspace_dir / "studio"
        with os_errors(f"{folder} cannot be written"):
            folder.mkdir(parents=True, exist_ok=True)
            log_file = (folder / f"{self._name}.log").open("wb")
        self._code = code_fingerprint()
        self._looked_at = time.monotonic()
        self._is_ready = False
        command = [sys.executable, "-m", "gan", "studio", "--home", str(self._home.root)]
        # In a session of its own: Ctrl-C is for the server, and this ends when its pipe closes.
        options: dict[str, Any] = {}
        if sys.platform == "win32":
            options["creationflags"] = subprocess.CREATE_NEW_PROCESS_GROUP
        else:
            options["start_new_session"] = True
        with log_file:
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log_file,
                    env=child_environment(),
                    **options,
                )
            except OSError as error:
                raise StoreError(f"The studio cannot be started ({error}).") from error

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError):
            _open(process.stdin).close()  # it ends by itself, unless it is at work
        try:
            process.wait(_END_S if process.poll() is None else 0.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with suppress(OSError):
            _open(process.stdout).close()

    def _last_words(self) -> str:
        """Return what a process that ended wrote last, as the end of a sentence."""
        path = self._home.workspace_dir / "studio" / f"{self._name}.log"
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        except OSError:
            lines = []
        return f" ({lines[-1]}): try again." if lines else ": try again."


def _open(pipe: Any) -> BinaryIO:
    assert pipe is not None
    return pipe  # type: ignore[no-any-return]
