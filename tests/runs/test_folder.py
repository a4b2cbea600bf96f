"""Run folders on a real disk: made whole, found, locked, deleted, copied."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gan.errors import StoreError
from gan.runs.disk import filesystem_warning, move_into_place
from gan.runs.folder import (
    Home,
    RunFolder,
    copy_run,
    create_run,
    default_home,
    delete_run,
    empty_trash,
    find_run,
    list_runs,
    list_trash,
    new_run_id,
    restore_run,
)
from gan.runs.states import RunState
from gan.runs.store import RunStore

HOLDER = """
import sys, time
from pathlib import Path
from gan.runs.folder import RunFolder
with RunFolder(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def run(home: Home) -> RunFolder:
    return create_run(home, '{"a": 1}', name="first", labels={"kind": "x"}, now=1_000_000.0)


@pytest.fixture
def holder(run: RunFolder) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLDER, str(run.path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


# Making and finding


def test_a_new_run_is_complete(run: RunFolder, home: Home) -> None:
    assert run.path.parent == home.runs_dir
    assert run.config_path.read_text() == '{"a": 1}'
    assert run.samples_dir.is_dir()
    assert run.checkpoints_dir.is_dir()
    with RunStore.open(run.db_path) as store:
        status, meta = store.get_status(), store.get_meta()
    assert (status.state, status.changed_at) == (RunState.QUEUED, 1_000_000.0)
    assert meta == {
        "name": "first", "note": "", "tags": [], "labels": {"kind": "x"}, "created_at": 1_000_000.0
    }  # fmt: skip


def test_a_run_that_cannot_be_finished_never_appears(home: Home) -> None:
    with pytest.raises(TypeError):
        create_run(home, "{}", name={"not", "plain", "data"})  # type: ignore[arg-type]
    assert list_runs(home) == []
    assert [path.name for path in home.runs_dir.iterdir()] == [".trash"]


def test_whoever_looks_while_runs_are_made_sees_whole_ones_only(home: Home) -> None:
    home.ensure()
    seen: set[str] = set()
    unfinished: list[str] = []
    is_done = threading.Event()

    def look() -> None:
        while not is_done.is_set():
            for path in home.runs_dir.iterdir():
                if path.name.startswith("."):
                    continue
                seen.add(path.name)
                try:
                    with RunStore.open(RunFolder(path).db_path) as store:
                        store.get_status()
                except (StoreError, ValueError) as error:
                    unfinished.append(str(error))

    watcher = threading.Thread(target=look)
    watcher.start()
    made = [create_run(home, "{}", name="n", now=n * 1e6) for n in range(30)]
    is_done.set()
    watcher.join()
    assert seen
    assert seen <= {run.id for run in made}
    assert unfinished == []


def test_a_place_that_cannot_be_written_is_one_sentence(home: Home) -> None:
    home.root.write_text("a file where the folder belongs")
    with pytest.raises(StoreError, match="cannot be made"):
        create_run(home, "{}", name="x")


def test_ids_sort_by_time_whatever_the_time_zone() -> None:
    here = timezone(timedelta(hours=5))
    assert new_run_id(datetime(2026, 11, 22, 19, 5, 1), "ab12") == "20261122-190501-ab12"
    early = new_run_id(datetime(2026, 1, 1, 4, 59, tzinfo=here), "ffff")
    assert early < new_run_id(datetime(2026, 1, 1, 0, 0, tzinfo=UTC), "0000")


def test_runs_are_listed_newest_first_and_only_complete_ones(home: Home) -> None:
    assert list_runs(home) == []
    made = [create_run(home, "{}", name="n", now=now) for now in (2e9, 1e9, 3e9)]
    (home.runs_dir / "no-database").mkdir()
    (home.runs_dir / "no-database" / "config.json").write_text("{}")
    (home.runs_dir / "a-file").write_text("")
    made[0].path.rename(home.runs_dir / f".{made[0].id}")
    assert list_runs(home) == [made[2], made[1]]


def test_a_run_is_found_by_id_part_or_name(home: Home, run: RunFolder) -> None:
    other = create_run(home, "{}", name="second", now=2_000_000_000.0)
    for text in (run.id, run.id[:11], run.id[-4:], "first"):
        assert find_run(home, text) == run
    assert find_run(home, "second") == other


def test_an_exact_id_wins_over_a_part(home: Home, run: RunFolder) -> None:
    longer = copy_run(run, home.runs_dir / f"{run.id}-copy")
    assert find_run(home, run.id) == run
    assert find_run(home, longer.id) == longer


def test_what_is_not_found_or_not_unique_lists_the_candidates(home: Home) -> None:
    with pytest.raises(StoreError, match="holds none"):
        find_run(home, "x")
    one, two = (create_run(home, "{}", name="same", now=now) for now in (1e9, 1e9 + 60))
    for text, rule in (("same", "fits 2 runs"), (one.id[:5], "fits 2 runs")):
        with pytest.raises(StoreError, match=rule) as caught:
            find_run(home, text)
        assert f"{one.id} (same)" in str(caught.value)
        assert f"{two.id} (same)" in str(caught.value)
    for text in ("nothing", "", "../home", "."):
        with pytest.raises(StoreError, match="There is no run") as caught:
            find_run(home, text)
        assert one.id in str(caught.value)


def test_a_run_with_a_damaged_database_hinders_no_other(home: Home, run: RunFolder) -> None:
    broken = create_run(home, "{}", name="broken")
    broken.db_path.write_bytes(b"damaged" * 1000)
    assert broken in list_runs(home)
    assert find_run(home, "first") == run
    assert find_run(home, broken.id) == broken


def test_the_default_home_is_named_by_the_environment(tmp_path: Path) -> None:
    assert default_home({"GAN_HOME": str(tmp_path)}).root == tmp_path
    assert default_home({}).root == Path.cwd()
    assert default_home({"GAN_HOME": ""}).root == Path.cwd()


# Locking


def test_a_lock_excludes_and_a_killed_worker_frees_it(
    run: RunFolder, holder: subprocess.Popen[str]
) -> None:
    assert run.is_locked()
    with pytest.raises(StoreError, match=f"at work on the run {run.id}"), run.lock(timeout=0.05):
        pass
    holder.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    holder.wait()
    assert not run.is_locked()
    with run.lock(timeout=1.0):
        assert run.is_locked()  # seen from the same process too
    assert not run.is_locked()


def test_reading_goes_on_while_the_worker_is_locked_in_and_killed(
    run: RunFolder, holder: subprocess.Popen[str]
) -> None:
    with RunStore.open(run.db_path) as store:
        assert store.get_status().state == "queued"
        holder.kill()
        holder.wait()
        store.set_state(RunState.INTERRUPTED, now=1.0)
        assert store.get_status().state == "interrupted"


def test_probing_leaves_no_trace(run: RunFolder, tmp_path: Path) -> None:
    gone = RunFolder(tmp_path / "nowhere")
    assert not run.is_locked()
    assert not gone.is_locked()
    assert not run.lock_path.exists()
    with pytest.raises(StoreError, match="There is no run"), gone.lock():
        pass
    assert not gone.path.exists()


def test_a_probe_does_not_keep_a_worker_from_starting(run: RunFolder) -> None:
    probe = (
        "import sys; from pathlib import Path; from gan.runs.folder import RunFolder\n"
        "run = RunFolder(Path(sys.argv[1])); print('ready', flush=True)\n"
        "while True: run.is_locked()"
    )
    run.lock_path.touch()
    command = [sys.executable, "-c", probe, str(run.path)]
    prober = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert prober.stdout is not None
        assert prober.stdout.readline() == "ready\n"
        for _ in range(20):
            with run.lock():
                pass
    finally:
        prober.kill()
        prober.communicate()


# Deleting and copying


def test_a_deleted_run_can_come_back(home: Home, run: RunFolder) -> None:
    files = sorted(path.name for path in run.path.iterdir())
    delete_run(home, run, now=50.0)
    assert (list_runs(home), [trashed.id for trashed in list_trash(home)]) == ([], [run.id])
    with pytest.raises(StoreError, match="holds no run 'other'"):
        restore_run(home, "other")
    assert restore_run(home, run.id) == run
    assert (list_runs(home), list_trash(home)) == ([run], [])
    assert sorted(path.name for path in run.path.iterdir()) == files


def test_a_run_at_work_is_not_deleted(
    home: Home, run: RunFolder, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(StoreError, match="stop it before deleting"):
        delete_run(home, run)
    assert list_runs(home) == [run]


def test_neither_trash_nor_run_is_overwritten(home: Home, run: RunFolder, tmp_path: Path) -> None:
    spare = copy_run(run, tmp_path / "spare")
    delete_run(home, run)
    again = copy_run(spare, run.path)
    with pytest.raises(StoreError, match="trash holds a run"):
        delete_run(home, again)
    with pytest.raises(StoreError, match="stays in the trash"):
        restore_run(home, run.id)
    assert (list_runs(home), len(list_trash(home))) == ([run], 1)


def test_the_trash_is_emptied_by_age_of_the_deletion(home: Home) -> None:
    old, young = (create_run(home, "{}", name="n", now=now) for now in (2e9, 1e9))
    delete_run(home, old, now=1000.0)
    delete_run(home, young, now=1900.0)
    assert empty_trash(home, 500.0, 2000.0) == [old.id]
    assert [run.id for run in list_trash(home)] == [young.id]
    assert empty_trash(home, 0.0, 2000.0) == [young.id]
    assert list_trash(home) == []


def test_a_run_at_work_is_copied_whole(
    run: RunFolder, holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    (run.samples_dir / "1.png").write_bytes(b"picture")
    (run.checkpoints_dir / "1.pt").write_bytes(b"weights")
    (run.checkpoints_dir / ".2.pt.tmp").write_bytes(b"half")
    with RunStore.open(run.db_path) as store:  # open while copying, as a worker has it
        store.begin_attempt(now=1.0, pid=1, info={})
        for name in ("1.pt", "dropped.pt"):
            store.add_checkpoint(
                1, step=1, tick=2, now=1.0, path=f"checkpoints/{name}", size_bytes=7
            )
        copy = copy_run(run, tmp_path / "copy")
    found = {str(p.relative_to(copy.path)) for p in copy.path.glob("**/*") if p.is_file()}
    assert found == {"config.json", "run.db", "samples/1.png", "checkpoints/1.pt"}
    assert not copy.is_locked()
    with RunStore.open(copy.db_path) as store:
        assert store.get_meta()["name"] == "first"
        assert [c.path for c in store.list_checkpoints()] == ["checkpoints/1.pt"]
    with pytest.raises(StoreError, match="exists already"):
        copy_run(run, copy.path)


def test_a_copy_that_fails_leaves_nothing(run: RunFolder, tmp_path: Path) -> None:
    run.db_path.write_bytes(b"damaged" * 1000)
    target = tmp_path / "copies" / "one"
    with pytest.raises(StoreError, match="damaged"):
        copy_run(run, target)
    assert list(target.parent.iterdir()) == []


def test_a_rename_that_is_refused_for_a_moment_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    refusals = iter([True, True])
    replace = Path.replace

    def refuse_twice(self: Path, target: Path) -> Path:
        if next(refusals, False):
            raise PermissionError("held open by a scanner")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", refuse_twice)
    move_into_place(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").is_dir()
    with pytest.raises(StoreError, match="cannot be moved"):
        move_into_place(tmp_path / "nowhere", tmp_path / "c")


# Drives


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        ("/home/me/gan", None),
        ("/mnt/share/gan", "nfs4"),
        ("/mnt/share/local/gan", None),
        ("/mnt/sharep", None),
        ("/mnt/my files/gan", "cifs"),
        ("/mnt/covered/gan", "fuse.sshfs"),
    ],
)
def test_network_drives_are_told_by_the_innermost_mount(where: str, kind: str | None) -> None:
    mounts = (
        "/dev/sda1 / ext4 rw 0 0\n"
        "/dev/sdb1 /mnt/share/local xfs rw 0 0\n"
        "server:/x /mnt/share nfs4 rw 0 0\n"
        "//server/y /mnt/my\\040files cifs rw 0 0\n"
        "/dev/sdc1 /mnt/covered ext4 rw 0 0\n"
        "me@server: /mnt/covered fuse.sshfs rw 0 0\n"
    )
    warning = filesystem_warning(Path(where), mounts)
    if kind is None:
        assert warning is None
    else:
        assert warning is not None
        assert f"({kind})" in warning
        assert where in warning


def test_no_list_of_mounts_means_no_warning() -> None:
    assert filesystem_warning(Path("/somewhere"), "") is None


def test_a_list_of_runs_is_read_quickly(home: Home) -> None:
    runs = [create_run(home, "{}", name=f"run {n}") for n in range(20)]
    start = time.perf_counter()
    for run in list_runs(home):
        with RunStore.open(run.db_path) as store:
            store.get_status()
            store.get_meta()
        run.is_locked()
    assert (time.perf_counter() - start) / len(runs) < 0.05
