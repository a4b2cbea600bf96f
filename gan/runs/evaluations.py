"""Evaluations of a run's checkpoints, kept in the run's folder.

Memory layer, without torch. An evaluation is two files named by what was asked: a JSON document
with all figures and facts, and beside it a NumPy archive (`.npz`, compressed, no pickles) with the
pictures and the map that a page shows. A question that was answered before is answered at once.
"""

import json
import os
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from gan.errors import StoreError
from gan.runs.disk import move_into_place, os_errors
from gan.runs.folder import RunFolder

Answer = dict[str, Any]
Arrays = Mapping[str, npt.NDArray[Any]]

VERSION = 1
"""Changes with what an answer holds; answers of other versions are measured anew."""

_NAME = re.compile(r"step-(\d+)-(raw|ema)-(\d+)-([\w-]+?)(?:-seed-(\d+))?\.json")


@dataclass(frozen=True)
class Question:
    """What to evaluate.

    Attributes:
        step: of a saved checkpoint.
        n: samples, and at most as many real images.
        features: in which network's features.
        raw: the generator itself instead of its average.
        seed: for z.
    """

    step: int
    n: int
    features: str
    raw: bool = False
    seed: int = 0

    @property
    def file_name(self) -> str:
        """Where the answer is kept."""
        which = "raw" if self.raw else "ema"
        seed = f"-seed-{self.seed}" if self.seed else ""
        return f"step-{self.step:08d}-{which}-{self.n}-{self.features}{seed}.json"


def read_evaluation(folder: RunFolder, question: Question) -> Answer | None:
    """Return an answer that was given before; None if there is none, or only a damaged one."""
    return read_answer(folder.evaluations_dir / question.file_name)


def read_answer(path: Path) -> Answer | None:
    """Return the answer in a file; None if it is not there, damaged, or of another version."""
    try:
        answer = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_ours = isinstance(answer, dict) and answer.get("version") == VERSION
    return answer if is_ours else None


def read_pictures(folder: RunFolder, question: Question) -> dict[str, npt.NDArray[Any]]:
    """Return the pictures and the map of an answer; {} if they are not there or damaged."""
    path = folder.evaluations_dir / question.file_name
    try:
        with np.load(path.with_suffix(".npz"), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def kept_questions(folder: RunFolder) -> list[Question]:
    """Return what was asked of a run before, the latest step first."""
    found = []
    for path in folder.evaluations_dir.glob("step-*.json"):
        match = _NAME.fullmatch(path.name)
        if match:
            step, which, n, features, seed = match.groups()
            found.append(Question(int(step), int(n), features, which == "raw", int(seed or 0)))
    return sorted(found, key=lambda q: (-q.step, q.raw, -q.n, q.features, q.seed))


def keep_evaluation(folder: RunFolder, question: Question, answer: Answer, arrays: Arrays) -> Path:
    """Write an answer into its run's folder; return the JSON document's place.

    Raises:
        StoreError: the run is gone, or its folder cannot be written.
    """
    if not folder.config_path.exists():
        raise StoreError(f"The run {folder.id} is not there any more: nothing was kept.")
    target = folder.evaluations_dir
    with os_errors(f"{target} cannot be written"):
        target.mkdir(exist_ok=True)  # not its parents: a run that was deleted stays so
    return write_answer(target / question.file_name, answer, arrays)


def write_answer(path: Path, answer: Answer, arrays: Arrays) -> Path:
    """Write an answer as a JSON document and its pictures beside it; each appears whole or not.

    Raises:
        StoreError: the files cannot be written.
    """
    text = json.dumps(answer, ensure_ascii=False, indent=1, allow_nan=False)
    with os_errors(f"{path} cannot be written"):
        partial = path.with_name(f".{path.stem}.{os.getpid()}.npz")
        np.savez_compressed(partial, **arrays)  # type: ignore[arg-type]
        move_into_place(partial, path.with_suffix(".npz"))
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_text(text, encoding="utf-8")
    move_into_place(partial, path)  # last: whoever finds it finds its pictures too
    return path


def why_incomparable(one: Answer, other: Answer) -> str:
    """Return one sentence if two answers must not stand side by side, else ''."""
    if one["features"] != other["features"]:
        return (
            f"Figures in the features of {one['features']} and of {other['features']} cannot be "
            "compared: measure both in the same features."
        )
    if one["data"]["fingerprint"] != other["data"]["fingerprint"]:
        return (
            "These two were measured against different real pictures "
            f"({one['data']['name']}, {one['n_real']:,}, and {other['data']['name']}, "
            f"{other['n_real']:,}), so their figures cannot be compared."
        )
    if (one["n_real"], one["n_fake"]) != (other["n_real"], other["n_fake"]):
        return (
            f"Figures from {one['n_fake']:,} and from {other['n_fake']:,} samples cannot be "
            "compared, since most depend on the count: measure both with the same number."
        )
    return ""
