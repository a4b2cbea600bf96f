"""The whole path in a real browser: a real server, real workers, real Fashion-MNIST."""

import io
import os
import re
import signal
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import gan
from gan.data.sources import DEBIAN_FOLDER
from gan.diagnosis.catalog import FINDINGS
from gan.errors import GanError
from gan.runs import control
from gan.runs.folder import Home, find_run
from gan.runs.states import RunState, is_live, is_over
from gan.runs.store import RunStore
from pages.widgets.setup_sections import SECTIONS

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
LOSSES = '[class*="st-key-losses-"] .js-plotly-plot'
WAIT_MS = 60_000


@pytest.fixture(scope="module")
def fashion_mnist():
    if not Path(DEBIAN_FOLDER).exists():
        message = "real Fashion-MNIST is missing: apt-get install dataset-fashion-mnist"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("home")).ensure()
    yield home
    stop_everything(home)


@pytest.fixture(scope="module")
def url(serve, home, chromium_path, fashion_mnist):
    with serve(ROOT / "app.py", GAN_HOME=str(home.root)) as address:
        yield address


@pytest.fixture
def run_page(new_page, url, home):
    """A page with a running vanilla-fashion, started as a visitor would; stopped afterwards."""
    page = new_page(url)
    page.get_by_role("button", name="Train it now").click()
    page.wait_for_url("**/train?run=*", timeout=WAIT_MS)
    wait_for_points(page, 20)
    yield page
    stop_everything(home)


def stop_everything(home: Home) -> None:
    for summary in control.summarise_all(home)[0]:
        if not is_over(summary.status.state):
            with suppress(GanError):
                control.stop(home, summary.folder)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if all(is_over(s.status.state) for s in control.summarise_all(home)[0]):
            return
        time.sleep(0.1)
    raise AssertionError("a worker did not stop")


def run_of(page, home):
    return find_run(home, re.search(r"run=([\w-]+)", page.url)[1])


def status_of(page, home):
    return control.summarise(run_of(page, home)).status


def last_x(page) -> float:
    return page.evaluate(
        f"""() => {{
            const plot = document.querySelector('{LOSSES}');
            const xs = (plot?.data ?? []).flatMap((t) => (t.x.length ? [t.x[t.x.length - 1]] : []));
            return xs.length ? Math.max(...xs) : -1;
        }}"""
    )


def wait_for_points(page, step: float) -> None:
    page.wait_for_function(
        f"""(step) => {{
            const plot = document.querySelector('{LOSSES}');
            const xs = (plot?.data ?? []).flatMap((t) => (t.x.length ? [t.x[t.x.length - 1]] : []));
            return xs.length > 0 && Math.max(...xs) >= step;
        }}""",
        arg=step,
        timeout=WAIT_MS,
    )


def wait_for_state(page, home, state: RunState) -> None:
    page.get_by_text(re.compile(rf"\b{state}$")).first.wait_for(timeout=WAIT_MS)
    assert status_of(page, home).state is state


def wait_until(question, what: str) -> None:
    deadline = time.monotonic() + 30
    while not question():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.1)


def click(page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def open_section(page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click(timeout=WAIT_MS)


def choose(page, field: str, option: str) -> None:
    """Open a list and choose; a list that a page still being drawn closed is opened again."""
    entry = page.get_by_role("option", name=option, exact=True)

    def is_open() -> bool:
        page.get_by_role("combobox", name=field).first.click(timeout=WAIT_MS)
        page.wait_for_timeout(700)
        return entry.count() > 0

    wait_until(is_open, f"the list of {field}")
    entry.click(timeout=WAIT_MS)


def fill(page, field: str, value: int) -> None:
    box = page.get_by_role("spinbutton", name=field, exact=True)
    box.fill(str(value))
    box.press("Enter")


def upload(page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/zip", "buffer": content}
    )


def mixed_pictures() -> bytes:
    """Return a zip as people bring them: 24 pictures of all sorts in two folders, and rubbish."""
    rng = np.random.default_rng(0)
    kinds = (
        ("png", "RGBA"), ("jpg", "RGB"), ("webp", "RGB"), ("gif", "P"), ("png", "L"),
        ("jpg", "CMYK"),
    )  # fmt: skip
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for i in range(24):
            suffix, mode = kinds[i % len(kinds)]
            height, width = rng.integers(20, 90, size=2)
            pixels = rng.integers(0, 256, size=(height, width, 3), dtype=np.uint8)
            encoded = io.BytesIO()
            Image.fromarray(pixels).convert(mode).save(
                encoded, format="JPEG" if suffix == "jpg" else suffix
            )
            folder = "cats" if i % 2 else "dogs"
            archive.writestr(f"pets/{folder}/{i:02}.{suffix}", encoded.getvalue())
        archive.writestr("pets/cats/broken.png", b"\x89PNG\r\n\x1a\n and then nothing")
        archive.writestr("pets/cats/letter.png", b"Dear picture, I am a text.")
        archive.writestr("../../outside.png", b"climbing out")
        archive.writestr("pets/notes.txt", b"not meant to be a picture")
    return target.getvalue()


def sheet_of(page) -> str | None:
    """Return the address of the contact sheet, which is another for other pictures."""
    return page.locator("[data-testid=stImage] img").first.get_attribute("src", timeout=WAIT_MS)


def test_first_visit_trains_on_real_data_with_one_click_and_points_keep_coming(run_page, home):
    seen = last_x(run_page)
    wait_for_points(run_page, seen + 20)
    assert "Fashion-MNIST read from" in run_page.inner_text("[data-testid=stMain]")
    wait_for_state(run_page, home, RunState.RUNNING)
    assert run_page.locator(".sample-wall canvas").count() >= 2
    legend = run_page.locator(f"{LOSSES} .legendtext").all_text_contents()
    assert legend == ["D on real", "D on fake", "D total", "G"]
    run_page.wait_for_function("document.title.includes('running')", timeout=WAIT_MS)


def test_zoom_survives_refreshes_while_training(run_page):
    box = run_page.locator(f"{LOSSES} .nsewdrag").first.bounding_box()
    y = box["y"] + box["height"] / 2
    run_page.mouse.move(box["x"] + 0.3 * box["width"], y)
    run_page.mouse.down()
    run_page.mouse.move(box["x"] + 0.6 * box["width"], y, steps=6)
    run_page.mouse.up()
    run_page.mouse.move(5, 5)
    x_range = f"document.querySelector('{LOSSES}')._fullLayout.xaxis.range.slice()"
    run_page.wait_for_timeout(1500)  # a refresh or two
    before = run_page.evaluate(x_range)
    assert before[1] - before[0] < 0.6 * last_x(run_page)
    wait_for_points(run_page, last_x(run_page) + 40)
    assert run_page.evaluate(x_range) == pytest.approx(before)


def test_pause_step_resume_stop_and_resume_again(run_page, home):
    click(run_page, "Pause")
    wait_for_state(run_page, home, RunState.PAUSED)
    at = status_of(run_page, home)
    click(run_page, "Step")
    wait_until(lambda: status_of(run_page, home).step == at.step + 1, "one step of both")
    click(run_page, "D")
    wait_until(lambda: status_of(run_page, home).tick == at.tick + 3, "one update of D")
    after = status_of(run_page, home)
    assert (after.step, after.state) == (at.step + 1, RunState.PAUSED)
    run_page.get_by_text("One update of D").first.wait_for(timeout=WAIT_MS)  # the mark
    click(run_page, "Resume")
    wait_until(lambda: status_of(run_page, home).step > after.step, "training to go on")
    click(run_page, "Stop")
    wait_for_state(run_page, home, RunState.STOPPED)
    stopped_at = status_of(run_page, home).step
    click(run_page, "Resume")
    wait_until(lambda: status_of(run_page, home).step > stopped_at, "the resumed run to go on")
    wait_for_state(run_page, home, RunState.RUNNING)


def test_a_learning_rate_changes_live_and_is_marked_on_the_curves(run_page, home):
    click(run_page, "Pause")
    wait_for_state(run_page, home, RunState.PAUSED)
    run_page.get_by_role("button", name="Change").click()
    field = run_page.get_by_label("Learning rate of G", exact=True)
    field.fill("0.00005")
    field.press("Tab")
    click(run_page, "Apply")
    wait_until(lambda: status_of(run_page, home).live.get("g_lr") == 5e-5, "the new rate")
    run_page.keyboard.press("Escape")
    run_page.locator(f"{LOSSES} .annotation-text", has_text="G lr 0.0002 → 5e-05").first.wait_for(
        timeout=WAIT_MS
    )


def test_reload_and_a_second_tab_find_the_run(run_page, new_page, home):
    seen = last_x(run_page)
    run_page.reload()
    wait_for_points(run_page, seen)
    other = new_page(run_page.url)
    wait_for_points(other, seen)
    assert run_of(other, home) == run_of(run_page, home)


def test_a_killed_worker_is_shown_as_interrupted_and_resumes_with_one_click(run_page, home):
    click(run_page, "Save")
    folder = run_of(run_page, home)

    def has_checkpoint() -> bool:
        with RunStore.open(folder.db_path) as store:
            return bool(store.list_checkpoints())

    wait_until(has_checkpoint, "a checkpoint")
    os.kill(status_of(run_page, home).pid, signal.SIGKILL)
    run_page.get_by_text("interrupted").first.wait_for(timeout=10_000)
    run_page.get_by_text("Last lines of the log").wait_for(timeout=10_000)
    at = status_of(run_page, home)
    assert at.state is RunState.INTERRUPTED
    click(run_page, "Resume")
    wait_until(lambda: is_live(status_of(run_page, home).state), "the run to start again")
    wait_until(lambda: status_of(run_page, home).step > at.step, "the run to go on")
    wait_for_state(run_page, home, RunState.RUNNING)


def test_a_restarted_server_finds_the_run_which_went_on(serve, new_page, home, fashion_mnist):
    with serve(ROOT / "app.py", GAN_HOME=str(home.root)) as first:
        page = new_page(first)
        page.get_by_role("button", name="Train it now").click()
        page.wait_for_url("**/train?run=*", timeout=WAIT_MS)
        wait_for_points(page, 5)
        folder, pid = run_of(page, home), status_of(page, home).pid
        step = status_of(page, home).step
    wait_until(lambda: control.summarise(folder).status.step > step, "training without a server")
    with serve(ROOT / "app.py", GAN_HOME=str(home.root)) as second:
        page = new_page(f"{second}/train?run={folder.id}")
        wait_for_points(page, step)
        assert page.locator("[data-testid=stSidebarNav]").count() == 0, "app.py did not run"
        assert status_of(page, home).pid == pid
        wait_for_state(page, home, RunState.RUNNING)
    stop_everything(home)


def test_time_slider_goes_back_and_follows_again(run_page):
    wall = run_page.locator(".sample-wall").first
    run_page.wait_for_function(
        "() => Number(document.querySelector('.sample-wall input[type=range]')?.max) >= 3",
        timeout=WAIT_MS,
    )
    slider = wall.locator("input[type=range]")
    slider.focus()
    slider.press("Home")
    run_page.get_by_text("Generated · step 0 ").wait_for(timeout=WAIT_MS)
    run_page.wait_for_timeout(2500)  # two refreshes
    assert run_page.get_by_text("Generated · step 0 ").is_visible()


def test_runs_page_lists_searches_deletes_and_brings_back(new_page, url, home):
    page = new_page(url)
    page.get_by_role("button", name="Train it now").click()
    page.wait_for_url("**/train?run=*", timeout=WAIT_MS)
    folder = run_of(page, home)
    name = control.summarise(folder).name
    stop_everything(home)
    page.goto(f"{url}/runs")
    row = page.locator(f".st-key-run-row-{folder.id}")
    row.wait_for(timeout=WAIT_MS)
    search = page.get_by_label("Search", exact=True)
    search.fill("no such run anywhere")
    search.press("Enter")
    page.get_by_text("No run fits this search.").wait_for(timeout=WAIT_MS)
    search.fill(name)
    search.press("Enter")
    row.wait_for(timeout=WAIT_MS)
    row.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete").click()
    row.wait_for(state="detached", timeout=WAIT_MS)
    assert not folder.path.exists()
    click(page, "Undo")
    page.locator(f".st-key-run-row-{folder.id}").wait_for(timeout=WAIT_MS)
    assert folder.path.exists()


def test_bad_settings_are_refused_at_the_widget_with_one_sentence(new_page, url):
    page = new_page(f"{url}/train")
    open_section(page, "Networks")
    widths = page.get_by_role("textbox", name="Generator widths")
    widths.fill("128, many")
    widths.press("Enter")
    page.get_by_text("write whole numbers with commas").first.wait_for(timeout=WAIT_MS)
    assert page.get_by_role("button", name="Train", exact=True).is_disabled()
    widths.fill("128, 64")
    widths.press("Enter")
    page.get_by_text("write whole numbers with commas").first.wait_for(
        state="detached", timeout=WAIT_MS
    )
    page.get_by_text("Changed: Generator widths").wait_for(timeout=WAIT_MS)
    assert page.get_by_role("button", name="Train", exact=True).is_enabled()


def test_an_unknown_run_in_the_address_gets_one_sentence(new_page, url):
    page = new_page(f"{url}/train?run=no-such-run")
    page.get_by_text("There is no run 'no-such-run'").wait_for(timeout=WAIT_MS)
    assert "Traceback" not in page.content()


def test_own_pictures_go_from_a_zip_to_samples_without_leaving_the_page(new_page, url, home):
    page = new_page(f"{url}/train?recipe=linear-mnist")
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_section(page, "Data")
    choose(page, "Data set", "Own pictures")
    page.get_by_text("Bring a zip, or name a folder").wait_for(timeout=WAIT_MS)
    train = page.get_by_role("button", name="Train", exact=True)
    wait_until(train.is_disabled, "Train to be disabled")
    upload(page, "pets.zip", mixed_pictures())
    page.get_by_text("24 pictures").first.wait_for(timeout=WAIT_MS)
    page.get_by_text(re.compile("files were left out")).click()
    page.get_by_text("letter.png").first.wait_for(timeout=WAIT_MS)
    page.get_by_text("24 of 24 pictures").wait_for(timeout=WAIT_MS)
    assert sheet_of(page)
    open_section(page, "Basics")
    fill(page, "Batch size (images)", 8)
    page.get_by_text("Changed: Data set, Folder, Batch size.").wait_for(timeout=WAIT_MS)
    fill(page, "Epochs", 2)
    page.get_by_text("Changed: Data set, Folder, Epochs, Batch size.").wait_for(timeout=WAIT_MS)
    assert "/train" in page.url
    click(page, "Train")
    page.wait_for_url("**/train?run=*", timeout=WAIT_MS)
    wait_for_state(page, home, RunState.COMPLETED)
    page.get_by_text("Generated · step 6").wait_for(timeout=WAIT_MS)
    assert page.locator(".sample-wall canvas").count() == 2
    assert "Traceback" not in page.content()
    assert errors == []


def test_a_zip_of_rubbish_gets_one_sentence_and_no_run(new_page, url):
    page = new_page(f"{url}/train?recipe=linear-mnist")
    open_section(page, "Data")
    choose(page, "Data set", "Own pictures")
    upload(page, "rubbish.zip", b"PK\x03\x04 not a zip at all")
    error = page.get_by_role("alert").filter(has_text="rubbish.zip")
    error.wait_for(timeout=WAIT_MS)
    (sentence,) = error.locator("p").all_inner_texts()
    assert sentence.startswith("rubbish.zip is a zip that is damaged")
    assert page.get_by_role("button", name="Train", exact=True).is_disabled()
    assert "Traceback" not in page.content()


def test_a_choice_shows_what_belongs_to_it_and_the_networks_are_drawn(new_page, url):
    page = new_page(f"{url}/train?recipe=linear-mnist")
    open_section(page, "Optimisers")
    choose(page, "Optimiser of D", "SGD")
    page.get_by_role("spinbutton", name="Momentum of D").wait_for(timeout=WAIT_MS)
    page.get_by_role("spinbutton", name="β₁ of D").wait_for(state="detached", timeout=WAIT_MS)
    assert page.get_by_role("spinbutton", name="β₁ of G").is_visible()
    assert page.get_by_role("spinbutton", name="Momentum of G").count() == 0
    open_section(page, "Networks")
    choose(page, "Architecture", "convolutional (dcgan)")
    page.get_by_role("cell", name="Transposed convolution").first.wait_for(timeout=WAIT_MS)
    page.locator("[data-testid=stPlotlyChart] svg.main-svg").first.wait_for(timeout=WAIT_MS)


def test_each_class_can_be_looked_at_and_others_of_it(new_page, url):
    page = new_page(f"{url}/train")
    open_section(page, "Data")
    page.get_by_text("60 of 60,000 pictures").wait_for(timeout=WAIT_MS)
    everyone = sheet_of(page)
    choose(page, "Show", "Trouser")
    page.get_by_text("60 of 6,000 pictures").wait_for(timeout=WAIT_MS)
    trousers = sheet_of(page)
    assert trousers != everyone
    click(page, "Other pictures")
    wait_until(lambda: sheet_of(page) != trousers, "other trousers")
    assert page.get_by_text("60 of 6,000 pictures").is_visible()


def test_a_run_told_the_classes_draws_the_chosen_one(new_page, url, home):
    changes = {
        "data.dataset": "drawn-digits",
        "data.n_images": 512,
        "model.conditional": True,
        "train.n_steps": 4,
        "train.batch_size": 64,
    }
    config = gan.get_recipe("linear-mnist").build().with_changes(changes)
    folder = control.launch(home, config, name="digits told")
    wait_until(lambda: is_over(control.summarise(folder).status.state), "four steps")
    page = new_page(f"{url}/train?run={folder.id}")
    page.get_by_text("Draw new pictures").click(timeout=WAIT_MS)
    choose(page, "Class", "7")
    fill(page, "Pictures", 4)
    click(page, "Draw")
    page.get_by_role("button", name="PNG, as drawn").wait_for(timeout=WAIT_MS)
    picture = page.locator("[data-testid=stExpanderDetails] [data-testid=stImage] img").first
    picture.wait_for(timeout=WAIT_MS)
    assert "Traceback" not in page.content()


def test_no_section_of_the_settings_overflows_at_phone_width(new_page, url):
    page = new_page(f"{url}/train", width=390, height=844)
    for section in SECTIONS:
        open_section(page, section)
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, section
        assert page.get_by_role("button", name="Train", exact=True).is_visible()


@pytest.mark.parametrize("path", ["", "train", "runs", "evaluate"])
def test_nothing_overflows_at_phone_width(new_page, url, path):
    page = new_page(f"{url}/{path}", width=390, height=844)
    page.wait_for_selector("[data-testid=stMain] h1", timeout=WAIT_MS)
    page.wait_for_timeout(800)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


def test_presentation_hides_the_navigation_and_comes_back(run_page):
    header = run_page.locator("[data-testid=stHeader]")
    assert header.is_visible()
    click(run_page, "Present")
    run_page.get_by_role("button", name="Leave presentation").wait_for(timeout=WAIT_MS)
    header.wait_for(state="hidden", timeout=WAIT_MS)
    assert "view=present" in run_page.url
    click(run_page, "Leave presentation")
    header.wait_for(state="visible", timeout=WAIT_MS)


def test_a_run_draws_without_a_single_script_error(new_page, url, home):
    page = new_page(url)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.get_by_role("button", name="Train it now").click()
    page.wait_for_url("**/train?run=*", timeout=WAIT_MS)
    wait_for_points(page, 20)
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    wait_for_points(page, last_x(page) + 20)
    page.set_viewport_size({"width": 1440, "height": 900})
    stop_everything(home)
    wait_for_state(page, home, RunState.STOPPED)
    assert errors == []
    curves = page.evaluate(
        f"document.querySelectorAll('{LOSSES} .scatterlayer path.js-line').length"
    )
    assert curves >= 4


COLLAPSING = {
    "data.dataset": "drawn-digits", "data.source": "drawn", "data.n_images": 2000,
    "data.size_px": 8, "model.latent_dim": 16, "model.g_widths": [32, 64], "model.g_norm": "none",
    "model.d_widths": [64, 32], "train.batch_size": 32, "train.n_steps": 4000,
    "train.device": "cpu", "train.n_threads": 1, "output.report_every": 50, "output.n_samples": 36,
    "output.sample_every": 50, "output.max_steps_per_s": 60.0, "quality.every": 0,
    "g_opt.lr": 5e-3, "g_opt.beta1": 0.9, "d_opt.lr": 3e-4, "d_opt.beta1": 0.9,
}  # fmt: skip


def test_a_mode_collapse_is_noticed_explained_and_cured_by_one_click(new_page, url, home):
    config = gan.get_recipe("vanilla-fashion").build().with_changes(COLLAPSING)
    sick = control.launch(home, config, name="collapsing")
    page = new_page(f"{url}/train?run={sick.id}")
    panel = page.locator(".st-key-finding-trouble-mode-collapse")
    panel.wait_for(timeout=2 * WAIT_MS)
    assert FINDINGS["mode-collapse"].meaning in panel.inner_text()
    assert "of that of real pictures" in panel.inner_text()
    band = f"document.querySelector('{LOSSES}')._fullLayout.shapes.some((s) => s.type === 'rect')"
    page.wait_for_function(band, timeout=WAIT_MS)
    assert "Loss Cross-entropy, non-saturating → Relativistic pairing" in panel.inner_text()
    panel.get_by_role("button", name="Use relativistic pairing").click()
    page.wait_for_url(lambda address: "run=" in address and sick.id not in address)
    cured = run_of(page, home)
    assert control.read_config(cured).loss.name == "relativistic"
    page.get_by_text("It has not come back by step").wait_for(timeout=WAIT_MS)
    page.locator(f"{LOSSES} .legendtext", has_text="D total").first.wait_for(timeout=WAIT_MS)
    stop_everything(home)
    assert control.summarise(sick).status.message == "Stopped by hand."  # while it trained
    findings = [
        {raw["name"] for raw in control.summarise(run).meta["findings"]} for run in (sick, cured)
    ]
    assert "mode-collapse" in findings[0] - findings[1]
