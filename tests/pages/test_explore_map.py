"""The map tab without a browser: what planes it offers, and which wishes of a browser it heeds."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from test_explore_morph import StandIn

from gan.latent.planes import LatentPlane
from gan.runs.studio.records import Found, Map
from pages.widgets.components.map_wall import MAX_ASKED, MAX_LEVEL, read_wish
from pages.widgets.explore.map import LatentWall

WISH = {"token": "ours", "serial": 7, "level": 1, "cells": [[0, -3], [2, 5]]}


class Surveyor(StandIn):
    def directions(self, source, method, n):
        basis = np.eye(3, dtype=np.float32)
        shares = np.array([0.5, 0.3, 0.2], np.float32)
        ends = (("", ""),) * 3
        return Found(method, basis, shares, ("first", "second", "third"), ends, True)

    def plane(self, source):
        grid = np.linspace(-1, 1, 8).astype(np.float32)
        dots = np.zeros((4, 2), np.float32)
        return Map("plane", grid, grid, np.ones((8, 8), np.float32), dots, dots, "mnist")

    def place(self, source, images):
        return np.zeros((len(images), 2), np.float32)


def mapping() -> None:
    import numpy as np
    import streamlit as st

    from gan.runs.studio.records import Source
    from pages.widgets.explore.map import draw_map
    from pages.widgets.explore.points import Point, pick_point, picked_points

    for z in np.eye(3, dtype=np.float32)[: st.session_state["n"]]:
        pick_point("run", Point(2 * z))
    draw_map(Source("run"), picked_points("run"))


@pytest.fixture
def studio(monkeypatch):
    stand_in = Surveyor()
    monkeypatch.setattr("pages.widgets.explore.map.studio", lambda: stand_in)
    return stand_in


def opened(n: int) -> AppTest:
    app = AppTest.from_function(mapping)
    app.session_state["n"] = n
    return app.run()


def test_without_points_two_directions_span_the_plane(studio):
    app = opened(0)
    assert not app.exception and not app.error
    assert app.selectbox(key="map-across").options[0] == "first (50 %)"
    assert app.selectbox(key="map-up").value == 1
    app.segmented_control(key="explore_set_plane").set_value("through three picked points").run()
    assert "you have picked 0" in app.info[0].value


def test_three_points_span_a_plane_and_stand_on_the_map_of_real_pictures(studio):
    app = opened(3)
    assert not app.exception and not app.error
    assert "cuts through the shell" in app.caption[0].value
    app.toggle(key="explore_set_shell").set_value(True).run()
    assert "Bent along the shell" in app.caption[0].value
    app.toggle(key="explore_set_map_among").set_value(True).run()
    assert not app.exception and not app.error
    assert any("**A**, **B**, **C**" in text.value for text in app.markdown)
    assert studio.asked[-1] == pytest.approx(2 * np.eye(3))


def test_a_browsers_wish_is_taken_when_it_is_for_this_wall_and_bounded():
    assert read_wish(WISH, "ours") == (7, 1, [[0, -3], [2, 5]])
    assert read_wish(WISH, "another") is None
    full = [[i, 0] for i in range(MAX_ASKED)]
    assert read_wish({**WISH, "cells": full}, "ours") is not None
    too_many, far, deep = (
        {"cells": [*full, [0, 1]]},
        {"cells": [[10**9, 0]]},
        {"level": MAX_LEVEL + 1},
    )
    for change in (too_many, far, deep, {"cells": []}, {"cells": [[1]]}, {"serial": "x"}):
        assert read_wish({**WISH, **change}, "ours") is None
    assert read_wish(None, "ours") is None


def following() -> None:
    import numpy as np
    import streamlit as st

    from gan.runs.latent.place import Given, Place
    from gan.runs.latent.space import Space
    from gan.runs.studio.records import Source
    from pages.widgets.explore import map as explore_map
    from pages.widgets.explore import state

    z = np.array([st.session_state["x"], 0, 0], np.float32)
    state.slid_to("run", Place(Given.of(z)))
    explore_map.draw_here_among_real(Space(None, explore_map.studio(), Source("run")))


def test_the_point_on_the_map_follows_the_sliders_and_is_drawn_once_a_place(studio):
    app = AppTest.from_function(following)
    app.session_state["x"] = 1.0
    app.run()
    app.toggle(key="explore_set_map_here").set_value(True).run()
    assert not app.exception and not app.error
    app.run()
    assert [z.tolist() for z in studio.asked] == [[[1, 0, 0]]]
    app.session_state["x"] = 2.0
    app.run()
    assert studio.asked[-1].tolist() == [[2, 0, 0]]
    assert any("**here**" in text.value for text in app.markdown)


def test_each_place_of_a_plane_has_the_class_of_the_nearest_corner():
    wall = LatentWall(LatentPlane(np.eye(3)), (7, 8, 9), 0.125, (0, 0), (), ("u", "v"), "")
    places = np.array([[0, 0], [1, 0], [0, 1], [0.6, 0.1], [-1, -1]])
    labels = wall.labels_at(places)
    assert labels is not None and labels.tolist() == [7, 8, 9, 8, 7]
