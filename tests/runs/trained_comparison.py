"""A comparison that was really trained: two learning rates on drawn digits, and a wild one."""

import time
from pathlib import Path

from comparison_cases import tiny_design
from tiny_runs import Forge, set_runs_at_once, status_of

from gan.comparing.design import ComparisonDesign, Option
from gan.runs import comparisons
from gan.runs.comparisons.store import Comparison, run_of
from gan.runs.control import new_run
from gan.runs.folder import Home
from gan.runs.launcher import claim_for_this_process
from gan.runs.probe import DeviceRow, record_devices
from gan.runs.states import is_over

_WILD = {
    "g_opt.name": "sgd", "d_opt.name": "sgd", "g_opt.lr": 1.0, "d_opt.lr": 1.0,
    "loss.name": "wasserstein", "loss.gp_weight": 1000.0,
}  # fmt: skip
"""Diverges within a few steps."""


def train_comparison(root: Path, forge: Forge, holder) -> tuple[Home, Comparison]:
    """Train all runs of a tiny comparison with real workers, one after another.

    Args:
        holder: a configuration; its run holds the only slot, so that no other worker starts.
    """
    home = Home(root).ensure()
    record_devices(home, [DeviceRow("cpu", "CPU")])
    set_runs_at_once(home, 1)
    assert claim_for_this_process(home, new_run(home, holder))
    changes = {"quality__n_samples": 100, "output__report_every": 4}
    design = tiny_design(rates=(0.001, 0.02), **changes)
    options = (*design.factors[0].options, Option(label="Wild", changes=_WILD))
    raw = design.model_dump(mode="json")
    raw["factors"] = [{"title": "Settings", "options": [o.model_dump() for o in options]}]
    raw["quality_every"] = 8
    design = ComparisonDesign.parse(raw)
    comparison = comparisons.create(home, design)
    for run_id in comparison.members.values():
        folder = run_of(home, run_id)
        forge.work(home, folder)
        until = time.monotonic() + 30
        while not is_over(status_of(folder).state):
            assert time.monotonic() < until
            time.sleep(0.02)
    return home, comparison
