"""What a comparison says follows from its figures, and it says no more than they do."""

import pytest

from gan.comparing.outcomes import (
    Measurement,
    RunOutcome,
    default_goal,
    summarise_variants,
)
from gan.comparing.pairs import all_pairs, figures_of, rank
from gan.comparing.verdict import judge, p_text

LABELS = ("SGD", "RMSprop", "Adam")


def run(variant: int, seed: int, *distances: float, ending="completed", **facts) -> RunOutcome:
    """A run measured every 10 steps, one step a second."""
    measured = tuple(Measurement(10 * (i + 1), 10.0 * (i + 1), d) for i, d in enumerate(distances))
    step = 10 * len(distances)
    return RunOutcome(
        variant, seed, f"run-{variant}-{seed}", ending, step, float(step), measured,
        "classifier" if measured else "", **facts,
    )  # fmt: skip


def finals(*table: tuple[float, ...]) -> list[RunOutcome]:
    """One row a variant, one final distance a seed."""
    return [run(v, seed, 99.0, d) for v, row in enumerate(table) for seed, d in enumerate(row)]


def test_a_row_by_hand():
    runs = [
        run(0, 0, 50.0, 20.0, 30.0, images_per_s=100.0, score_real=0.7),
        run(0, 1, 60.0, 40.0, 25.0, images_per_s=200.0, has_collapsed=True),
        run(0, 2, 70.0, ending="diverged"),
    ]
    (row,) = summarise_variants(runs, goal=40.0)
    assert (row.n, row.n_over, row.n_diverged, row.n_collapsed) == (3, 3, 1, 1)
    assert (row.final.n, row.final.mean) == (2, 27.5)  # what diverged has no final figure
    assert (row.best.mean, row.best.low) == (pytest.approx((20 + 25 + 70) / 3), 20.0)
    assert (row.steps_to_goal.n, row.steps_to_goal.mean) == (2, 20.0)
    assert row.seconds_to_goal.mean == 20.0
    assert (row.images_per_s.mean, row.score_real.mean) == (150.0, 0.7)
    assert row.score_fake is None


def test_the_default_goal_is_one_that_every_variant_reached():
    runs = [run(0, 0, 50.0, 20.0), run(0, 1, 30.0), run(1, 0, 45.0, 60.0)]
    assert default_goal(runs) == 45.0
    assert all(row.steps_to_goal.n == row.n for row in summarise_variants(runs))
    assert default_goal([run(0, 0, ending="going")]) is None


def test_the_sentence_of_three_seeds():
    verdict = judge(LABELS, finals((80, 90, 70), (82, 79, 76), (40, 45, 41)))
    assert verdict.sentence == (
        "Adam beats RMSprop and SGD in 3 of 3 seeds; SGD is not separable from RMSprop."
    )
    assert verdict.best == 2
    assert "3 seeds are too few to tell for sure" in verdict.caution
    assert "0.25" in verdict.caution
    assert "from 7 seeds on" in verdict.caution
    assert all(pair.relation != "significant" for pair in verdict.pairs)


def test_no_difference_is_not_called_one():
    verdict = judge(LABELS[:2], finals((10, 12, 9), (11, 10, 11)))
    assert verdict.sentence == (
        "SGD has the smallest distance on average, but is not separable from RMSprop."
    )
    assert verdict.pairs[0].relation == "open"


def test_seven_seeds_of_one_mind_are_significant_among_three_pairs():
    table = [tuple(base + 0.1 * s for s in range(7)) for base in (30.0, 20.0, 10.0)]
    verdict = judge(LABELS, finals(*table))
    assert verdict.sentence == (
        "Adam beats RMSprop and SGD in 7 of 7 seeds (p = 0.047); RMSprop beats SGD in 7 of 7 seeds."
    )
    assert "Significant over 7 seeds" in verdict.caution
    assert [pair.p_holm for pair in verdict.pairs] == pytest.approx([3 * 2 / 2**7] * 3)


def test_six_seeds_are_enough_for_one_pair_only():
    table = [tuple(base + 0.1 * s for s in range(6)) for base in (30.0, 20.0, 10.0)]
    assert judge(LABELS[:2], finals(*table[:2])).pairs[0].relation == "significant"
    assert all(p.relation == "ahead" for p in judge(LABELS, finals(*table)).pairs)


def test_one_seed_decides_nothing():
    verdict = judge(LABELS, finals((30,), (20,), (10,)))
    assert verdict.sentence == (
        "Adam has the smallest distance, but one seed cannot tell luck from merit."
    )
    assert verdict.caution.startswith("One seed says nothing about chance")


def test_what_diverged_has_lost_and_leaves_no_figure_behind():
    runs = finals((30, 31, 32), (20, 21, 22))
    runs[1] = run(0, 1, 5.0, ending="diverged")
    verdict = judge(LABELS, runs)
    (pair,) = verdict.pairs
    assert (pair.first, pair.n_wins, pair.n_decided, pair.difference.n) == (1, 3, 3, 2)
    assert verdict.sentence == "RMSprop beats SGD in 3 of 3 seeds."
    assert any("SGD diverged in 1 of 3 seeds" in note for note in verdict.notes)


def test_a_variant_that_always_diverged_is_told_last():
    runs = finals((30, 31, 32), (20, 21, 22))
    runs += [run(2, seed, 50.0, ending="diverged") for seed in range(3)]
    verdict = judge(LABELS, runs)
    assert verdict.ranking == (1, 0)
    assert verdict.sentence == "RMSprop beats SGD in 3 of 3 seeds; Adam diverged in every seed."
    everything = [run(v, s, ending="diverged") for v in (0, 1) for s in (0, 1)]
    assert judge(LABELS, everything).sentence == "SGD and RMSprop diverged in every seed."


def test_a_variant_that_mostly_diverged_is_not_the_best():
    runs = finals((5, 5, 5), (20, 21, 22))
    runs[0], runs[1] = (run(0, seed, 5.0, ending="diverged") for seed in (0, 1))
    assert judge(LABELS, runs).ranking == (1, 0)


def test_runs_that_are_not_done_are_compared_where_both_were_measured():
    ahead, behind = run(0, 0, 50.0, 40.0, 10.0), run(1, 0, 45.0, 42.0, ending="going")
    assert figures_of(ahead, behind, "final", "steps") == (40.0, 42.0)
    assert figures_of(ahead, behind, "best", "steps") == (40.0, 42.0)
    assert figures_of(ahead, behind, "final", "seconds") is None
    verdict = judge(LABELS, [ahead, behind])
    assert any("1 of 2 runs are not done" in note for note in verdict.notes)


def test_the_best_figure_can_be_the_judge():
    runs = [run(0, 0, 10.0, 40.0), run(1, 0, 30.0, 20.0)]
    assert judge(LABELS, runs).best == 1
    assert judge(LABELS, runs, judged_by="best").best == 0


def test_seeds_that_only_one_variant_has_do_not_move_the_ranking():
    runs = finals((30, 10, 12), (25,))  # SGD's lucky seeds are not there for RMSprop
    assert rank(runs, all_pairs(runs, "final", "steps")) == (1, 0)


def test_figures_in_different_features_are_not_compared():
    runs = finals((30, 31), (20, 21))
    runs[0] = RunOutcome(0, 0, "x", "completed", 20, 20.0, (Measurement(10, 1.0, 1.0),), "other")
    verdict = judge(LABELS, runs)
    assert (verdict.pairs, verdict.ranking, verdict.goal) == ((), (), None)
    assert "different features (classifier, other)" in verdict.notes[0]


def test_distances_to_other_pictures_are_not_compared():
    verdict = judge(LABELS, finals((30, 31), (20, 21)), same_yardstick=False)
    assert (verdict.pairs, verdict.ranking, verdict.caution) == ((), (), "")
    assert "other pictures" in verdict.notes[0]
    assert verdict.sentence == "There are no quality figures to compare."


def test_many_variants_are_counted_and_not_listed():
    table = [tuple(10.0 * v + s for s in range(3)) for v in range(8)]
    table[1] = (0.5, 0.5, 1.5)
    verdict = judge([f"rate {v}" for v in range(8)], finals(*table))
    assert "beats 6 of 7 others; not separable from it: rate" in verdict.sentence
    assert len(verdict.against_best()) == 7


def test_equal_figures_are_called_equal():
    verdict = judge(LABELS[:2], finals((10, 12, 9), (10, 12, 9)))
    assert verdict.sentence == "SGD and RMSprop gave exactly the same figures."
    tied = judge(LABELS, finals((10, 12), (10, 12), (30, 31)))
    assert "one seed" not in tied.sentence


def test_nothing_yet():
    verdict = judge(LABELS, [run(0, 0, ending="going")])
    assert verdict.sentence == "There are no quality figures to compare yet."
    assert verdict.caution == ""
    one = judge(LABELS, [run(0, 0, 9.0, ending="going")])
    assert one.sentence == "SGD is the only variant with a quality figure so far."


def test_an_early_end_is_told():
    runs = [*finals((30,), (20,)), run(0, 1, 25.0, ending="stopped"), run(1, 1, 20.0, 8.0)]
    verdict = judge(LABELS, runs)
    assert "SGD, seed 1, ended early at step 10 (stopped): it is compared there." in verdict.notes
    assert p_text(0.00001) == "p < 0.001"
