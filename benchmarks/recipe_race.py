"""Our 28×28 recipe after seconds against `vanilla-fashion` after minutes and after all its epochs.

    python -m benchmarks.recipe_race [--seeds 0 1 2] [--threads 2] [--out FOLDER]

Sides, each with the averaged generator (EMA), the same data and the same threads:

- `modern-fashion` after 10 and after 30 seconds of training, reports and sample grids on;
- `vanilla-fashion` after 120 seconds of training;
- `vanilla-fashion` after its 200 epochs, whatever time that takes.

The judge is the Fréchet distance of 10,000 samples from 10,000 real pictures in the features of
`fashion-b`, a classifier that chose nothing: recipes are tuned by `fashion-a`
(`benchmarks/ablation.py`). Seeds go round in the outer loop and the timed sides stand side by side,
so that a drifting machine hits both. Every finished side is a line of `FOLDER/race.jsonl` and is
not trained again; the long runs are ordinary runs in `FOLDER/runs`, go on where they were
interrupted, and take about twenty minutes a seed. One wall a side is kept as PNG.

Needs real Fashion-MNIST (`apt-get install dataset-fashion-mnist`) and a quiet machine.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

from benchmarks.ablation import read_results
from benchmarks.judging import Judge
from gan.config import RunConfig
from gan.data.dataset import ImageData, load_data, to_hwc, to_uint8
from gan.recipes import get_recipe
from gan.runs.folder import Home, RunFolder, list_runs
from gan.runs.recorder import newest_checkpoint
from gan.runs.sheets import save_sheet
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.training.saved import SavedGenerator, load_generator
from gan.training.trainer import Trainer

JUDGE = "fashion-b"
N_IMAGES = 10_000
OURS, PUBLISHED = "modern-fashion", "vanilla-fashion"
SIDES = {
    f"{OURS}, 10 s": (OURS, 10.0),
    f"{OURS}, 30 s": (OURS, 30.0),
    f"{PUBLISHED}, 120 s": (PUBLISHED, 120.0),
}
LONG = f"{PUBLISHED}, 200 epochs"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("workspace/benchmarks/race"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    results = args.out / "race.jsonl"
    known = {(r["side"], r["seed"]) for r in read_results(results)}
    config = get_recipe(PUBLISHED).build().with_changes({"data.source": "files"})
    data = load_data(config.data, download_folder=Path("data"))
    judge = Judge(data, JUDGE, n_real=N_IMAGES, n_fake=N_IMAGES)

    def note(side: str, seed: int, generator: SavedGenerator, facts: dict[str, Any]) -> None:
        if seed == args.seeds[0]:
            pictures = to_hwc(to_uint8(generator.draw(32, seed=2)))
            save_sheet(args.out / f"{side.replace(', ', '-').replace(' ', '')}.png", pictures)
        result = {"side": side, "seed": seed, **facts, **judge.measure(generator)}
        with results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")
        print(json.dumps(result), flush=True)

    torch.set_num_threads(args.threads)
    for seed in args.seeds:
        for side, (recipe, seconds) in SIDES.items():
            if (side, seed) not in known:
                note(side, seed, *train_for(recipe, seconds, seed, args.threads, data))
    for seed in args.seeds:
        if (LONG, seed) not in known:
            note(LONG, seed, *train_all_epochs(args.out, seed, args.threads))
    print_medians(read_results(results))


def train_for(
    recipe: str, seconds: float, seed: int, n_threads: int, data: ImageData
) -> tuple[SavedGenerator, dict[str, Any]]:
    """Train a recipe for so many seconds of wall time, as `gan.train` does."""
    config: RunConfig = (
        get_recipe(recipe)
        .build()
        .with_changes(
            {
                "data.source": "files",
                "train.seed": seed,
                "train.n_threads": n_threads,
                "train.device": "cpu",
                "quality.every": 0,  # measured afterwards, by the judge
            }
        )
    )
    trainer = Trainer(config, data)
    for _record in trainer.run():
        if trainer.elapsed_s >= seconds:
            break
    facts = {"step": trainer.step, "seconds": round(trainer.elapsed_s, 1)}
    return load_generator(trainer.state_dict()), facts


def train_all_epochs(out: Path, seed: int, n_threads: int) -> tuple[SavedGenerator, dict[str, Any]]:
    """Return the generator of the long run with this seed, training it (on) if need be."""
    home, name = Home(out.resolve()), f"vanilla-200-seed-{seed}"
    words = [sys.executable, "-m", "gan", "--home", str(home.root)]
    run = _find(home, name)
    if run is None:
        words += ["train", PUBLISHED, "--name", name, "--seed", str(seed), "--source", "files"]
        subprocess.run([*words, "--n-threads", str(n_threads), "--device", "cpu"], check=True)
    elif _state(run) is not RunState.COMPLETED:
        subprocess.run([*words, "resume", run.id], check=True)
    run = _find(home, name)
    assert run is not None
    with RunStore.open(run.db_path) as store:
        state, _problems = newest_checkpoint(run, store)
    assert state is not None
    generator = load_generator(state)
    return generator, {"step": generator.step, "seconds": round(state["elapsed_s"], 1)}


def _find(home: Home, name: str) -> RunFolder | None:
    for run in list_runs(home):
        with RunStore.open(run.db_path) as store:
            if store.get_meta().get("name") == name:
                return run
    return None


def _state(run: RunFolder) -> RunState:
    with RunStore.open(run.db_path) as store:
        return store.get_status().state


def print_medians(results: list[dict[str, Any]]) -> None:
    """Print medians over seeds as Markdown."""
    print("\n| side | distance | over seeds | precision | recall | steps | seconds |")
    print("|---|---|---|---|---|---|---|")
    for side in (*SIDES, LONG):
        rows = [r for r in results if r["side"] == side]
        if not rows:
            continue
        middle = {
            key: statistics.median(r[key] for r in rows)
            for key in ("distance", "precision", "recall", "step", "seconds")
        }
        each = ", ".join(f"{r['distance']:.1f}" for r in rows)
        print(
            f"| {side} | **{middle['distance']:.1f}** | {each} | {middle['precision']:.2f} | "
            f"{middle['recall']:.2f} | {middle['step']:,.0f} | {middle['seconds']:,.0f} |"
        )


if __name__ == "__main__":
    main()
