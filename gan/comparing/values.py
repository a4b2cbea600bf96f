"""What can be varied, and its values as people type them.

Maths layer, without torch: pages and the command line read the same texts.

    factor_from("both.lr", "0.001, 0.0002")
    factor_from("both.name", "SGD:sgd@0.01, Adam:adam@0.001+beta1=0.9")
    factor_from("model.g_widths", "128,256; 64,128")

An option is `[LABEL:]VALUE`; that of an optimiser may bring along a learning rate of its own
(`@0.01`) and other settings of that optimiser (`+beta1=0.9`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gan.comparing.design import Factor, Option, factor_paths, may_vary
from gan.errors import ConfigError, UnknownNameError
from gan.fields import FIELDS, FieldSpec, read_value, value_text

BOTH = "both"
_ALIASES = {"optimizer": "name", "optimiser": "name"}
_RATE, _MORE, _LABEL = "@", "+", ":"


@dataclass(frozen=True)
class Subject:
    """One thing that can be varied.

    Attributes:
        key: a setting's path, or `both.<field>` for the same field of both optimisers.
        title: its name for people.
        paths: the settings that it changes together.
    """

    key: str
    title: str
    paths: tuple[str, ...]

    @property
    def spec(self) -> FieldSpec:
        """The setting that says which values are legal."""
        return FIELDS[self.paths[0]]

    @property
    def is_optimiser(self) -> bool:
        return self.key.endswith(("opt.name", f"{BOTH}.name"))


def get_subject(text: str) -> Subject:
    """Return what is meant by a path such as `g_opt.lr`, `both.lr` or `both.optimizer`.

    Raises:
        UnknownNameError: there is no such setting, or it cannot be varied.
    """
    section, dot, field = text.rpartition(".")
    key = f"{section}{dot}{_ALIASES.get(field, field)}" if section else text
    try:
        return SUBJECTS[key]
    except KeyError:
        raise UnknownNameError("setting to vary", text, _like(section)) from None


def subject_of(factor: Factor) -> Subject | None:
    """Return what a factor varies, None if it is no single thing.

    Options of optimisers may bring along what belongs to them, such as their rates.
    """
    paths = set(factor_paths(factor))
    names = {path for path in paths if path.endswith("_opt.name")}
    if names and {_section(path) for path in paths} == {_section(path) for path in names}:
        paths = names
    return next((s for s in SUBJECTS.values() if set(s.paths) == paths), None)


def factor_from(key: str, text: str) -> Factor:
    """Return a factor over the values in a text, in their order.

    Values stand with commas between them; widths, which hold commas, with semicolons.

    Raises:
        ConfigError: a value is not of the setting's kind, or none is given.
    """
    subject = get_subject(key)
    separator = ";" if subject.spec.kind == "widths" else ","
    parts = [part.strip() for part in text.split(separator)]
    options = tuple(option_from(subject, part) for part in parts if part)
    if not options:
        raise ConfigError(f"{subject.title} has no values: give at least two.")
    return Factor(title=subject.title, options=options)


def option_from(subject: Subject, text: str) -> Option:
    """Return one value of a subject from its text. Raises ConfigError."""
    label, has_label, rest = text.rpartition(_LABEL)
    value, *more = (rest if has_label else text).split(_MORE) if subject.is_optimiser else [rest]
    value, has_rate, rate = value.partition(_RATE) if subject.is_optimiser else (value, "", "")
    changes = _changes(subject.paths, value)
    settings = ([f"lr={rate}"] if has_rate else []) + more
    for setting in settings:
        field, _, its = setting.partition("=")
        paths = tuple(f"{_section(path)}.{field}" for path in subject.paths)
        if paths[0] not in FIELDS:
            raise ConfigError(f"{text!r} names {field!r}, which is no setting of an optimiser.")
        changes |= _changes(paths, its)
    plain = f"{value} {rate}" if has_rate else value
    return Option(label=(label if has_label else plain).strip() or plain, changes=changes)


def text_of(factor: Factor) -> tuple[str, str] | None:
    """Return key and text from which `factor_from` makes this factor; None if none do."""
    subject = subject_of(factor)
    if subject is None or factor.title != subject.title:
        return None
    separator = "; " if subject.spec.kind == "widths" else ","
    text = separator.join(_option_text(subject, option) for option in factor.options)
    try:
        return (subject.key, text) if factor_from(subject.key, text) == factor else None
    except ConfigError:
        return None


def _option_text(subject: Subject, option: Option) -> str:
    section = _section(subject.paths[0])
    own = {path: v for path, v in option.changes.items() if _section(path) == section}
    text = value_text(own.pop(subject.paths[0], None))
    if (rate := own.pop(f"{section}.lr", None)) is not None and subject.is_optimiser:
        text += f"{_RATE}{value_text(rate)}"
    for path, value in own.items():
        text += f"{_MORE}{path.partition('.')[2]}={value_text(value)}"
    return text if option_from(subject, text).label == option.label else f"{option.label}:{text}"


def _changes(paths: tuple[str, ...], text: str) -> dict[str, Any]:
    spec = FIELDS[paths[0]]
    try:
        value = read_value(spec, text.strip())
    except ConfigError as error:
        raise ConfigError(f"{spec.title}: {error}.") from None
    return dict.fromkeys(paths, value)


def _section(path: str) -> str:
    return path.partition(".")[0]


def _like(section: str) -> list[str]:
    """Return what to choose from: the settings of the section that was named, else all sections."""
    found = [key for key in SUBJECTS if _section(key) == section]
    return found or sorted({f"{_section(key)}.…" for key in SUBJECTS})


def _make_subjects() -> Iterator[Subject]:
    for path, spec in FIELDS.items():
        if not may_vary(path):
            continue
        section, _, field = path.partition(".")
        if section == "g_opt":
            title = spec.title.removesuffix(" of G")
            yield Subject(f"{BOTH}.{field}", f"{title} of both networks", (path, f"d_opt.{field}"))
        yield Subject(path, spec.title, (path,))


SUBJECTS: dict[str, Subject] = {subject.key: subject for subject in _make_subjects()}
"""All that can be varied, in the order of the settings."""
