"""Comparisons: many ordinary runs, made from one design, that are judged together.

Memory layer, without torch: the one door for pages, the terminal and notebooks.

    comparison = create(home, preset_design(home, "optimizers-faces-32"))
    comparison = open_comparison(home, comparison.id)        # later, anywhere
    comparison.members["adam", 0]                            # the id of an ordinary run
    progress(home, comparison).members                       # state, step, rate, time left

Every function that changes a comparison takes one, works on what is on disk by then, and returns
the comparison as it is afterwards. `create` and `resume` are all that a caller needs to have the
runs trained: the queue moves on by itself from run to run.
"""

from gan.comparing.design import ComparisonDesign
from gan.comparing.presets import get_preset
from gan.errors import DataError, GanError
from gan.runs import probe
from gan.runs.calling import call_gan
from gan.runs.comparisons.company import choose
from gan.runs.comparisons.control import (
    add_seeds,
    delete,
    drop_variant,
    pause,
    restore_variant,
    resume,
    stop,
)
from gan.runs.comparisons.cost import Estimate, check_design, estimate
from gan.runs.comparisons.progress import ComparisonProgress, MemberProgress, progress
from gan.runs.comparisons.runs import ensure_runs
from gan.runs.comparisons.store import (
    Comparison,
    Place,
    find_comparison,
    list_comparisons,
    new_comparison,
    open_comparison,
)
from gan.runs.folder import Home
from gan.runs.images import locate_images

__all__ = [
    "Comparison",
    "ComparisonProgress",
    "Estimate",
    "MemberProgress",
    "Place",
    "add_seeds",
    "check_design",
    "create",
    "delete",
    "drop_variant",
    "ensure_runs",
    "estimate",
    "find_comparison",
    "list_comparisons",
    "open_comparison",
    "pause",
    "preset_design",
    "progress",
    "restore_variant",
    "resume",
    "stop",
]

_DEVICES_WITHIN_S = 60.0


def create(home: Home, design: ComparisonDesign) -> Comparison:
    """Make a comparison with all its runs, and start as many as there is room for.

    Raises:
        ConfigError, DataError: a variant cannot be trained; says which and why.
        StoreError: the workspace cannot be written.
    """
    check_design(home, design)
    _find_devices(home)
    return ensure_runs(home, new_comparison(home, design, choose(home, design).n_threads))


def preset_design(home: Home, name: str) -> ComparisonDesign:
    """Return a preset's design on its own data if they are on this machine, else on its stand-in's.

    `gan.comparing.presets.other_data` says in words which it is.

    Raises:
        UnknownNameError: there is no such preset.
    """
    preset = get_preset(name)
    try:
        is_here = locate_images(home, preset.data).kind == "files"
    except DataError:
        is_here = False
    return preset.build(None if is_here else preset.stand_in_data)


def _find_devices(home: Home) -> None:
    """Know the devices before the cores are shared out; a few seconds on a new home."""
    if probe.read_devices(home) is None:
        try:
            call_gan(home, ["devices", "--json"], timeout_s=_DEVICES_WITHIN_S)
        except GanError:
            return  # then one run at a time is the careful choice
