"""Bands around means over seeds, in the real browser."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parent / "apps" / "race_chart.py"
PLOT = ".st-key-race .js-plotly-plot"
DATA = f"document.querySelector('{PLOT}')._fullData"


@pytest.fixture
def page(new_page, url):
    page = new_page(url)
    page.wait_for_selector(f"{PLOT} .legend", timeout=30_000)
    return page


def test_each_variant_has_a_line_and_a_band_of_its_colour(page):
    names = page.evaluate(f"{DATA}.filter(t => t.showlegend).map(t => t.name)")
    assert names == ["SGD", "RMSprop", "Adam"]
    fills = page.evaluate(f"{DATA}.filter(t => t.fill === 'toself').map(t => t.fillcolor)")
    lines = page.evaluate(f"{DATA}.filter(t => t.showlegend).map(t => t.line.color)")
    assert fills == lines
    assert len(set(lines)) == 3
    assert page.evaluate(f"Math.min(...{DATA}[0].y.filter(y => y !== null)) > 0") is True


def test_one_hover_reads_all_variants_with_band_and_seeds(page):
    box = page.locator(f"{PLOT} .nsewdrag").first.bounding_box()
    x, y = box["x"] + 0.95 * box["width"], box["y"] + 0.5 * box["height"]
    page.mouse.move(x - 4, y)
    page.mouse.move(x, y)
    label = page.locator(f"{PLOT} .hoverlayer .legend")
    label.wait_for()
    text = label.text_content()
    assert all(name in text for name in ("SGD", "RMSprop", "Adam"))
    assert text.count(" to ") == 3
    assert text.count("2 of 3") == 1


def test_a_hidden_variant_takes_its_band_along_and_stays_hidden(page):
    hidden = f"{DATA}.filter(t => t.visible === 'legendonly').length"
    page.locator(f"{PLOT} .legendtoggle").first.click()
    page.wait_for_function(f"{hidden} === 2")  # the band goes with its line
    drawn = page.get_by_text("drawn at").inner_text()
    page.wait_for_function("old => !document.body.innerText.includes(old)", arg=drawn)
    page.wait_for_timeout(500)
    assert page.evaluate(hidden) == 2


def test_a_band_that_reaches_below_zero_is_drawn_on_a_log_scale(page):
    page.get_by_text("Log scale").click()
    page.wait_for_function(f"document.querySelector('{PLOT}')._fullLayout.yaxis.type === 'log'")
    areas = f"[...document.querySelectorAll('{PLOT} .fills path')].map(p => p.getAttribute('d'))"
    page.wait_for_function(f"{areas}.length === 3")
    assert all(d and "NaN" not in d for d in page.evaluate(areas))
