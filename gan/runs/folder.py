"""Where runs are on disk: one folder a run, and what can be done with a folder as a whole.

Memory layer. A run's identity is its id, the name of its folder; the name that people gave it is in
its database and may change. Folders whose name begins with a dot are half-made or deleted runs.
"""

import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from gan.errors import StoreError
from gan.runs.disk import move_into_place, os_errors
from gan.runs.store import RunStore, backup

_PROBE_S = 0.01  # outlasts another probe, which holds the lock for microseconds
_DELETED_AT = ".deleted_at"
_N_LISTED = 8  # candidates that an error message shows


@dataclass(frozen=True)
class Home:
    """The root of everything that is kept: runs, and beside them what belongs to no run."""

    root: Path

    @property
    def runs_dir(self) -> Path:
        """One folder a run."""
        return self.root / "runs"

    @property
    def trash_dir(self) -> Path:
        """Deleted runs, on the same drive as the others so that deleting is a rename."""
        return self.runs_dir / ".trash"

    @property
    def workspace_dir(self) -> Path:
        """Locks, settings and measurements that belong to no run."""
        return self.root / "workspace"

    def ensure(self) -> Self:
        """Make the folders that are missing. Raises StoreError where that is not allowed."""
        with os_errors(f"The folders under {self.root} cannot be made"):
            self.trash_dir.mkdir(parents=True, exist_ok=True)
            self.workspace_dir.mkdir(parents=True, exist_ok=True)
        return self


def default_home(environ: Mapping[str, str] = os.environ) -> Home:
    """Return the home that `$GAN_HOME` names, else the current directory."""
    return Home(Path(environ.get("GAN_HOME") or ".").expanduser().absolute())


@dataclass(frozen=True)
class RunFolder:
    """The folder of one run and the places in it."""

    path: Path

    @property
    def id(self) -> str:
        """The run's identity, as in the address of its page."""
        return self.path.name

    @property
    def config_path(self) -> Path:
        """What was asked for; never changes."""
        return self.path / "config.json"

    @property
    def db_path(self) -> Path:
        """The database; see `gan.runs.store`."""
        return self.path / "run.db"

    @property
    def samples_dir(self) -> Path:
        """Pictures."""
        return self.path / "samples"

    @property
    def checkpoints_dir(self) -> Path:
        """Checkpoints."""
        return self.path / "checkpoints"

    @property
    def evaluations_dir(self) -> Path:
        """Evaluations of checkpoints; see `gan.runs.evaluations`."""
        return self.path / "evaluations"

    @property
    def log_path(self) -> Path:
        """What the worker printed."""
        return self.path / "worker.log"

    @property
    def lock_path(self) -> Path:
        """The file whose lock says who may write; it stays when nobody does."""
        return self.path / "worker.lock"

    @contextmanager
    def lock(self, timeout: float = 2.0) -> Iterator[None]:
        """Hold the right to write this run; the system takes it back when the process dies.

        Args:
            timeout: seconds to wait. Not 0: `is_locked` holds the lock for an instant.

        Raises:
            StoreError: another worker holds it, or the run is gone.
        """
        if not self.config_path.exists():  # filelock would make the folder anew
            raise StoreError(f"There is no run at {self.path}.")
        lock = FileLock(self.lock_path)
        try:
            lock.acquire(timeout=timeout, poll_interval=0.02)
        except Timeout:
            raise StoreError(f"Another worker is at work on the run {self.id}.") from None
        except OSError as error:
            raise StoreError(f"{self.lock_path} cannot be locked ({error}).") from error
        try:
            yield
        finally:
            lock.release()

    def is_locked(self) -> bool:
        """Tell whether a worker, in this process or another, holds the lock now."""
        if not self.lock_path.exists():
            return False
        try:
            with FileLock(self.lock_path).acquire(timeout=_PROBE_S, poll_interval=_PROBE_S / 4):
                return False
        except Timeout:
            return True
        except OSError:  # the folder went away meanwhile
            return False


def new_run_id(now: datetime, token: str) -> str:
    """Return an id that sorts by time (UTC, unless `now` has no time zone) and is unlike others."""
    moment = now if now.tzinfo is None else now.astimezone(UTC)
    return f"{moment:%Y%m%d-%H%M%S}-{token}"


def free_run_id(home: Home, created_at: float) -> str:
    """Return a new id that no run has, deleted ones included."""
    while True:
        run_id = new_run_id(datetime.fromtimestamp(created_at, UTC), secrets.token_hex(2))
        if not ((home.runs_dir / run_id).exists() or (home.trash_dir / run_id).exists()):
            return run_id


def create_run(
    home: Home,
    config_json: str,
    *,
    name: str,
    labels: Mapping[str, str] | None = None,
    facts: Mapping[str, Any] | None = None,
    now: float | None = None,
) -> RunFolder:
    """Make the folder of a new run, which is queued; it appears complete or not at all.

    Args:
        home: where.
        config_json: the text of `config.json`, not looked into.
        name: what people call it.
        labels: facts to list and filter runs by.
        facts: what else is known of it from the start, plain JSON-like data by key.
        now: seconds since 1970, by default the present.

    Raises:
        StoreError: the folder cannot be written.
    """
    created_at = time.time() if now is None else now
    run_id = free_run_id(home, created_at)
    meta = {"name": name, "note": "", "tags": [], "labels": dict(labels or {}), **(facts or {})}
    home.ensure()
    with half_made(home.runs_dir / run_id) as folder:
        folder.samples_dir.mkdir()
        folder.checkpoints_dir.mkdir()
        folder.config_path.write_text(config_json, encoding="utf-8")
        RunStore.create(folder.db_path, meta | {"created_at": created_at}, now=created_at).close()
    return RunFolder(home.runs_dir / run_id)


def list_runs(home: Home) -> list[RunFolder]:
    """Return all complete runs, newest first; those whose ids name no time come last."""
    return _runs_in(home.runs_dir)


def find_run(home: Home, text: str) -> RunFolder:
    """Return the run with this id, or the only one whose id begins or ends so, or with this name.

    Raises:
        StoreError: none or several fit; the message lists the candidates.
    """
    runs = list_runs(home)
    exact = [run for run in runs if run.id == text]
    parts = [run for run in runs if text and (run.id.startswith(text) or run.id.endswith(text))]
    # A name goes before a part of an id that is made of words, such as `shipped-vanilla-fashion`.
    numbered = [run for run in parts if run.id[:1].isdigit()]
    fitting = exact or numbered or [run for run in runs if _name(run) == text] or parts
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise StoreError(f"{text!r} fits {len(fitting)} runs: choose one of {_listed(fitting)}.")
    if runs:
        raise StoreError(f"There is no run {text!r}: choose one of {_listed(runs)}.")
    raise StoreError(f"There is no run {text!r}: {home.runs_dir} holds none.")


def delete_run(home: Home, folder: RunFolder, *, now: float | None = None) -> None:
    """Move a run to the trash.

    Raises:
        StoreError: a worker is at work on it, or the folder cannot be moved.
    """
    if folder.is_locked():
        raise StoreError(f"The run {folder.id} is at work: stop it before deleting it.")
    target = home.ensure().trash_dir / folder.id
    if target.exists():
        raise StoreError(f"The trash holds a run {folder.id} already: empty it first.")
    move_into_place(folder.path, target)
    with os_errors(f"{target} cannot be written"):
        (target / _DELETED_AT).write_text(repr(time.time() if now is None else now))


def restore_run(home: Home, run_id: str) -> RunFolder:
    """Move a run back from the trash.

    Raises:
        StoreError: the trash does not hold it, or there is such a run again.
    """
    found = [run for run in list_trash(home) if run.id == run_id]
    if not found:
        raise StoreError(f"The trash holds no run {run_id!r}.")
    target = home.runs_dir / run_id
    if target.exists():
        raise StoreError(f"There is a run {run_id} already, so the deleted one stays in the trash.")
    move_into_place(found[0].path, target)
    with os_errors(f"{target} cannot be written"):
        (target / _DELETED_AT).unlink(missing_ok=True)
    return RunFolder(target)


def list_trash(home: Home) -> list[RunFolder]:
    """Return the deleted runs, newest first."""
    return _runs_in(home.trash_dir)


def empty_trash(home: Home, older_than_s: float, now: float) -> list[str]:
    """Remove for good what was deleted longer ago than this; return the ids of what went.

    Raises:
        StoreError: a folder cannot be removed.
    """
    old = [run for run in list_trash(home) if now - _deleted_at(run) >= older_than_s]
    for run in old:
        with os_errors(f"{run.path} cannot be removed"):
            shutil.rmtree(run.path)
    return [run.id for run in old]


def copy_run(folder: RunFolder, target: Path, *, up_to_tick: int | None = None) -> RunFolder:
    """Copy a run, which may be at work, to a new folder; it appears complete or not at all.

    Args:
        folder: the run.
        target: the new folder.
        up_to_tick: leave out grids and checkpoints after it, and of the checkpoints before it all
            but the best; the database is whole all the same.

    Raises:
        StoreError: `target` exists already, or cannot be written.
    """
    if target.exists():
        raise StoreError(f"{target} exists already.")
    with half_made(target) as copy:
        backup(folder.db_path, copy.db_path)
        for source in (folder.config_path, folder.log_path):
            _copy_file(source, copy.path / source.name)
        wanted = None if up_to_tick is None else _files_up_to(copy, up_to_tick)
        for source_dir in (folder.samples_dir, folder.checkpoints_dir, folder.evaluations_dir):
            (copy.path / source_dir.name).mkdir()
            for source in source_dir.glob("**/*"):
                name = source.relative_to(folder.path)
                if not source.is_file() or source.name.startswith("."):  # a dot: being written
                    continue
                if wanted is None or name.as_posix() in wanted:
                    _copy_file(source, copy.path / name)
        with RunStore.open(copy.db_path) as store:
            for checkpoint in store.list_checkpoints():
                if not (copy.path / checkpoint.path).exists():  # dropped while we copied
                    store.drop_checkpoint(checkpoint.id)
    return RunFolder(target)


@contextmanager
def half_made(target: Path) -> Iterator[RunFolder]:
    """Yield a folder beside `target` that takes its place at the end, or vanishes on an error."""
    folder = RunFolder(target.with_name(f".{target.name}.{secrets.token_hex(4)}"))
    try:
        with os_errors(f"{target} cannot be written"):
            folder.path.mkdir(parents=True)
            yield folder
        move_into_place(folder.path, target)
    finally:
        shutil.rmtree(folder.path, ignore_errors=True)


def _runs_in(parent: Path) -> list[RunFolder]:
    if not parent.is_dir():
        return []
    folders = [RunFolder(path) for path in parent.iterdir() if not path.name.startswith(".")]
    complete = [run for run in folders if run.config_path.is_file() and run.db_path.is_file()]
    return sorted(complete, key=lambda run: (run.id[:1].isdigit(), run.id), reverse=True)


def _name(run: RunFolder) -> str | None:
    with suppress(StoreError), RunStore.open(run.db_path) as store:
        return str(store.get_meta().get("name"))
    return None


def _listed(runs: list[RunFolder]) -> str:
    shown = [f"{run.id} ({_name(run) or 'no name'})" for run in runs[:_N_LISTED]]
    return ", ".join(shown) + (", …" if len(runs) > _N_LISTED else "")


def _deleted_at(run: RunFolder) -> float:
    try:
        return float((run.path / _DELETED_AT).read_text())
    except (OSError, ValueError):
        return run.path.stat().st_mtime


def _files_up_to(run: RunFolder, tick: int) -> set[str]:
    """Return the files that a run needs which goes on from the checkpoint of a tick."""
    with RunStore.open(run.db_path) as store:
        best = (store.get_meta().get("best") or {}).get("tick")
        kept = [c for c in store.list_checkpoints() if c.tick in (tick, best) and c.tick <= tick]
        return {c.path for c in kept} | {
            sample.path for sample in store.read_samples() if sample.tick <= tick
        }


def _copy_file(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):  # the worker may drop a file while we copy
        shutil.copy2(source, target)
