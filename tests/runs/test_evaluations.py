"""Evaluations in a run's folder, and the process that makes them."""

import numpy as np
import pytest
from tiny_runs import tiny, wait_until

from gan.errors import StoreError
from gan.runs.control import new_run
from gan.runs.evaluations import (
    VERSION,
    Question,
    keep_evaluation,
    kept_questions,
    read_evaluation,
    read_pictures,
    why_incomparable,
)
from gan.runs.evaluator import Evaluator
from gan.runs.folder import copy_run, delete_run
from gan.runs.worker import Worker

ANSWER = {
    "version": VERSION,
    "features": "mnist",
    "n_real": 100,
    "n_fake": 100,
    "data": {"name": "drawn-digits", "fingerprint": "a"},
}
WALL = {"best_density": np.arange(12, dtype=np.uint8).reshape(3, 2, 2, 1)}


@pytest.fixture
def run(home):
    return new_run(home, tiny(train__n_steps=3))


def test_answers_and_pictures_come_back_as_they_were(run):
    question = Question(step=3, n=110, features="random")
    assert read_evaluation(run, question) is None and read_pictures(run, question) == {}
    keep_evaluation(run, question, ANSWER, WALL)
    assert read_evaluation(run, question) == ANSWER
    np.testing.assert_array_equal(
        read_pictures(run, question)["best_density"], WALL["best_density"]
    )
    for other in (
        Question(step=3, n=120, features="random"),
        Question(step=3, n=110, features="mnist"),
        Question(step=3, n=110, features="random", raw=True),
        Question(step=3, n=110, features="random", seed=1),
    ):
        assert read_evaluation(run, other) is None
    names = sorted(path.name for path in run.evaluations_dir.iterdir())
    assert names == [f"step-00000003-ema-110-random.{kind}" for kind in ("json", "npz")]


def test_what_was_asked_is_listed_the_latest_step_first(run):
    asked = [
        Question(step=10, n=100, features="fashion-a"),
        Question(step=3, n=200, features="inception-v3", raw=True, seed=5),
        Question(step=3, n=100, features="mnist"),
    ]
    for question in asked:
        keep_evaluation(run, question, ANSWER, {})
    assert kept_questions(run) == [asked[0], asked[2], asked[1]]


@pytest.mark.parametrize("text", ["{half", "[]", '{"version": 0}'])
def test_a_damaged_answer_is_no_answer(run, text):
    question = Question(step=3, n=110, features="mnist")
    keep_evaluation(run, question, ANSWER, WALL)
    path = run.evaluations_dir / question.file_name
    path.write_text(text)
    path.with_suffix(".npz").write_bytes(b"PK half")
    assert read_evaluation(run, question) is None and read_pictures(run, question) == {}


def test_a_run_that_was_deleted_meanwhile_stays_deleted(home, run):
    delete_run(home, run)
    with pytest.raises(StoreError, match="not there any more"):
        keep_evaluation(run, Question(step=3, n=110, features="mnist"), ANSWER, WALL)
    assert not run.path.exists()


def test_a_copied_run_takes_its_evaluations_along(run, tmp_path):
    question = Question(step=3, n=110, features="mnist")
    keep_evaluation(run, question, ANSWER, WALL)
    copy = copy_run(run, tmp_path / "copy")
    assert read_evaluation(copy, question) == ANSWER and read_pictures(copy, question)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ""),
        ({"features": "random"}, "features of mnist and of random"),
        ({"n_fake": 200}, "from 100 and from 200 samples"),
        ({"data": {"name": "mnist", "fingerprint": "b"}}, "different real pictures"),
    ],
)
def test_only_like_is_compared_with_like(change, words):
    problem = why_incomparable(ANSWER, ANSWER | change)
    assert words in problem and (words != "") == (problem != "")
    assert problem.count(". ") == 0


def test_another_process_measures_and_says_how_far_it_is(home, run):
    Worker(home, run).work()
    question = Question(step=3, n=110, features="random")
    evaluator = Evaluator()
    assert evaluator.look(home, run, question) is None
    evaluator.start(home, run, question)
    evaluator.start(home, run, question)  # not a second time
    seen = set()

    def is_over():
        progress = evaluator.look(home, run, question)
        seen.add(progress.text)
        return progress.is_over

    wait_until(is_over, timeout_s=60)
    progress = evaluator.look(home, run, question)
    assert not progress.has_failed and progress.fraction == 1.0, progress.text
    answer = read_evaluation(run, question)
    assert (answer["step"], answer["n_fake"], answer["features"]) == (3, 110, "random")
    assert answer["figures"]["frechet"]["value"] > 0
    assert read_pictures(run, question)["best_density"].dtype == np.uint8


def test_a_refusal_is_the_commands_own_sentence_and_cancelling_keeps_nothing(home, run):
    Worker(home, run).work()
    wrong, right = (Question(step=step, n=110, features="random") for step in (7, 3))
    evaluator = Evaluator()
    evaluator.start(home, run, wrong)
    evaluator.start(home, run, right)
    evaluator.cancel(run, right)
    assert evaluator.look(home, run, right) is None
    wait_until(lambda: evaluator.look(home, run, wrong).is_over, timeout_s=60)
    progress = evaluator.look(home, run, wrong)
    assert progress.has_failed and "no checkpoint at step 7" in progress.text
    assert kept_questions(run) == []
    evaluator.forget(run, wrong)
    assert evaluator.look(home, run, wrong) is None
