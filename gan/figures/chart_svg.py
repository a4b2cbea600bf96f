"""A small line chart as SVG text, for reports that must need nothing else.

Door layer. Lines have an ink, a dash and, where they are means over seeds, a band.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import numpy.typing as npt

from gan.figures.colours import NEUTRAL, Ink

_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 14, 12, 46
_LEGEND_PX = 22  # a row of the legend
_DASHES = {
    "dash": "9 5", "dot": "2 4", "dashdot": "9 4 2 4", "longdash": "15 6",
    "longdashdot": "15 5 2 5",
}  # fmt: skip
Numbers = Sequence[float] | npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class SvgLine:
    """One curve.

    Attributes:
        x, y: `[n]`; points that are not finite are left out.
        low, high: the band's ends, `[n]`, or None.
        has_points: whether each point is marked, as where there are few.
        chosen: index of a point to ring, None for none.
    """

    label: str
    ink: Ink
    x: Numbers
    y: Numbers
    low: Numbers | None = None
    high: Numbers | None = None
    has_points: bool = False
    chosen: int | None = None


def chart_svg(
    lines: Sequence[SvgLine],
    *,
    x_title: str,
    y_title: str,
    alt: str,
    log_x: bool = False,
    log_y: bool = False,
    width: int = 640,
    height: int = 320,
    dark: bool = False,
) -> str:
    """Return the chart as SVG text; it says so where there is nothing to draw."""
    rows = _legend_rows(lines, width)
    top = _TOP + _LEGEND_PX * len(rows)
    grey = NEUTRAL.dark if dark else NEUTRAL.light
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height + top}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{grey}" color="{grey}">'
        f"<title>{escape(alt)}</title>"
    ]
    x_all = [value for line in lines for value in line.x]
    parts_y = [part for line in lines for part in (line.y, line.low, line.high)]
    y_all = [value for part in parts_y if part is not None for value in part]
    x_axis = _Axis.over(x_all, log_x, _LEFT, width - _RIGHT)
    y_axis = _Axis.over(y_all, log_y, top + height - _BOTTOM, top)
    if x_axis is None or y_axis is None:
        place = f'x="{width / 2}" y="{top + height / 2}"'
        return f'{parts[0]}<text {place} text-anchor="middle">No numbers.</text></svg>'
    parts += _axes(x_axis, y_axis, x_title, y_title)
    parts += [_band(line, x_axis, y_axis, dark) for line in lines if line.low is not None]
    parts += [_curve(line, x_axis, y_axis, dark) for line in lines]
    parts += _legend(rows, dark)
    return "".join(parts) + "</svg>"


@dataclass(frozen=True)
class _Axis:
    """A range of numbers on a stretch of the picture, linear or logarithmic."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool

    @classmethod
    def over(
        cls, values: Sequence[float], is_log: bool, start: float, end: float
    ) -> "_Axis | None":
        """Return an axis with some air around the values; None without a value to show."""
        shown = [float(v) for v in values if math.isfinite(v) and (v > 0 or not is_log)]
        if not shown:
            return None
        low, high = min(shown), max(shown)
        if is_log:
            low, high = math.log10(low), math.log10(high)
        air = 0.04 * (high - low) or 0.5 * abs(high) or 0.5
        return cls(low - air, high + air, start, end, is_log)

    def at(self, value: float) -> float:
        """Return where a value is, in units of the picture."""
        if self.is_log:
            value = math.log10(value) if value > 0 else self.low
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        """Return round numbers within the range."""
        if self.is_log:
            decades = range(math.floor(self.low), math.ceil(self.high) + 1)
            found = [m * 10.0**d for d in decades for m in (1, 2, 5)]
            shown = [t for t in found if self.low <= math.log10(t) <= self.high]
            return [t for t in shown if _mantissa(t) == 1] if len(shown) > 7 else shown
        rough = (self.high - self.low) / 5
        size = 10.0 ** math.floor(math.log10(rough))
        step = next(size * m for m in (1, 2, 5, 10) if size * m >= 0.7 * rough)
        first = math.ceil(self.low / step)
        return [step * k for k in range(first, math.floor(self.high / step) + 1)]


def _mantissa(value: float) -> int:
    return round(value / 10.0 ** math.floor(math.log10(value) + 1e-9))


def _axes(x: _Axis, y: _Axis, x_title: str, y_title: str) -> list[str]:
    parts = []
    for tick in y.ticks():
        at = y.at(tick)
        parts.append(
            f'<path d="M{x.start} {at}H{x.end}" stroke="currentColor" stroke-opacity=".14"/>'
            f'<text x="{x.start - 7}" y="{at + 4}" text-anchor="end">{_number(tick)}</text>'
        )
    for tick in x.ticks():
        at = x.at(tick)
        parts.append(
            f'<path d="M{at} {y.start}v5" stroke="currentColor" stroke-opacity=".5"/>'
            f'<text x="{at}" y="{y.start + 19}" text-anchor="middle">{_number(tick)}</text>'
        )
    middle_x, middle_y = (x.start + x.end) / 2, (y.start + y.end) / 2
    return [
        *parts,
        f'<path d="M{x.start} {y.start}H{x.end}" stroke="currentColor" stroke-opacity=".5"/>',
        f'<text x="{middle_x}" y="{y.start + 38}" text-anchor="middle">{escape(x_title)}</text>',
        f'<text transform="translate(14 {middle_y}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_title)}</text>",
    ]


def _curve(line: SvgLine, x: _Axis, y: _Axis, dark: bool) -> str:
    colour = line.ink.dark if dark else line.ink.light
    stretches: list[list[str]] = [[]]
    marks = []
    for i, (at_x, at_y) in enumerate(zip(line.x, line.y, strict=True)):
        if not math.isfinite(at_y) or (y.is_log and at_y <= 0) or (x.is_log and at_x <= 0):
            stretches.append([])
            continue
        place = f"{x.at(float(at_x))} {y.at(float(at_y))}"
        stretches[-1].append(place)
        if line.has_points:
            cx, cy = place.split()
            ring = line.chosen == i
            marks.append(
                f'<circle cx="{cx}" cy="{cy}" r="{7 if ring else 4}" '
                f'fill="{"none" if ring else colour}" stroke="{colour}" stroke-width="2.5">'
                f"<title>{escape(line.label)}: {at_x:g} → {at_y:.4g}</title></circle>"
            )
    path = "".join(f"M{'L'.join(stretch)}" for stretch in stretches if stretch)
    dash = f' stroke-dasharray="{_DASHES[line.ink.dash]}"' if line.ink.dash in _DASHES else ""
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2.2" '
        f'stroke-linejoin="round"{dash}><title>{escape(line.label)}</title></path>{"".join(marks)}'
    )


def _band(line: SvgLine, x: _Axis, y: _Axis, dark: bool) -> str:
    assert line.low is not None
    assert line.high is not None
    colour = line.ink.dark if dark else line.ink.light
    rows = [
        (x.at(float(at)), y.at(float(low)), y.at(float(high)))
        for at, low, high in zip(line.x, line.low, line.high, strict=True)
        if math.isfinite(low) and math.isfinite(high) and (not y.is_log or high > 0)
    ]
    if not rows:
        return ""
    there = [f"{at} {high}" for at, _, high in rows]
    back = [f"{at} {low}" for at, low, _ in reversed(rows)]
    return (
        f'<path d="M{"L".join(there + back)}Z" fill="{colour}" '
        f'fill-opacity="{0.22 if dark else 0.16}"/>'
    )


def _legend_rows(lines: Sequence[SvgLine], width: int) -> list[list[tuple[float, SvgLine]]]:
    """Return the lines in rows of names, each with where it begins."""
    rows: list[list[tuple[float, SvgLine]]] = []
    at = math.inf
    for line in lines if len(lines) > 1 else ():
        length = 48 + 7.5 * len(line.label)
        if at + length > width - _RIGHT:
            rows.append([])
            at = _LEFT
        rows[-1].append((at, line))
        at += length
    return rows


def _legend(rows: Sequence[Sequence[tuple[float, SvgLine]]], dark: bool) -> list[str]:
    parts = []
    for i, row in enumerate(rows):
        y = _TOP + _LEGEND_PX * i + 4
        for x, line in row:
            colour = line.ink.dark if dark else line.ink.light
            known = _DASHES.get(line.ink.dash)
            dash = f' stroke-dasharray="{known}"' if known else ""
            parts.append(
                f'<path d="M{x:.0f} {y}h28" stroke="{colour}" stroke-width="2.6"{dash}/>'
                f'<text x="{x + 34:.0f}" y="{y + 4}">{escape(line.label)}</text>'
            )
    return parts


def _number(value: float) -> str:
    if abs(value) < 1e-12:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
