"""Whether a configuration can train on the images that this home has, told before a run exists.

Memory layer, without torch: pages and the command line ask the same question.
"""

from gan.config import RunConfig
from gan.data.batches import batches_of
from gan.data.facts import DataFacts
from gan.errors import ConfigError
from gan.models.plan import plan_pair
from gan.runs.folder import Home
from gan.runs.images import describe_images


def check_run(home: Home, config: RunConfig) -> DataFacts:
    """Return what the images will be, if batches and networks suit them.

    Raises:
        ConfigError: they do not; says which setting to change.
        DataError: the images cannot be had.
    """
    facts = describe_images(home, config.data)
    if facts.is_exact:
        batches_of(config.train, facts.n_images)
    n_classes = len(facts.classes) if config.model.conditional else 0
    if config.model.conditional and n_classes < 2:
        raise ConfigError(
            f"model.conditional is on, and {facts.title} has no classes: turn it off, choose other "
            "data, or put your pictures into one sub-folder a class."
        )
    plan_pair(config.model, img_channels=facts.channels, size_px=facts.size_px, n_classes=n_classes)
    return facts
