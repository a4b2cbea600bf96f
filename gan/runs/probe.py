"""What this machine can do, found out by another process: its devices, and how fast they train.

Memory layer, without torch. A page must not import torch, so it asks here: `read_*` answers from
`workspace/`, `request_*` starts `python -m gan devices` or `python -m gan measure`, which write
the answers. One probe runs at a time, and none measures while a run trains.

`workspace/probe/` holds `probe.lock` (held by the probe while it works), `request.json` (what was
asked for last; it goes away when answered, so one that stays tells of a failure), the speeds, and
`probe.log` (what the last probe printed).
"""

import hashlib
import json
import os
import platform
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from gan.config import RunConfig
from gan.errors import StoreError
from gan.runs.code import code_fingerprint, torch_version
from gan.runs.cores import slots
from gan.runs.disk import move_into_place, os_errors
from gan.runs.folder import Home, list_runs
from gan.runs.launcher import spawn
from gan.runs.states import RunState
from gan.runs.store import RunStore

STARTS_WITHIN_S = 30.0  # a cold start imports torch first
RETRY_AFTER_S = 300.0
MIN_RUN_S = 20.0  # what a shorter run tells of its speed is mostly its start
_LOCK_TIMEOUT_S = 30.0
DEVICES = "devices"

# Settings that change what a step learns or when it is looked at, not how long it takes.
_NO_INFLUENCE = {
    "model": {"leaky_slope", "g_norm_eps", "g_norm_momentum"},
    "train": {
        "epochs", "n_steps", "seed", "device", "n_threads", "ema_halflife_images", "ema_ramp",
        "lr_schedule", "lr_final", "lr_warmup_steps",
    },
}  # fmt: skip


class ProbeState(StrEnum):
    """What became of a request."""

    READY = "ready"  # the answer is there
    RUNNING = "running"  # a probe works, on this or on something before it: ask again
    BUSY = "busy"  # a run trains, beside which a measurement would be wrong
    FAILED = "failed"  # it was tried a short while ago and did not work


@dataclass(frozen=True)
class DeviceRow:
    """One device: torch's name for it and people's."""

    name: str
    title: str


@dataclass(frozen=True)
class Speed:
    """How fast a configuration trains on this machine.

    Attributes:
        steps_per_epoch: steps that see the data set once, a fraction with several D updates.
        measured_at: seconds since 1970.
        source: by a short measurement, or by a real run.
    """

    steps_per_s: float
    steps_per_epoch: float
    measured_at: float
    source: Literal["measured", "run"]


def read_devices(home: Home) -> list[DeviceRow] | None:
    """Return this machine's devices, the fastest first; None while unknown."""
    raw = _read_json(_devices_path(home))
    try:
        if raw is None or raw["key"] != _machine_key():
            return None
        return [DeviceRow(**row) for row in raw["devices"]]
    except (KeyError, TypeError):
        return None


def request_devices(home: Home) -> ProbeState:
    """Have the devices found out unless they are known. Raises StoreError."""
    if read_devices(home) is not None:
        return ProbeState.READY
    return _request(home, DEVICES, ["devices", "--json"])


def record_devices(home: Home, devices: list[DeviceRow]) -> None:
    """Keep what a process with torch has found. Raises StoreError."""
    rows = [asdict(device) for device in devices]
    _write_json(_devices_path(home), {"key": _machine_key(), "devices": rows})


def device_name(home: Home, device: str) -> str:
    """Return the device that `auto` stands for, `auto` itself while that is not known."""
    if device == "auto":
        devices = read_devices(home)
        return devices[0].name if devices else device
    return "cuda:0" if device == "cuda" else device


def speed_key(config: RunConfig, device: str, n_threads: int) -> str:
    """Return a text that is equal for configurations that train equally fast here."""
    beside = {"output", "quality", "stop", "recipe"}
    facts: dict[str, Any] = config.model_dump(mode="json", exclude=beside)
    for section, names in _NO_INFLUENCE.items():
        for name in names:
            del facts[section][name]
    for player in ("g_opt", "d_opt"):
        facts[player] = facts[player]["name"]  # its numbers change where it goes, not how long
    facts |= {"device": device, "torch": torch_version(), "host": platform.node()}
    if device == "cpu":
        facts["n_threads"] = n_threads
    text = json.dumps(facts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def home_speed_key(home: Home, config: RunConfig, device: str) -> str:
    """Return the key of a configuration as the launcher would run it on this home now."""
    n_threads = config.train.n_threads or slots(home).n_threads
    return speed_key(config, device_name(home, device), n_threads)


def read_speed(home: Home, key: str) -> Speed | None:
    """Return what is known for a `speed_key`; None while unknown."""
    raw = _read_json(_speed_path(home, key))
    try:
        return None if raw is None else Speed(**raw)
    except TypeError:
        return None


def request_speed(home: Home, config: RunConfig, device: str) -> ProbeState:
    """Have a configuration's speed measured unless it is known; ask again until it is.

    Raises:
        StoreError: the workspace cannot be written or the probe cannot be started.
    """
    devices = request_devices(home)
    if devices is not ProbeState.READY:
        return devices
    key = home_speed_key(home, config, device)
    if read_speed(home, key) is not None:
        return ProbeState.READY
    if any_run_trains(home):
        return ProbeState.BUSY
    return _request_measure(home, key, config, ["--device", device_name(home, device)])


def request_side_by_side(home: Home, config: RunConfig, key: str) -> ProbeState:
    """Have several runs measured beside each other; `key` is that of one of their rates.

    Raises:
        StoreError: the workspace cannot be written or the probe cannot be started.
    """
    return _request_measure(home, key, config, ["--device", "cpu", "--side-by-side"])


def _request_measure(home: Home, key: str, config: RunConfig, options: list[str]) -> ProbeState:
    config_path = _probe_dir(home) / "config.json"
    command = ["measure", "--config", str(config_path), *options, "--json"]
    return _request(home, key, command, {config_path: config.to_json()})


def record_speed(
    home: Home,
    key: str,
    *,
    steps_per_s: float,
    steps_per_epoch: float,
    source: Literal["measured", "run"],
    now: float | None = None,
) -> None:
    """Keep a rate, measured or of a real run; the newest counts. Raises StoreError."""
    at = time.time() if now is None else now
    _write_json(_speed_path(home, key), asdict(Speed(steps_per_s, steps_per_epoch, at, source)))


def record_run_speed(
    home: Home, key: str, *, n_steps: int, seconds: float, steps_per_epoch: float
) -> None:
    """Keep the rate of a real run, if it trained for long enough to tell. Raises StoreError."""
    if seconds >= MIN_RUN_S:
        rate = n_steps / seconds
        record_speed(home, key, steps_per_s=rate, steps_per_epoch=steps_per_epoch, source="run")


def estimate_s(home: Home, config: RunConfig, device: str) -> float | None:
    """Return the seconds that the whole planned run would take at most; None while unknown."""
    speed = read_speed(home, home_speed_key(home, config, device))
    if speed is None:
        return None
    n_steps = config.train.planned_steps(speed.steps_per_epoch)
    limit = config.output.max_steps_per_s
    rate = speed.steps_per_s if limit is None else min(limit, speed.steps_per_s)
    return min(n_steps / rate, config.stop.after_s or float("inf"))


def any_run_trains(home: Home) -> bool:
    """Tell whether a worker trains now, so that a measurement would be wrong."""
    for run in list_runs(home):
        try:
            with RunStore.open(run.db_path) as store:
                if store.get_status().state is RunState.RUNNING and run.is_locked():
                    return True
        except StoreError:
            continue
    return False


@contextmanager
def probing(home: Home, what: str) -> Iterator[None]:
    """Be the one probe while the `with` block works on `what`: DEVICES or a speed key.

    Raises:
        StoreError: another probe works for too long.
    """
    home.ensure()
    with os_errors(f"{_probe_dir(home)} cannot be made"):
        _probe_dir(home).mkdir(exist_ok=True)
    lock = FileLock(_probe_dir(home) / "probe.lock")
    try:
        lock.acquire(timeout=_LOCK_TIMEOUT_S, poll_interval=0.05)
    except Timeout:
        raise StoreError("Another measurement takes too long: try again later.") from None
    is_done = False
    try:
        yield
        is_done = True
    finally:
        if _last_request(home).what == what:
            _note_outcome(home, what, is_done=is_done)
        lock.release()


def _note_outcome(home: Home, what: str, *, is_done: bool) -> None:
    if is_done:
        _request_path(home).unlink(missing_ok=True)
    else:
        _write_json(_request_path(home), asdict(_Request(what, time.time(), failed=True)))


@dataclass(frozen=True)
class _Request:
    """What was asked for last, and when."""

    what: str = ""
    at: float = 0.0
    failed: bool = False


def _request(
    home: Home, what: str, command: list[str], files: Mapping[Path, str] | None = None
) -> ProbeState:
    """Start a probe, which needs these files, unless one works or this one just failed."""
    home.ensure()
    folder = _probe_dir(home)
    with os_errors(f"{folder} cannot be written"):
        folder.mkdir(exist_ok=True)
        with FileLock(folder / "request.lock"):
            last = _last_request(home)
            age_s = time.time() - last.at
            if _probe_works(home) or (age_s < STARTS_WITHIN_S and not last.failed):
                return ProbeState.RUNNING
            if last.what == what and age_s < RETRY_AFTER_S:
                return ProbeState.FAILED
            for path, text in (files or {}).items():
                path.write_text(text, encoding="utf-8")
            _write_json(_request_path(home), asdict(_Request(what, time.time())))
            with (folder / "probe.log").open("wb") as log_file:
                spawn(command, home, stdin=subprocess.DEVNULL, log_file=log_file)
            return ProbeState.RUNNING


def _probe_works(home: Home) -> bool:
    try:
        with FileLock(_probe_dir(home) / "probe.lock").acquire(timeout=0):
            return False
    except Timeout:
        return True


def _machine_key() -> str:
    return f"{torch_version()} {platform.node()} {code_fingerprint()}"


def _devices_path(home: Home) -> Path:
    return home.workspace_dir / "devices.json"


def _probe_dir(home: Home) -> Path:
    return home.workspace_dir / "probe"


def _speed_path(home: Home, key: str) -> Path:
    return _probe_dir(home) / f"speed-{key}.json"


def _request_path(home: Home) -> Path:
    return _probe_dir(home) / "request.json"


def _last_request(home: Home) -> _Request:
    try:
        return _Request(**(_read_json(_request_path(home)) or {}))
    except TypeError:
        return _Request()


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return raw if isinstance(raw, dict) else None


def _write_json(path: Path, value: dict[str, Any]) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with os_errors(f"{path} cannot be written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(value), encoding="utf-8")
    move_into_place(partial, path)
