"""The door itself: help with examples, errors as one line, exit codes, no torch at the start."""

import shlex
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from gan.cli.main import build_parser, main

COMMANDS = (
    "train", "resume", "runs", "show", "sample", "evaluate", "export", "stop", "delete", "restore",
    "recipes", "fields", "data", "devices", "measure", "work", "standby",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_has_an_example_that_parses(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    _, _, examples = capsys.readouterr().out.partition("Example:\n")
    lines = [line for line in examples.splitlines() if line.startswith("  python -m gan")]
    assert lines
    for line in lines:
        words = shlex.split(line)[3:]
        assert words[0] == command
        build_parser().parse_args(words)


def test_help_lists_all_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    for command in COMMANDS:
        assert f"\n    {command} " in text
    assert "Example:" in text


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ([], 2, "COMMAND"),
        (["juggle"], 2, "invalid choice: 'juggle'"),
        (["train", "vanila"], 2, "Unknown recipe 'vanila': choose one of vanilla-fashion"),
        (["train", "vanilla-fashion", "--batch-size", "1"], 2, "train.batch_size is 1"),
        (["train", "vanilla-fashion", "--colours", "red"], 2, "--colours red"),
        (["train", "vanilla-fashion", "--device", "cuda:99"], 1, "'cuda:99' is not on this"),
        (["train", "vanilla-fashion", "--dataset", "drawn-digits", "--source", "files"], 1, "auto"),
        (["show", "nothing"], 1, "There is no run 'nothing'"),
        (["resume", "nothing"], 1, "There is no run 'nothing'"),
        (["sample", "nothing", "--n", "0"], 2, "--n is 0"),
        (["export", "nothing"], 2, "--csv, --zip"),
        (["restore", "nothing"], 1, "The trash holds no run 'nothing'"),
        (["fields", "vanila"], 2, "Unknown recipe"),
    ],
)
def test_a_mistake_is_one_line_and_an_exit_code(
    cli: Callable[..., Any], words: list[str], code: int, message: str
) -> None:
    answer = cli(*words)
    assert answer.code == code
    assert message in answer.complaint
    assert answer.out == ""


def test_home_may_stand_before_the_command(
    tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--home", str(tmp_path), "runs"]) == 0
    assert str(tmp_path) in capsys.readouterr().out


def test_the_command_line_is_there_without_torch_and_survives_a_closed_pipe() -> None:
    script = (
        "import sys, gan.cli.main as m; m.main(['recipes']); assert 'torch' not in sys.modules; "
        "sys.exit(m.main(['fields', '--json']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    assert process.wait() in (0, 1)
