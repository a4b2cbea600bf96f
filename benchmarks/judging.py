"""One way to say how good a generator is, for all benchmarks that compare recipes."""

import torch

from gan.data.dataset import ImageData, to_uint8
from gan.features.extractor import load_extractor
from gan.metrics.frechet import frechet_distance
from gan.metrics.manifold import manifold_measures
from gan.metrics.moments import measure_moments
from gan.training.evaluation import some_real
from gan.training.saved import SavedGenerator

_BALLS = 5000  # pictures of each kind that precision and recall are counted with


class Judge:
    """Measures generators by the Fréchet distance in the features of one network."""

    def __init__(self, data: ImageData, features: str, *, n_real: int, n_fake: int) -> None:
        """Look at the real pictures once."""
        self._extractor = load_extractor(features, "cpu")
        self._real = self._extractor.features(some_real(data.images, n_real)).numpy()
        self._moments = measure_moments(self._real)
        self._n_fake = n_fake

    def measure(self, generator: SavedGenerator) -> dict[str, float]:
        """Return distance, precision and recall of samples, always of the same z."""
        fake = self._extractor.features(to_uint8(generator.draw(self._n_fake, seed=1))).numpy()
        balls = manifold_measures(self._real[:_BALLS], fake[:_BALLS])
        distance = frechet_distance(self._moments, measure_moments(fake), n_groups=0).value
        return {
            "distance": round(distance, 2),
            "precision": round(balls.precision, 3),
            "recall": round(balls.recall, 3),
        }

    @torch.no_grad()
    def agreement(self, generator: SavedGenerator) -> float:
        """Return the share of samples in which this network sees the class that was asked for."""
        seen = self._extractor.classes(to_uint8(generator.draw(self._n_fake, seed=1)))
        asked = torch.arange(len(seen)) % len(generator.classes)
        return round(float((seen == asked).float().mean()), 4)
