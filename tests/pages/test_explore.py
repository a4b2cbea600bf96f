"""The Explore page without a browser: what an address reopens, what is refused, what is kept."""

import shutil

import numpy as np
import pytest
import test_pages
import torch
from test_pages import open_app, text_of

from gan.runs.folder import Home, RunFolder
from gan.runs.latent.place import Place, Tile, decode
from gan.runs.latent.store import favourites
from gan.runs.settings import WorkspaceSettings, save_settings
from gan.runs.shipped import install
from gan.runs.store import RunStore
from pages.widgets.components.slider_board import Asked, Slider
from pages.widgets.explore.new import verdict
from pages.widgets.explore.sliders import moved
from pages.widgets.resources import _studio

RUN = "shipped-tiny"
empty_home = test_pages.home


@pytest.fixture(scope="module")
def root(tmp_path_factory, tiny_shipped):
    """A home with one generator of digits, 28×28, from a z of 4; and one studio for all tests."""
    root = tmp_path_factory.mktemp("explore")
    assert install(Home(root), tiny_shipped) == []
    yield root
    _studio(str(root)).close()


@pytest.fixture
def home(empty_home, root, monkeypatch) -> Home:
    monkeypatch.setenv("GAN_HOME", str(root))
    save_settings(Home(root), WorkspaceSettings(standby=False))
    shutil.rmtree(root / "workspace" / "latent", ignore_errors=True)
    return Home(root)


@pytest.fixture
def run(home) -> RunFolder:
    return RunFolder(home.runs_dir / RUN)


def address_of(app) -> dict[str, list[str]]:
    return {k: v if isinstance(v, list) else [v] for k, v in app.query_params.items()}


def test_without_runs_it_says_what_to_do(empty_home):
    app = open_app("explore")
    assert not app.exception
    assert "no generator to explore yet" in text_of(app)


def test_the_first_visit_has_pictures_picked_and_an_address(run):
    app = open_app("explore")
    assert not app.exception and not app.error
    at = address_of(app)
    assert (at["run"], at["tab"], at["at"]) == ([RUN], ["Gallery"], ["1~s0.0"])
    assert at["p"] == ["1~s0.0", "1~s0.1", "1~s0.2"]


def test_an_address_reopens_place_and_picks(run):
    app = open_app("explore", run=RUN, step="12", at="1~s5.2~t70~z3.-120", p=["1~s1.1", "1~g2"])
    assert not app.exception and not app.error and not app.warning
    at = address_of(app)
    assert (at["at"], at["p"], at["step"]) == (["1~s5.2~t70~z3.-120"], ["1~s1.1", "1~g2"], ["12"])


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"run": "nobody"}, "'nobody' is not here"),
        ({"run": RUN, "step": "99"}, "Step 99 is not saved"),
        ({"run": RUN, "at": "2~s0.0"}, "not one that this program writes"),
        ({"run": RUN, "at": "1~g99"}, "no tile 100"),
        ({"run": RUN, "at": "1~s0.0~z4.1"}, "no coordinate 4"),
        ({"run": RUN, "p": ["1~s0.0", "1~xAAAAAA"]}, "takes 4"),
        ({"run": RUN, "at": "1~s0.0~mown.smile.100"}, "No direction is kept as 'smile'"),
    ],
)
def test_a_link_to_what_is_gone_says_so_and_the_page_goes_on(run, params, words):
    app = open_app("explore", **params)
    assert not app.exception
    assert words in "\n".join(warning.value for warning in app.warning)
    assert address_of(app)["run"] == [RUN] and address_of(app)["at"] == ["1~s0.0"]


@pytest.mark.parametrize("damage", ["missing", "damaged", "newer"])
def test_a_generator_that_cannot_be_read_is_one_sentence_and_another_can_be_chosen(
    home, run, damage
):
    copy = RunFolder(home.runs_dir / f"shipped-{damage}")
    shutil.copytree(run.path, copy.path)
    (path,) = copy.checkpoints_dir.glob("*.pt")
    if damage == "missing":
        path.unlink()
    elif damage == "damaged":
        path.write_bytes(path.read_bytes()[:-2000])
    else:
        torch.save(torch.load(path) | {"version": 99}, path)
    app = open_app("explore", run=copy.id)
    assert not app.exception
    (error,) = app.error
    assert len(error.value.split(". ")) <= 2
    app.selectbox(key="explore_run").set_value(RUN).run()
    assert not app.exception and [error.value for error in app.error] == []
    assert address_of(app)["run"] == [RUN]


# ---- the sliders ---------------------------------------------------------------------------


SLIDERS = [Slider("ganspace.0", "one", 0), Slider("ganspace.1", "two", 0), Slider("z.2", "z 3", 7)]


def test_a_board_moves_what_it_shows_and_leaves_the_rest():
    place = Place(Tile(0), label=1).with_move(("sefa", "0"), 30).with_move(("ganspace", "1"), 5)
    asked = Asked(values={"ganspace.0": -150, "z.2": 40, "ganspace.7": 99}, truncation=80)
    there = moved(place, SLIDERS, asked)
    assert dict(there.moves) == {("sefa", "0"): 30, ("ganspace", "0"): -150}
    assert (there.coordinates, there.truncation, there.label) == (((2, 40),), 80, 1)
    assert moved(there, SLIDERS, Asked()).moves == ((("sefa", "0"), 30),)
    assert moved(there, SLIDERS, Asked(reset=True)) == Place(Tile(0), label=1)


def test_sliders_open_where_the_address_says(run):
    app = open_app("explore", run=RUN, tab="Sliders", at="1~s0.0~mganspace.1.150")
    assert not app.exception and not app.error
    assert address_of(app)["at"] == ["1~s0.0~mganspace.1.150"]
    app.segmented_control(key="explore_set_by").set_value("raw").run()
    assert not app.exception and not app.error
    assert address_of(app)["at"] == ["1~s0.0~mganspace.1.150"]
    again = open_app(
        "explore", **{k: v if len(v) > 1 else v[0] for k, v in address_of(app).items()}
    )
    assert again.segmented_control(key="explore_set_by").value == "raw"


def test_a_direction_is_kept_under_a_name_and_becomes_a_slider(run):
    app = open_app("explore", run=RUN, tab="Sliders", at="1~s0.0~z0.300")
    app.text_input(key="explore-direction-name").set_value("to the right")
    app.button(key="explore-keep-direction").click().run()
    assert not app.exception and not app.error
    app.segmented_control(key="explore_set_by").set_value("own").run()
    assert "You have kept no direction" not in text_of(app)
    app.button(key="explore-forget-to-the-right").click().run()
    assert "You have kept no direction" in text_of(app)


def test_a_favourite_outlives_its_session_and_opens_with_its_sliders(run):
    at = "1~s0.3~mganspace.0.-50"
    app = open_app("explore", run=RUN, tab="Sliders", at=at)
    app.text_input(key="explore-favourite-name").set_value("slanted")
    app.button(key="explore-keep").click().run()
    assert not app.exception and not app.error
    (kept,) = favourites(Home(run.path.parents[1]))
    assert (kept.name, kept.run, kept.place) == ("slanted", RUN, at)
    app = open_app("explore", run=RUN)
    app.button(key="explore-drop-favourite-slanted").click().run()
    assert favourites(Home(run.path.parents[1])) == []


def test_a_picture_that_the_sliders_made_can_be_picked(run):
    app = open_app("explore", run=RUN, tab="Sliders", at="1~s0.0~t50", p=["1~s0.1"])
    app.button(key="explore-pick").click().run()
    assert address_of(app)["p"] == ["1~s0.1", "1~s0.0~t50"]
    drops = [b.key for b in app.button if str(b.key).startswith("explore-drop-")]
    app.button(key=drops[0]).click().run()
    assert address_of(app)["p"] == ["1~s0.0~t50"]


def test_the_python_lines_are_shown(run):
    app = open_app("explore", run=RUN, tab="Sliders", at="1~s4.2")
    app.button(key="explore-lines").click().run()
    assert not app.exception
    assert "studio.z_of(source, 3, seed=4)[2]" in app.code[0].value


@pytest.mark.parametrize("tab", ["Is it new?", "Through time"])
def test_the_other_tabs_are_drawn(run, tab):
    app = open_app("explore", run=RUN, tab=tab)
    assert not app.exception and not app.error
    words = "Searched: all" if tab == "Is it new?" else "its wall at"
    assert words in text_of(app)


@pytest.fixture
def long_run(home, run) -> RunFolder:
    """The same run with a second saved step, of the same weights."""
    copy = RunFolder(home.runs_dir / "shipped-long")
    if not copy.path.exists():
        shutil.copytree(run.path, copy.path)
        (path,) = copy.checkpoints_dir.glob("*.pt")
        first = path.with_name("step-00000006-tick-000000012.pt")
        state = torch.load(path)
        torch.save(state | {"counters": state["counters"] | {"step": 6}}, first)
        with RunStore.open(copy.db_path) as store:
            attempt = store.list_attempts()[-1].number
            store.add_checkpoint(
                attempt, step=6, tick=12, now=1.0, path=f"checkpoints/{first.name}",
                size_bytes=first.stat().st_size,
            )  # fmt: skip
    return copy


def test_another_step_keeps_z_and_gives_up_the_moves(long_run):
    at = "1~s0.0~mganspace.0.100"
    app = open_app("explore", run=long_run.id, tab="Sliders", at=at, p=["1~s0.1"])
    space = app.session_state["explore_space"]
    z = space.z(decode(at))
    app.selectbox(key="explore_step").set_value(6).run()
    assert not app.exception and not app.error
    (code,) = address_of(app)["at"]
    assert np.array_equal(decode(code).base.z, z) and decode(code).moves == ()
    assert (address_of(app)["p"], address_of(app)["step"]) == (["1~s0.1"], ["6"])


def test_through_time_goes_over_all_saved_steps(long_run):
    app = open_app("explore", run=long_run.id, tab="Through time")
    assert not app.exception and not app.error
    assert "2 saved steps" in text_of(app)


def test_a_copy_is_called_one():
    assert verdict(0.1, 1.0)[1].startswith("nearly a copy")
    assert verdict(0.9, 1.0)[1].startswith("close")
    assert verdict(3.0, 2.0) == ("1.50", verdict(2.0, 1.0)[1])
