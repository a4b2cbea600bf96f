"""One run's whole configuration: its sections, the rules between them, its JSON.

Vocabulary layer.
"""

import json
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, ValidationError, model_validator

from gan.config.base import Section
from gan.config.data import DataConfig
from gan.config.loss import LossConfig
from gan.config.model import ModelConfig
from gan.config.optimizer import OptimizerConfig
from gan.config.output import OutputConfig
from gan.config.quality import QualityConfig
from gan.config.rules import RULES
from gan.config.stop import StopConfig
from gan.config.train import TrainConfig
from gan.errors import ConfigError


class RunConfig(Section):
    """One run, whole: equal configurations on equal machines give equal numbers."""

    title: ClassVar[str] = "Run"

    schema_version: Literal[1] = 1
    recipe: str = Field("custom", pattern=r"^[a-z0-9][a-z0-9-]*$")
    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    loss: LossConfig = LossConfig()
    g_opt: OptimizerConfig = OptimizerConfig()
    d_opt: OptimizerConfig = OptimizerConfig()
    train: TrainConfig = TrainConfig()
    output: OutputConfig = OutputConfig()
    quality: QualityConfig = QualityConfig()
    stop: StopConfig = StopConfig()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for rule in RULES:
            complaint = rule(self)
            if complaint:
                raise ValueError(complaint)
        return self

    @classmethod
    def parse(cls, raw: dict[str, Any]) -> Self:
        """Validate plain JSON-like data.

        Raises:
            ConfigError: names field, value and rule, one sentence for each wrong field.
        """
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            raise ConfigError(_explain(error)) from None

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote; the round trip is exact. Raises ConfigError."""
        try:
            raw = json.loads(text)
        except json.JSONDecodeError as error:
            raise ConfigError(f"The configuration is not JSON ({error}).") from None
        if not isinstance(raw, dict):
            raise ConfigError(f"The configuration is a {type(raw).__name__}, not an object.")
        return cls.parse(raw)

    def to_json(self) -> str:
        """Return the whole configuration, defaults included, as indented JSON."""
        return self.model_dump_json(indent=2)

    def with_changes(self, changes: dict[str, Any]) -> Self:
        """Return a validated copy; keys are dotted paths like `train.batch_size`.

        Changing an optimiser's name takes over the new one's defaults for whatever is not
        changed with it, the learning rate included: 2e-4 suits Adam and not SGD.

        Raises:
            ConfigError: for an unknown path or a forbidden value.
        """
        raw = self.model_dump(mode="json")
        for path, value in changes.items():
            section, _, field = path.rpartition(".")
            if section in ("g_opt", "d_opt") and field == "name" and value != raw[section]["name"]:
                raw[section] = {}
        for path, value in changes.items():
            section, _, field = path.rpartition(".")
            owner = getattr(self, section, None) if section else self
            if not isinstance(owner, Section) or field not in type(owner).model_fields:
                raise ConfigError(f"There is no setting {path!r} in a run's configuration.")
            (raw[section] if section else raw)[field] = value
        return self.parse(raw)


def _explain(error: ValidationError) -> str:
    sentences = []
    for item in error.errors():
        where = ".".join(str(part) for part in item["loc"]) or "configuration"
        rule = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            sentences.append(f"{where} is not a setting of this version: remove it.")
        elif item["type"] == "value_error":  # one of ours, which begins with a field's name
            sentences.append(f"{where}.{rule}." if item["loc"] else f"{rule}.")
        else:
            sentences.append(f"{where} is {item['input']!r}: {rule[0].lower()}{rule[1:]}.")
    return " ".join(sentences)
