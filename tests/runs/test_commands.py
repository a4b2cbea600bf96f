"""Orders: which make sense, and how they are told."""

import pytest

from gan.errors import ConfigError, StoreError
from gan.runs.commands import LIVE_FIELDS, change_text, check_command, live_values, send
from gan.runs.states import RunState
from gan.runs.store import RunStore


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("step", {}),
        ("step", {"update": "both of them"}),
        ("set", {"batch_size": 4}),
        ("set", {"g_lr": 0.0}),
        ("set", {"g_lr": 1.5}),
        ("set", {"g_lr": None}),
        ("set", {"g_lr": True}),
        ("set", {"g_lr": "0.1"}),
        ("set", {"d_lr": float("nan")}),
        ("set", {"max_steps_per_s": -1.0}),
        ("set", {"max_steps_per_s": float("inf")}),
        ("set", {"n_steps": None}),
        ("set", {"n_steps": 2.5}),
        ("set", {"n_steps": 10**9}),
        ("set", {"g_lr": 1e-3, "d_lr": 7}),
    ],
)
def test_orders_that_make_no_sense_are_refused_with_a_sentence(kind, payload):
    with pytest.raises(ConfigError, match=r"\.$"):
        check_command(kind, payload)


def test_values_come_in_the_type_of_their_field():
    values = live_values({"g_lr": 1, "n_steps": 30.0, "max_steps_per_s": None})
    assert values == {"g_lr": 1.0, "n_steps": 30, "max_steps_per_s": None}
    assert [type(v) for v in values.values()] == [float, int, type(None)]
    assert live_values({}) == {}


def test_every_live_field_has_a_text():
    for name in LIVE_FIELDS:
        assert "1.5 → 20,000" in change_text(name, 1.5, 20_000)
    assert change_text("max_steps_per_s", None, 2.0) == "Pace limit none → 2 steps/s"


def test_nobody_is_ordered_about_when_no_worker_is_there(make_run):
    folder = make_run()
    with pytest.raises(StoreError, match="queued"):
        send(folder, "pause")
    with RunStore.open(folder.db_path) as store:
        store.begin_attempt(now=1.0, pid=1, info={})
        command = store.command(send(folder, "set", g_lr=0.1))
        assert (command.kind, command.payload, command.outcome) == ("set", {"g_lr": 0.1}, "pending")
        store.end_attempt(1, now=2.0, state=RunState.STOPPED)
    with pytest.raises(StoreError, match="stopped"):
        send(folder, "save")
