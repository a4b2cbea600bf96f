"""What the trainer yields: small frozen records that a consumer may hold for ever.

Motion layer. Records hold Python numbers, numpy arrays and detached CPU tensors, never a live
parameter or a device tensor.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch


@dataclass(frozen=True)
class MetricRows:
    """The numbers of every step since the last report.

    Attributes:
        keys: metric keys (see `gan.keys`), one a column.
        steps: `[n]` int64, the step that each row belongs to.
        values: `[n, len(keys)]` float32.
    """

    keys: tuple[str, ...]
    steps: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]

    def last(self) -> dict[str, float]:
        """Return the newest row as plain numbers."""
        return {key: float(self.values[-1, i]) for i, key in enumerate(self.keys)}


@dataclass(frozen=True)
class StepDone:
    """One step was trained.

    Attributes:
        step: pairs of D and G updates so far.
        tick: network updates so far (`d_updates + g_updates`).
        images_seen: real images drawn so far.
        epoch: passes over the data so far, a fraction.
        metrics: the newest numbers when a report is due, else None.
        rows: the numbers of all steps since the last report when one is due, else None.
    """

    step: int
    tick: int
    images_seen: int
    epoch: float
    metrics: Mapping[str, float] | None = None
    rows: MetricRows | None = None


@dataclass(frozen=True)
class SamplesReady:
    """A grid of samples: the fixed z drawn again, unless the run wants fresh z.

    Attributes:
        images: `[N, C, H, W]` uint8, by the generator.
        scores: `[N]` float32, D's raw score (logit) of each of `images`.
        ema_images: the same by the averaged generator, None when there is none.
        ema_scores: as `scores`, for `ema_images`.
        labels: `[N]` int64, the class of each picture; None for unconditional networks.
    """

    step: int
    tick: int
    images: torch.Tensor
    scores: torch.Tensor
    ema_images: torch.Tensor | None
    ema_scores: torch.Tensor | None
    labels: torch.Tensor | None = None


@dataclass(frozen=True)
class Diverged:
    """A loss or a gradient stopped being finite; training has ended.

    The trainer is back at the last good step when this is yielded.

    Attributes:
        step: the step that went wrong.
        key: the first metric that was not finite, in the order of the step.
        value: what it was, as text (`nan`, `inf`, `-inf`).
        last_good_step: the step whose state the trainer now holds.
        rows: the numbers from the last report up to and including the bad step.
    """

    step: int
    key: str
    value: str
    last_good_step: int
    tick: int
    rows: MetricRows


@dataclass(frozen=True)
class Evaluated:
    """How good the generator was after a step.

    Attributes:
        rows: one row with `quality/…`, and the time and epoch at which it was measured.
        features: in which network's features; a key of `gan.features.catalog.FEATURES`.
        distance: the Fréchet distance, by which runs and steps are compared.
    """

    step: int
    tick: int
    rows: MetricRows
    features: str
    distance: float


@dataclass(frozen=True)
class Ended:
    """A rule of `config.stop` ended the run, or decided what is kept of it.

    Attributes:
        step: the last step that was trained.
        tick: of the state that the trainer now holds.
        reason: why the run is over, in one sentence.
        kept_step: the step whose state the trainer now holds.
    """

    step: int
    tick: int
    reason: str
    kept_step: int


Record = StepDone | SamplesReady | Evaluated | Diverged | Ended
