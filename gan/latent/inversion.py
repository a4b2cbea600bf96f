"""The way back: which z does a generator draw a given picture from, or one that comes closest?

Maths layer. Three stages, each told step by step: many random z, of which the nearest are kept; all
of these downhill together (Adam); the best one polished (Levenberg and Marquardt), which recovers a
picture that the generator drew itself down to the rounding of its bytes. z never leaves the ball
that nearly all normal z lie in, so that what is found can be edited like any other point; a picture
that was never drawn need not have a z, and the distance says how near the nearest comes.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from gan.latent.points import Floats, LatentError
from gan.models.network import Generator

Stage = Literal["search", "approach", "polish"]

N_STARTS = 1_024
N_STEPS = 200
N_POLISH = 60

_N_KEPT = 8
_BATCH = 64
_RATE, _BETAS = 0.2, (0.9, 0.99)
_WARM_UP = 10  # steps
_NUDGE = 1e-2  # of one coordinate, for slopes by differences: large beside float32's rounding
_ENOUGH = 1e-4  # relative improvement below which polishing ends
_GREY = 127.5  # grey levels of a unit in [-1, 1]


@dataclass(frozen=True, eq=False)
class Inversion:
    """How far the search is; the last one is the answer.

    Attributes:
        stage: what goes on.
        fraction: share of the work that is done; 1 for the answer.
        z: `[D]` float32, the best so far.
        label: the class that it is drawn of; None for a generator without classes.
        distance: root of the mean square of the pixels' differences, in grey levels of 255.
    """

    stage: Stage
    fraction: float
    z: Floats
    label: int | None
    distance: float


def invert(
    generator: Generator,
    target: Tensor,
    *,
    label: int | None = None,
    n_starts: int = N_STARTS,
    n_steps: int = N_STEPS,
    n_polish: int = N_POLISH,
    seed: int = 0,
) -> Iterator[Inversion]:
    """Look for the z whose picture comes closest, and tell each step.

    Args:
        generator: in eval mode, on the CPU; left as it is.
        target: `[C, H, W]` float32 in [-1, 1].
        label: the class to draw; without one, all classes of a conditional generator are tried.
        n_starts: random z to begin with.
        n_steps: steps downhill.
        n_polish: at most so many steps of polishing.
        seed: for the starts.

    Raises:
        LatentError: the picture or the class does not fit the generator.

    Source: Zhu et al., Generative Visual Manipulation on the Natural Image Manifold, 2016
    (arXiv:1609.03552), section 3.1, for the search in z; Marquardt, An algorithm for least-squares
    estimation of nonlinear parameters, 1963.
    """
    _check(generator, target, label, n_starts)
    rng = torch.Generator().manual_seed(seed)
    z = _inside(torch.randn(n_starts, generator.latent_dim, generator=rng))
    labels = _labels(generator, n_starts, label)
    errors = torch.empty(0)
    for rows in torch.split(torch.arange(n_starts), _BATCH):
        some = None if labels is None else labels[rows]
        errors = torch.cat([errors, _errors(generator, z[rows], some, target)])
        best = int(errors.argmin())
        share = 0.1 * len(errors) / n_starts
        yield _told("search", share, z[best], _nth(labels, best), errors[best])
    kept = errors.argsort()[:_N_KEPT]
    z, labels = z[kept], None if labels is None else labels[kept]

    for step, errors in _approach(generator, z, labels, target, n_steps):
        best = int(errors.argmin())
        share = 0.1 + 0.5 * step / n_steps
        yield _told("approach", share, z[best], _nth(labels, best), errors[best])

    errors = _errors(generator, z, labels, target)
    best = int(errors.argmin())
    found, error, own = z[best], errors[best], _nth(labels, best)
    for step, (point, reached) in enumerate(_polish(generator, found, own, target, n_polish)):
        found, error = point, reached
        yield _told("polish", 0.6 + 0.4 * step / n_polish, found, own, error)
    yield _told("polish", 1.0, found, own, error)


def _approach(
    generator: Generator, z: Tensor, labels: Tensor | None, target: Tensor, n_steps: int
) -> Iterator[tuple[int, Tensor]]:
    """Move all z `[N, D]` downhill in place; yield their errors before each step."""
    mean, square = torch.zeros_like(z), torch.zeros_like(z)
    for step in range(n_steps):
        with torch.enable_grad():
            point = z.detach().requires_grad_()
            errors = _square_errors(generator(point, labels), target)
            (slope,) = torch.autograd.grad(errors.sum(), point)
        # Adam by hand: torch.optim imports its compiler when first used, which takes a second.
        mean.lerp_(slope, 1.0 - _BETAS[0])
        square.lerp_(slope.square(), 1.0 - _BETAS[1])
        mean_now = mean / (1.0 - _BETAS[0] ** (step + 1))
        square_now = square / (1.0 - _BETAS[1] ** (step + 1))
        rate = (
            _RATE * min(1.0, (step + 1) / _WARM_UP) * (1 + math.cos(math.pi * step / n_steps)) / 2
        )
        z.copy_(_inside(z - rate * mean_now / (square_now.sqrt() + 1e-8)))
        yield step, errors.detach()


def _polish(
    generator: Generator, z: Tensor, label: Tensor | None, target: Tensor, n_steps: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield ever better z `[D]` and their errors, until it gets no better."""
    label = None if label is None else label[None]
    drawn = _drawn(generator, z[None], label)[0]  # [P]
    error = _square_errors(drawn[None], target)[0]
    damping = 1e-3
    for _ in range(n_steps):
        slopes = _slopes(generator, z, label, drawn)  # [D, P]
        product = slopes @ slopes.T
        downhill = slopes @ (drawn - target.flatten()).double()
        scale = product.diagonal().mean().clamp_min(1e-12)
        for _attempt in range(6):
            damped = product + damping * scale * torch.eye(len(z), dtype=torch.float64)
            candidate = _inside((z - torch.linalg.solve(damped, downhill).float())[None])
            there = _drawn(generator, candidate, label)[0]
            reached = _square_errors(there[None], target)[0]
            if reached < error:
                break
            damping *= 4.0
        else:
            return
        is_enough = bool(error - reached < _ENOUGH * error)
        z, drawn, error = candidate[0], there, reached
        damping = max(damping / 5.0, 1e-7)
        yield z, error
        if is_enough:
            return


def _slopes(generator: Generator, z: Tensor, label: Tensor | None, drawn: Tensor) -> Tensor:
    """Return how each pixel changes with each coordinate of z, `[D, P]` float64, by differences."""
    nudged = z + _NUDGE * torch.eye(len(z))
    labels = None if label is None else label.expand(len(z))
    return ((_drawn(generator, nudged, labels) - drawn) / _NUDGE).double()


def _drawn(generator: Generator, z: Tensor, labels: Tensor | None) -> Tensor:
    """Return pictures of z `[N, D]` as rows of pixels `[N, P]`."""
    with torch.no_grad():
        return torch.cat([
            generator(z[rows], None if labels is None else labels[rows]).flatten(1)
            for rows in torch.split(torch.arange(len(z)), _BATCH)
        ])  # fmt: skip


def _errors(generator: Generator, z: Tensor, labels: Tensor | None, target: Tensor) -> Tensor:
    return _square_errors(_drawn(generator, z, labels), target)


def _square_errors(images: Tensor, target: Tensor) -> Tensor:
    return (images.flatten(1) - target.flatten()).square().mean(1)


def _inside(z: Tensor) -> Tensor:
    """Return z `[N, D]`, those outside moved onto the ball that holds nearly all normal z.

    |z|² has the mean D and the standard deviation √(2D): three of these more is its border.
    """
    latent_dim = z.shape[1]
    radius = math.sqrt(latent_dim + 3.0 * math.sqrt(2.0 * latent_dim))
    inside: Tensor = z * (radius / z.norm(dim=1, keepdim=True).clamp_min(1e-12)).clamp(max=1.0)
    return inside


def _labels(generator: Generator, n: int, label: int | None) -> Tensor | None:
    if not generator.n_classes:
        return None
    return torch.arange(n) % generator.n_classes if label is None else torch.full((n,), label)


def _nth(labels: Tensor | None, i: int) -> Tensor | None:
    return None if labels is None else labels[i]


def _told(
    stage: Stage, fraction: float, z: Tensor, label: Tensor | None, error: Tensor
) -> Inversion:
    point = z.detach().clone().numpy().astype(np.float32)
    distance = _GREY * math.sqrt(float(error))
    return Inversion(stage, fraction, point, None if label is None else int(label), distance)


def _check(generator: Generator, target: Tensor, label: int | None, n_starts: int) -> None:
    shape = (generator.img_channels, generator.size_px, generator.size_px)
    if target.shape != shape or not torch.isfinite(target).all():
        raise LatentError(
            f"A picture {list(target.shape)} is not this generator's: give {list(shape)}, values "
            "from -1 to 1."
        )
    if label is not None and not 0 <= label < generator.n_classes:
        raise LatentError(
            f"The class {label} is none of this generator's {generator.n_classes}: leave it out."
        )
    if n_starts < 1:
        raise LatentError(f"{n_starts} starts: give at least 1.")
