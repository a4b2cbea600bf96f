"""What to try against a finding: changes of settings that a page applies with one click.

Maths layer. Learning rates and the planned end may change while a run trains; everything else
needs a changed duplicate of the run. A remedy that would change nothing is not offered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gan.config import RunConfig
from gan.diagnosis import duplicates, rates
from gan.diagnosis.catalog import get_finding_info
from gan.errors import ConfigError
from gan.fields import get_value

LIVE_NAMES = {"g_opt.lr": "g_lr", "d_opt.lr": "d_lr", "train.n_steps": "n_steps"}
"""Settings that may change while a run trains, and how a worker's `set` command calls them."""


@dataclass(frozen=True)
class Remedy:
    """One thing to try.

    Attributes:
        label: what a button says.
        why: one sentence: what it does and why it helps.
        changes: configuration path → value, for `RunConfig.with_changes`.
        is_live: whether all of it may change while the run trains.
    """

    label: str
    why: str
    changes: dict[str, Any]
    is_live: bool

    @property
    def live_values(self) -> dict[str, Any]:
        """The changes as a worker's `set` command takes them; empty unless it is live."""
        if not self.is_live:
            return {}
        return {LIVE_NAMES[path]: value for path, value in self.changes.items()}


def remedies(
    finding_name: str, config: RunConfig, live: Mapping[str, Any] | None = None
) -> list[Remedy]:
    """Return what to try against a finding, the likeliest first; nothing against a good one.

    Args:
        finding_name: a key of `gan.diagnosis.catalog.FINDINGS`.
        config: the run's, as it was started.
        live: the values in force where they differ by now: `g_lr`, `d_lr`, `n_steps`.

    Raises:
        UnknownNameError: there is no such finding.
    """
    get_finding_info(finding_name)
    now = _as_it_is(config, live or {})
    offers: dict[tuple[tuple[str, Any], ...], Remedy] = {}
    for make in _REMEDIES.get(finding_name, ()):
        made = make(now)
        if made is None:
            continue
        changes = {k: v for k, v in made[2].items() if get_value(now, k) != v}
        if changes and _is_legal(config, changes):
            remedy = Remedy(made[0], made[1], changes, set(changes) <= set(LIVE_NAMES))
            offers.setdefault(tuple(sorted((k, str(v)) for k, v in changes.items())), remedy)
    return list(offers.values())


def _as_it_is(config: RunConfig, live: Mapping[str, Any]) -> RunConfig:
    in_force = {path: live[name] for path, name in LIVE_NAMES.items() if live.get(name) is not None}
    return config.with_changes(in_force)


def _is_legal(config: RunConfig, changes: dict[str, Any]) -> bool:
    try:
        config.with_changes(changes)
    except ConfigError:
        return False
    return True


_Make = Callable[[RunConfig], rates.Made]

_REMEDIES: dict[str, tuple[_Make, ...]] = {
    "divergence": (
        rates.slower_both,
        duplicates.grad_clip,
        duplicates.gradient_penalty,
        duplicates.r1,
        rates.usual_rates,
    ),
    "exploding-gradient": (
        rates.slower_both,
        duplicates.grad_clip,
        duplicates.gradient_penalty,
        duplicates.r1,
    ),
    "mode-collapse": (
        duplicates.balanced_relativistic,
        rates.slower_g,
        rates.equal_rates,
        duplicates.wider_d,
        duplicates.r1,
    ),
    "vanishing-gradient": (
        duplicates.non_saturating,
        rates.slower_d,
        duplicates.one_d_update,
        duplicates.relativistic,
        duplicates.r1,
    ),
    "d-too-strong": (
        rates.slower_d,
        duplicates.one_d_update,
        duplicates.label_smoothing,
        duplicates.r1,
        duplicates.relativistic,
    ),
    "d-too-weak": (
        rates.faster_d,
        duplicates.no_smoothing,
        duplicates.wider_d,
        duplicates.more_d_updates,
        rates.usual_rates,
    ),
    "oscillation": (
        duplicates.alternate,
        duplicates.less_momentum,
        duplicates.r1,
        rates.slower_both,
        duplicates.relativistic,
    ),
    "lr-too-high": (rates.slower_both, rates.much_slower_both, rates.usual_rates),
    "lr-too-low": (rates.faster_both, rates.usual_rates),
    "stalled": (
        duplicates.no_rate_decay,
        duplicates.constant_rate,
        duplicates.usual_adam,
        duplicates.wider_g,
        duplicates.relativistic,
        rates.faster_both,
    ),
    "memorising": (
        duplicates.more_images,
        duplicates.augment,
        duplicates.mirror,
        duplicates.smaller_g,
    ),
}
