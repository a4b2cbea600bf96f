"""`evaluate` on a real tiny run: measures with intervals, in named features."""

from collections.abc import Callable
from typing import Any

import pytest

from gan.metrics.catalog import MEASURES
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
    assert complaint in answer.complaint
