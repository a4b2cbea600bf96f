"""The command line called in this process, and one tiny run to look at."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gan.cli.main import main
from gan.runs.folder import Home, RunFolder, list_runs
from gan.runs.launcher import claim_for_this_process
from gan.runs.settings import WorkspaceSettings, save_settings

TINY = [
    *("--dataset", "drawn-digits", "--n-images", "128", "--batch-size", "32"),
    *("--latent-dim", "4", "--g-widths", "8", "--d-widths", "8", "--n-samples", "4"),
    *("--device", "cpu", "--n-threads", "1", "--report-every", "5"),
]


@dataclass(frozen=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What was printed, for programs."""
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The only line on stderr. Fails the test when there is none or are more."""
        (line,) = self.err.splitlines()
        return line


Cli = Callable[..., Answer]


@pytest.fixture
def tiny() -> list[str]:
    """Options that make a run of milliseconds."""
    return TINY


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home where one run may train at a time."""
    home = Home(tmp_path / "home").ensure()
    save_settings(home, WorkspaceSettings(runs_at_once=1))
    return home


@pytest.fixture
def cli(home: Home, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Call `python -m gan` with these words on the test's home."""

    def call(*words: object) -> Answer:
        capsys.readouterr()
        code = main([*map(str, words), "--home", str(home.root)])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one finished run of 12 steps."""
    root = tmp_path_factory.mktemp("trained")
    words = ["train", "vanilla-fashion", *TINY, "--n-steps", "12", "--json", "--name", "small"]
    assert main([*words, "--home", str(root)]) == 0
    return root


@pytest.fixture
def run(trained_once: Path, home: Home) -> RunFolder:
    """A finished run of 12 steps in the test's home."""
    shutil.copytree(trained_once / "runs", home.runs_dir, dirs_exist_ok=True)
    return list_runs(home)[0]


@pytest.fixture
def busy(home: Home) -> RunFolder:
    """A run that seems to be starting and so takes the only slot."""
    from gan.config import RunConfig
    from gan.runs.control import new_run

    other = new_run(home, RunConfig(), name="other")
    assert claim_for_this_process(home, other) is not None
    return other
