"""What a comparison varies: the choice of a setting, of one network or of both, and its values."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from gan.comparing.design import Factor, Option
from gan.comparing.values import SUBJECTS as ALL_SUBJECTS
from gan.comparing.values import Subject, factor_from, subject_of, text_of
from gan.config import HYPERPARAMETERS, RunConfig
from gan.errors import ConfigError
from gan.fields import FieldSpec, get_value
from pages.widgets.fields_form import choice_label, value_label

NOTHING = "nothing else"
_PREFIX = "compare.factor"
_SELDOM = {"data.folder", "data.source"}
_FIRST = (
    "both.name", "both.lr", "d_opt.name", "g_opt.name", "d_opt.lr", "g_opt.lr", "both.beta1",
    "loss.name", "train.batch_size", "model.name", "model.g_norm", "train.d_steps",
)  # fmt: skip
_STARTERS = {"both.name": ("sgd", "rmsprop", "adam")}
_N_STARTERS = 3


def _order(subject: Subject) -> tuple[int, bool]:
    place = _FIRST.index(subject.key) if subject.key in _FIRST else len(_FIRST)
    return place, subject.spec.level != "basic"


SUBJECTS = {
    key: ALL_SUBJECTS[key]
    for key in sorted(ALL_SUBJECTS, key=lambda key: _order(ALL_SUBJECTS[key]))
    if key not in _SELDOM
}
"""All that can be varied, what is asked for most first."""


def draw_factor(number: int, base: RunConfig, others: Sequence[Subject] = ()) -> Factor | None:
    """Draw the choice of what is varied and over which values; return it, None for nothing.

    Args:
        number: 1 or 2; only the second may be nothing.
        others: what another factor varies already.

    Raises:
        ConfigError: a value is not legal.
    """
    taken = {path for subject in others for path in subject.paths}
    keys = [
        key
        for key, subject in SUBJECTS.items()
        if not taken & set(subject.paths) and _has_meaning(subject, base, others)
    ]
    left, right = st.columns([2, 3], vertical_alignment="top")
    with left:
        key = st.selectbox(
            "Vary" if number == 1 else "and also",
            keys if number == 1 else [NOTHING, *keys],
            format_func=lambda each: SUBJECTS[each].title if each in SUBJECTS else each,
            key=f"{_PREFIX}{number}",
            help="The one thing that differs; everything else is held equal."
            if number == 1
            else "Each value of the one is then combined with each value of the other.",
        )
    if key not in SUBJECTS:
        return None
    subject = SUBJECTS[key]
    with right:
        options = _draw_options(number, subject, base, has_rates=not others)
    if not options:
        raise ConfigError(f"{subject.title} has no values yet: choose at least two.")
    return Factor(title=subject.title, options=tuple(options))


def chosen_subject(number: int) -> Subject | None:
    """Return what a factor varies at the moment."""
    return SUBJECTS.get(str(st.session_state.get(f"{_PREFIX}{number}")))


def _has_meaning(subject: Subject, base: RunConfig, others: Sequence[Subject]) -> bool:
    """Tell whether a setting does something beside the base's others or those that are varied."""
    varied = {path for other in others for path in other.paths}
    spec = subject.spec
    return spec.when is None or spec.when[0] in varied or spec.applies_to(base)


# ---- values -----------------------------------------------------------------------------------


def _draw_options(
    number: int, subject: Subject, base: RunConfig, *, has_rates: bool
) -> list[Option]:
    spec, key = subject.spec, f"{_PREFIX}{number}.{subject.key}"
    current = get_value(base, subject.paths[0])
    if spec.kind == "bool":
        st.markdown("Off and on.")
        return [_option(subject, "off", False), _option(subject, "on", True)]
    if spec.kind == "choice":
        st.session_state.setdefault(key, list(_starters(subject, current)))
        chosen = st.multiselect(
            "over", spec.choices, key=key, format_func=lambda v: choice_label(spec.path, v),
            help=spec.help_text,
        )  # fmt: skip
        if subject.is_optimiser and has_rates and not _varies_rates(number):
            return _draw_rates(key, subject, chosen, base)
        return [_option(subject, value_label(spec.path, v), v, _own(key, v)) for v in chosen]
    st.session_state.setdefault(key, suggestion(spec, current))
    text = st.text_input(
        "over", key=key, help=f"{spec.help_text} Legal: {spec.range_text or 'anything'}.",
        placeholder="values with commas between them",
    )  # fmt: skip
    return list(factor_from(subject.key, text).options) if (text or "").strip() else []


def _option(subject: Subject, label: str, value: Any, own: Option | None = None) -> Option:
    """Return a value as an option; a template's own one brings its name and what belongs to it."""
    changes = {path: value for path in subject.paths}
    if own is None:
        return Option(label=label, changes=changes)
    return Option(label=own.label, changes=own.changes | changes)


def _own(key: str, value: Any) -> Option | None:
    """Return what the design that the form was filled from has for a value."""
    kept: dict[Any, Option] = st.session_state.get(f"{key}.own", {})
    return kept.get(value)


def _varies_rates(number: int) -> bool:
    """Tell whether the other factor varies a learning rate that this one would set."""
    other = chosen_subject(2 if number == 1 else 1)
    return other is not None and other.key.endswith(".lr")


def _draw_rates(key: str, subject: Subject, chosen: list[str], base: RunConfig) -> list[Option]:
    """Draw each optimiser's own learning rate; return the options."""
    options = []
    columns = st.columns(max(2, len(chosen)))
    for column, name in zip(columns, chosen, strict=False):
        title = choice_label(subject.paths[0], name)
        with column:
            rate_key = f"{key}.rate.{name}"
            st.session_state.setdefault(rate_key, own_rate(base, subject.paths[0], name))
            rate = st.number_input(
                f"Rate of {title}", key=rate_key, min_value=1e-7, max_value=10.0, step=1e-4,
                format="%.6g", help="A fair race gives each optimiser its own best learning rate.",
            )  # fmt: skip
        option = _option(subject, title, name, _own(key, name))
        rates = {path.replace(".name", ".lr"): rate for path in subject.paths}
        options.append(Option(label=option.label, changes=option.changes | rates))
    return options


def own_rate(base: RunConfig, path: str, name: str) -> float:
    """Return an optimiser's usual learning rate, the base's where that is its optimiser."""
    if get_value(base, path) == name:
        return float(get_value(base, path.replace(".name", ".lr")))
    return float(HYPERPARAMETERS[name]["lr"])


def _starters(subject: Subject, current: Any) -> Sequence[str]:
    if subject.is_optimiser:
        return _STARTERS["both.name"]
    others = [choice for choice in subject.spec.choices if choice != current]
    return [str(current), *others][:_N_STARTERS]


def suggestion(spec: FieldSpec, current: Any) -> str:
    """Return a few legal values around the present one, as the text field takes them."""
    if spec.kind not in ("int", "float"):
        return ""
    if not current:
        high = 1.0 if spec.maximum is None or spec.maximum > 1.0 else spec.maximum / 4
        values: list[float] = [0.0, high]
    elif spec.kind == "int":
        values = [current // 2, current, current * 2]
    else:
        values = [float(f"{current * factor:.1g}") for factor in (1 / 3, 1, 3)]
        values[1] = current
        if sum(_is_legal(spec, value) for value in values) < 2:
            values = [0.9 * current, current]
    return ", ".join(f"{value:g}" for value in values if _is_legal(spec, value))


def _is_legal(spec: FieldSpec, value: float) -> bool:
    low, high = spec.minimum, spec.maximum
    return not (
        (low is not None and (value < low or (spec.minimum_is_open and value == low)))
        or (high is not None and (value > high or (spec.maximum_is_open and value == high)))
    )


# ---- a design that exists already ---------------------------------------------------------------


def fill_factors(factors: Sequence[Factor]) -> None:
    """Set the widgets to what a design varies; what the form cannot say is left to be chosen."""
    for number in (1, 2):
        factor = factors[number - 1] if number <= len(factors) else None
        subject = subject_of(factor) if factor else None
        st.session_state[f"{_PREFIX}{number}"] = subject.key if subject else _fallback(number)
        if factor and subject:
            _fill_values(number, subject, factor)


def _fallback(number: int) -> str:
    return next(iter(SUBJECTS)) if number == 1 else NOTHING


def _fill_values(number: int, subject: Subject, factor: Factor) -> None:
    key, path = f"{_PREFIX}{number}.{subject.key}", subject.paths[0]
    values = [option.changes[path] for option in factor.options if path in option.changes]
    if subject.spec.kind == "choice":
        st.session_state[key] = values
        st.session_state[f"{key}.own"] = {o.changes[path]: o for o in factor.options}
        for option in factor.options if subject.is_optimiser else ():
            rate = option.changes.get(path.replace(".name", ".lr"))
            if rate is not None:
                st.session_state[f"{key}.rate.{option.changes[path]}"] = float(rate)
    elif subject.spec.kind != "bool":
        said = text_of(factor)
        text = said[1] if said else ",".join(map(str, values))
        is_widths = subject.spec.kind == "widths"
        st.session_state[key] = text if is_widths else text.replace(",", ", ")
