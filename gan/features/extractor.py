"""Loading a network by name and turning pictures into its features.

Maths layer. An extractor is constant: same picture, same features, whatever the other pictures of
its batch are (up to the last digits of a float), however often it is asked. It leaves torch's
random numbers, thread count and flags as they were.
"""

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch

from gan.errors import CheckpointError, ConfigError
from gan.features.catalog import FeatureInfo, get_feature_info
from gan.features.classifier import PLANS, Classifier, untrained
from gan.features.efficientnet import EfficientNetLite0
from gan.features.inception import InceptionV3
from gan.features.inputs import check_images, fit_images
from gan.features.weights import checked_weights, network_of

Report = Callable[[int, int], None]
"""Is told how many images are done, and of how many; may raise to give up."""

_DAMAGE = (OSError, RuntimeError, EOFError, ValueError, LookupError, TypeError, AttributeError)
_BATCH_PIXELS = {"cpu": 200_000}  # a batch whose maps stay in the processor's caches
_MOST_PIXELS = 8_000_000


class _Network(Protocol):
    def features(self, images: torch.Tensor) -> torch.Tensor: ...

    def logits(self, features: torch.Tensor) -> torch.Tensor: ...


@dataclass(frozen=True, eq=False)
class Extracted:
    """What a network says about N pictures, on the CPU.

    Attributes:
        features: `[N, n_features]` float32.
        logits: `[N, n_classes]` float32, `[N, n_classes, n_parts]` where it classifies parts; None
            if it is no classifier.
        factors: `[N, n_factors]` float32, estimates of the numbers behind drawn pictures, in the
            order of `gan.data.faces.FACTORS`; None if it estimates none.
    """

    features: torch.Tensor
    logits: torch.Tensor | None
    factors: torch.Tensor | None


class Extractor:
    """A network that is ready to look at pictures.

    Attributes:
        info: what is known about it.
        device: where it computes.
    """

    def __init__(self, info: FeatureInfo, network: _Network, device: torch.device) -> None:
        self.info = info
        self.device = device
        self._network = network

    def extract(
        self, images: torch.Tensor, batch_size: int | None = None, report: Report | None = None
    ) -> Extracted:
        """Return everything that the network says, in one pass.

        Args:
            images: `[N, C, H, W]` uint8, 1 or 3 channels, on any device; resized and coloured as
                the network needs, never altered.
            batch_size: images looked at together; a fitting number by default.
            report: is told after each batch how far it is.

        Raises:
            TypeError: images are not uint8.
            DataError: images have another shape.
            ConfigError: `batch_size` is below 1.
        """
        check_images(images)
        n_batch = self._batch_size(images) if batch_size is None else batch_size
        if n_batch < 1:
            raise ConfigError(f"A batch of {n_batch} images is none: give batch_size 1 or more.")
        n_images, info = len(images), self.info
        features = torch.empty(n_images, info.n_features)
        n_logits = info.n_parts * info.n_classes
        n_outputs = n_logits + info.n_factors
        outputs = torch.empty(n_images, n_outputs)
        with torch.no_grad(), _plain_arithmetic(self.device):
            for start in range(0, n_images, n_batch):
                rows = slice(start, start + n_batch)
                found = self._network.features(self._input(images[rows]))
                features[rows] = found.cpu()
                if n_outputs:
                    outputs[rows] = self._network.logits(found).cpu()
                if report is not None:
                    report(min(start + n_batch, n_images), n_images)
        logits = outputs[:, :n_logits]
        if info.n_parts > 1:
            logits = logits.reshape(n_images, info.n_parts, info.n_classes).transpose(1, 2)
        return Extracted(
            features,
            logits if info.n_classes else None,
            outputs[:, n_logits:] if info.n_factors else None,
        )

    def features(
        self, images: torch.Tensor, batch_size: int | None = None, report: Report | None = None
    ) -> torch.Tensor:
        """Return features `[N, n_features]` float32 on the CPU; arguments as `extract` has them."""
        return self.extract(images, batch_size, report).features

    def logits(self, images: torch.Tensor, batch_size: int | None = None) -> torch.Tensor:
        """Return logits as `Extracted` has them. Raises ConfigError if it is no classifier."""
        found = self.extract(images, batch_size).logits
        if found is None:
            raise ConfigError(f"{self.info.title} has no classes: choose a classifier's features.")
        return found

    def classes(self, images: torch.Tensor, batch_size: int | None = None) -> torch.Tensor:
        """Return the likeliest class of each picture `[N]` int64, an index into its labels.

        `[N, n_parts]` where it classifies parts.

        Raises:
            ConfigError: it is no classifier.
        """
        return self.logits(images, batch_size).argmax(1)

    def _input(self, images: torch.Tensor) -> torch.Tensor:
        """Return images as the network sees them, float32 in [-1, 1], channels last in memory."""
        fitted = fit_images(images.to(self.device), self.info.channels, self.info.size_px)
        return (fitted / 127.5 - 1.0).contiguous(memory_format=torch.channels_last)

    def _batch_size(self, images: torch.Tensor) -> int:
        size_px: int = max(self.info.size_px, *images.shape[2:])
        n_pixels = _BATCH_PIXELS.get(self.device.type, _MOST_PIXELS)
        return max(1, n_pixels // (size_px * size_px))


def load_extractor(
    name: str, device: torch.device | str = "cpu", *, folder: Path | None = None
) -> Extractor:
    """Load a network's weights from this machine, without running code from them.

    Args:
        name: a key of `gan.features.catalog.FEATURES`.
        device: where it shall compute.
        folder: where to look for the weights instead of the usual place.

    Raises:
        UnknownNameError: there is no such network.
        CheckpointError: its weights are missing, damaged or another network's; one sentence.
    """
    info = get_feature_info(name)
    with torch.random.fork_rng(devices=[]):  # layers draw their first weights
        network = _build(network_of(name), folder)
    place = torch.device(device)
    network.to(device=place, memory_format=torch.channels_last)  # type: ignore[call-overload]
    if info.n_parts > 1:
        assert isinstance(network, Classifier)
        return Extractor(info, _EachPlane(network, info.n_parts), place)
    return Extractor(info, network, place)


class _EachPlane:
    """A network for grey pictures that looks at each colour plane of a picture by itself."""

    def __init__(self, network: Classifier, n_planes: int) -> None:
        self._network = network
        self._n_planes = n_planes

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """Return the planes' features side by side: `[N, planes, H, W]` -> `[N, planes · 128]`."""
        found = self._network.features(images.flatten(0, 1)[:, None])
        return found.view(len(images), self._n_planes * found.shape[1])

    def logits(self, features: torch.Tensor) -> torch.Tensor:
        """Return the planes' logits side by side, `[N, planes · classes]`."""
        planes = features.view(-1, features.shape[1] // self._n_planes)
        found = self._network.logits(planes)
        return found.view(len(features), self._n_planes * found.shape[1])


def _build(name: str, folder: Path | None) -> Classifier | EfficientNetLite0 | InceptionV3:
    if name == "random":
        return untrained()
    path = checked_weights(name, folder=folder)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        if name in PLANS:
            classifier = Classifier(PLANS[name])
            classifier.load_published(state)
            return classifier
        network = EfficientNetLite0() if name == "imagenet" else InceptionV3()
        network.load_published(state)
        return network
    except (*_DAMAGE, pickle.UnpicklingError) as error:
        raise CheckpointError(
            f"{path} does not hold the weights of {name} ({type(error).__name__}): restore the "
            "file, or choose other features."
        ) from error


@contextmanager
def _plain_arithmetic(device: torch.device) -> Iterator[None]:
    """Compute in full float32, the same way each time, whatever the caller had set for speed."""
    with torch.autocast(device.type, enabled=False):
        if device.type != "cuda":
            yield
            return
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            yield
