"""What a viewer costs a run: its steps per second watched and unwatched, on the same cores.

    python -m benchmarks.viewer_cost [--seconds 12] [--rounds 4]

One `vanilla-fashion` run trains in its worker, started by a real server. Windows of some seconds
follow one another, over several rounds:

- alone: no page is open.
- server: somebody watches from another computer. A client that speaks Streamlit's protocol opens
  the page and asks for the refreshes that a browser would ask for, but draws nothing, so that what
  the run loses is the server's share.
- same cores: the page is open in headless Chromium on the run's own cores; the rest of the loss is
  the browser's own rendering.

Also printed: the processor time that server and browser took in each window.
Needs Chromium (`apt-get install chromium`) and Fashion-MNIST (`apt-get install
dataset-fashion-mnist`).
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

import gan
from gan.runs import control
from gan.runs.folder import Home, RunFolder
from gan.runs.store import RunStore

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = shutil.which("chromium") or "chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SETTLE_S = 3.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--rounds", type=int, default=4)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        home = Home(Path(root))
        port = free_port()
        server = start_server(home, port)
        try:
            folder = start_run(home)
            url = f"http://localhost:{port}/train?run={folder.id}"
            measure(folder, url, server.pid, seconds=args.seconds, rounds=args.rounds)
            control.stop(home, folder)
            time.sleep(2.0)
        finally:
            server.terminate()
            server.wait()


def measure(folder: RunFolder, url: str, server_pid: int, *, seconds: float, rounds: int) -> None:
    viewers = {"alone": nobody, "server": remote_viewer, "same cores": chromium_viewer}
    rates: dict[str, list[float]] = {name: [] for name in viewers}
    cpu: dict[str, list[tuple[float, float]]] = {name: [] for name in viewers}
    for _ in range(rounds):
        for name, viewer in viewers.items():
            with viewer(url):
                time.sleep(SETTLE_S)
                before = (steps(folder), cpu_s([server_pid]), cpu_s(browser_pids()))
                start = time.monotonic()
                time.sleep(seconds)
                span = time.monotonic() - start
                rates[name].append((steps(folder) - before[0]) / span)
                server_s = cpu_s([server_pid]) - before[1]
                browser_s = cpu_s(browser_pids()) - before[2]
                cpu[name].append((server_s / span, browser_s / span))
    report(rates, cpu, seconds, rounds)


def report(
    rates: dict[str, list[float]],
    cpu: dict[str, list[tuple[float, float]]],
    seconds: float,
    rounds: int,
) -> None:
    print(f"median of {rounds} rounds of {seconds:g} s windows, {os.cpu_count()} cores\n")
    for name, values in rates.items():
        server = statistics.median(share for share, _ in cpu[name])
        browser = statistics.median(share for _, share in cpu[name])
        print(
            f"{name:11s} {statistics.median(values):6.1f} steps/s   "
            f"server {100 * server:5.1f} % of a core   browser {100 * browser:5.1f} % of a core"
        )
    print()
    for name in ("server", "same cores"):
        ratios = [a / b for a, b in zip(rates[name], rates["alone"], strict=True)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        print(f"{name} / alone: {statistics.median(ratios):.3f} (rounds: {spread})")


def start_server(home: Home, port: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    options = ["--server.port", str(port), "--server.headless", "true"]
    environment = os.environ | {"GAN_HOME": str(home.root)}
    server = subprocess.Popen(
        command + options, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("localhost", port)) == 0:
                return server
        time.sleep(0.2)
    raise SystemExit("The server did not start.")


def start_run(home: Home) -> RunFolder:
    config = gan.get_recipe("vanilla-fashion").build()
    folder = control.launch(home, config)
    while steps(folder) < 200:
        time.sleep(0.5)
    return folder


def steps(folder: RunFolder) -> int:
    with RunStore.open(folder.db_path) as store:
        return store.get_status().step


@contextmanager
def nobody(_url: str) -> Iterator[None]:
    yield


@contextmanager
def chromium_viewer(url: str) -> Iterator[None]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(url)
        page.wait_for_selector(".main-svg", timeout=60_000)
        yield
        browser.close()


@contextmanager
def remote_viewer(url: str) -> Iterator[None]:
    ended = threading.Event()
    thread = threading.Thread(target=watch, args=(url, ended), daemon=True)
    thread.start()
    yield
    ended.set()
    thread.join(10.0)
    if thread.is_alive():
        raise SystemExit("The remote viewer hangs.")


def watch(url: str, ended: threading.Event) -> None:
    """Open a page over Streamlit's websocket and ask for each refresh that it schedules."""
    parts = urlsplit(url)
    address = f"ws://{parts.netloc}/_stcore/stream"
    due: dict[str, tuple[float, float]] = {}  # fragment: (interval, when it is due)
    n_refreshes = 0
    with connect(address, subprotocols=["streamlit"], max_size=None) as socket_:
        first = BackMsg()
        first.rerun_script.query_string = parts.query
        first.rerun_script.page_name = parts.path.strip("/")
        socket_.send(first.SerializeToString())
        while not ended.is_set():
            try:
                raw = socket_.recv(timeout=0.05)
            except TimeoutError:
                raw = None
            if isinstance(raw, bytes):
                message = ForwardMsg.FromString(raw)
                if message.HasField("auto_rerun"):
                    each = message.auto_rerun
                    due[each.fragment_id] = (each.interval, time.monotonic() + each.interval)
            for fragment, (interval, at) in due.items():
                if time.monotonic() >= at:
                    due[fragment] = (interval, time.monotonic() + interval)
                    again = BackMsg()
                    again.rerun_script.CopyFrom(first.rerun_script)
                    again.rerun_script.fragment_id = fragment
                    again.rerun_script.is_auto_rerun = True
                    socket_.send(again.SerializeToString())
                    n_refreshes += 1
    if n_refreshes == 0:
        raise SystemExit("The remote viewer was never asked to refresh: the page has changed.")


def browser_pids() -> list[int]:
    answer = subprocess.run(
        ["pgrep", "-f", "chromium"], capture_output=True, text=True, check=False
    )
    return [int(line) for line in answer.stdout.split()]


def cpu_s(pids: list[int]) -> float:
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
