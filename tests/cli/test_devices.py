"""What this machine can do, told in the terminal and left for the pages."""

from collections.abc import Callable
from typing import Any

from gan.cli.main import build_parser
from gan.cli.options import config_from
from gan.runs import probe
from gan.runs.folder import Home


def test_devices_are_listed_and_kept(cli: Callable[..., Any], home: Home) -> None:
    rows = cli("devices", "--json").json
    assert rows[-1]["name"] == "cpu"
    assert rows[-1]["title"]
    assert [device.name for device in probe.read_devices(home) or []] == [r["name"] for r in rows]
    assert "cpu" in cli("devices").out


def test_a_measurement_is_told_and_kept(
    tiny: list[str], cli: Callable[..., Any], home: Home
) -> None:
    words = ["measure", "vanilla-fashion", *tiny, "--epochs", "6"]
    told = cli(*words, "--json").json
    assert (told["n_steps"], told["steps_per_epoch"], told["n_threads"]) == (24, 4.0, 1)
    assert told["estimate_s"] == 24 / told["steps_per_s"]
    config = config_from(build_parser().parse_args(words))
    assert probe.estimate_s(home, config, "cpu") == told["estimate_s"]
    speed = probe.read_speed(home, probe.home_speed_key(home, config, "cpu"))
    assert speed is not None
    assert speed.source == "measured"
