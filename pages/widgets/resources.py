"""What all visitors of one server share: the home folder, the warm standby, open run feeds."""

import logging
import subprocess
import threading
import time
from pathlib import Path

import streamlit as st

from gan.config import RunConfig
from gan.errors import GanError
from gan.figures.feed import RunFeed
from gan.figures.race import RaceFeed, Racer
from gan.runs import comparisons
from gan.runs.comparisons import Comparison, ComparisonProgress
from gan.runs.control import read_config
from gan.runs.evaluator import Evaluator
from gan.runs.folder import Home, RunFolder, default_home
from gan.runs.inverter import Inverter
from gan.runs.launcher import has_standby, spawn_standby, start_next
from gan.runs.preparing import Preparer
from gan.runs.settings import load_settings
from gan.runs.shipped import install
from gan.runs.studio import Studio

log = logging.getLogger(__name__)

_MAX_FEEDS = 16
_MAX_RACES = 4
_LOOK_S = 0.8


def home() -> Home:
    """Return the folder with runs and workspace."""
    return default_home().ensure()


def bring_shipped() -> list[str]:
    """Make runs of the generators that come with the product, the first time; return problems."""
    try:
        return install(home())
    except GanError as error:
        return [str(error)]


class StandbyKeeper:
    """Keeps one warm standby waiting; it ends with the server, unless a run has claimed it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._not_before = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def tend(self, home: Home) -> None:
        """Start a standby if none waits; cheap, and never more often than every few seconds."""
        now = time.monotonic()
        if now < self._not_before or not self._lock.acquire(blocking=False):
            return
        try:
            self._not_before = now + 10.0
            if load_settings(home).standby and not has_standby(home):
                self._process = spawn_standby(home)
        finally:
            self._lock.release()

    def hold_back(self, seconds: float) -> None:
        """Leave the cores alone for a while: a run has just been started."""
        self._not_before = time.monotonic() + seconds


@st.cache_resource
def standby_keeper() -> StandbyKeeper:
    """Return the one keeper of this server."""
    return StandbyKeeper()


def tend_standby() -> None:
    """Keep a standby warm; trouble with it never disturbs a page, a start is then only slower."""
    try:
        standby_keeper().tend(home())
    except GanError as error:
        log.warning("No standby: %s", error)


@st.cache_resource
def preparer() -> Preparer:
    """Return what downloads and decodes images for this server."""
    return Preparer()


@st.cache_resource
def evaluator() -> Evaluator:
    """Return what measures checkpoints for this server."""
    return Evaluator()


def studio() -> Studio:
    """Return what draws with saved generators for this server."""
    return _studio(str(home().root))


@st.cache_resource(show_spinner=False)
def _studio(root: str) -> Studio:
    return Studio(Home(Path(root)))


@st.cache_resource
def inverter() -> Inverter:
    """Return what looks for the z of pictures for this server."""
    return Inverter(home())


def move_the_queue_on() -> None:
    """Start what can be started; trouble is logged, as the page is about something else."""
    try:
        start_next(home())
    except GanError as error:
        log.warning("The queue did not move on: %s", error)


@st.cache_resource(max_entries=64, show_spinner=False)
def config_of(run_id: str) -> RunConfig:
    """Return a run's settings, which never change: read once, not at every refresh."""
    return read_config(RunFolder(home().runs_dir / run_id))


@st.cache_resource(max_entries=_MAX_FEEDS)
def feed(path: str) -> RunFeed:
    """Return the shared feed of the run in this folder."""
    return RunFeed(RunFolder(home().runs_dir / path))


def look(comparison_id: str) -> tuple[Comparison, ComparisonProgress]:
    """Return where a comparison stands, as seen a moment ago: several parts of a page share it.

    Raises:
        StoreError: there is no such comparison, or it cannot be read.
    """
    return _look(str(home().root), comparison_id)


@st.cache_resource(ttl=_LOOK_S, max_entries=64, show_spinner=False)
def _look(root: str, comparison_id: str) -> tuple[Comparison, ComparisonProgress]:
    comparison = comparisons.open_comparison(Home(Path(root)), comparison_id)
    return comparison, comparisons.progress(Home(Path(root)), comparison)


def look_anew() -> None:
    """Forget where comparisons stood: something was changed just now."""
    _look.clear()


def race_of(comparison: Comparison) -> RaceFeed:
    """Return the numbers of the runs that are in the race, with what is new in them."""
    race = _race(str(home().root), comparison.id)
    race.follow(
        Racer(variant.index, seed, RunFolder(home().runs_dir / comparison.members[place]))
        for variant, seed in comparison.places()
        if (place := (variant.key, seed)) in comparison.members
    )
    race.refresh()
    return race


@st.cache_resource(max_entries=_MAX_RACES, show_spinner=False)
def _race(root: str, comparison_id: str) -> RaceFeed:  # noqa: ARG001
    return RaceFeed()
