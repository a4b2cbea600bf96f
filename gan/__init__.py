"""GAN Workbench: train small GANs, watch them, and keep what they learned.

`import gan` is quick and does not import torch; `gan.train` and `gan.Trainer` do when first used.

    import gan

    config = gan.get_recipe("vanilla-fashion").build()
    for record in gan.train(config):
        if isinstance(record, gan.StepDone) and record.metrics:
            print(record.step, record.metrics["loss/d"], record.metrics["loss/g"])
"""

from typing import TYPE_CHECKING, Any

from gan.config import RunConfig
from gan.errors import GanError
from gan.recipes import RECIPES, get_recipe

if TYPE_CHECKING:
    from gan.training.records import Diverged, Ended, Record, SamplesReady, StepDone
    from gan.training.trainer import Trainer, train

__all__ = [
    "RECIPES",
    "Diverged",
    "Ended",
    "GanError",
    "Record",
    "RunConfig",
    "SamplesReady",
    "StepDone",
    "Trainer",
    "get_recipe",
    "train",
]

_LAZY = {
    "Diverged": "gan.training.records",
    "Ended": "gan.training.records",
    "Record": "gan.training.records",
    "SamplesReady": "gan.training.records",
    "StepDone": "gan.training.records",
    "Trainer": "gan.training.trainer",
    "train": "gan.training.trainer",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        import importlib  # noqa: PLC0415  (only the first use of a lazy name pays for it)

        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'gan' has no attribute {name!r}")
