"""The morph tab without a browser: its frames, its sentences, and what it asks of the studio."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from gan.latent.paths import make_path
from gan.runs.studio.records import Drawn, GeneratorFacts
from pages.widgets.explore.morph import describe_steps, frame_labels


@pytest.mark.parametrize("loop", [False, True])
def test_a_frame_shows_the_class_of_the_nearest_point(loop):
    points = np.eye(3, dtype=np.float32)
    path = make_path(points, 13, "straight", loop=loop)
    labels = frame_labels([4, 7, 9], path)
    assert labels is not None
    assert labels[path.keys].tolist() == [4, 7, 9]
    switches = int((np.diff(labels) != 0).sum())
    assert switches == (3 if loop else 2)
    assert labels[-1] == (4 if loop else 9)
    assert frame_labels([4, None, 9], path) is None


def test_the_sentence_tells_smooth_fast_and_jumping_apart():
    even = np.array([np.nan, 2.0, 2.1, 2.0, 1.9, 2.0])
    fast = np.concatenate([np.full(20, 1.0), [3, 5, 6, 5, 3], np.full(20, 1.0)])
    jump = np.concatenate([np.full(20, 1.0), [30.0], np.full(20, 1.0)])
    assert "smoothly" in describe_steps(even)
    assert "2.1 % at frame 3" in describe_steps(even)
    assert "fast in places" in describe_steps(fast)
    assert "jumps" in describe_steps(jump) and "at frame 21" in describe_steps(jump)
    assert "Nothing changes" in describe_steps(np.array([np.nan, 0.0, 0.0]))


@dataclass
class StandIn:
    """Draws z's first number as one grey; remembers what it was asked."""

    classes: tuple[str, ...] = ()
    asked: list[np.ndarray] = field(default_factory=list)

    def describe(self, source):
        return GeneratorFacts(
            3, self.classes, 1, 8, 40, (40,), True, True, True, True, "drawn-digits", ("sefa",)
        )

    def z_of(self, source, n, seed):
        return np.random.default_rng(seed).standard_normal((n, 3)).astype(np.float32)

    def draw(self, source, z, labels=None, *, scores=False):
        self.asked.append(z)
        grey = np.clip(128 + 40 * z[:, :1, None, None], 0, 255).astype(np.uint8)
        images = np.broadcast_to(grey, (len(z), 8, 8, 1)).copy()
        return Drawn(images, labels, z[:, 0] if scores else None)


def morphing() -> None:
    from gan.runs.studio.records import Source
    from pages.widgets.explore.morph import draw_morph
    from pages.widgets.explore.points import picked_points

    draw_morph(Source("run"), picked_points("run"))


@pytest.fixture
def studio(monkeypatch):
    stand_in = StandIn()
    monkeypatch.setattr("pages.widgets.explore.morph.studio", lambda: stand_in)
    return stand_in


def test_two_at_random_make_a_morph_that_is_drawn_once(studio):
    app = AppTest.from_function(morphing).run()
    assert "two to 8" in app.info[0].value
    app.button(key="morph-random").click().run()
    assert not app.exception and not app.error
    assert [z.shape for z in studio.asked] == [(120, 3)]
    reel = app.session_state["morph_reel"]
    first, last = (point.z for point in app.session_state["explore_picked"]["run"])
    assert (studio.asked[0][0] == first).all() and (studio.asked[0][-1] == last).all()
    assert reel.scores == pytest.approx(100 / (1 + np.exp(-studio.asked[0][:, 0])), rel=1e-5)
    assert np.isnan(reel.changes[0]) and (reel.changes[1:] >= 0).all()
    app.run()
    assert len(studio.asked) == 1
    app.toggle(key="explore_set_loop").set_value(True).run()
    assert len(studio.asked) == 2 and app.session_state["morph_reel"].is_loop


def test_a_studio_that_refuses_gets_one_sentence(studio, monkeypatch):
    from gan.errors import StoreError

    def refuse(*_args, **_kwargs):
        raise StoreError("The file weights.pt is damaged: choose another step.")

    app = AppTest.from_function(morphing).run()
    app.button(key="morph-random").click().run()
    monkeypatch.setattr(studio, "draw", refuse)
    app.toggle(key="explore_set_loop").set_value(True).run()
    assert [error.value for error in app.error] == [
        "The file weights.pt is damaged: choose another step."
    ]


def test_settings_stand_in_the_address_and_reopen_from_it(studio):
    app = AppTest.from_function(morphing).run()
    app.button(key="morph-random").click().run()
    assert set(app.query_params) & {"way", "frames", "loop"} == set()
    app.segmented_control(key="explore_set_way").set_value("smooth").run()
    app.toggle(key="explore_set_loop").set_value(True).run()
    assert (app.query_params["way"], app.query_params["loop"]) == ("smooth", "True")
    again = AppTest.from_function(morphing)
    again.query_params["way"] = "smooth"
    again.query_params["frames"] = "48"
    again.query_params["loop"] = "nonsense"
    again.run().button(key="morph-random").click().run()
    reel = again.session_state["morph_reel"]
    assert len(reel.pictures) == 48 and not reel.is_loop
    assert again.segmented_control(key="explore_set_way").value == "smooth"
