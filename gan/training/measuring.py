"""How fast a configuration trains on this device, by training for a moment.

Motion layer.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from gan.config import RunConfig
from gan.data.batches import batches_of
from gan.data.dataset import ImageData
from gan.data.facts import DataFacts
from gan.data.sources import Located
from gan.training.trainer import Trainer

WARM_UP_STEPS = 5
WARM_UP_S = 0.8
MEASURE_S = 1.5
MIN_STEPS = 2
_N_STAND_IN = 2048
_NEVER = 1_000_000  # steps between two grids


@dataclass(frozen=True)
class MeasuredSpeed:
    """A rate, and from how many steps it was taken."""

    steps_per_s: float
    n_measured: int


def measure_speed(
    config: RunConfig, data: ImageData, *, clock: Callable[[], float] = time.perf_counter
) -> MeasuredSpeed:
    """Train a fresh pair for a moment and return how fast it went; nothing is kept.

    The first steps, which also load kernels and fill caches, do not count.
    """
    trainer = Trainer(_without_pictures(config), data)
    began = clock()
    while trainer.step < WARM_UP_STEPS and (trainer.step == 0 or clock() - began < WARM_UP_S):
        trainer.advance()
    trainer.report()  # waits for the device
    before, began = trainer.step, clock()
    while trainer.step - before < MIN_STEPS or clock() - began < MEASURE_S:
        trainer.advance()
    trainer.report()
    n_measured = trainer.step - before
    return MeasuredSpeed(n_measured / (clock() - began), n_measured)


def steps_per_epoch(config: RunConfig, n_images: int) -> float:
    """Return how many steps see so many images once. Raises ConfigError as `count_batches` does."""
    return batches_of(config.train, n_images).n / config.train.d_steps


def stand_in(facts: DataFacts, batch_size: int) -> ImageData:
    """Return noise in the shape of a data set: a step takes as long, whatever it is shown."""
    n_images = max(_N_STAND_IN, 2 * batch_size)
    shape = (n_images, facts.channels, facts.size_px, facts.size_px)
    rng = torch.Generator().manual_seed(0)
    n_classes = len(facts.classes)
    return ImageData(
        images=torch.randint(256, shape, dtype=torch.uint8, generator=rng),
        labels=torch.randint(n_classes, (n_images,), generator=rng) if n_classes else None,
        classes=facts.classes,
        name=facts.name,
        located=Located("drawn", None, f"Noise in the shape of {facts.title}."),
        fingerprint="",
    )


def _without_pictures(config: RunConfig) -> RunConfig:
    return config.with_changes(
        {
            "train.n_steps": _NEVER,
            "output.n_samples": 1,
            "output.sample_every": _NEVER,
            "output.max_steps_per_s": None,
            "quality.every": 0,
            "stop.patience": 0,
            "stop.after_s": None,
            "stop.keep": "last",
        }
    )
