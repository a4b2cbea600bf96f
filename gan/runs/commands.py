"""What a running worker can be told, and how to tell it.

Memory layer, without torch: pages and the command line send, `gan.runs.worker` obeys.
"""

import math
import time
from typing import Any, Literal

from gan.errors import ConfigError
from gan.fields import FIELDS
from gan.runs.folder import RunFolder
from gan.runs.store import RunStore

CommandKind = Literal["pause", "resume", "step", "stop", "save", "set"]
LIVE_FIELDS = {
    "g_lr": FIELDS["g_opt.lr"],
    "d_lr": FIELDS["d_opt.lr"],
    "max_steps_per_s": FIELDS["output.max_steps_per_s"],
    "n_steps": FIELDS["train.n_steps"],
}


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


def check_command(kind: str, payload: dict[str, Any]) -> None:
    """Refuse an order that makes no sense, with a sentence. Raises ConfigError."""
    if kind == "step" and payload.get("update") not in ("both", "d", "g"):
        raise ConfigError(f"A step is of 'both', 'd' or 'g', not of {payload.get('update')!r}.")
    if kind == "set":
        for name, value in payload.items():
            _check_live(name, value)


def _check_live(name: str, value: Any) -> None:
    spec = LIVE_FIELDS.get(name)
    if spec is None:
        raise ConfigError(
            f"{name!r} cannot change while a run trains, only {', '.join(LIVE_FIELDS)}."
        )
    if value is None and spec.optional and name != "n_steps":
        return
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    legal = (
        is_number
        and math.isfinite(value)
        and (spec.minimum is None or value >= spec.minimum)
        and (spec.maximum is None or value <= spec.maximum)
        and not (spec.minimum_is_open and value == spec.minimum)
        and not (spec.kind == "int" and value != int(value))
    )
    if not legal:
        raise ConfigError(f"{spec.title} cannot be {value!r}: it must be {spec.range_text}.")
