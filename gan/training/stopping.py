"""The rules by which a run ends before its planned end. Motion layer.

`Stopping` is told what happens and says why the run is over; it reads no clock, so that a saved run
goes on with the time and the patience that it had.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

from gan.config import StopConfig


@dataclass(frozen=True)
class _Progress:
    """What the rules remember.

    Attributes:
        reason: why the run is over; '' while it is not.
        best: the smallest Fréchet distance so far, None before the first measurement.
        best_step: after which step it was measured.
        n_worse: measurements since the best one, or since the rules began anew.
        is_time_lifted: whether the time budget was spent and the run was extended all the same.
    """

    reason: str = ""
    best: float | None = None
    best_step: int = 0
    n_worse: int = 0
    is_time_lifted: bool = False


class Stopping:
    """Watches one run."""

    def __init__(self, rules: StopConfig) -> None:
        """Begin with nothing seen."""
        self._rules = rules
        self._now = _Progress()

    @property
    def reason(self) -> str:
        """Why the run is over, in one sentence; '' while no rule has ended it."""
        return self._now.reason

    @property
    def best_step(self) -> int | None:
        """The step at which quality was best; None while it has not been measured."""
        return None if self._now.best is None else self._now.best_step

    @property
    def keeps_best(self) -> bool:
        return self._rules.keep == "best"

    @property
    def budget_s(self) -> float | None:
        """After how many seconds of training the run ends; None for no limit, or none any more."""
        return None if self._now.is_time_lifted else self._rules.after_s

    def note_time(self, elapsed_s: float) -> bool:
        """Tell for how long the run has trained; return whether that ends it."""
        if self.budget_s is None or elapsed_s < self.budget_s:
            return False
        self._end(f"The time budget of {self.budget_s:g} s of training is spent.")
        return True

    def note_quality(self, step: int, distance: float) -> bool:
        """Tell what was measured after a step; return whether that ends the run."""
        now = self._now
        if now.best is None or distance < now.best:
            self._now = replace(now, best=distance, best_step=step, n_worse=0)
            return False
        self._now = replace(now, n_worse=now.n_worse + 1)
        if not 0 < self._rules.patience <= self._now.n_worse:
            return False
        times = "measurement" if self._rules.patience == 1 else "measurements"
        self._end(
            f"Quality has not improved for {self._rules.patience} {times}: the best distance, "
            f"{now.best:.3g}, was that of step {now.best_step:,}."
        )
        return True

    def finish(self, step: int) -> None:
        """Tell that the run is over at its planned end, if no rule has ended it before."""
        self._end(f"The planned {step:,} steps are done.")

    def begin_anew(self, elapsed_s: float) -> None:
        """Forget the ending: somebody moved the planned end.

        Patience begins anew, and a time budget that is spent by now does not count any more. The
        best distance stays what it is.
        """
        is_lifted = self.budget_s is None or elapsed_s >= self.budget_s
        self._now = replace(self._now, reason="", n_worse=0, is_time_lifted=is_lifted)

    def state_dict(self) -> dict[str, Any]:
        """Return what the rules remember, as plain data."""
        return asdict(self._now)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Remember what `state_dict` returned; {} from a run that knew no rules."""
        self._now = _Progress(**state)

    def _end(self, reason: str) -> None:
        self._now = replace(self._now, reason=self._now.reason or reason)
