"""One slider drives the walls of all competitors."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parent / "apps" / "linked_walls.py"
SLIDER = "input[aria-label='Training step of all walls']"


@pytest.fixture
def page(new_page, url):
    return ready(new_page(url))


def ready(page):
    wait_for_step(page, "adam", 1000)
    page.locator(SLIDER).focus()
    return page


def wait_for_step(page, wall: str, step: int) -> None:
    page.wait_for_selector(f"[data-wall={wall}] canvas[data-step='{step}']", timeout=30_000)


def steps_shown(page) -> list[str]:
    return [canvas.get_attribute("data-step") for canvas in page.locator("canvas").all()]


def grey(page, wall: str) -> int:
    get = "c => c.getContext('2d').getImageData(3, 3, 1, 1).data[0]"
    return page.locator(f"[data-wall={wall}] canvas").evaluate(get)


def asked(page) -> list[str]:
    return re.search(r"read (.*)", page.inner_text("[data-testid=stMain]"))[1].split()


def test_each_wall_shows_its_nearest_step_before_and_says_which(page):
    page.keyboard.press("Home")
    wait_for_step(page, "adam", 0)
    assert steps_shown(page) == ["0", "0", ""]
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    wait_for_step(page, "adam", 600)
    assert steps_shown(page) == ["600", "400", ""]
    assert (grey(page, "adam"), grey(page, "sgd")) == (60, 140)
    assert page.locator("[data-wall=adam] .which").inner_text() == "step 600"
    assert page.locator("[data-wall=sgd] .which").inner_text() == "its step 400"
    assert page.locator("[data-wall=late] .trouble").inner_text() == "No pictures yet at this step."
    assert page.locator(SLIDER).get_attribute("aria-valuetext") == "step 600"
    assert page.get_by_text("diverged at step 450").is_visible()


def test_play_never_shows_two_steps_at_once_and_asks_for_each_sheet_once(page):
    page.keyboard.press("Home")
    wait_for_step(page, "adam", 0)
    page.evaluate("""
        window.seen = [];
        const look = () => seen.push([...document.querySelectorAll('canvas')].map(
            c => Number(c.dataset.step)));
        new MutationObserver(look).observe(document.querySelector('.walls'),
            { subtree: true, attributes: true, attributeFilter: ['data-step'] });
    """)
    page.get_by_role("button", name="Play").click()
    wait_for_step(page, "adam", 1000)
    seen = page.evaluate("window.seen")
    assert [adam for adam, _, _ in seen] == sorted(adam for adam, _, _ in seen)
    assert {adam for adam, _, _ in seen} - {0} == set(range(100, 1001, 100))
    assert all(sgd == min(adam, 400) for adam, sgd, _ in seen)
    page.get_by_role("button", name="Play").click()  # once more, from what is here by now
    wait_for_step(page, "adam", 300)
    page.get_by_role("button", name="Pause").click()
    read = asked(page)
    assert len(read) == len(set(read))


def test_what_is_new_is_followed_until_a_step_was_chosen(page):
    height = page.locator(".linked-walls").bounding_box()["height"]
    page.get_by_text("Grown").click()
    wait_for_step(page, "adam", 1100)
    page.locator(SLIDER).focus()
    page.keyboard.press("ArrowLeft")
    wait_for_step(page, "adam", 1000)
    page.get_by_text("Grown").click()
    page.get_by_text("Grown").click()
    page.wait_for_timeout(1500)
    assert steps_shown(page)[0] == "1000"
    page.get_by_role("button", name="Follow newest").click()
    wait_for_step(page, "adam", 1100)
    assert page.locator(".linked-walls").bounding_box()["height"] == height


def test_all_walls_are_saved_as_one_picture(page):
    with page.expect_download() as download:
        page.get_by_role("button", name="Save PNG").click()
    assert download.value.suggested_filename == "race-step-1000.png"
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_shows_a_row_of_each_below_the_slider(new_page, url, dark):
    page = ready(new_page(url, width=390, height=844, dark=dark))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for box in (SLIDER, "[data-wall=adam] canvas", "[data-wall=sgd] canvas"):
        place = page.locator(box).bounding_box()
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= 390
        assert place["y"] + place["height"] <= 844
