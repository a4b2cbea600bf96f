"""What is asked of the studio and what it answers, as plain records.

Memory layer, without torch: pages hold them.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Pictures = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Source:
    """Names one generator.

    Attributes:
        run_id: the run.
        step: of a saved checkpoint; None: the one that the run keeps, else the newest.
        average: its moving average, where there is one; else the generator itself.
    """

    run_id: str
    step: int | None = None
    average: bool = True

    def to_header(self) -> dict[str, Any]:
        """Return plain data for a frame."""
        return asdict(self)


@dataclass(frozen=True)
class GeneratorFacts:
    """What is known about a generator before it draws.

    Attributes:
        latent_dim: numbers in a z.
        classes: what it can be asked for; empty if it knows none.
        channels, size_px: of its pictures, 1 for grey.
        step: of the run, when it was saved.
        steps: all saved steps of the run, ascending.
        is_average: whether this is the moving average.
        has_average: whether there is one.
        has_discriminator: whether `draw` can return scores.
        score_is_probability: the sigmoid of a score is the probability that a picture is real;
            otherwise a score has no unit.
        dataset: what it learned from, a key of `gan.data.catalog.DATASETS`.
        methods: ways of finding directions that suit it, as `Studio.directions` takes them.
    """

    latent_dim: int
    classes: tuple[str, ...]
    channels: int
    size_px: int
    step: int
    steps: tuple[int, ...]
    is_average: bool
    has_average: bool
    has_discriminator: bool
    score_is_probability: bool
    dataset: str
    methods: tuple[str, ...]

    @classmethod
    def from_header(cls, raw: dict[str, Any]) -> "GeneratorFacts":
        """Make the record again from a frame's plain data."""
        lists = {key: tuple(raw[key]) for key in ("classes", "steps", "methods")}
        return cls(**{**raw, **lists})


@dataclass(frozen=True, eq=False)
class Drawn:
    """Pictures, in the order of their z.

    Attributes:
        images: `[N, H, W, C]` uint8.
        labels: `[N]` int64, which class each shows; None for a generator without classes.
        scores: `[N]` float32, D's raw scores; None unless asked for.
    """

    images: Pictures
    labels: npt.NDArray[np.int64] | None = None
    scores: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """Directions in z, the most important first.

    Attributes:
        method: how they were found, a key of `gan.latent.methods.METHODS`, which says more.
        basis: `[K, D]` float32, of length 1; at right angles to each other if `is_orthogonal`.
        shares: `[K]`, which share of the variance each explains, or for class directions how well
            it tells the score, 0 to 1.
        titles: what each is called.
        ends: what lies at its low and at its high end, in words, where that is known; else empty.
        is_orthogonal: whether moving along one leaves the others' coordinates as they are.
    """

    method: str
    basis: Points
    shares: npt.NDArray[np.float32]
    titles: tuple[str, ...]
    ends: tuple[tuple[str, str], ...]
    is_orthogonal: bool


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Training pictures nearest to some others.

    Attributes:
        images: `[M, N, H, W, C]` uint8, the nearest first.
        rows: `[M, N]` int64, which of the training pictures they are.
        distances: `[M, N]` float32, in the features' unit.
        typical: the median distance from a training picture to its nearest other: what a distance
            may be compared with.
        features: in whose eyes, a key of `gan.features.catalog.FEATURES`.
        n_searched, n_trained: training pictures looked at, of how many.
        note: what a reader must know about the data, a sentence; mostly empty.
    """

    images: Pictures
    rows: npt.NDArray[np.int64]
    distances: npt.NDArray[np.float32]
    typical: float
    features: str
    n_searched: int
    n_trained: int
    note: str = ""


@dataclass(frozen=True, eq=False)
class Map:
    """Real and generated pictures laid out in two dimensions.

    Attributes:
        kind: `ring`, a hill for each class, or `plane`, two principal components.
        x, y: `[G]` float32, where the density's grid lies.
        density: `[G, G]` float32, of the real pictures, row by row of y.
        real, generated: `[N, 2]` float32, places of some real and some generated pictures.
        labels: name and place of each class on a ring: `{"name", "x", "y"}`.
        features: in whose eyes.
        note: what a reader must know about the data, a sentence; mostly empty.
    """

    kind: str
    x: npt.NDArray[np.float32]
    y: npt.NDArray[np.float32]
    density: npt.NDArray[np.float32]
    real: npt.NDArray[np.float32]
    generated: npt.NDArray[np.float32]
    features: str
    labels: list[dict[str, Any]] = field(default_factory=list)
    note: str = ""
