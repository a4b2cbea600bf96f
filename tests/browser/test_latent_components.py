"""The morph player needs no server to play; the map wall asks for what is in sight, and no more."""

import ast
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parent / "apps" / "latent.py"
FRAME = "Number(document.querySelector('.morph-player .picture canvas')?.dataset.frame)"
MAP = ".map-wall canvas"
IS_COMPLETE = f"document.querySelector('{MAP}')?.dataset.missing === '0'"


@pytest.fixture
def page(new_page, url):
    page = new_page(url, height=1300)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.wait_for_function(f"{FRAME} === 0", timeout=30_000)
    page.wait_for_function(IS_COMPLETE, timeout=30_000)
    page.wait_for_timeout(300)
    return page


def said(page, pattern: str) -> str:
    return re.search(pattern, page.inner_text("[data-testid=stMain]"))[1]


def wait_for_text(page, text: str) -> None:
    page.get_by_text(text).wait_for(timeout=10_000)


def is_drawn_like(page, frame: int) -> bool:
    """Go to a frame; tell whether it looks like what was shown before."""
    slider = page.get_by_role("slider", name="Frame")
    read = "document.querySelector('.morph-player .picture canvas').toDataURL()"
    shown = page.evaluate(read)
    slider.fill(str(frame))
    page.wait_for_function(f"{FRAME} === {frame}")
    return page.evaluate(read) == shown


# ---- morph ---------------------------------------------------------------------------------


def test_a_morph_plays_and_turns_without_asking_the_server(page):
    runs = said(page, r"player runs (\d+)")
    page.get_by_label("Frames a second").select_option("60")
    page.get_by_role("slider", name="Frame").fill("110")
    page.wait_for_function(f"{FRAME} === 110")
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"{FRAME} >= 117")  # on to the end
    page.wait_for_function(f"{FRAME} < 110")  # and back
    page.get_by_role("button", name="Pause").click()
    stopped = page.evaluate(FRAME)
    page.wait_for_timeout(250)
    assert page.evaluate(FRAME) == stopped
    assert is_drawn_like(page, stopped)
    assert said(page, r"player runs (\d+)") == runs
    assert page.errors == []


def test_once_stops_at_the_end_and_round_begins_again(page):
    page.get_by_label("Frames a second").select_option("60")
    slider = page.get_by_role("slider", name="Frame")
    for mode, comes in (("once", f"{FRAME} === 119"), ("loop", f"{FRAME} < 60")):
        page.get_by_label("Runs").select_option(mode)
        slider.fill("112")
        page.wait_for_function(f"{FRAME} === 112")
        page.get_by_role("button", name="Play").click()
        page.wait_for_function(comes)
    page.get_by_role("button", name="Pause").click()
    assert page.errors == []


def test_frames_differ_and_the_numbers_follow_the_cursor(page):
    values = page.locator(".morph-player .value")
    assert values.all_inner_texts() == ["50.0 %", "–"]
    assert not is_drawn_like(page, 30)
    assert float(values.first.inner_text().rstrip(" %")) > 85
    assert values.last.inner_text() == "5.00 %"
    page.get_by_role("slider", name="Frame").fill("60")
    page.get_by_text("Frame 61 of 120: B").wait_for()


def test_dragging_over_the_charts_scrubs_and_a_frame_can_be_picked(page):
    box = page.locator(".morph-player .track").bounding_box()
    page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20, steps=4)
    page.mouse.up()
    page.wait_for_function(f"Math.abs({FRAME} - 30) <= 1")
    frame = page.evaluate(FRAME)
    page.get_by_role("button", name="Pick this frame").click()
    wait_for_text(page, f"picked frame {frame}")
    page.wait_for_timeout(300)
    assert page.evaluate(FRAME) == frame  # the player stays where it was


# ---- map -----------------------------------------------------------------------------------


def asked(page) -> list[int]:
    return ast.literal_eval(said(page, r"asked for (\[[\d, ]*\])"))


def pan(page, dx: float, dy: float, steps: int = 6) -> None:
    box = page.locator(MAP).bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=steps)
    page.mouse.up()


def test_only_new_pictures_are_asked_for_and_never_many(page):
    first = asked(page)
    assert max(first) <= 256 and 200 < sum(first) < 330
    pan(page, -58, 0)  # one column more at the right
    page.wait_for_timeout(600)
    page.wait_for_function(IS_COMPLETE)
    new = asked(page)[len(first) :]
    assert 5 <= sum(new) <= 12
    pan(page, 58, 0)
    page.wait_for_timeout(500)
    assert sum(asked(page)) == sum(first) + sum(new)  # back: all of it is known


def test_a_long_way_asks_for_its_end_and_not_for_all_between(page):
    first = sum(asked(page))
    for _ in range(12):
        pan(page, -600, 0, steps=3)
    page.wait_for_timeout(400)
    page.wait_for_function(IS_COMPLETE)
    page.wait_for_timeout(500)
    passed = 12 * 600 / 58 * 10
    assert sum(asked(page)) - first < passed / 2
    assert page.errors == []


def test_a_click_picks_the_place_that_it_points_at_at_any_zoom(page):
    mark = page.locator(".map-wall .mark", has_text="B").bounding_box()
    x, y = mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2
    page.mouse.click(x, y)
    wait_for_text(page, "picked place 1 0")
    page.mouse.move(x, y)
    page.mouse.wheel(0, -200)
    page.wait_for_function(f"document.querySelector('{MAP}').dataset.level === '1'")
    page.mouse.click(x + 58, y)  # the place under the pointer has stayed where it was
    wait_for_text(page, "picked place 1.0625 0")
    page.get_by_role("button", name="Back to the start").click()
    page.get_by_role("button", name="Zoom out").click()
    page.wait_for_function(f"document.querySelector('{MAP}').dataset.level === '-1'")
    page.wait_for_function(IS_COMPLETE)
    assert page.errors == []


def test_keys_move_zoom_and_pick(page):
    page.locator(MAP).focus()
    page.keyboard.press("Enter")
    wait_for_text(page, "picked place 0.5 0.5")
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "+", "Enter"):
        page.keyboard.press(key)
    wait_for_text(page, "picked place 0.75 0.625")
    assert page.locator(MAP).get_attribute("data-level") == "1"


def test_both_fit_a_phone(new_page, url):
    page = new_page(url, width=390, height=844, dark=True)
    page.wait_for_function(IS_COMPLETE, timeout=30_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for part in (".morph-player .picture canvas", ".morph-player .track", MAP):
        box = page.locator(part).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
