"""Both networks of a configuration: a picture of each, and the table of its layers."""

import streamlit as st

from gan.config import ModelConfig
from gan.errors import ConfigError
from gan.figures.networks import Player, description, network_figure
from gan.models.plan import NetworkPlan, PairPlan, plan_pair, shape_text

NO_NETWORKS = "Both networks are drawn here as soon as these settings work."
_PLOTLY = {"displayModeBar": False, "scrollZoom": False}
_READING = (
    "A slab is a stack of maps: as high as the maps are, the thicker the more of them. A column "
    "is a row of numbers. Below each stands how many there are and, for maps, their size."
)


def draw_networks(
    model: ModelConfig, *, img_channels: int, size_px: int, n_classes: int = 0
) -> None:
    """Draw generator and discriminator, or say that such networks cannot be built."""
    try:
        pair = plan_pair(model, img_channels=img_channels, size_px=size_px, n_classes=n_classes)
    except ConfigError:  # the bar with Train says why
        st.caption(NO_NETWORKS)
        return
    generator, discriminator = st.tabs(["Generator", "Discriminator"])
    with generator:
        _draw_network(pair, pair.generator, "g")
    with discriminator:
        _draw_network(pair, pair.discriminator, "d")


def _draw_network(pair: PairPlan, plan: NetworkPlan, player: Player) -> None:
    st.markdown(_in_words(plan, player))
    st.plotly_chart(
        network_figure(pair, player, dark=st.context.theme.type == "dark"),
        key=f"network-{player}",
        config=_PLOTLY,
        alt=description(pair, player),
    )
    st.caption(_READING)
    st.table(_rows(plan), hide_index=True, border="horizontal")
    meanings = {layer.title: layer.meaning for layer, _ in plan.rows()}
    st.caption(" ".join(f"**{title}** {meaning}." for title, meaning in meanings.items()))


def _in_words(plan: NetworkPlan, player: Player) -> str:
    n_channels, height, width = plan.picture.shape
    kind = {1: "a grey", 3: "an RGB"}.get(n_channels, f"a {n_channels}-channel")
    picture = f"{kind} picture of {height}×{width} pixels"
    told = f", told which of {plan.picture.n_classes} classes," if plan.picture.n_classes else ""
    if player == "g":
        does = f"The generator{told} turns {plan.in_shape[0]} random numbers into {picture}."
    else:
        n = plan.out_shape[0]
        answer = "one number, its logit" if n == 1 else f"{n} logits, each for a part of it"
        does = f"The discriminator{told} turns {picture} into {answer}."
    return f"{does} It has **{plan.n_parameters:,}** parameters, the numbers that it learns."


def _rows(plan: NetworkPlan) -> list[dict[str, str]]:
    """Return the table: a row a layer, each block's title once, the total last."""
    rows = []
    block = ""
    for layer, way in plan.rows():
        is_sum = layer.kind == "residual"  # its parameters stand in the rows above it
        rows.append(
            {
                "Block": "" if layer.block == block else layer.block,
                "Layer": f"{layer.title} ({way})" if way else layer.title,
                "Output": shape_text(layer.out_shape),
                "Parameters": f"{layer.n_parameters:,}"
                if layer.n_parameters and not is_sum
                else "",
                "Settings": layer.detail,
            }
        )
        block = layer.block
    total = f"**{plan.n_parameters:,}**"
    return [
        *rows,
        {"Block": "**Total**", "Layer": "", "Output": "", "Parameters": total, "Settings": ""},
    ]
