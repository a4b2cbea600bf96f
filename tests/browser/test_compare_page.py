"""A comparison from its design to its verdict in a real browser, with real workers."""

import csv
import re
from pathlib import Path

import pytest

from gan.runs import comparisons
from gan.runs.folder import Home

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
WAIT_MS = 90_000
SLIDER = "input[aria-label='Training step of all walls']"
ANSWER = ".st-key-compare-answer h4"
PLOT = '[class*="st-key-compare-quality"] .js-plotly-plot'


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("home")).ensure()
    yield home
    for comparison in comparisons.list_comparisons(home):
        comparisons.delete(home, comparison, with_runs=True)


@pytest.fixture(scope="module")
def url(serve, home, chromium_path):
    with serve(ROOT / "app.py", GAN_HOME=str(home.root)) as address:
        yield address


def fill(page, key: str, text: str) -> None:
    box = page.locator(f".st-key-{key} input").first
    box.fill(text)
    box.press("Enter")


def choose(page, key: str, text: str) -> None:
    page.locator(f".st-key-{key} input").first.click()
    page.get_by_role("option", name=text, exact=True).click()


def steps_shown(page) -> set[str]:
    return {c.get_attribute("data-step") for c in page.locator(".linked-walls canvas").all()}


def test_from_a_design_to_the_verdict_and_back_by_its_address(new_page, url, home):
    page = new_page(f"{url}/compare?design=modern-fashion")
    choose(page, "cfg-data-dataset", "Drawn digits")
    choose(page, "compare-factor1", "Learning rate of both networks")
    fill(page, "compare-factor1-both-lr", "0.001, 0.03")
    fill(page, "compare-n_seeds", "2")
    fill(page, "compare-steps", "60")
    fill(page, "compare-every", "20")
    page.get_by_text("4 runs").wait_for(timeout=WAIT_MS)
    main = "document.querySelector('[data-testid=stMain]')"
    page.evaluate(f"{main}.scrollTo(0, 1e6)")
    page.wait_for_function(f"{main}.scrollTop > 0")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/compare?comparison=*", timeout=WAIT_MS)

    page.locator(".st-key-compare-answer").wait_for(timeout=WAIT_MS)
    page.wait_for_function(f"{main}.scrollTop === 0")  # the answer is in sight, not the form's end
    page.get_by_text(re.compile("Runs done [0-3] of 4")).wait_for(timeout=WAIT_MS)  # it is live
    top = page.locator(".st-key-compare-answer").bounding_box()["y"]
    page.get_by_text("Runs done 4 of 4").wait_for(timeout=WAIT_MS)
    assert page.locator(".st-key-compare-answer").bounding_box()["y"] == top
    page.get_by_text("So far: not all").wait_for(state="detached", timeout=WAIT_MS)
    sentence = page.inner_text(ANSWER)
    assert "0.001" in sentence
    assert "0.03" in sentence
    page.wait_for_function(f"document.querySelector('{PLOT}')?._fullData.length >= 4")

    page.wait_for_selector(".linked-walls canvas[data-step='60']", timeout=WAIT_MS)
    page.locator(SLIDER).focus()
    page.keyboard.press("Home")
    page.wait_for_function(
        "() => new Set([...document.querySelectorAll('.linked-walls canvas')]"
        ".map(c => c.dataset.step)).size === 1"
        " && document.querySelector('.linked-walls canvas').dataset.step !== '60'"
    )
    assert len(steps_shown(page)) == 1
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.linked-walls canvas')]"
        ".every(c => c.dataset.step === '60')"
    )
    (comparison,) = comparisons.list_comparisons(home)
    assert re.search(r"comparison=([\w-]+)", page.url)[1] == comparison.id

    with page.expect_download(timeout=WAIT_MS) as download:
        page.get_by_role("button", name="Report (HTML)").click()
    report = Path(download.value.path()).read_text(encoding="utf-8")
    assert sentence in report
    assert report.count("data:image/png;base64,") >= 2
    with page.expect_download(timeout=WAIT_MS) as download:
        page.get_by_role("button", name="Figures (CSV)").click()
    figures = Path(download.value.path()).read_text(encoding="utf-8")
    rows = list(csv.DictReader(figures.splitlines()))
    assert [row["row"] for row in rows].count("run") == 4

    again = new_page(page.url, width=390, height=844, dark=True)
    again.get_by_text(sentence).first.wait_for(timeout=WAIT_MS)
    again.wait_for_selector(".linked-walls canvas[data-step='60']", timeout=WAIT_MS)
    assert again.evaluate("document.documentElement.scrollWidth") <= 390
