"""Which devices this machine has, and choosing one.

Motion layer.
"""

import platform
from dataclasses import dataclass
from pathlib import Path

import torch

from gan.errors import DeviceError


@dataclass(frozen=True)
class DeviceInfo:
    """One usable device: its torch name and what people call it."""

    name: str
    title: str


def list_devices() -> list[DeviceInfo]:
    """Return the devices that are present, the fastest kind first, `cpu` always last."""
    found = []
    if torch.cuda.is_available():
        found += [
            DeviceInfo(f"cuda:{i}", torch.cuda.get_device_name(i))
            for i in range(torch.cuda.device_count())
        ]
    if torch.backends.mps.is_available():
        found.append(DeviceInfo("mps", "Apple GPU (Metal)"))
    found.append(DeviceInfo("cpu", cpu_title()))
    return found


def resolve_device(name: str) -> torch.device:
    """Return the device to use; `auto` takes the first of `list_devices`.

    Raises:
        DeviceError: the device is not present; the message lists those that are.
    """
    present = [info.name for info in list_devices()]
    if name == "auto":
        name = present[0]
    if name == "cuda" and "cuda:0" in present:
        name = "cuda:0"
    if name not in present:
        raise DeviceError(
            f"Device {name!r} is not on this machine: choose one of {', '.join(present)}."
        )
    return torch.device(name)


def cpu_title() -> str:
    """Return the processor's name as the system gives it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine() or "CPU"
