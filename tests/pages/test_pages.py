"""Every page file, driven without a browser: it renders, it says what is wrong, it launches."""

import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import gan
from gan.config import HYPERPARAMETERS
from gan.diagnosis.catalog import FINDINGS
from gan.diagnosis.findings import Finding
from gan.fields import FIELDS
from gan.figures.feed import MIN_INTERVAL_S
from gan.recipes import RECIPES
from gan.runs import control
from gan.runs.folder import Home
from gan.runs.settings import WorkspaceSettings, save_settings
from gan.runs.states import RunState
from gan.runs.store import RunStore
from pages.widgets.fields_form import _LABELS, choice_label
from pages.widgets.resources import feed
from pages.widgets.setup_sections import SECTIONS

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 30


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of its own in which nothing starts by itself: no standby, no free slot."""
    monkeypatch.setenv("GAN_HOME", str(tmp_path))
    home = Home(tmp_path).ensure()
    save_settings(home, WorkspaceSettings(standby=False))
    monkeypatch.setattr("gan.runs.control.start_next", lambda _: [])
    monkeypatch.setattr("gan.runs.launcher.start_next", lambda _: [])
    monkeypatch.setattr("pages.widgets.resources.start_next", lambda _: [])
    # AppTest looks into pages/ anew at each run, and the rerun that answers it would eat a click.
    monkeypatch.setattr("pages.widgets.frame._insist_on_app", lambda: None)
    monkeypatch.setattr("gan.runs.probe.request_speed", lambda *_: "busy")
    monkeypatch.setattr("gan.runs.probe.request_devices", lambda *_: "busy")
    return home


def open_app(page: str = "", **params: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=TIMEOUT_S)
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    if page:
        app.switch_page(f"pages/{page}.py")
        for name, value in params.items():
            app.query_params[name] = value
        app.run()
    return app


def make_run(home: Home, name: str = "mine", state: RunState | None = None):
    config = gan.get_recipe("vanilla-fashion").build()
    folder = control.new_run(home, config, name=name)
    if state is not None:
        with RunStore.open(folder.db_path) as store:
            store.set_state(state, message="As the test wants it.", now=1.0)
    return folder


def text_of(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.title, *app.subheader, *app.error, *app.info]
    return "\n".join(str(part.value) for part in parts)


@pytest.mark.parametrize("page", ["home", "train", "runs", "explore", "evaluate"])
def test_every_page_renders_in_an_empty_home(home, page):
    app = open_app(page)
    assert not app.exception
    assert app.title


def test_home_lists_the_latest_runs(home):
    make_run(home, "the blue one", RunState.STOPPED)
    app = open_app("home")
    assert "the blue one" in text_of(app)


def open_section(app: AppTest, name: str) -> AppTest:
    """Go to a section of the settings; AppTest has no segmented control to click."""
    app.session_state["setup_section"] = name
    return app.run()


def widgets_of(app: AppTest) -> dict[str, Any]:
    widgets = [*app.number_input, *app.text_input, *app.selectbox, *app.toggle]
    return {w.key: w for w in widgets}


def test_every_setting_has_a_widget_with_help_range_and_when_it_applies(home):
    app = open_app("train")
    by_key: dict[str, Any] = {}
    for section in SECTIONS:
        by_key |= widgets_of(open_section(app, section))
        assert not app.exception
    config = gan.get_recipe("vanilla-fashion").build()
    for path, spec in FIELDS.items():
        if not spec.applies_to(config):
            assert f"cfg.{path}" not in by_key, f"{path} has no meaning here"
            continue
        widget = by_key[f"cfg.{path}"]
        assert spec.help_text in widget.help
        if path != "train.device":
            assert spec.range_text in widget.help
            assert spec.applies_text[1:] in widget.help


@pytest.mark.parametrize("name", HYPERPARAMETERS)
def test_an_optimiser_shows_its_own_hyperparameters_at_its_own_defaults(home, name):
    app = open_section(open_app("train"), "Optimisers")
    app.selectbox(key="cfg.d_opt.name").set_value(name).run()
    shown = widgets_of(app)
    for field, value in HYPERPARAMETERS[name].items():
        assert shown[f"cfg.d_opt.{field}"].value == value
    here = {key for key in shown if key.startswith("cfg.d_opt.")}
    assert here == {"cfg.d_opt.name", *(f"cfg.d_opt.{f}" for f in HYPERPARAMETERS[name])}
    app.button(key="train").click().run()
    (summary,) = control.summarise_all(home)[0]
    config = control.read_config(summary.folder)
    assert config.d_opt.model_dump() == {"name": name, **HYPERPARAMETERS[name]}
    assert config.g_opt == gan.get_recipe("vanilla-fashion").build().g_opt


def test_choosing_a_loss_or_an_architecture_brings_along_what_it_needs(home):
    app = open_app("train")
    app.selectbox(key="cfg.loss.name").set_value("wasserstein").run()
    app.selectbox(key="cfg.model.name").set_value("dcgan").run()
    assert not app.error
    app.button(key="train").click().run()
    (summary,) = control.summarise_all(home)[0]
    config = control.read_config(summary.folder)
    assert (config.loss.name, config.loss.gp_weight) == ("wasserstein", 10.0)
    assert (config.model.name, config.model.g_widths) == ("dcgan", None)


def test_a_refresh_that_was_under_way_does_not_bring_old_widths_back(home):
    """The browser's poll may carry what the widgets held before a choice changed them."""
    app = open_section(open_app("train"), "Networks")
    old = app.text_input(key="cfg.model.g_widths").value
    app.selectbox(key="cfg.model.name").set_value("dcgan").run()
    app.text_input(key="cfg.model.g_widths").set_value(old).run()
    assert app.text_input(key="cfg.model.g_widths").value == ""
    app.text_input(key="cfg.model.g_widths").set_value("64, 32").run()  # a choice of the user's
    assert app.text_input(key="cfg.model.g_widths").value == "64, 32"
    assert not app.error


def test_networks_that_cannot_work_are_refused_with_the_reason(home):
    app = open_app("train")
    app.selectbox(key="cfg.model.name").set_value("dcgan").run()
    open_section(app, "Networks")
    app.text_input(key="cfg.model.g_widths").set_value("64, 32, 16, 8").run()
    assert any("model.g_widths" in e.value and "28" in e.value for e in app.error)
    assert app.button(key="train").disabled


@pytest.mark.parametrize("recipe", sorted(set(RECIPES) - {"own-pictures-32"}))
def test_the_form_starts_from_the_recipe_and_launches_it_unchanged(home, recipe):
    app = open_app("train", recipe=recipe)
    app.button(key="train").click().run()
    (summary,) = control.summarise_all(home)[0]
    assert control.read_config(summary.folder) == RECIPES[recipe].build()


def test_a_changed_setting_reaches_the_run(home):
    app = open_app("train")
    app.number_input(key="cfg.train.batch_size").set_value(64).run()
    open_section(app, "Networks")
    app.text_input(key="cfg.model.g_widths").set_value("32, 64").run()
    app.button(key="train").click().run()
    (summary,) = control.summarise_all(home)[0]
    config = control.read_config(summary.folder)
    assert config.train.batch_size == 64
    assert config.model.g_widths == (32, 64)


def test_illegal_settings_disable_train_and_name_field_and_value(home):
    app = open_section(open_app("train"), "Networks")
    app.text_input(key="cfg.model.d_widths").set_value("12, x").run()
    assert any("Discriminator widths is '12, x'" in e.value for e in app.error)
    assert app.button(key="train").disabled


def test_settings_that_do_not_fit_one_another_are_refused_before_a_run_exists(home):
    app = open_section(open_app("train"), "Data")
    app.number_input(key="cfg.data.n_images").set_value(129).run()
    assert any("leave a last batch of one image" in e.value for e in app.error)
    assert app.button(key="train").disabled
    app.number_input(key="cfg.data.n_images").set_value(70_000).run()
    assert any("70,000" in e.value or "70000" in e.value for e in app.error)


def test_small_drawn_sets_show_their_pictures_and_classes(home):
    app = open_app("train")
    app.session_state["cfg.data.n_images"] = 64  # 20,000 would be prepared by another process
    app.selectbox(key="cfg.data.dataset").set_value("drawn-faces").run()
    open_section(app, "Data")
    assert not app.exception
    assert not app.error
    text = text_of(app)
    assert "**64** pictures · **32 × 32** px · **RGB** · **4** classes" in text
    assert "60 of 64 pictures" in text
    (shown,) = [box for box in app.selectbox if box.label == "Show"]
    shown.set_value("smiling, long hair").run()
    assert not app.exception
    assert "60 of 64 pictures" not in text_of(app)
    assert not app.button(key="train").disabled


def test_own_pictures_ask_for_a_zip_or_a_folder_first(home):
    app = open_app("train")
    app.selectbox(key="cfg.data.dataset").set_value("own-pictures").run()
    assert app.button(key="train").disabled
    assert "Bring your pictures first" in text_of(app)
    open_section(app, "Data")
    assert any("Bring a zip, or name a folder" in i.value for i in app.info)
    assert app.button(key="train").disabled
    assert not app.exception


def test_a_folder_that_is_not_there_is_named_in_one_sentence(home, tmp_path):
    app = open_app("train")
    app.selectbox(key="cfg.data.dataset").set_value("own-pictures").run()
    open_section(app, "Data")
    missing = tmp_path / "nowhere"
    app.text_input(key="cfg.data.folder").set_value(str(missing)).run()
    (error,) = app.error
    assert str(missing) in error.value
    assert app.button(key="train").disabled
    assert not app.exception


def test_choices_are_called_by_names_for_people_and_kept_as_slugs(home):
    app = open_app("train")
    assert "Drawn faces" in app.selectbox(key="cfg.data.dataset").options
    assert app.selectbox(key="cfg.data.dataset").value == "fashion-mnist"
    assert "Least squares (LSGAN)" in app.selectbox(key="cfg.loss.name").options


def test_every_named_choice_exists():
    for path, labels in _LABELS.items():
        assert labels.keys() <= set(FIELDS[path].choices), path
        assert len({choice_label(path, name) for name in FIELDS[path].choices}) == len(
            FIELDS[path].choices
        )


def test_settings_of_another_run_can_be_changed_and_trained(home):
    config = gan.get_recipe("vanilla-fashion").build().with_changes({"train.seed": 77})
    template = control.new_run(home, config, name="template")
    app = open_app("train", **{"from": template.id})
    assert app.number_input(key="cfg.train.seed").value == 77


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        (RunState.QUEUED, {"Take out of the queue"}),
        (RunState.STOPPED, {"Resume", "Extend", "Start over", "Change and train"}),
        (RunState.FAILED, {"Resume", "Start over"}),
    ],
)
def test_a_run_shows_the_controls_that_fit_its_state(home, state, buttons):
    folder = make_run(home, state=None if state is RunState.QUEUED else state)
    app = open_app("train", run=folder.id)
    assert not app.exception
    assert buttons <= {b.label for b in app.button}


def test_an_unknown_run_gets_one_sentence_and_a_way_out(home):
    app = open_app("train", run="nobody")
    assert any("There is no run 'nobody'" in e.value for e in app.error)
    assert "See all runs" in {b.label for b in app.button}


def test_a_damaged_run_is_named_and_the_others_are_listed(home):
    make_run(home, "healthy", RunState.STOPPED)
    broken = make_run(home, "broken", RunState.STOPPED)
    broken.db_path.write_bytes(b"this is no database" * 100)
    app = open_app("runs")
    assert not app.exception
    assert any(broken.id in w.value for w in app.warning)
    assert "healthy" in text_of(app)


def test_search_narrows_the_list(home):
    make_run(home, "red one", RunState.STOPPED)
    make_run(home, "green one", RunState.STOPPED)
    app = open_app("runs")
    app.text_input(key="runs_search").set_value("green").run()
    assert "green one" in text_of(app)
    assert "red one" not in text_of(app)


def test_a_run_is_deleted_and_brought_back(home):
    folder = make_run(home, "going", RunState.STOPPED)
    app = open_app("runs")
    app.button(key=f"delete-{folder.id}").click().run()
    assert not folder.path.exists()
    app.button(key="undo").click().run()
    assert folder.path.exists()


# ---- what the numbers say -------------------------------------------------------------------

COLLAPSE = Finding("mode-collapse", 250, 1500, "Diversity is 0.02 of real.", ("quality/diversity",))
COMFORT = Finding("near-equilibrium", 900, 1500, "D is right 54 % of the time.", ("score/fake",))


def find_in(folder, *findings: Finding, step: int = 1500) -> None:
    with RunStore.open(folder.db_path) as store:
        store.update_progress(step=step, n_steps=2000, live={"g_lr": 2e-4, "d_lr": 2e-4})
        store.set_meta("findings", [finding.to_dict() for finding in findings])


def remedies_of(app: AppTest) -> dict[str, Any]:
    return {b.label: b for b in app.button if b.key and b.key.startswith("remedy-")}


def test_trouble_is_named_explained_and_cured_by_one_click_on_a_changed_copy(home):
    folder = make_run(home, "sick", RunState.STOPPED)
    find_in(folder, COLLAPSE, COMFORT)
    app = open_app("train", run=folder.id)
    text = text_of(app)
    assert "Mode collapse" in text and "Diversity is 0\\.02 of real" in text
    assert FINDINGS["mode-collapse"].meaning in text
    assert "Near equilibrium" in text
    label = "Use relativistic pairing with R1 and R2"
    button = remedies_of(app)[label]
    assert "In a new run: Loss Cross-entropy, non-saturating → Relativistic pairing" in text
    button.click().run()
    (new,) = [s for s in control.summarise_all(home)[0] if s.id != folder.id]
    assert control.read_config(new.folder).loss.name == "relativistic"
    assert "is the remedy for mode collapse of another run" in text_of(
        open_app("train", run=new.id)
    )
    time.sleep(MIN_INTERVAL_S)  # within which all viewers share one look at a run
    assert f"{label}** against mode collapse, tried in a new run" in text_of(
        open_app("train", run=folder.id)
    )


def test_a_healthy_run_is_calm_and_a_comfort_is_no_alarm(home):
    folder = make_run(home, "well", RunState.STOPPED)
    find_in(folder)
    assert "Nothing is wrong as far as the numbers tell" in text_of(
        open_app("train", run=folder.id)
    )
    find_in(folder, COMFORT)
    time.sleep(MIN_INTERVAL_S)
    app = open_app("train", run=folder.id)
    assert "D is right 54 % of the time" in text_of(app)
    assert ":green-badge[" in text_of(app) and not remedies_of(app)


def test_a_new_run_has_the_same_place_for_it(home):
    app = open_app("train", run=make_run(home).id)
    assert "What goes wrong is said here" in text_of(app)


def test_a_projector_gets_the_short_form(home):
    folder = make_run(home, "sick", RunState.STOPPED)
    find_in(folder, COLLAPSE)
    app = open_app("train", run=folder.id, view="present")
    assert "Mode collapse" in text_of(app)
    assert FINDINGS["mode-collapse"].meaning not in text_of(app)
    assert len(remedies_of(app)) == 1


def test_the_list_of_runs_shows_which_are_in_trouble(home):
    find_in(make_run(home, "sick", RunState.STOPPED), COLLAPSE)
    find_in(make_run(home, "well", RunState.STOPPED), COMFORT)
    (sick,) = [m.value for m in open_app("runs").markdown if "Mode collapse" in str(m.value)]
    assert "sick" in sick


def test_a_run_resumed_right_after_somebody_looked_is_looked_at_anew(home):
    folder = make_run(home, "quick", RunState.STOPPED)
    app = open_app("train", run=folder.id)
    feed(folder.id)._not_before = float("inf")  # the look that all viewers share is fresh
    next(button for button in app.button if button.label == "Resume").click().run()
    assert not app.exception
    assert "Take out of the queue" in [button.label for button in app.button]
