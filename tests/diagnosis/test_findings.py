"""Findings: plain data and back, and what each detector says."""

import json

import numpy as np
import pytest

from gan.config import RunConfig
from gan.diagnosis.catalog import FINDINGS, get_finding_info
from gan.diagnosis.findings import Finding, diagnose
from gan.diagnosis.history import history_of
from gan.errors import UnknownNameError


def test_a_finding_survives_json():
    finding = Finding("mode-collapse", 100, 400, "Samples are alike.", ("samples/diversity",))
    assert Finding.from_dict(json.loads(json.dumps(finding.to_dict()))) == finding


def test_each_finding_is_explained():
    for info in FINDINGS.values():
        assert info.meaning.endswith(".") and info.sign.endswith(".")
    with pytest.raises(UnknownNameError, match="divergence"):
        get_finding_info("boredom")


def test_nothing_is_said_of_nothing():
    assert diagnose(history_of([]), RunConfig()) == []


def test_a_number_that_is_not_finite_is_divergence():
    values = np.ones((10, 1))
    values[-1] = np.nan
    (found,) = diagnose(history_of([(("loss/d",), np.arange(10), values)]), RunConfig())
    assert (found.name, found.first_step, found.keys) == ("divergence", 9, ("loss/d",))
