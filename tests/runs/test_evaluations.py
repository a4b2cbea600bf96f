"""Evaluations by another process: the real command once, and answers that are kept."""

import pytest
from tiny_runs import tiny

from gan.errors import GanError
from gan.runs import evaluations
from gan.runs.control import new_run
from gan.runs.evaluations import Question, evaluate_run, read_evaluation
from gan.runs.worker import Worker


@pytest.fixture
def run(home):
    folder = new_run(home, tiny(train__n_steps=3))
    Worker(home, folder).work()
    return folder


def test_a_checkpoint_is_evaluated_once_and_the_answer_kept(home, run, monkeypatch):
    question = Question(step=3, n=110, features="random")
    assert read_evaluation(run, question) is None
    answer = evaluate_run(home, run, question)
    assert (answer["step"], answer["n_fake"], answer["features"]) == (3, 110, "random")
    assert answer["figures"]["frechet"]["value"] > 0
    monkeypatch.setattr(evaluations, "call_gan", None)  # not asked again
    assert read_evaluation(run, question) == answer
    for other in (
        Question(step=3, n=120, features="random"),
        Question(step=3, n=110),
        Question(step=3, n=110, features="random", raw=True),
    ):
        assert read_evaluation(run, other) is None


def test_a_refusal_is_the_commands_own_sentence_and_nothing_is_kept(home, run):
    question = Question(step=7, n=110)
    with pytest.raises(GanError, match="no checkpoint at step 7"):
        evaluate_run(home, run, question)
    assert read_evaluation(run, question) is None


def test_a_damaged_answer_is_no_answer(home, run):
    question = Question(step=3, n=110)
    (run.path / "evaluations").mkdir()
    (run.path / "evaluations" / question.file_name).write_text("{half")
    assert read_evaluation(run, question) is None
