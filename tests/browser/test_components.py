"""The live chart and the sample wall keep what the user did while numbers come in."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parent / "apps" / "components.py"
LOSSES = ".st-key-losses"
PLOT = f"{LOSSES} .js-plotly-plot"


@pytest.fixture
def page(new_page, url):
    return ready(new_page(url))


def ready(page):
    page.wait_for_selector(f"{PLOT} .legend", timeout=30_000)
    page.wait_for_selector("canvas[data-step]", timeout=30_000)
    return page


def refreshes(page) -> int:
    return int(re.search(r"refreshes (\d+)", page.inner_text("[data-testid=stMain]"))[1])


def wait_for_refreshes(page, n: int) -> None:
    goal = refreshes(page) + n
    page.wait_for_function(
        "goal => Number(document.body.innerText.match(/refreshes (\\d+)/)?.[1]) >= goal",
        arg=goal,
        timeout=20_000,
    )
    page.wait_for_timeout(300)


def x_range(page) -> list[float]:
    return page.evaluate(f"document.querySelector('{PLOT}')._fullLayout.xaxis.range.slice()")


def drag_zoom(page) -> None:
    box = page.locator(f"{PLOT} .nsewdrag").first.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, y, steps=5)
    page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=5)
    page.mouse.up()
    page.mouse.move(5, 5)
    page.wait_for_function(f"document.querySelector('{PLOT}')._fullLayout.xaxis.range[0] > 1000")


def test_zoom_and_node_survive_refreshes_and_full_reruns(page):
    page.evaluate(f"document.querySelector('{PLOT}').dataset.mine = 'yes'")
    drag_zoom(page)
    before = x_range(page)
    wait_for_refreshes(page, 3)
    assert x_range(page) == pytest.approx(before)
    page.get_by_role("button", name="Run all").click()
    wait_for_refreshes(page, 2)
    assert x_range(page) == pytest.approx(before)
    assert page.evaluate(f"document.querySelector('{PLOT}').dataset.mine") == "yes"


def test_the_window_reaches_python_and_finer_rows_come_back(page):
    drag_zoom(page)
    low, high = x_range(page)
    page.wait_for_function(
        "() => Number(document.body.innerText.match(/rows in window (\\d+)/)?.[1]) > 250",
        timeout=10_000,
    )
    text = page.inner_text("[data-testid=stMain]")
    window = re.search(r"window \(([\d.]+), ([\d.]+)\)", text)
    assert [float(window[1]), float(window[2])] == pytest.approx([low, high], rel=1e-3)


def test_a_double_click_shows_everything_again(page):
    drag_zoom(page)
    page.locator(f"{PLOT} .nsewdrag").first.dblclick()
    page.wait_for_function("() => document.body.innerText.includes('window None')", timeout=10_000)
    wait_for_refreshes(page, 2)
    assert x_range(page)[0] < 100
    assert x_range(page)[1] > 20_000


def test_a_stretch_is_shaded_and_says_what_it_shows(page):
    layout = f"document.querySelector('{PLOT}')._fullLayout"
    bands = f"{layout}.shapes.filter(s => s.type === 'rect').map(s => [s.x0, s.x1])"
    assert page.evaluate(bands) == [[6_000, 9_000]]
    drag_zoom(page)
    before = x_range(page)
    wait_for_refreshes(page, 2)
    assert page.evaluate(bands) == [[6_000, 9_000]]
    assert x_range(page) == pytest.approx(before)
    page.locator(f"{PLOT} .nsewdrag").first.dblclick()
    page.locator(f"{PLOT} .annotation", has_text="Mode collapse").hover()
    page.locator(f"{PLOT} .hoverlayer", has_text="Diversity fell to 0.1.").wait_for()


def test_a_hidden_curve_stays_hidden(page):
    visible = (
        f"[...document.querySelectorAll('{PLOT} .legend .traces')].map(t => t.style.opacity || '1')"
    )
    count = (
        f"document.querySelector('{PLOT}')._fullData.filter(t => t.visible === 'legendonly').length"
    )
    page.locator(f"{PLOT} .legendtoggle").first.click()
    page.wait_for_function(f"{count} === 2")  # the faint curve goes with the smoothed one
    wait_for_refreshes(page, 3)
    assert page.evaluate(count) == 2
    assert "0.5" in page.evaluate(visible)


def test_the_hover_label_stays(page):
    box = page.locator(f"{PLOT} .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.mouse.move(box["x"] + box["width"] * 0.51, box["y"] + box["height"] * 0.5)
    page.wait_for_selector(f"{PLOT} .hoverlayer .legend")
    wait_for_refreshes(page, 3)
    label = page.text_content(f"{PLOT} .hoverlayer")
    assert all(name in label for name in ("D on real", "D on fake", "D total", "G"))


def test_two_charts_load_plotly_once(page):
    assert page.locator(".js-plotly-plot").count() == 2
    assert page.evaluate("document.querySelectorAll('script[src*=\"plotly\"]').length") == 1


def test_the_chart_holds_its_height_before_the_first_number(page):
    before = page.locator(f"{LOSSES} .live-chart").bounding_box()["height"]
    page.get_by_text("Empty", exact=True).click()
    page.get_by_text("The first numbers come in a moment.").first.wait_for()
    assert page.locator(f"{LOSSES} .live-chart").bounding_box()["height"] == before


def test_works_below_a_base_path(serve, new_page):
    with serve(SCRIPT, base_path="class/gan") as address:
        ready(new_page(address))


# ---- the wall ------------------------------------------------------------------------------


def shown_step(page) -> int:
    return int(page.locator(".st-key-wall canvas").get_attribute("data-step"))


def wait_for_step(page, step: int) -> None:
    selector = f".st-key-wall canvas[data-step='{step}']"
    page.wait_for_selector(selector, timeout=10_000)


def test_tiles_grow_by_a_whole_factor_without_blur(page):
    canvas = page.locator(".st-key-wall canvas")
    scale = int(canvas.get_attribute("data-scale"))
    columns = int(canvas.get_attribute("data-columns"))
    assert scale >= 2
    assert canvas.bounding_box()["width"] == columns * (28 * scale + 2) - 2
    assert canvas.evaluate("c => getComputedStyle(c).imageRendering") == "pixelated"
    pixels = canvas.evaluate(
        "(c, s) => [...c.getContext('2d').getImageData(0, 0, 28 * s, 1).data]", scale
    )
    reds = pixels[::4]
    assert all(len(set(reds[i * scale : (i + 1) * scale])) == 1 for i in range(28))
    assert canvas.get_attribute("aria-label") == "64 generated pictures after step 20,000"


def test_the_slider_obeys_the_keyboard_and_stays_where_it_was_put(page):
    height = page.locator(".st-key-wall .sample-wall").bounding_box()["height"]
    slider = page.locator(".st-key-wall input[type=range]")
    slider.focus()
    page.keyboard.press("Home")
    wait_for_step(page, 0)
    page.keyboard.press("ArrowRight")
    wait_for_step(page, 500)
    assert slider.get_attribute("aria-valuetext") == "step 500"
    page.get_by_text("wall step 500").wait_for()
    wait_for_refreshes(page, 2)
    assert shown_step(page) == 500
    page.get_by_role("button", name="Follow newest").click()
    wait_for_step(page, 20_000)
    page.get_by_text("wall step None").wait_for()
    assert page.locator(".st-key-wall .sample-wall").bounding_box()["height"] == height


def test_only_the_newest_of_many_choices_is_shown(page):
    page.locator(".st-key-wall input[type=range]").focus()
    page.evaluate("""
        window.seen = [];
        new MutationObserver(list => list.forEach(m => window.seen.push(m.target.dataset.step)))
            .observe(document.querySelector('.st-key-wall canvas'),
                     { attributes: true, attributeFilter: ['data-step'] });
    """)
    for _ in range(12):
        page.keyboard.press("ArrowLeft")
    wait_for_step(page, 20_000 - 12 * 500)
    wait_for_refreshes(page, 1)
    seen = [int(step) for step in page.evaluate("window.seen")]
    assert seen == sorted(seen, reverse=True)
    assert shown_step(page) == 14_000


def test_play_steps_through_what_was_saved(page):
    page.locator(".st-key-wall input[type=range]").focus()
    page.keyboard.press("Home")
    wait_for_step(page, 0)
    page.get_by_role("button", name="Play").click()
    wait_for_step(page, 1_500)
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Play").wait_for()


def test_scores_are_written_on_the_tiles(page):
    page.get_by_text("Scores", exact=True).click()
    page.wait_for_selector(".st-key-wall .tile")
    assert page.locator(".st-key-wall .tile").count() == 64
    assert page.locator(".st-key-wall .tile").last.inner_text() == "100%"
    page.get_by_text("fooled D").wait_for()


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_all_of_it(new_page, url, dark):
    page = ready(new_page(url, width=390, height=844, dark=dark))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for box in (LOSSES, ".st-key-wall canvas", ".st-key-wall .player"):
        place = page.locator(box).first.bounding_box()
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= 390
    legend = page.locator(f"{PLOT} .legend").first.bounding_box()
    plot = page.locator(f"{PLOT} .nsewdrag").first.bounding_box()
    assert legend["y"] >= plot["y"] + plot["height"]
