"""The Explore page without a browser: what an address reopens, what is refused, what is kept."""

import shutil

import pytest
import test_pages
from test_pages import open_app, text_of

from gan.runs.folder import Home, RunFolder
from gan.runs.settings import WorkspaceSettings, save_settings
from gan.runs.shipped import install
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
        import torch

        torch.save(torch.load(path) | {"version": 99}, path)
    app = open_app("explore", run=copy.id)
    assert not app.exception
    (error,) = app.error
    assert len(error.value.split(". ")) <= 2
    app.selectbox(key="explore_run").set_value(RUN).run()
    assert not app.exception and [error.value for error in app.error] == []
    assert address_of(app)["run"] == [RUN]
