"""What the worker finds: in meta while it holds, one event a name, the same after resuming."""

import json

import numpy as np
import pytest
from tiny_runs import wait_for_state

from gan.cli.main import main
from gan.config import RunConfig
from gan.diagnosis.catalog import FINDINGS
from gan.runs.states import RunState
from gan.runs.store import RunStore
from gan.runs.watching import DiagnosisWatch
from gan.training.records import MetricRows


def rows(first: int, values: list[float]) -> MetricRows:
    steps = np.arange(first, first + len(values))
    return MetricRows(("loss/d",), steps, np.asarray(values, dtype=np.float32)[:, None])


@pytest.fixture
def store(tmp_path):
    with RunStore.create(tmp_path / "run.db", {}) as store:
        store.begin_attempt(now=1.0, pid=1, info={})
        yield store


def write(store, watch, part: MetricRows, attempt: int = 1) -> None:
    tick = 2 * int(part.steps[-1])
    store.add_metrics(attempt, part.keys, part.steps, tick, part.values)
    watch.take(part)


def test_it_looks_rarely_and_only_at_news(store):
    now = [0.0]
    watch = DiagnosisWatch(store, clock=lambda: now[0])
    assert not watch.is_due()
    write(store, watch, rows(1, [1.0, 1.0]))
    assert not watch.is_due()
    now[0] = 2.0
    assert watch.is_due()
    watch.look(RunConfig(), lambda *_: None)
    assert not watch.is_due()
    now[0] = 9.0
    assert not watch.is_due()
    write(store, watch, rows(3, [1.0]))
    assert watch.is_due()


def test_a_finding_is_kept_and_raised_once_also_by_the_next_attempt(store):
    raised: list[str] = []

    def note(finding, text):
        raised.append(finding.name)
        payload = {"name": finding.name}
        store.add_event(
            1, step=3, tick=6, now=2.0, kind="finding", text=text, payload=payload, marks=True
        )

    watch = DiagnosisWatch(store)
    write(store, watch, rows(1, [1.0, 1.0]))
    watch.look(RunConfig(), note)
    assert store.get_meta()["findings"] == [] and raised == []
    write(store, watch, rows(3, [float("nan")]))
    watch.look(RunConfig(), note)
    (found,) = store.get_meta()["findings"]
    assert (found["name"], found["first_step"]) == ("divergence", 3)
    again = DiagnosisWatch(store)
    write(store, again, rows(4, [1.0]))
    again.look(RunConfig(), note)
    assert raised == ["divergence"]


def test_a_real_run_that_diverges_says_so_and_what_to_try(home, forge, make_run, capsys):
    folder = make_run(
        loss__name="lsgan", g_opt__name="sgd", d_opt__name="sgd", g_opt__lr=1.0, d_opt__lr=1.0,
        train__n_steps=2000,
    )  # fmt: skip
    forge.work(home, folder)
    wait_for_state(folder, RunState.DIVERGED)
    with RunStore.open(folder.db_path) as store:
        meta, events = store.get_meta(), store.read_events()
    assert "divergence" in {raw["name"] for raw in meta["findings"]}
    marks = [event for event in events if event.kind == "finding"]
    assert len({event.payload["name"] for event in marks}) == len(marks)
    assert all(event.marks and event.payload["name"] in FINDINGS for event in marks)
    assert main(["show", folder.id, "--json", "--home", str(home.root)]) == 0
    shown = json.loads(capsys.readouterr().out)
    (found,) = [f for f in shown["findings"] if f["name"] == "divergence"]
    assert found["remedies"][0]["is_live"] and found["severity"] == "trouble"
    assert main(["show", folder.id, "--home", str(home.root)]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Divergence" in text and "Try at once: Divide both learning rates by 3." in text


def test_numbers_that_were_thinned_to_be_shipped_are_not_looked_at(tmp_path):
    with RunStore.create(tmp_path / "run.db", {}) as store:
        store.begin_attempt(now=1.0, pid=0, info={"shipped": "a generator"})
        bad = rows(1, [float("nan")])
        store.add_metrics(1, bad.keys, bad.steps, 2, bad.values)
        store.end_attempt(1, now=2.0, state=RunState.COMPLETED)
        watch = DiagnosisWatch(store)
        watch.take(rows(2, [1.0]))
        watch.look(RunConfig(), lambda *_: pytest.fail("found in thinned numbers"))
        assert store.get_meta()["findings"] == []
