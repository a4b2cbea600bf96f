"""Devices and speeds: known, asked for, found out by one process at a time."""

import json
import os
import sys
import time
from pathlib import Path

import pytest

from gan.config import RunConfig
from gan.errors import StoreError
from gan.runs import probe
from gan.runs.control import new_run
from gan.runs.folder import Home
from gan.runs.probe import DeviceRow, ProbeState
from gan.runs.store import RunStore

CPU = [DeviceRow("cpu", "A processor")]
GPU = [DeviceRow("cuda:0", "A card"), *CPU]


@pytest.fixture
def here(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").ensure()


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let probes be a program that only notes how it was called, in the file returned."""
    path = tmp_path / "calls.txt"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$*" >> {path}\n')
    program.chmod(0o755)
    path.touch()
    monkeypatch.setattr(sys, "executable", str(program))
    return path


def wait_for_call(calls: Path, n: int = 1) -> str:
    deadline = time.monotonic() + 10
    while len(lines := calls.read_text().splitlines()) < n:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return lines[-1]


def test_devices_are_unknown_until_recorded_and_forgotten_with_other_code(here: Home) -> None:
    assert probe.read_devices(here) is None
    probe.record_devices(here, GPU)
    assert probe.read_devices(here) == GPU
    path = here.workspace_dir / "devices.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"key": "another torch"}))
    assert probe.read_devices(here) is None
    path.write_text("{")
    assert probe.read_devices(here) is None


def test_devices_are_asked_for_once(here: Home, calls: Path) -> None:
    assert probe.request_devices(here) is ProbeState.RUNNING
    assert probe.request_devices(here) is ProbeState.RUNNING
    assert wait_for_call(calls) == f"-m gan devices --json --home {here.root}"
    with probe.probing(here, probe.DEVICES):
        assert probe.request_devices(here) is ProbeState.RUNNING
        probe.record_devices(here, CPU)
    assert probe.request_devices(here) is ProbeState.READY
    assert len(calls.read_text().splitlines()) == 1


def test_a_probe_that_failed_is_not_repeated_at_once(here: Home, calls: Path) -> None:
    probe.request_devices(here)
    with pytest.raises(ValueError, match="no torch"), probe.probing(here, probe.DEVICES):
        raise ValueError("no torch")
    assert probe.request_devices(here) is ProbeState.FAILED
    request = here.workspace_dir / "probe" / "request.json"
    raw = json.loads(request.read_text())
    request.write_text(json.dumps(raw | {"at": raw["at"] - probe.RETRY_AFTER_S}))
    assert probe.request_devices(here) is ProbeState.RUNNING
    wait_for_call(calls, 2)


def test_a_probe_that_never_answered_has_failed(here: Home, calls: Path) -> None:
    probe.request_devices(here)
    request = here.workspace_dir / "probe" / "request.json"
    raw = json.loads(request.read_text())
    request.write_text(json.dumps(raw | {"at": raw["at"] - probe.STARTS_WITHIN_S}))
    assert probe.request_devices(here) is ProbeState.FAILED


def test_a_speed_is_asked_for_with_the_configuration(here: Home, calls: Path) -> None:
    config = RunConfig().with_changes({"train.batch_size": 77})
    assert probe.request_speed(here, config, "cpu") is ProbeState.RUNNING  # devices come first
    assert "devices" in wait_for_call(calls)
    with probe.probing(here, probe.DEVICES):
        probe.record_devices(here, CPU)
    assert probe.request_speed(here, config, "auto") is ProbeState.RUNNING
    words = wait_for_call(calls, 2).split()
    assert words[2:4] == ["measure", "--config"]
    assert words[5:8] == ["--device", "cpu", "--json"]
    assert RunConfig.from_json(Path(words[4]).read_text()) == config
    key = probe.home_speed_key(here, config, "cpu")
    with probe.probing(here, key):
        probe.record_speed(here, key, steps_per_s=5.0, steps_per_epoch=2.0, source="measured")
    assert probe.request_speed(here, config, "auto") is ProbeState.READY


def test_nothing_is_measured_while_a_run_trains(here: Home, calls: Path) -> None:
    probe.record_devices(here, CPU)
    run = new_run(here, RunConfig())
    with RunStore.open(run.db_path) as store:
        store.begin_attempt(now=time.time(), pid=os.getpid(), info={})
    with run.lock():
        assert probe.request_speed(here, RunConfig(), "cpu") is ProbeState.BUSY
    assert probe.request_speed(here, RunConfig(), "cpu") is ProbeState.RUNNING  # it had died
    wait_for_call(calls)


def test_the_key_holds_what_costs_time_and_nothing_else() -> None:
    base = RunConfig()
    key = probe.speed_key(base, "cpu", 2)
    same = {
        "recipe": "another", "train.seed": 9, "train.epochs": 1.5, "train.n_steps": 8,
        "train.device": "cpu", "g_opt.lr": 0.1, "d_opt.beta1": 0.9, "model.leaky_slope": 0.1,
        "output.sample_every": 7, "output.max_steps_per_s": 1.0, "train.ema_ramp": 0.0,
    }  # fmt: skip
    for path, value in same.items():
        assert probe.speed_key(base.with_changes({path: value}), "cpu", 2) == key, path
    other = {
        "model.g_widths": [4], "model.latent_dim": 9, "loss.name": "minimax",
        "train.batch_size": 64, "train.d_steps": 2, "train.precision": "bfloat16",
        "train.ema": False, "train.share_z": False, "data.dataset": "mnist", "data.n_images": 9,
    }  # fmt: skip
    keys = {
        probe.speed_key(base.with_changes({path: value}), "cpu", 2) for path, value in other.items()
    }
    assert len(keys | {key}) == len(other) + 1
    assert probe.speed_key(base, "cpu", 1) != key
    assert probe.speed_key(base, "cuda:0", 1) == probe.speed_key(base, "cuda:0", 2) != key


def test_auto_means_the_fastest_device(here: Home) -> None:
    probe.record_devices(here, GPU)
    keys = {
        d: probe.home_speed_key(here, RunConfig(), d) for d in ("auto", "cuda", "cuda:0", "cpu")
    }
    assert keys["auto"] == keys["cuda"] == keys["cuda:0"] != keys["cpu"]


def test_an_estimate_counts_the_steps_that_are_planned(here: Home) -> None:
    config = RunConfig().with_changes({"train.epochs": 3})
    assert probe.estimate_s(here, config, "cpu") is None
    key = probe.home_speed_key(here, config, "cpu")
    probe.record_speed(here, key, steps_per_s=50.0, steps_per_epoch=100.5, source="run", now=7.0)
    assert probe.read_speed(here, key) == probe.Speed(50.0, 100.5, 7.0, "run")
    assert probe.estimate_s(here, config, "cpu") == 302 / 50
    for changes, seconds in (
        ({"train.n_steps": 10}, 0.2),
        ({"train.n_steps": 10, "output.max_steps_per_s": 5.0}, 2.0),
        ({"train.n_steps": 10, "output.max_steps_per_s": 5000.0}, 0.2),
        ({"stop.after_s": 4.0, "stop.patience": 3}, 4.0),
        ({"train.n_steps": 10, "stop.after_s": 4.0}, 0.2),
    ):
        assert probe.estimate_s(here, config.with_changes(changes), "cpu") == seconds


def test_a_workspace_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.workspace_dir.write_text("a file where the folder belongs")
    with pytest.raises(StoreError):
        probe.request_devices(home)


def test_a_real_probe_finds_this_machine(here: Home) -> None:
    assert probe.request_devices(here) is ProbeState.RUNNING
    deadline = time.monotonic() + 40
    while (devices := probe.read_devices(here)) is None:
        assert time.monotonic() < deadline, (here.workspace_dir / "probe" / "probe.log").read_text()
        time.sleep(0.05)
    assert devices[-1].name == "cpu"
    while (here.workspace_dir / "probe" / "request.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_pages_may_import_it_without_torch() -> None:
    import subprocess

    script = "import sys, gan.runs.probe; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
