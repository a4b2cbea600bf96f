"""The settings of a run as a flat list, for whoever makes a form, options or a table of them.

Vocabulary layer. `FIELDS` is read off the models of `gan.config`, so a default, a range or a
help text exists once.
"""

import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import annotated_types as at
from pydantic.fields import FieldInfo

from gan.config import RunConfig
from gan.errors import ConfigError

Kind = Literal["int", "float", "bool", "choice", "text", "widths"]


@dataclass(frozen=True)
class FieldSpec:
    """One setting: where it stands, how it is called, what it may be."""

    path: str  # train.batch_size
    flag: str  # --batch-size
    group: str  # Training
    title: str
    help_text: str
    kind: Kind
    optional: bool
    default: Any
    unit: str
    level: Literal["basic", "advanced"]
    live: bool  # may change while a run trains
    when: tuple[str, tuple[Any, ...]] | None = None  # (other path, values that give it a meaning)
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    minimum_is_open: bool = False
    maximum_is_open: bool = False

    def applies_to(self, config: RunConfig) -> bool:
        """Tell whether the setting has a meaning beside a configuration's others."""
        return self.when is None or get_value(config, self.when[0]) in self.when[1]

    @property
    def range_text(self) -> str:
        """The legal values in words: 'from 1, up to 100', 'above 0, below 1', '' when free."""
        low = "" if self.minimum is None else f"{self.minimum:g}"
        high = "" if self.maximum is None else f"{self.maximum:g}"
        parts = []
        if low:
            parts.append(f"above {low}" if self.minimum_is_open else f"from {low}")
        if high:
            parts.append(f"below {high}" if self.maximum_is_open else f"up to {high}")
        return ", ".join(parts)

    @property
    def applies_text(self) -> str:
        """When a change takes effect, in words."""
        return "can change while training" if self.live else "needs a new run"


def get_value(config: RunConfig, path: str) -> Any:
    """Return the value at a dotted path such as `train.batch_size`."""
    value: Any = config
    for part in path.split("."):
        value = getattr(value, part)
    return value


NONE = "none"
"""How the empty value of an optional setting is typed."""


def read_value(spec: FieldSpec, text: str) -> Any:
    """Return a value as people type it; whether it is in its range is the configuration's to say.

    Raises:
        ConfigError: it is not of the setting's kind.
    """
    if spec.optional and text == NONE:
        return None
    try:
        return _READERS[spec.kind](text, spec)
    except (ValueError, KeyError):
        nothing = f" or {NONE!r}" if spec.optional else ""
        expected = f"one of {', '.join(spec.choices)}" if spec.choices else _KINDS[spec.kind]
        raise ConfigError(f"{text!r} is not {expected}{nothing}") from None


def value_text(value: Any) -> str:
    """Return a setting's value as it is typed."""
    if value is None:
        return NONE
    if isinstance(value, list | tuple):
        return ",".join(str(width) for width in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _read_choice(text: str, spec: FieldSpec) -> str:
    if text not in spec.choices:
        raise ValueError
    return text


def _read_bool(text: str, _spec: FieldSpec) -> bool:
    return {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}[text]


_READERS: dict[str, Callable[[str, FieldSpec], Any]] = {
    "int": lambda text, _spec: int(text),
    "float": lambda text, _spec: float(text),
    "bool": _read_bool,
    "choice": _read_choice,
    "text": lambda text, _spec: text,
    "widths": lambda text, _spec: [int(part) for part in text.split(",")],
}
_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "yes or no",
    "text": "a text",
    "widths": "whole numbers with commas between them, like 128,256,512",
}


def _specs() -> Iterator[FieldSpec]:
    for section_name, section_field in RunConfig.model_fields.items():
        section = section_field.annotation
        if not (isinstance(section, type) and hasattr(section, "model_fields")):
            continue
        for name, field in section.model_fields.items():
            yield _spec(section_name, section.title, name, field)


def _spec(section: str, group: str, name: str, field: FieldInfo) -> FieldSpec:
    kind, optional, choices = _kind(field.annotation)
    extra = typing.cast(dict[str, Any], field.json_schema_extra)
    low, low_open, high, high_open = _bounds(field)
    player = {"g_opt": "G", "d_opt": "D"}.get(section)
    return FieldSpec(
        path=f"{section}.{name}",
        flag="--" + _flag_stem(section, name).replace("_", "-"),
        group=f"{group} of {player}" if player else group,
        title=f"{field.title} of {player}" if player else str(field.title),
        help_text=str(field.description),
        kind=kind,
        optional=optional,
        default=field.default,
        unit=extra["unit"],
        level=extra["level"],
        live=extra["live"],
        when=(f"{section}.{extra['when'][0]}", extra["when"][1]) if extra["when"] else None,
        choices=choices,
        minimum=low,
        maximum=high,
        minimum_is_open=low_open,
        maximum_is_open=high_open,
    )


def _flag_stem(section: str, name: str) -> str:
    if section in ("quality", "stop"):
        return f"{section}_{name}"
    if section in ("g_opt", "d_opt"):
        return section if name == "name" else f"{section[0]}_{name}"
    return section if name == "name" else name


def _kind(annotation: Any) -> tuple[Kind, bool, tuple[str, ...]]:
    optional = False
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        (annotation,) = [a for a in typing.get_args(annotation) if a is not type(None)]
        optional = True
    if typing.get_origin(annotation) is Literal:
        return "choice", optional, typing.get_args(annotation)
    if typing.get_origin(annotation) is tuple:
        return "widths", optional, ()
    kinds: dict[Any, Kind] = {int: "int", float: "float", bool: "bool", str: "text"}
    return kinds[annotation], optional, ()


def _bounds(field: FieldInfo) -> tuple[float | None, bool, float | None, bool]:
    low: float | None = None
    high: float | None = None
    low_open = high_open = False
    for rule in field.metadata:
        match rule:
            case at.Ge(ge=bound):
                low = typing.cast(float, bound)
            case at.Gt(gt=bound):
                low, low_open = typing.cast(float, bound), True
            case at.Le(le=bound):
                high = typing.cast(float, bound)
            case at.Lt(lt=bound):
                high, high_open = typing.cast(float, bound), True
    return low, low_open, high, high_open


FIELDS: dict[str, FieldSpec] = {spec.path: spec for spec in _specs()}
