"""How long a page waits for what it asks the studio: pictures, morphs, directions, neighbours.

    python -m benchmarks.latent_latency --repeats 200

Each question goes to the real processes through the real client, as from a page, with each
generator that comes with the product; a picture is also drawn by a command of its own
(`python -m gan sample`), as pages did before there was a studio. z differs every time, so nothing
is remembered; of questions that are remembered the first and a later one are timed.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from gan.errors import GanError
from gan.latent.paths import make_path
from gan.runs.drawing import draw_pictures
from gan.runs.folder import Home, RunFolder
from gan.runs.inverter import Inverter
from gan.runs.sheets import encode_png
from gan.runs.shipped import PREFIX, install
from gan.runs.studio import Source, Studio

_N_MORPH = 120
_POLL_S = 0.2  # as the page looks


def main() -> None:
    """Measure all generators and print a table each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=200)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory(prefix="gan-latency-") as root:
        home = Home(Path(root)).ensure()
        for problem in install(home):
            print(problem)
        studio = Studio(home)
        began = time.perf_counter()
        for run in sorted(home.runs_dir.glob(f"{PREFIX}*")):
            source = Source(run.name)
            studio.describe(source)
            if began:
                print(f"start of the studio: {1e3 * (time.perf_counter() - began):.0f} ms\n")
                began = 0.0
            _measure(home, studio, Inverter(home), source, repeats)
        studio.close()


def _measure(home: Home, studio: Studio, inverter: Inverter, source: Source, repeats: int) -> None:
    facts = studio.describe(source)
    print(f"{source.run_id}: {facts.size_px}×{facts.size_px}, z of {facts.latent_dim}")
    rng = np.random.default_rng(0)
    some = rng.standard_normal((repeats, facts.latent_dim)).astype(np.float32)
    labels = np.zeros(1, np.int64)

    one = [_timed(lambda z=z: studio.draw(source, z[None], labels)) for z in some]
    _print("one picture", one)
    _print("one picture and D's score", [
        _timed(lambda z=z: studio.draw(source, z[None], labels, scores=True)) for z in some[:50]
    ])  # fmt: skip
    folder = RunFolder(home.runs_dir / source.run_id)
    command = [_timed(lambda: draw_pictures(home, folder, n=1, seed=0)) for _ in range(3)]
    ratio = statistics.median(command) / statistics.median(one)
    _print(f"one picture by a command of its own ({ratio:.0f} times as long)", command)
    path = make_path(some[:4], _N_MORPH, loop=True)
    fixed = np.zeros(_N_MORPH, np.int64)
    _print(f"morph of {_N_MORPH} frames with scores", [
        _timed(lambda: studio.draw(source, path.z, fixed, scores=True)) for _ in range(5)
    ])  # fmt: skip
    for method in facts.methods:
        _twice(f"directions, {method}", lambda m=method: studio.directions(source, m, 10))
    picture = studio.draw(source, some[:1], labels).images
    _twice("nearest training pictures", lambda: studio.nearest(source, picture, 6))
    _twice("map", lambda: studio.plane(source))
    _twice("current point on the map", lambda: studio.place(source, picture))
    _search(inverter, source, encode_png(picture[0]))
    print()


def _search(inverter: Inverter, source: Source, png: bytes) -> None:
    began = time.perf_counter()
    key = inverter.start(source, png)
    while True:
        progress, found = inverter.look(key)
        if progress is not None and progress.is_over:
            break
        time.sleep(_POLL_S)
    near = "nothing" if found is None else f"{found.distance:.2f} of 255 grey levels away"
    elapsed_s = time.perf_counter() - began
    print(f"  z of a drawn picture, from pressing the button: {elapsed_s:.1f} s, {near}")


def _timed(question: Callable[[], object]) -> float:
    """Return seconds."""
    began = time.perf_counter()
    question()
    return time.perf_counter() - began


def _twice(what: str, question: Callable[[], object]) -> None:
    try:
        first, again = _timed(question), statistics.median(_timed(question) for _ in range(5))
    except GanError as error:
        print(f"  {what}: {error}")
        return
    print(f"  {what}: {1e3 * first:.0f} ms, later {1e3 * again:.1f} ms")


def _print(what: str, times: list[float]) -> None:
    low, high = np.quantile(times, [0.5, 0.95])
    print(f"  {what}: median {1e3 * low:.1f} ms, 95 % below {1e3 * high:.1f} ms")


if __name__ == "__main__":
    main()
