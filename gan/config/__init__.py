"""What to train: one validated, serialisable description of a run.

Vocabulary layer: imports nothing of ours but errors. Page, command line and code all build a
`RunConfig`; defaults, legal ranges, units and help texts stand here once and the form, the
command line's options and the documentation are generated from them (see `gan.fields`).
"""

from gan.config.data import Colour, DataConfig, DatasetName, DataSource, Fit
from gan.config.loss import LossConfig, LossName
from gan.config.model import Init, ModelConfig, ModelName
from gan.config.optimizer import HYPERPARAMETERS, OptimizerConfig, OptimizerName
from gan.config.output import OutputConfig
from gan.config.quality import FeaturesName, QualityConfig
from gan.config.run import RunConfig
from gan.config.stop import StopConfig
from gan.config.train import Augment, Precision, TrainConfig

__all__ = [
    "HYPERPARAMETERS",
    "Augment",
    "Colour",
    "DataConfig",
    "DataSource",
    "DatasetName",
    "FeaturesName",
    "Fit",
    "Init",
    "LossConfig",
    "LossName",
    "ModelConfig",
    "ModelName",
    "OptimizerConfig",
    "OptimizerName",
    "OutputConfig",
    "Precision",
    "QualityConfig",
    "RunConfig",
    "StopConfig",
    "TrainConfig",
]
