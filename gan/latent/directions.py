"""Directions in z along which a generator's pictures change in a meaningful way.

Maths layer. Every direction is a row of length 1; they come in the order of their shares, the
largest first. Those of the generator itself are at right angles to each other and have a sign that
only a rule decides (the largest entry is above 0); those that raise a score point where it rises.

References: Härkönen et al., GANSpace, 2020 (arXiv:2004.02546); Shen and Zhou, Closed-Form
Factorization of Latent Semantics in GANs, 2021 (arXiv:2007.06600).
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from gan.latent.points import Float64s, Floats, LatentError
from gan.metrics.symmetric import eigenvectors, one_thread
from gan.models.network import Generator, JoinClass, Residual

_N_SAMPLES = 8_192
_MAX_NUMBERS = 1 << 25  # features of all samples together: 128 MB
_MIN_SAMPLES = 1_024
_MAX_DENSE = 1_024  # features whose covariance is decomposed as a whole
_N_ITERATIONS = 8
_BATCH = 256

_WEIGHTED = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d, Residual)
_ACTIVATIONS = (nn.ReLU, nn.LeakyReLU, nn.Tanh)


@dataclass(frozen=True, eq=False)
class Directions:
    """Directions in z.

    Attributes:
        basis: `[K, D]` float32, each row of length 1.
        shares: `[K]` float64, descending, each from 0 to 1: what a direction explains.
        order: `[K]` int64, which score each raises; 0, 1, 2, … where there are no scores.
    """

    basis: Floats
    shares: Float64s
    order: np.typing.NDArray[np.int64]


def sefa(generator: Generator) -> Directions:
    """Return all D directions by how much the first weights amplify them: eigenvectors of AᵀA.

    A share is that of the variance of the first layer's outputs, before any normalisation, for a
    normal z; all shares sum to 1. What a class adds to the input plays no part.

    Source: Shen and Zhou 2021, equation 6.
    """
    weight = _first_weight(generator)  # [F, D]
    values, vectors = eigenvectors(weight.T @ weight)
    return _by_share(vectors.T, np.clip(values, 0.0, None) / max(float(values.sum()), 1e-300))


def ganspace(generator: Generator, *, seed: int = 0, n: int | None = None) -> Directions:
    """Return all D directions by how much of the first layer's features they move.

    Principal components of the features behind the first layer, its normalisation and activation
    included, each brought back to z by linear regression. Unlike the authors', the directions are
    made orthogonal, the largest components first, and the share is what a straight walk along the
    direction explains: |A b|² / total variance, A being the linear part of the features' dependence
    on z. The shares sum to at most 1; what is missing is not linear in z.

    Args:
        generator: in eval mode, on the CPU.
        seed: for the sample of z.
        n: how many z; by default as many as memory likes.

    Source: Härkönen et al. 2020, section 2.1 and equation 4.
    """
    block = _first_block(generator)
    n_features = _run(block, torch.zeros(1, generator.latent_dim), _labels(generator, 1)).shape[1]
    fitting = min(_N_SAMPLES, max(_MIN_SAMPLES, _MAX_NUMBERS // n_features))
    n_samples = max(fitting, 4 * generator.latent_dim) if n is None else n
    labels = _labels(generator, n_samples)
    z = _white_z(n_samples, generator.latent_dim, labels, seed)
    features = torch.cat([
        _run(block, z[rows], None if labels is None else labels[rows])
        for rows in torch.split(torch.arange(n_samples), _BATCH)
    ])  # fmt: skip  # [N, F]
    _centre(features, labels)
    with one_thread():
        response = (features.T @ z / n_samples).double().numpy()  # A [F, D]: z is white
        total = float(features.square().sum(dtype=torch.float64)) / n_samples
    components = _principal_components(features, response)  # [F, K]
    basis, _ = np.linalg.qr(response.T @ components)  # in the order of the components
    explained = ((response @ basis) ** 2).sum(axis=0)
    return _by_share(basis.T, explained / max(total, 1e-300))


def score_directions(z: Floats, scores: Floats) -> Directions:
    """Return for each score the direction along which it rises fastest: a linear regression on z.

    They need not be at right angles to each other. The share is the part of the score's variance
    that the regression explains (R²).

    Args:
        z: `[N, D]`, of the pictures, more than D.
        scores: `[N, C]`; a score that never changes has share 0 and any direction.

    Raises:
        LatentError: too few points, or they do not fit together.
    """
    if z.ndim != 2 or scores.ndim != 2 or len(z) != len(scores) or len(z) <= z.shape[1] + 1:
        raise LatentError(
            f"Scores {list(scores.shape)} of points {list(z.shape)} tell no direction: give [N, C] "
            "and [N, D] with N above D + 1."
        )
    points = z - z.mean(axis=0, dtype=np.float64)
    wanted = scores - scores.mean(axis=0, dtype=np.float64)
    slopes, *_ = np.linalg.lstsq(points, wanted, rcond=None)  # [D, C]
    lengths = np.linalg.norm(slopes, axis=0)
    fallback = np.eye(z.shape[1], 1)[:, 0]
    basis = np.where(lengths > 1e-12, slopes / np.maximum(lengths, 1e-12), fallback[:, None]).T
    explained = ((points @ slopes) ** 2).sum(axis=0)
    variance = (wanted**2).sum(axis=0)
    shares = np.where(variance > 1e-12, explained / np.maximum(variance, 1e-12), 0.0)
    return _by_share(basis, shares, keep_sign=True)


def _by_share(basis: Float64s, shares: Float64s, *, keep_sign: bool = False) -> Directions:
    """Return directions `[K, D]` in the order of their shares, signs fixed by the rule."""
    order = np.argsort(-shares, kind="stable")
    basis = basis[order]
    if not keep_sign:
        largest = np.take_along_axis(basis, np.abs(basis).argmax(axis=1)[:, None], axis=1)
        basis = basis * np.where(largest < 0.0, -1.0, 1.0)
    return Directions(basis.astype(np.float32), np.clip(shares[order], 0.0, 1.0), order)


def _principal_components(features: Tensor, response: Float64s) -> Float64s:
    """Return principal components `[F, K]` of centred features `[N, F]`, the largest first.

    For very many features only as many as z has numbers, by iterating on a subspace that begins
    with what depends on z linearly.

    Source: Halko, Martinsson and Tropp, Finding structure with randomness, 2011, algorithm 4.4.
    """
    n_features, n_components = features.shape[1], min(response.shape)
    if n_features <= _MAX_DENSE:
        covariance = (features.T @ features / len(features)).double().numpy()
        return eigenvectors(covariance)[1][:, ::-1][:, :n_components]
    space = torch.linalg.qr(torch.from_numpy(response).float())[0]
    for _ in range(_N_ITERATIONS):
        space = torch.linalg.qr(features.T @ (features @ space))[0]
    inside = (features @ space).double()
    turn = eigenvectors((inside.T @ inside).numpy())[1][:, ::-1]
    components: Float64s = space.double().numpy() @ turn
    return components


def _white_z(n: int, latent_dim: int, labels: Tensor | None, seed: int) -> Tensor:
    """Return normal z `[n, D]` whose sample has mean 0 in every class and unit covariance."""
    rng = torch.Generator().manual_seed(seed)
    z = torch.randn(n, latent_dim, generator=rng, dtype=torch.float64)
    _centre(z, labels)
    root = torch.linalg.cholesky(z.T @ z / n)
    white: Tensor = torch.linalg.solve_triangular(root, z.T, upper=False).T.float()
    return white


def _centre(rows: Tensor, labels: Tensor | None) -> None:
    """Take the mean away, that of each class where there are classes: it is no matter of z."""
    if labels is None:
        rows -= rows.mean(0)
        return
    for label in torch.unique(labels):
        own = labels == label
        rows[own] -= rows[own].mean(0)


def _labels(generator: Generator, n: int) -> Tensor | None:
    return torch.arange(n) % generator.n_classes if generator.n_classes else None


def _run(block: list[nn.Module], z: Tensor, labels: Tensor | None) -> Tensor:
    """Return the features `[n, F]` behind the first layer."""
    x = z
    with torch.no_grad():
        for layer in block:
            x = layer(x, labels) if isinstance(layer, JoinClass) else layer(x)
    return x.flatten(1)


def _first_block(generator: Generator) -> list[nn.Module]:
    """Return the layers up to the first activation, but not into the second layer of weights."""
    taken: list[nn.Module] = []
    has_weights = False
    for layer in generator.layers:
        if has_weights and isinstance(layer, (*_WEIGHTED, nn.Upsample)):
            break
        taken.append(layer)
        has_weights = has_weights or isinstance(layer, _WEIGHTED)
        if has_weights and isinstance(layer, _ACTIVATIONS):
            break
    return taken


def _first_weight(generator: Generator) -> Float64s:
    """Return what the first layer does to z, `[F, D]` float64, without bias and classes."""
    for layer in generator.modules():
        if isinstance(layer, nn.ConvTranspose2d | nn.Conv2d | nn.Linear):
            weight = layer.weight.detach().double()
            columns = weight.flatten(1).T if isinstance(layer, nn.ConvTranspose2d) else weight
            return columns.flatten(1)[:, : generator.latent_dim].numpy()
    raise LatentError("This generator has no weights, so there are no directions to find.")
