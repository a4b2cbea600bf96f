"""The measures of `gan.metrics` beside the published implementations, on the same features.

    python -m benchmarks.measures [--n 10000] [--features 128 512] [--rounds 3]
    python -m benchmarks.measures --bias

Prints seconds (medians), the ratio of times and the relative difference of the values. `--bias`
shows what the correction of the Fréchet distance does for Gaussians whose distance is known, beside
the line through random subsets that FID∞ fits. References: torch-fidelity for the Fréchet and
kernel distances, precision and recall; prdc for density and coverage.
"""

import argparse
import contextlib
import io
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from prdc import compute_prdc
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import calculate_precision_recall_full

from gan.metrics.diversity import duplicate_threshold, measure_diversity
from gan.metrics.frechet import frechet_distance, moments_distance
from gan.metrics.kernel import kernel_distance, squared_mmd
from gan.metrics.manifold import manifold_measures
from gan.metrics.memorising import measure_memorising
from gan.metrics.moments import Moments, measure_moments
from gan.metrics.neighbours import nearest_distances, nearest_neighbours
from gan.metrics.plane import density_hills, fit_plane

K = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=10_000, help="real and generated samples")
    parser.add_argument("--features", type=int, nargs="+", default=[128, 512])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bias", action="store_true")
    args = parser.parse_args()
    if args.bias:
        show_bias()
        return
    for n_features in args.features:
        real, fake = _clouds(args.n, n_features)
        print(f"\n{args.n:,} real and generated samples, {n_features} features, float32")
        compare(real, fake, args.rounds)
        few = max(20, n_features // 2)
        print(f"{few} of each: fewer samples than features")
        compare(real[:few], fake[:few], 1)
        time_everything(real, fake, args.rounds)


def compare(real: NDArray[Any], fake: NDArray[Any], rounds: int) -> None:
    """Print ours beside the references, both sides in turn."""
    size = min(1000, len(real) // 10)
    real_torch, fake_torch = torch.from_numpy(real), torch.from_numpy(fake)
    sides: list[tuple[str, Callable[[], Any], Callable[[], Any]]] = [
        (
            "Fréchet",
            lambda: frechet_distance(real, fake, n_groups=0).value,
            lambda: _their_frechet(real_torch, fake_torch),
        ),
        (
            f"kernel, one subset of {size}",
            lambda: squared_mmd(real[:size], fake[:size]),
            lambda: _their_kernel(real_torch[:size], fake_torch[:size], size),
        ),
        (
            "precision, recall",
            lambda: _figures(manifold_measures(real, fake, k=K), "precision", "recall"),
            lambda: calculate_precision_recall_full(fake_torch, real_torch, K),
        ),
        (
            "all four of prdc",
            lambda: _figures(
                manifold_measures(real, fake, k=K), "precision", "recall", "density", "coverage"
            ),
            lambda: _their_prdc(real, fake),
        ),
    ]
    print(f"{'':28}{'ours':>8}{'theirs':>9}{'times':>8}   largest relative difference")
    for name, ours, theirs in sides:
        times: list[list[float]] = [[], []]
        values: list[Any] = [0.0, 0.0]
        for _ in range(rounds):
            for side, function in enumerate((ours, theirs)):
                began = time.perf_counter()
                values[side] = function()
                times[side].append(time.perf_counter() - began)
        mine, other = (np.atleast_1d(np.asarray(value, dtype=float)) for value in values)
        difference = np.max(np.abs(mine - other) / np.maximum(np.abs(other), 1e-12))
        seconds = [statistics.median(side) for side in times]
        print(
            f"{name:28}{seconds[0]:7.2f}s{seconds[1]:8.2f}s{seconds[1] / seconds[0]:7.1f}×   "
            f"{difference:.1e}"
        )


def time_everything(real: NDArray[Any], fake: NDArray[Any], rounds: int) -> None:
    """Print seconds of a whole evaluation, and of what a run does once for its real set."""
    once: dict[str, list[float]] = {}
    each: dict[str, list[float]] = {}
    held_out = real[: len(real) // 5] + np.float32(1e-3)
    for _ in range(rounds):
        moments = _timed(once, "moments and their root", _moments, real)
        near_real = _timed(once, "real neighbours", nearest_neighbours, real, K)
        plane = _timed(once, "map", fit_plane, moments)
        _timed(once, "hills", density_hills, plane.project(real))
        known = _timed(once, "held-out distances", nearest_distances, held_out, real)
        threshold = duplicate_threshold(near_real)

        _timed(each, "Fréchet, corrected", frechet_distance, moments, fake)
        _timed(each, "kernel", kernel_distance, real, fake)
        near_fake = _timed(each, "generated neighbours", nearest_neighbours, fake, K)
        near = {"real_neighbours": near_real, "fake_neighbours": near_fake}
        _timed(each, "precision … coverage", manifold_measures, real, fake, k=K, **near)
        few = {"threshold": threshold, "neighbours": near_fake}
        _timed(each, "diversity", measure_diversity, fake, **few)
        samples = (fake, real, held_out)
        _timed(each, "memorising", measure_memorising, *samples, held_out_distances=known)
        _timed(each, "generated on the map", plane.project, fake)
    for title, seconds in (("once for the real set", once), ("each evaluation", each)):
        medians = {name: statistics.median(times) for name, times in seconds.items()}
        print(f"{title}: {sum(medians.values()):.2f} s")
        print("   " + ", ".join(f"{name} {value:.2f}" for name, value in medians.items()))


def show_bias() -> None:
    """Print mean and spread of the plain, the corrected and the line's distance over repeats."""
    rng = np.random.default_rng(0)
    n_repeats = 20
    print("Gaussians with known distance, mean ± spread over repeats: plain, ours, line of FID∞")
    for n_features, n, scale in (
        (64, 200, 1.0),
        (64, 1000, 1.2),
        (128, 1000, 1.0),
        (64, 5000, 1.1),
    ):
        real = Moments(np.zeros(n_features), np.eye(n_features), 10**9)
        rows, held = [], 0
        true = n_features * (scale - 1) ** 2
        for _ in range(n_repeats):
            fake = rng.normal(size=(n, n_features)) * scale
            found = frechet_distance(real, fake)
            assert found.corrected is not None
            assert found.interval is not None
            held += found.interval.low <= true <= found.interval.high
            rows.append((found.value, found.corrected, _line(real, fake, rng)))
        table = np.array(rows)
        cells = [f"{m:.3f} ± {s:.3f}" for m, s in zip(table.mean(0), table.std(0), strict=True)]
        print(
            f"{n_features} features, {n} samples, truly {true:.3f}: " + ", ".join(cells) + "; "
            f"interval holds the truth {held} of {n_repeats} times"
        )


def _line(real: Moments, fake: NDArray[Any], rng: np.random.Generator) -> float:
    """Fit a line in 1 / n through 15 random subsets and read it at 0 (Chong and Forsyth)."""
    sizes = np.linspace(len(fake) // 10, len(fake), 15).astype(int)
    values = [
        moments_distance(real, measure_moments(fake[rng.choice(len(fake), size, replace=False)]))
        for size in sizes
    ]
    return float(np.polyfit(1 / sizes, values, 1)[1])


def _clouds(n: int, n_features: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return features as a classifier's last layer has them: correlated, none below 0."""
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(n_features, n_features)) * np.arange(1, n_features + 1) ** -0.7
    sets = []
    for strength in (1.0, 0.9):
        plain = rng.normal(size=(n, n_features)) * strength
        sets.append(np.maximum(plain @ mixing.T + 0.5, 0).astype(np.float32))
    return sets[0], sets[1]


def _moments(real: NDArray[Any]) -> Moments:
    moments = measure_moments(real)
    _ = moments.root
    return moments


def _figures(measures: Any, *names: str) -> list[float]:
    return [getattr(measures, name) for name in names]


def _their_frechet(real: torch.Tensor, fake: torch.Tensor) -> float:
    stats = [fid_features_to_statistics(side) for side in (real, fake)]
    return float(fid_statistics_to_metric(*stats, verbose=False)["frechet_inception_distance"])


def _their_kernel(real: torch.Tensor, fake: torch.Tensor, size: int) -> float:
    settings: dict[str, Any] = {
        "kid_subsets": 1,
        "kid_subset_size": size,
        "kid_kernel": "poly",
        "kid_kernel_poly_degree": 3,
        "kid_kernel_poly_gamma": None,
        "kid_kernel_poly_coef0": 1.0,
        "verbose": False,
        "rng_seed": 0,
    }
    return float(kid_features_to_metric(real, fake, **settings)["kernel_inception_distance_mean"])


def _their_prdc(real: NDArray[Any], fake: NDArray[Any]) -> list[float]:
    with contextlib.redirect_stdout(io.StringIO()):  # it prints
        found = compute_prdc(real, fake, nearest_k=K)
    return [found[name] for name in ("precision", "recall", "density", "coverage")]


def _timed(
    times: dict[str, list[float]], name: str, function: Callable[..., Any], *args: Any, **more: Any
) -> Any:
    began = time.perf_counter()
    result = function(*args, **more)
    times.setdefault(name, []).append(time.perf_counter() - began)
    return result


if __name__ == "__main__":
    main()
