"""Frames of a morph a second, as the browser shows them, beside Streamlit's own slider and picture.

    python -m benchmarks.morph_browser [--seconds 5] [--rounds 3] [--run shipped-modern-fashion]

A real server opens the Explore page in headless Chromium on the same cores, with a morph of 120
frames by way of three points. Measured, over whole rounds:

- play: the player runs at 60 frames a second; counted are the frames on its canvas, and the longest
  time that one stood.
- scrub: a hand sends a new place on the slider with every frame of the screen; counted are the
  places that came to the canvas, and the time from a move to its frame.

What the browser sends to the server meanwhile is counted too: it should be nothing. The alternative
is the same frames behind `st.slider` and `st.image` in a fragment. Needs Chromium.
"""

import argparse
import os
import statistics
import time
from itertools import pairwise

from playwright.sync_api import Browser, Page

from benchmarks.browsing import WAIT_MS, WATCH_IMAGE, app_and_plain

PLAIN = """
import numpy as np
import streamlit as st
from gan.latent.paths import make_path
from gan.runs.folder import default_home
from gan.runs.shipped import install
from gan.runs.studio import Source, Studio

@st.cache_data
def frames():
    home = default_home().ensure()
    install(home)
    studio = Studio(home)
    z = studio.z_of(Source({run!r}), 3, 0)
    images = studio.draw(Source({run!r}), make_path(z, 120, "spherical").z).images
    studio.close()
    return images.repeat(12, 1).repeat(12, 2).squeeze()

@st.fragment
def player(images):
    st.image(images[st.slider("Frame", 0, 119, 0)], output_format="PNG")

player(frames())
"""

WATCH = """
(selector) => {
  window.shown = [];
  const canvas = document.querySelector(selector);
  new MutationObserver(() => window.shown.push([performance.now(), Number(canvas.dataset.frame)]))
    .observe(canvas, { attributes: true, attributeFilter: ['data-frame'] });
}"""

SCRUB = """
async (seconds) => {
  const slider = document.querySelector('.morph-player .controls input');
  window.moves = [];
  const end = performance.now() + 1000 * seconds;
  for (let i = 0; performance.now() < end; i++) {
    const frame = Math.round(59.5 + 59 * Math.sin(i / 19));
    window.moves.push([performance.now(), frame]);
    slider.value = String(frame);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", default="shipped-modern-fashion")
    args = parser.parse_args()
    with app_and_plain(PLAIN.format(run=args.run)) as (browser, app_url, plain_url):
        measure(browser, args, app_url, plain_url)


def measure(browser: Browser, args: argparse.Namespace, app_url: str, plain_url: str) -> None:
    played: list[float] = []
    scrubbed: list[float] = []
    plain: list[float] = []
    delays: list[float] = []
    stood: list[float] = []
    n_sent = 0
    for _ in range(args.rounds):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        sent: list[int] = []
        count_sent(page, sent)
        open_morph(page, app_url, args.run)
        sent.clear()
        rate, gap = play(page, args.seconds)
        played.append(rate)
        stood.append(gap)
        rate, late = scrub(page, args.seconds)
        scrubbed.append(rate)
        delays += late
        n_sent += len(sent)
        page.close()
        plain.append(drag_plain(browser, plain_url, args.seconds))
    print(f"{args.run}, {os.cpu_count()} cores, {args.rounds} rounds of {args.seconds:g} s\n")
    print(f"play    {spread(played)} frames/s, the longest stood {max(stood):.0f} ms")
    print(
        f"scrub   {spread(scrubbed)} frames/s, from a move to its frame "
        f"{statistics.median(delays):.1f} ms (nine in ten below {tail(delays):.1f})"
    )
    print(f"st.slider and st.image   {spread(plain)} frames/s")
    print(f"\nscrub / st.slider: {statistics.median(scrubbed) / statistics.median(plain):.1f}")
    print(f"messages to the server while playing and scrubbing: {n_sent}")


def count_sent(page: Page, sent: list[int]) -> None:
    """Note the length of every message that the page sends to its server."""
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda message: sent.append(len(message))),
    )


def open_morph(page: Page, url: str, run: str) -> None:
    picks = "".join(f"&p=1~s0.{i}" for i in range(3))
    page.goto(f"{url}/explore?run={run}&tab=Morph&at=1~s0.0{picks}")
    page.wait_for_selector(".morph-player canvas[data-frame]", timeout=WAIT_MS)
    page.wait_for_timeout(2_000)
    page.evaluate(WATCH, ".morph-player .picture canvas")


def play(page: Page, seconds: float) -> tuple[float, float]:
    """Return the frames a second, and the longest time in ms that one stood."""
    page.get_by_label("Frames a second").select_option("60")
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(500)
    page.evaluate("window.shown.length = 0")
    page.wait_for_timeout(1_000 * seconds)
    shown = page.evaluate("window.shown")
    page.get_by_role("button", name="Pause").click()
    times = [at for at, _ in shown]
    gaps = [b - a for a, b in pairwise(times)]
    return 1_000 * len(gaps) / (times[-1] - times[0]), max(gaps)


def scrub(page: Page, seconds: float) -> tuple[float, list[float]]:
    """Return the frames a second that came of a moving hand, and how late each was, in ms."""
    page.evaluate("window.shown.length = 0")
    page.evaluate(SCRUB, seconds)
    moves, shown = page.evaluate("[window.moves, window.shown]")
    late = []
    for at, frame in shown:
        asked = [when for when, wanted in moves if wanted == frame and when <= at]
        if asked:
            late.append(at - asked[-1])
    return len(shown) / seconds, late


def drag_plain(browser: Browser, url: str, seconds: float) -> float:
    """Return the pictures a second that `st.slider` and `st.image` give a moving hand."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(url)
    page.locator("[data-testid=stImage] img").wait_for(timeout=WAIT_MS)
    page.wait_for_timeout(2_000)
    page.evaluate(WATCH_IMAGE)
    page.get_by_role("slider").first.focus()
    begun, i = time.monotonic(), 0
    while time.monotonic() < begun + seconds:
        page.keyboard.press("ArrowRight" if i // 100 % 2 == 0 else "ArrowLeft")
        page.wait_for_timeout(16)
        i += 1
    rate = page.evaluate("window.pictures.length") / (time.monotonic() - begun)
    page.close()
    return float(rate)


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):5.1f} ({min(values):.1f} to {max(values):.1f})"


def tail(values: list[float]) -> float:
    return sorted(values)[int(0.9 * (len(values) - 1))]


if __name__ == "__main__":
    main()
