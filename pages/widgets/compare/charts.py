"""The race as curves: all variants together, or a chart for each; a mean with a band over seeds."""

from dataclasses import dataclass

import streamlit as st

from gan.config import RunConfig
from gan.figures.race import RaceFeed
from gan.figures.race_curves import BANDS, BandKind, RaceAxis, RaceCurve
from gan.losses.catalog import get_loss_info
from gan.runs.comparisons import Comparison
from pages.widgets.compare.marks import draw_marks, ink_of
from pages.widgets.components.live_chart import Style, chosen_window, live_chart

_TOGETHER, _APART = "all together", "one chart each"
_X_TITLES: dict[RaceAxis, str] = {"step": "step", "time": "seconds of training"}
_LOSSES = ("loss/d_real", "loss/d_fake", "loss/g")
_UNSPLIT = ("loss/d", "loss/g")
_MAX_POINTS = 240
_N_NAMED = 4  # more variants than this are named above the charts alone
_QUALITY = "quality/distance"
_TEXTS = {
    _QUALITY: (
        "Distance to real pictures",
        "Fréchet distance",
        "How far generated and real pictures are apart: lower is better. This decides the race.",
    ),
    "loss/g": ("Loss of G", "loss", "How far G is from fooling D."),
    "loss/d_real": ("Loss of D on real pictures", "loss", "Low: D knows real pictures as real."),
    "loss/d_fake": ("Loss of D on generated ones", "loss", "Low: D sees through the fakes."),
    "loss/d": ("Loss of D", "loss", "Low: D tells real from generated."),
}


@dataclass(frozen=True)
class _Look:
    """What the options above the charts say."""

    view: str
    x: RaceAxis
    log_y: bool
    smoothing: float
    band: BandKind
    shown: tuple[int, ...]


def draw_charts(comparison: Comparison, race: RaceFeed, *, large: bool) -> None:
    """Draw the quality of all variants, and the losses of D and G."""
    look = _draw_options(comparison)
    quality = race.curves(_QUALITY, variants=look.shown, x=look.x, band=look.band)
    keys = _loss_keys(race)
    if look.view == _TOGETHER:
        charts = [_QUALITY, *keys]
        for start in range(0, len(charts), 2):  # row by row, so that a phone has the same order
            for column, key in zip(
                st.columns(2, gap="medium"), charts[start : start + 2], strict=False
            ):
                with column:
                    curves = quality if key == _QUALITY else _curves(race, key, look, key)
                    _draw_together(comparison, key, curves, look, large=large)
    else:
        _draw_together(comparison, _QUALITY, quality, look, large=large)
        _draw_apart(comparison, race, keys, look, large=large)
    st.caption(_band_text(comparison, look))
    note = _loss_note(comparison)
    if note:
        st.caption(note)


def _draw_options(comparison: Comparison) -> _Look:
    variants = comparison.variants
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        view = st.segmented_control(
            "View", [_TOGETHER, _APART], default=_TOGETHER, key="compare_view",
            label_visibility="collapsed",
        )  # fmt: skip
        x = st.segmented_control(
            "Horizontal axis", list(_X_TITLES), default="step", key="compare_x",
            format_func=lambda each: "by step" if each == "step" else "by time",
            label_visibility="collapsed",
        )  # fmt: skip
        log_y = st.toggle("Log scale", key="compare_log", help="Shows small and large together.")
        smoothing = st.slider(
            "Smoothing", 0.0, 1.0, 0.6, 0.1, key="compare_smoothing", width=170,
            help="Of the losses; the distance is shown as measured.",
        )  # fmt: skip
        band = "range"
        if len(comparison.design.seeds) > 1:
            band = st.selectbox(
                "Band", list(BANDS), format_func=lambda kind: BANDS[kind].title,
                key="compare_band", width=200, help="What the shade around each mean shows.",
            )  # fmt: skip
    chosen = None
    if len(variants) > _N_NAMED:
        chosen = st.pills(
            "Show", [v.index for v in variants], selection_mode="multi", key="compare_shown",
            format_func=lambda index: comparison.design.variants[index].label,
            help="Nothing chosen shows all.",
        )  # fmt: skip
        draw_marks(v for v in variants if not chosen or v.index in chosen)
    shown = tuple(chosen or [variant.index for variant in variants])
    return _Look(
        view or _TOGETHER, x or "step", bool(log_y), float(smoothing), band or "range", shown
    )


def _loss_keys(race: RaceFeed) -> tuple[str, ...]:
    """Return the losses that the runs report: D's in two parts, or as one where it has no parts."""
    return _LOSSES if race.curves("loss/d_real", max_points=2) else _UNSPLIT


def _curves(race: RaceFeed, key: str, look: _Look, chart: str) -> list[RaceCurve]:
    return race.curves(
        key, variants=look.shown, x=look.x, smoothing=look.smoothing, band=look.band,
        window=chosen_window(f"compare-{chart}"), max_points=_MAX_POINTS,
    )  # fmt: skip


def _draw_together(
    comparison: Comparison, key: str, curves: list[RaceCurve], look: _Look, *, large: bool
) -> None:
    """Draw one number of all variants, each in its colour."""
    title, y_title, text = _TEXTS[key]
    variants = comparison.design.variants
    st.markdown(f"**{title}**")
    live_chart(
        [curve.trace(f"variant-{curve.variant}") for curve in curves],
        key=f"compare-{key}",
        x_title=_X_TITLES[look.x],
        y_title=y_title,
        height_px=400 if large else 290,
        alt=f"{title} of {', '.join(variants[c.variant].label for c in curves) or 'no variant'}",
        log_y=look.log_y,
        empty_text=_EMPTY_QUALITY if key == _QUALITY else "The first numbers come in a moment.",
        file_name=f"{comparison.id}-{key.replace('/', '-')}",
        large=large,
        styles={
            f"variant-{c.variant}": Style(variants[c.variant].label, ink_of(c.variant))
            for c in curves
        },
        has_legend=len(comparison.variants) <= _N_NAMED or len(look.shown) <= _N_NAMED,
    )
    st.caption(text)


_EMPTY_QUALITY = "The first measurement comes a little later."


def _draw_apart(
    comparison: Comparison,
    race: RaceFeed,
    keys: tuple[str, ...],
    look: _Look,
    *,
    large: bool,
) -> None:
    """Draw a chart for each variant with the losses of both networks, all on the same scale."""
    found = {key: _curves(race, key, look, "apart") for key in keys}
    y_range = (
        None if look.log_y else _common_range([c for curves in found.values() for c in curves])
    )
    shown = [v for v in comparison.variants if v.index in look.shown]
    columns = st.columns(min(3, max(2, len(shown))), gap="medium")
    for i, variant in enumerate(shown):
        curves = [c for each in found.values() for c in each if c.variant == variant.index]
        with columns[i % len(columns)]:
            st.markdown(f"**{variant.label}**")
            live_chart(
                [curve.trace() for curve in curves],
                key=f"compare-apart-{variant.key}",
                x_title=_X_TITLES[look.x],
                y_title="loss",
                height_px=360 if large else 260,
                alt=f"Losses of both networks under {variant.label}",
                log_y=look.log_y,
                y_range=y_range,
                empty_text="The first numbers come in a moment.",
                file_name=f"{comparison.id}-{variant.key}",
                large=large,
            )
    st.caption("The same scale in every chart, so that heights compare.")


def _common_range(curves: list[RaceCurve]) -> tuple[float, float] | None:
    """Return limits that hold nearly all of these curves; one wild start does not flatten them."""
    highs: list[float] = []
    lows = [0.0]
    for curve in curves:
        finite = curve.mean[abs(curve.mean) < float("inf")]
        if len(finite):
            ordered = sorted(float(value) for value in finite)
            highs.append(ordered[int(0.98 * (len(ordered) - 1))])
            lows.append(ordered[int(0.02 * (len(ordered) - 1))])
    return (min(lows), 1.08 * max(highs)) if highs and max(highs) > min(lows) else None


def _band_text(comparison: Comparison, look: _Look) -> str:
    n = len(comparison.design.seeds)
    if n < 2:
        return "One seed each: there is no band, and no way to tell skill from luck."
    return f"Lines are means over up to {n} seeds; the shade reaches {BANDS[look.band].text}."


def _loss_note(comparison: Comparison) -> str:
    names = {v.changes.get("loss.name") for v in comparison.design.variants} - {None}
    if len(names) > 1:
        return "Each variant has a loss of its own here, so losses do not compare; distances do."
    info = get_loss_info(RunConfig.parse(comparison.design.base).loss.name)
    return "" if info.output == "probability" else f"Losses in the units of {info.title}."
