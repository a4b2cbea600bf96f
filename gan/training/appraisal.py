"""One saved generator, appraised: drawn from, measured, and everything that a page shows of it.

Motion layer. The answer is plain data for JSON and a few arrays of pictures; whoever asked keeps
them. What could not be measured is absent, and one of the answer's notes says why.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from gan.config import RunConfig
from gan.data.dataset import ImageData
from gan.data.held_out import MIN_IMAGES, HeldOut
from gan.data.progress import Note, Report
from gan.features.catalog import find_classifier, get_feature_info
from gan.features.extractor import load_extractor
from gan.metrics.intervals import wilson_interval
from gan.training import exhibits
from gan.training.copying import Copying, measure_copying
from gan.training.evaluation import Evaluation, Figure, chosen_rows, evaluate
from gan.training.exhibits import Arrays
from gan.training.judging import Drawn, draw_samples, load_judge
from gan.training.saved import SavedGenerator, load_generator

N_SCORED = 4_000
"""Samples that D scores: the extremes of so many say enough, and some discriminators are slow."""

_UNEVEN = 1.5
_DRAWN, _MEASURED, _COMPARED = 0.2, 0.7, 0.95  # shares of the time, as a progress bar shows them


@dataclass(frozen=True, eq=False)
class Appraisal:
    """What was found.

    Attributes:
        answer: figures, classes and facts, plain data.
        arrays: pictures and the map.
        evaluation: the measures themselves.
    """

    answer: dict[str, Any]
    arrays: Arrays
    evaluation: Evaluation


def appraise(
    state: dict[str, Any],
    data: ImageData,
    held_out: Callable[[], HeldOut],
    *,
    features: str,
    n: int,
    seed: int = 0,
    use_average: bool = True,
    report: Report | None = None,
) -> Appraisal:
    """Draw `n` samples from a saved state and measure them against the data that it trained on.

    Args:
        state: what `Trainer.state_dict` returned.
        data: the run's images.
        held_out: finds images that the run never saw.
        features: a key of `gan.features.catalog.FEATURES`.
        n: samples, and at most as many real images.
        seed: for z.
        use_average: the moving average of the generator, where there is one.
        report: is told what goes on, as notes that know their share.

    Raises:
        GanError: weights are missing, damaged or not finite, or there are too few images.
    """
    tell = report or (lambda _note: None)
    began = time.perf_counter()
    generator = load_generator(state, use_average=use_average)
    judge = load_judge(state, generator)
    drawn = draw_samples(
        generator, judge, n, seed, n_scored=N_SCORED,
        report=lambda k: tell(Note(f"Drawing pictures: {k:,} of {n:,}.", _DRAWN * k / n)),
    )  # fmt: skip
    drawn_s = time.perf_counter() - began
    rows = chosen_rows(data.n_images, n)
    real = data.images[torch.from_numpy(rows)]
    classifier = find_classifier(data.name)
    evaluation = evaluate(
        real, drawn.images, features=features, classifier=classifier,
        report=lambda note: tell(_between(note, _DRAWN, _MEASURED)),
    )  # fmt: skip

    tell(Note("Comparing with what was trained on.", _MEASURED))
    copying, about_copying = _look_for_copies(state, data, evaluation, held_out())
    notes = _warnings(state, data, evaluation, drawn)
    if copying is None:
        notes.append(about_copying)

    tell(Note("Choosing what to show.", _COMPARED))
    shown, arrays = _exhibits(drawn, data, evaluation, copying)
    classes, strips = _classes(evaluation, data, drawn, rows)
    about_map, map_arrays = exhibits.make_map(evaluation, data.classes)
    answer = {
        **_about_generator(generator),
        **_about_measuring(evaluation, features, classifier),
        "seed": seed,
        "n_asked": n,
        "drawn_s": drawn_s,
        "elapsed_s": time.perf_counter() - began,
        "data": _about_data(data),
        "figures": {f.name: _plain(f) for f in _figures(evaluation, drawn, copying)},
        "notes": notes,
        "copying": _about_copying(copying, about_copying),
        "score": _about_scores(drawn, judge is not None and judge.gives_probabilities),
        "walls": shown,
        "classes": classes,
        "map": about_map,
    }
    tell(Note("Done.", 1.0))
    return Appraisal(answer, arrays | strips | map_arrays, evaluation)


def _about_generator(generator: SavedGenerator) -> dict[str, Any]:
    return {"step": generator.step, "generator": "ema" if generator.is_average else "raw"}


def _about_measuring(
    evaluation: Evaluation, features: str, classifier: str | None
) -> dict[str, Any]:
    return {
        "features": features,
        "classifier": classifier,
        "n_real": evaluation.n_real,
        "n_fake": evaluation.n_fake,
    }


def _between(note: str, low: float, high: float) -> Note:
    share = getattr(note, "fraction", None)
    return Note(note, low if share is None else low + (high - low) * share)


def _figures(evaluation: Evaluation, drawn: Drawn, copying: Copying | None) -> list[Figure]:
    """Return all measures, those first that need nothing but samples and real pictures."""
    figures = list(evaluation.figures)
    if drawn.labels is not None and evaluation.fake_classes is not None:
        figures.append(_agreement(drawn.labels.numpy(), evaluation.fake_classes))
    if copying is not None:
        figures += copying.figures
    return figures


def _warnings(
    state: dict[str, Any], data: ImageData, evaluation: Evaluation, drawn: Drawn
) -> list[str]:
    """Return what a reader of the figures has to know, a sentence each."""
    notes = []
    if state.get("data_fingerprint") not in (None, data.fingerprint):
        notes.append(
            "The data have changed since this run trained on them: the real pictures here are "
            "others than those that it learned from."
        )
    n_features = get_feature_info(evaluation.features).n_features
    if min(evaluation.n_real, evaluation.n_fake) <= n_features:
        notes.append(
            f"There are no more pictures than features ({n_features:,}), so the Fréchet distance "
            "is far too high and only good for comparing equal counts; the kernel distance is not "
            "biased by that."
        )
    if evaluation.n_real < evaluation.n_fake:
        notes.append(
            f"There are only {evaluation.n_real:,} real pictures: recall, and the level of real "
            "ones, come from fewer pictures than the samples' figures."
        )
    if drawn.labels is not None and _is_uneven(data):
        notes.append(
            "The samples show each class equally often, and the data do not: distances and class "
            "imbalance are a little too high for that."
        )
    if drawn.scores is None:
        notes.append("D's scores are absent: this checkpoint holds no discriminator.")
    return notes


def _is_uneven(data: ImageData) -> bool:
    """Tell whether some classes of the data are clearly rarer than others."""
    if data.labels is None or not len(data.classes):
        return False
    counts = torch.bincount(data.labels, minlength=len(data.classes))
    return int(counts.max()) > _UNEVEN * int(counts.min())


def _agreement(asked: npt.NDArray[np.int64], seen: npt.NDArray[np.int64]) -> Figure:
    n_right = int((asked == seen).sum())
    interval = wilson_interval(n_right, len(asked))
    return Figure("class_agreement", n_right / len(asked), interval.low, interval.high)


def _look_for_copies(
    state: dict[str, Any], data: ImageData, evaluation: Evaluation, held_out: HeldOut
) -> tuple[Copying | None, str]:
    """Return what was found, and with what it was compared or why it could not be."""
    if held_out.images is None:
        return None, held_out.why
    if len(held_out.images) < MIN_IMAGES:
        return None, (
            f"Copying was not measured: {len(held_out.images)} unseen pictures are too few, "
            f"{MIN_IMAGES} would do."
        )
    found = measure_copying(
        evaluation,
        load_extractor(evaluation.features),
        data.images,
        torch.from_numpy(np.ascontiguousarray(held_out.images)),
        n_pairs=exhibits.wall_size(data.size_px) // 2,
        with_mirrored=RunConfig.from_json(state["config"]).data.flip,
    )
    return found, held_out.why


def _exhibits(
    drawn: Drawn, data: ImageData, evaluation: Evaluation, copying: Copying | None
) -> tuple[dict[str, Any], Arrays]:
    """Return what is written under each picture of the walls, and the walls."""
    size = exhibits.wall_size(data.size_px)
    dense, sparse = exhibits.by_density(evaluation, size)
    walls = {"best_density": dense, "worst_density": sparse}
    facts: dict[str, Any] = {
        name: {"rows": rows.tolist(), "values": evaluation.hits[rows].tolist()}
        for name, rows in walls.items()
    }
    if drawn.scores is not None:
        best, worst = exhibits.by_score(drawn.scores, size)
        for name, rows in (("best_score", best), ("worst_score", worst)):
            walls[name] = rows
            facts[name] = {"rows": rows.tolist(), "values": drawn.scores[rows].tolist()}
    arrays: Arrays = {name: exhibits.pictures(drawn.images, rows) for name, rows in walls.items()}
    if copying is not None:
        arrays["pairs"] = exhibits.pairs(drawn, data.images, copying)
        facts["pairs"] = {
            "rows": copying.samples.tolist(),
            "trained_rows": copying.images.tolist(),
            "values": (copying.distances / np.maximum(copying.spacing, 1e-12)).tolist(),
        }
    return facts, arrays


def _classes(
    evaluation: Evaluation,
    data: ImageData,
    drawn: Drawn,
    rows: npt.NDArray[np.int64],
) -> tuple[dict[str, Any] | None, Arrays]:
    """Return each class's facts by its name, and examples; `rows` are those of the real images."""
    asked = None if drawn.labels is None else drawn.labels.numpy()
    if asked is None and evaluation.fake_classes is None:
        return None, {}
    by_label = None
    if asked is not None and data.labels is not None:
        by_label = data.labels.numpy()[rows]
    views = exhibits.class_views(evaluation, asked, by_label, len(data.classes))
    strips = exhibits.class_strips(views, data.images[torch.from_numpy(rows)], drawn.images)
    return dict(zip(data.classes, (view.facts for view in views), strict=True)), strips


def _plain(figure: Figure) -> dict[str, Any]:
    return {key: value for key, value in asdict(figure).items() if key != "name"}


def _about_data(data: ImageData) -> dict[str, Any]:
    return {
        "name": data.name,
        "why": data.located.why,
        "fingerprint": data.fingerprint,
        "n_images": data.n_images,
        "channels": data.channels,
        "size_px": data.size_px,
    }


def _about_copying(copying: Copying | None, why: str) -> dict[str, Any] | None:
    if copying is None:
        return None
    found = copying.found
    return {
        "held_out": why,
        "n_held_out": found.n_held_out,
        "n_train": found.n_train,
        "n_trained": copying.n_trained,
        "quantile": found.quantile,
        "sample_median": found.sample_median,
        "held_out_median": found.held_out_median,
        "p_value": found.p_value,
    }


def _about_scores(drawn: Drawn, gives_probabilities: bool) -> dict[str, Any] | None:
    if drawn.scores is None:
        return None
    return {"n": len(drawn.scores), "is_probability": gives_probabilities}
