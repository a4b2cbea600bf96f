"""The run store over real database files: what is written is read, by whom, and when it is not."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gan.errors import StoreError
from gan.runs.database import Database
from gan.runs.states import RunState
from gan.runs.store import RunStore, backup

META = {"name": "first try", "note": "", "tags": ["a", "b"], "labels": {"kind": "x"}, "none": None}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.db"


@pytest.fixture
def store(path: Path) -> Iterator[RunStore]:
    with RunStore.create(path, META, now=100.0) as store:
        yield store


@pytest.fixture
def running(store: RunStore) -> RunStore:
    store.begin_attempt(now=101.0, pid=7, info={"threads": 2})
    return store


def add_chunk(store: RunStore, attempt: int, first: int, last: int, *, tick: int = 0) -> int:
    steps = np.arange(first, last + 1)
    values = np.stack([steps, -steps], axis=1).astype(np.float32)
    return store.add_metrics(attempt, ["a", "b"], steps, tick or 2 * last, values)


def queue_again(store: RunStore, attempt: int) -> None:
    store.end_attempt(attempt, now=200.0, state=RunState.STOPPED)
    store.set_state(RunState.QUEUED, now=201.0)


# The file itself


def test_the_file_is_in_wal_mode_and_records_its_migrations(store: RunStore, path: Path) -> None:
    with sqlite3.connect(path) as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert plain.execute("SELECT version FROM migrations").fetchall() == [(1,)]
    plain.close()


def test_meta_round_trips_through_a_second_opening(store: RunStore, path: Path) -> None:
    store.set_meta("name", "renamed ✓'; DROP TABLE meta")
    with RunStore.open(path) as other:
        assert other.get_meta() == META | {"name": "renamed ✓'; DROP TABLE meta"}


def test_a_missing_file_is_not_made(path: Path) -> None:
    with pytest.raises(StoreError, match="There is no run database"):
        RunStore.open(path)
    assert not path.exists()


def test_an_existing_file_is_not_overwritten(store: RunStore, path: Path) -> None:
    with pytest.raises(StoreError, match="exists already"):
        RunStore.create(path, {})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is not a run's database"),
        (b"no database at all " * 100, "is damaged"),
    ],
)
def test_a_file_that_is_no_database_is_one_sentence(
    path: Path, content: bytes, sentence: str
) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match=sentence) as caught:
        RunStore.open(path)
    assert "\n" not in str(caught.value)


def test_a_database_with_overwritten_pages_is_one_sentence(running: RunStore, path: Path) -> None:
    for n in range(50):
        add_chunk(running, 1, n * 100 + 1, n * 100 + 100)
    running.close()
    content = bytearray(path.read_bytes())
    content[8192:] = b"\x55" * (len(content) - 8192)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged|cannot be read"), RunStore.open(path) as broken:
        broken.read_metrics()


def test_a_row_that_makes_no_sense_is_reported_as_damage(running: RunStore, path: Path) -> None:
    add_chunk(running, 1, 1, 10)
    with sqlite3.connect(path) as plain:
        plain.execute("UPDATE metrics SET numbers = x'0011'")
    plain.close()
    with pytest.raises(StoreError, match="a row cannot be read"):
        running.read_metrics()


def test_a_database_of_a_newer_version_is_refused(store: RunStore, path: Path) -> None:
    with sqlite3.connect(path) as plain:
        plain.execute("INSERT INTO migrations (version) VALUES (2)")
    plain.close()
    with pytest.raises(StoreError, match="newer version of this program"):
        RunStore.open(path)


def test_migrations_run_once_in_order_and_keep_the_rows(path: Path) -> None:
    first = ("CREATE TABLE t (x INTEGER)", "INSERT INTO t VALUES (1)")
    second = ("ALTER TABLE t ADD COLUMN y INTEGER DEFAULT 5",)
    third = ("UPDATE t SET y = y + x",)
    Database.create_file(path, (first,)).close()
    for _ in range(2):
        Database.open(path, migrations=(first, second, third)).close()
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT x, y FROM t").fetchall() == [(1, 6)]
        assert plain.execute("SELECT version FROM migrations").fetchall() == [(1,), (2,), (3,)]
    plain.close()


def test_a_migration_that_fails_leaves_nothing_of_itself(path: Path) -> None:
    first = ("CREATE TABLE t (x INTEGER)",)
    broken = ("ALTER TABLE t ADD COLUMN y INTEGER", "INSERT INTO nowhere VALUES (1)")
    Database.create_file(path, (first,)).close()
    with pytest.raises(StoreError, match="nowhere"):
        Database.open(path, migrations=(first, broken))
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT max(version) FROM migrations").fetchone() == (1,)
        plain.execute("ALTER TABLE t ADD COLUMN y INTEGER")  # would be there already
    plain.close()


def test_a_closed_store_and_a_foreign_thread_raise_store_errors(
    store: RunStore, path: Path
) -> None:
    caught: list[BaseException] = []

    def use() -> None:
        try:
            store.get_status()
        except StoreError as error:
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(caught) == 1
    store.close()
    for call in (store.get_status, lambda: store.beat(1.0), lambda: store.set_meta("a", 1)):
        with pytest.raises(StoreError):
            call()
    with pytest.raises(StoreError):
        store.set_state(RunState.RUNNING, now=1.0)


# State


def test_a_new_run_is_queued_and_was_never_started(store: RunStore) -> None:
    status = store.get_status()
    assert (status.state, status.attempt, status.pid, status.heartbeat) == ("queued", 0, None, None)
    assert isinstance(status.state, RunState)
    assert status.changed_at == 100.0


def test_an_illegal_move_changes_nothing(store: RunStore) -> None:
    with pytest.raises(StoreError, match="queued cannot become paused"):
        store.set_state(RunState.PAUSED, message="no", now=105.0)
    status = store.get_status()
    assert (status.state, status.message, status.changed_at) == ("queued", "", 100.0)


def test_the_move_is_checked_against_the_file_and_not_against_a_memory(
    running: RunStore, path: Path
) -> None:
    assert running.get_status().state == "running"
    with RunStore.open(path) as other:
        other.set_state(RunState.STOPPED, message="by another", now=110.0)
    with pytest.raises(StoreError, match="stopped cannot become paused"):
        running.set_state(RunState.PAUSED, now=111.0)
    assert running.get_status().message == "by another"


def test_progress_keeps_what_it_is_not_told(running: RunStore) -> None:
    running.update_progress(step=5, n_steps=90, tick=10, epoch=0.5, live={"lr": 1e-4})
    running.update_progress(elapsed_s=2.5, last_metrics={"a": float("nan"), "b": float("-inf")})
    running.update_progress(step=0)
    running.beat(150.25)
    status = running.get_status()
    assert (status.step, status.n_steps, status.tick, status.epoch) == (0, 90, 10, 0.5)
    assert (status.elapsed_s, status.live, status.heartbeat) == (2.5, {"lr": 1e-4}, 150.25)
    assert np.isnan(status.last_metrics["a"])
    assert status.last_metrics["b"] == float("-inf")


# Attempts


def test_of_two_processes_that_claim_a_run_one_gets_it(store: RunStore, path: Path) -> None:
    claim = (
        "import sys; from pathlib import Path; from gan.errors import StoreError\n"
        "from gan.runs.store import RunStore\n"
        "store = RunStore.open(Path(sys.argv[1])); print('ready', flush=True); input()\n"
        "try: print(store.begin_attempt(now=1.0, pid=1, info={}))\n"
        "except StoreError: print('refused')\n"
    )
    claimants = [
        subprocess.Popen(
            [sys.executable, "-c", claim, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in claimants:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in claimants:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = sorted(process.communicate(timeout=30)[0].strip() for process in claimants)
    assert answers == ["1", "refused"]
    assert [attempt.number for attempt in store.list_attempts()] == [1]


def test_an_attempt_begins_and_ends(store: RunStore) -> None:
    assert store.begin_attempt(now=101.0, pid=7, info={"threads": 2}) == 1
    status = store.get_status()
    assert (status.state, status.attempt, status.pid, status.heartbeat) == ("running", 1, 7, 101.0)
    with pytest.raises(StoreError, match="only a queued run can start"):
        store.begin_attempt(now=102.0, pid=8, info={})
    store.end_attempt(1, now=120.0, state=RunState.FAILED, message="no disk")
    status = store.get_status()
    assert (status.state, status.pid, status.message) == ("failed", None, "no disk")
    (attempt,) = store.list_attempts()
    assert (attempt.info, attempt.started_at, attempt.ended_at) == ({"threads": 2}, 101.0, 120.0)
    assert (attempt.state, attempt.message) == ("failed", "no disk")


def test_a_paused_run_cannot_be_claimed_by_a_second_worker(running: RunStore) -> None:
    running.set_state(RunState.PAUSED, now=102.0)
    with pytest.raises(StoreError, match="only a queued run can start"):
        running.begin_attempt(now=103.0, pid=8, info={})


def test_only_the_newest_attempt_ends_and_only_in_an_ending(running: RunStore) -> None:
    queue_again(running, 1)
    running.begin_attempt(now=202.0, pid=8, info={})
    with pytest.raises(StoreError, match="Attempt 1 is not the newest, 2 is"):
        running.end_attempt(1, now=203.0, state=RunState.FAILED)
    with pytest.raises(StoreError, match="cannot end as paused"):
        running.end_attempt(2, now=203.0, state=RunState.PAUSED)
    assert running.get_status().state == "running"


def test_an_attempt_whose_process_was_killed_is_closed_by_the_next(running: RunStore) -> None:
    running.beat(150.0)
    running.set_state(RunState.INTERRUPTED, now=900.0)  # whoever found the lock free
    running.set_state(RunState.QUEUED, now=901.0)
    assert running.begin_attempt(now=902.0, pid=9, info={}) == 2
    first, second = running.list_attempts()
    assert (first.state, first.ended_at) == ("interrupted", 150.0)
    assert (second.state, second.ended_at) == (None, None)


# Metrics


def test_numbers_come_back_bit_for_bit(running: RunStore, path: Path) -> None:
    values = np.array([[np.nan, np.inf], [-np.inf, -0.0], [1e-45, 3.4e38]], dtype=np.float32)
    steps = np.array([2**40, 2**40 + 1, 2**40 + 2])
    running.add_metrics(1, ("loss/x", "loss/y"), steps, 9, values)
    with RunStore.open(path) as reader:
        (chunk,) = reader.read_metrics()
    assert chunk.values.tobytes() == values.tobytes()
    assert (chunk.values.dtype, chunk.steps.dtype) == (np.float32, np.int64)
    assert chunk.steps.tolist() == steps.tolist()
    assert (chunk.keys, chunk.attempt, chunk.tick) == (("loss/x", "loss/y"), 1, 9)
    with pytest.raises(ValueError, match="read-only"):
        chunk.values[0, 0] = 1.0


def test_reading_goes_on_after_the_last_chunk_seen(running: RunStore) -> None:
    ids = [add_chunk(running, 1, n, n) for n in (1, 2, 3)]
    assert [chunk.id for chunk in running.read_metrics(ids[0])] == ids[1:]
    assert [chunk.id for chunk in running.read_metrics(limit=2)] == ids[:2]
    assert running.read_metrics(ids[-1]) == []


def test_a_range_of_steps_is_cut_out_exactly(running: RunStore) -> None:
    for first in (1, 101, 201):
        add_chunk(running, 1, first, first + 99)
    add_chunk(running, 1, 300, 300, tick=601)  # the step stands still
    found = running.metrics_between(95, 105)
    assert np.concatenate([chunk.steps for chunk in found]).tolist() == list(range(95, 106))
    assert np.array_equal(found[0].values[:, 1], -found[0].steps)
    last = running.metrics_between(300, 10_000)
    assert [chunk.steps.tolist() for chunk in last] == [[300], [300]]
    assert running.metrics_between(301, 400) == []


@pytest.mark.parametrize(
    ("steps", "values"),
    [([], np.zeros((0, 2))), ([1], np.zeros((1, 3))), ([1, 2], np.zeros((1, 2))), ([1], [0.0])],
)
def test_numbers_that_do_not_fit_are_refused(
    running: RunStore, steps: list, values: object
) -> None:
    with pytest.raises(StoreError, match="do not fit"):
        running.add_metrics(1, ["a", "b"], steps, 1, values)
    assert running.read_metrics() == []


def test_numbers_need_an_attempt_that_exists(store: RunStore) -> None:
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        add_chunk(store, 1, 1, 2)


def test_a_batch_is_written_whole_or_not_at_all(running: RunStore, path: Path) -> None:
    with RunStore.open(path) as reader:
        with pytest.raises(RuntimeError), running.batch():
            add_chunk(running, 1, 1, 10)
            running.update_progress(step=10)
            raise RuntimeError("the disk caught fire")
        assert (reader.read_metrics(), reader.get_status().step) == ([], 0)
        with running.batch():
            add_chunk(running, 1, 1, 10)
            running.update_progress(step=10)
            running.set_state(RunState.PAUSED, now=105.0)
            assert reader.read_metrics() == []
        assert (len(reader.read_metrics()), reader.get_status().state) == (1, "paused")


# Superseding


def test_what_a_later_attempt_repeats_is_not_shown_any_more(running: RunStore) -> None:
    for step in (10, 20, 30):
        add_chunk(running, 1, step - 9, step)
        at = {"step": step, "tick": 2 * step, "now": 100.0 + step}
        running.add_event(1, **at, kind="note", text=f"at {step}")
        running.add_sample(1, **at, path=f"samples/{step}.png", kind="ema")
        running.add_checkpoint(1, **at, path=f"checkpoints/{step}.pt", size_bytes=5)
    queue_again(running, 1)
    before = running.superseded_generation()
    running.begin_attempt(now=300.0, pid=8, info={})
    running.supersede_after(40, 2)
    add_chunk(running, 2, 21, 25, tick=50)
    assert running.superseded_generation() > before

    assert [int(chunk.steps[-1]) for chunk in running.read_metrics()] == [10, 20, 25]
    assert [int(chunk.steps[-1]) for chunk in running.metrics_between(1, 99)] == [10, 20, 25]
    assert [event.text for event in running.read_events()] == ["at 10", "at 20"]
    assert [sample.step for sample in running.read_samples()] == [10, 20]
    assert [sample.step for sample in running.read_samples("ema")] == [10, 20]
    assert [checkpoint.step for checkpoint in running.list_checkpoints()] == [10, 20]
    assert [old.path for old in running.list_checkpoints(superseded=True)] == ["checkpoints/30.pt"]


def test_the_generation_stands_still_while_nothing_is_superseded(running: RunStore) -> None:
    add_chunk(running, 1, 1, 10)
    before = running.superseded_generation()
    queue_again(running, 1)
    running.begin_attempt(now=300.0, pid=8, info={})
    running.supersede_after(20, 2)
    assert running.superseded_generation() == before
    running.supersede_after(-1, 2)  # start over
    assert running.superseded_generation() > before
    assert running.read_metrics() == []


# Events, commands, files


def test_events_round_trip_and_go_on_after_an_id(store: RunStore) -> None:
    first = store.add_event(0, step=0, tick=0, now=1.0, kind="queued", text="waits for a core")
    second = store.add_event(
        0, step=3, tick=6, now=2.0, kind="lr", text="lower", payload={"to": 1e-5}, marks=True
    )
    one, two = store.read_events()
    assert (one.payload, one.marks) == ({}, False)
    assert (two.payload, two.marks, two.at, two.tick) == ({"to": 1e-5}, True, 2.0, 6)
    assert [event.id for event in store.read_events(first)] == [second]


def test_a_command_waits_until_it_is_finished_once(running: RunStore) -> None:
    first = running.send_command("set", {"lr": 0.1}, now=110.0)
    second = running.send_command("stop", now=111.0)
    waiting = running.pending_commands(1)
    assert [(command.id, command.kind) for command in waiting] == [(first, "set"), (second, "stop")]
    assert waiting[0].payload == {"lr": 0.1}
    running.finish_command(first, outcome="refused", note="too large", now=112.0)
    assert [command.id for command in running.pending_commands(1)] == [second]
    finished = running.command(first)
    assert (finished.outcome, finished.note, finished.finished_at) == (
        "refused",
        "too large",
        112.0,
    )
    with pytest.raises(StoreError, match="is refused already"):
        running.finish_command(first, outcome="done", now=113.0)
    with pytest.raises(StoreError, match="There is no command 99"):
        running.finish_command(99, outcome="done", now=113.0)


def test_commands_expire_with_their_attempt(running: RunStore) -> None:
    ended = running.send_command("save", now=110.0)
    queue_again(running, 1)
    assert running.command(ended).outcome == "expired"
    running.begin_attempt(now=202.0, pid=8, info={})
    killed = running.send_command("save", now=203.0)
    running.set_state(RunState.INTERRUPTED, now=210.0)  # nobody ended attempt 2
    running.set_state(RunState.QUEUED, now=211.0)
    running.begin_attempt(now=212.0, pid=9, info={})
    assert running.command(killed).outcome == "expired"
    assert running.pending_commands(3) == []
    with pytest.raises(StoreError, match="is expired already"):
        running.finish_command(killed, outcome="done", now=213.0)


@pytest.mark.parametrize("state", [RunState.STOPPED, RunState.QUEUED])
def test_a_run_at_which_no_worker_is_takes_no_command(running: RunStore, state: RunState) -> None:
    running.set_state(RunState.STOPPED, now=105.0)
    if state is RunState.QUEUED:
        running.set_state(state, now=106.0)
    with pytest.raises(StoreError, match=f"is {state} and takes no command 'save'"):
        running.send_command("save", now=107.0)


def test_samples_are_read_by_kind_and_after_an_id(running: RunStore) -> None:
    ids = [
        running.add_sample(1, step=1, tick=2, now=1.0, path=f"{kind}.png", kind=kind)
        for kind in ("generator", "ema", "generator")
    ]
    assert [sample.id for sample in running.read_samples("generator")] == [ids[0], ids[2]]
    assert [sample.id for sample in running.read_samples("generator", ids[0])] == [ids[2]]
    assert [sample.id for sample in running.read_samples(after_id=ids[0])] == ids[1:]
    assert running.read_samples("real") == []


def test_a_checkpoints_ordinal_is_never_used_again(running: RunStore) -> None:
    for tick in (4, 2):
        running.add_checkpoint(1, step=1, tick=tick, now=1.0, path=f"{tick}", size_bytes=9)
    assert [(c.tick, c.ordinal) for c in running.list_checkpoints()] == [(2, 1), (4, 0)]
    for checkpoint in running.list_checkpoints():
        running.drop_checkpoint(checkpoint.id)
    assert running.list_checkpoints() == []
    running.add_checkpoint(1, step=1, tick=6, now=1.0, path="6", size_bytes=9)
    assert [checkpoint.ordinal for checkpoint in running.list_checkpoints()] == [2]


# Several processes and threads at one file

WRITER = """
import sys, numpy as np
from pathlib import Path
from gan.runs.store import RunStore
with RunStore.open(Path(sys.argv[1])) as store:
    for n in range(200):
        steps = np.arange(n * 10 + 1, n * 10 + 11)
        with store.batch():
            store.add_metrics(1, ["a"], steps, n, np.full((10, 1), n, np.float32))
            store.update_progress(step=n * 10 + 10)
"""


def test_a_reader_follows_a_writing_process_without_gap_or_wait(
    running: RunStore, path: Path
) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
    beats: list[float] = []

    def heartbeat() -> None:
        with RunStore.open(path) as own:
            while writer.poll() is None:
                own.beat(float(len(beats)))
                beats.append(1.0)

    thread = threading.Thread(target=heartbeat)
    thread.start()
    seen: list[int] = []
    last_id, is_done = 0, False
    while not is_done:
        is_done = writer.poll() is not None  # then one more look
        step = running.get_status().step
        for chunk in running.read_metrics(last_id):
            last_id = chunk.id
            seen += chunk.steps.tolist()
        assert len(seen) >= step  # a batch becomes visible as one
    thread.join()
    assert writer.returncode == 0
    assert seen == list(range(1, 2001))
    assert len(beats) > 1


def test_a_writer_that_is_kept_waiting_reports_it(running: RunStore, path: Path) -> None:
    with sqlite3.connect(path, isolation_level=None) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        running._execute("PRAGMA busy_timeout = 50")  # instead of five seconds
        with pytest.raises(StoreError, match="is in use"):
            running.beat(1.0)
        assert running.get_status().state == "running"  # readers do not wait
        blocker.execute("ROLLBACK")
    blocker.close()
    running.beat(1.0)


def test_a_batch_keeps_other_writers_out_from_its_first_read_on(
    running: RunStore, path: Path
) -> None:
    with RunStore.open(path) as other:
        other._execute("PRAGMA busy_timeout = 20")
        with running.batch():
            assert running.get_status().state == "running"
            with pytest.raises(StoreError, match="is in use"):
                other.set_state(RunState.STOPPED, now=1.0)
        other.set_state(RunState.STOPPED, now=2.0)


def test_a_backup_of_a_run_at_work_is_complete_and_independent(
    running: RunStore, path: Path, tmp_path: Path
) -> None:
    add_chunk(running, 1, 1, 10)
    target = tmp_path / "copy" / "run.db"
    target.parent.mkdir()
    backup(path, target)
    add_chunk(running, 1, 11, 20)
    with RunStore.open(target) as copy:
        assert [int(chunk.steps[-1]) for chunk in copy.read_metrics()] == [10]
        assert copy.get_meta() == META
    with pytest.raises(StoreError, match="exists already"):
        backup(path, target)
    # What the backup is for: the file alone lacks what still is in the log beside it.
    naive = tmp_path / "naive.db"
    shutil.copy(path, naive)
    with pytest.raises(StoreError):
        RunStore.open(naive)
