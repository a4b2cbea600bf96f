"""The learning-rate sweep as a picture: quality against the rate, a line for each optimiser.

Door layer, without Streamlit.
"""

import math

from gan.comparing.sweep import Sweep, SweepSeries
from gan.figures.chart_svg import SvgLine, chart_svg
from gan.figures.colours import VARIANT_INKS


def sweep_svg(sweep: Sweep, *, dark: bool, width: int = 640) -> str:
    """Return the sweep as SVG text; the best value of each line is ringed."""
    return chart_svg(
        [_line(series) for series in sweep.series],
        x_title=sweep.title,
        y_title="Fréchet distance",
        alt=f"Fréchet distance against {sweep.title}. {sweep.sentence}",
        log_x=sweep.is_log,
        log_y=_is_wide(sweep),
        width=width,
        dark=dark,
    )


def _line(series: SweepSeries) -> SvgLine:
    points = series.points
    has_band = any(point.low != point.high for point in points if point.low is not None)
    return SvgLine(
        label=series.label,
        ink=VARIANT_INKS[series.index],
        x=[point.x for point in points],
        y=[_number(point.mean) for point in points],
        low=[_number(point.low) for point in points] if has_band else None,
        high=[_number(point.high) for point in points] if has_band else None,
        has_points=True,
        chosen=points.index(series.best) if series.best is not None else None,
    )


def _is_wide(sweep: Sweep) -> bool:
    """Tell whether distances differ so much that small ones would lie on the floor."""
    means = [p.mean for series in sweep.series for p in series.points if p.mean is not None]
    return bool(means) and min(means) > 0 and max(means) / min(means) >= 10.0


def _number(value: float | None) -> float:
    return math.nan if value is None else value
