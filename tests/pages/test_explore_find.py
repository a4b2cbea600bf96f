"""The Find tab without a browser: what is looked for, how it goes, what is done with the answer."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from test_explore_morph import StandIn

from gan.errors import DataError
from gan.runs.inverter import Inverted
from gan.runs.notes import Progress
from pages.widgets.explore.find import closeness

GREY = np.full((8, 8, 1), 90, np.uint8)
FOUND = Inverted(
    GREY, GREY + 4, np.array([1, 2, 3], np.float32), None, 4.0, 30.0, is_final=True
)  # fmt: skip


class Searcher:
    """Finds nothing by itself; remembers what it was asked."""

    def __init__(self):
        self.started, self.cancelled = [], []
        self.answer = Progress("Moving closer.", 0.4), replace(FOUND, is_final=False)

    def start(self, source, picture, *, label=None, seed=0):
        self.started.append((source, picture))
        return f"key{len(self.started)}"

    def look(self, key):
        return self.answer

    def cancel(self, key):
        self.cancelled.append(key)
        self.answer = None, None


class Library(StandIn):
    def real(self, source, n, seed=0):
        raise DataError("The pictures that this run learned from are not here: load them first.")


def finding() -> None:
    import numpy as np
    import streamlit as st

    from gan.runs.studio.records import Source
    from pages.widgets.explore.find import draw_find
    from pages.widgets.explore.points import Point, pick_point, picked_points

    if "begun" not in st.session_state:
        st.session_state["begun"] = True
        pick_point("run", Point(np.array([1, 0, 0], dtype=np.float32)))
    draw_find(Source("run"), picked_points("run"))


@pytest.fixture
def searcher(monkeypatch):
    searcher = Searcher()
    library = Library()
    monkeypatch.setattr("pages.widgets.explore.find.inverter", lambda: searcher)
    monkeypatch.setattr("pages.widgets.explore.find.studio", lambda: library)
    return searcher


@pytest.fixture
def app(searcher):
    app = AppTest.from_function(finding).run()
    assert [error.value for error in app.error] == [
        "The pictures that this run learned from are not here: load them first."
    ]
    app.segmented_control(key="explore_set_find_which").set_value("one that was picked").run()
    assert not app.error and not searcher.started
    app.button(key="find-go").click().run()
    assert not app.exception
    return app


def test_a_picked_picture_is_looked_for_as_it_is_drawn_at_a_named_step(app, searcher):
    ((source, picture),) = searcher.started
    assert source.step == 40
    with Image.open(io.BytesIO(picture)) as image:
        assert (np.asarray(image) == 168).all()  # the stand-in's grey of z[0] = 1
    assert "Moving closer." in app.get("progress")[0].text


def test_a_search_can_be_stopped_and_another_one_ends_the_one_before(app, searcher):
    app.button(key="find-go").click().run()
    assert searcher.cancelled == ["key1"]
    searcher.answer = Progress("Moving closer.", 0.4), None
    app.run()
    app.button(key="find-stop").click().run()
    assert searcher.cancelled == ["key1", "key2"] and not app.exception


def test_what_was_found_is_picked_with_its_story(app, searcher):
    searcher.answer = Progress("Done.", 1.0, is_over=True), FOUND
    app.run()
    assert any("**Close**" in text.value for text in app.markdown)
    app.button(key="find-pick").click().run()
    point = app.session_state["explore_picked"]["run"][-1]
    assert (point.z == FOUND.z).all() and point.origin == "found for A itself"
    app.button(key="find-edit").click().run()
    assert app.session_state["explore_next_tab"] == "Sliders"


def test_a_failed_search_says_why(app, searcher):
    searcher.answer = Progress("The picture is damaged.", is_over=True, has_failed=True), None
    app.run()
    assert app.error[0].value == "The picture is damaged."


def test_the_sentence_tells_found_close_and_far_apart():
    said = [closeness(replace(FOUND, distance=d)) for d in (0.3, 4.0, 31.5)]
    assert [text.split(":")[0] for text in said] == [
        "**Found**",
        "**Close**",
        "**As near as it gets**",
    ]
    assert "31.5 of 255" in said[2] and all("30.0" in text for text in said)
