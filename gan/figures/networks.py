"""A network as a picture: how height, width and channels change on the way through.

Door layer, without Streamlit and without torch: it draws a plan, not a module.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log2, sqrt
from typing import Any, Literal

import plotly.graph_objects as go

from gan.figures.colours import DISCRIMINATOR, GENERATED, GENERATOR, NEUTRAL, Ink
from gan.models.plan import LayerPlan, PairPlan, Shape

Player = Literal["g", "d"]
Part = dict[str, Any]  # of a Plotly figure

HEIGHT_PX = 260
_FONT_PX = 13
# In units of one stage across, and of the picture's height up.
_VECTOR_WIDTH = 0.13
_LEAN = (0.30, 0.22)  # how far the back of a slab as high as the picture is shifted
_MANY_STAGES = 8  # from here on titles are shortened to make room


@dataclass(frozen=True)
class Stage:
    """What a block makes of its input: one shape in the picture."""

    title: str
    shape: Shape
    layers: tuple[LayerPlan, ...]
    ink: Ink

    @property
    def is_map(self) -> bool:
        return len(self.shape) == 3 and self.shape[1] > 1

    @property
    def n_parameters(self) -> int:
        return sum(layer.n_parameters for layer in self.layers)


def network_figure(pair: PairPlan, player: Player, *, dark: bool = False) -> go.Figure:
    """Draw one network from left to right.

    A slab is a map of channels: as high as the map is, and the thicker the more channels; a
    column is a row of numbers, the higher the more. Heights grow with the square root of the
    size, and thickness with the logarithm, so that small and large stages fit into one picture.

    Args:
        pair: the plan of both networks.
        player: g draws the generator, d the discriminator.
        dark: whether it stands on a dark background.
    """
    stages = network_stages(pair, player)
    size_px = pair.generator.picture.size_px
    traces = [
        trace for x, stage in enumerate(stages) for trace in _slab(x, stage, size_px, dark=dark)
    ]
    # One call with everything: adding piece by piece takes four times as long.
    return go.Figure(
        data=traces,
        layout={
            "height": HEIGHT_PX, "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
            "showlegend": False, "dragmode": False,
            "plot_bgcolor": "rgba(0,0,0,0)", "paper_bgcolor": "rgba(0,0,0,0)",
            "xaxis": {"visible": False, "fixedrange": True, "range": [-0.45, len(stages) - 0.35]},
            "yaxis": {"visible": False, "fixedrange": True, "range": [-1.05, 0.94]},
            "annotations": _arrows(stages, size_px, dark=dark) + _words(stages, dark=dark),
        },
    )  # fmt: skip


def network_stages(pair: PairPlan, player: Player) -> list[Stage]:
    """Return what `network_figure` draws: what goes in, and what each block makes of it."""
    plan = pair.generator if player == "g" else pair.discriminator
    ink = GENERATOR if player == "g" else DISCRIMINATOR
    entry: tuple[LayerPlan, ...] = ()  # layers without weights before the first block
    stages: list[Stage] = []
    for title, layers in plan.blocks():
        if not stages and not any(layer.n_parameters for layer in layers):
            entry += layers
            continue
        is_picture = player == "g" and layers[-1] is plan.layers[-1]
        stages.append(Stage(title, _shape(layers), layers, GENERATED if is_picture else ink))
    first = Stage("z" if player == "g" else "Picture", plan.in_shape, entry, NEUTRAL)
    return [first, *stages]


def description(pair: PairPlan, player: Player) -> str:
    """Return the picture in words, for those who cannot see it."""
    plan = pair.generator if player == "g" else pair.discriminator
    steps = ", ".join(_size_words(stage) for stage in network_stages(pair, player))
    return f"{plan.title}, {plan.n_parameters:,} parameters, from left to right: {steps}."


def _shape(layers: Sequence[LayerPlan]) -> Shape:
    """Return what a block makes; a map that ends up flat is shown as the map."""
    if layers[-1].kind == "flatten" and len(layers) > 1:
        return layers[-2].out_shape
    return layers[-1].out_shape


def _slab(x: int, stage: Stage, size_px: int, *, dark: bool) -> list[Part]:
    """Return the faces of a slab or column that stands at x, and what hovering over it says."""
    width, height = _extent(stage, size_px)
    left, right, low, high = x - width / 2, x + width / 2, -height / 2, height / 2
    faces = [(0.55, [left, right, right, left], [low, low, high, high])]
    if stage.is_map:
        across, up = _LEAN[0] * height, _LEAN[1] * height
        top = [left, right, right + across, left + across], [high, high, high + up, high + up]
        side = [right, right + across, right + across, right], [low, low + up, high + up, high]
        faces += [(0.18, *top), (0.32, *side)]
    colour = stage.ink.dark if dark else stage.ink.light
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    traces: list[Part] = [
        {
            "x": [*xs, xs[0]], "y": [*ys, ys[0]], "mode": "lines", "fill": "toself",
            "hoverinfo": "skip", "line": {"color": colour, "width": 1.5},
            "fillcolor": f"rgba({red},{green},{blue},{alpha})",
        }
        for alpha, xs, ys in faces
    ]  # fmt: skip
    invisible = {"size": 44, "opacity": 0.0}
    hover = {"mode": "markers", "marker": invisible, "hovertemplate": _hover(stage)}
    return [*traces, {"x": [x], "y": [0.0], **hover}]


def _arrows(stages: Sequence[Stage], size_px: int, *, dark: bool) -> list[Part]:
    arrows: list[Part] = []
    for x, (stage, following) in enumerate(pairwise(stages)):
        width, height = _extent(stage, size_px)
        start = x + width / 2 + (_LEAN[0] * height if stage.is_map else 0.0)
        end = x + 1 - _extent(following, size_px)[0] / 2
        arrows.append(
            {
                "x": end - 0.03, "y": 0.0, "ax": start + 0.03, "ay": 0.0,
                "xref": "x", "yref": "y", "axref": "x", "ayref": "y", "showarrow": True,
                "text": "", "arrowhead": 2, "arrowwidth": 1.5,
                "arrowcolor": NEUTRAL.dark if dark else NEUTRAL.light,
            }
        )  # fmt: skip
    return arrows


def _words(stages: Sequence[Stage], *, dark: bool) -> list[Part]:
    words: list[Part] = []
    for x, stage in enumerate(stages):
        title = stage.title
        if len(stages) > _MANY_STAGES:
            title = title.removeprefix("Block ")
        for y, text, ink in (
            (0.92, f"<b>{title}</b>", stage.ink),
            (-0.62, _size_label(stage), NEUTRAL),
        ):
            font = {"size": _FONT_PX, "color": ink.dark if dark else ink.light}
            words.append(
                {"x": x, "y": y, "text": text, "showarrow": False, "yanchor": "top", "font": font}
            )
    return words


def _extent(stage: Stage, size_px: int) -> tuple[float, float]:
    """Return a stage's width and height in the picture."""
    if stage.is_map:
        n_channels, height, _ = stage.shape
        return 0.05 + 0.035 * log2(n_channels + 1), sqrt(height / size_px)
    n = stage.shape[0]
    return _VECTOR_WIDTH, min(1.0, 0.1 + 0.08 * log2(n))


def _size_label(stage: Stage) -> str:
    lines = [f"{stage.shape[0]}"]
    if stage.is_map:
        lines.append("×".join(str(n) for n in stage.shape[1:]))
    if any(layer.kind == "join-class" for layer in stage.layers):
        lines.append("+ class")
    return "<br>".join(lines)


def _size_words(stage: Stage) -> str:
    if not stage.is_map:
        n = stage.shape[0]
        return f"{stage.title} ({n} number{'s' * (n > 1)})"
    n_channels, height, width = stage.shape
    return f"{stage.title} ({n_channels} of {height}×{width})"


def _hover(stage: Stage) -> str:
    lines = [f"<b>{_size_words(stage)}</b>"]
    lines += [f"{layer.title} {layer.detail}".strip() for layer in stage.layers]
    if stage.n_parameters:
        lines.append(f"{stage.n_parameters:,} parameters")
    return "<br>".join(lines) + "<extra></extra>"
