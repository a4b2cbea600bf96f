"""Where comparisons are on disk, and which run stands for which variant and seed.

Memory layer, without torch. `workspace/comparisons/<id>/` holds `design.json`, which changes only
when seeds are added, `state.json`, and `lock`, which whoever changes either holds. A run knows the
place that it fills too (`meta["comparison"]`), so a place that was filled just before the power
went is found again.
"""

import json
import logging
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from gan.comparing.design import ComparisonDesign, Variant
from gan.errors import ConfigError, StoreError
from gan.runs.disk import move_into_place, os_errors
from gan.runs.folder import Home, RunFolder, new_run_id

log = logging.getLogger(__name__)

Place = tuple[str, int]
"""A run's place in a comparison: its variant's key, and its seed."""

_LOCK_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Comparison:
    """A comparison as it was when somebody looked; the functions that change one return it anew.

    Attributes:
        id: the name of its folder, as in the address of its page.
        design: what is compared.
        created_at: seconds since 1970.
        n_threads: with which each of its runs trains, the same for all of them.
        members: the run that fills a place, by variant key and seed; without those whose run was
            deleted.
        dropped: keys of the variants that are out of the race; their runs are kept.
        paused: places whose runs wait until `resume`.
    """

    id: str
    design: ComparisonDesign
    created_at: float
    n_threads: int | None
    members: dict[Place, str] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    paused: frozenset[Place] = frozenset()

    @property
    def name(self) -> str:
        return self.design.name

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The competitors that are in the race."""
        return tuple(v for v in self.design.variants if v.key not in self.dropped)

    def places(self) -> list[tuple[Variant, int]]:
        """Return variant and seed of every run in the race, a seed's variants side by side."""
        return [(v, seed) for v, seed in self.design.places() if v.key not in self.dropped]


def comparisons_dir(home: Home) -> Path:
    """Return the folder with one folder a comparison."""
    return home.workspace_dir / "comparisons"


def comparison_dir(home: Home, comparison_id: str) -> Path:
    """Return a comparison's own folder."""
    return comparisons_dir(home) / comparison_id


def run_of(home: Home, run_id: str) -> RunFolder:
    """Return the folder of a member."""
    return RunFolder(home.runs_dir / run_id)


def open_comparison(home: Home, comparison_id: str) -> Comparison:
    """Read a comparison. Raises StoreError when there is none with this id, or it is damaged."""
    folder = comparison_dir(home, comparison_id)
    if not _is_name(comparison_id) or not (folder / "design.json").is_file():
        raise StoreError(f"There is no comparison {comparison_id!r}: choose one from the list.")
    try:
        design = ComparisonDesign.parse(_read(folder / "design.json"))
        state = _read(folder / "state.json")
        members = {(str(key), int(seed)): str(run) for key, seed, run in state["members"]}
        return Comparison(
            id=comparison_id,
            design=design,
            created_at=float(state["created_at"]),
            n_threads=state["n_threads"],
            members={
                place: run
                for place, run in members.items()
                if run_of(home, run).config_path.is_file()
            },
            dropped=frozenset(map(str, state["dropped"])),
            paused=frozenset((str(key), int(seed)) for key, seed in state["paused"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"The comparison {comparison_id} cannot be read: {error}") from None


def list_comparisons(home: Home) -> list[Comparison]:
    """Return all comparisons that can be read, newest first."""
    if not comparisons_dir(home).is_dir():
        return []
    found = []
    for folder in comparisons_dir(home).iterdir():
        if not _is_name(folder.name):
            continue
        try:
            found.append(open_comparison(home, folder.name))
        except StoreError as error:
            log.warning("%s", error)
    return sorted(found, key=lambda comparison: comparison.created_at, reverse=True)


def find_comparison(home: Home, text: str) -> Comparison:
    """Return the comparison with this id, or the only one whose id begins or ends so, or so named.

    Raises:
        StoreError: none or several fit; the message lists what there is.
    """
    known = list_comparisons(home)
    exact = [c for c in known if c.id == text]
    named = [c for c in known if c.name == text]
    parts = [c for c in known if text and (c.id.startswith(text) or c.id.endswith(text))]
    fitting = exact or named or parts
    if len(fitting) == 1:
        return fitting[0]
    if not known:
        raise StoreError(f"There is no comparison {text!r}, and no other in {home.root}.")
    listed = ", ".join(f"{c.id} ({c.name})" for c in (fitting or known)[:8])
    if fitting:
        raise StoreError(f"{text!r} fits {len(fitting)} comparisons: choose one of {listed}.")
    raise StoreError(f"There is no comparison {text!r}: choose one of {listed}.")


def new_comparison(home: Home, design: ComparisonDesign, n_threads: int | None) -> Comparison:
    """Make the folder of a comparison that has no runs yet. Raises StoreError."""
    now = time.time()
    folder = comparisons_dir(home)
    home.ensure()
    while True:
        name = new_run_id(datetime.fromtimestamp(now, UTC), secrets.token_hex(2))
        if not (folder / name).exists():
            break
    with os_errors(f"{folder / name} cannot be written"):
        (folder / name).mkdir(parents=True)
    comparison = Comparison(name, design, now, n_threads)
    write(home, comparison)
    return comparison


@contextmanager
def changing(home: Home, comparison_id: str) -> Iterator[Comparison]:
    """Hold a comparison's lock; yields the comparison as it is now.

    Raises:
        StoreError: there is no such comparison, or somebody else changes it for too long.
    """
    open_comparison(home, comparison_id)  # filelock would make the folder anew
    lock = FileLock(comparison_dir(home, comparison_id) / "lock")
    try:
        lock.acquire(timeout=_LOCK_TIMEOUT_S, poll_interval=0.02)
    except Timeout:
        raise StoreError(
            f"Another process changes the comparison {comparison_id} for too long: try again."
        ) from None
    try:
        yield open_comparison(home, comparison_id)
    finally:
        lock.release()


def write(home: Home, comparison: Comparison) -> None:
    """Write a comparison; a reader finds each file old or new, never in part. Raises StoreError."""
    folder = comparison_dir(home, comparison.id)
    state = {
        "created_at": comparison.created_at,
        "n_threads": comparison.n_threads,
        "members": [[key, seed, run] for (key, seed), run in comparison.members.items()],
        "dropped": sorted(comparison.dropped),
        "paused": sorted(comparison.paused),
    }
    _write(folder / "state.json", json.dumps(state, indent=1))
    _write(folder / "design.json", comparison.design.to_json())  # last: with it, it is there


def with_members(comparison: Comparison, more: dict[Place, str]) -> Comparison:
    """Return a comparison some of whose places were just filled."""
    return replace(comparison, members=comparison.members | more)


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with os_errors(f"{path} cannot be written"):
        partial.write_text(text, encoding="utf-8")
    move_into_place(partial, path)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _is_name(text: str) -> bool:
    """Tell whether a text from an address can be the name of a folder of ours, and no other."""
    return bool(text) and not text.startswith(".") and Path(text).name == text


def checked_variant(comparison: Comparison, key: str) -> Variant:
    """Return a variant of a comparison by its key. Raises ConfigError, which lists the keys."""
    for variant in comparison.design.variants:
        if variant.key == key:
            return variant
    known = ", ".join(variant.key for variant in comparison.design.variants)
    raise ConfigError(f"There is no variant {key!r} in {comparison.name}: choose one of {known}.")
