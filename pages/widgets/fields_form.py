"""Form widgets made from the configuration's own fields, so that no default stands here twice."""

from collections.abc import Iterable
from typing import Any

import streamlit as st

from gan.config import RunConfig
from gan.errors import ConfigError
from gan.fields import FIELDS, FieldSpec, get_value

_PREFIX = "cfg."


def fill_form(config: RunConfig) -> None:
    """Set every widget of the form to the values of a configuration."""
    for spec in FIELDS.values():
        st.session_state[_key(spec)] = _to_widget(spec, get_value(config, spec.path))


def read_form(base: RunConfig) -> RunConfig:
    """Return `base` with what the form says.

    Raises:
        ConfigError: a value, or a combination of values, is not legal.
    """
    changes = {
        spec.path: _from_widget(spec, st.session_state[_key(spec)])
        for spec in FIELDS.values()
        if _key(spec) in st.session_state
    }
    return base.with_changes(changes)


def changed_titles(base: RunConfig) -> list[str]:
    """Return the titles of the settings in which the form differs from `base`."""
    titles = []
    for spec in FIELDS.values():
        try:
            value = _from_widget(spec, st.session_state.get(_key(spec)))
        except ConfigError:
            titles.append(spec.title)
            continue
        expected = get_value(base, spec.path)
        if value != (list(expected) if isinstance(expected, tuple) else expected):
            titles.append(spec.title)
    return titles


def keep_form() -> None:
    """Keep the values of widgets that this run of the page does not draw."""
    for spec in FIELDS.values():
        key = _key(spec)
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def draw_field(path: str) -> None:
    """Draw one setting's widget."""
    spec = FIELDS[path]
    says_unit = spec.unit.lower() in spec.title.lower()
    label = spec.title if says_unit else f"{spec.title} ({spec.unit})"
    help_text = _help(spec)
    key = _key(spec)
    match spec.kind:
        case "choice":
            st.selectbox(label, spec.choices, key=key, help=help_text)
        case "bool":
            st.toggle(label, key=key, help=help_text)
        case "text" | "widths":
            st.text_input(label, key=key, help=help_text)
        case "int":
            st.number_input(
                label,
                key=key,
                help=help_text,
                min_value=_int_or_none(spec.minimum),
                max_value=_int_or_none(spec.maximum),
                step=1,
                value=None if spec.optional else "min",
                placeholder="automatic",
            )
        case "float":
            st.number_input(
                label,
                key=key,
                help=help_text,
                min_value=spec.minimum,
                max_value=spec.maximum,
                step=_step(spec),
                format="%.6g",
                value=None if spec.optional else "min",
                placeholder="none",
            )


def draw_group(specs: Iterable[FieldSpec], *, columns: int = 3) -> None:
    """Draw several settings side by side."""
    for i, spec in enumerate(specs):
        if i % columns == 0:
            row = st.columns(columns)
        with row[i % columns]:
            draw_field(spec.path)


def _help(spec: FieldSpec) -> str:
    parts = [spec.help_text]
    if spec.range_text:
        parts.append(f"Legal: {spec.range_text}.")
    parts.append(f"{spec.applies_text[0].upper()}{spec.applies_text[1:]}.")
    parts.append(f"`{spec.flag}` in the terminal.")
    return " ".join(parts)


def _to_widget(spec: FieldSpec, value: Any) -> Any:
    if spec.kind == "widths":
        return ", ".join(str(width) for width in value)
    if spec.kind == "text":
        return value or ""
    return value


def _from_widget(spec: FieldSpec, value: Any) -> Any:
    if spec.kind == "widths":
        try:
            return [int(part) for part in str(value).split(",")]
        except ValueError:
            raise ConfigError(
                f"{spec.title} is {value!r}: write whole numbers with commas, such as 128, 256."
            ) from None
    if spec.kind == "text":
        text = str(value or "").strip()
        return text or (None if spec.optional else spec.default)
    if value is None and not spec.optional:
        raise ConfigError(f"{spec.title} is empty: it must be {spec.range_text or 'filled in'}.")
    return value


def _step(spec: FieldSpec) -> float:
    if spec.path.endswith(".lr"):
        return 1e-5
    return 1.0 if (spec.maximum or 100.0) > 10.0 else 0.01


def _int_or_none(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _key(spec: FieldSpec) -> str:
    return _PREFIX + spec.path
