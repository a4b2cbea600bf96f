"""How good a generator is: all measures of its samples against real images, in named features.

Motion layer: `gan.features` looks at the pictures, `gan.metrics` compares; here they are brought
together for one generator and one data set. Figures in different features must not be compared,
so an evaluation names its features.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gan.features.extractor import Extractor, load_extractor
from gan.metrics.diversity import duplicate_threshold, measure_diversity
from gan.metrics.frechet import frechet_distance
from gan.metrics.intervals import Interval
from gan.metrics.kernel import kernel_distance
from gan.metrics.manifold import count_balls
from gan.metrics.modes import ModeCounts, count_modes
from gan.metrics.neighbours import nearest_neighbours

_K = 5

Report = Callable[[str], None]


@dataclass(frozen=True)
class Figure:
    """One measure: `name` is a key of `gan.metrics.catalog.MEASURES`."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Evaluation:
    """What was measured, in which features, on how many images.

    Attributes:
        features: a key of `gan.features.catalog.FEATURES`.
        figures: the measures, with 95 % intervals where there are any.
        hits: `[n_fake]` int64: real neighbourhoods around each sample; 0 for one that lies off the
            data, so it sorts samples from worst to best.
        modes: classes of real and generated images; None where no classifier knows them.
        n_real, n_fake: how many of each.
        elapsed_s: how long it took, drawing left out.
    """

    features: str
    figures: tuple[Figure, ...]
    hits: npt.NDArray[np.int64]
    modes: ModeCounts | None
    n_real: int
    n_fake: int
    elapsed_s: float

    def value(self, name: str) -> float:
        """Return one measure's value. Raises KeyError."""
        return {figure.name: figure.value for figure in self.figures}[name]


def evaluate(
    real: Tensor,
    fake: Tensor,
    *,
    features: str,
    classifier: str | None = None,
    device: torch.device | str = "cpu",
    report: Report | None = None,
) -> Evaluation:
    """Measure samples against real images.

    Args:
        real, fake: `[N, C, H, W]` uint8, from the same data set's point of view.
        features: which network's features to measure in.
        classifier: which network's classes to count modes by; None counts none.
        device: where the networks compute.
        report: is told what goes on.

    Raises:
        GanError: a network's weights are missing, or there are too few images.
    """
    tell = report or (lambda _text: None)
    began = time.perf_counter()
    extractor = load_extractor(features, device)
    tell(f"Looking at {len(real):,} real and {len(fake):,} generated images.")
    real_features, fake_features = (extractor.features(x).numpy() for x in (real, fake))
    tell("Comparing them.")
    figures, hits = _compare(real_features, fake_features)
    modes = None
    if classifier is not None:
        counter = extractor if classifier == features else load_extractor(classifier, device)
        modes = _count(counter, real, fake)
        figures += [
            Figure("modes_covered", float(modes.n_covered)),
            Figure("modes_missing", float(modes.n_missing)),
            Figure("modes_kl", modes.kl),
        ]
    return Evaluation(
        features=features,
        figures=tuple(figures),
        hits=hits,
        modes=modes,
        n_real=len(real),
        n_fake=len(fake),
        elapsed_s=time.perf_counter() - began,
    )


def some_real(images: Tensor, n: int, seed: int = 0) -> Tensor:
    """Return n images of a set at random, all of it if it has no more; the same for a seed."""
    if len(images) <= n:
        return images
    rng = torch.Generator().manual_seed(seed)
    return images[torch.randperm(len(images), generator=rng)[:n].sort().values]


def _compare(
    real: npt.NDArray[np.float32], fake: npt.NDArray[np.float32]
) -> tuple[list[Figure], npt.NDArray[np.int64]]:
    distance = frechet_distance(real, fake)
    kernel = kernel_distance(real, fake)
    near_real, near_fake = nearest_neighbours(real, _K), nearest_neighbours(fake, _K)
    counts = count_balls(real, fake, k=_K, real_neighbours=near_real, fake_neighbours=near_fake)
    balls = counts.measures()
    threshold = duplicate_threshold(near_real)
    variety = measure_diversity(fake, threshold=threshold, neighbours=near_fake)
    figures = [
        Figure("frechet", distance.value),
        *(
            [_with("frechet_corrected", distance.corrected, distance.interval)]
            if distance.corrected is not None
            else []
        ),
        _with("kernel", kernel.value, kernel.interval),
        _with("precision", balls.precision, balls.precision_interval),
        _with("recall", balls.recall, balls.recall_interval),
        _with("density", balls.density, balls.density_interval),
        _with("coverage", balls.coverage, balls.coverage_interval),
        _with("mean_distance", variety.mean_distance, variety.mean_distance_interval),
        _with("near_duplicates", variety.near_share or 0.0, variety.near_interval),
        Figure("effective_n", variety.effective_n),
    ]
    return figures, counts.fake_hits


def _with(name: str, value: float, interval: Interval | None) -> Figure:
    if interval is None:
        return Figure(name, value)
    return Figure(name, value, interval.low, interval.high)


def _count(extractor: Extractor, real: Tensor, fake: Tensor) -> ModeCounts:
    classes = [extractor.classes(x).numpy() for x in (real, fake)]
    return count_modes(classes[0], classes[1], extractor.info.n_classes)
