"""How this machine's cores are shared out among runs.

Memory layer, without torch. Cores are counted in threads: a run whose configuration names
`train.n_threads` asks for so many cores, any other for the usual share.
"""

import json
import os
from dataclasses import dataclass

from gan.runs.folder import Home, RunFolder
from gan.runs.settings import load_settings


@dataclass(frozen=True)
class Slots:
    """How many runs may train side by side here, and with how many threads each."""

    n: int
    n_threads: int


def slots(home: Home, n_cores: int | None = None) -> Slots:
    """Return how this machine's cores are shared out among runs that name no threads.

    Unless the user says otherwise, one run for every four cores, at least one: two teams of
    threads on the same cores slow each other down far more than twofold.
    """
    n_cores = n_cores or count_cores()
    n = load_settings(home).runs_at_once or max(1, n_cores // 4)
    return Slots(n, max(1, n_cores // n))


def count_cores() -> int:
    """Return the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def named_threads(folder: RunFolder) -> int | None:
    """Return the threads that a run's configuration names, None if it leaves them to us."""
    try:
        n = json.loads(folder.config_path.read_text(encoding="utf-8"))["train"]["n_threads"]
    except (OSError, ValueError, KeyError, TypeError):  # its worker will say what is wrong
        return None
    return n if isinstance(n, int) and n > 0 else None


class Room:
    """What is left of the cores beside the runs that train."""

    def __init__(self, home: Home, n_cores: int | None = None) -> None:
        """Begin with an empty machine; `n_cores` are by default those of this one."""
        self._n_cores = n_cores or count_cores()
        self._share = slots(home, self._n_cores)
        self._most_runs = load_settings(home).runs_at_once
        self._n_runs = 0
        self._n_threads = 0

    def take(self, n_threads: int) -> None:
        """Count a run that trains with so many threads."""
        self._n_runs += 1
        self._n_threads += n_threads

    def threads_for(self, named: int | None) -> int | None:
        """Return the threads that one more run would get; None when it has to wait.

        A run that is alone is never refused. A user who lets more runs train than there are cores
        gets that, but for runs that name their threads, which mean it.

        Args:
            named: the threads that its configuration names.
        """
        wanted = named or self._share.n_threads
        if self._n_runs == 0:
            return wanted
        if self._most_runs is not None and self._n_runs >= self._most_runs:
            return None
        allowed = self._n_cores
        if named is None:
            allowed = max(allowed, self._share.n * self._share.n_threads)
        return wanted if self._n_threads + wanted <= allowed else None
