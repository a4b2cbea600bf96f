"""What benchmarks in a real browser share: the app beside a plain page of Streamlit's own widgets.

Needs Chromium (`apt-get install chromium`).
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or "chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WAIT_MS = 90_000

WATCH_IMAGE = """
() => {
  const image = () => document.querySelector('[data-testid=stImage] img');
  window.moves = []; window.pictures = []; let shown = image().src;
  document.addEventListener('keydown', () => window.moves.push(performance.now()), true);
  new MutationObserver(() => {
    const img = image();
    if (!img || img.src === shown) return;
    shown = img.src;
    img.decode().then(() => window.pictures.push([performance.now(), 0]));
  }).observe(document.body, { attributes: true, childList: true, subtree: true });
}"""
"""Notes in the page when a key was pressed and when `st.image` showed another picture."""


@contextmanager
def app_and_plain(plain: str) -> Iterator[tuple[Browser, str, str]]:
    """Serve the app and a script from one new home; yield a browser and both addresses."""
    with tempfile.TemporaryDirectory() as root, sync_playwright() as playwright:
        script = Path(root) / "plain.py"
        script.write_text(plain, encoding="utf-8")
        servers = [_start_server(path, root) for path in (ROOT / "app.py", script)]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            app_url, plain_url = (f"http://localhost:{port}" for port, _ in servers)
            yield browser, app_url, plain_url
        finally:
            browser.close()
            for _, server in servers:
                server.terminate()
                server.wait()


def _start_server(script: Path, root: str) -> tuple[int, "subprocess.Popen[bytes]"]:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    options = ["--server.port", str(port), "--server.headless", "true"]
    environment = os.environ | {"GAN_HOME": root, "PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(
        command + options, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    for _ in range(150):
        with socket.socket() as probe:
            if probe.connect_ex(("localhost", port)) == 0:
                return port, server
        time.sleep(0.2)
    raise SystemExit("The server did not start.")
