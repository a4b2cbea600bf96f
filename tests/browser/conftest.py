"""What browser tests share: a Streamlit server of their own, Chromium, a picture of each failure.

A missing Chromium skips these tests, except where `CI=true` promises that it is there.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import gan
from gan.runs import control
from gan.runs.folder import Home, RunFolder
from gan.runs.states import is_over
from pages.widgets.components.plotly_js import plotly_js_url

ROOT = Path(__file__).parents[2]
ARTIFACTS = Path(__file__).parent / "artifacts"
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
]
START_LIMIT_S = 40.0


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        message = "chromium is not installed; set $CHROMIUM to its path"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def browser(chromium_path):
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_ARGS)
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.failed_in_call = report.failed
    return report


@pytest.fixture
def new_page(browser, request) -> Iterator[Callable]:
    """Open pages; each is photographed into `artifacts/` if the test fails."""
    pages = []

    def open_page(url: str, *, width: int = 1440, height: int = 900, dark: bool = False):
        page = browser.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
        )
        pages.append(page)
        page.goto(url)
        return page

    yield open_page
    failed = getattr(request.node, "failed_in_call", False)
    for i, page in enumerate(pages):
        if failed:
            ARTIFACTS.mkdir(exist_ok=True)
            page.screenshot(path=ARTIFACTS / f"{request.node.name}-{i}.png", full_page=True)
        page.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory) -> Callable:
    """Return a context manager that serves a script and yields its address.

    Streamlit serves `static/` from beside the script, so a script of ours is copied beside one.
    """

    @contextmanager
    def run(script: Path, *, base_path: str = "", **env: str) -> Iterator[str]:
        folder = tmp_path_factory.mktemp("server")
        if script.parent != ROOT:
            plotly_js_url()
            shutil.copytree(ROOT / "static", folder / "static")
            script = Path(shutil.copy(script, folder))
        port = _free_port()
        log = folder / "server.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [
                    sys.executable, "-m", "streamlit", "run", str(script),
                    "--server.port", str(port), "--server.address", "localhost",
                    "--server.headless", "true", "--server.enableStaticServing", "true",
                    "--server.fileWatcherType", "none", "--browser.gatherUsageStats", "false",
                    "--runner.postScriptGC", "false", "--server.baseUrlPath", base_path,
                ],
                cwd=folder,
                env={**os.environ, "GAN_HOME": str(folder), "PYTHONPATH": str(ROOT), **env},
                stdout=out,
                stderr=subprocess.STDOUT,
            )  # fmt: skip
        url = f"http://localhost:{port}" + (f"/{base_path}" if base_path else "")
        try:
            _wait_until_up(url, process, log)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

    return run


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Home:
    """The home of the server of `url`."""
    return Home(tmp_path_factory.mktemp("home")).ensure()


@pytest.fixture(scope="module")
def url(serve, home, request, chromium_path) -> Iterator[str]:
    """Where the app is, or the script that a module names `SCRIPT`."""
    script = getattr(request.module, "SCRIPT", ROOT / "app.py")
    with serve(script, GAN_HOME=str(home.root)) as address:
        yield address


@pytest.fixture(scope="module")
def run(home) -> RunFolder:
    """A run of six steps on drawn digits, done."""
    changes = {
        "data.dataset": "drawn-digits", "data.n_images": 512, "model.latent_dim": 6,
        "model.g_widths": [16], "model.d_widths": [16], "train.n_steps": 6,
        "train.batch_size": 64, "train.device": "cpu", "output.n_samples": 4,
    }  # fmt: skip
    config = gan.get_recipe("vanilla-fashion").build().with_changes(changes)
    folder = control.launch(home, config, name="six steps")
    deadline = time.monotonic() + 60
    while not is_over(control.summarise(folder).status.state):
        assert time.monotonic() < deadline, "the run did not end"
        time.sleep(0.1)
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(url: str, process: subprocess.Popen, log: Path) -> None:
    limit = time.monotonic() + START_LIMIT_S
    while time.monotonic() < limit:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")
