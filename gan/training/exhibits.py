"""What an evaluation shows: walls of best and worst samples, classes, pairs, and the map.

Motion layer. Everything is plain arrays of bounded size, whatever the number of samples.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from gan.data.dataset import to_hwc
from gan.metrics.intervals import mean_interval, wilson_interval
from gan.metrics.landscape import fit_landscape
from gan.metrics.neighbours import nearest_distances
from gan.metrics.plane import Plane
from gan.training.copying import Copying
from gan.training.evaluation import Evaluation, K
from gan.training.judging import Drawn

Rows = npt.NDArray[np.int64]
Arrays = dict[str, npt.NDArray[Any]]

MAX_POINTS = 3_000  # of the map
MAX_CLASSES = 50  # with pictures


def wall_size(size_px: int) -> int:
    """Return how many pictures a wall has: fewer large ones, so that files stay small."""
    return 30 if size_px <= 32 else 24 if size_px <= 64 else 12


def by_score(scores: Tensor, n: int) -> tuple[Rows, Rows]:
    """Return the rows of the samples that D takes most, and least, for real, best first."""
    order = torch.argsort(scores, descending=True, stable=True).numpy()
    return order[:n], order[::-1][:n].copy()


def by_density(evaluation: Evaluation, n: int) -> tuple[Rows, Rows]:
    """Return the rows of the samples in the densest places, and of those farthest off the data.

    Of samples in no real neighbourhood, the one farthest from all real images comes first.
    """
    hits = evaluation.hits
    best = np.argsort(-hits, kind="stable")[:n]
    n_worst = min(n, len(hits))
    limit = np.partition(hits, n_worst - 1)[n_worst - 1]
    candidates = np.flatnonzero(hits <= limit)
    distances = nearest_distances(evaluation.fake_features[candidates], evaluation.real_features)
    order = np.lexsort((-distances, hits[candidates]))[:n]
    return best, candidates[order]


def pictures(images: Tensor, rows: Rows) -> npt.NDArray[np.uint8]:
    """Return `[n, H, W, C]` uint8."""
    return to_hwc(images[torch.from_numpy(np.asarray(rows))])


def pairs(drawn: Drawn, trained: Tensor, copying: Copying) -> npt.NDArray[np.uint8]:
    """Return suspicious samples, each with its training image: `[P, 2, H, W, C]` uint8."""
    near = trained[torch.from_numpy(copying.images)]
    mirrored = torch.from_numpy(copying.is_mirrored)[:, None, None, None]
    near = torch.where(mirrored, near.flip(3), near)
    return np.stack([pictures(drawn.images, copying.samples), to_hwc(near)], axis=1)


@dataclass(frozen=True, eq=False)
class ClassView:
    """What is to be seen of one class.

    Attributes:
        facts: counts and figures, for JSON.
        real, fake: rows of example images.
    """

    facts: dict[str, Any]
    real: Rows
    fake: Rows


def class_views(
    evaluation: Evaluation, asked: npt.NDArray[np.int64] | None, real: Rows | None, n_classes: int
) -> list[ClassView]:
    """Return facts and examples of every class.

    Args:
        asked: the class that each sample was asked for, `[n_fake]`; None if none was.
        real: the classes of the real images, `[n_real]`; None to take the classifier's opinion.
    """
    seen, seen_real = evaluation.fake_classes, evaluation.real_classes
    group = seen if asked is None else asked
    real_group = seen_real if real is None else real
    n_examples = 8 if n_classes <= 12 else 4
    views = []
    for c in range(n_classes):
        own = np.empty(0, dtype=np.int64) if group is None else np.flatnonzero(group == c)
        facts: dict[str, Any] = {}
        if seen is not None and seen_real is not None:
            facts |= {"real": int((seen_real == c).sum()), "generated": int((seen == c).sum())}
        if asked is not None:
            facts["asked"] = len(own)
            if seen is not None:
                facts["agree"] = int((seen[own] == c).sum())
        if len(own):
            inside = int(np.count_nonzero(evaluation.hits[own]))
            interval = wilson_interval(inside, len(own))
            facts["precision"] = {
                "value": inside / len(own), "low": interval.low, "high": interval.high,
            }  # fmt: skip
            facts["density"] = _with_interval(evaluation.hits[own] / K)
        shown = np.empty(0, dtype=np.int64)
        if real_group is not None:
            shown = np.flatnonzero(real_group == c)[:n_examples]
        views.append(ClassView(facts, shown, own[:n_examples]))
    return views


def class_strips(views: list[ClassView], real: Tensor, fake: Tensor) -> Arrays:
    """Return the examples as two stacks, class after class; each class's facts say how many.

    Classes beyond the first 50 have figures and no pictures.
    """
    for number, view in enumerate(views):
        has_room = number < MAX_CLASSES
        view.facts["n_shown"] = [len(view.real), len(view.fake)] if has_room else [0, 0]
    shown = views[:MAX_CLASSES]
    return {
        "class_real": pictures(real, np.concatenate([view.real for view in shown])),
        "class_fake": pictures(fake, np.concatenate([view.fake for view in shown])),
    }


def make_map(evaluation: Evaluation, classes: tuple[str, ...]) -> tuple[dict[str, Any], Arrays]:
    """Return the map: facts for JSON, and hills and points as arrays.

    With a classifier of a few classes these form a ring; else two principal components of the real
    features span the map.
    """
    logits = evaluation.real_logits if evaluation.fake_logits is not None else None
    land = fit_landscape(evaluation.real_features, logits)
    real, fake = land.real, land.place(evaluation.fake_features, evaluation.fake_logits)
    hills = land.hills(fake)
    facts: dict[str, Any] = {"kind": land.kind, "labels": land.labels(classes)}
    if isinstance(land.layout, Plane):
        facts["explained"] = list(land.layout.explained)
    stride = max(1, -(-len(fake) // MAX_POINTS))
    points = fake[::stride]
    facts |= {"n_points": len(points), "n_real": len(real)}
    arrays = {
        "map_x": hills.x.astype(np.float32),
        "map_y": hills.y.astype(np.float32),
        "map_density": hills.density.astype(np.float32),
        "map_points": points.astype(np.float32),
    }
    seen = evaluation.fake_classes
    if seen is not None:
        arrays["map_classes"] = seen[::stride].astype(np.int16)
    return facts, arrays


def _with_interval(values: npt.NDArray[np.float64]) -> dict[str, float | None]:
    interval = mean_interval(values)
    ends = (None, None) if interval is None else (interval.low, interval.high)
    return {"value": float(values.mean()), "low": ends[0], "high": ends[1]}
