"""Form widgets made from the configuration's own fields, so that no default stands here twice."""

import time
from collections.abc import Callable, Iterable
from typing import Any

import streamlit as st

from gan.config import HYPERPARAMETERS, RunConfig
from gan.config.loss import LABELLED
from gan.data.catalog import DATASETS
from gan.errors import ConfigError
from gan.fields import FIELDS, FieldSpec, get_value
from gan.losses.catalog import LOSS_INFOS

_PREFIX = "cfg."
_SET_LATELY = "cfg_set_lately"
_FILLED_FROM = "cfg_filled_from"
_SETTLES_IN_S = 3.0  # by then every refresh that the browser sent before is through


def fill_form(config: RunConfig) -> None:
    """Set every widget of the form to the values of a configuration."""
    st.session_state[_SET_LATELY] = {}
    for spec in FIELDS.values():
        st.session_state[_key(spec)] = _to_widget(spec, get_value(config, spec.path))


def fill_form_from(config: RunConfig, origin: str) -> None:
    """Fill the form unless it was filled from there already, and may have been changed since."""
    is_kept = any(_key(spec) in st.session_state for spec in FIELDS.values())
    if st.session_state.get(_FILLED_FROM) != origin or not is_kept:
        fill_form(config)
        st.session_state[_FILLED_FROM] = origin


def read_form(base: RunConfig) -> RunConfig:
    """Return `base` with what the form says.

    Raises:
        ConfigError: a value, or a combination of values, is not legal.
    """
    changes = {}
    for spec in FIELDS.values():
        if _key(spec) in st.session_state:
            value = _from_widget(spec, st.session_state[_key(spec)]) if applies(spec) else None
            if value is not None or spec.optional:
                changes[spec.path] = value
    return base.with_changes(changes)


def changed_titles(base: RunConfig, config: RunConfig) -> list[str]:
    """Return the titles of the settings in which a configuration differs from `base`."""
    return [
        spec.title
        for spec in FIELDS.values()
        if get_value(config, spec.path) != get_value(base, spec.path)
    ]


def applies(spec: FieldSpec) -> bool:
    """Tell whether a setting has a meaning beside the others that the form says."""
    return spec.when is None or form_value(spec.when[0]) in spec.when[1]


def form_value(path: str) -> Any:
    """Return what a widget of the form holds now."""
    return st.session_state.get(_PREFIX + path, FIELDS[path].default)


def set_form_value(path: str, value: Any) -> None:
    """Change what a widget of the form holds; only before it is drawn, as in a callback.

    A refresh that the browser had already sent may bring the old value back: `keep_form` then
    insists on the new one.
    """
    key = _PREFIX + path
    new = _to_widget(FIELDS[path], value)
    set_lately = st.session_state.setdefault(_SET_LATELY, {})
    set_lately[key] = (st.session_state.get(key), new, time.monotonic())
    st.session_state[key] = new


def keep_form() -> None:
    """Keep the values of widgets that this run of the page does not draw."""
    for spec in FIELDS.values():
        key = _key(spec)
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]
    set_lately = st.session_state.setdefault(_SET_LATELY, {})
    for key, (old, new, at) in list(set_lately.items()):
        if time.monotonic() - at > _SETTLES_IN_S:
            del set_lately[key]
        elif st.session_state.get(key) == old:
            st.session_state[key] = new


def draw_field(path: str, *, placeholder: str = "") -> None:
    """Draw one setting's widget; a choice brings along what belongs to it (`_FOLLOWERS`)."""
    spec = FIELDS[path]
    says_unit = spec.unit.lower() in spec.title.lower()
    label = spec.title if says_unit else f"{spec.title} ({spec.unit})"
    help_text = _help(spec)
    key = _key(spec)
    empty = placeholder or _EMPTY.get(path, "none" if spec.kind == "float" else "automatic")
    match spec.kind:
        case "choice":
            st.selectbox(
                label,
                spec.choices,
                key=key,
                help=help_text,
                format_func=lambda value: choice_label(path, value),
                on_change=_FOLLOWERS.get(path),
            )
        case "bool":
            st.toggle(label, key=key, help=help_text)
        case "text" | "widths":
            st.text_input(label, key=key, help=help_text, placeholder=empty)
        case "int":
            st.number_input(
                label,
                key=key,
                help=help_text,
                min_value=_int_or_none(spec.minimum),
                max_value=_int_or_none(spec.maximum),
                step=1,
                value=None if spec.optional else "min",
                placeholder=empty,
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
                placeholder=empty,
            )


def choice_label(path: str, value: str) -> str:
    """Return what a choice is called on a page; the form itself holds the slug."""
    return _LABELS.get(path, {}).get(value, value)


def value_label(path: str, value: Any) -> str:
    """Return a setting's value as a page says it."""
    spec = FIELDS[path]
    if value is None:
        return _EMPTY.get(path, "none" if spec.kind == "float" else "automatic")
    match spec.kind:
        case "choice":
            return choice_label(path, value)
        case "bool":
            return "on" if value else "off"
        case "widths":
            return ", ".join(str(width) for width in value)
        case "text":
            return str(value)
        case _:
            return f"{value:g}" if isinstance(value, float) else f"{value:,}"


def draw_group(specs: Iterable[FieldSpec], *, columns: int = 3) -> None:
    """Draw several settings side by side, those left out that have no meaning now."""
    for i, spec in enumerate(spec for spec in specs if applies(spec)):
        if i % columns == 0:
            row = st.columns(columns, vertical_alignment="bottom")
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
        return ", ".join(str(width) for width in value or ())
    if spec.kind == "text":
        return value or ""
    if spec.kind == "bool":
        return bool(value)
    return value


def _from_widget(spec: FieldSpec, value: Any) -> Any:
    if spec.kind == "widths":
        if not str(value).strip() and spec.optional:
            return None
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


def _follow_optimizer(section: str) -> Callable[[], None]:
    """Return a callback that gives a newly chosen optimiser its own defaults."""

    def follow() -> None:
        own = HYPERPARAMETERS[form_value(f"{section}.name")]
        for name, value in own.items():
            set_form_value(f"{section}.{name}", value)

    return follow


def _follow_architecture() -> None:
    """Let the networks' widths be chosen anew: those of another architecture seldom fit."""
    for path in ("model.g_widths", "model.d_widths"):
        set_form_value(path, None)


def _follow_loss() -> None:
    """Switch off labels that the loss does not have; bound the critic where it needs that."""
    name = form_value("loss.name")
    if name not in LABELLED:
        set_form_value("loss.real_label", 1.0)
        set_form_value("loss.label_flip", 0.0)
    bounds = ("loss.gp_weight", "loss.weight_clip", "loss.r1_gamma", "model.spectral_norm")
    if name == "wasserstein" and not any(form_value(path) for path in bounds):
        set_form_value("loss.gp_weight", 10.0)


_FOLLOWERS: dict[str, Callable[[], None]] = {
    "g_opt.name": _follow_optimizer("g_opt"),
    "d_opt.name": _follow_optimizer("d_opt"),
    "model.name": _follow_architecture,
    "loss.name": _follow_loss,
}

_EMPTY = {
    "data.folder": "the usual places",
    "data.n_images": "all",
    "data.size_px": "the set's own",
    "train.n_steps": "by epochs",
    "stop.after_s": "no limit",
}
"""What an empty field means."""

_NORMS = {"batch": "BatchNorm"}
_OPTIMIZERS = {
    "adam": "Adam", "adamw": "AdamW", "nadam": "NAdam", "radam": "RAdam", "adamax": "AdaMax",
    "rmsprop": "RMSprop", "sgd": "SGD", "adagrad": "AdaGrad", "adadelta": "AdaDelta",
    "adafactor": "AdaFactor", "asgd": "averaged SGD (asgd)", "muon": "Muon",
}  # fmt: skip
_LABELS: dict[str, dict[str, str]] = {
    "data.dataset": {name: info.title for name, info in DATASETS.items()},
    "data.source": {
        "auto": "automatic", "files": "files on this machine", "drawn": "drawn here",
    },
    "data.colour": {"as-is": "as they are", "rgb": "RGB"},
    "data.fit": {"crop": "crop to the middle", "pad": "pad to a square"},
    "model.name": {
        "mlp": "fully connected (mlp)",
        "dcgan": "convolutional (dcgan)",
        "upsample": "upsampling (upsample)",
        "resnet": "residual (resnet)",
    },
    "model.g_activation": {"leaky-relu": "LeakyReLU", "relu": "ReLU"},
    "model.g_norm": _NORMS,
    "model.d_norm": _NORMS,
    "model.g_norm_place": {"before": "before the activation", "after": "after the activation"},
    "model.d_head": {"single": "one logit", "map": "a map of logits"},
    "model.init": {
        "torch": "PyTorch's own", "dcgan": "the DCGAN paper's", "he-uniform": "He, uniform",
        "glorot-uniform": "Glorot, uniform",
    },
    "loss.name": {name: info.title for name, info in LOSS_INFOS.items()},
    "g_opt.name": _OPTIMIZERS,
    "d_opt.name": _OPTIMIZERS,
    "train.order": {"d-first": "D, then G", "g-first": "G, then D", "simultaneous": "at once"},
    "train.idle_mode": {"train": "training mode", "eval": "evaluation mode"},
    "train.sampling": {"shuffle": "each once an epoch", "replacement": "with replacement"},
    "train.augment": {
        "translation-cutout": "translation, cutout",
        "colour-translation-cutout": "colour, translation, cutout",
    },
    "stop.keep": {"last": "the last state", "best": "the best state"},
    "output.sample_z": {"fixed": "the same each time", "fresh": "new each time"},
}  # fmt: skip


def _key(spec: FieldSpec) -> str:
    return _PREFIX + spec.path
