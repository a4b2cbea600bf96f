"""Quality while a run trains: a few thousand samples against the real images, now and then.

Motion layer. It changes nothing in the training: z comes from a stream of its own, always the
same, so that the curve shows the generator's progress and not the luck of the draw. What is known
of the real images is computed once, or remembered from an earlier run by whoever gives `remember`.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from gan.config import RunConfig
from gan.data.dataset import ImageData, to_uint8
from gan.errors import ConfigError
from gan.features.catalog import default_features, get_feature_info
from gan.features.extractor import Extracted, Extractor, load_extractor
from gan.features.weights import has_weights
from gan.metrics.checks import MetricError
from gan.metrics.frechet import frechet_distance
from gan.metrics.manifold import manifold_measures
from gan.metrics.modes import number_classes
from gan.metrics.moments import Moments, measure_moments
from gan.metrics.neighbours import exact_distances, nearest_distances, nearest_neighbours
from gan.training.evaluation import some_real
from gan.training.records import Evaluated, MetricRows
from gan.training.streams import make_stream

log = logging.getLogger(__name__)

Arrays = dict[str, npt.NDArray[np.generic]]
Remember = Callable[[str, Callable[[], Arrays]], Arrays]
"""Returns what is known under a key, or what the function makes."""

_N_REAL = 10_000
_BATCH = 256
_N_PAIRS = 5_000
_SAMPLES_A_CLASS = 10


def make_anew(_key: str, make: Callable[[], Arrays]) -> Arrays:
    """Remember nothing."""
    return make()


class QualityMeter:
    """Measures one run's generator.

    Attributes:
        features: in which network's features; a key of `gan.features.catalog.FEATURES`.
        tell: is told when a measurement begins, and '' when it ends.
    """

    def __init__(
        self,
        config: RunConfig,
        data: ImageData,
        device: torch.device,
        n_classes: int,
        *,
        remember: Remember = make_anew,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Prepare; no network is loaded before the first measurement."""
        self._config = config
        self._data = data
        self._device = device
        self._n_classes = n_classes
        self._remember = remember
        self._clock = clock
        self._began = clock()
        self._spent_s = 0.0
        name = config.quality.features
        self.features = (
            default_features(data.name, data.channels, data.size_px) if name == "auto" else name
        )
        if not has_weights(self.features):
            raise ConfigError(
                f"quality.features is {self.features}, whose weights are not on this machine: "
                "choose auto or other features."
            )
        self.tell: Callable[[str], None] = lambda _text: None
        self._extractor: Extractor | None = None
        self._real: _Real | None = None

    def is_due(self, step: int, *, is_last: bool = False) -> bool:
        """Tell whether to measure after a step, if measuring has not taken too long so far.

        A run that is longer than one interval is measured at its last step too; one that keeps its
        best state, or whose measurements may take all the time, is so in any case.
        """
        every, share = self._config.quality.every, self._config.quality.max_share
        if every == 0 or step == 0:
            return False
        if is_last and (share == 1.0 or self._config.stop.keep == "best"):
            return True
        if step % every and not (is_last and step > every):
            return False
        return self._spent_s <= share * (self._clock() - self._began)

    def measure(self, generator: nn.Module) -> dict[str, float]:
        """Return `quality/…` of a generator, which is left in the mode in which it was.

        Raises:
            GanError: the features' weights are missing or damaged.
        """
        began = self._clock()
        if self._extractor is None:
            self._extractor = load_extractor(self.features, self._device)
        real = self._about_real(self._extractor)
        found = self._extractor.extract(self._draw(generator))
        fake = found.features.numpy()
        distance = frechet_distance(real.moments, measure_moments(fake, "generated"), n_groups=0)
        balls = manifold_measures(real.some, fake)
        values = {
            "quality/distance": distance.value,
            "quality/precision": balls.precision,
            "quality/recall": balls.recall,
        }
        if real.near > 0.0:
            near = np.median(nearest_distances(fake, real.some))
            values["quality/novelty"] = float(near) / real.near
        if real.spread > 0.0:
            values["quality/diversity"] = _mean_distance(fake) / real.spread
        if found.logits is not None and self._counts_classes(len(real.classes)):
            made = _class_counts(found.logits)
            values["quality/classes_missing"] = float(((real.classes > 0) & (made == 0)).sum())
        # What is computed once is no cost of going on measuring.
        self._spent_s += self._clock() - began
        return values

    def evaluate(
        self, generator: nn.Module, *, step: int, tick: int, host: dict[str, float]
    ) -> Evaluated | None:
        """Return the measures as a record, `host` values beside them.

        None if the pictures cannot be measured, which is no reason to stop training.
        """
        self.tell("Measuring quality")
        try:
            values = self.measure(generator)
        except MetricError as error:
            log.warning("Quality was not measured after step %d: %s", step, error)
            return None
        finally:
            self.tell("")
        row = values | host
        rows = MetricRows(
            tuple(row),
            np.asarray([step], dtype=np.int64),
            np.asarray([list(row.values())], dtype=np.float32),
        )
        return Evaluated(step, tick, rows, self.features, values["quality/distance"])

    def _counts_classes(self, n_classes: int) -> bool:
        """Tell whether classes that no sample shows mean anything.

        Of very many classes even a perfect generator leaves some out of so few samples.
        """
        is_known = self._data.name in get_feature_info(self.features).labels_of
        return is_known and self._config.quality.n_samples >= _SAMPLES_A_CLASS * n_classes

    def _about_real(self, extractor: Extractor) -> "_Real":
        """Return what the samples are compared with."""
        if self._real is None:
            began = self._clock()
            n = self._config.quality.n_samples
            n_real = max(_N_REAL, n)
            key = f"{self.features}-{self._data.fingerprint[:16]}-{n_real}-{n}-3"

            def make() -> Arrays:
                found = extractor.extract(some_real(self._data.images, n_real))
                return _known(found, n)

            self._real = _Real.from_arrays(self._remember(key, make))
            self._began += self._clock() - began
            self._spent_s -= self._clock() - began
        return self._real

    @torch.no_grad()
    def _draw(self, generator: nn.Module) -> Tensor:
        """Return `[n, C, H, W]` uint8, always from the same z."""
        n, latent_dim = self._config.quality.n_samples, self._config.model.latent_dim
        stream = make_stream(self._config.train.seed, "quality_z", torch.device("cpu"))
        z = torch.randn(n, latent_dim, generator=stream).to(self._device)
        labels = None
        if self._n_classes:
            labels = torch.arange(n, device=self._device) % self._n_classes
        was_training = generator.training
        generator.eval()
        images = []
        for i in range(0, n, _BATCH):
            part = None if labels is None else labels[i : i + _BATCH]
            images.append(to_uint8(generator(z[i : i + _BATCH], part)))
        generator.train(was_training)
        return torch.cat(images)


@dataclass(frozen=True, eq=False)
class _Real:
    """What samples are compared with.

    Attributes:
        moments: of many real images.
        some: features of as many as there are samples, `[n, F]`; all of a small set.
        spread: mean distance between two of them.
        near: the median distance of one of them to the nearest other. It stands for held-out
            images, of which there need not be any: to its fellows a training image is one.
        classes: how many real images of each class there are; empty without a classifier.
    """

    moments: Moments
    some: npt.NDArray[np.float32]
    spread: float
    near: float
    classes: npt.NDArray[np.int64]

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "_Real":
        return cls(
            Moments.from_arrays(arrays),
            np.asarray(arrays["some"], dtype=np.float32),
            float(arrays["spread"]),
            float(arrays["near"]),
            np.asarray(arrays["classes"], dtype=np.int64),
        )


def _known(found: Extracted, n: int) -> Arrays:
    """Return as arrays what is to be remembered of real images."""
    features = found.features.numpy()
    some = features[:: max(1, len(features) // n)][:n]
    classes = np.empty(0, dtype=np.int64)
    if found.logits is not None:
        classes = _class_counts(found.logits)
    return {
        **measure_moments(features).to_arrays(),
        "some": some,
        "spread": np.asarray(_mean_distance(some)),
        "near": np.asarray(np.median(nearest_neighbours(some, 1))),
        "classes": classes,
    }


def _class_counts(logits: Tensor) -> npt.NDArray[np.int64]:
    """Return how often each class is the likeliest, by logits `[N, classes(, parts)]`."""
    n_classes = logits.shape[1]
    numbers, n_parts = number_classes(logits.argmax(1).numpy(), n_classes, "classified")
    return np.bincount(numbers, minlength=n_classes**n_parts)


def _mean_distance(features: npt.NDArray[np.float32]) -> float:
    """Return the mean distance between two different rows, over random pairs."""
    rng = np.random.default_rng(0)
    n = len(features)
    first = rng.integers(0, n, _N_PAIRS)
    second = (first + rng.integers(1, n, _N_PAIRS)) % n
    return float(exact_distances(features[first], features[second]).mean())
