"""What a running worker can be told, and how to tell it.

Memory layer, without torch: pages and the command line send, `gan.runs.worker` obeys.
"""

import math
import time
from collections.abc import Mapping
from typing import Any, Literal

from gan.errors import ConfigError
from gan.fields import FIELDS, FieldSpec
from gan.runs.folder import RunFolder
from gan.runs.store import RunStore

CommandKind = Literal["pause", "resume", "step", "stop", "save", "set"]
LIVE_FIELDS = {
    "g_lr": FIELDS["g_opt.lr"],
    "d_lr": FIELDS["d_opt.lr"],
    "max_steps_per_s": FIELDS["output.max_steps_per_s"],
    "n_steps": FIELDS["train.n_steps"],
}
MARKED_CHANGES = frozenset({"g_lr", "d_lr"})
"""The live values that change what the networks become, not only when."""

STOPPED_BY_SYSTEM = "The system asked the worker to end (SIGTERM)."
"""With which message a run stops when the machine goes down: nobody wanted it to stop."""

STEP_TEXTS = {"both": "One step of D and G", "d": "One update of D", "g": "One update of G"}


def send(folder: RunFolder, kind: CommandKind, **payload: Any) -> int:
    """Order something of the run's worker; return the command's id.

    `step` takes `update` (`both`, `d` or `g`); `set` takes any of `LIVE_FIELDS`.

    Raises:
        StoreError: no worker is at work on the run.
        ConfigError: a value is not legal.
    """
    check_command(kind, payload)
    with RunStore.open(folder.db_path) as store:
        return store.send_command(kind, payload, now=time.time())


def check_command(kind: str, payload: Mapping[str, Any]) -> None:
    """Refuse an order that makes no sense, with a sentence. Raises ConfigError."""
    if kind == "step" and payload.get("update") not in STEP_TEXTS:
        raise ConfigError(f"A step is of 'both', 'd' or 'g', not of {payload.get('update')!r}.")
    if kind == "set":
        live_values(payload)


def live_values(payload: Mapping[str, Any]) -> dict[str, int | float | None]:
    """Return the values of a `set` command, checked, each in the type of its field.

    Raises:
        ConfigError: a name is unknown, or a value is not legal.
    """
    values: dict[str, int | float | None] = {}
    for name, value in payload.items():
        spec = LIVE_FIELDS.get(name)
        if spec is None:
            raise ConfigError(
                f"{name!r} cannot change while a run trains, only {', '.join(LIVE_FIELDS)}."
            )
        may_be_none = spec.optional and name != "n_steps"  # the planned end has no empty value
        if not (_is_legal(spec, value) or (value is None and may_be_none)):
            raise ConfigError(f"{spec.title} cannot be {value!r}: it must be {spec.range_text}.")
        values[name] = value if value is None else (int if spec.kind == "int" else float)(value)
    return values


def change_text(name: str, before: float | None, after: float | None) -> str:
    """Say in words that a live value was changed."""
    return _CHANGE_TEXTS[name].format(_shown(before), _shown(after))


def _is_legal(spec: FieldSpec, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    low, high = spec.minimum, spec.maximum
    if low is not None and (value < low or (spec.minimum_is_open and value == low)):
        return False
    if high is not None and (value > high or (spec.maximum_is_open and value == high)):
        return False
    return spec.kind != "int" or value == int(value)


def _shown(value: float | None) -> str:
    return "none" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:g}"


_CHANGE_TEXTS = {
    "g_lr": "G lr {} → {}",
    "d_lr": "D lr {} → {}",
    "n_steps": "Planned end {} → {} steps",
    "max_steps_per_s": "Pace limit {} → {} steps/s",
}
