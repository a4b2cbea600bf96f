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

from gan.data.progress import Note, Report
from gan.features.extractor import Extractor, load_extractor
from gan.metrics.diversity import duplicate_threshold, measure_diversity, repeated_share
from gan.metrics.frechet import frechet_distance
from gan.metrics.intervals import Interval
from gan.metrics.kernel import kernel_distance
from gan.metrics.manifold import count_balls
from gan.metrics.modes import ModeCounts, count_modes, number_classes
from gan.metrics.neighbours import nearest_neighbours

K = 5
"""Which neighbour the balls of precision, recall, density and coverage reach to."""


@dataclass(frozen=True)
class Figure:
    """One measure: `name` is a key of `gan.metrics.catalog.MEASURES`.

    `real` is what as many real images get among themselves, where that is the level to reach.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    real: float | None = None


@dataclass(frozen=True, eq=False)
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
        real_features, fake_features: `[N, F]` float32, what was compared.
        real_logits, fake_logits: `[N, C]` float32, the classifier's; `[N, C, parts]` where it
            classifies parts of a picture; None without one.
    """

    features: str
    figures: tuple[Figure, ...]
    hits: npt.NDArray[np.int64]
    modes: ModeCounts | None
    n_real: int
    n_fake: int
    elapsed_s: float
    real_features: npt.NDArray[np.float32]
    fake_features: npt.NDArray[np.float32]
    real_logits: npt.NDArray[np.float32] | None = None
    fake_logits: npt.NDArray[np.float32] | None = None

    @property
    def fake_classes(self) -> npt.NDArray[np.int64] | None:
        """The samples' classes as the classifier sees them, `[N]`."""
        return None if self.fake_logits is None else _classes(self.fake_logits)

    @property
    def real_classes(self) -> npt.NDArray[np.int64] | None:
        """The real images' classes as the classifier sees them, `[N]`."""
        return None if self.real_logits is None else _classes(self.real_logits)

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
        report: is told what goes on, as notes that know their share.

    Raises:
        GanError: a network's weights are missing, or there are too few images.
    """
    tell = report or (lambda _note: None)
    began = time.perf_counter()
    extractor = load_extractor(features, device)
    counter = None
    if classifier is not None:
        counter = extractor if classifier == features else load_extractor(classifier, device)
    n_all = len(real) + len(fake)
    real_features, real_logits = _look(extractor, counter, real, lambda n: tell(_looking(n, n_all)))
    fake_features, fake_logits = _look(
        extractor, counter, fake, lambda n: tell(_looking(len(real) + n, n_all))
    )
    tell(Note("Comparing them.", 0.6))
    figures, hits = _compare(real_features, fake_features)
    repeated, repeated_interval = repeated_share(fake.numpy(force=True))
    real_repeated, _ = repeated_share(real.numpy(force=True))
    figures.append(_with("exact_duplicates", repeated, repeated_interval, real=real_repeated))
    modes = None
    if real_logits is not None and fake_logits is not None:
        modes = count_modes(real_logits.argmax(1), fake_logits.argmax(1), real_logits.shape[1])
        figures += [
            Figure("modes_covered", float(modes.n_covered), real=float(modes.n_modes)),
            Figure("modes_missing", float(modes.n_missing)),
            Figure("modes_kl", modes.kl, real=0.0),
        ]
    return Evaluation(
        features=features,
        figures=tuple(figures),
        hits=hits,
        modes=modes,
        n_real=len(real),
        n_fake=len(fake),
        elapsed_s=time.perf_counter() - began,
        real_features=real_features,
        fake_features=fake_features,
        real_logits=real_logits,
        fake_logits=fake_logits,
    )


def some_real(images: Tensor, n: int, seed: int = 0) -> Tensor:
    """Return n images of a set at random, all of it if it has no more; the same for a seed."""
    if len(images) <= n:
        return images
    return images[torch.from_numpy(chosen_rows(len(images), n, seed))]


def chosen_rows(n_images: int, n: int, seed: int = 0) -> npt.NDArray[np.int64]:
    """Return which rows `some_real` takes, ascending; a larger n takes those of a smaller too."""
    if n_images <= n:
        return np.arange(n_images)
    rng = torch.Generator().manual_seed(seed)
    rows: npt.NDArray[np.int64] = torch.randperm(n_images, generator=rng)[:n].sort().values.numpy()
    return rows


def _classes(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Return one number a sample, also where each has classes of several parts."""
    return number_classes(logits.argmax(1), logits.shape[1], "given")[0]


def _looking(n: int, n_all: int) -> Note:
    return Note(f"Looking at the pictures: {n:,} of {n_all:,}.", 0.6 * n / max(1, n_all))


def _look(
    extractor: Extractor, counter: Extractor | None, images: Tensor, report: Callable[[int], None]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32] | None]:
    """Return features and, where a network counts classes, its logits; in one pass if it is one."""
    found = extractor.extract(images, report=lambda n, _total: report(n))
    logits = None
    if counter is not None:
        logits = found.logits if counter is extractor else counter.logits(images)
    return found.features.numpy(), None if logits is None else logits.numpy()


def _compare(
    real: npt.NDArray[np.float32], fake: npt.NDArray[np.float32]
) -> tuple[list[Figure], npt.NDArray[np.int64]]:
    distance = frechet_distance(real, fake)
    kernel = kernel_distance(real, fake)
    near_real, near_fake = nearest_neighbours(real, K), nearest_neighbours(fake, K)
    counts = count_balls(real, fake, k=K, real_neighbours=near_real, fake_neighbours=near_fake)
    balls = counts.measures()
    threshold = duplicate_threshold(near_real)
    variety = measure_diversity(fake, threshold=threshold, neighbours=near_fake)
    level = measure_diversity(real, threshold=threshold, neighbours=near_real)
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
        _with(
            "mean_distance",
            variety.mean_distance,
            variety.mean_distance_interval,
            real=level.mean_distance,
        ),
        _with(
            "near_duplicates", variety.near_share or 0.0, variety.near_interval,
            real=level.near_share,
        ),
        Figure("effective_n", variety.effective_n, real=level.effective_n),
    ]  # fmt: skip
    return figures, counts.fake_hits


def _with(
    name: str, value: float, interval: Interval | None, *, real: float | None = None
) -> Figure:
    if interval is None:
        return Figure(name, value, real=real)
    return Figure(name, value, interval.low, interval.high, real)
