"""How many runs of a comparison train side by side, and with how many threads each.

Memory layer, without torch. One run on all cores wastes much of them on waiting; several runs with
a thread or two each finish earlier together, as long as they have the memory. So runs that get the
same steps share the cores out in the way that was measured to finish first, and runs that get the
same time train one after the other with all cores: no company at all is the same company for each.

`python -m gan measure … --side-by-side` measures; what it found is kept beside the other speeds.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass

from gan.comparing.design import ComparisonDesign
from gan.config import RunConfig
from gan.runs import probe
from gan.runs.cores import count_cores
from gan.runs.folder import Home
from gan.runs.settings import load_settings

RUN_BYTES = 1 << 30
"""About what a worker takes of the memory: torch itself, the images, two small networks."""

_ON_MORE_THREADS = 0.5
"""While nothing is measured: a run's rate grows with this power of its threads."""


@dataclass(frozen=True)
class Company:
    """How a comparison's runs share the machine.

    Attributes:
        n_at_once: runs that train side by side.
        n_threads: of each.
        steps_per_s: of each of them beside the others; None while that was not measured.
    """

    n_at_once: int
    n_threads: int
    steps_per_s: float | None = None


def thread_counts(n_cores: int, most_at_once: int) -> list[int]:
    """Return the threads a run that are worth trying: all cores, halves, … one."""
    counts = [n_cores]
    while counts[-1] > 1 and n_cores // ((counts[-1] + 1) // 2) <= most_at_once:
        counts.append((counts[-1] + 1) // 2)
    return counts


def choose(
    home: Home,
    design: ComparisonDesign,
    *,
    n_cores: int | None = None,
    rates: Mapping[int, float] | None = None,
) -> Company:
    """Return how the runs of a design would train here soonest.

    Args:
        home: whose measurements and settings.
        design: what is compared.
        n_cores: by default this machine's.
        rates: steps a second of each run by its threads, that many side by side as fit; by
            default what was measured on this home.
    """
    n_cores = n_cores or count_cores()
    config = first_config(design)
    on_cpu = probe.device_name(home, config.train.device) == "cpu"
    known = read_rates(home, config) if rates is None else rates
    if not on_cpu or design.budget.kind == "seconds":
        return Company(1, n_cores, known.get(n_cores))
    cap = load_settings(home).runs_at_once or n_cores
    options = [
        Company(min(n_cores // n, cap, design.n_runs), n, known.get(n))
        for n in thread_counts(n_cores, most_at_once())
    ]
    is_measured = all(option.steps_per_s for option in options)
    return min(options, key=lambda o: _rounds_s(o, design.n_runs, is_measured=is_measured))


def most_at_once() -> int:
    """Return how many workers this machine's memory holds with ease."""
    try:
        n_bytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no such question
        return 4
    return max(1, n_bytes // 2 // RUN_BYTES)


def first_config(design: ComparisonDesign) -> RunConfig:
    """Return the configuration by which the speed of a whole design is judged."""
    return design.config(design.variants[0], design.seeds[0])


def read_rates(home: Home, config: RunConfig) -> dict[int, float]:
    """Return the measured steps a second of each run by its threads; {} while unknown."""
    found = {}
    for n_threads in thread_counts(count_cores(), most_at_once()):
        speed = probe.read_speed(home, company_key(config, n_threads))
        if speed is not None:
            found[n_threads] = speed.steps_per_s
    return found


def company_key(config: RunConfig, n_threads: int) -> str:
    """Return under which key a rate beside others is kept."""
    alone = probe.speed_key(config, "cpu", n_threads)
    return f"{alone}-beside-{count_cores() // n_threads}"


def request_rates(home: Home, config: RunConfig) -> probe.ProbeState:
    """Have the rates measured unless they are known; ask again until they are. Raises StoreError.

    On a graphics card nothing is to be chosen, and the plain speed is measured.
    """
    devices = probe.request_devices(home)
    if devices is not probe.ProbeState.READY:
        return devices
    device = probe.device_name(home, config.train.device)
    if device != "cpu":
        return probe.request_speed(home, config, config.train.device)
    if len(read_rates(home, config)) == len(thread_counts(count_cores(), most_at_once())):
        return probe.ProbeState.READY
    if probe.any_run_trains(home):
        return probe.ProbeState.BUSY
    return probe.request_side_by_side(home, config, company_key(config, count_cores()))


def _rounds_s(company: Company, n_runs: int, *, is_measured: bool) -> float:
    """Return how long a step of every run takes, runs that wait for their turn included."""
    rate = float(company.n_threads**_ON_MORE_THREADS)
    if is_measured and company.steps_per_s:
        rate = company.steps_per_s
    return math.ceil(n_runs / company.n_at_once) / rate
