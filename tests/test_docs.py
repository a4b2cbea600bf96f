"""The documents name everything that there is, with the numbers that the code has."""

from pathlib import Path

import pytest

from gan.config import ModelConfig
from gan.data.catalog import get_dataset_info
from gan.diagnosis.catalog import FINDINGS
from gan.losses.catalog import LOSS_INFOS
from gan.models.plan import MODELS, plan_pair
from gan.recipes import RECIPES

DOCS = Path(__file__).resolve().parent.parent / "docs"
TEXT = (DOCS / "recipes.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_in_the_table_with_its_parameter_counts(name):
    (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| `{name}` |")]
    config = RECIPES[name].build()
    info = get_dataset_info(config.data.dataset)
    pair = plan_pair(
        config.model,
        img_channels=3 if config.data.colour == "rgb" else info.channels,
        size_px=config.data.size_px or info.size_px,
        n_classes=len(info.classes) if config.model.conditional else 0,
    )
    counts = f"{pair.generator.n_parameters:,}, {pair.discriminator.n_parameters:,}"
    assert counts in row or "the same" in row
    assert RECIPES[name].source and RECIPES[name].notes


def test_every_objective_and_network_is_named():
    for name in (*LOSS_INFOS, *MODELS):
        assert f"`{name}`" in TEXT
    assert ModelConfig().name in MODELS


def test_every_finding_is_explained():
    text = (DOCS / "diagnosis.md").read_text(encoding="utf-8")
    assert all(f"| `{name}` |" in text for name in FINDINGS)
