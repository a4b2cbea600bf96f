"""What a studio finds out about a generator: directions, nearest training pictures, the map.

Memory layer, with torch. These take seconds where a picture takes milliseconds, so what was found
is remembered: directions by generator, features of the training pictures by data set.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gan.data.arrays import ImageArrays
from gan.data.catalog import get_dataset_info
from gan.data.faces import FACTOR_ENDS, FACTORS
from gan.errors import ConfigError, DataError
from gan.features.catalog import FeatureInfo, default_features, find_classifier, get_feature_info
from gan.features.extractor import Extracted, Extractor, load_extractor
from gan.latent.directions import Directions, ganspace, score_directions, sefa
from gan.latent.methods import get_method
from gan.metrics.landscape import Landscape, fit_landscape
from gan.metrics.neighbours import nearest_points
from gan.runs.folder import Home
from gan.runs.images import load_images
from gan.runs.studio.records import Found, Map, Neighbours, Pictures
from gan.runs.studio.shelf import Held

MAX_NEIGHBOURS = 24
_N_SEARCHED = 20_000
_N_SEARCHED_SLOWLY = 3_000  # by networks that take milliseconds a picture
_MANY_FEATURES = 400
_N_TYPICAL = 500
_N_ON_MAP = 1_500
_N_SCORED = 4_096
_MAX_CLASSES = 20
_MAX_KNOWN = 3
"""Of each thing that is remembered."""
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class _Known:
    """Training pictures as a network sees them.

    Attributes:
        arrays: all training pictures.
        rows: `[N]` int64, those that were looked at.
        features: `[N, F]` float32.
        logits: `[N, C]`, where the network knows the classes of the data.
        typical: median distance from one to its nearest other.
    """

    arrays: ImageArrays
    rows: npt.NDArray[np.int64]
    features: npt.NDArray[np.float32]
    logits: npt.NDArray[np.float32] | None
    typical: float


class Study:
    """Answers questions about generators of one home."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._extractors: dict[str, Extractor] = {}
        self._known: OrderedDict[object, _Known] = OrderedDict()
        self._directions: OrderedDict[object, Found] = OrderedDict()
        self._landscapes: OrderedDict[object, Landscape] = OrderedDict()
        self._arrays: OrderedDict[object, ImageArrays] = OrderedDict()

    def directions(self, held: Held, method: str, n: int) -> Found:
        """Return the first n directions of a method, fewer if there are no more.

        Raises:
            ConfigError: no such method, or it does not suit this generator.
        """
        if n < 1:
            raise ConfigError(f"{n} directions asked for: ask for 1 or more.")
        found = _remembered(
            self._directions, (held, method), lambda: self._find(held, method), 4 * _MAX_KNOWN
        )
        return replace(
            found,
            basis=found.basis[:n],
            shares=found.shares[:n],
            titles=found.titles[:n],
            ends=found.ends[:n],
        )

    def nearest(self, held: Held, images: Pictures, n: int) -> Neighbours:
        """Return the n training pictures nearest to each of some pictures `[M, H, W, C]`.

        Raises:
            DataError: the training pictures are not on this machine, or the pictures are others.
        """
        if not 1 <= n <= MAX_NEIGHBOURS:
            raise ConfigError(f"{n} neighbours asked for: it must be from 1 to {MAX_NEIGHBOURS}.")
        asked = self._look(held, _tensor(held, images)).features.numpy()
        known = self._known_of(held)
        distances, which = nearest_points(asked, known.features, min(n, len(known.rows)))
        rows = known.rows[which]
        near = known.arrays.images[rows.ravel()].reshape(
            *rows.shape, *known.arrays.images.shape[1:]
        )
        return Neighbours(
            images=np.ascontiguousarray(near.transpose(0, 1, 3, 4, 2)),
            rows=rows,
            distances=distances.astype(np.float32),
            typical=known.typical,
            features=self._features(held).name,
            n_searched=len(known.rows),
            n_trained=known.arrays.n_images,
            note=_note(held, known.arrays),
        )

    def real(self, held: Held, n: int, seed: int) -> tuple[Pictures, npt.NDArray[np.int64]]:
        """Return n training pictures drawn at random `[n, H, W, C]`, and their rows.

        Raises:
            DataError: they are not on this machine.
        """
        if not 1 <= n <= 512:
            raise ConfigError(f"{n} training pictures asked for: it must be from 1 to 512.")
        arrays = self._images_of(held)
        rng = np.random.default_rng(seed)
        rows = rng.permutation(arrays.n_images)[:n].astype(np.int64)
        return np.ascontiguousarray(arrays.images[rows].transpose(0, 2, 3, 1)), rows

    def map(self, held: Held) -> Map:
        """Lay real and generated pictures out in two dimensions. Raises DataError."""
        known, land = self._known_of(held), self._landscape(held)
        n = min(_N_ON_MAP, len(known.rows))
        z = held.generator.z_of(_N_ON_MAP, 0)
        labels = held.labels_for(len(z), None)
        drawn = held.draw(z, labels)
        generated = self._place(held, land, drawn.images)
        hills = land.hills(generated)
        return Map(
            kind=land.kind,
            x=hills.x.astype(np.float32),
            y=hills.y.astype(np.float32),
            density=hills.density.astype(np.float32),
            real=land.real[:: max(1, len(land.real) // n)][:n].astype(np.float32),
            generated=generated.astype(np.float32),
            features=self._features(held).name,
            labels=land.labels(get_dataset_info(held.dataset).classes),
            note=_note(held, known.arrays),
        )

    def place(self, held: Held, images: Pictures) -> npt.NDArray[np.float32]:
        """Return where pictures `[M, H, W, C]` lie on the map, `[M, 2]`. Raises DataError."""
        return self._place(held, self._landscape(held), images).astype(np.float32)

    def _find(self, held: Held, method: str) -> Found:
        info = get_method(method)
        if method not in methods_for(held):
            raise ConfigError(
                f"The directions {info.title!r} need a network that knows what {held.dataset} "
                f"shows: choose one of {', '.join(methods_for(held))}."
            )
        if method == "ganspace":
            found = ganspace(held.network)
        elif method == "sefa":
            found = sefa(held.network)
        else:
            return self._towards_scores(held, method)
        titles = tuple(f"Direction {i + 1}" for i in range(len(found.basis)))
        return _found(method, found, titles)

    def _towards_scores(self, held: Held, method: str) -> Found:
        z = held.generator.z_of(_N_SCORED, 0)
        drawn = held.draw(z, held.labels_for(len(z), None))
        said = self._look(held, _tensor(held, drawn.images), find_classifier(held.dataset))
        if method == "factors":
            assert said.factors is not None
            scores, names = said.factors, FACTORS
        else:
            assert said.logits is not None
            scores = said.logits - said.logits.mean(1, keepdim=True)
            names = get_dataset_info(held.dataset).classes
        points, wanted = z.double().numpy(), scores.double().numpy()
        if drawn.labels is not None:  # what asking for a class does is no matter of z
            for label in np.unique(drawn.labels):
                own = drawn.labels == label
                wanted[own] -= wanted[own].mean(axis=0)
        found = score_directions(points, wanted)
        titles = tuple(names[i].replace("_", " ") for i in found.order)
        ends = tuple(FACTOR_ENDS[names[i]] for i in found.order) if method == "factors" else ()
        return _found(method, found, titles, ends)

    def _place(self, held: Held, land: Landscape, images: Pictures) -> npt.NDArray[np.float64]:
        said = self._look(held, _tensor(held, images))
        logits = None if said.logits is None else said.logits.numpy()
        return land.place(said.features.numpy(), logits)

    def _landscape(self, held: Held) -> Landscape:
        known = self._known_of(held)
        return _remembered(
            self._landscapes, known, lambda: fit_landscape(known.features, known.logits)
        )

    def _known_of(self, held: Held) -> _Known:
        arrays, info = self._images_of(held), self._features(held)
        key = (arrays.fingerprint, info.name)
        return _remembered(self._known, key, lambda: self._study(held, arrays, info))

    def _study(self, held: Held, arrays: ImageArrays, info: FeatureInfo) -> _Known:
        most = _N_SEARCHED if info.n_features <= _MANY_FEATURES else _N_SEARCHED_SLOWLY
        rng = np.random.default_rng(0)
        rows = np.sort(rng.permutation(arrays.n_images)[:most]).astype(np.int64)
        said = self._look(held, torch.from_numpy(np.ascontiguousarray(arrays.images[rows])))
        features = said.features.numpy()
        knows = info.name == find_classifier(held.dataset)
        near, _ = nearest_points(features[:_N_TYPICAL], features, min(2, len(features)))
        logits = said.logits.numpy() if knows and said.logits is not None else None
        return _Known(arrays, rows, features, logits, float(np.median(near[:, -1])))

    def _images_of(self, held: Held) -> ImageArrays:
        """Return the pictures that a generator learned from. Raises DataError."""
        data = held.config.data
        arrays = _remembered(
            self._arrays, data, lambda: load_images(self._home, data, may_download=False)
        )
        if arrays.name != held.dataset:  # drawn ones stood in, here or where it was trained
            title = get_dataset_info(held.dataset).title
            raise DataError(
                f"The training pictures, {title}, are not on this machine: fetch them with "
                f"`python -m gan data {held.dataset} --prepare`."
            )
        return arrays

    def _features(self, held: Held) -> FeatureInfo:
        return get_feature_info(default_features(held.dataset, held.channels, held.size_px))

    def _look(self, held: Held, images: Tensor, features: str | None = None) -> Extracted:
        name = features or self._features(held).name
        if name not in self._extractors:
            self._extractors[name] = load_extractor(name)
        return self._extractors[name].extract(images)


def methods_for(held: Held) -> tuple[str, ...]:
    """Return the ways of finding directions that suit a generator, the usual one first."""
    name = find_classifier(held.dataset)
    if name is None:
        return ("ganspace", "sefa")
    info = get_feature_info(name)
    knows_classes = info.n_parts == 1 and 2 <= info.n_classes <= _MAX_CLASSES
    more = [("classes", knows_classes), ("factors", info.n_factors > 0)]
    return ("ganspace", "sefa", *(method for method, suits in more if suits))


def _found(
    method: str,
    found: Directions,
    titles: tuple[str, ...],
    ends: tuple[tuple[str, str], ...] = (),
) -> Found:
    shares = found.shares.astype(np.float32)
    is_orthogonal = get_method(method).is_orthogonal
    return Found(method, found.basis.astype(np.float32), shares, titles, ends, is_orthogonal)


def _tensor(held: Held, images: Pictures) -> Tensor:
    """Return pictures `[M, H, W, C]` uint8 as `[M, C, H, W]`. Raises DataError."""
    wanted = (held.size_px, held.size_px, held.channels)
    if (
        images.dtype != np.uint8
        or images.ndim != 4
        or images.shape[1:] != wanted
        or not len(images)
    ):
        raise DataError(
            f"Pictures {list(images.shape)} are not this generator's: give [M, {wanted[0]}, "
            f"{wanted[1]}, {wanted[2]}] uint8."
        )
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))


def _note(held: Held, arrays: ImageArrays) -> str:
    if held.fingerprint in ("", arrays.fingerprint):
        return ""
    return (
        "The data have changed since this run trained on them: these real pictures are others than "
        "those that it learned from."
    )


def _remembered(
    memory: "OrderedDict[object, T]", key: object, make: Callable[[], T], at_most: int = _MAX_KNOWN
) -> T:
    """Return what is known by a key, made if it is not; what was longest unused is forgotten."""
    if key not in memory:
        memory[key] = make()
    memory.move_to_end(key)
    while len(memory) > at_most:
        memory.popitem(last=False)
    return memory[key]
