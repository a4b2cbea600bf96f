"""What a comparison is: a base configuration, one or two varied settings, seeds and a budget.

Maths layer, without torch. A design says everything; which run stands for which variant and seed
is known to `gan.runs.comparisons` alone.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gan.config import RunConfig
from gan.errors import ConfigError
from gan.fields import FIELDS

MAX_FACTORS = 2
MAX_VARIANTS = 24
MAX_SEEDS = 20
BudgetKind = Literal["steps", "seconds"]
_BESIDE = frozenset(
    {"train.seed", "train.device", "train.n_threads", "train.n_steps", "train.epochs"}
)
"""What a comparison sets itself and holds equal."""

_WITHOUT_EFFECT = ("output.", "quality.", "stop.")
"""Sections that change nothing in the training, so that there is nothing to compare."""


class Option(BaseModel):
    """One value of what is varied: its name for people, and the settings that it changes.

    Attributes:
        label: such as `Adam` or `0.0002`.
        changes: new values by dotted path, as `RunConfig.with_changes` takes them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str = Field(min_length=1, max_length=60)
    changes: dict[str, Any] = Field(min_length=1)


class Factor(BaseModel):
    """One thing that is varied, such as the optimiser of both networks, over its options."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=1, max_length=60)
    options: tuple[Option, ...] = Field(min_length=1)


class Budget(BaseModel):
    """How long each run trains: so many steps, or so many seconds of training alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: BudgetKind = "steps"
    amount: float = Field(gt=0.0, le=1e8)

    @property
    def text(self) -> str:
        """The budget in words."""
        return f"{self.amount:,.0f} steps" if self.kind == "steps" else f"{self.amount:,.0f} s"


@dataclass(frozen=True)
class Variant:
    """One competitor.

    Attributes:
        key: its slug, stable as long as the labels are; a run's place is (key, seed).
        label: its name for people.
        levels: the label of each factor's option, in the order of the factors.
        changes: what it changes in the base.
        index: its place in the design, which decides its colour.
    """

    key: str
    label: str
    levels: tuple[str, ...]
    changes: dict[str, Any]
    index: int


class ComparisonDesign(BaseModel):
    """A whole comparison, as it is kept and exchanged.

    Attributes:
        base: the configuration that all variants start from, as plain data.
        quality_every: steps between two measurements of quality, the same for all.
        goal: a Fréchet distance to reach; None takes the worst variant's best.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    name: str = Field(min_length=1, max_length=80)
    preset: str = ""
    base: dict[str, Any]
    factors: tuple[Factor, ...] = Field(min_length=1, max_length=MAX_FACTORS)
    seeds: tuple[int, ...] = Field(min_length=1, max_length=MAX_SEEDS)
    budget: Budget
    quality_every: int = Field(250, ge=1)
    goal: float | None = Field(None, gt=0.0)

    @classmethod
    def parse(cls, raw: Any) -> Self:
        """Return a design from plain data. Raises ConfigError in one sentence."""
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "comparison"
            rule = first["msg"].removeprefix("Value error, ")
            raise ConfigError(f"{where}: {rule[0].lower()}{rule[1:].rstrip('.')}.") from None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError(f"the seeds {self.seeds} repeat: give each once")
        paths = [path for factor in self.factors for path in factor_paths(factor)]
        for path in paths:
            if path not in FIELDS:
                raise ValueError(f"there is no setting {path!r}: choose one of `gan fields`")
            if not may_vary(path):
                raise ValueError(f"{path} cannot be varied: a comparison holds it equal")
        if len(set(paths)) != len(paths):
            raise ValueError("two factors change the same setting: vary each in one of them")
        variants = self.variants
        if len(variants) < 2:
            raise ValueError("one variant alone cannot be compared: give a second option")
        if len(variants) > MAX_VARIANTS:
            raise ValueError(f"{len(variants)} variants are too many: {MAX_VARIANTS} is the most")
        keys = [variant.key for variant in variants]
        if len(set(keys)) != len(keys):
            raise ValueError("two options have the same name: tell them apart")
        return self

    @cached_property
    def variants(self) -> tuple[Variant, ...]:
        """All competitors: every combination of the factors' options, the last varying fastest."""
        return tuple(
            Variant(
                key="+".join(slug(option.label) for option in chosen),
                label=", ".join(option.label for option in chosen),
                levels=tuple(option.label for option in chosen),
                changes={k: v for option in chosen for k, v in option.changes.items()},
                index=index,
            )
            for index, chosen in enumerate(itertools.product(*(f.options for f in self.factors)))
        )

    @property
    def n_runs(self) -> int:
        return len(self.variants) * len(self.seeds)

    def config(self, variant: Variant, seed: int, *, n_threads: int | None = None) -> RunConfig:
        """Return what the run of a variant and a seed trains. Raises ConfigError."""
        every = self.quality_every
        held: dict[str, Any] = {"train.seed": seed, "train.n_threads": n_threads}
        held |= {"quality.every": every, "quality.max_share": 1.0, "stop.patience": 0}
        held |= {"output.keep_last": 1, "output.keep_every": 0}  # of many runs: newest and best
        if self.budget.kind == "steps":
            held |= {"train.n_steps": int(self.budget.amount), "stop.after_s": None}
        else:
            held |= {"train.n_steps": 100_000_000, "stop.after_s": self.budget.amount}
        base = RunConfig.parse(self.base)
        return base.with_changes(variant.changes | held)

    def places(self) -> Iterator[tuple[Variant, int]]:
        """Yield every run's variant and seed, a seed's variants side by side."""
        for seed in self.seeds:
            for variant in self.variants:
                yield variant, seed

    def to_json(self) -> str:
        return self.model_dump_json(indent=2)


def may_vary(path: str) -> bool:
    """Tell whether a setting is one that a comparison can vary."""
    return path not in _BESIDE and not path.startswith(_WITHOUT_EFFECT)


def factor_paths(factor: Factor) -> list[str]:
    """Return the settings that a factor varies, in the order in which they first occur."""
    return list(dict.fromkeys(path for option in factor.options for path in option.changes))


def slug(label: str) -> str:
    """Return a label as a lowercase word for keys and file names."""
    return re.sub(r"[^a-z0-9.]+", "-", label.lower()).strip("-") or "x"
