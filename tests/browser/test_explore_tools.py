"""Morph, map and search in a real browser, with a real generator, and a morph taken along."""

import io
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
WAIT_MS = 60_000


def open_tab(page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click(timeout=WAIT_MS)


def test_pictures_are_morphed_mapped_found_and_edited(new_page, url, run):
    picks = "&p=1~s0.0&p=1~s0.1&p=1~s0.2"
    page = new_page(f"{url}/explore?run={run.id}&tab=Morph&frames=60&at=1~s0.0{picks}", height=1300)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.locator(".morph-player canvas[data-frame='0']").wait_for(timeout=WAIT_MS)
    page.get_by_text("Frame 1 of 60: A").wait_for()
    with page.expect_download(timeout=WAIT_MS) as download:
        page.get_by_role("button", name="GIF", exact=True).click()
    with Image.open(io.BytesIO(Path(download.value.path()).read_bytes())) as film:
        assert (film.format, film.n_frames) == ("GIF", 2 * 60 - 2)
    page.get_by_role("button", name="Pick this frame").click()  # it is A, picked before
    page.get_by_text("It is picked already").wait_for(timeout=WAIT_MS)

    open_tab(page, "Map")
    page.wait_for_function(
        "document.querySelector('.map-wall canvas')?.dataset.missing === '0'", timeout=WAIT_MS
    )
    page.locator(".map-wall canvas").click()
    page.wait_for_function(
        "new URLSearchParams(location.search).getAll('p').length === 4", timeout=WAIT_MS
    )

    open_tab(page, "Find")
    open_tab(page, "one that was picked")
    page.get_by_role("button", name="Find it").click(timeout=WAIT_MS)
    page.get_by_text("Found: it is").wait_for(timeout=WAIT_MS)
    page.get_by_role("button", name="Edit it with the sliders").click()
    page.locator(".slider-board canvas").first.wait_for(timeout=WAIT_MS)
    assert errors == []
