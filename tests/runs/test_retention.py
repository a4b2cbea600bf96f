"""Thinning of checkpoints: what stays, that it is bounded, and that it never changes its mind."""

import pytest

from gan.errors import ConfigError
from gan.runs.retention import checkpoints_to_drop

RULES = [
    {"keep_last": 2, "keep_every": 10, "keep_at_most": 8},
    {"keep_last": 1, "keep_every": 1, "keep_at_most": 3},
    {"keep_last": 5, "keep_every": 3, "keep_at_most": 1},
    {"keep_last": 3, "keep_every": 0, "keep_at_most": 8},
    {"keep_last": 2, "keep_every": 7, "keep_at_most": 0},
]


def kept(ordinals: list[int], rule: dict[str, int]) -> list[int]:
    dropped = checkpoints_to_drop(ordinals, **rule)
    return [ordinal for ordinal in ordinals if ordinal not in dropped]


def test_a_worked_example() -> None:
    rule = {"keep_last": 2, "keep_every": 2, "keep_at_most": 3}
    assert kept(list(range(9)), rule) == [0, 2, 4, 6, 7, 8]
    # With 8 there would be four multiples of 2 in between, so every fourth stays.
    assert kept(list(range(11)), rule) == [0, 4, 8, 9, 10]


@pytest.mark.parametrize("rule", RULES)
def test_thinning_after_each_save_keeps_what_thinning_at_the_end_keeps(rule: dict) -> None:
    alive: list[int] = []
    for n in range(500):
        alive = kept([*alive, n], rule)
        assert alive == kept(list(range(n + 1)), rule)
        assert alive == kept(alive, rule)  # a second look changes nothing
        assert alive[0] == 0
        assert alive[-rule["keep_last"] :] == list(range(n + 1))[-rule["keep_last"] :]
        assert len(alive) <= 1 + rule["keep_last"] + rule["keep_at_most"]


def test_the_bound_is_used_and_not_only_kept() -> None:
    alive = kept(list(range(500)), RULES[0])
    assert len(alive) - 3 > RULES[0]["keep_at_most"] / 2 - 1


def test_ordinals_that_were_superseded_leave_gaps_and_no_disorder() -> None:
    rule = {"keep_last": 2, "keep_every": 10, "keep_at_most": 8}
    alive = [0, 10, 20, 25]  # 26 to 30 were superseded
    for n in range(31, 300):
        alive = kept([*alive, n], rule)
        assert len(alive) <= 11
    assert alive[0] == 0
    assert alive[-2:] == [298, 299]


def test_nothing_is_dropped_where_there_is_nothing_between() -> None:
    for ordinals in ([], [0], [0, 1], [4, 7, 9]):
        assert checkpoints_to_drop(ordinals, keep_last=2, keep_every=0, keep_at_most=1) == set()


@pytest.mark.parametrize("wrong", [{"keep_last": 0}, {"keep_every": -1}, {"keep_at_most": -1}])
def test_a_rule_that_keeps_nothing_is_refused(wrong: dict) -> None:
    with pytest.raises(ConfigError, match="Cannot keep"):
        checkpoints_to_drop([0, 1, 2, 3], **(RULES[0] | wrong))
