"""Points of latent space: kept exactly, picked in order, once each, for a run of their own."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.widgets.explore.points import Point

Z = np.random.default_rng(0).standard_normal((12, 5)).astype(np.float32)


def test_a_point_cannot_be_changed_from_outside():
    z = Z[0].copy()
    point = Point(z)
    z[0] = 9
    assert point.z[0] == Z[0, 0]
    with pytest.raises(ValueError, match="read-only"):
        point.z[0] = 1


def test_another_class_is_another_point():
    assert Point(Z[0], 1).key != Point(Z[0], 2).key != Point(Z[0]).key


def picking() -> None:
    import numpy as np
    import streamlit as st

    from pages.widgets.explore.points import Point, drop_point, pick_point, picked_points

    z = np.random.default_rng(0).standard_normal((12, 5)).astype(np.float32)
    pick_point("other", Point(z[11, :3]))
    answers = [pick_point("run", Point(each)) for each in z[:9]]
    answers.append(pick_point("run", Point(z[0])))
    drop_point("run", Point(z[1]).key)
    answers.append(pick_point("run", Point(z[0])))
    answers.append(pick_point("run", Point(z[9], name="mine")))
    drop_point("run", Point(z[2]).key)
    answers.append(pick_point("run", Point(z[10])))
    st.session_state["answers"] = answers
    st.session_state["names"] = [p.name for p in picked_points("run")]
    st.session_state["others"] = [len(picked_points("other", n)) for n in (3, 5)]


def test_points_are_picked_once_in_order_and_with_free_names():
    app = AppTest.from_function(picking).run()
    assert not app.exception
    assert app.session_state["answers"] == [True] * 8 + [False, False, False, True, True]
    assert app.session_state["names"] == ["A", "D", "E", "F", "G", "H", "mine", "B"]
    assert app.session_state["others"] == [1, 0]
