"""Evaluate in a real browser: measured by a real process, drawn, and taken along as one page."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
WAIT_MS = 60_000


def test_a_run_is_measured_drawn_and_taken_along(new_page, url, run, tmp_path):
    page = new_page(f"{url}/train?run={run.id}")
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.get_by_text("How good is it?").click(timeout=WAIT_MS)
    page.get_by_role("button", name="Measure on the Evaluate page").click(timeout=WAIT_MS)
    page.wait_for_url(f"**/evaluate?run={run.id}*", timeout=WAIT_MS)
    samples = page.get_by_role("spinbutton", name="Samples")
    samples.fill("200", timeout=WAIT_MS)
    samples.press("Enter")
    page.wait_for_url("**n=200*", timeout=WAIT_MS)
    page.get_by_role("button", name="Measure", exact=True).click(timeout=WAIT_MS)
    page.get_by_text("Fréchet distance").first.wait_for(timeout=WAIT_MS)
    map_image = page.get_by_alt_text("Map of 10 classes on a ring")
    map_image.wait_for(timeout=WAIT_MS)
    assert map_image.evaluate("(image) => image.complete && image.naturalWidth > 0")
    page.wait_for_function(
        "() => document.querySelectorAll('.sample-wall canvas').length === 4", timeout=WAIT_MS
    )
    assert "step=6" in page.url and "features=mnist" in page.url
    with page.expect_download(timeout=WAIT_MS) as download:
        page.get_by_role("button", name="Report (HTML)").click()
    report = tmp_path / "report.html"
    download.value.save_as(report)
    page.reload()  # the address alone opens the same
    map_image.wait_for(timeout=WAIT_MS)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(800)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert errors == []
    assert_self_contained(new_page, report)


def assert_self_contained(new_page, report: Path) -> None:
    page = new_page("about:blank", width=390, height=844)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    page.get_by_text("How it was measured").wait_for(timeout=WAIT_MS)
    assert [address for address in asked if not address.startswith("data:")] == [report.as_uri()]
    assert page.locator("svg path").count() == 1
    broken = "[...document.images].filter((image) => !image.naturalWidth).length"
    assert page.evaluate(broken) == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
