"""Evaluations of a run's checkpoints, made by another process and kept in the run's folder.

Memory layer, without torch. One file an evaluation, named by what was asked: a question that was
answered before is answered at once.
"""

import json
from dataclasses import dataclass
from typing import Any

from gan.runs.calling import call_gan
from gan.runs.disk import move_into_place, os_errors
from gan.runs.folder import Home, RunFolder

_TIMEOUT_S = 1800.0


@dataclass(frozen=True)
class Question:
    """What to evaluate.

    Attributes:
        step: of a saved checkpoint.
        n: samples, and at most as many real images.
        features: in which network's features; '' for the one that suits the data.
        raw: the generator itself instead of its average.
    """

    step: int
    n: int
    features: str = ""
    raw: bool = False

    @property
    def file_name(self) -> str:
        """Where the answer is kept."""
        which = "raw" if self.raw else "ema"
        return f"step-{self.step:08d}-{which}-{self.n}-{self.features or 'auto'}.json"


def read_evaluation(folder: RunFolder, question: Question) -> dict[str, Any] | None:
    """Return an answer that was given before; None if there is none."""
    try:
        text = (folder.path / "evaluations" / question.file_name).read_text(encoding="utf-8")
        answer = json.loads(text)
    except (OSError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None


def evaluate_run(home: Home, folder: RunFolder, question: Question) -> dict[str, Any]:
    """Have a checkpoint evaluated and keep the answer, which is what the command prints as JSON.

    Raises:
        GanError: the command refused, took too long, or the folder cannot be written.
    """
    words = ["evaluate", folder.id, "--step", str(question.step), "--n", str(question.n), "--json"]
    words += ["--features", question.features] if question.features else []
    words += ["--raw"] if question.raw else []
    text = call_gan(home, words, timeout_s=_TIMEOUT_S)
    answer: dict[str, Any] = json.loads(text)
    kept = folder.path / "evaluations" / question.file_name
    partial = kept.with_name(f".{kept.name}.partial")
    with os_errors(f"{kept} cannot be written"):
        kept.parent.mkdir(exist_ok=True)
        partial.write_text(text, encoding="utf-8")
    move_into_place(partial, kept)
    return answer
