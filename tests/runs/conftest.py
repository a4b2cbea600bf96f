"""A home for each test, and the one process that real workers are forked off."""

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import Forge, kill, status_of, tiny

from gan.runs.control import new_run
from gan.runs.folder import Home, RunFolder, list_runs


@pytest.fixture(scope="session")
def forge() -> Iterator[Forge]:
    forge = Forge()
    yield forge
    forge.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home of its own; whatever worker is at work in it afterwards is ended."""
    home = Home(tmp_path / "home").ensure()
    yield home
    for folder in list_runs(home):
        with suppress(Exception):
            kill(*filter(None, [status_of(folder).pid if folder.is_locked() else None]))


@pytest.fixture
def make_run(home: Home) -> Callable[..., RunFolder]:
    def make(**changes: Any) -> RunFolder:
        return new_run(home, tiny(**changes))

    return make


@pytest.fixture
def stub(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the launcher start a program that only notes how it was called, in the file returned."""
    calls = tmp_path / "calls.txt"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$*" >> {calls}\necho "no such worker"\nexit 3\n')
    program.chmod(0o755)
    calls.touch()
    monkeypatch.setattr(sys, "executable", str(program))
    return calls
