"""Charts as SVG: well-formed, at the right places, gaps left as gaps."""

import math
import re
from xml.etree import ElementTree

import pytest

from gan.figures.chart_svg import SvgLine, chart_svg
from gan.figures.colours import VARIANT_INKS

NS = "{http://www.w3.org/2000/svg}"


def draw(*lines, **options):
    words = {"x_title": "step", "y_title": "loss", "alt": "A & B", "width": 640, "height": 320}
    return ElementTree.fromstring(chart_svg(lines, **{**words, **options}))


def line(y, x=None, **more):
    x = list(range(1, len(y) + 1)) if x is None else x
    return SvgLine(more.pop("label", "Adam"), VARIANT_INKS[more.pop("ink", 0)], x, y, **more)


def curves(svg):
    return [p for p in svg.iter(f"{NS}path") if p.get("stroke-width") == "2.2"]


def points(path):
    return [tuple(map(float, xy)) for xy in re.findall(r"([\d.]+) ([\d.]+)", path.get("d"))]


def test_higher_values_lie_higher_and_a_line_lies_straight():
    (path,) = curves(draw(line([1.0, 2.0, 3.0])))
    (x0, y0), (x1, y1), (x2, y2) = points(path)
    assert x0 < x1 < x2
    assert y0 > y1 > y2
    assert y1 == pytest.approx((y0 + y2) / 2, abs=0.2)


def test_on_a_log_scale_equal_ratios_are_equal_distances():
    (path,) = curves(draw(line([1.0, 10.0, 100.0], [0.001, 0.01, 0.1]), log_x=True, log_y=True))
    (x0, y0), (x1, y1), (x2, y2) = points(path)
    assert x1 == pytest.approx((x0 + x2) / 2, abs=0.2)
    assert y1 == pytest.approx((y0 + y2) / 2, abs=0.2)


def test_what_is_not_finite_leaves_a_gap():
    (path,) = curves(draw(line([1.0, 2.0, math.nan, 4.0, 5.0])))
    assert path.get("d").count("M") == 2
    assert "nan" not in path.get("d")


def test_a_band_and_a_legend_for_several_lines():
    svg = draw(
        line([1.0, 2.0], low=[0.5, 1.5], high=[1.5, 2.5]),
        line([3.0, 4.0], label="SGD <fast>", ink=5),
    )
    assert [p.get("fill") for p in svg.iter(f"{NS}path") if p.get("fill-opacity")] == [
        VARIANT_INKS[0].light
    ]
    assert "SGD <fast>" in {t.text for t in svg.iter(f"{NS}text")}
    assert curves(svg)[1].get("stroke-dasharray")
    assert svg.find(f"{NS}title").text == "A & B"


def test_ticks_are_round_and_within():
    svg = draw(line([0.0, 0.93]), x_title="", y_title="")
    texts = [t.text for t in svg.iter(f"{NS}text")]
    assert {"0", "0.2", "0.4", "0.6", "0.8"} <= set(texts)
    decades = draw(line([1e-4, 1e3]), log_y=True)
    assert "0.001" in {t.text for t in decades.iter(f"{NS}text")}


@pytest.mark.parametrize("lines", [(), (line([]),), (line([math.nan]),)])
def test_nothing_to_draw_is_said(lines):
    assert "No numbers." in {t.text for t in draw(*lines).iter(f"{NS}text")}


def test_one_value_alone_is_drawn():
    (path,) = curves(draw(line([5.0], has_points=True, chosen=0)))
    assert len(points(path)) == 1
