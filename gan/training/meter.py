"""Collects the numbers of each step on the device and hands them over in one transfer.

Motion layer.
"""

import numpy as np
import torch
from torch import Tensor

from gan.training.records import MetricRows


class Meter:
    """A buffer of per-step numbers.

    Device values go into a tensor on the device (no synchronisation); host values, such as
    times, into a list. `rows()` joins them.
    """

    def __init__(self, device: torch.device, capacity: int) -> None:
        self._device = device
        self._capacity = capacity
        self._device_keys: tuple[str, ...] = ()
        self._host_keys: tuple[str, ...] = ()
        self._buffer = torch.empty(0)
        self._host: list[tuple[float, ...]] = []
        self._steps: list[int] = []

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def is_full(self) -> bool:
        return len(self._steps) >= self._capacity

    def record(self, step: int, values: dict[str, Tensor], host: dict[str, float]) -> None:
        """Add one row; all rows between two `clear()` have the same keys."""
        if not self._steps:
            self._device_keys, self._host_keys = tuple(values), tuple(host)
            if self._buffer.shape != (self._capacity, len(values)):
                self._buffer = torch.empty(self._capacity, len(values), device=self._device)
        torch.stack(
            [v.detach().float() for v in values.values()], out=self._buffer[len(self._steps)]
        )
        self._host.append(tuple(host.values()))
        self._steps.append(step)

    def rows(self, constants: dict[str, float]) -> MetricRows:
        """Return everything recorded; `constants` become columns that are the same in each row."""
        n = len(self._steps)
        device_part = self._buffer[:n].cpu().numpy()
        host_part = np.asarray(self._host, dtype=np.float32).reshape(n, len(self._host_keys))
        constant_part = np.tile(np.asarray(list(constants.values()), dtype=np.float32), (n, 1))
        return MetricRows(
            keys=(*self._device_keys, *self._host_keys, *constants),
            steps=np.asarray(self._steps, dtype=np.int64),
            values=np.concatenate([device_part, host_part, constant_part], axis=1),
        )

    def clear(self) -> None:
        self._host.clear()
        self._steps.clear()


def first_non_finite(rows: MetricRows) -> tuple[int, str, float] | None:
    """Return (row, key, value) of the first number that is not finite, or None."""
    bad = np.argwhere(~np.isfinite(rows.values))
    if len(bad) == 0:
        return None
    row, column = (int(i) for i in bad[0])
    return row, rows.keys[column], float(rows.values[row, column])
