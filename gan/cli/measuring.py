"""`devices` and `measure`: what this machine can do, for people and for the pages.

Door. Both import torch when called and leave their answers where `gan.runs.probe` reads them.
"""

import argparse
from typing import TYPE_CHECKING

from gan.cli.options import add_config_options, config_from
from gan.cli.output import duration_text, print_json, print_table
from gan.cli.parser import Commands, add_command
from gan.cli.side_by_side import measure_side_by_side
from gan.config import RunConfig
from gan.runs import probe
from gan.runs.checking import check_run
from gan.runs.cores import slots
from gan.runs.folder import Home
from gan.runs.images import download_folder

if TYPE_CHECKING:
    from gan.data.dataset import ImageData


def add_commands(commands: Commands) -> None:
    """Add `devices` and `measure`."""
    add_command(
        commands,
        "devices",
        devices,
        summary="List the devices of this machine on which a run can train.",
        example="python -m gan devices",
    )
    parser = add_command(
        commands,
        "measure",
        measure,
        summary="Train for two seconds and estimate how long a whole run takes here.",
        example="python -m gan measure vanilla-fashion --device cpu",
    )
    parser.add_argument(
        "--side-by-side",
        action="store_true",
        help="measure several runs beside each other, for every way to share the cores out",
    )
    add_config_options(parser)


def devices(args: argparse.Namespace, home: Home) -> int:
    """Print the devices and keep the list for the pages."""
    with probe.probing(home, probe.DEVICES):
        rows = _find_devices(home)
    if args.json:
        print_json([{"name": row.name, "title": row.title} for row in rows])
    else:
        print_table(("device", "what it is"), [(row.name, row.title) for row in rows])
    return 0


def measure(args: argparse.Namespace, home: Home) -> int:
    """Print how fast a configuration trains, and keep it for the pages."""
    config = config_from(args)
    if args.side_by_side:
        return measure_side_by_side(args, home, config)
    import torch  # noqa: PLC0415

    from gan.training.devices import resolve_device  # noqa: PLC0415
    from gan.training.measuring import measure_speed, steps_per_epoch  # noqa: PLC0415

    device = str(resolve_device(config.train.device))
    n_threads = config.train.n_threads or slots(home).n_threads
    key = probe.speed_key(config, device, n_threads)
    with probe.probing(home, key):
        torch.set_num_threads(n_threads)
        data, n_images = _images(home, config)
        per_epoch = steps_per_epoch(config, n_images)
        speed = measure_speed(config, data)
        probe.record_speed(
            home,
            key,
            steps_per_s=speed.steps_per_s,
            steps_per_epoch=per_epoch,
            source="measured",
        )
    n_steps = config.train.planned_steps(per_epoch)
    pace = config.output.max_steps_per_s
    estimate_s = n_steps / (speed.steps_per_s if pace is None else min(pace, speed.steps_per_s))
    images_per_s = speed.steps_per_s * config.train.batch_size * config.train.d_steps
    if args.json:
        print_json(
            {
                "device": device,
                "n_threads": n_threads,
                "steps_per_s": speed.steps_per_s,
                "images_per_s": images_per_s,
                "steps_per_epoch": per_epoch,
                "n_steps": n_steps,
                "estimate_s": estimate_s,
                "n_measured": speed.n_measured,
                "data": data.located.why,
            }
        )
        return 0
    print(f"{data.located.why}")
    print(
        f"{speed.steps_per_s:,.1f} steps/s, {images_per_s:,.0f} images/s on {device} "
        f"(threads: {n_threads})."
    )
    print(f"{n_steps:,} steps take about {duration_text(estimate_s)}.")
    return 0


def _find_devices(home: Home) -> list[probe.DeviceRow]:
    from gan.training.devices import list_devices  # noqa: PLC0415

    rows = [probe.DeviceRow(info.name, info.title) for info in list_devices()]
    probe.record_devices(home, rows)
    return rows


def _images(home: Home, config: RunConfig) -> "tuple[ImageData, int]":
    """Return images to measure with, and how many the run would have.

    Reading files is quick; downloading or drawing is not, and any pictures train equally fast.
    """
    from gan.data.dataset import load_data  # noqa: PLC0415
    from gan.training.measuring import stand_in  # noqa: PLC0415

    facts = check_run(home, config)
    if facts.is_ready and facts.located.kind == "files":
        data = load_data(config.data, download_folder=download_folder(home))
        return data, data.n_images
    return stand_in(facts, config.train.batch_size), facts.n_images
