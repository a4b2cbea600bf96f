"""Rules that end a run: what they remember, what they keep, and by which clock."""

import pytest
import torch

from gan.config import RunConfig, StopConfig
from gan.errors import ConfigError
from gan.training.records import Ended, Evaluated, SamplesReady, StepDone
from gan.training.stopping import Stopping
from gan.training.trainer import Trainer

MEASURED = {
    "quality.every": 2,
    "quality.n_samples": 100,
    "quality.features": "random",
    "quality.max_share": 1.0,
}


class Clock:
    """Goes on by half a second whenever it is read."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 0.5
        return self.now


def scripted(config: RunConfig, data, *distances: float, **kwargs) -> Trainer:
    """A trainer whose generator measures as the script says, again and again the last figure."""
    trainer = Trainer(config, data, **kwargs)
    left = list(distances)

    def measure(_generator):
        distance = left.pop(0) if len(left) > 1 else left[0]
        return {"quality/distance": distance}

    trainer.quality.measure = measure
    return trainer


def steps(records) -> list[int]:
    return [r.step for r in records if isinstance(r, StepDone)]


# ---- the rules alone -------------------------------------------------------------------------


def test_patience_counts_measurements_since_the_best():
    rules = Stopping(StopConfig(patience=2))
    told = [rules.note_quality(step, d) for step, d in enumerate((9.0, 5.0, 6.0, 4.0, 4.0, 7.0))]
    assert told == [False, False, False, False, False, True]
    assert rules.best_step == 3
    assert rules.reason == (
        "Quality has not improved for 2 measurements: the best distance, 4, was that of step 3."
    )


def test_no_rule_ends_nothing():
    rules = Stopping(StopConfig())
    assert not rules.note_time(1e9)
    assert not any(rules.note_quality(step, 1.0) for step in range(1000))
    assert rules.reason == ""


def test_the_time_budget_is_spent_once():
    rules = Stopping(StopConfig(after_s=30))
    assert not rules.note_time(29.9)
    assert rules.note_time(30.0)
    assert rules.reason == "The time budget of 30 s of training is spent."
    rules.begin_anew(30.0)
    assert rules.reason == "" and rules.budget_s is None
    assert not rules.note_time(99.0)


def test_moving_the_end_early_leaves_the_time_budget_and_renews_patience():
    rules = Stopping(StopConfig(after_s=30, patience=2))
    rules.note_quality(1, 5.0)
    rules.note_quality(2, 6.0)
    rules.begin_anew(10.0)
    assert not rules.note_quality(3, 6.0)
    assert rules.note_time(30.0)


def test_the_first_rule_to_end_a_run_is_the_one_that_is_named():
    rules = Stopping(StopConfig(after_s=1, patience=1))
    rules.note_quality(1, 5.0)
    rules.note_time(2.0)
    rules.note_quality(2, 6.0)
    assert "time budget" in rules.reason


def test_what_is_remembered_is_plain_data():
    rules, again = Stopping(StopConfig(patience=2)), Stopping(StopConfig(patience=2))
    rules.note_quality(1, 5.0)
    rules.note_quality(2, 6.0)
    again.load_state_dict(rules.state_dict())
    assert again.note_quality(3, 6.0)
    again.load_state_dict({})  # a run that was saved before there were rules
    assert again.best_step is None and not again.reason


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"stop.patience": 3}, "stop.patience is 3 and quality.every is 0"),
        ({"stop.keep": "best"}, "stop.keep is best and quality.every is 0"),
    ],
)
def test_rules_by_quality_need_measurements(changes, complaint):
    with pytest.raises(ConfigError, match=complaint):
        RunConfig().with_changes({"quality.every": 0, **changes})


def test_a_configuration_without_the_section_has_no_rules():
    raw = RunConfig().model_dump(mode="json")
    del raw["stop"]
    assert RunConfig.parse(raw) == RunConfig()


# ---- the trainer obeys them ------------------------------------------------------------------


def test_a_run_without_improvement_ends_with_a_last_grid_and_says_why(tiny_config, tiny_data):
    config = tiny_config.with_changes({**MEASURED, "stop.patience": 2})
    trainer = scripted(config, tiny_data, 9.0, 5.0, 6.0, 7.0)
    records = list(trainer.run())
    assert steps(records)[-1] == trainer.step == 8
    *_, measured, grid, ended = records
    assert isinstance(measured, Evaluated) and isinstance(grid, SamplesReady) and grid.step == 8
    assert isinstance(ended, Ended) and (ended.step, ended.kept_step) == (8, 8)
    assert ended.reason.startswith("Quality has not improved for 2 measurements")
    assert trainer.is_finished and list(trainer.run()) == [ended]


def test_a_time_budget_ends_a_run_by_the_seconds_it_trained(tiny_config, tiny_data):
    config = tiny_config.with_changes({"stop.after_s": 4.0})
    trainer = Trainer(config, tiny_data, clock=Clock())
    first = list(trainer.run(2))
    trainer._clock.now += 1000.0  # a pause
    rest = list(trainer.run())
    assert isinstance(rest[-1], Ended) and "4 s of training" in rest[-1].reason
    assert 4.0 <= trainer.elapsed_s < 6.0
    assert 0 < trainer.step < 12
    reported = [
        s for r in (*first, *rest) if isinstance(r, StepDone) and r.rows for s in r.rows.steps
    ]
    assert reported == list(range(1, trainer.step + 1))
    assert [r.step for r in rest if isinstance(r, SamplesReady)][-1] == trainer.step


def test_extending_a_run_that_a_rule_ended_goes_on(tiny_config, tiny_data):
    config = tiny_config.with_changes({**MEASURED, "stop.patience": 2})
    trainer = scripted(config, tiny_data, 5.0, 6.0)
    list(trainer.run())
    assert trainer.step == 6
    trainer.change_live(n_steps=30)
    list(trainer.run())
    assert trainer.step == 10  # two more measurements, none below the best
    assert trainer.stopping.best_step == 2


def test_rules_resume_where_they_were(tiny_config, tiny_data):
    config = tiny_config.with_changes({**MEASURED, "stop.patience": 3})
    first = scripted(config, tiny_data, 5.0, 6.0)
    list(first.run(5))
    second = scripted(config, tiny_data, 6.0)
    second.load_state_dict(first.state_dict())
    list(second.run())
    assert second.step == 8
    third = scripted(config, tiny_data, 6.0)
    third.load_state_dict(second.state_dict())
    assert third.is_finished and [type(r) for r in third.run()] == [Ended]


def test_keeping_the_best_goes_back_to_it_whatever_ended_the_run(tiny_config, tiny_data):
    config = tiny_config.with_changes({**MEASURED, "stop.keep": "best"})
    distances = (9.0, 5.0, 6.0, 7.0)
    expected = scripted(config, tiny_data, *distances)
    list(expected.run(4))
    trainer = scripted(config, tiny_data, *distances)
    *_, ended = trainer.run()
    assert isinstance(ended, Ended) and (ended.step, ended.kept_step) == (12, 4)
    assert ended.reason == "The planned 12 steps are done."
    for name in ("generator", "discriminator"):
        ours = getattr(trainer.players, name).state_dict()
        theirs = getattr(expected.players, name).state_dict()
        assert all(torch.equal(ours[key], theirs[key]) for key in theirs)
    assert trainer.is_finished


def test_a_last_state_that_is_best_stays(tiny_config, tiny_data):
    config = tiny_config.with_changes({**MEASURED, "quality.every": 5, "stop.keep": "best"})
    trainer = scripted(config, tiny_data, 9.0, 8.0, 7.0)
    records = list(trainer.run())
    assert [r.step for r in records if isinstance(r, Evaluated)] == [5, 10, 12]
    assert trainer.step == 12 and not isinstance(records[-1], Ended)
