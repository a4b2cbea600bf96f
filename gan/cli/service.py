"""The processes that others start: a worker for one run, the warm standby, the studio.

Door. People do not call these; `--help` names them so that a process list explains itself.
"""

import logging
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gan.cli.parser import Commands, add_command, add_run
from gan.config import DataConfig
from gan.data.sources import IMAGES_FILE, LABELS_FILE, Located, find_file
from gan.errors import GanError
from gan.runs import control
from gan.runs.code import code_fingerprint
from gan.runs.commands import STOPPED_BY_SYSTEM
from gan.runs.cores import slots
from gan.runs.folder import Home, RunFolder, find_run
from gan.runs.images import download_folder, locate_images
from gan.runs.launcher import claimed_threads, start_next
from gan.runs.probe import any_run_trains
from gan.runs.standby import parent_watch, wait_for_claim

if TYPE_CHECKING:
    from gan.data.dataset import ImageData

log = logging.getLogger(__name__)

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def add_commands(commands: Commands) -> None:
    """Add `work`, `standby` and `studio`."""
    parser = add_command(
        commands,
        "work",
        lambda args, home: work(home, args.run),
        summary="(The launcher calls this.) Train a queued run, then start the next.",
        example="python -m gan work 20250101-120000-ab12",
        has_json=False,
    )
    add_run(parser)
    add_command(
        commands,
        "standby",
        lambda _args, home: standby(home),
        summary="(The app calls this.) Wait, with everything imported, for the next run.",
        example="python -m gan standby",
        has_json=False,
    )
    add_command(
        commands,
        "studio",
        lambda _args, home: studio(home),
        summary="(The app calls this.) Hold generators ready and draw what its parent asks for.",
        example="python -m gan studio",
        has_json=False,
    )


@dataclass(frozen=True)
class Preloaded:
    """A data set that a standby read before anybody asked for it."""

    config: DataConfig
    data: "ImageData"
    stamp: tuple[object, ...]

    def images_for(self, home: Home, config: DataConfig) -> "ImageData | None":
        """Return the images if a run wants these, from files that are still the same."""
        if config != self.config:
            return None
        return self.data if _stamp(locate_images(home, config)) == self.stamp else None


def work(home: Home, run: str, preloaded: Preloaded | None = None) -> int:
    """Train one queued run to its end, then start the next in the queue."""
    from gan.runs.worker import Worker  # noqa: PLC0415  (imports torch)

    _log_to_stderr()
    try:
        folder = find_run(home, run)
        data = control.read_config(folder).data
        images = preloaded.images_for(home, data) if preloaded else None
        worker = Worker(home, folder, n_threads=claimed_threads(folder), images=images)
        signal.signal(signal.SIGTERM, lambda *_: worker.ask_to_stop(STOPPED_BY_SYSTEM))
        worker.work()
    except GanError as error:
        log.error("%s", error)
        return 1
    finally:
        move_the_queue_on(home)
    return 0


def standby(home: Home) -> int:
    """Wait, with everything imported, for the launcher to hand over a run."""
    parent_is_gone = parent_watch()
    _log_to_stderr()
    code = code_fingerprint()  # of what is imported below
    _warm_up(home)
    preloaded = _preload(home)
    run_id = wait_for_claim(home, parent_is_gone, code=code)
    if run_id is None:
        return 0
    _log_into(RunFolder(home.runs_dir / run_id).log_path)
    return work(home, run_id, preloaded)


def studio(home: Home) -> int:
    """Answer questions from standard input on standard output until that is closed."""
    code = code_fingerprint()  # of what is imported below
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints must not spoil the answers
    _log_to_stderr()
    from gan.runs.studio.server import serve  # noqa: PLC0415  (imports torch)

    with answers:
        serve(home, sys.stdin.buffer, answers, code=code)
    return 0


def _warm_up(home: Home) -> None:
    """Pay in advance what a first step costs: imports, kernels, thread pools. No CUDA.

    Beside a run that trains it uses one thread, so as not to slow that run down.
    """
    import torch  # noqa: PLC0415

    import gan.runs.worker  # noqa: F401, PLC0415  (to have it imported)
    from gan.config import RunConfig  # noqa: PLC0415
    from gan.data.dataset import load_data  # noqa: PLC0415
    from gan.training.trainer import Trainer  # noqa: PLC0415

    torch.set_num_threads(1 if any_run_trains(home) else slots(home).n_threads)
    config = RunConfig().with_changes(
        {"train.device": "cpu", "train.n_steps": 2, "output.n_samples": 1}
    )
    data = load_data(DataConfig(source="drawn", n_images=256), download_folder=Path())
    for _ in Trainer(config, data).run():
        pass


def _preload(home: Home) -> Preloaded | None:
    """Read the data set that most runs want, if its files are on this machine."""
    from gan.data.dataset import load_data  # noqa: PLC0415

    config = DataConfig()
    try:
        located = locate_images(home, config)
        if located.kind != "files":
            return None
        stamp = _stamp(located)
        data = load_data(config, download_folder=download_folder(home))
        return Preloaded(config, data, stamp)
    except GanError as error:
        log.warning("Nothing was read in advance: %s", error)
        return None


def _stamp(located: Located) -> tuple[object, ...]:
    """Return a value that changes when other files, or the same ones changed, would be read."""
    if located.folder is None:
        return (located,)
    files = [find_file(located.folder, name) for name in (IMAGES_FILE, LABELS_FILE)]
    stats = [file.stat() for file in files if file is not None]
    return (located, *files, *((stat.st_mtime_ns, stat.st_size) for stat in stats))


def move_the_queue_on(home: Home) -> None:
    """Start what waits, if there is room; trouble is logged, for it is not this run's."""
    try:
        control.summarise_all(home)  # notices workers that died and gives their slots back
        start_next(home)
    except GanError as error:
        log.error("The next run was not started: %s", error)


def _log_into(path: Path) -> None:
    """Send everything that this process prints to a run's log."""
    sys.stdout.flush()
    sys.stderr.flush()
    with path.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT, force=True)
