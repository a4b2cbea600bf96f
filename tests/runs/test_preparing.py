"""Preparing images beside a page: real processes that say how far they are and how they ended."""

import io
import json
import os
import signal
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from tiny_runs import wait_until

from gan.config import DataConfig
from gan.runs import preparing
from gan.runs.folder import Home
from gan.runs.images import describe_images
from gan.runs.preparing import Preparation, Preparer

SLOW = "#!/bin/sh\necho $$ >> {calls}\nexec sleep 60\n"


def write_zip(path: Path, *, n_pictures: int, n_broken: int = 0) -> Path:
    """Write a zip of pictures, some of which are none whatever their names say."""
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(n_pictures):
            file = io.BytesIO()
            Image.new("RGB", (20, 10 + i), (10 * i, 50, 90)).save(file, "PNG")
            archive.writestr(f"{i}.png", file.getvalue())
        for i in range(n_broken):
            archive.writestr(f"not a picture at all, number {i:03d}.png", b"rubbish" * 9)
    return path


def own(path: Path, **settings: object) -> DataConfig:
    return DataConfig.model_validate({"dataset": "own-pictures", "folder": str(path), **settings})


def finish(preparer: Preparer, home: Home, data: DataConfig) -> Preparation:
    def over() -> Preparation | None:
        state = preparer.look(home, data)
        return state if state and state.is_over else None

    return wait_until(over, timeout_s=60.0)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the command be a shell script, to be written here, instead of Python."""
    program = tmp_path / "program"
    program.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return program


@pytest.fixture
def slow(program: Path, tmp_path: Path):
    """Let the command take for ever; gives the pids of those that were started."""
    calls = tmp_path / "calls"
    calls.touch()
    program.write_text(SLOW.format(calls=calls))
    pids = lambda: [int(line) for line in calls.read_text().split()]  # noqa: E731
    yield pids
    for pid in pids():
        os.kill(pid, signal.SIGKILL)


def test_the_real_command_prepares_and_says_so(home: Home, tmp_path: Path) -> None:
    data = own(write_zip(tmp_path / "holiday.zip", n_pictures=3), size_px=8, fit="pad")
    preparer = Preparer()
    assert preparer.look(home, data) is None
    assert not describe_images(home, data).is_ready
    preparer.start(home, data)
    first = preparer.look(home, data)
    assert first is not None and first.text and not first.has_failed
    end = finish(preparer, home, data)
    assert end == Preparation("Ready: 3 images of 3 × 8 × 8.", 1.0, is_over=True)
    assert describe_images(home, data).is_ready  # at this size and fit
    assert not describe_images(home, own(tmp_path / "holiday.zip", size_px=8)).is_ready


def test_many_files_that_were_left_out_do_not_hide_the_end(home: Home, tmp_path: Path) -> None:
    """The last line then has many kB."""
    data = own(write_zip(tmp_path / "mixed.zip", n_pictures=2, n_broken=90), size_px=8)
    preparer = Preparer()
    preparer.start(home, data)
    end = finish(preparer, home, data)
    assert end.text == "Ready: 2 images of 3 × 8 × 8, 90 files left out."
    assert not end.has_failed


def test_a_zip_of_rubbish_fails_with_one_sentence(home: Home, tmp_path: Path) -> None:
    rubbish = write_zip(tmp_path / "-rubbish.zip", n_pictures=0, n_broken=3)
    preparer = Preparer()
    preparer.start(home, own(rubbish))
    end = finish(preparer, home, own(rubbish))
    assert end.has_failed and end.is_over and end.fraction is None
    assert f"{rubbish} holds no picture that can be used" in end.text
    assert "Traceback" not in end.text and "\n" not in end.text and end.text.endswith(".")


def test_a_folder_may_have_any_name(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative one is looked for where the server runs, and a dash begins no option."""
    write_zip(tmp_path / "-mine.zip", n_pictures=2)
    monkeypatch.chdir(tmp_path)
    data = own(Path("-mine.zip"), size_px=8)
    preparer = Preparer()
    preparer.start(home, data)
    assert finish(preparer, home, data).text == "Ready: 2 images of 3 × 8 × 8."


def test_starting_twice_starts_one_process(
    home: Home, tmp_path: Path, slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    spawn = preparing.spawn

    def count(arguments, *rest, **settings):
        started.append(arguments)
        return spawn(arguments, *rest, **settings)

    monkeypatch.setattr(preparing, "spawn", count)
    preparer, data = Preparer(), own(tmp_path)
    for _ in range(3):
        preparer.start(home, data)
    preparer.forget(data)  # it is at work, so there is nothing to start anew
    assert preparer.look(home, data) == Preparation("Starting …")
    preparer.start(home, data)
    assert len(started) == 1
    preparer.start(home, own(tmp_path, fit="pad"))
    assert len(started) == 2
    wait_until(lambda: len(slow()) == 2)  # the processes are real, and the fixture ends them


@pytest.mark.parametrize(
    "change",
    [{"fit": "pad"}, {"size_px": 16}, {"colour": "grey"}, {"background": "black"}],
    ids=lambda change: next(iter(change)),
)
def test_other_pictures_are_another_preparation(
    home: Home, tmp_path: Path, program: Path, change: dict[str, object]
) -> None:
    program.write_text('#!/bin/sh\necho "$*"\nexit 1\n')
    preparer = Preparer()
    plain, other = own(tmp_path), own(tmp_path, **change)
    preparer.start(home, plain)
    assert preparer.look(home, other) is None
    preparer.start(home, other)
    told = [finish(preparer, home, data).text for data in (plain, other)]
    ((name, value),) = change.items()
    flag = f"--{name.replace('_', '-')}={value}"
    assert flag in told[1] and flag not in told[0]
    assert all(f"data own-pictures --prepare --json --source=auto --folder={tmp_path}" in t
               for t in told)  # fmt: skip


def test_mirroring_makes_no_other_pictures(home: Home, tmp_path: Path, slow):
    preparer = Preparer()
    preparer.start(home, own(tmp_path))
    assert preparer.look(home, own(tmp_path, flip=True)) == Preparation("Starting …")
    wait_until(slow)


def test_after_forgetting_it_starts_anew(home: Home, tmp_path: Path, program: Path) -> None:
    program.write_text("#!/bin/sh\necho 'There is no room.'\nexit 1\n")
    preparer, data = Preparer(), own(tmp_path)
    preparer.start(home, data)
    failed = Preparation("There is no room.", is_over=True, has_failed=True)
    assert finish(preparer, home, data) == failed
    assert preparer.look(home, data) == failed  # as often as a page looks
    preparer.forget(data)
    assert preparer.look(home, data) is None
    program.write_text('#!/bin/sh\necho \'{"text": "Ready.", "done": true}\'\n')
    preparer.start(home, data)
    assert finish(preparer, home, data) == Preparation("Ready.", 1.0, is_over=True)


def test_the_newest_whole_note_is_shown_while_it_works(
    home: Home, tmp_path: Path, program: Path
) -> None:
    gate = tmp_path / "gate"
    newest = Preparation("Reading a\u2028b: 2 of 4 images.", 0.5)  # no line ends there
    lines = [
        json.dumps({"text": "Reading: 1 of 4 images.", "fraction": 0.25}),
        json.dumps({"text": newest.text, "fraction": 0.5}, ensure_ascii=False),
        "a warning of some library",
    ]
    told = "".join(f"echo '{line}'\n" for line in lines)
    # Bounded, so that a failed test leaves nothing at work.
    until_gate = f"for i in $(seq 1000); do [ -e {gate} ] && break; sleep 0.02; done"
    half = 'printf \'{"text": "Reading: 3 of\'\n'
    program.write_text(f"#!/bin/sh\n{told}{half}{until_gate}\n")
    preparer, data = Preparer(), own(tmp_path)
    preparer.start(home, data)
    log = preparing._log_path(home, preparing._key(data))
    wait_until(lambda: "3 of" in log.read_text())
    assert preparer.look(home, data) == newest
    gate.touch()
    end = finish(preparer, home, data)
    assert end == Preparation(newest.text, 1.0, is_over=True)


def test_one_that_was_killed_does_not_pass_off_its_last_note_as_the_reason(
    home: Home, tmp_path: Path, program: Path
) -> None:
    program.write_text('#!/bin/sh\necho \'{"text": "Reading: 1 of 4 images."}\'\nkill -9 $$\n')
    preparer, data = Preparer(), own(tmp_path)
    preparer.start(home, data)
    end = finish(preparer, home, data)
    assert end.has_failed
    assert end.text == "The preparation ended before it was done (exit code -9): try again."
