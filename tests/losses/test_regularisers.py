"""The table of regularisers: complete, and its settings exist."""

import pytest

from gan.config import RunConfig
from gan.errors import UnknownNameError
from gan.losses.regularisers import REGULARISERS, get_regulariser


def test_the_table_has_them_all():
    assert list(REGULARISERS) == [
        "r1", "r2", "gradient-penalty", "spectral-norm", "weight-clipping", "label-smoothing",
        "label-flips", "instance-noise", "diffaugment", "gradient-clipping", "ema",
    ]  # fmt: skip


@pytest.mark.parametrize("name", REGULARISERS)
def test_every_description_is_complete(name):
    info = get_regulariser(name)
    assert info.name == name
    assert info.title
    assert info.formula
    assert info.formula.count("{") == info.formula.count("}")
    assert any(str(year) in info.source for year in range(2013, 2025))
    for sentence in (info.summary, info.when_to_use):
        assert sentence.endswith(".")
        assert len(sentence) > 40


@pytest.mark.parametrize("name", REGULARISERS)
def test_the_setting_exists(name):
    section, field = get_regulariser(name).setting.split(".")
    assert field in type(getattr(RunConfig(), section)).model_fields


def test_unknown_regulariser_lists_the_known_ones():
    with pytest.raises(UnknownNameError, match="spectral-norm"):
        get_regulariser("r3")
