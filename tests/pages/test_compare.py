"""The Compare page without a browser: presets, the form, what can be done with a comparison."""

import shlex
import shutil

import pytest
import test_pages
from test_pages import open_app, text_of

from gan.cli.service import work
from gan.comparing.design import Budget, ComparisonDesign, Factor, Option
from gan.comparing.presets import PRESETS, both
from gan.comparing.values import subject_of
from gan.fields import FIELDS
from gan.recipes import RECIPES
from gan.runs import comparisons
from gan.runs.comparisons import Comparison
from gan.runs.folder import Home
from gan.runs.settings import WorkspaceSettings, save_settings
from gan.runs.states import RunState
from gan.runs.store import RunStore
from pages.widgets.compare.factors import SUBJECTS, suggestion

home = test_pages.home
TINY = {
    "data": {"dataset": "drawn-digits", "source": "drawn", "n_images": 128},
    "model": {"latent_dim": 4, "g_widths": [8], "d_widths": [8]},
    "output": {"n_samples": 4, "sample_every": 6},
    "quality": {"features": "random", "n_samples": 100},
    "train": {"batch_size": 32, "device": "cpu"},
}


def tiny_design(**changes) -> ComparisonDesign:
    raw = {
        "name": "tiny race",
        "base": TINY,
        "factors": [
            Factor(
                title="Optimiser of both networks",
                options=(
                    Option(label="SGD", changes=both(name="sgd", lr=0.01)),
                    Option(label="Adam", changes=both(name="adam", lr=0.001)),
                ),
            ).model_dump()
        ],
        "seeds": (0, 1),
        "budget": Budget(kind="steps", amount=12).model_dump(),
        "quality_every": 6,
    }
    return ComparisonDesign.parse(raw | changes)


@pytest.fixture
def quiet(monkeypatch):
    """Nothing is measured or started."""
    monkeypatch.setattr("gan.runs.comparisons.cost.request_rates", lambda *_: "busy")
    monkeypatch.setattr("gan.runs.comparisons._find_devices", lambda _: None)


@pytest.fixture
def comparison(home, quiet) -> Comparison:
    return comparisons.create(home, tiny_design())


def stages(home: Home, comparison: Comparison) -> dict[tuple[str, int], str]:
    now = comparisons.open_comparison(home, comparison.id)
    return {(m.variant.key, m.seed): m.stage for m in comparisons.progress(home, now).members}


def open_comparison_page(comparison: Comparison):
    app = open_app("compare", comparison=comparison.id)
    assert not app.exception
    return app


def test_the_start_shows_every_preset_with_its_variants_and_cost(home, quiet):
    app = open_app("compare")
    assert not app.exception
    text = text_of(app)
    for preset in PRESETS.values():
        assert preset.title in text
        assert f"**{preset.make().n_runs} runs**" in text


def test_a_preset_button_makes_all_runs_and_opens_the_comparison(home, quiet):
    app = open_app("compare")
    app.button(key="start-optimizers-quick").click().run()
    (found,) = comparisons.list_comparisons(home)
    assert len(found.members) == 9
    assert not app.exception
    assert found.name in text_of(app)


def test_data_that_are_not_here_are_replaced_and_named(home, quiet, monkeypatch):
    monkeypatch.setenv("GAN_DATA", str(home.root / "nothing"))
    app = open_app("compare")
    box = app.selectbox(key="preset-data-optimizers-faces-32")
    assert box.options[0] == "Drawn faces (other data)"
    app.button(key="start-optimizers-faces-32").click().run()
    (found,) = comparisons.list_comparisons(home)
    assert found.design.base["data"]["dataset"] == "drawn-faces"
    assert found.design.base["data"]["size_px"] == 32
    assert "Other data: Drawn faces instead of CelebA" in text_of(app).replace("\\", "")


def test_the_form_designs_a_grid_and_starts_it(home, quiet):
    app = open_app("compare", design="modern-fashion")
    assert not app.exception
    app.selectbox(key="cfg.data.dataset").set_value("drawn-digits").run()
    app.multiselect(key="compare.factor1.both.name").set_value(["adam", "rmsprop"]).run()
    app.number_input(key="compare.factor1.both.name.rate.adam").set_value(0.002).run()
    app.selectbox(key="compare.factor2").set_value("train.batch_size").run()
    app.text_input(key="compare.factor2.train.batch_size").set_value("16, 32").run()
    app.number_input(key="compare.n_seeds").set_value(2).run()
    app.number_input(key="compare.steps").set_value(40).run()
    assert "**8 runs**" in text_of(app)
    app.button(key="start-design").click().run()
    (found,) = comparisons.list_comparisons(home)
    assert [v.label for v in found.design.variants] == [
        "Adam, 16", "Adam, 32", "RMSprop, 16", "RMSprop, 32",
    ]  # fmt: skip
    assert found.design.variants[0].changes == {
        **both(name="adam", lr=0.002),
        "train.batch_size": 16,
    }
    assert (found.design.seeds, found.design.budget.amount) == ((0, 1), 40)
    assert found.design.base["data"]["dataset"] == "drawn-digits"


@pytest.mark.parametrize(
    ("key", "text", "why"),
    [
        ("train.batch_size", "16, many", "Batch size: 'many' is not"),
        ("train.batch_size", "16", "one variant alone cannot be compared"),
        ("both.lr", "0.001, 0.001", "two options have the same name"),
        ("both.lr", "", "has no values yet"),
    ],
)
def test_what_cannot_be_compared_is_said_in_a_sentence(home, quiet, key, text, why):
    app = open_app("compare", design="modern-fashion")
    app.selectbox(key="compare.factor1").set_value(key).run()
    app.text_input(key=f"compare.factor1.{key}").set_value(text).run()
    assert why in text_of(app)
    assert app.button(key="start-design").disabled


def test_every_suggestion_makes_a_comparison_that_is_legal():
    for recipe in ("modern-fashion", "dcgan-32"):
        base = RECIPES[recipe].build()
        for subject in SUBJECTS.values():
            spec = subject.spec
            value = spec.default
            if spec.kind not in ("int", "float") or not spec.applies_to(base) or value is None:
                continue
            values = [float(part) for part in suggestion(spec, value).split(",") if part.strip()]
            assert len(set(values)) >= 2, subject.key
            for one in values:
                raw = int(one) if spec.kind == "int" else one
                base.with_changes({path: raw for path in subject.paths})


def test_the_form_can_say_what_every_preset_varies():
    for preset in PRESETS.values():
        for factor in preset.make().factors:
            assert subject_of(factor) is not None, preset.name


@pytest.mark.parametrize("name", PRESETS)
def test_an_unchanged_preset_starts_as_it_is_from_the_form(home, quiet, name):
    app = open_app("compare", design=f"preset:{name}")
    assert not app.exception
    app.button(key="start-design").click().run()
    (found,) = comparisons.list_comparisons(home)
    assert found.design.preset == name
    ours, theirs = found.design, PRESETS[name].build()
    assert ours.factors == theirs.factors
    assert (ours.base, ours.seeds, ours.budget) == (theirs.base, theirs.seeds, theirs.budget)


def test_an_unknown_comparison_is_one_sentence_and_a_way_back(home, quiet):
    app = open_app("compare", comparison="nothing")
    assert "There is no comparison 'nothing'" in app.error[0].value
    assert not app.exception


def test_pause_go_on_and_stop_reach_all_runs_or_one(home, comparison):
    app = open_comparison_page(comparison)
    app.button(key="compare-pause").click().run()
    assert set(stages(home, comparison).values()) == {"paused"}
    app.selectbox(key="compare_which").set_value("Adam").run()
    app.selectbox(key="compare_of_seed").set_value("seed 1").run()
    app.button(key="one-resume").click().run()
    assert stages(home, comparison)["adam", 1] == "queued"
    assert stages(home, comparison)["adam", 0] == "paused"
    app.button(key="one-stop").click().run()
    assert stages(home, comparison)["adam", 1] == "stopped"
    app.button(key="compare-resume").click().run()
    assert stages(home, comparison)["sgd", 0] == "queued"
    assert not app.exception


def test_a_variant_is_dropped_and_taken_back(home, comparison):
    app = open_comparison_page(comparison)
    app.selectbox(key="compare_which").set_value("SGD").run()
    app.button(key="one-drop").click().run()
    assert {key for key, _ in stages(home, comparison)} == {"adam"}
    app.button(key="one-restore").click().run()
    assert {key for key, _ in stages(home, comparison)} == {"adam", "sgd"}


def test_seeds_are_added(home, comparison):
    app = open_comparison_page(comparison)
    app.number_input(key="compare_more").set_value(2).run()
    app.button(key="add-seeds").click().run()
    assert comparisons.open_comparison(home, comparison.id).design.seeds == (0, 1, 2, 3)
    assert len(stages(home, comparison)) == 8


def test_a_comparison_is_deleted_with_its_runs(home, comparison):
    app = open_comparison_page(comparison)
    app.button(key="compare-delete").click().run()
    assert comparisons.list_comparisons(home) == []
    assert "None yet" in text_of(app)


def test_interrupted_runs_go_on_when_the_page_is_opened(home, comparison):
    run = home.runs_dir / comparison.members["sgd", 0]
    with RunStore.open(run / "run.db") as store:
        store.set_state(RunState.INTERRUPTED, message="Gone.", now=1.0)
    open_comparison_page(comparison)
    assert stages(home, comparison)["sgd", 0] == "queued"


def test_every_setting_with_an_effect_can_be_varied():
    offered = {path for subject in SUBJECTS.values() for path in subject.paths}
    assert {"loss.name", "g_opt.beta1", "train.batch_size", "model.spectral_norm"} <= offered
    assert not offered & {"train.seed", "train.n_steps", "output.sample_every"}
    assert offered <= set(FIELDS)


# ---- with results ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained_once(tmp_path_factory):
    """A home in which all runs of the tiny comparison are done."""
    home = Home(tmp_path_factory.mktemp("trained")).ensure()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gan.runs.control.start_next", lambda _: [])
        patch.setattr("gan.runs.comparisons._find_devices", lambda _: None)
        comparison = comparisons.create(home, tiny_design())
        for run_id in comparison.members.values():
            assert work(home, run_id) == 0
    return home, comparison


@pytest.fixture
def done(home, quiet, trained_once) -> Comparison:
    theirs, comparison = trained_once
    shutil.copytree(theirs.runs_dir, home.runs_dir, dirs_exist_ok=True)
    shutil.copytree(theirs.workspace_dir, home.workspace_dir, dirs_exist_ok=True)
    save_settings(home, WorkspaceSettings(standby=False))
    return comparison


def test_the_verdict_stands_on_top_and_says_that_two_seeds_are_too_few(home, done):
    app = open_comparison_page(done)
    text = text_of(app)
    assert "2 seeds are too few" in text.replace("\\", "")
    headline = next(m.value for m in app.markdown if str(m.value).startswith("#### "))
    assert "SGD" in headline
    assert "Adam" in headline
    assert "So far" not in text


def test_the_table_has_a_row_a_variant_and_marks_the_best(home, done):
    table = open_comparison_page(done).dataframe[0].value
    assert [name.removeprefix("★ ") for name in table["Variant"]] == ["SGD", "Adam"]
    best = table["Variant"].str.startswith("★")
    assert best.sum() == 1
    assert table.loc[best, "Final distance"].item() == table["Final distance"].min()
    assert (table["Diverged"] == 0).all()
    assert table["Steps to goal"].notna().all()


def test_a_quality_to_reach_and_the_best_distance_can_be_asked_for(home, done):
    app = open_comparison_page(done)
    table = app.dataframe[0].value
    goal = float(table["Best distance"].min()) / 2
    app.number_input(key=f"compare_goal-{done.id}").set_value(goal).run()
    assert app.dataframe[0].value["Steps to goal"].isna().all()
    app.session_state["compare_judged_by"] = "best"
    app.run()
    assert not app.exception


def test_a_chart_for_each_variant_and_the_large_view_draw(home, done):
    app = open_comparison_page(done)
    app.session_state["compare_view"] = "one chart each"
    app.session_state["compare_x"] = "time"
    app.run()
    assert not app.exception
    assert "The same scale in every chart" in text_of(app)
    app.button(key="compare-present").click().run()
    assert not app.exception
    assert not app.dataframe
    assert "too few" in text_of(app)


def test_what_was_published_stands_beside_what_was_found(home, done):
    raw = done.design.model_dump(mode="json") | {"preset": "optimizers-faces-32"}
    path = home.workspace_dir / "comparisons" / done.id / "design.json"
    path.write_text(ComparisonDesign.parse(raw).to_json(), encoding="utf-8")
    text = text_of(open_comparison_page(done)).replace("\\", "")
    for finding in PRESETS["optimizers-faces-32"].published:
        assert finding.text in text
    assert "There is no such variant here." in text  # of RMSprop
    assert "Other data: Drawn digits instead of CelebA" in text


def test_a_swept_rate_is_drawn_with_each_ones_best(home, done):
    raw = done.design.model_dump(mode="json")
    labels = {"SGD": 0.01, "Adam": 0.001}
    raw["factors"][0] = {
        "title": "Learning rate of both networks",
        "options": [{"label": k, "changes": both(lr=v)} for k, v in labels.items()],
    }
    path = home.workspace_dir / "comparisons" / done.id / "design.json"
    path.write_text(ComparisonDesign.parse(raw).to_json(), encoding="utf-8")
    app = open_comparison_page(done)
    assert "Distance by learning rate of both networks" in text_of(app)
    assert any("data:image/svg+xml" in str(part.proto.body) for part in app.get("html"))


def test_what_a_setting_makes_unequal_is_named_in_form_and_page(home, quiet):
    app = open_app("compare", design="modern-fashion")
    app.selectbox(key="compare.factor1").set_value("model.latent_dim").run()
    (warning,) = [w.value for w in app.warning]
    app.button(key="start-design").click().run()
    assert warning in [w.value for w in app.warning]


def test_report_and_figures_can_be_downloaded(home, done):
    app = open_comparison_page(done)
    names = {part.proto.label for part in app.get("download_button")}
    assert {"Report (HTML)", "Figures (CSV)"} <= names
    (command,) = [part.value for part in app.code]
    words = shlex.split(command)
    assert words[:4] == ["python", "-m", "gan", "compare"]


def test_changing_it_again_starts_from_its_design(home, done):
    app = open_comparison_page(done)
    app.button(key="compare-again").click().run()
    assert "The design of tiny race" in text_of(app)
    app.number_input(key="compare.n_seeds").set_value(3).run()
    app.button(key="start-design").click().run()
    newest = comparisons.list_comparisons(home)[0]
    assert newest.id != done.id
    assert newest.design.factors == done.design.factors
    assert newest.design.seeds == (0, 1, 2)


def test_the_runs_page_and_home_show_a_comparison_as_one_row(home, done):
    app = open_app("runs")
    assert f"open-group-{done.id}" in {button.key for button in app.button}
    assert not {f"open-{run}" for run in done.members.values()} & {b.key for b in app.button}
    app.toggle(key=f"group-shown-{done.id}").set_value(True).run()
    assert {f"open-{run}" for run in done.members.values()} <= {b.key for b in app.button}
    app.button(key=f"open-group-{done.id}").click().run()
    assert "### tiny race" in text_of(app)
    assert f"open-group-{done.id}" in {button.key for button in open_app("home").button}
