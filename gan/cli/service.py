"""The processes that the launcher starts: a worker for one run, and the warm standby.

Door. People do not call these; `--help` names them so that a process list explains itself.
"""

import logging
import os
import signal
import sys
from pathlib import Path

from gan.errors import GanError
from gan.runs.control import summarise_all
from gan.runs.folder import Home, RunFolder, find_run
from gan.runs.launcher import claimed_threads, start_next
from gan.runs.standby import parent_watch, wait_for_claim

log = logging.getLogger(__name__)


def work(home: Home, run: str) -> int:
    """Train one queued run to its end, then start the next in the queue."""
    from gan.runs.worker import Worker, stop_on_signals  # noqa: PLC0415  (imports torch)

    _log_to_stderr()
    try:
        folder = find_run(home, run)
        worker = Worker(home, folder, n_threads=claimed_threads(folder))
        stop_on_signals(worker, {signal.SIGTERM: "The system asked the worker to end (SIGTERM)."})
        worker.work()
    except GanError as error:
        log.error("%s", error)
        return 1
    finally:
        _move_the_queue_on(home)
    return 0


def standby(home: Home) -> int:
    """Wait, with everything imported, for the launcher to hand over a run."""
    parent_is_gone = parent_watch()
    _log_to_stderr()
    _warm_up()
    run_id = wait_for_claim(home, parent_is_gone)
    if run_id is None:
        return 0
    _log_into(RunFolder(home.runs_dir / run_id).log_path)
    return work(home, run_id)


def _warm_up() -> None:
    """Pay on an idle core what a first step costs: imports, kernels, thread pools. No CUDA."""
    import torch  # noqa: PLC0415

    import gan.runs.worker  # noqa: PLC0415
    from gan.config import DataConfig, RunConfig  # noqa: PLC0415
    from gan.data.dataset import load_data  # noqa: PLC0415
    from gan.training.trainer import Trainer  # noqa: PLC0415

    torch.set_num_threads(1)
    config = RunConfig().with_changes(
        {"train.device": "cpu", "train.n_steps": 2, "output.n_samples": 1}
    )
    data = load_data(DataConfig(source="drawn", n_images=256), download_folder=Path())
    for _ in Trainer(config, data).run():
        pass


def _move_the_queue_on(home: Home) -> None:
    try:
        summarise_all(home)  # notices workers that died and gives their slots back
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
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
