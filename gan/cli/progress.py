"""The progress bar of a run: steps, losses, images a second, time left.

Door, without torch: it is told plain numbers, so a run in this process and one in another look
alike.
"""

import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from tqdm import tqdm

_TERMINAL_INTERVAL_S = 0.2
_FILE_INTERVAL_S = 30.0  # a log file wants few lines


class Bar:
    """A bar on stderr that appears with the first step; a context manager that closes it."""

    def __init__(self, *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._bar: tqdm | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def move(self, step: int, n_steps: int, metrics: Mapping[str, float] | None = None) -> None:
        """Show where the run stands; without `metrics` the numbers stay as they are."""
        if self._is_quiet:
            return
        if self._bar is None:
            interval_s = _TERMINAL_INTERVAL_S if sys.stderr.isatty() else _FILE_INTERVAL_S
            self._bar = tqdm(
                total=n_steps,
                initial=step,
                unit=" steps",
                dynamic_ncols=True,
                mininterval=interval_s,
            )
        if metrics:
            self._bar.set_postfix_str(numbers_text(metrics), refresh=False)
        if n_steps != self._bar.total:  # the end was moved while it trains
            self._bar.total = n_steps
        self._bar.update(step - self._bar.n)


def numbers_text(metrics: Mapping[str, float]) -> str:
    """Return the losses and the speed in a few characters."""
    parts = [
        f"{name} {metrics[key]:.3f}"
        for name, key in (("D", "loss/d"), ("G", "loss/g"))
        if key in metrics
    ]
    if "speed/images_per_s" in metrics:
        parts.append(f"{metrics['speed/images_per_s']:,.0f} images/s")
    return ", ".join(parts)
