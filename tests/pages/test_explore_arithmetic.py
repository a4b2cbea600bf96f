"""The arithmetic tab without a browser: what is summed, drawn, said and picked."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from test_explore_morph import StandIn

from gan.latent.points import shell_radius


def reckoning() -> None:
    import numpy as np
    import streamlit as st

    from gan.runs.studio.records import Source
    from pages.widgets.explore.arithmetic import draw_arithmetic
    from pages.widgets.explore.points import Point, pick_point, picked_points

    if "begun" not in st.session_state:
        st.session_state["begun"] = True
        for i, z in enumerate(np.eye(3, dtype=np.float32)[: st.session_state["n"]]):
            pick_point("run", Point(2 * z, i))
    draw_arithmetic(Source("run"), picked_points("run"))


@pytest.fixture
def studio(monkeypatch):
    stand_in = StandIn()
    monkeypatch.setattr("pages.widgets.explore.arithmetic.studio", lambda: stand_in)
    return stand_in


def opened(n: int) -> AppTest:
    app = AppTest.from_function(reckoning)
    app.session_state["n"] = n
    return app.run()


def test_one_point_is_too_few(studio):
    assert "two or more" in opened(1).info[0].value


@pytest.mark.parametrize(
    "name, raw", [("sum", [2, 2, 0]), ("analogy", [2, -2, 2]), ("mean", [2 / 3, 2 / 3, 2 / 3])]
)
def test_both_results_are_drawn_beside_what_went_in(studio, name, raw):
    app = opened(3)
    app.segmented_control(key="explore_set_operation").set_value(name).run()
    assert not app.exception and not app.error
    *given, as_it_is, on_shell = studio.asked[-1]
    assert np.allclose(given, 2 * np.eye(3)[: len(given)])
    assert len(given) == (2 if name == "sum" else 3)
    assert as_it_is == pytest.approx(raw)
    assert np.linalg.norm(on_shell) == pytest.approx(shell_radius(3), rel=1e-6)
    assert on_shell / np.linalg.norm(on_shell) == pytest.approx(raw / np.linalg.norm(raw), rel=1e-6)


def test_a_result_can_be_picked_and_says_how_it_came_about(studio):
    app = opened(2)
    assert len(app.segmented_control(key="explore_set_operation").options) == 2  # no A − B + C
    app.button(key="pick-back on the shell").click().run()
    assert not app.exception
    result = app.session_state["explore_picked"]["run"][-1]
    assert result.name == "C" and result.origin == "A + B, back on the shell"
    assert result.label == 0
    assert np.linalg.norm(result.z) == pytest.approx(shell_radius(3), rel=1e-6)
