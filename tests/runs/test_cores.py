"""How cores are shared out: counted in threads, the user's number a cap."""

from tiny_runs import set_runs_at_once

from gan.runs.cores import Room, Slots, named_threads, slots
from gan.runs.launcher import claim_for_this_process, has_room


def given(room, *named):
    """The threads that one run after the other gets; those that get some are counted."""
    answers = []
    for n_threads in named:
        answers.append(room.threads_for(n_threads))
        if answers[-1] is not None:
            room.take(answers[-1])
    return answers


def test_runs_that_name_threads_start_while_cores_are_left(home):
    assert slots(home, 8) == Slots(2, 4)
    assert given(Room(home, 8), None, None, None) == [4, 4, None]
    assert given(Room(home, 8), 1, 1, None, 3, 2, 1) == [1, 1, 4, None, 2, None]
    assert given(Room(home, 2), 1, 1, 1) == [1, 1, None]
    assert given(Room(home, 2), None, 1) == [2, None]
    assert given(Room(home, 2), 16, 1) == [16, None]  # alone it is never refused


def test_the_users_number_is_a_cap_and_may_exceed_the_cores(home):
    set_runs_at_once(home, 2)
    assert given(Room(home, 8), 1, 1, 1) == [1, 1, None]
    set_runs_at_once(home, 6)
    assert given(Room(home, 2), *[None] * 7) == [1] * 6 + [None]
    assert given(Room(home, 2), 2, 2, None, 1) == [2, None, 1, None]


def test_the_launcher_counts_what_a_configuration_names(home, make_run):
    whole = make_run(train__n_threads=1024)
    beside = make_run()
    assert named_threads(whole) == 1024
    assert named_threads(make_run(train__n_threads=None)) is None
    assert claim_for_this_process(home, whole) == 1024
    assert claim_for_this_process(home, beside) is None
    assert not has_room(home)
    whole.config_path.write_text("no JSON at all")
    assert named_threads(whole) is None
