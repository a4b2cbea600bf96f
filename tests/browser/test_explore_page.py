"""The Explore page in a real browser: clicks on walls, sliders that the picture follows, links."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
WAIT_MS = 60_000
BOARD = ".slider-board"


@pytest.fixture(scope="module")
def url(serve, chromium_path, tmp_path_factory, tiny_shipped):
    root = tmp_path_factory.mktemp("explore-home")
    with serve(ROOT / "app.py", GAN_HOME=str(root), GAN_SHIPPED=str(tiny_shipped)) as address:
        yield address


def at(page) -> str:
    return parse_qs(urlsplit(page.url).query)["at"][0]


def wait_for_place(page, code: str) -> None:
    page.wait_for_function(
        "code => new URLSearchParams(location.search).get('at') === code",
        arg=code,
        timeout=WAIT_MS,
    )


def picture(page) -> str:
    return page.locator(f"{BOARD} canvas").first.evaluate("c => c.toDataURL()")


def board(page):
    page.locator(f"{BOARD} .strip canvas").nth(6).wait_for(timeout=WAIT_MS)
    return page.locator(f"{BOARD} .row input").first


def test_the_picture_follows_the_slider_and_a_link_opens_both_again(new_page, url):
    page = new_page(f"{url}/explore?tab=Sliders")
    slider = board(page)
    before = picture(page)
    slider.focus()
    for _ in range(12):  # quicker than anybody draws: only the newest counts in the end
        page.keyboard.press("ArrowRight")
    wait_for_place(page, "1~s0.0~mganspace.0.60")
    moved = picture(page)
    assert moved != before
    assert slider.get_attribute("aria-valuetext") == "0.6 σ"
    page.reload()
    slider = board(page)
    assert slider.get_attribute("aria-valuetext") == "0.6 σ"
    assert picture(page) == moved
    page.get_by_role("button", name="Reset all").click()
    wait_for_place(page, "1~s0.0")
    assert picture(page) == before


def test_a_small_picture_leads_to_the_very_picture_that_it_shows(new_page, url):
    page = new_page(f"{url}/explore?tab=Sliders")
    board(page)
    thumb = page.locator(f"{BOARD} .strip canvas").nth(1)
    wanted = thumb.evaluate("c => c.toDataURL()")
    thumb.click()
    wait_for_place(page, "1~s0.0~mganspace.0.-200")
    assert picture(page) == wanted
    page.get_by_role("button", name="Randomise").click()
    page.wait_for_function("!location.search.endsWith('.-200')", timeout=WAIT_MS)
    page.get_by_role("button", name="Reset Direction 1").wait_for(timeout=WAIT_MS)


def test_tiles_are_picked_with_mouse_and_keyboard(new_page, url):
    page = new_page(f"{url}/explore")
    wall = '[class*="st-key-explore-wall"]'
    tile = page.locator(f"{wall} .pick").nth(9)
    tile.wait_for(timeout=WAIT_MS)
    tile.click()
    page.locator(f"{wall} .pick[aria-pressed=true]").nth(3).wait_for(timeout=WAIT_MS)
    assert page.locator(f"{wall} .pick").nth(9).inner_text() == "D"
    wait_for_place(page, "1~s0.9")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_for_place(page, "1~s0.18")  # one to the right, then a row of eight down
    tray = page.locator('[class*="st-key-explore-tray"] .pick')
    tray.nth(4).wait_for(timeout=WAIT_MS)
    tray.nth(1).click()
    board(page)
    wait_for_place(page, "1~s0.1")


def test_a_tile_of_a_runs_wall_opens_in_latent_space(new_page, url):
    page = new_page(f"{url}/train?run=shipped-tiny")
    tile = page.locator('[class*="st-key-wall-shipped"] .pick').nth(2)
    tile.wait_for(timeout=WAIT_MS)
    wall = page.locator('[class*="st-key-wall-shipped"] canvas').first
    shown = wall.evaluate(
        """c => {
          const scale = Number(c.dataset.scale), columns = Number(c.dataset.columns);
          const tile = document.createElement('canvas');
          tile.width = tile.height = 28;
          const step = 28 * scale + 2;
          const context = tile.getContext('2d');
          context.imageSmoothingEnabled = false;
          context.drawImage(c, (2 % columns) * step, Math.floor(2 / columns) * step,
            28 * scale, 28 * scale, 0, 0, 28, 28);
          return [...context.getImageData(0, 0, 28, 28).data];
        }"""
    )
    tile.click()
    page.wait_for_url("**/explore?**", timeout=WAIT_MS)
    board(page)
    assert at(page).startswith("1~g2")
    drawn = page.locator(f"{BOARD} canvas").first.evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, 28, 28).data]"
    )
    # The shipped weights are of half precision: the same picture, but for the last shade or two.
    assert max(abs(a - b) for a, b in zip(shown, drawn, strict=True)) <= 3


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_all_of_it(new_page, url, dark):
    page = new_page(f"{url}/explore?tab=Sliders", width=390, height=844, dark=dark)
    board(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for part in (f"{BOARD} canvas", f"{BOARD} .row input", f"{BOARD} .strip"):
        place = page.locator(part).first.bounding_box()
        assert place["x"] >= 0 and place["x"] + place["width"] <= 390
