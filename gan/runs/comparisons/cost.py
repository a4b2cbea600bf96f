"""What a comparison would cost here: runs, time and disk, told before any of them exists.

Memory layer, without torch.
"""

import math
from dataclasses import dataclass

from gan.comparing.design import ComparisonDesign, Variant
from gan.config import OptimizerConfig, RunConfig
from gan.data.facts import DataFacts
from gan.features.catalog import default_features
from gan.models.plan import plan_pair
from gan.runs.checking import check_run
from gan.runs.comparisons.company import Company, choose, first_config, request_rates
from gan.runs.folder import Home
from gan.runs.probe import ProbeState

START_S = 7.0
"""What a run takes beside training: a process, torch, the images, the first and the last look."""

LOOK_S: dict[str, float] = {"imagenet": 4e-3, "inception-v3": 5e-2}
"""What measuring quality takes for each picture in large networks' features, on one core."""

_SMALL_LOOK_S = 3e-4
_GUESSED_RATE = 50.0  # steps a second, where nothing was measured
_N_CHECKPOINTS = 3  # the first, the best and the newest
_N_NUMBERS = 20  # metric keys of a step, float32
_PIXEL_BYTES = 0.7  # of a PNG, where pictures are noise at first

MOMENTS: dict[str, float] = {
    "adam": 2, "adamw": 2, "nadam": 2, "radam": 2, "adamax": 2, "rmsprop": 1, "sgd": 0,
    "adagrad": 1, "adadelta": 2, "adafactor": 0.1, "asgd": 1, "muon": 1,
}  # fmt: skip
"""Numbers that an optimiser remembers of each weight."""


@dataclass(frozen=True)
class Estimate:
    """What a design would cost.

    Attributes:
        n_runs: to be trained.
        seconds: until all are done, about; None while nothing of it was measured.
        disk_bytes: that the runs will take, about.
        n_at_once: runs that train side by side.
        n_threads: of each.
        state: of the measurement behind `seconds` and `n_at_once`: READY, or why not yet.
    """

    n_runs: int
    seconds: float | None
    disk_bytes: int
    n_at_once: int
    n_threads: int
    state: ProbeState


def estimate(home: Home, design: ComparisonDesign, *, may_measure: bool = True) -> Estimate:
    """Say what a design would cost on this machine; ask again while `state` is RUNNING.

    Args:
        home: where it would be trained.
        design: what is compared.
        may_measure: start a measurement in the background where one is missing.

    Raises:
        ConfigError, DataError: a variant cannot be trained; says which and why.
        StoreError: the workspace cannot be written.
    """
    facts = check_design(home, design)
    state = ProbeState.READY
    if may_measure and design.budget.kind == "steps":
        state = request_rates(home, first_config(design))
    company = choose(home, design)
    return Estimate(
        n_runs=design.n_runs,
        seconds=_seconds(design, company, facts),
        disk_bytes=_disk_bytes(design, company, facts),
        n_at_once=company.n_at_once,
        n_threads=company.n_threads,
        state=state,
    )


def check_design(home: Home, design: ComparisonDesign) -> dict[str, DataFacts]:
    """Return each variant's images by its key, if all variants can be trained on this home.

    Raises:
        ConfigError, DataError: one cannot; says which and why.
    """
    facts = {}
    for variant in design.variants:
        try:
            facts[variant.key] = check_run(home, design.config(variant, design.seeds[0]))
        except Exception as error:
            error.args = (f"{variant.label}: {error}",)
            raise
    return facts


def state_bytes(config: RunConfig, facts: DataFacts) -> int:
    """Return about how large a checkpoint is: weights, their average, optimisers."""
    g, d = _n_parameters(config, facts)
    numbers = g * (1.0 + config.train.ema + _moments(config.g_opt))
    numbers += d * (1 + _moments(config.d_opt))
    return int(4 * numbers)


def _seconds(
    design: ComparisonDesign, company: Company, facts: dict[str, DataFacts]
) -> float | None:
    beside_s = START_S + _looks_s(design, company, facts)
    if design.budget.kind == "seconds":
        return design.n_runs * (design.budget.amount + beside_s)
    if company.steps_per_s is None:
        return None
    n_rounds = math.ceil(design.n_runs / company.n_at_once)
    effort = sum(_effort(design, v, facts) for v in design.variants) / len(design.variants)
    slower = effort / _effort(design, design.variants[0], facts)
    return n_rounds * (slower * design.budget.amount / company.steps_per_s + beside_s)


def _looks_s(design: ComparisonDesign, company: Company, facts: dict[str, DataFacts]) -> float:
    """Return what measuring its quality takes of a run, all measurements together."""
    config, its = first_config(design), facts[design.variants[0].key]
    features: str = config.quality.features
    if features == "auto":
        features = default_features(its.name, its.channels, its.size_px)
    n_looks = 1 + _n_steps(design, company) / design.quality_every
    return n_looks * config.quality.n_samples * LOOK_S.get(features, _SMALL_LOOK_S)


def _n_steps(design: ComparisonDesign, company: Company) -> float:
    """Return about how many steps a run has."""
    if design.budget.kind == "steps":
        return design.budget.amount
    return design.budget.amount * (company.steps_per_s or _GUESSED_RATE)


def _effort(design: ComparisonDesign, variant: Variant, facts: dict[str, DataFacts]) -> float:
    """Return what a step takes, in a unit in which only variants of one design compare."""
    config = design.config(variant, design.seeds[0])
    g, d = _n_parameters(config, facts[variant.key])
    train = config.train
    return (train.batch_size + 64.0) * ((1 + train.d_steps) * g + (1 + 2 * train.d_steps) * d)


def _disk_bytes(design: ComparisonDesign, company: Company, facts: dict[str, DataFacts]) -> int:
    total = 0.0
    for variant in design.variants:
        config = design.config(variant, design.seeds[0])
        its = facts[variant.key]
        n_steps = _n_steps(design, company)
        n_grids = (1 + config.train.ema) * (8 + n_steps / config.output.sample_every)
        pixels = config.output.n_samples * its.channels * its.size_px**2
        run = float(_N_CHECKPOINTS * state_bytes(config, its))
        run += n_grids * pixels * _PIXEL_BYTES + 4 * _N_NUMBERS * n_steps
        total += run * len(design.seeds)
    return int(total)


def _n_parameters(config: RunConfig, facts: DataFacts) -> tuple[int, int]:
    pair = plan_pair(
        config.model,
        img_channels=facts.channels,
        size_px=facts.size_px,
        n_classes=len(facts.classes) if config.model.conditional else 0,
    )
    return pair.generator.n_parameters, pair.discriminator.n_parameters


def _moments(optimizer: OptimizerConfig) -> float:
    has_more = (optimizer.amsgrad, optimizer.centered)
    with_momentum = optimizer.name in ("sgd", "rmsprop") and bool(optimizer.momentum)
    return MOMENTS[optimizer.name] + sum(map(bool, has_more)) + with_momentum
