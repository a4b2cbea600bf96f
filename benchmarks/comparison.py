"""A whole comparison against its runs one after another with all cores, and its peak memory.

    python -m benchmarks.comparison [PRESET] [--steps N] [--seeds N] [--rounds N] [--queued N]

Sides, each in a home of its own and with the same configurations but for the threads:

- `compare PRESET --wait`: as many runs at once as were measured to finish first;
- `train` for one run after the other, each with all cores.

The measurement by which the first side chooses is timed on its own, and counted with it. Data are
drawn faces or digits, made before anything is timed. Then a comparison of `--queued` short runs is
watched: the most memory (PSS) that all of its processes hold together, beside what one run holds.
Needs Linux, and a quiet machine.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gan.comparing.command import repeat_words
from gan.comparing.design import ComparisonDesign
from gan.comparing.presets import PRESETS
from gan.runs.cores import count_cores
from gan.runs.folder import Home
from gan.runs.images import load_images

_WATCH_EVERY_S = 0.2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("preset", nargs="?", default="optimizers-faces-32", choices=PRESETS)
    parser.add_argument("--steps", type=int, help="of each run (default: the preset's)")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=1, help="0: the memory test alone")
    parser.add_argument("--queued", type=int, default=30, help="runs of the memory test; 0: none")
    args = parser.parse_args()
    preset = PRESETS[args.preset]
    design = preset.build(preset.stand_in_data)
    steps = args.steps or int(design.budget.amount)
    design = changed(design, n_seeds=args.seeds, steps=steps)
    folder = Path(tempfile.mkdtemp(prefix="comparison-"))
    try:
        load_images(Home(folder / "data").ensure(), preset.stand_in_data)
        ratios = [race(design, folder / f"round-{i}") for i in range(args.rounds)]
        if ratios:
            print(f"Median ratio of {len(ratios)}: {statistics.median(ratios):.2f}", flush=True)
        if args.queued:
            watch_memory(design, folder / "memory", args.queued)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def changed(design: ComparisonDesign, *, n_seeds: int, steps: int) -> ComparisonDesign:
    """Return a design with other seeds and another budget, measured as often for each step."""
    every = max(1, round(design.quality_every * steps / design.budget.amount))
    more = {
        "seeds": list(range(n_seeds)),
        "budget": {"kind": "steps", "amount": steps},
        "quality_every": every,
    }
    return ComparisonDesign.parse(design.model_dump(mode="json") | more)


def race(design: ComparisonDesign, folder: Path) -> float:
    """Time both sides once; return the comparison's time as a share of the other's."""
    ours, theirs = prepared(folder / "ours"), prepared(folder / "theirs")
    began = time.perf_counter()
    gan(ours, "compare", *repeat_words(design), "--estimate", "--json")
    measuring_s = time.perf_counter() - began
    began = time.perf_counter()
    done = json.loads(gan(ours, "compare", *repeat_words(design), "--wait", "--json"))
    ours_s = time.perf_counter() - began
    assert done["n_done"] == design.n_runs, done["runs"]
    began = time.perf_counter()
    for variant, seed in design.places():
        config = design.config(variant, seed, n_threads=count_cores())
        path = folder / "config.json"
        path.write_text(config.to_json(), encoding="utf-8")
        gan(theirs, "train", "--config", str(path), "--json")
    theirs_s = time.perf_counter() - began
    ratio = ours_s / theirs_s
    whole = (ours_s + measuring_s) / theirs_s
    print(
        f"{design.n_runs} runs of {design.budget.text}: the comparison {ours_s:.0f} s (and "
        f"{measuring_s:.0f} s of measuring), one after another {theirs_s:.0f} s: ratio "
        f"{ratio:.2f}, with measuring {whole:.2f}",
        flush=True,
    )
    return ratio


def watch_memory(design: ComparisonDesign, folder: Path, n_runs: int) -> None:
    """Print the most memory that a comparison of many short runs takes, and that of one run."""
    n_seeds = -(-n_runs // len(design.variants))
    short = changed(design, n_seeds=n_seeds, steps=100)
    short = ComparisonDesign.parse(short.model_dump(mode="json") | {"quality_every": 50})
    home = prepared(folder / "many")
    gan(home, "compare", *repeat_words(short), "--estimate", "--json")
    with watching(home) as many:
        gan(home, "compare", *repeat_words(short), "--wait", "--json")
    alone = prepared(folder / "one")
    path = folder / "config.json"
    config = short.config(short.variants[-1], 0, n_threads=count_cores())
    path.write_text(config.to_json(), encoding="utf-8")
    with watching(alone) as one:
        gan(alone, "train", "--config", str(path), "--json")
    print(
        f"{short.n_runs} runs queued: all processes together hold {many[0] / 2**20:,.0f} MiB at "
        f"most ({many[1]} at once), one run alone {one[0] / 2**20:,.0f} MiB"
    )


def prepared(home: Path) -> Path:
    """Return a new home that knows the images already, so that neither side has to draw them."""
    home.mkdir(parents=True)
    cache = next(parent / "data" for parent in home.parents if (parent / "data").is_dir())
    shutil.copytree(cache / "workspace", home / "workspace")
    return home


def gan(home: Path, *words: str) -> str:
    """Run a command on a home to its end and return what it printed."""
    command = [sys.executable, "-m", "gan", *words, "--home", str(home)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextmanager
def watching(home: Path) -> Iterator[list[int]]:
    """Yield the most bytes and the most processes that a home had while the block ran."""
    most, is_over = [0, 0], threading.Event()

    def look() -> None:
        while not is_over.wait(_WATCH_EVERY_S):
            held = list(_held_bytes(home))
            most[:] = max(most[0], sum(held)), max(most[1], len(held))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        is_over.set()
        thread.join()


def _held_bytes(home: Path) -> Iterator[int]:
    """Yield the proportional set size of each process that works on a home."""
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            if str(home).encode() not in (process / "cmdline").read_bytes():
                continue
            for line in (process / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    yield int(line.split()[1]) * 1024
        except (OSError, ValueError):  # it has just ended
            continue


if __name__ == "__main__":
    main()
