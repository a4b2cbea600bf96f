"""How long a whole evaluation takes, from typing the command to the answer on disk.

    python -m benchmarks.evaluation [--n 10000] [--rounds 3] [--recipe NAME] [--threads 2]

Trains a recipe for a few steps (a generator's speed does not depend on what it learned), then runs
`python -m gan evaluate` in a process of its own: start of Python, reading the data, drawing,
looking, comparing, copying, walls, map and report. Prints wall time, processor time and the phases.
Beside other programs wall time says more about those; processor time on one thread is what an
evaluation costs, and what it would take on a quiet machine with a single core.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

_PHASES = (
    ("Loading", "start, data"),
    ("Drawing", "drawing"),
    ("Looking", "features"),
    ("Comparing them", "measures"),
    ("Comparing with", "copying"),
    ("Choosing", "walls, map"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=10_000, help="samples")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--recipe", default="vanilla-fashion")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gan-evaluation-") as home:
        _gan(["train", args.recipe, "--n-steps", "3", "--name", "it", "--json"], home, args.threads)
        rows = [_measure(home, args) for _ in range(args.rounds)]
    print(
        f"{args.recipe}, {args.n:,} samples, {args.threads} threads, {args.rounds} rounds, medians"
    )
    for name in rows[0]:
        values = [row[name] for row in rows]
        spread = f"({min(values):.1f} to {max(values):.1f})"
        print(f"  {name:18}{statistics.median(values):6.1f} s  {spread}")


def _measure(home: str, args: argparse.Namespace) -> dict[str, float]:
    """Return seconds of everything and of each phase."""
    report = Path(home) / "report.html"
    words = ["evaluate", "it", "--n", str(args.n), "--notes", "--report", str(report)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    marks = [("start, data", time.perf_counter())]
    process = _gan(words, home, args.threads, wait=False)
    assert process.stdout is not None
    for line in process.stdout:
        text = json.loads(line)["text"]
        name = next((name for start, name in _PHASES if text.startswith(start)), None)
        if name is not None and name != marks[-1][0]:
            marks.append((name, time.perf_counter()))
    if process.wait() != 0:
        raise SystemExit("the evaluation failed")
    marks.append(("end", time.perf_counter()))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    row = {"wall": marks[-1][1] - marks[0][1], "processor": used}
    for (name, began), (_, ended) in pairwise(marks):
        row[name] = row.get(name, 0.0) + ended - began
    return row


def _gan(words: list[str], home: str, n_threads: int, *, wait: bool = True) -> Any:
    env = {**os.environ, "OMP_NUM_THREADS": str(n_threads), "OPENBLAS_NUM_THREADS": str(n_threads)}
    process = subprocess.Popen(
        [sys.executable, "-m", "gan", *words, "--home", home],
        env=env, stdout=subprocess.DEVNULL if wait else subprocess.PIPE, text=True,
    )  # fmt: skip
    if wait and process.wait() != 0:
        raise SystemExit(f"{words[0]} failed")
    return process


if __name__ == "__main__":
    main()
