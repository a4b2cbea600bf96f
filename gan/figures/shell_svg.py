"""How far from 0 points of latent space lie, beside the shell where nearly all z are, as SVG.

Door layer, without torch. In many dimensions the norm of a normal z hardly varies: its density is a
narrow hill around √D. Each point is a mark on the same axis.
"""

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from gan.figures.colours import GENERATED, NEUTRAL, Ink

_WIDTH, _HEIGHT = 720, 132
_LEFT, _RIGHT = 20, 20
_BASE, _TOP = 92, 14
_FONT = 15


@dataclass(frozen=True)
class NormMark:
    """A point on the axis of norms: its name, its norm, and whether it is a result."""

    name: str
    norm: float
    is_result: bool = False


def shell_svg(latent_dim: int, marks: Sequence[NormMark], *, dark: bool) -> str:
    """Return the density of |z| for a normal z, with marks below it, as SVG text.

    Args:
        latent_dim: D; |z| then has the χ distribution with D degrees of freedom.
        marks: points; norms are finite and not negative.
        dark: whether it stands on a dark background.
    """
    middle = math.sqrt(latent_dim)
    top = 1.08 * max([middle + 3.5, *(mark.norm for mark in marks)])
    density = [_chi(top * i / 240, latent_dim) for i in range(241)]
    peak = max(density)
    points = " ".join(
        f"{_x(top * i / 240, top):.1f},{_BASE - (_BASE - _TOP) * value / peak:.1f}"
        for i, value in enumerate(density)
    )
    neutral, result = (_shade(ink, dark) for ink in (NEUTRAL, GENERATED))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'font-family="sans-serif" font-size="{_FONT}" fill="{neutral}" role="img">',
        f"<title>{escape(describe(latent_dim, marks))}</title>",
        f'<polygon points="{_LEFT},{_BASE} {points} {_WIDTH - _RIGHT},{_BASE}" '
        f'fill="{neutral}" fill-opacity=".25" stroke="{neutral}" stroke-opacity=".6"/>',
        f'<text x="{_LEFT}" y="{_HEIGHT - 6}">0</text>',
        f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 6}" text-anchor="end">'
        "distance from 0, |z| →</text>",
        f'<text x="{_x(middle, top):.0f}" y="{_HEIGHT - 6}" text-anchor="middle">'
        f"√D = {middle:.1f}</text>",
    ]
    for mark in sorted(marks, key=lambda mark: mark.is_result):
        parts.append(_mark(mark, _x(mark.norm, top), result if mark.is_result else neutral))
    return "".join([*parts, "</svg>"])


def shell_image(latent_dim: int, marks: Sequence[NormMark], *, dark: bool) -> str:
    """Return the picture as an HTML image."""
    address = base64.b64encode(shell_svg(latent_dim, marks, dark=dark).encode()).decode()
    return (
        f'<img alt="{escape(describe(latent_dim, marks), quote=True)}" '
        f'style="width:100%;max-width:{_WIDTH}px" src="data:image/svg+xml;base64,{address}">'
    )


def describe(latent_dim: int, marks: Sequence[NormMark]) -> str:
    """Return what the picture shows, in words."""
    norms = ", ".join(f"{mark.name} {mark.norm:.1f}" for mark in marks)
    return f"Distances from 0: {norms}; nearly all z lie around {math.sqrt(latent_dim):.1f}"


def _mark(mark: NormMark, x: float, colour: str) -> str:
    height = _TOP - 2 if mark.is_result else (_BASE + _TOP) // 2
    name = (
        f'<text x="{x + 5:.1f}" y="{height + 10}" fill="{colour}" font-weight="600">'
        f"{escape(mark.name)}</text>"
        if mark.is_result
        else ""
    )
    width = 3 if mark.is_result else 2
    return f'<path d="M{x:.1f} {height}V{_BASE}" stroke="{colour}" stroke-width="{width}"/>{name}'


def _chi(norm: float, latent_dim: int) -> float:
    """Return the χ density at a norm."""
    if norm <= 0:
        return math.sqrt(2 / math.pi) if latent_dim == 1 else 0.0
    exponent = (latent_dim - 1) * math.log(norm) - norm**2 / 2
    return math.exp(exponent - (latent_dim / 2 - 1) * math.log(2) - math.lgamma(latent_dim / 2))


def _x(norm: float, top: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * norm / top


def _shade(ink: Ink, dark: bool) -> str:
    return ink.dark if dark else ink.light
