"""From a slider to its new picture, as the browser sees it, beside Streamlit's own slider.

    python -m benchmarks.explore_browser [--moves 40] [--rounds 3] [--run shipped-modern-fashion]

A real server opens the Explore page in headless Chromium on the same cores. An arrow key moves a
slider; the time runs from the browser's `input` event until the picture that belongs to it is on
its canvas. Two kinds of hand:

- single moves with an arrow key: the next one begins when the picture of the last one is there and
  the hand has rested, so that each pays the whole way there and back.
- a drag with the mouse, to and fro: counted are the pictures that came in a second, before the
  button was let go.

The alternative is the same generator behind `st.slider` and `st.image` in a fragment, which is what
a page would do without a component of its own. Needs Chromium (`apt-get install chromium`).
"""

import argparse
import math
import os
import statistics
import time

from playwright.sync_api import Browser, Locator, Page

from benchmarks.browsing import WAIT_MS, WATCH_IMAGE, app_and_plain

DRAG_S = 4.0
REST_MS = 500

PLAIN = """
import numpy as np
import streamlit as st
from gan.runs.folder import default_home
from gan.runs.shipped import install
from gan.runs.studio import Source, Studio

home = default_home().ensure()
install(home)
studio = st.cache_resource(Studio)(home)
source = Source({run!r})
basis = st.cache_data(lambda: studio.directions(source, "ganspace", 5).basis)()
z = st.cache_data(lambda: studio.z_of(source, 1, 0))()

@st.fragment
def board():
    amounts = [st.slider(f"Direction {{i}}", -3.0, 3.0, 0.0, 0.05) for i in range(5)]
    picture = studio.draw(source, z + np.array(amounts, np.float32) @ basis).images[0]
    st.image(picture.squeeze().repeat(12, 0).repeat(12, 1), output_format="PNG")

board()
"""

WATCH_BOARD = """
() => {
  const canvas = document.querySelector('.slider-board canvas');
  window.moves = []; window.pictures = [];
  document.querySelector('.slider-board .rows input').addEventListener(
    'input', () => window.moves.push(performance.now()), true);
  new MutationObserver(() => window.pictures.push([performance.now(), Number(canvas.dataset.seq)]))
    .observe(canvas, { attributes: true, attributeFilter: ['data-seq'] });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", default="shipped-modern-fashion")
    args = parser.parse_args()
    with app_and_plain(PLAIN.format(run=args.run)) as (browser, app_url, plain_url):
        measure(browser, args, app_url, plain_url)


def measure(browser: Browser, args: argparse.Namespace, app_url: str, plain_url: str) -> None:
    board_ms: list[float] = []
    plain_ms: list[float] = []
    board_rates: list[float] = []
    plain_rates: list[float] = []
    for _ in range(args.rounds):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{app_url}/explore?run={args.run}&tab=Sliders")
        slider = page.locator(".slider-board .rows input").first
        slider.wait_for(timeout=WAIT_MS)
        page.wait_for_timeout(4 * REST_MS)
        page.evaluate(WATCH_BOARD)
        board_ms += single_moves(page, slider, args.moves)
        board_rates.append(drag(page, slider))
        page.close()
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(plain_url)
        page.locator("[data-testid=stImage] img").wait_for(timeout=WAIT_MS)
        page.wait_for_timeout(4 * REST_MS)
        page.evaluate(WATCH_IMAGE)
        slider = page.get_by_role("slider").first
        plain_ms += single_moves(page, slider, args.moves)
        plain_rates.append(drag(page, page.locator("[data-testid=stSlider] input").first))
        page.close()
    print(f"{args.run}, {os.cpu_count()} cores, {args.rounds} rounds of {args.moves} moves\n")
    report("our board", board_ms)
    report("st.slider and st.image", plain_ms)
    ratio = statistics.median(plain_ms) / statistics.median(board_ms)
    print(f"\nst.slider / our board: {ratio:.1f}")
    print(
        f"pictures a second while dragging: our board {statistics.median(board_rates):.1f}, "
        f"st.slider {statistics.median(plain_rates):.1f}"
    )


def single_moves(page: Page, slider: Locator, n: int) -> list[float]:
    """Return how long each of n moves took to its picture, in ms."""
    times = []
    slider.focus()
    for i in range(n):
        page.evaluate("window.moves.length = window.pictures.length = 0")
        page.keyboard.press("ArrowRight" if i < n // 2 else "ArrowLeft")
        page.wait_for_function("window.pictures.length > 0", timeout=WAIT_MS)
        times.append(page.evaluate("window.pictures[0][0] - window.moves[0]"))
        page.wait_for_timeout(REST_MS)
    return times


def drag(page: Page, handle: Locator) -> float:
    """Return how many pictures came in a second while the mouse button was down."""
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("window.pictures.length = 0")
    start = time.monotonic()
    i = 0
    while time.monotonic() < start + DRAG_S:
        page.mouse.move(x + 120 * math.sin(i / 20), y)
        page.wait_for_timeout(16)
        i += 1
    n = page.evaluate("window.pictures.length")
    seconds = time.monotonic() - start
    page.mouse.up()
    page.wait_for_function("window.pictures.length > 0", timeout=WAIT_MS)  # it did move
    return n / seconds


def report(name: str, times: list[float]) -> None:
    ordered = sorted(times)
    tail = ordered[int(0.9 * (len(ordered) - 1))]
    print(
        f"{name:24s} median {statistics.median(times):6.1f} ms   nine in ten below {tail:6.1f} ms"
        f"   (from {ordered[0]:.1f} to {ordered[-1]:.1f})"
    )


if __name__ == "__main__":
    main()
