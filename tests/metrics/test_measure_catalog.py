"""The words beside the numbers."""

import subprocess
import sys

import pytest

from gan.errors import UnknownNameError
from gan.metrics.catalog import MEASURES, get_measure


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_explained(name):
    info = get_measure(name)
    assert info.name == name
    assert info.better in ("lower", "higher", "level")
    assert info.better != "level" or info.ideal is not None or name == "mean_distance"
    assert info.meaning.endswith(".")
    assert len(info.meaning) < 200
    assert info.bias.endswith(".")
    assert info.caveat.endswith(".")
    assert info.source
    assert info.low is None or info.high is None or info.low < info.high


def test_unknown_measure_lists_the_known():
    with pytest.raises(UnknownNameError, match="frechet, frechet_corrected"):
        get_measure("fid")


def test_package_needs_no_torch():
    modules = (
        "catalog diversity frechet intervals kernel manifold memorising modes neighbours plane"
    )
    code = "import sys\n" + "".join(f"import gan.metrics.{m}\n" for m in modules.split())
    code += "sys.exit('torch' in sys.modules or 'sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
