"""Does a generator repeat its training images? Its samples and unseen images, both against them.

Motion layer. What was trained on is compared with two things: samples, and images that the run
never saw. Samples that lie nearer than those are suspicious; the most suspicious are shown beside
what they resemble.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gan.features.extractor import Extractor
from gan.metrics.memorising import Memorising, compare_distances
from gan.metrics.neighbours import nearest_distances, nearest_points
from gan.training.evaluation import Evaluation, Figure, chosen_rows

MAX_TRAIN = 20_000
"""Training images looked at; all of them would take most of an evaluation's time."""
N_HELD_OUT = 3_000
_N_CANDIDATES = 500  # nearest samples, among which the local spacing decides


@dataclass(frozen=True, eq=False)
class Copying:
    """What was found.

    Attributes:
        found: the comparison of distances.
        samples: `[P]` rows of the samples, the most suspicious first.
        images: `[P]` rows of the training images nearest to them.
        is_mirrored: `[P]` whether it is the mirrored training image that is near.
        distances: `[P]` how far they are apart, in the features' unit.
        spacing: `[P]` how far that training image is from its nearest neighbour in training.
        n_trained: how many images the run trained on, of which `found.n_train` were looked at.
    """

    found: Memorising
    samples: npt.NDArray[np.int64]
    images: npt.NDArray[np.int64]
    is_mirrored: npt.NDArray[np.bool_]
    distances: npt.NDArray[np.float64]
    spacing: npt.NDArray[np.float64]
    n_trained: int

    @property
    def figures(self) -> list[Figure]:
        """The two measures, as an evaluation lists them."""
        share, interval = self.found.near_share, self.found.near_interval
        return [
            Figure("near_training", share, interval.low, interval.high),
            Figure("copying", self.found.statistic),
        ]


def measure_copying(
    evaluation: Evaluation,
    extractor: Extractor,
    trained: Tensor,
    held_out: Tensor,
    *,
    n_pairs: int,
    with_mirrored: bool = False,
) -> Copying:
    """Compare samples and held-out images with what was trained on.

    Args:
        evaluation: of the samples; its real features are of `chosen_rows(len(trained), n)`.
        extractor: of the same features.
        trained: all images that the run trained on, `[N, C, H, W]` uint8.
        held_out: images that it did not see.
        n_pairs: how many suspicious samples to return.
        with_mirrored: whether the run saw mirrored images too.

    Raises:
        MetricError: too few images.
    """
    most = MAX_TRAIN // 2 if with_mirrored else MAX_TRAIN
    known = chosen_rows(len(trained), evaluation.n_real)
    rows, more = known, np.empty(0, dtype=np.int64)
    if len(known) < most:
        everyone = chosen_rows(len(trained), most)
        more = np.setdiff1d(everyone, known)
        rows = np.concatenate([known, more])
    looked_at = [evaluation.real_features]
    if len(more):
        looked_at.append(extractor.features(_pick(trained, more)).numpy())
    if with_mirrored:
        looked_at.append(extractor.features(_pick(trained, rows).flip(3)).numpy())
    train = np.concatenate(looked_at)
    near, which = nearest_points(evaluation.fake_features, train)
    distances, nearest = near[:, 0], which[:, 0]
    reference = nearest_distances(extractor.features(held_out).numpy(), train)
    samples, spacing = _most_suspicious(distances, nearest, train, n_pairs)
    return Copying(
        found=compare_distances(distances, reference, n_train=len(rows)),
        samples=samples,
        images=rows[nearest[samples] % len(rows)],
        is_mirrored=nearest[samples] >= len(rows),
        distances=distances[samples],
        spacing=spacing,
        n_trained=len(trained),
    )


def _most_suspicious(
    distances: npt.NDArray[np.float64],
    nearest: npt.NDArray[np.int64],
    train: npt.NDArray[np.float32],
    n: int,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return rows of samples, worst first, and the spacing of training images around each.

    Plain images lie near to each other anyway, so a distance counts by how it compares with that
    from the training image to its own nearest neighbour.
    """
    candidates = np.argsort(distances, kind="stable")[:_N_CANDIDATES]
    near, _ = nearest_points(train[nearest[candidates]], train, min(2, len(train)))
    around = near[:, -1]  # the first is the image itself
    order = np.argsort(distances[candidates] / np.maximum(around, 1e-12), kind="stable")[:n]
    return candidates[order], around[order]


def _pick(images: Tensor, rows: npt.NDArray[np.int64]) -> Tensor:
    return images[torch.from_numpy(rows)]
