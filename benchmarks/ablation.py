"""Which settings draw best after equal computing time: the choice behind our own recipes.

    python -m benchmarks.ablation 28 [--seconds 20] [--seeds 0 1 2] [--out FOLDER]
    python -m benchmarks.ablation 28 --table

Every candidate trains on one thread for the same number of *processor* seconds, which neighbours on
the machine do not shorten, and its averaged generator is then measured: Fréchet distance, precision
and recall in the features by which recipes are chosen (`fashion-a`, `faces`), never in those that
judge in the end (`fashion-b`). Seeds go round in the outer loop. Each result is a line of
`FOLDER/ablation-NAME.jsonl`; what stands there already is not trained again. `--table` prints
what is there as Markdown, medians over seeds.

The families: `28` (Fashion-MNIST), `classes` (the same, class-conditional), `32` and `64` (drawn
faces in colour). Needs real Fashion-MNIST (`apt-get install dataset-fashion-mnist`).
"""

import argparse
import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks.judging import Judge
from gan.config import RunConfig
from gan.data.dataset import ImageData, load_data
from gan.recipes import get_recipe
from gan.training.saved import load_generator
from gan.training.trainer import Trainer

Changes = dict[str, Any]

_NO_PENALTY: Changes = {"loss.r1_gamma": 0.0, "loss.r2_gamma": 0.0, "loss.penalty_every": 1}
_HINGE: Changes = {
    **_NO_PENALTY, "loss.name": "hinge", "model.spectral_norm": True,
    "g_opt.beta2": 0.9, "d_opt.beta2": 0.9,
}  # fmt: skip
_WASSERSTEIN: Changes = {
    **_NO_PENALTY, "loss.name": "wasserstein", "loss.gp_weight": 10.0, "loss.penalty_every": 4,
}  # fmt: skip
_NON_SATURATING: Changes = {"loss.name": "bce", "loss.r2_gamma": 0.0}
_RELATIVISTIC: Changes = {
    "loss.name": "relativistic", "loss.r1_gamma": 1.0, "loss.r2_gamma": 1.0,
    "loss.penalty_every": 4,
}  # fmt: skip


@dataclass(frozen=True)
class Family:
    """Candidates that are compared: each a recipe with changes, all on the same data."""

    data: Changes
    features: str
    seconds: float
    candidates: dict[str, tuple[str, Changes]]


_FASHION: Changes = {"data.dataset": "fashion-mnist", "data.source": "files"}
_FACES: Changes = {
    "data.dataset": "drawn-faces", "data.source": "drawn", "data.n_images": None,
}  # fmt: skip

FAMILIES: dict[str, Family] = {
    "28": Family(
        data=_FASHION,
        features="fashion-a",
        seconds=15.0,
        candidates={
            "vanilla-fashion": ("vanilla-fashion", {}),
            "modern-fashion": ("modern-fashion", {}),
            "penalty in each update": ("modern-fashion", {"loss.penalty_every": 1}),
            "without R1": ("modern-fashion", _NO_PENALTY),
            "equal rates": ("modern-fashion", {"d_opt.lr": 1e-3}),
            "batch 64": ("modern-fashion", {"train.batch_size": 64}),
            "D 512, 256": ("modern-fashion", {"model.d_widths": (512, 256)}),
            "relativistic, R1 + R2": ("modern-fashion", _RELATIVISTIC),
            "hinge, spectral norm": ("modern-fashion", _HINGE),
            "Wasserstein, gradient penalty": ("modern-fashion", _WASSERSTEIN),
        },
    ),
    "classes": Family(
        data=_FASHION,
        features="fashion-a",
        seconds=15.0,
        candidates={
            "vanilla-fashion, conditional": ("vanilla-fashion", {"model.conditional": True}),
            "modern-fashion-classes": ("modern-fashion-classes", {}),
            "relativistic, R1 + R2": ("modern-fashion-classes", _RELATIVISTIC),
            "hinge, spectral norm": ("modern-fashion-classes", _HINGE),
        },
    ),
    "32": Family(
        data=_FACES | {"data.size_px": 32},
        features="faces",
        seconds=20.0,
        candidates={
            "dcgan-32": ("dcgan-32", {}),
            "optimizers-faces-32": ("optimizers-faces-32", {}),
            "modern-faces-32": ("modern-faces-32", {}),
            "non-saturating, R1": ("modern-faces-32", _NON_SATURATING),
            "hinge, spectral norm": ("modern-faces-32", _HINGE),
            "Wasserstein, gradient penalty": ("modern-faces-32", _WASSERSTEIN),
        },
    ),
    "64": Family(
        data=_FACES | {"data.size_px": 64},
        features="faces",
        seconds=40.0,
        candidates={
            "dcgan-faces-64": ("dcgan-faces-64", {}),
            "modern-faces-64": ("modern-faces-64", {}),
            "widths of modern-faces-32": (
                "modern-faces-64",
                {"model.g_widths": (256, 256, 256), "model.d_widths": (256, 128)},
            ),
            "relativistic, R1 + R2": ("modern-faces-64", _RELATIVISTIC),
            "hinge, spectral norm": ("modern-faces-64", _HINGE),
        },
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("family", choices=list(FAMILIES))
    parser.add_argument("--seconds", type=float, help="of processor time for each candidate")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", nargs="+", help="these candidates only")
    parser.add_argument("--out", type=Path, default=Path("workspace/benchmarks"))
    parser.add_argument("--table", action="store_true", help="print what was measured before")
    args = parser.parse_args()
    family = FAMILIES[args.family]
    results = args.out / f"ablation-{args.family}.jsonl"
    if not args.table:
        args.out.mkdir(parents=True, exist_ok=True)
        run_family(family, args.seconds or family.seconds, args.seeds, args.only, results)
    print_table(read_results(results))


def run_family(
    family: Family, seconds: float, seeds: list[int], only: list[str] | None, results: Path
) -> None:
    """Train and measure what is not in the results yet."""
    torch.set_num_threads(1)
    known = {(r["candidate"], r["seed"], r["seconds"]) for r in read_results(results)}
    data: ImageData | None = None
    judge: Judge | None = None

    for seed in seeds:
        for name, (recipe, changes) in family.candidates.items():
            if (name, seed, seconds) in known or (only and name not in only):
                continue
            config = _configure(family, recipe, changes, seed)
            if data is None or judge is None:
                data = load_data(config.data, download_folder=Path("data"))
                judge = Judge(data, family.features, n_real=10_000, n_fake=5000)
            trainer = Trainer(config, data, clock=time.process_time)
            train_for(trainer, seconds)
            generator = load_generator(trainer.state_dict())
            result = {"candidate": name, "seed": seed, "seconds": seconds, "step": trainer.step}
            result |= {"diverged": trainer.diverged, **judge.measure(generator)}
            if config.model.conditional:
                result["agreement"] = judge.agreement(generator)
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(result) + "\n")
            print(json.dumps(result), flush=True)


def _configure(family: Family, recipe: str, changes: Changes, seed: int) -> RunConfig:
    """Return a candidate that neither ends nor measures by itself."""
    fixed: Changes = {
        **family.data,
        "train.seed": seed,
        "train.n_threads": 1,
        "train.n_steps": 10_000_000,
        "quality.every": 0,  # measured once, at the end
    }
    return get_recipe(recipe).build().with_changes({**changes, **fixed})


def train_for(trainer: Trainer, seconds: float) -> None:
    """Train for so many seconds of the trainer's clock."""
    trainer.restart_clock()
    while trainer.elapsed_s < seconds and not trainer.diverged:
        trainer.advance()
    trainer.report()


def read_results(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a results file; none if it is not there yet."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def print_table(results: list[dict[str, Any]]) -> None:
    """Print medians over seeds as Markdown, best first, with the range of the distance."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    for result in results:
        by_name.setdefault(result["candidate"], []).append(result)
    medians = {
        name: statistics.median(r["distance"] for r in rows) for name, rows in by_name.items()
    }
    print("\n| candidate | distance | range over seeds | precision | recall | steps | seeds |")
    print("|---|---|---|---|---|---|---|")
    for name in sorted(medians, key=lambda n: medians[n]):
        rows = by_name[name]
        distances = [r["distance"] for r in rows]
        cells = [
            name,
            f"{medians[name]:.1f}",
            f"{min(distances):.1f} to {max(distances):.1f}",
            *(f"{statistics.median(r[key] for r in rows):.2f}" for key in ("precision", "recall")),
            f"{statistics.median(r['step'] for r in rows):,.0f}",
            str(len(rows)),
        ]
        print("| " + " | ".join(cells) + " |")
    agreements = {
        name: [r["agreement"] for r in by_name[name] if "agreement" in r] for name in by_name
    }
    for name, values in agreements.items():
        if values:
            print(f"{name}: class asked for is seen in {statistics.median(values):.1%}")


if __name__ == "__main__":
    main()
