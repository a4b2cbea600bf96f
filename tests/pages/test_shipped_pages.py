"""The generators that come with the product, on the pages: shown first, continued as copies."""

import shutil
from pathlib import Path

import pytest
from test_pages import home, make_run, open_app, text_of  # noqa: F401  (home is a fixture)

from gan.runs import cards
from gan.runs.control import read_config, stop, summarise_all
from gan.runs.folder import RunFolder, delete_run, empty_trash
from gan.runs.forking import fork
from gan.runs.states import RunState
from pages.widgets.run.list import Wanted


@pytest.fixture
def shipped(tiny_shipped: Path, tmp_path_factory, monkeypatch) -> Path:
    root = Path(shutil.copytree(tiny_shipped, tmp_path_factory.mktemp("shipped") / "all"))
    monkeypatch.setenv("GAN_SHIPPED", str(root))
    return root


def labels(app) -> set[str]:
    return {button.label for button in app.button}


def test_the_first_screen_shows_a_trained_generator(home, shipped):  # noqa: F811
    app = open_app("home")
    assert not app.exception
    assert "Tiny digits" in text_of(app) and "Digits, but hardly" in text_of(app)
    assert {"Draw new ones", "How it learned", "Train a copy on", "Train it now"} <= labels(app)
    assert "Runs that you start appear here" in text_of(app)


def test_without_any_the_first_screen_is_as_before(home):  # noqa: F811
    app = open_app("home")
    assert not app.exception
    assert "Train it now" in labels(app) and "Draw new ones" not in labels(app)


def test_a_damaged_one_is_a_warning_and_the_others_are_there(home, shipped):  # noqa: F811
    (shipped / "bad").mkdir()
    (shipped / "bad" / cards.CARD).write_text("{}")
    app = open_app("home")
    assert any("generator bad is damaged" in w.value for w in app.warning)
    assert "Tiny digits" in text_of(app)


def test_continuing_makes_a_copy_and_leaves_the_generator_alone(home, shipped):  # noqa: F811
    app = open_app("home")
    app.number_input(key="epochs-showcase-shipped-tiny").set_value(2.0).run()
    app.button(key="fork-showcase-shipped-tiny").click().run()
    assert not app.exception
    copy, shipped_run = summarise_all(home)[0]
    assert (shipped_run.id, shipped_run.status.state) == ("shipped-tiny", RunState.COMPLETED)
    assert (copy.name, copy.status.state) == ("Tiny digits, continued", RunState.QUEUED)
    assert read_config(copy.folder).train.n_steps == 12 + 2 * 4
    page = open_app("train", run=copy.id)
    assert "Continued from Tiny digits at step 12" in text_of(page)


def test_its_page_offers_a_copy_and_neither_resume_nor_extend(home, shipped):  # noqa: F811
    open_app("home")
    app = open_app("train", run="shipped-tiny")
    assert not app.exception
    assert {"Train a copy on", "Start over", "Change and train"} <= labels(app)
    assert not {"Resume", "Extend"} & labels(app)
    assert "comes with the product" in text_of(app)
    assert "It stays as it is" in text_of(app)


def test_one_s_own_run_can_go_on_as_a_copy_too(home, shipped):  # noqa: F811
    open_app("home")
    mine = fork(home, RunFolder(home.runs_dir / "shipped-tiny"), n_more=5)
    stop(home, mine)
    page = open_app("train", run=mine.id)
    page.toggle(key=f"copy-{mine.id}").set_value(True).run()
    page.button(key=f"fork-run-{mine.id}").click().run()
    assert not page.exception
    again = summarise_all(home)[0]
    assert sum(s.meta.get("forked_from", {}).get("id") == mine.id for s in again) == 1


def test_runs_lists_them_after_one_s_own_with_a_badge_and_a_filter(home, shipped):  # noqa: F811
    open_app("home")
    mine = make_run(home, "my own one", RunState.STOPPED)
    app = open_app("runs")
    text = text_of(app)
    assert text.index("my own one") < text.index("Tiny digits")
    assert "comes with the product" in text and "(mnist)" in text
    summaries = {s.id: s for s in summarise_all(home)[0]}
    assert Wanted(whose="yours").fits(summaries[mine.id])
    assert not Wanted(whose="yours").fits(summaries["shipped-tiny"])
    assert Wanted("tiny", whose="comes with the product").fits(summaries["shipped-tiny"])
    app.session_state["runs_whose"] = "yours"  # AppTest has no pill to click
    app.run()
    assert "Tiny digits" not in text_of(app)
    assert f"open-{mine.id}" in {button.key for button in app.button}


def test_a_deleted_one_does_not_come_back_by_itself(home, shipped):  # noqa: F811
    open_app("home")
    delete_run(home, RunFolder(home.runs_dir / "shipped-tiny"))
    app = open_app("home")
    assert "Draw new ones" not in labels(app)
    assert "Tiny digits" not in text_of(app)


def test_one_deleted_for_good_can_be_had_again(home, shipped):  # noqa: F811
    open_app("home")
    delete_run(home, RunFolder(home.runs_dir / "shipped-tiny"))
    assert "bring-back-tiny" not in {button.key for button in open_app("runs").button}
    empty_trash(home, 0.0, now=9e9)
    app = open_app("runs")
    app.button(key="bring-back-tiny").click().run()
    assert not app.exception
    assert [s.id for s in summarise_all(home)[0]] == ["shipped-tiny"]
    assert "bring-back-tiny" not in {button.key for button in app.button}
