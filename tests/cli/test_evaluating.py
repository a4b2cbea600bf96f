"""`evaluate` on a real tiny run: measures with intervals, in named features."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan.metrics.catalog import MEASURES
from gan.runs.evaluations import Question, read_evaluation, read_pictures
from gan.runs.folder import RunFolder


def test_it_prints_every_measure_it_made(cli: Callable[..., Any], run: RunFolder) -> None:
    answer = cli("evaluate", run.id, "--n", "120", "--json")
    assert answer.code == 0
    found = answer.json
    assert (found["step"], found["generator"], found["features"]) == (12, "ema", "mnist")
    assert found["n_fake"] == 120 and 100 <= found["n_real"] <= 120
    figures = found["figures"]
    assert set(figures) <= set(MEASURES)
    assert {"frechet", "kernel", "precision", "recall", "coverage", "modes_kl"} <= set(figures)
    for name, figure in figures.items():
        info = MEASURES[name]
        if info.low is not None:
            assert figure["value"] >= info.low
        if figure["low"] is not None:
            assert figure["low"] <= figure["value"] <= figure["high"] or name == "frechet_corrected"
    assert sum(share["generated"] for share in found["classes"].values()) == 120


def test_equal_seeds_give_equal_figures_and_raw_others(
    cli: Callable[..., Any], run: RunFolder
) -> None:
    def distance(*words: str) -> float:
        words = ("--n", "120", "--features", "random", "--json", *words)
        return cli("evaluate", run.id, *words).json["figures"]["frechet"]["value"]

    assert distance() == distance("--step", "12")
    assert distance("--seed", "1") != distance()
    assert distance("--raw") != distance()


def test_people_get_a_table_that_names_features_and_counts(
    cli: Callable[..., Any], run: RunFolder
) -> None:
    answer = cli("evaluate", run.id, "--n", "120")
    assert "120 samples against" in answer.out and "MNIST classifier (mnist)" in answer.out
    assert "Fréchet distance" in answer.out and "FID" not in answer.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--n", "5"], "--n is 5"),
        (["--features", "eyes"], "Unknown features 'eyes'"),
        (["--step", "7"], "no checkpoint at step 7"),
    ],
)
def test_a_mistake_is_one_sentence(
    cli: Callable[..., Any], run: RunFolder, words: list[str], complaint: str
) -> None:
    answer = cli("evaluate", run.id, *words)
    assert answer.code in (1, 2)
    assert complaint in answer.err.splitlines()[-1]


def test_report_folder_and_run_get_what_was_found(
    cli: Callable[..., Any], run: RunFolder, tmp_path: Path
) -> None:
    report, out = tmp_path / "report.html", tmp_path / "out"
    answer = cli("evaluate", run.id, "--n", "120", "--json", "--report", report, "--out", out)
    assert answer.code == 0
    text = report.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>") and "MNIST classifier" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert json.loads((out / "evaluation.json").read_text()) == answer.json
    with np.load(out / "evaluation.npz") as arrays:
        assert {"best_score", "pairs", "map_points", "class_fake"} <= set(arrays.files)
    for name in ("best-score", "worst-score", "best-density", "worst-density", "pairs"):
        assert Image.open(out / f"{name}.png").width > 28
    question = Question(12, 120, "mnist")
    assert read_evaluation(run, question) == answer.json
    assert read_pictures(run, question)["best_score"].dtype == np.uint8


def test_notes_for_a_page_know_their_share(cli: Callable[..., Any], run: RunFolder) -> None:
    answer = cli("evaluate", run.id, "--n", "120", "--features", "random", "--notes")
    notes = [json.loads(line) for line in answer.out.splitlines()]
    shares = [note["fraction"] for note in notes if note["fraction"] is not None]
    assert shares == sorted(shares) and (shares[0], shares[-1]) == (0.0, 1.0)


def test_a_checkpoint_that_is_gone_or_damaged_is_one_sentence(
    cli: Callable[..., Any], run: RunFolder
) -> None:
    (checkpoint,) = run.checkpoints_dir.glob("*.pt")
    whole = checkpoint.read_bytes()
    checkpoint.write_bytes(whole[: len(whole) // 2])
    answer = cli("evaluate", run.id, "--n", "120", "--step", "12")
    assert answer.code == 1 and "is damaged or not one of ours" in answer.err.splitlines()[-1]
    checkpoint.unlink()
    answer = cli("evaluate", run.id, "--n", "120", "--step", "12")
    assert answer.code == 1 and "is not there any more" in answer.err.splitlines()[-1]
    shutil.rmtree(run.path)
    answer = cli("evaluate", run.id, "--n", "120")
    assert answer.code == 1 and "There is no run" in answer.complaint
