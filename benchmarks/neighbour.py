"""What a busy neighbour costs a run, by how long OpenMP's threads spin while they wait.

    python -m benchmarks.neighbour [--seconds 4] [--rounds 3]

Each setting trains `vanilla-fashion` on all cores in a process of its own, alone and beside
neighbours of several kinds; all in turn, several rounds. `launcher` is what our workers are started
with; `default` is what OpenMP does when nobody asks.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from gan.runs.launcher import WORKER_ENVIRONMENT, count_cores

SETTINGS: dict[str, dict[str, str]] = {
    "default": {},
    "passive": {"OMP_WAIT_POLICY": "PASSIVE"},
    "launcher": WORKER_ENVIRONMENT,
}
BUSY_LOOP = """
import sys, time
share = float(sys.argv[1])
while True:
    began = time.perf_counter()
    while time.perf_counter() - began < 0.02 * share: pass
    if share < 1.0: time.sleep(0.02 * (1.0 - share))
"""
TORCH_LOOP = """
import torch
a = torch.randn(512, 512)
while True: a = torch.tanh(a @ a)
"""
# What runs beside the training: nothing, 30 % of a core, a whole core, another torch program.
NEIGHBOURS: dict[str, list[str]] = {
    "nobody": [],
    "30 % of a core": [BUSY_LOOP, "0.3"],
    "a whole core": [BUSY_LOOP, "1.0"],
    "torch, all cores": [TORCH_LOOP],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--train", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.train:
        print(train(args.seconds))
        return
    rates: dict[tuple[str, str], list[float]] = {}
    for _ in range(args.rounds):
        for neighbour, code in NEIGHBOURS.items():
            for name, setting in SETTINGS.items():
                rate = measure(setting, code, args.seconds)
                rates.setdefault((name, neighbour), []).append(rate)
    print(f"{count_cores()} cores, steps/s, median of {args.rounds} rounds of {args.seconds:g} s\n")
    print(f"{'beside':10s}" + "".join(f"{neighbour:>18s}" for neighbour in NEIGHBOURS))
    for name in SETTINGS:
        medians = [statistics.median(rates[name, neighbour]) for neighbour in NEIGHBOURS]
        print(f"{name:10s}" + "".join(f"{rate:18.1f}" for rate in medians))


def measure(setting: dict[str, str], code: list[str], seconds: float) -> float:
    """Train in a fresh process, since OpenMP reads its settings once; return steps a second."""
    busy = [sys.executable, "-c", *code]
    neighbour = subprocess.Popen(busy) if code else None
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "GOMP_"))}
    command = [sys.executable, "-m", "benchmarks.neighbour", "--train", "--seconds", str(seconds)]
    try:
        answer = subprocess.run(
            command, env=clean | setting, capture_output=True, text=True, check=True
        )
    finally:
        if neighbour is not None:
            neighbour.kill()
            neighbour.wait()
    return float(answer.stdout)


def train(seconds: float) -> float:
    import torch  # noqa: PLC0415

    import gan  # noqa: PLC0415
    from gan.data.dataset import load_data  # noqa: PLC0415

    torch.set_num_threads(count_cores())
    config = gan.get_recipe("vanilla-fashion").build()
    trainer = gan.Trainer(config, load_data(config.data, download_folder=Path("data")))
    list(trainer.run(10))
    began, n_steps = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        list(trainer.run(5))
        n_steps += 5
    return n_steps / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
