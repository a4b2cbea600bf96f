"""The first start in a real browser: a trained generator draws, and shows how it learned."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
WAIT_MS = 60_000


def test_the_first_screen_is_a_trained_generator_that_draws_new_pictures(
    serve, new_page, tmp_path, tiny_shipped
):
    with serve(ROOT / "app.py", GAN_HOME=str(tmp_path), GAN_SHIPPED=str(tiny_shipped)) as url:
        page = new_page(url)
        wall = page.locator(".st-key-showcase-wall .sample-wall canvas")
        wall.wait_for(timeout=WAIT_MS)
        page.get_by_text("Generated · step 12").wait_for(timeout=WAIT_MS)
        steps = page.get_by_role("slider", name="Training step")
        steps.focus()
        page.keyboard.press("Home")
        page.get_by_text("Generated · step 0").wait_for(timeout=WAIT_MS)
        page.get_by_role("button", name="Draw new ones").click()
        page.get_by_text("Drawn just now · seed").wait_for(timeout=WAIT_MS)
        assert wall.count() == 1
        page.get_by_role("button", name="Back", exact=True).click()
        page.get_by_text("Generated · step").wait_for(timeout=WAIT_MS)
        page.get_by_role("button", name="How it learned").click()
        page.wait_for_url("**/train?run=shipped-tiny", timeout=WAIT_MS)
        page.get_by_text("comes with the product").first.wait_for(timeout=WAIT_MS)
        page.locator('[class*="st-key-losses-"] .js-plotly-plot').wait_for(timeout=WAIT_MS)
        assert page.get_by_role("button", name="Resume", exact=True).count() == 0
