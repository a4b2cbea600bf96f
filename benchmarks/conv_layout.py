"""Steps of the convolutional recipes with pictures channels first and channels last in memory.

    python -m benchmarks.conv_layout

Runs both sides in turn and prints the median of the ratios.
"""

import argparse
import statistics
import time
from unittest.mock import patch

import torch

import gan
from gan.data.dataset import ImageData
from gan.data.sources import Located
from gan.training import players

RECIPES = {"dcgan-32": (3, 32, 4), "upsample-mnist": (1, 28, 3), "dcgan-faces-64": (3, 64, 1)}


def main() -> None:
    """Print milliseconds a step of both layouts, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    for name, (channels, size_px, n_steps) in RECIPES.items():
        first = _trainer(name, channels, size_px, torch.contiguous_format)
        last = _trainer(name, channels, size_px, torch.channels_last)
        times: list[list[float]] = [[], []]
        for _ in range(args.rounds):
            for side, trainer in enumerate((first, last)):
                began = time.perf_counter()
                for _ in range(n_steps):
                    trainer._update("both")
                times[side].append((time.perf_counter() - began) / n_steps)
        ratios = sorted(a / b for a, b in zip(*times, strict=True))
        medians = [1000 * statistics.median(side) for side in times]
        print(
            f"{name}: channels first {medians[0]:.0f} ms, last {medians[1]:.0f} ms a step; ratio "
            f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        )


def _trainer(name: str, channels: int, size_px: int, layout: torch.memory_format) -> gan.Trainer:
    """Return a trainer of a recipe on noise, warmed up by one step."""
    config = gan.get_recipe(name).build().with_changes({"train.device": "cpu"})
    rng = torch.Generator().manual_seed(0)
    shape = (2000, channels, size_px, size_px)
    images = torch.randint(0, 256, shape, dtype=torch.uint8, generator=rng)
    located = Located("drawn", None, "Noise.")
    data = ImageData(images, None, (), "noise", located, fingerprint="noise")
    with patch.object(players, "best_layout", lambda *_: layout):
        trainer = gan.Trainer(config, data)
    trainer._update("both")
    return trainer


if __name__ == "__main__":
    main()
