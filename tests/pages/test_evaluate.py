"""The Evaluate page without a browser: what it asks, shows, refuses and links to."""

import json
import shutil

import pytest
import test_pages
from test_pages import make_run, open_app, text_of

from gan.cli.main import main
from gan.runs.evaluations import Question, read_evaluation
from gan.runs.folder import RunFolder, delete_run, list_runs
from gan.runs.notes import Progress

home = test_pages.home
TINY = [
    *("--dataset", "drawn-digits", "--n-images", "128", "--batch-size", "32"),
    *("--latent-dim", "4", "--g-widths", "8", "--d-widths", "8", "--n-samples", "4"),
    *("--device", "cpu", "--n-threads", "1", "--n-steps", "12"),
]


@pytest.fixture(scope="module")
def measured_once(tmp_path_factory):
    """A home with one finished run, measured in two kinds of features."""
    root = tmp_path_factory.mktemp("measured")
    where = ["--home", str(root)]
    assert main(["train", "vanilla-fashion", *TINY, "--name", "small", "--json", *where]) == 0
    (run,) = [path.name for path in (root / "runs").iterdir() if not path.name.startswith(".")]
    for features in ("mnist", "random"):
        words = ["evaluate", run, "--n", "120", "--features", features, "--json"]
        assert main([*words, *where]) == 0
    return root


@pytest.fixture
def run(home, measured_once) -> RunFolder:
    shutil.copytree(measured_once / "runs", home.runs_dir, dirs_exist_ok=True)
    return list_runs(home)[0]


@pytest.fixture
def second(home, run) -> RunFolder:
    """The same run again, under another name of its folder."""
    copy = RunFolder(run.path.with_name(f"{run.id}x"))
    shutil.copytree(run.path, copy.path)
    return copy


class StandIn:
    """Starts nothing and remembers what it was asked."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.progress = progress
        self.started: list[Question] = []
        self.cancelled: list[Question] = []

    def start(self, home, folder, question):
        self.started.append(question)
        self.progress = Progress("Drawing pictures: 5 of 120.", 0.1)

    def look(self, home, folder, question):
        return self.progress

    def cancel(self, folder, question):
        self.cancelled.append(question)
        self.progress = None

    def forget(self, folder, question):
        pass


@pytest.fixture
def evaluator(monkeypatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setattr("pages.widgets.evaluate.progress.evaluator", lambda: stand_in)
    return stand_in


def html_of(app) -> str:
    return "\n".join(str(part.proto.body) for part in app.get("html"))


def address_of(app) -> dict[str, str]:
    return {k: v if isinstance(v, str) else v[0] for k, v in app.query_params.items()}


def labels(app) -> set[str]:
    return {button.label for button in app.button}


def test_without_runs_it_says_what_to_do(home):
    app = open_app("evaluate")
    assert not app.exception
    assert "There is nothing to measure yet" in text_of(app)
    assert "Train one" in labels(app)


def test_a_run_before_its_first_checkpoint_cannot_be_chosen(home):
    make_run(home)
    app = open_app("evaluate")
    assert "There is nothing to measure yet" in text_of(app)


def test_a_link_opens_the_answer_that_was_kept(run):
    app = open_app("evaluate", run=run.id, step="12", n="120", features="mnist")
    assert not app.exception and not app.error
    html = html_of(app)
    for words in ("Fréchet distance", "Precision", "Classes missing", "MNIST classifier"):
        assert words in html
    assert "data:image/svg+xml" in html and "pictures of class 7" in html
    text = text_of(app)
    assert "Each hill is a class" in text and "least like any real picture" in text
    assert "20,000" not in text and "128 pictures that the run trained on" in text
    assert "Measure again" in labels(app)
    assert (address_of(app)["run"], address_of(app)["n"]) == (run.id, "120")


def test_the_form_starts_with_what_suits_and_is_kept_in_the_address(run):
    app = open_app("evaluate")
    assert address_of(app) == {"run": run.id, "step": "12", "n": "10000", "features": "mnist"}
    assert "Measure" in labels(app) and not html_of(app).count("Fréchet")
    app.number_input(key="eval_n").set_value(120).run()
    assert address_of(app)["n"] == "120"
    assert "Fréchet distance" in html_of(app)


def test_measuring_shows_how_far_it_is_and_can_be_cancelled(run, evaluator):
    app = open_app("evaluate", run=run.id, n="150")
    app.button(key="measure").click().run()
    assert evaluator.started == [Question(12, 150, "mnist")]
    assert "measure" not in {button.key for button in app.button}
    app.button(key="cancel-measuring").click().run()
    assert evaluator.cancelled == [Question(12, 150, "mnist")]
    assert "Measure" in labels(app)


def test_what_went_wrong_is_one_sentence(run, evaluator):
    evaluator.progress = Progress("The network is not here.", is_over=True, has_failed=True)
    app = open_app("evaluate", run=run.id, n="150")
    assert [error.value for error in app.error] == ["The network is not here."]
    assert not app.exception


def test_two_stand_side_by_side_in_the_same_features(run, second):
    app = open_app(
        "evaluate", run=run.id, n="120", features="random", **{"with": second.id, "with_step": "12"}
    )
    assert not app.exception and not app.error
    html = html_of(app)
    assert html.count("data:image/svg+xml") == 2
    assert html.count("as the <b>Untrained network</b> sees them") == 2
    downloads = {button.label for button in app.get("download_button")}
    assert len([label for label in downloads if label.startswith("Report")]) in (1, 2)


def test_figures_against_other_pictures_are_refused_in_one_sentence(run, second):
    path = second.evaluations_dir / Question(12, 120, "mnist").file_name
    answer = json.loads(path.read_text())
    answer["data"] |= {"fingerprint": "other", "name": "mnist"}
    path.write_text(json.dumps(answer))
    app = open_app("evaluate", run=run.id, n="120", features="mnist", **{"with": second.id})
    (error,) = app.error
    assert "different real pictures" in error.value
    assert html_of(app).count("data:image/svg+xml") == 1
    assert not app.exception


def test_lost_pictures_leave_the_figures(run):
    for path in run.evaluations_dir.glob("*.npz"):
        path.unlink()
    app = open_app("evaluate", run=run.id, n="120", features="mnist")
    assert not app.exception and "Fréchet distance" in html_of(app)
    assert "lost: measure again" in text_of(app)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"run": "nobody"}, "'nobody' is not here"),
        ({"features": "eyes"}, "'eyes' are not on this machine"),
        ({"step": "99", "n": "many"}, ""),
    ],
)
def test_a_link_to_what_is_gone_says_so_and_offers_the_rest(run, params, words):
    app = open_app("evaluate", **params)
    assert not app.exception
    assert words in "\n".join(warning.value for warning in app.warning)
    assert address_of(app)["run"] == run.id and address_of(app)["step"] == "12"


def test_a_run_deleted_meanwhile_leaves_a_page_that_works(home, run, second):
    app = open_app("evaluate", run=second.id, n="120")
    delete_run(home, second)
    app.run()
    assert not app.exception and address_of(app)["run"] == run.id


def test_the_runs_own_page_shows_the_headline_and_the_way_here(run):
    app = open_app("train", run=run.id)
    assert not app.exception
    assert "Fréchet distance" in html_of(app)
    assert read_evaluation(run, Question(12, 120, "mnist")) is not None
    assert "Measure on the Evaluate page" in labels(app)
